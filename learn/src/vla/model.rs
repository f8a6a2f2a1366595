use burn::module::{Initializer, Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Int, Tensor};
use ergon_controller::vla::{PROPRIOCEPTION, WORDS};

use super::head::{Head, HeadKind};
use crate::detector::grid_values;
use crate::layers::convolution;

/// Commands in an answer: of this control step and the following ones.
pub const CHUNK: usize = 24;
/// Width of the tokens.
pub(super) const WIDTH: usize = 128;
/// Blocks of the transformer, and heads of their attention.
const BLOCKS: usize = 4;
pub(super) const HEADS: usize = 4;
/// Channels of the map of features, half as wide and high as a picture, on which keypoints are found.
pub(super) const CHANNELS: usize = 32;
/// Keypoints in each picture.
pub(super) const KEYPOINTS: usize = 32;
/// Tokens of a picture along a side, besides that of its keypoints.
pub(super) const PATCHES: usize = 4;
/// Tokens of a picture.
pub(super) const SEEN: usize = PATCHES * PATCHES + 1;

/// A block of the transformer (pre-norm).
#[derive(Module, Debug)]
pub(super) struct Block {
    pub(super) before: LayerNorm,
    /// To queries, keys and values.
    pub(super) attention: Linear,
    pub(super) joined: Linear,
    pub(super) between: LayerNorm,
    pub(super) wide: Linear,
    pub(super) narrow: Linear,
}

impl Block {
    fn new(device: &Device) -> Self {
        let linear = |from, to| LinearConfig::new(from, to).init(device);
        let norm = || LayerNormConfig::new(WIDTH).init(device);
        Self {
            before: norm(),
            attention: linear(WIDTH, 3 * WIDTH),
            joined: linear(WIDTH, WIDTH),
            between: norm(),
            wide: linear(WIDTH, 4 * WIDTH),
            narrow: linear(4 * WIDTH, WIDTH),
        }
    }

    /// Tokens of shape (n, tokens, width) to the same.
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let [n, tokens, _] = x.dims();
        let all = self.attention.forward(self.before.forward(x.clone()));
        let part = |i: usize| {
            let own = all.clone().narrow(2, i * WIDTH, WIDTH);
            own.reshape([n, tokens, HEADS, WIDTH / HEADS]).swap_dims(1, 2)
        };
        let scale = (WIDTH as f32 / HEADS as f32).sqrt();
        let attention = softmax(part(0).matmul(part(1).transpose()) / scale, 3);
        let joined = attention.matmul(part(2)).swap_dims(1, 2).reshape([n, tokens, WIDTH]);
        let x = x + self.joined.forward(joined);
        let wide = relu(self.wide.forward(self.between.forward(x.clone())));
        x + self.narrow.forward(wide)
    }
}

/// The network.
#[derive(Module, Debug)]
pub struct Network {
    /// From a picture to its map of features.
    pub(super) stem: Vec<Conv2d>,
    /// The instruction scales and shifts the map's channels (`FiLM`, Perez et al. 2018, arXiv:1709.07871):
    /// what to look for must be known where it is looked for.
    pub(super) film: Linear,
    pub(super) attention: Conv2d,
    /// From the map to patches.
    pub(super) patches: Vec<Conv2d>,
    /// From keypoints to a token, one for each camera.
    pub(super) keypoints: Vec<Linear>,
    pub(super) words: Embedding,
    pub(super) proprioception: Linear,
    /// What is added to each token to tell it from the others; the last is what the answer is read from.
    pub(super) places: Param<Tensor<2>>,
    pub(super) blocks: Vec<Block>,
    pub(super) norm: LayerNorm,
    pub(super) head: Head,
}

impl Network {
    /// A network with random weights for so many cameras and numbers of words.
    pub fn new(cameras: usize, words: usize, head: HeadKind, device: &Device) -> Self {
        let linear = |from, to| LinearConfig::new(from, to).init(device);
        let small = Initializer::Normal { mean: 0.0, std: 0.1 };
        let tokens = cameras * SEEN + WORDS + 2;
        let read = WIDTH + cameras * 2 * KEYPOINTS + PROPRIOCEPTION;
        Self {
            stem: vec![
                convolution([3, 16], 2, 1, device),
                convolution([16, CHANNELS], 1, 1, device),
            ],
            film: linear(WIDTH, 2 * CHANNELS),
            attention: Conv2dConfig::new([CHANNELS, KEYPOINTS], [1, 1]).init(device),
            patches: vec![
                convolution([CHANNELS, 64], 2, 1, device),
                convolution([64, 96], 2, 1, device),
                convolution([96, WIDTH], 2, 1, device),
            ],
            keypoints: (0..cameras).map(|_| linear(2 * KEYPOINTS, WIDTH)).collect(),
            words: EmbeddingConfig::new(words, WIDTH).with_initializer(small.clone()).init(device),
            proprioception: linear(PROPRIOCEPTION, WIDTH),
            places: small.init([tokens, WIDTH], device),
            blocks: (0..BLOCKS).map(|_| Block::new(device)).collect(),
            norm: LayerNormConfig::new(WIDTH).init(device),
            head: Head::new(head, read, device),
        }
    }

    /// Pictures of shape (n, cameras, 3, pixels, pixels), 0 to 1, numbers of words of shape
    /// (n, [`WORDS`]) and standardised proprioception of shape (n, [`PROPRIOCEPTION`]) to the signed
    /// square roots of commands of shape (n, [`CHUNK`], action).
    pub fn forward(
        &self,
        pictures: Tensor<5>,
        words: Tensor<2, Int>,
        proprioception: Tensor<2>,
    ) -> Tensor<3> {
        self.head.answer(self.seen(pictures, words, proprioception))
    }

    /// What commands are made from. Shape (n, seen).
    pub(super) fn seen(
        &self,
        pictures: Tensor<5>,
        words: Tensor<2, Int>,
        proprioception: Tensor<2>,
    ) -> Tensor<2> {
        let [n, cameras, _, _, _] = pictures.dims();
        let words = self.words.forward(words);
        let told = self.film.forward(words.clone().mean_dim(1).squeeze_dim::<2>(1));
        let mut tokens = Vec::with_capacity(2 * cameras + 3);
        let mut direct = vec![proprioception.clone()];
        for camera in 0..cameras {
            let picture = pictures.clone().narrow(1, camera, 1).squeeze_dim::<4>(1);
            let (keypoints, patches) = self.look(picture, told.clone());
            let own = self.keypoints[camera].forward(keypoints.clone());
            tokens.push(own.unsqueeze_dim::<3>(1));
            tokens.push(patches);
            direct.push(keypoints);
        }
        tokens.push(words);
        tokens.push(self.proprioception.forward(proprioception).unsqueeze_dim::<3>(1));
        let device = self.places.val().device();
        tokens.push(Tensor::zeros([n, 1, WIDTH], &device));
        let mut x = Tensor::cat(tokens, 1) + self.places.val().unsqueeze::<3>();
        for block in &self.blocks {
            x = block.forward(x);
        }
        let last = x.dims()[1] - 1;
        let read = self.norm.forward(x.narrow(1, last, 1).squeeze_dim::<2>(1));
        // Where things are exactly is also given to the head past the transformer.
        direct.insert(0, read);
        Tensor::cat(direct, 1)
    }

    /// Keypoints of shape (n, 2 * [`KEYPOINTS`]) and patches of shape (n, patches, [`WIDTH`]) of
    /// pictures of one camera.
    fn look(&self, pictures: Tensor<4>, told: Tensor<2>) -> (Tensor<2>, Tensor<3>) {
        let mut x = pictures - 0.5;
        x = relu(self.stem[0].forward(x));
        x = self.stem[1].forward(x);
        let [n, channels, side, _] = x.dims();
        let part =
            |i: usize| told.clone().narrow(1, i * channels, channels).reshape([n, channels, 1, 1]);
        x = relu(x * (part(0) + 1.0) + part(1));
        let cells = side * side;
        let logits = self.attention.forward(x.clone()).reshape([n * KEYPOINTS, cells]);
        let grid = Tensor::<1>::from_floats(grid_values(side).as_slice(), &x.device());
        let keypoints = softmax(logits, 1).matmul(grid.reshape([cells, 2]));
        for layer in &self.patches {
            x = relu(layer.forward(x));
        }
        let patches = x.reshape([n, WIDTH, PATCHES * PATCHES]).transpose();
        (keypoints.reshape([n, 2 * KEYPOINTS]), patches)
    }
}
