//! From the picture of a camera to keypoints and patches, as told.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Tensor};
use ergon_controller::vla::{PIXELS, WORDS};

use super::model::WIDTH;
use crate::detector::grid_values;
use crate::layers::{conv, convolution, linear, point};
use crate::onnx::{Graph, Value};

/// Channels of the map of features, a quarter as wide and high as a picture, on which keypoints are found.
const CHANNELS: usize = 32;
/// Keypoints in a picture.
pub(super) const KEYPOINTS: usize = 32;
/// Tokens of a picture along a side, besides that of its keypoints.
const PATCHES: usize = 4;
/// Tokens of a picture.
pub(super) const SEEN: usize = PATCHES * PATCHES + 1;
/// How much sharper attention is than its layer's outputs, which begin small.
const SHARPNESS: f32 = 5.0;

/// The layers for one camera.
#[derive(Module, Debug)]
pub(super) struct Look {
    /// From a picture to its map of features.
    stem: Vec<Conv2d>,
    /// The instruction scales and shifts the map's channels (`FiLM`, Perez et al. 2018, arXiv:1709.07871):
    /// what to look for must be known where it is looked for.
    film: Linear,
    attention: Conv2d,
    /// From the map to patches.
    patches: Vec<Conv2d>,
    /// From keypoints to a token.
    keypoints: Linear,
}

impl Look {
    /// Random layers.
    pub(super) fn new(device: &Device) -> Self {
        Self {
            stem: vec![
                convolution([3, 16], 2, 1, device),
                convolution([16, CHANNELS], 2, 1, device),
            ],
            film: LinearConfig::new(WORDS * WIDTH, 2 * CHANNELS).init(device),
            attention: Conv2dConfig::new([CHANNELS, KEYPOINTS], [1, 1]).init(device),
            patches: vec![
                convolution([CHANNELS, 64], 2, 1, device),
                convolution([64, 96], 2, 1, device),
                convolution([96, WIDTH], 2, 1, device),
            ],
            keypoints: LinearConfig::new(2 * KEYPOINTS, WIDTH).init(device),
        }
    }

    /// Keypoints of shape (n, 2 * [`KEYPOINTS`]) and tokens of shape (n, [`SEEN`], [`WIDTH`]) of pictures
    /// of shape (n, 3, pixels, pixels); `told` are the words' vectors, of shape (n, words * width).
    pub(super) fn forward(&self, pictures: Tensor<4>, told: Tensor<2>) -> (Tensor<2>, Tensor<3>) {
        let mut x = relu(self.stem[0].forward(pictures - 0.5));
        x = self.stem[1].forward(x);
        let [n, channels, side, _] = x.dims();
        let told = self.film.forward(told);
        let part =
            |i: usize| told.clone().narrow(1, i * channels, channels).reshape([n, channels, 1, 1]);
        x = relu(x * (part(0) + 1.0) + part(1));
        let cells = side * side;
        let logits = self.attention.forward(x.clone()).reshape([n * KEYPOINTS, cells]);
        let grid = Tensor::<1>::from_floats(grid_values(side).as_slice(), &x.device());
        let keypoints = softmax(logits * SHARPNESS, 1).matmul(grid.reshape([cells, 2]));
        let keypoints = keypoints.reshape([n, 2 * KEYPOINTS]);
        for layer in &self.patches {
            x = relu(layer.forward(x));
        }
        let patches = x.reshape([n, WIDTH, PATCHES * PATCHES]).swap_dims(1, 2);
        let own = self.keypoints.forward(keypoints.clone()).unsqueeze_dim::<3>(1);
        (keypoints, Tensor::cat(vec![own, patches], 1))
    }

    /// The same for one picture: keypoints of shape (1, 2 * [`KEYPOINTS`]) and tokens.
    pub(super) fn to_onnx(&self, g: &mut Graph, picture: &Value, told: &Value) -> (Value, Value) {
        let half = g.constant(&[], &[0.5]);
        let x = g.sub(picture, &half);
        let x = conv(g, &x, &self.stem[0], 1);
        let x = g.relu(&x);
        let x = conv(g, &x, &self.stem[1], 1);
        let told = linear(g, told, &self.film);
        let channels = CHANNELS as i64;
        let mut part = |i: i64| {
            let own = g.slice(&told, 1, i * channels, (i + 1) * channels);
            g.reshape(&own, &[1, channels, 1, 1])
        };
        let (scale, shift) = (part(0), part(1));
        let one = g.constant(&[], &[1.0]);
        let scale = g.add(&scale, &one);
        let x = g.mul(&x, &scale);
        let x = g.add(&x, &shift);
        let mut x = g.relu(&x);
        let side = PIXELS / 4;
        let cells = side * side;
        let logits = point(g, &x, &self.attention);
        let logits = g.reshape(&logits, &[KEYPOINTS as i64, cells as i64]);
        let sharpness = g.constant(&[], &[SHARPNESS]);
        let logits = g.mul(&logits, &sharpness);
        let attention = g.softmax(&logits, 1);
        let grid = g.constant(&[cells, 2], &grid_values(side));
        let keypoints = g.matmul(&attention, &grid);
        let keypoints = g.reshape(&keypoints, &[1, 2 * KEYPOINTS as i64]);
        for layer in &self.patches {
            x = conv(g, &x, layer, 1);
            x = g.relu(&x);
        }
        let x = g.reshape(&x, &[1, WIDTH as i64, (PATCHES * PATCHES) as i64]);
        let patches = g.transpose(&x, &[0, 2, 1]);
        let own = linear(g, &keypoints, &self.keypoints);
        let own = g.reshape(&own, &[1, 1, WIDTH as i64]);
        (keypoints, g.concat(&[&own, &patches], 1))
    }
}
