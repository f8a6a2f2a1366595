use burn::module::{Initializer, Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::{log_softmax, relu};
use burn::tensor::{Device, Tensor};
use ergon_perception::detector::{CORNERS, LANDMARK_OUTPUTS, OBJECT_OUTPUTS};

use crate::layers::convolution;

/// Width of the hidden layer of the head.
const HIDDEN: usize = 64;
/// How far the head may move a place from where the attention is, as a share of half the picture.
pub(super) const REACH: f32 = 0.1;
/// How far from where it should appear a landmark is looked for: standard deviation of the weight that
/// places get beforehand, half widths of the picture.
pub(super) const SEARCH: f32 = 0.1;
/// Dilations of the convolutions on the map of features.
const DILATIONS: [usize; 3] = [1, 2, 4];
/// Planes with column, row and camera that are given to the map of features.
pub(super) const PLANES: usize = 3;
/// The shape of a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DetectorConfig {
    /// Number of classes of objects.
    pub objects: usize,
    /// Width and height of a picture, pixels; a multiple of 4.
    pub pixels: usize,
    /// Channels of the map of features.
    pub channels: usize,
}

/// The network.
#[derive(Module, Debug)]
pub struct Detector {
    pub(super) stem: Vec<Conv2d>,
    pub(super) body: Vec<Conv2d>,
    pub(super) attention: Conv2d,
    pub(super) hidden: Linear,
    pub(super) kind: Param<Tensor<2>>,
    pub(super) object: Linear,
    pub(super) landmark: Linear,
    pub(super) objects: usize,
    pub(super) pixels: usize,
}

/// What the network says of some pictures.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// Shape (pictures, classes, [`OBJECT_OUTPUTS`]).
    pub(super) objects: Tensor<3>,
    /// Shape (pictures, landmarks, [`LANDMARK_OUTPUTS`]).
    pub(super) landmarks: Tensor<3>,
    /// Logarithm of the attention, for classes, then for landmarks. Shape (pictures, queries, cells).
    pub(super) attention: Tensor<3>,
}

impl Detector {
    /// A network with random weights.
    pub fn new(config: DetectorConfig, device: &Device) -> Self {
        let DetectorConfig { objects, pixels, channels } = config;
        let queries = objects + CORNERS;
        let narrow = [3, 16, 32];
        let body = DILATIONS.iter().enumerate().map(|(i, &dilation)| {
            let from = if i == 0 { narrow[2] + PLANES } else { channels };
            convolution([from, channels], 1, dilation, device)
        });
        let kind = Initializer::Normal { mean: 0.0, std: 0.1 };
        Self {
            stem: narrow.windows(2).map(|w| convolution([w[0], w[1]], 2, 1, device)).collect(),
            body: body.collect(),
            attention: Conv2dConfig::new([channels, queries], [1, 1]).init(device),
            hidden: LinearConfig::new(channels + 2, HIDDEN).init(device),
            kind: kind.init([queries, HIDDEN], device),
            object: LinearConfig::new(HIDDEN, OBJECT_OUTPUTS).init(device),
            landmark: LinearConfig::new(HIDDEN, LANDMARK_OUTPUTS).init(device),
            objects,
            pixels,
        }
    }

    /// Pictures of shape (n, 3, pixels, pixels), 0 to 1, their cameras of shape (n, 1): 0 on the cell, 1 on
    /// the hand, and the landmarks that are asked for, of shape (n, landmarks,
    /// [`ergon_perception::detector::LANDMARK_INPUTS`]).
    pub(super) fn forward(
        &self,
        pictures: Tensor<4>,
        cameras: Tensor<2>,
        asked: Tensor<3>,
    ) -> Answer {
        let device = pictures.device();
        let mut x = pictures - 0.5;
        for layer in &self.stem {
            x = relu(layer.forward(x));
        }
        let [n, _, side, _] = x.dims();
        let cells = side * side;
        let grid = grid(side, &device);
        let places =
            grid.clone().transpose().reshape([1, 2, side, side]).expand([n, 2, side, side]);
        let camera = cameras.reshape([n, 1, 1, 1]).expand([n, 1, side, side]);
        x = Tensor::cat(vec![x, places, camera], 1);
        for (i, layer) in self.body.iter().enumerate() {
            let y = relu(layer.forward(x.clone()));
            x = if i == 0 { y } else { x + y };
        }
        let logits = self.attention.forward(x.clone()).reshape([n, self.objects + CORNERS, cells]);
        let landmarks = asked.dims()[1];
        let expected = asked.clone().narrow(2, 0, 2);
        let corners = asked.narrow(2, 2, CORNERS);
        let by_corner = corners.clone().matmul(logits.clone().narrow(1, self.objects, CORNERS));
        let near = nearness(&grid, expected);
        let logits = Tensor::cat(vec![logits.narrow(1, 0, self.objects), by_corner + near], 1);
        let log_attention = log_softmax(logits, 2);
        let attention = log_attention.clone().exp();
        let [_, channels, _, _] = x.dims();
        let features = x.reshape([n, channels, cells]).transpose();
        let there = attention.clone().matmul(features);
        let place = attention.matmul(grid.unsqueeze::<3>().expand([n, cells, 2]));
        let input = Tensor::cat(vec![there, place.clone()], 2);
        let kind = self.kind.val();
        let of_objects = kind.clone().narrow(0, 0, self.objects).unsqueeze::<3>();
        let of_corners = kind.narrow(0, self.objects, CORNERS).unsqueeze::<3>();
        let kinds = Tensor::cat(
            vec![
                of_objects.expand([n, self.objects, HIDDEN]),
                corners.matmul(of_corners.expand([n, CORNERS, HIDDEN])),
            ],
            1,
        );
        let hidden = relu(self.hidden.forward(input) + kinds);
        let half = self.pixels as f32 / 2.0;
        let objects = self.object.forward(hidden.clone().narrow(1, 0, self.objects));
        let found = self.landmark.forward(hidden.narrow(1, self.objects, landmarks));
        Answer {
            objects: placed(objects, place.clone().narrow(1, 0, self.objects), half),
            landmarks: placed(found, place.narrow(1, self.objects, landmarks), half),
            attention: log_attention,
        }
    }
}

/// The logarithm, up to a constant, of the weight that cells get by how near they are to where a landmark
/// should appear. Shapes (cells, 2) and (n, landmarks, 2) to (n, landmarks, cells).
fn nearness(grid: &Tensor<2>, expected: Tensor<3>) -> Tensor<3> {
    let n = expected.dims()[0];
    let cells = grid.dims()[0];
    let across = grid.clone().transpose().unsqueeze::<3>().expand([n, 2, cells]);
    let own = grid.clone().powi_scalar(2).sum_dim(1).transpose().unsqueeze::<3>();
    (expected.matmul(across) * 2.0 - own) / (2.0 * SEARCH * SEARCH)
}

/// Column and row of the cells of a map, -1 to 1. Shape (cells, 2).
fn grid(side: usize, device: &Device) -> Tensor<2> {
    Tensor::<1>::from_floats(grid_values(side).as_slice(), device).reshape([side * side, 2])
}

/// The values of [`grid`], row by row.
pub(crate) fn grid_values(side: usize) -> Vec<f32> {
    let at = |i: usize| (2.0 * i as f32 + 1.0) / side as f32 - 1.0;
    (0..side * side).flat_map(|cell| [at(cell % side), at(cell / side)]).collect()
}

/// The head's answer with the place in pixels: where the attention is, moved by what the head says.
fn placed(answer: Tensor<3>, place: Tensor<3>, half: f32) -> Tensor<3> {
    let outputs = answer.dims()[2];
    let at = (place + answer.clone().narrow(2, 1, 2) * REACH + 1.0) * half;
    let rest = answer.clone().narrow(2, 3, outputs - 3);
    Tensor::cat(vec![answer.narrow(2, 0, 1), at, rest], 2)
}

/// Dilation of a layer of the body.
pub(super) fn dilation(layer: usize) -> usize {
    DILATIONS[layer]
}
