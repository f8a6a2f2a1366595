use burn::module::Module;
use burn::tensor::Device;

use super::batch::batch;
use super::loss::loss;
use super::model::{Detector, DetectorConfig};
use crate::descent::{Descent, seeded};
use crate::dice::{Dice, Stream};
use crate::scenes::{Frame, View};
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
            let views: Vec<(usize, &View)> =
                chosen.iter().flat_map(|&i| frames[i].views.iter().enumerate()).collect();
            let gains: Vec<[f32; 3]> = views
                .iter()
                .map(|_| {
                    let all = dice.between(0.85, 1.15);
                    [0, 1, 2].map(|_| (all * dice.between(0.95, 1.05)) as f32)
                })
                .collect();
            walk.batch(|model| {
                let batch = batch(&views, config.pixels, config.landmarks, &gains, &device);
                let answer = model.forward(batch.pictures.clone(), batch.cameras.clone());
                loss(answer, &batch)
            })?;
        }
    }
    Ok(walk.end().valid())
}
