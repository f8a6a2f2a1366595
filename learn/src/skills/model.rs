use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Tensor};
use ergon_controller::learned::{ACTION, FEATURES, PATCH};

use crate::detector::grid_values;
use crate::layers::convolution;

/// Commands in an answer: of this control step and the following ones.
pub const CHUNK: usize = 4;
/// Keypoints that the convolutions find.
pub(super) const KEYPOINTS: usize = 24;
/// Width of the hidden layers.
const HIDDEN: usize = 256;

/// The network.
#[derive(Module, Debug)]
pub struct Policy {
    pub(super) convolutions: Vec<Conv2d>,
    pub(super) hidden: Vec<Linear>,
    pub(super) action: Linear,
    pub(super) done: Linear,
}

impl Policy {
    /// A network with random weights.
    pub fn new(device: &Device) -> Self {
        let inputs = FEATURES + 2 * KEYPOINTS;
        Self {
            convolutions: vec![
                convolution([3, 16], 2, 1, device),
                convolution([16, 32], 1, 1, device),
                convolution([32, KEYPOINTS], 1, 1, device),
            ],
            hidden: vec![
                LinearConfig::new(inputs, HIDDEN).init(device),
                LinearConfig::new(HIDDEN, HIDDEN).init(device),
            ],
            action: LinearConfig::new(HIDDEN, CHUNK * ACTION).init(device),
            done: LinearConfig::new(HIDDEN, 1).init(device),
        }
    }

    /// Patches of shape (n, 3, [`PATCH`], [`PATCH`]) and features of shape (n, [`FEATURES`]) to commands
    /// of shape (n, [`CHUNK`] * [`ACTION`]) and logits of shape (n, 1).
    pub fn forward(&self, patches: Tensor<4>, features: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        let n = features.dims()[0];
        let device = features.device();
        let mut x = patches - 0.5;
        for (i, layer) in self.convolutions.iter().enumerate() {
            x = layer.forward(x);
            if i + 1 < self.convolutions.len() {
                x = relu(x);
            }
        }
        let side = PATCH / 2;
        let attention = softmax(x.reshape([n * KEYPOINTS, side * side]), 1);
        let grid = Tensor::<1>::from_floats(grid_values(side).as_slice(), &device)
            .reshape([side * side, 2]);
        let keypoints = attention.matmul(grid).reshape([n, 2 * KEYPOINTS]);
        let mut x = Tensor::cat(vec![features, keypoints], 1);
        for layer in &self.hidden {
            x = relu(layer.forward(x));
        }
        (self.action.forward(x.clone()), self.done.forward(x))
    }
}
