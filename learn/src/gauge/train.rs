use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use ergon_perception::gauge::{EDGE_UNIT, PATCH, PLACE_UNIT, SHARE, Square, planes, told_planes};
use rayon::prelude::*;

use super::model::Gauge;
use crate::descent::{Descent, cross_entropy, laplace, seeded};
use crate::dice::{Dice, Stream};
use crate::scenes::{Frame, View};
use crate::walk::{Keeper, Walk};

/// How wrong the detector may be: its centre in edges and the logarithm of its edge, at most.
const OFF_CENTRE: f64 = 0.35;
const OFF_EDGE: f64 = 0.45;
/// Share of patches that show something else.
const ELSEWHERE: f64 = 0.15;
/// Targets of a patch: asked, there, column, row, logarithm of the edge, cosine, sine.
const TARGETS: usize = 7;
/// Range of the logarithm of a scale.
const LOG_SCALE: [f32; 2] = [-4.0, 4.0];

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

/// Trains a gauge from random weights, or from where an earlier run left it.
///
/// # Errors
/// Those of the keeper.
pub fn train(
    frames: &[Frame],
    options: GaugeOptions,
    keeper: &mut dyn Keeper,
) -> Result<Gauge, String> {
    let device = Device::flex().autodiff();
    let classes = frames.first().map_or(0, |f| f.views.first().map_or(0, |v| v.objects.len()));
    let model = seeded(options.seed, &device, || Gauge::new(classes, &device));
    let descent = Descent::new(options.rate, options.steps);
    let mut walk = Walk::begin(model, descent, keeper, "gauge")?;
    let items = items(frames);
    let mut dice = Dice::new(options.seed, Stream::Training);
    for step in 0..options.steps {
        let drawn: Vec<(Item<'_>, u64)> = (0..options.batch)
            .map(|i| (items[dice.below(items.len())], (step * options.batch + i) as u64))
            .collect();
        walk.batch(|model| {
            let (patches, targets) = batch(&drawn, options.seed, &device);
            loss(model.forward(patches), &targets)
        })?;
    }
    Ok(walk.end().valid())
}

/// A patch around an object as the detector might ask for it, and what is true of it.
fn draw(item: Item<'_>, dice: &mut Dice, out: &mut [f32]) -> [f32; TARGETS] {
    let (view, class) = item;
    let object = &view.objects[class];
    let edge = f64::from(object.edge);
    let mut centre = object.centre.map(f64::from);
    let there = !dice.chance(ELSEWHERE);
    if there {
        centre = centre.map(|c| c + edge * dice.between(-OFF_CENTRE, OFF_CENTRE));
    } else {
        centre = centre.map(|_| dice.between(0.0, view.picture.width() as f64));
    }
    let square = Square::around(centre, edge * dice.between(-OFF_EDGE, OFF_EDGE).exp());
    let area = PATCH * PATCH;
    square.cut(&view.picture, &mut out[..3 * area]);
    let all = dice.between(0.85, 1.15);
    for plane in out[..3 * area].chunks_exact_mut(area) {
        let gain = (all * dice.between(0.95, 1.05)) as f32;
        plane.iter_mut().for_each(|x| *x = (*x * gain).min(1.0));
    }
    told_planes(class, object.shape, &mut out[3 * area..]);
    let half = square.width / 2.0;
    let offset = [0, 1].map(|k| (f64::from(object.centre[k]) - square.middle[k]) / half);
    let far = offset.iter().any(|o| o.abs() > 1.0);
    // Something that is neither in the middle nor far is not asked for.
    let asked = there || far;
    let log_edge = (edge / (square.width * SHARE)).ln();
    let flag = |b: bool| if b { 1.0 } else { 0.0 };
    let [c, s] = object.turn;
    [flag(asked), flag(there), offset[0] as f32, offset[1] as f32, log_edge as f32, c, s]
}

fn batch(drawn: &[(Item<'_>, u64)], seed: u64, device: &Device) -> (Tensor<4>, Tensor<2>) {
    let classes = drawn.first().map_or(0, |((view, _), _)| view.objects.len());
    let length = planes(classes) * PATCH * PATCH;
    let n = drawn.len();
    let mut patches = vec![0.0f32; n * length];
    let targets: Vec<[f32; TARGETS]> = patches
        .par_chunks_mut(length)
        .zip(drawn)
        .map(|(out, (item, index))| {
            draw(*item, &mut Dice::new(seed ^ (index << 20), Stream::Training), out)
        })
        .collect();
    let patches =
        Tensor::from_data(TensorData::new(patches, [n, planes(classes), PATCH, PATCH]), device);
    let targets = TensorData::new(targets.concat(), [n, TARGETS]);
    (patches, Tensor::from_data(targets, device))
}

fn loss(answer: Tensor<2>, targets: &Tensor<2>) -> Tensor<1> {
    let part = |t: &Tensor<2>, from, len| t.clone().narrow(1, from, len);
    let there = part(targets, 1, 1);
    let found = cross_entropy(part(&answer, 0, 1), there.clone()) * part(targets, 0, 1);
    let place = (part(&answer, 1, 2) - part(targets, 2, 2)) / PLACE_UNIT as f32;
    let place = laplace(place, part(&answer, 3, 1), LOG_SCALE);
    let edge = (part(&answer, 4, 1) - part(targets, 4, 1)) / EDGE_UNIT as f32;
    let edge = laplace(edge, part(&answer, 5, 1), LOG_SCALE);
    let turn = (part(&answer, 6, 2) - part(targets, 5, 2)).abs().sum_dim(1);
    (found + (place + edge + turn) * there).mean()
}
