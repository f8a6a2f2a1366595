//! The detector as an ONNX graph.

use burn::nn::Linear;

use ergon_perception::detector::{CORNERS, LANDMARK_INPUTS, LANDMARK_OUTPUTS, OBJECT_OUTPUTS};

use super::LANDMARKS;
use super::model::{Detector, PLANES, REACH, SEARCH, dilation, grid_values};
use crate::layers::{conv, linear, point, weights};
use crate::onnx::{Graph, Value};

/// Number of the detector's cameras; the first is on the cell, the second on the hand.
pub const CAMERAS: usize = 2;

/// The graph: `pictures` (1, cameras, 3, pixels, pixels), 0 to 1, and `asked` (1, landmarks,
/// [`LANDMARK_INPUTS`]) to `objects` (1, cameras, classes, [`OBJECT_OUTPUTS`]) and `landmarks` (1, landmarks,
/// [`LANDMARK_OUTPUTS`]), which are looked for in the first picture.
pub fn to_onnx(detector: &Detector) -> Vec<u8> {
    let objects = detector.objects;
    let pixels = detector.pixels;
    let n = CAMERAS as i64;
    let mut g = Graph::new("detector");
    let pictures = g.input("pictures", &[1, CAMERAS, 3, pixels, pixels]);
    let asked = g.input("asked", &[1, LANDMARKS, LANDMARK_INPUTS]);
    let x = g.reshape(&pictures, &[n, 3, pixels as i64, pixels as i64]);
    let half = g.constant(&[], &[0.5]);
    let mut x = g.sub(&x, &half);
    for layer in &detector.stem {
        x = conv(&mut g, &x, layer, 1);
        x = g.relu(&x);
    }
    let side = pixels / 4;
    let cells = side * side;
    let planes = g.constant(&[CAMERAS, PLANES, side, side], &planes(side));
    x = g.concat(&[&x, &planes], 1);
    for (i, layer) in detector.body.iter().enumerate() {
        let y = conv(&mut g, &x, layer, dilation(i));
        let y = g.relu(&y);
        x = if i == 0 { y } else { g.add(&x, &y) };
    }
    let logits = point(&mut g, &x, &detector.attention);
    let logits = g.reshape(&logits, &[n, (objects + CORNERS) as i64, cells as i64]);
    let channels = detector.attention.weight.val().dims()[1] as i64;
    let features = g.reshape(&x, &[n, channels, cells as i64]);
    let features = g.transpose(&features, &[0, 2, 1]);
    let grid = g.constant(&[cells, 2], &grid_values(side));
    let kind = weights(&mut g, &detector.kind);

    let own = g.slice(&logits, 1, 0, objects as i64);
    let kinds = g.slice(&kind, 0, 0, objects as i64);
    let scene = Scene { features, grid, pixels };
    let found = scene.look(&mut g, detector, &own, &kinds, &detector.object);
    let shape = [1, CAMERAS, objects, OBJECT_OUTPUTS];
    let output = g.reshape(&found, &shape.map(|n| n as i64));
    g.output("objects", &output, &shape);

    let corners = g.slice(&asked, 2, 2, LANDMARK_INPUTS as i64);
    let first = g.slice(&logits, 0, 0, 1);
    let first = g.slice(&first, 1, objects as i64, (objects + CORNERS) as i64);
    let logits = g.matmul(&corners, &first);
    let near = nearness(&mut g, &asked, side);
    let logits = g.add(&logits, &near);
    let kinds = g.slice(&kind, 0, objects as i64, (objects + CORNERS) as i64);
    let kinds = g.matmul(&corners, &kinds);
    let features = g.slice(&scene.features, 0, 0, 1);
    let scene = Scene { features, ..scene };
    let found = scene.look(&mut g, detector, &logits, &kinds, &detector.landmark);
    g.output("landmarks", &found, &[1, LANDMARKS, LANDMARK_OUTPUTS]);
    g.finish()
}

/// What is looked at.
struct Scene {
    /// Shape (n, cells, channels).
    features: Value,
    /// Shape (cells, 2).
    grid: Value,
    pixels: usize,
}

impl Scene {
    /// What a head says of the places to which attention goes, with the places in pixels; the logits have the
    /// shape (n, queries, cells).
    fn look(
        &self,
        g: &mut Graph,
        detector: &Detector,
        logits: &Value,
        kinds: &Value,
        head: &Linear,
    ) -> Value {
        let attention = g.softmax(logits, 2);
        let there = g.matmul(&attention, &self.features);
        let place = g.matmul(&attention, &self.grid);
        let input = g.concat(&[&there, &place], 2);
        let hidden = linear(g, &input, &detector.hidden);
        let hidden = g.add(&hidden, kinds);
        let hidden = g.relu(&hidden);
        let answer = linear(g, &hidden, head);
        let outputs = head.weight.val().dims()[1] as i64;
        placed(g, &answer, &place, self.pixels as f32 / 2.0, outputs)
    }
}

/// As in the model: the weight that cells get by how near they are to where a landmark should appear.
fn nearness(g: &mut Graph, asked: &Value, side: usize) -> Value {
    let grid = grid_values(side);
    let scale = 1.0 / (2.0 * SEARCH * SEARCH);
    let columns = grid.iter().step_by(2).copied();
    let rows = grid.iter().skip(1).step_by(2).copied();
    let across: Vec<f32> = columns.chain(rows).map(|x| 2.0 * scale * x).collect();
    let own: Vec<f32> =
        grid.chunks_exact(2).map(|at| -scale * (at[0] * at[0] + at[1] * at[1])).collect();
    let across = g.constant(&[2, side * side], &across);
    let own = g.constant(&[1, 1, side * side], &own);
    let expected = g.slice(asked, 2, 0, 2);
    let near = g.matmul(&expected, &across);
    g.add(&near, &own)
}

/// Column, row and camera of every cell.
fn planes(side: usize) -> Vec<f32> {
    let grid = grid_values(side);
    (0..CAMERAS)
        .flat_map(|camera| {
            let columns = grid.iter().step_by(2).copied();
            let rows = grid.iter().skip(1).step_by(2).copied();
            columns.chain(rows).chain(std::iter::repeat_n(camera as f32, side * side))
        })
        .collect()
}

/// As in the model: where the attention is, moved by what the head says, in pixels.
fn placed(g: &mut Graph, answer: &Value, place: &Value, half: f32, outputs: i64) -> Value {
    let moved = g.slice(answer, 2, 1, 3);
    let reach = g.constant(&[], &[REACH]);
    let moved = g.mul(&moved, &reach);
    let at = g.add(place, &moved);
    let (one, half) = (g.constant(&[], &[1.0]), g.constant(&[], &[half]));
    let at = g.add(&at, &one);
    let at = g.mul(&at, &half);
    let (seen, rest) = (g.slice(answer, 2, 0, 1), g.slice(answer, 2, 3, outputs));
    g.concat(&[&seen, &at, &rest], 2)
}
