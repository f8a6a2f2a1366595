use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use ergon_perception::gauge::{OUTPUTS, PATCH, planes};

use crate::layers::convolution;

/// Channels and strides of the convolutions after the first.
const LAYERS: [([usize; 2], usize); 2] = [([24, 40], 1), ([40, 48], 2)];
/// Width of the hidden layer.
const HIDDEN: usize = 128;

/// The network.
#[derive(Module, Debug)]
pub struct Gauge {
    pub(super) convolutions: Vec<Conv2d>,
    pub(super) hidden: Linear,
    pub(super) head: Linear,
}

impl Gauge {
    /// A network with random weights for this number of classes.
    pub fn new(classes: usize, device: &Device) -> Self {
        let first = convolution([planes(classes), LAYERS[0].0[0]], 2, 1, device);
        let rest = LAYERS.map(|(channels, stride)| convolution(channels, stride, 1, device));
        let cells = (PATCH / 4) * (PATCH / 4);
        Self {
            convolutions: [first].into_iter().chain(rest).collect(),
            hidden: LinearConfig::new(cells * LAYERS[1].0[1], HIDDEN).init(device),
            head: LinearConfig::new(HIDDEN, OUTPUTS).init(device),
        }
    }

    /// Patches of shape (n, planes, patch, patch): red, green, blue, 0 to 1, a plane of 1 for the object's
    /// class, and planes for its shape. Answer of shape (n, [`OUTPUTS`]).
    pub(super) fn forward(&self, patches: Tensor<4>) -> Tensor<2> {
        let mut x = patches - 0.5;
        for layer in &self.convolutions {
            x = relu(layer.forward(x));
        }
        self.head.forward(relu(self.hidden.forward(x.flatten::<2>(1, 3))))
    }
}
