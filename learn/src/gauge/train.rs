use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::activation::log_sigmoid;
use burn::tensor::{Device, Tensor, TensorData};
use ergon_perception::gauge::{EDGE_UNIT, PATCH, PLACE_UNIT, SHARE, Square, class_planes};
use rayon::prelude::*;

use super::model::{Gauge, OUTPUTS};
use crate::detector::Progress;
use crate::dice::{Dice, Stream};
use crate::scenes::{Frame, View};
use crate::schedule::rate;

/// How wrong the detector may be: its centre in edges and the logarithm of its edge, at most.
const OFF_CENTRE: f64 = 0.35;
const OFF_EDGE: f64 = 0.35;
/// Share of patches that show something else.
const ELSEWHERE: f64 = 0.15;
/// Targets of a patch: asked, there, column, row, logarithm of the edge, cosine, sine.
const TARGETS: usize = 7;

/// How to train.
#[derive(Clone, Copy, Debug)]
pub struct GaugeOptions {
    /// Seed of weights and order.
    pub seed: u64,
    /// Batches.
    pub steps: usize,
    /// Patches in a batch.
    pub batch: usize,
    /// Highest learning rate.
    pub rate: f64,
}

/// An object in a view of a frame.
type Item<'a> = (&'a View, usize);

fn items(frames: &[Frame]) -> Vec<Item<'_>> {
    let views = frames.iter().flat_map(|f| &f.views);
    views
        .flat_map(|view| {
            let seen = view.objects.iter().enumerate().filter(|(_, o)| o.seen);
            seen.map(move |(class, _)| (view, class))
        })
        .collect()
}

/// Trains a gauge from random weights.
pub fn train(
    frames: &[Frame],
    pixels: usize,
    options: GaugeOptions,
    told: &mut dyn FnMut(Progress),
) -> Gauge {
    let device = Device::flex().autodiff();
    device.seed(options.seed);
    let classes = frames.first().map_or(0, |f| f.views.first().map_or(0, |v| v.objects.len()));
    let mut model = Gauge::new(classes, &device);
    let mut optimiser = AdamConfig::new().init();
    let items = items(frames);
    let mut dice = Dice::new(options.seed, Stream::Training);
    for step in 0..options.steps {
        let drawn: Vec<(Item<'_>, u64)> = (0..options.batch)
            .map(|i| (items[dice.below(items.len())], (step * options.batch + i) as u64))
            .collect();
        let (loss, value) = loss(&model, &drawn, pixels, options.seed, &device);
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        model = optimiser.step(rate(options.rate, step, options.steps), model, gradients);
        told(Progress { step: step + 1, steps: options.steps, loss: value });
    }
    model.valid()
}

/// A patch around an object as the detector might ask for it, and what is true of it.
fn draw(
    item: Item<'_>,
    pixels: usize,
    dice: &mut Dice,
    out: &mut [f32],
) -> (Square, [f32; TARGETS]) {
    let (view, class) = item;
    let object = &view.objects[class];
    let edge = f64::from(object.edge);
    let mut centre = object.centre.map(f64::from);
    let there = !dice.chance(ELSEWHERE);
    if there {
        centre = centre.map(|c| c + edge * dice.between(-OFF_CENTRE, OFF_CENTRE));
    } else {
        centre = centre.map(|_| dice.between(0.0, pixels as f64));
    }
    let square = Square::around(centre, edge * dice.between(-OFF_EDGE, OFF_EDGE).exp());
    square.cut(&view.rgb, [pixels; 2], out);
    let area = PATCH * PATCH;
    let all = dice.between(0.85, 1.15);
    for plane in out[..3 * area].chunks_exact_mut(area) {
        let gain = (all * dice.between(0.95, 1.05)) as f32;
        plane.iter_mut().for_each(|x| *x = (*x * gain).min(1.0));
    }
    class_planes(class, &mut out[3 * area..]);
    let half = square.width / 2.0;
    let offset = [0, 1].map(|k| (f64::from(object.centre[k]) - square.middle[k]) / half);
    let far = offset.iter().any(|o| o.abs() > 1.0);
    // Something that is neither in the middle nor far is not asked for.
    let asked = there || far;
    let log_edge = (edge / (square.width * SHARE)).ln();
    let flag = |b: bool| if b { 1.0 } else { 0.0 };
    let [c, s] = object.turn;
    let targets =
        [flag(asked), flag(there), offset[0] as f32, offset[1] as f32, log_edge as f32, c, s];
    (square, targets)
}

fn batch(
    drawn: &[(Item<'_>, u64)],
    pixels: usize,
    seed: u64,
    device: &Device,
) -> (Tensor<4>, Tensor<2>, Vec<Square>) {
    let classes = drawn.first().map_or(0, |((view, _), _)| view.objects.len());
    let length = (3 + classes) * PATCH * PATCH;
    let n = drawn.len();
    let mut patches = vec![0.0f32; n * length];
    let drawn: Vec<(Square, [f32; TARGETS])> = patches
        .par_chunks_mut(length)
        .zip(drawn)
        .map(|(out, (item, index))| {
            let mut dice = Dice::new(seed ^ (index << 20), Stream::Training);
            draw(*item, pixels, &mut dice, out)
        })
        .collect();
    let targets: Vec<f32> = drawn.iter().flat_map(|(_, t)| *t).collect();
    let patches =
        Tensor::from_data(TensorData::new(patches, [n, 3 + classes, PATCH, PATCH]), device);
    let targets = Tensor::from_data(TensorData::new(targets, [n, TARGETS]), device);
    (patches, targets, drawn.into_iter().map(|(s, _)| s).collect())
}

fn loss(
    model: &Gauge,
    drawn: &[(Item<'_>, u64)],
    pixels: usize,
    seed: u64,
    device: &Device,
) -> (Tensor<1>, f32) {
    let (patches, targets, _) = batch(drawn, pixels, seed, device);
    let answer = model.forward(patches);
    let part = |t: &Tensor<2>, from, len| t.clone().narrow(1, from, len);
    let there = part(&targets, 1, 1);
    let logits = part(&answer, 0, 1);
    let found = log_sigmoid(logits.clone()) * there.clone()
        + log_sigmoid(logits.neg()) * (there.clone().neg() + 1.0);
    let found = (found * part(&targets, 0, 1)).neg();
    let laplace = |error: Tensor<2>, log_scale: Tensor<2>, n: f32| {
        let log_scale = log_scale.clamp(-4.0, 4.0);
        error.abs().sum_dim(1) * log_scale.clone().neg().exp() + log_scale * n
    };
    let place = (part(&answer, 1, 2) - part(&targets, 2, 2)) / PLACE_UNIT as f32;
    let place = laplace(place, part(&answer, 3, 1), 2.0);
    let edge = (part(&answer, 4, 1) - part(&targets, 4, 1)) / EDGE_UNIT as f32;
    let edge = laplace(edge, part(&answer, 5, 1), 1.0);
    let turn = (part(&answer, 6, 2) - part(&targets, 5, 2)).abs().sum_dim(1);
    let loss = (found + (place + edge + turn) * there).mean();
    let value = loss.clone().into_scalar::<f32>();
    (loss, value)
}

/// Errors on frames it was not trained on, by camera.
pub fn evaluate(model: &Gauge, frames: &[Frame], pixels: usize) {
    let device = Device::flex();
    for camera in 0..2 {
        let chosen: Vec<Frame> =
            frames.iter().map(|f| Frame { views: vec![f.views[camera].clone()] }).collect();
        let items = items(&chosen);
        let (mut place, mut edge, mut turn, mut calib) = (vec![], vec![], vec![], vec![]);
        for chunk in items.chunks(64) {
            let drawn: Vec<(Item<'_>, u64)> =
                chunk.iter().enumerate().map(|(i, it)| (*it, i as u64)).collect();
            let (patches, targets, squares) = batch(&drawn, pixels, 99, &device);
            let a: Vec<f32> = model.forward(patches).into_data().try_to_vec().unwrap_or_default();
            let t: Vec<f32> = targets.into_data().try_to_vec().unwrap_or_default();
            for ((a, t), square) in
                a.chunks_exact(OUTPUTS).zip(t.chunks_exact(TARGETS)).zip(squares)
            {
                if t[1] < 0.5 {
                    continue;
                }
                let e = (a[1] - t[2]).hypot(a[2] - t[3]);
                place.push(e * square.width as f32 / 2.0);
                calib.push(e / (a[3].exp() * 0.1));
                edge.push((a[4] - t[4]).abs());
                let d = (a[7].atan2(a[6]) - t[6].atan2(t[5])) / 4.0;
                let q = std::f32::consts::FRAC_PI_2;
                turn.push((d - (d / q).round() * q).abs());
            }
        }
        let q = |v: &mut Vec<f32>, p: f64| {
            v.sort_by(f32::total_cmp);
            v.get((v.len() as f64 * p) as usize).copied().unwrap_or(0.0)
        };
        eprintln!(
            "gauge camera {camera}: n {} place px {:.2} {:.2} {:.2} (of scale {:.2} {:.2}); edge {:.3} {:.3}; turn {:.3} {:.3}",
            place.len(),
            q(&mut place, 0.5),
            q(&mut place, 0.95),
            q(&mut place, 0.99),
            q(&mut calib, 0.5),
            q(&mut calib, 0.95),
            q(&mut edge, 0.5),
            q(&mut edge, 0.95),
            q(&mut turn, 0.5),
            q(&mut turn, 0.95)
        );
    }
}
