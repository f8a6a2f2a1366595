//! The gauge as an ONNX graph.

use ergon_perception::gauge::{OUTPUTS, PATCH};

use super::model::Gauge;
use crate::layers::{conv, linear};
use crate::onnx::Graph;

/// The graph: `patches` (1, slots, 3 + classes, patch, patch) to `measures` (1, slots, outputs). It
/// measures as many objects at once as it has slots.
pub fn to_onnx(gauge: &Gauge, slots: usize) -> Vec<u8> {
    let channels = gauge.convolutions.first().map_or(0, |c| c.weight.val().dims()[1]);
    let n = slots as i64;
    let side = PATCH as i64;
    let mut g = Graph::new("gauge");
    let patches = g.input("patches", &[1, slots, channels, PATCH, PATCH]);
    let x = g.reshape(&patches, &[n, channels as i64, side, side]);
    let half = g.constant(&[], &[0.5]);
    let mut x = g.sub(&x, &half);
    for layer in &gauge.convolutions {
        let y = conv(&mut g, &x, layer, 1);
        x = g.relu(&y);
    }
    let x = g.flatten(&x, 1);
    let hidden = linear(&mut g, &x, &gauge.hidden);
    let hidden = g.relu(&hidden);
    let answer = linear(&mut g, &hidden, &gauge.head);
    let answer = g.reshape(&answer, &[1, n, OUTPUTS as i64]);
    g.output("measures", &answer, &[1, slots, OUTPUTS]);
    g.finish()
}
