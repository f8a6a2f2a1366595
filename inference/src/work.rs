//! How much work a network is: multiply-accumulates and bytes of one inference, counted from the graph.

use std::collections::BTreeMap;

use crate::onnx::{AttributeProto, Extent, GraphProto, NodeProto, TensorProto, ValueInfoProto};

/// The work of one inference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Multiply-accumulates of convolutions and products of matrices; what is done element by element
    /// is not counted.
    pub macs: u64,
    /// Bytes of constants that floating-point operators take.
    pub weight_bytes: u64,
    /// Bytes of what operators write, which the next ones read.
    pub activation_bytes: u64,
}

impl Work {
    /// Counts the work of a graph. Operators that do not occur in networks of this project make it
    /// `None`.
    pub fn of(graph: &GraphProto) -> Option<Self> {
        let mut shapes = Shapes::default();
        for constant in &graph.initializer {
            shapes.set(&constant.name, extents(&constant.dims)?);
            if constant.data_type == TensorProto::INT64 {
                shapes.indices.insert(constant.name.clone(), indices(constant));
            }
        }
        for input in &graph.input {
            shapes.set(&input.name, declared(input)?);
        }
        let floats = graph.initializer.iter().filter(|c| c.data_type != TensorProto::INT64);
        let mut work =
            Self { weight_bytes: floats.map(|c| c.raw_data.len() as u64).sum(), ..Self::default() };
        for node in &graph.node {
            let shape = shapes.result(node)?;
            work.macs += shapes.macs(node, &shape)?;
            work.activation_bytes += 4 * elements(&shape);
            shapes.set(node.output.first()?, shape);
        }
        Some(work)
    }
}

type Shape = Vec<u64>;

/// Shapes of values, and values of whole numbers, by name.
#[derive(Default)]
struct Shapes {
    shapes: BTreeMap<String, Shape>,
    indices: BTreeMap<String, Vec<i64>>,
}

impl Shapes {
    fn set(&mut self, name: &str, shape: Shape) {
        self.shapes.insert(name.to_owned(), shape);
    }

    fn input(&self, node: &NodeProto, index: usize) -> Option<&Shape> {
        self.shapes.get(node.input.get(index)?)
    }

    fn numbers(&self, node: &NodeProto, index: usize) -> Option<&[i64]> {
        self.indices.get(node.input.get(index)?).map(Vec::as_slice)
    }

    /// The shape of a node's only result, by the definitions of operator set 17.
    fn result(&self, node: &NodeProto) -> Option<Shape> {
        let x = self.input(node, 0)?;
        Some(match node.op_type.as_str() {
            "Add" | "Sub" | "Mul" | "Div" => broadcast(x, self.input(node, 1)?)?,
            "Relu" | "Tanh" | "Sigmoid" | "Exp" | "Erf" | "Softmax" | "LayerNormalization"
            | "Identity" | "Cast" => x.clone(),
            "Conv" => convolved(node, x, self.input(node, 1)?)?,
            "MatMul" => product(x, self.input(node, 1)?)?,
            "Gemm" => vec![*x.first()?, *self.input(node, 1)?.last()?],
            "Reshape" => reshaped(x, self.numbers(node, 1)?)?,
            "Flatten" => {
                let (before, after) = x.split_at(axis(int(node, "axis").unwrap_or(1), x.len())?);
                vec![before.iter().product(), after.iter().product()]
            }
            "Transpose" => {
                let order = ints(node, "perm")?.iter().map(|&a| x.get(axis(a, x.len())?).copied());
                order.collect::<Option<_>>()?
            }
            "Concat" => self.concatenated(node, x)?,
            "Slice" => self.sliced(node, x)?,
            "Gather" => {
                let at = axis(int(node, "axis").unwrap_or(0), x.len())?;
                let picked = self.input(node, 1)?;
                [&x[..at], picked, &x[at + 1..]].concat()
            }
            "ReduceMean" | "ReduceMax" => reduced(node, x, ints(node, "axes")?)?,
            "ReduceSum" => reduced(node, x, self.numbers(node, 1)?)?,
            _ => return None,
        })
    }

    fn concatenated(&self, node: &NodeProto, x: &Shape) -> Option<Shape> {
        let at = axis(int(node, "axis")?, x.len())?;
        let mut shape = x.clone();
        shape[at] = (0..node.input.len())
            .map(|i| self.input(node, i)?.get(at).copied())
            .sum::<Option<u64>>()?;
        Some(shape)
    }

    fn sliced(&self, node: &NodeProto, x: &Shape) -> Option<Shape> {
        let mut shape = x.clone();
        let (from, to) = (self.numbers(node, 1)?, self.numbers(node, 2)?);
        for ((&from, &to), &at) in from.iter().zip(to).zip(self.numbers(node, 3)?) {
            let extent = shape.get_mut(axis(at, x.len())?)?;
            let place = |i: i64| if i < 0 { i.saturating_add_unsigned(*extent) } else { i };
            let clamped = |i: i64| place(i).clamp(0, i64::try_from(*extent).unwrap_or(i64::MAX));
            *extent = u64::try_from(clamped(to).saturating_sub(clamped(from))).unwrap_or(0);
        }
        Some(shape)
    }

    fn macs(&self, node: &NodeProto, result: &Shape) -> Option<u64> {
        Some(match node.op_type.as_str() {
            "Conv" => {
                let kernel = self.input(node, 1)?;
                elements(result).saturating_mul(kernel[1..].iter().product())
            }
            "MatMul" | "Gemm" => elements(result).saturating_mul(*self.input(node, 0)?.last()?),
            _ => 0,
        })
    }
}

fn elements(shape: &Shape) -> u64 {
    shape.iter().fold(1, |n, &extent| n.saturating_mul(extent))
}

fn extents(dims: &[i64]) -> Option<Shape> {
    dims.iter().map(|&d| u64::try_from(d).ok()).collect()
}

fn declared(value: &ValueInfoProto) -> Option<Shape> {
    let shape = value.r#type.as_ref()?.tensor_type.as_ref()?.shape.as_ref()?;
    let extent = |value: &Option<Extent>| match value {
        Some(Extent::Value(n)) => u64::try_from(*n).ok(),
        _ => None,
    };
    shape.dim.iter().map(|d| extent(&d.value)).collect()
}

fn indices(constant: &TensorProto) -> Vec<i64> {
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |n: i64, &b| (n << 8) | i64::from(b));
    constant.raw_data.chunks_exact(8).map(number).collect()
}

fn attribute<'n>(node: &'n NodeProto, name: &str) -> Option<&'n AttributeProto> {
    node.attribute.iter().find(|a| a.name == name)
}

fn int(node: &NodeProto, name: &str) -> Option<i64> {
    attribute(node, name).map(|a| a.i)
}

fn ints<'n>(node: &'n NodeProto, name: &str) -> Option<&'n [i64]> {
    attribute(node, name).map(|a| a.ints.as_slice())
}

/// An axis counted from 0, of one counted from the end if negative.
fn axis(at: i64, rank: usize) -> Option<usize> {
    let rank = i64::try_from(rank).ok()?;
    let at = if at < 0 { at + rank } else { at };
    (0..rank).contains(&at).then_some(at as usize)
}

fn broadcast(a: &[u64], b: &[u64]) -> Option<Shape> {
    let rank = a.len().max(b.len());
    let extent = |shape: &[u64], i: usize| {
        let missing = rank - shape.len();
        if i < missing { 1 } else { shape[i - missing] }
    };
    (0..rank)
        .map(|i| match (extent(a, i), extent(b, i)) {
            (x, y) if x == y || y == 1 => Some(x),
            (1, y) => Some(y),
            _ => None,
        })
        .collect()
}

fn product(a: &[u64], b: &[u64]) -> Option<Shape> {
    let ([batch_a @ .., rows, _], [batch_b @ .., _, columns]) = (a, b) else { return None };
    let mut shape = broadcast(batch_a, batch_b)?;
    shape.extend([*rows, *columns]);
    Some(shape)
}

fn convolved(node: &NodeProto, x: &[u64], kernel: &[u64]) -> Option<Shape> {
    let ([batch, _, picture @ ..], [channels, _, sides @ ..]) = (x, kernel) else { return None };
    let number = |name: &str, i: usize, default: u64| match ints(node, name) {
        Some(list) => u64::try_from(*list.get(i)?).ok(),
        None => Some(default),
    };
    let mut shape = vec![*batch, *channels];
    for (i, (extent, side)) in picture.iter().zip(sides).enumerate() {
        let (stride, dilation) = (number("strides", i, 1)?, number("dilations", i, 1)?);
        let padding = number("pads", i, 0)? + number("pads", i + picture.len(), 0)?;
        let covered = dilation.checked_mul(side.checked_sub(1)?)?.checked_add(1)?;
        let room = extent.checked_add(padding)?.checked_sub(covered)?;
        shape.push(room.checked_div(stride)? + 1);
    }
    Some(shape)
}

fn reshaped(x: &Shape, to: &[i64]) -> Option<Shape> {
    let kept = |i: usize, extent: i64| match extent {
        0 => x.get(i).copied(),
        -1 => Some(1),
        n => u64::try_from(n).ok(),
    };
    let mut shape = to.iter().enumerate().map(|(i, &n)| kept(i, n)).collect::<Option<Shape>>()?;
    if let Some(open) = to.iter().position(|&n| n == -1) {
        shape[open] = elements(x).checked_div(elements(&shape))?;
    }
    (elements(&shape) == elements(x)).then_some(shape)
}

fn reduced(node: &NodeProto, x: &Shape, axes: &[i64]) -> Option<Shape> {
    let axes = axes.iter().map(|&a| axis(a, x.len())).collect::<Option<Vec<_>>>()?;
    let keep = int(node, "keepdims").unwrap_or(1) != 0;
    let extent = |(i, &n): (usize, &u64)| match (axes.contains(&i), keep) {
        (false, _) => Some(n),
        (true, true) => Some(1),
        (true, false) => None,
    };
    Some(x.iter().enumerate().filter_map(extent).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::{Dimension, TensorShapeProto, TypeProto, TypeProtoTensor};

    fn value(name: &str, shape: &[i64]) -> ValueInfoProto {
        let dim = |&n: &i64| Dimension { value: Some(Extent::Value(n)) };
        let shape = Some(TensorShapeProto { dim: shape.iter().map(dim).collect() });
        let tensor_type = Some(TypeProtoTensor { elem_type: TensorProto::FLOAT, shape });
        ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type }) }
    }

    fn constant(name: &str, dims: &[i64]) -> TensorProto {
        let raw_data = vec![0; 4 * dims.iter().product::<i64>() as usize];
        let (name, dims) = (name.into(), dims.to_vec());
        TensorProto { name, dims, data_type: TensorProto::FLOAT, raw_data }
    }

    fn node(op: &str, input: &[&str], output: &str, attribute: Vec<AttributeProto>) -> NodeProto {
        NodeProto {
            op_type: op.into(),
            input: input.iter().map(|&n| n.into()).collect(),
            output: vec![output.into()],
            attribute,
            ..Default::default()
        }
    }

    fn list(name: &str, ints: &[i64]) -> AttributeProto {
        AttributeProto { name: name.into(), ints: ints.to_vec(), ..Default::default() }
    }

    #[test]
    fn a_convolution_and_a_product_are_counted_as_by_hand() {
        let graph = GraphProto {
            input: vec![value("x", &[1, 3, 8, 8])],
            initializer: vec![constant("k", &[4, 3, 3, 3]), constant("w", &[64, 10])],
            node: vec![
                node(
                    "Conv",
                    &["x", "k"],
                    "y",
                    vec![list("strides", &[2, 2]), list("pads", &[1; 4])],
                ),
                node("Flatten", &["y"], "f", vec![]),
                node("MatMul", &["f", "w"], "z", vec![]),
            ],
            ..Default::default()
        };
        let work = Work::of(&graph).unwrap();
        // 4 x 4 x 4 results of 27 products, then 10 of 64.
        assert_eq!(work.macs, 64 * 27 + 10 * 64);
        assert_eq!(work.weight_bytes, 4 * (4 * 27 + 640));
        assert_eq!(work.activation_bytes, 4 * (64 + 64 + 10));
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        let graph = GraphProto {
            input: vec![value("x", &[1])],
            node: vec![node("Magic", &["x"], "y", vec![])],
            ..Default::default()
        };
        assert_eq!(Work::of(&graph), None);
    }
}
