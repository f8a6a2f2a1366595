use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
pub use ergon_perception::gauge::OUTPUTS;
use ergon_perception::gauge::PATCH;

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

fn convolution(channels: [usize; 2], stride: usize, device: &Device) -> Conv2d {
    Conv2dConfig::new(channels, [3, 3])
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .init(device)
}

impl Gauge {
    /// A network with random weights for this number of classes.
    pub fn new(classes: usize, device: &Device) -> Self {
        let first = convolution([3 + classes, LAYERS[0].0[0]], 2, device);
        let rest = LAYERS.map(|(channels, stride)| convolution(channels, stride, device));
        let cells = (PATCH / 4) * (PATCH / 4);
        Self {
            convolutions: [first].into_iter().chain(rest).collect(),
            hidden: LinearConfig::new(cells * LAYERS[1].0[1], HIDDEN).init(device),
            head: LinearConfig::new(HIDDEN, OUTPUTS).init(device),
        }
    }

    /// Patches of shape (n, 3 + classes, patch, patch): red, green, blue, 0 to 1, and a plane of 1 for
    /// the object's class. Answer of shape (n, [`OUTPUTS`]).
    pub(super) fn forward(&self, patches: Tensor<4>) -> Tensor<2> {
        let mut x = patches - 0.5;
        for layer in &self.convolutions {
            x = relu(layer.forward(x));
        }
        self.head.forward(relu(self.hidden.forward(x.flatten::<2>(1, 3))))
    }
}
