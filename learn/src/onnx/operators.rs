//! The operators that networks here are made of, in the forms of operator set 17.
//!
//! Axes count from 0, or from the end if negative. Elementwise operators broadcast: an extent of 1 is
//! repeated to fit the other.

use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_PI};

use ergon_inference::onnx::{AttributeProto, TensorProto};

use super::graph::{Graph, Value};

/// How a kernel moves over a picture. Extents are rows, then columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2d {
    /// Extent of the kernel.
    pub kernel: [usize; 2],
    /// By how many pixels it moves.
    pub stride: [usize; 2],
    /// How many zeros surround the picture on each side.
    pub padding: [usize; 2],
    /// How many pixels its taps are apart.
    pub dilation: [usize; 2],
    /// Into how many groups the channels fall that are mixed among themselves only.
    pub groups: usize,
}

impl Default for Conv2d {
    /// A kernel of one pixel that goes everywhere.
    fn default() -> Self {
        Self { kernel: [1; 2], stride: [1; 2], padding: [0; 2], dilation: [1; 2], groups: 1 }
    }
}

impl Conv2d {
    /// A square kernel of an odd side, padded so that at stride 1 the picture keeps its size.
    pub fn square(side: usize, stride: usize) -> Self {
        let padding = [side / 2; 2];
        Self { kernel: [side; 2], stride: [stride; 2], padding, ..Self::default() }
    }

    fn attributes(&self) -> Vec<AttributeProto> {
        let [rows, columns] = self.padding;
        vec![
            ints("kernel_shape", &self.kernel.map(|n| n as i64)),
            ints("strides", &self.stride.map(|n| n as i64)),
            ints("pads", &[rows, columns, rows, columns].map(|n| n as i64)),
            ints("dilations", &self.dilation.map(|n| n as i64)),
            int("group", self.groups as i64),
        ]
    }
}

pub(super) fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { name: name.into(), i, r#type: AttributeProto::INT, ..Default::default() }
}

fn float(name: &str, f: f32) -> AttributeProto {
    AttributeProto { name: name.into(), f, r#type: AttributeProto::FLOAT, ..Default::default() }
}

fn ints(name: &str, ints: &[i64]) -> AttributeProto {
    let ints = ints.to_vec();
    AttributeProto { name: name.into(), ints, r#type: AttributeProto::INTS, ..Default::default() }
}

/// Linear algebra.
impl Graph {
    /// Correlates a picture `[batch, channels, rows, columns]` with kernels
    /// `[channels out, channels in / groups, rows, columns]`; the bias is `[channels out]`.
    pub fn conv2d(
        &mut self,
        x: &Value,
        kernels: &Value,
        bias: Option<&Value>,
        how: Conv2d,
    ) -> Value {
        let inputs: Vec<_> = [x, kernels].into_iter().chain(bias).collect();
        self.node("Conv", &inputs, how.attributes())
    }

    /// `x weights + bias` for matrices `[batch, in]` and `[in, out]`; the bias is `[out]`.
    pub fn gemm(&mut self, x: &Value, weights: &Value, bias: &Value) -> Value {
        self.node("Gemm", &[x, weights, bias], Vec::new())
    }

    /// Products of matrices, which are the last two axes.
    pub fn matmul(&mut self, a: &Value, b: &Value) -> Value {
        self.node("MatMul", &[a, b], Vec::new())
    }

    /// `x weights + bias` along the last axis of a tensor of any rank.
    pub fn linear(&mut self, x: &Value, weights: &Value, bias: &Value) -> Value {
        let product = self.matmul(x, weights);
        self.add(&product, bias)
    }
}

/// Element by element.
impl Graph {
    /// `a + b`.
    pub fn add(&mut self, a: &Value, b: &Value) -> Value {
        self.node("Add", &[a, b], Vec::new())
    }

    /// `a - b`.
    pub fn sub(&mut self, a: &Value, b: &Value) -> Value {
        self.node("Sub", &[a, b], Vec::new())
    }

    /// `a b`.
    pub fn mul(&mut self, a: &Value, b: &Value) -> Value {
        self.node("Mul", &[a, b], Vec::new())
    }

    /// `a / b`.
    pub fn div(&mut self, a: &Value, b: &Value) -> Value {
        self.node("Div", &[a, b], Vec::new())
    }

    /// `max(x, 0)`.
    pub fn relu(&mut self, x: &Value) -> Value {
        self.node("Relu", &[x], Vec::new())
    }

    /// Hyperbolic tangent.
    pub fn tanh(&mut self, x: &Value) -> Value {
        self.node("Tanh", &[x], Vec::new())
    }

    /// `1 / (1 + exp(-x))`.
    pub fn sigmoid(&mut self, x: &Value) -> Value {
        self.node("Sigmoid", &[x], Vec::new())
    }

    /// Exponential.
    pub fn exp(&mut self, x: &Value) -> Value {
        self.node("Exp", &[x], Vec::new())
    }

    /// Gaussian error linear unit: `x` times the probability that a standard normal is below it.
    pub fn gelu(&mut self, x: &Value) -> Value {
        let scale = self.constant(&[], &[FRAC_1_SQRT_2]);
        let scaled = self.mul(x, &scale);
        let erf = self.node("Erf", &[&scaled], Vec::new());
        self.half_of_one_more(x, &erf)
    }

    /// [`Graph::gelu`] with the probability approximated by a hyperbolic tangent, as networks that
    /// are trained so need it.
    pub fn gelu_tanh(&mut self, x: &Value) -> Value {
        let cubic = self.constant(&[], &[0.044_715]);
        let scale = self.constant(&[], &[FRAC_2_PI.sqrt()]);
        let square = self.mul(x, x);
        let cube = self.mul(&square, x);
        let cube = self.mul(&cube, &cubic);
        let inner = self.add(x, &cube);
        let inner = self.mul(&inner, &scale);
        let tanh = self.tanh(&inner);
        self.half_of_one_more(x, &tanh)
    }

    /// `x (1 + y) / 2`.
    fn half_of_one_more(&mut self, x: &Value, y: &Value) -> Value {
        let one = self.constant(&[], &[1.0]);
        let half = self.constant(&[], &[0.5]);
        let more = self.add(y, &one);
        let product = self.mul(x, &more);
        self.mul(&product, &half)
    }

    /// Numbers cut to `i64`, to gather by.
    pub fn to_i64(&mut self, x: &Value) -> Value {
        self.node("Cast", &[x], vec![int("to", i64::from(TensorProto::INT64))])
    }
}

/// Along axes.
impl Graph {
    /// `exp(x)` over its sum along an axis.
    pub fn softmax(&mut self, x: &Value, axis: i64) -> Value {
        self.node("Softmax", &[x], vec![int("axis", axis)])
    }

    /// Standardised along the last axis, then `x scale + bias`.
    pub fn layer_norm(&mut self, x: &Value, scale: &Value, bias: &Value, epsilon: f32) -> Value {
        let attributes = vec![int("axis", -1), float("epsilon", epsilon)];
        self.node("LayerNormalization", &[x, scale, bias], attributes)
    }

    /// Mean along axes. These stay with an extent of 1 if `keep`, else they vanish.
    pub fn reduce_mean(&mut self, x: &Value, axes: &[i64], keep: bool) -> Value {
        self.node("ReduceMean", &[x], vec![ints("axes", axes), int("keepdims", keep.into())])
    }

    /// Maximum along axes, which stay if `keep`.
    pub fn reduce_max(&mut self, x: &Value, axes: &[i64], keep: bool) -> Value {
        self.node("ReduceMax", &[x], vec![ints("axes", axes), int("keepdims", keep.into())])
    }

    /// Sum along axes, which stay if `keep`.
    pub fn reduce_sum(&mut self, x: &Value, axes: &[i64], keep: bool) -> Value {
        // The one reduction whose axes are an input in this operator set already.
        let axes = self.constant_i64(&[axes.len()], axes);
        self.node("ReduceSum", &[x, &axes], vec![int("keepdims", keep.into())])
    }
}

/// Elements kept, their order changed.
impl Graph {
    /// Tensors one after the other along an axis.
    pub fn concat(&mut self, values: &[&Value], axis: i64) -> Value {
        self.node("Concat", values, vec![int("axis", axis)])
    }

    /// What is at `from..to` of an axis.
    pub fn slice(&mut self, x: &Value, axis: i64, from: i64, to: i64) -> Value {
        let [from, to, axis] = [from, to, axis].map(|i| self.constant_i64(&[1], &[i]));
        self.node("Slice", &[x, &from, &to, &axis], Vec::new())
    }

    /// What is at these indices, of `i64`, of an axis. The axis is replaced by those of the indices.
    pub fn gather(&mut self, x: &Value, indices: &Value, axis: i64) -> Value {
        self.node("Gather", &[x, indices], vec![int("axis", axis)])
    }

    /// The same elements in another shape; one extent may be -1, which is what is left.
    pub fn reshape(&mut self, x: &Value, shape: &[i64]) -> Value {
        let shape = self.constant_i64(&[shape.len()], shape);
        self.node("Reshape", &[x, &shape], Vec::new())
    }

    /// A matrix: axes before `axis` become the first one, the others the second.
    pub fn flatten(&mut self, x: &Value, axis: i64) -> Value {
        self.node("Flatten", &[x], vec![int("axis", axis)])
    }

    /// Axes in another order: axis `i` is what `order[i]` was.
    pub fn transpose(&mut self, x: &Value, order: &[i64]) -> Value {
        self.node("Transpose", &[x], vec![ints("perm", order)])
    }
}
