//! Layers that the networks share, in the training framework and as ONNX nodes.

use burn::module::Param;
use burn::nn::conv::{Conv2d as Layer, Conv2dConfig};
use burn::nn::{LayerNorm, Linear, PaddingConfig2d};
use burn::tensor::{Device, Tensor};

use crate::onnx::{Conv2d, Graph, Value};

/// Epsilon of layer norms, the framework's own.
const LAYER_NORM_EPSILON: f32 = 1e-5;

/// A convolution of three pixels a side, padded so that only the stride makes the map smaller.
pub(crate) fn convolution(
    channels: [usize; 2],
    stride: usize,
    dilation: usize,
    device: &Device,
) -> Layer {
    Conv2dConfig::new(channels, [3, 3])
        .with_stride([stride, stride])
        .with_dilation([dilation, dilation])
        .with_padding(PaddingConfig2d::Explicit(dilation, dilation, dilation, dilation))
        .init(device)
}

/// The values of a parameter, row by row.
pub(crate) fn values<const D: usize>(parameter: &Param<Tensor<D>>) -> (Vec<usize>, Vec<f32>) {
    let tensor = parameter.val();
    let shape = tensor.dims().to_vec();
    // Parameters are floats; another type is a bug of the framework.
    (shape, tensor.into_data().try_to_vec().unwrap_or_default())
}

pub(crate) fn weights<const D: usize>(g: &mut Graph, parameter: &Param<Tensor<D>>) -> Value {
    let (shape, values) = values(parameter);
    g.constant(&shape, &values)
}

pub(crate) fn linear(g: &mut Graph, x: &Value, layer: &Linear) -> Value {
    let matrix = weights(g, &layer.weight);
    match &layer.bias {
        Some(bias) => {
            let bias = weights(g, bias);
            g.linear(x, &matrix, &bias)
        }
        None => g.matmul(x, &matrix),
    }
}

/// The node of a [`convolution`] with this dilation.
pub(crate) fn conv(g: &mut Graph, x: &Value, layer: &Layer, dilation: usize) -> Value {
    let kernels = weights(g, &layer.weight);
    let bias = layer.bias.as_ref().map(|b| weights(g, b));
    let how = Conv2d {
        stride: layer.stride,
        padding: [dilation; 2],
        dilation: [dilation; 2],
        ..Conv2d::square(3, 1)
    };
    g.conv2d(x, &kernels, bias.as_ref(), how)
}

/// A convolution of one pixel.
pub(crate) fn point(g: &mut Graph, x: &Value, layer: &Layer) -> Value {
    let kernels = weights(g, &layer.weight);
    let bias = layer.bias.as_ref().map(|b| weights(g, b));
    g.conv2d(x, &kernels, bias.as_ref(), Conv2d::default())
}

/// A layer norm of the framework's epsilon.
pub(crate) fn layer_norm(g: &mut Graph, x: &Value, layer: &LayerNorm) -> Value {
    let scale = weights(g, &layer.gamma);
    let bias = match &layer.beta {
        Some(bias) => weights(g, bias),
        None => g.constant(&layer.gamma.val().dims(), &vec![0.0; layer.gamma.val().dims()[0]]),
    };
    g.layer_norm(x, &scale, &bias, LAYER_NORM_EPSILON)
}
