use burn::module::Module;
use burn::tensor::Device;

use super::LANDMARKS;
use super::batch::{Item, batch};
use super::loss::loss;
use super::model::{Detector, DetectorConfig};
use crate::descent::{Descent, seeded};
use crate::dice::{Dice, Stream};
use crate::scenes::Frame;
use crate::walk::{Keeper, Walk};

/// How to train.
#[derive(Clone, Copy, Debug)]
pub struct TrainOptions {
    /// Seed of weights and order.
    pub seed: u64,
    /// Passes over all frames.
    pub epochs: usize,
    /// Frames in a batch.
    pub batch: usize,
    /// Highest learning rate.
    pub rate: f64,
}

/// Trains a detector from random weights, or from where an earlier run left it.
///
/// # Errors
/// Those of the keeper.
pub fn train(
    frames: &[Frame],
    config: DetectorConfig,
    options: TrainOptions,
    keeper: &mut dyn Keeper,
) -> Result<Detector, String> {
    let device = Device::flex().autodiff();
    let model = seeded(options.seed, &device, || Detector::new(config, &device));
    let mut dice = Dice::new(options.seed, Stream::Training);
    let steps = options.epochs * (frames.len() / options.batch);
    let mut walk = Walk::begin(model, Descent::new(options.rate, steps), keeper, "detector")?;
    let mut order: Vec<usize> = (0..frames.len()).collect();
    for _ in 0..options.epochs {
        dice.shuffle(&mut order);
        for chosen in order.chunks_exact(options.batch) {
            let views = chosen.iter().flat_map(|&i| frames[i].views.iter().enumerate());
            let items: Vec<Item<'_>> = views
                .map(|(camera, view)| {
                    let all = dice.between(0.85, 1.15);
                    let gain = [0, 1, 2].map(|_| (all * dice.between(0.95, 1.05)) as f32);
                    Item { camera, view, gain, astray: dice.between(0.0, 1.0) }
                })
                .collect();
            walk.batch(|model| {
                let batch = batch(&items, config.pixels, LANDMARKS, &device);
                let (pictures, cameras) = (batch.pictures.clone(), batch.cameras.clone());
                loss(model.forward(pictures, cameras, batch.asked.clone()), &batch)
            })?;
        }
    }
    Ok(walk.end().valid())
}
