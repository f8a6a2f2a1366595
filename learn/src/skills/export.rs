//! The policy as an ONNX graph.

use ergon_controller::learned::{ACTION, FEATURES, PATCH};

use super::model::{CHUNK, KEYPOINTS, Policy};
use crate::detector::grid_values;
use crate::layers::{conv, linear};
use crate::onnx::Graph;

/// The graph: `patch` (1, 3, patch, patch), 0 to 1, and `features` (1, features) to `actions` (1,
/// chunk, action) and `done` (1, 1), a probability.
pub fn to_onnx(policy: &Policy) -> Vec<u8> {
    let mut g = Graph::new("skills");
    let patch = g.input("patch", &[1, 3, PATCH, PATCH]);
    let features = g.input("features", &[1, FEATURES]);
    let half = g.constant(&[], &[0.5]);
    let mut x = g.sub(&patch, &half);
    for (i, layer) in policy.convolutions.iter().enumerate() {
        x = conv(&mut g, &x, layer, 1);
        if i + 1 < policy.convolutions.len() {
            x = g.relu(&x);
        }
    }
    let side = PATCH / 2;
    let cells = side * side;
    let x = g.reshape(&x, &[KEYPOINTS as i64, cells as i64]);
    let attention = g.softmax(&x, 1);
    let grid = g.constant(&[cells, 2], &grid_values(side));
    let keypoints = g.matmul(&attention, &grid);
    let keypoints = g.reshape(&keypoints, &[1, 2 * KEYPOINTS as i64]);
    let mut x = g.concat(&[&features, &keypoints], 1);
    for layer in &policy.hidden {
        let y = linear(&mut g, &x, layer);
        x = g.relu(&y);
    }
    let actions = linear(&mut g, &x, &policy.action);
    let shape = [1, CHUNK, ACTION];
    let actions = g.reshape(&actions, &shape.map(|n| n as i64));
    g.output("actions", &actions, &shape);
    let done = linear(&mut g, &x, &policy.done);
    let done = g.sigmoid(&done);
    g.output("done", &done, &[1, 1]);
    g.finish()
}
