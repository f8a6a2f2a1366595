//! The detector as an ONNX graph.

use burn::nn::Linear;

use ergon_perception::detector::{LANDMARK_OUTPUTS, OBJECT_OUTPUTS};

use super::model::{Detector, PLANES, REACH, dilation, grid_values};
use crate::layers::{conv, linear, point, weights};
use crate::onnx::{Graph, Value};

/// Number of the detector's cameras; the first is on the cell, the second on the hand.
pub const CAMERAS: usize = 2;

/// The graph: `pictures` (1, cameras, 3, pixels, pixels), 0 to 1, to `objects` (1, cameras, classes,
/// [`OBJECT_OUTPUTS`]) and `landmarks` (1, cameras, landmarks, [`LANDMARK_OUTPUTS`]).
pub fn to_onnx(detector: &Detector) -> Vec<u8> {
    let (objects, landmarks) = (detector.objects, detector.landmarks);
    let queries = (objects + landmarks) as i64;
    let pixels = detector.pixels;
    let n = CAMERAS as i64;
    let mut g = Graph::new("detector");
    let pictures = g.input("pictures", &[1, CAMERAS, 3, pixels, pixels]);
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
    let logits = g.reshape(&logits, &[n, queries, cells as i64]);
    let attention = g.softmax(&logits, 2);
    let channels = detector.attention.weight.val().dims()[1] as i64;
    let features = g.reshape(&x, &[n, channels, cells as i64]);
    let features = g.transpose(&features, &[0, 2, 1]);
    let there = g.matmul(&attention, &features);
    let grid = g.constant(&[cells, 2], &grid_values(side));
    let place = g.matmul(&attention, &grid);
    let input = g.concat(&[&there, &place], 2);
    let hidden = linear(&mut g, &input, &detector.hidden);
    let kind = weights(&mut g, &detector.kind);
    let hidden = g.add(&hidden, &kind);
    let hidden = g.relu(&hidden);
    let mut head = |layer: &Linear, from: usize, to: usize, name: &str, outputs: usize| {
        let own = g.slice(&hidden, 1, from as i64, to as i64);
        let answer = linear(&mut g, &own, layer);
        let own = g.slice(&place, 1, from as i64, to as i64);
        let placed = placed(&mut g, &answer, &own, pixels as f32 / 2.0, outputs as i64);
        let shape = [1, CAMERAS, to - from, outputs];
        let output = g.reshape(&placed, &shape.map(|n| n as i64));
        g.output(name, &output, &shape);
    };
    head(&detector.object, 0, objects, "objects", OBJECT_OUTPUTS);
    head(&detector.landmark, objects, objects + landmarks, "landmarks", LANDMARK_OUTPUTS);
    g.finish()
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
