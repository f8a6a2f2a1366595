use burn::tensor::Tensor;
use burn::tensor::activation::log_sigmoid;

use super::EDGE_SCALE;
use super::batch::Batch;
use super::model::Answer;

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
    let mut loss = cross_entropy(part(&a, 0, 1), seen.clone(), part(&b, 0, 1));
    let place = laplace(part(&a, 1, 2) - part(&b, 2, 2), part(&a, 3, 1));
    let edge = laplace((part(&a, 4, 1) - part(&b, 4, 1)) / EDGE_SCALE as f32, part(&a, 5, 1));
    let turn = (part(&a, 6, 2) - part(&b, 5, 2)).abs().sum_dim(2);
    loss = loss + ((place * PLACE + edge * EDGE + turn * TURN) * seen).sum();
    let (a, b) = (answer.landmarks, batch.landmarks.clone());
    let seen = part(&b, 1, 1);
    loss = loss + cross_entropy(part(&a, 0, 1), seen.clone(), part(&b, 0, 1)) * 0.3;
    let place = laplace(part(&a, 1, 2) - part(&b, 2, 2), part(&a, 3, 1));
    loss = loss + (place * PLACE * 0.5 * seen).sum();
    (loss + attention) / n
}

/// Negative logarithm of a Laplace density, summed over the components. Shape (n, m, 1).
fn laplace(error: Tensor<3>, log_scale: Tensor<3>) -> Tensor<3> {
    let log_scale = log_scale.clamp(LOG_SCALE[0], LOG_SCALE[1]);
    let components = error.dims()[2] as f32;
    error.abs().sum_dim(2) * log_scale.clone().neg().exp() + log_scale * components
}

/// Cross entropy of logits, summed where it is asked.
fn cross_entropy(logits: Tensor<3>, truth: Tensor<3>, asked: Tensor<3>) -> Tensor<1> {
    let yes = log_sigmoid(logits.clone()) * truth.clone();
    let no = log_sigmoid(logits.neg()) * (truth.neg() + 1.0);
    ((yes + no) * asked).sum().neg()
}
