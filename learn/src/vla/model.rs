use burn::module::{Initializer, Module, Param};
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Int, Tensor};
use ergon_controller::vla::{PROPRIOCEPTION, WORDS};

use super::head::{Head, HeadKind};
use super::look::{KEYPOINTS, Look, SEEN};

/// Commands in an answer: of this control step and the following ones.
pub const CHUNK: usize = 24;
/// Width of the tokens.
pub(super) const WIDTH: usize = 128;
/// Blocks of the transformer, and heads of their attention.
const BLOCKS: usize = 2;
pub(super) const HEADS: usize = 4;
/// Numbers of a keyframe: position, and axis times angle.
pub(super) const KEYFRAME: usize = 6;
/// Width of the hidden layer before the keyframe.
const HIDDEN: usize = 256;

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
    /// One for each camera.
    pub(super) looks: Vec<Look>,
    pub(super) words: Embedding,
    pub(super) proprioception: Linear,
    /// What is added to each token to tell it from the others; the last is what the answer is read from.
    pub(super) places: Param<Tensor<2>>,
    pub(super) blocks: Vec<Block>,
    pub(super) norm: LayerNorm,
    /// From what is seen to where the hand will be at the next keyframe.
    pub(super) keyframe: Vec<Linear>,
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
            looks: (0..cameras).map(|_| Look::new(device)).collect(),
            words: EmbeddingConfig::new(words, WIDTH).with_initializer(small.clone()).init(device),
            proprioception: linear(PROPRIOCEPTION, WIDTH),
            places: small.init([tokens, WIDTH], device),
            blocks: (0..BLOCKS).map(|_| Block::new(device)).collect(),
            norm: LayerNormConfig::new(WIDTH).init(device),
            keyframe: vec![linear(read, HIDDEN), linear(HIDDEN, KEYFRAME)],
            head: Head::new(head, read + KEYFRAME, device),
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
        self.head.answer(self.see(pictures, words, proprioception).seen)
    }

    /// As [`Network::forward`], before the head.
    pub(super) fn see(
        &self,
        pictures: Tensor<5>,
        words: Tensor<2, Int>,
        proprioception: Tensor<2>,
    ) -> Sight {
        let n = pictures.dims()[0];
        let words = self.words.forward(words);
        let told = words.clone().reshape([n, WORDS * WIDTH]);
        let mut tokens = Vec::with_capacity(self.looks.len() + 3);
        let mut direct = vec![proprioception.clone()];
        for (camera, look) in self.looks.iter().enumerate() {
            let picture = pictures.clone().narrow(1, camera, 1).squeeze_dim::<4>(1);
            let (keypoints, own) = look.forward(picture, told.clone());
            tokens.push(own);
            direct.push(keypoints);
        }
        tokens.push(words);
        tokens.push(self.proprioception.forward(proprioception.clone()).unsqueeze_dim::<3>(1));
        let device = self.places.val().device();
        tokens.push(Tensor::zeros([n, 1, WIDTH], &device));
        let mut x = Tensor::cat(tokens, 1) + self.places.val().unsqueeze::<3>();
        for block in &self.blocks {
            x = block.forward(x);
        }
        let last = x.dims()[1] - 1;
        // Where things are exactly is also given to the head past the transformer.
        direct.insert(0, self.norm.forward(x.narrow(1, last, 1).squeeze_dim::<2>(1)));
        let read = Tensor::cat(direct, 1);
        let keyframe = self.keyframe[1].forward(relu(self.keyframe[0].forward(read.clone())));
        let way = keyframe.clone() - proprioception.narrow(1, 0, KEYFRAME);
        Sight { seen: Tensor::cat(vec![read, way], 1), keyframe }
    }
}

/// What commands are made from.
pub(super) struct Sight {
    /// Shape (n, seen).
    pub(super) seen: Tensor<2>,
    /// Where the hand will be when the gripper is next told otherwise, as proprioception is
    /// standardised. Shape (n, [`KEYFRAME`]).
    pub(super) keyframe: Tensor<2>,
}
