use burn::tensor::Tensor;

use super::EDGE_SCALE;
use super::batch::Batch;
use super::model::Answer;
use crate::descent::{cross_entropy, laplace};

/// Range of the logarithm of a scale.
const LOG_SCALE: [f32; 2] = [-3.0, 4.0];
/// Weights of the parts.
const PLACE: f32 = 0.5;
const EDGE: f32 = 0.5;
const TURN: f32 = 0.5;
const ATTENTION: f32 = 0.3;

/// Mean loss over a batch: cross entropy of being seen, and, where seen, the negative logarithm of a
/// Laplace density of place and edge (whose scale the network gives), the distance of the turn, and the
/// cross entropy of the attention, which shows it early where to look.
pub(super) fn loss(answer: Answer, batch: &Batch) -> Tensor<1> {
    let n = answer.objects.dims()[0] as f32;
    let there = answer.attention.gather(2, batch.cells.clone());
    let seen = |t: &Tensor<3>| t.clone().narrow(2, 1, 1);
    let asked = Tensor::cat(vec![seen(&batch.objects), seen(&batch.landmarks)], 1);
    let attention = (there * asked).sum().neg() * ATTENTION;
    let (a, b) = (answer.objects, batch.objects.clone());
    let part = |t: &Tensor<3>, from, len| t.clone().narrow(2, from, len);
    let seen = part(&b, 1, 1);
    let mut loss = (cross_entropy(part(&a, 0, 1), seen.clone()) * part(&b, 0, 1)).sum();
    let place = laplace(part(&a, 1, 2) - part(&b, 2, 2), part(&a, 3, 1), LOG_SCALE);
    let edge =
        laplace((part(&a, 4, 1) - part(&b, 4, 1)) / EDGE_SCALE as f32, part(&a, 5, 1), LOG_SCALE);
    let turn = (part(&a, 6, 2) - part(&b, 5, 2)).abs().sum_dim(2);
    loss = loss + ((place * PLACE + edge * EDGE + turn * TURN) * seen).sum();
    let (a, b) = (answer.landmarks, batch.landmarks.clone());
    let seen = part(&b, 1, 1);
    loss = loss + (cross_entropy(part(&a, 0, 1), seen.clone()) * part(&b, 0, 1)).sum() * 0.3;
    let place = laplace(part(&a, 1, 2) - part(&b, 2, 2), part(&a, 3, 1), LOG_SCALE);
    loss = loss + (place * PLACE * 0.5 * seen).sum();
    (loss + attention) / n
}
