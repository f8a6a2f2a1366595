use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::Device;

use super::batch::batch;
use super::loss::loss;
use super::model::{Detector, DetectorConfig};
use crate::dice::{Dice, Stream};
use crate::scenes::{Frame, View};
use crate::schedule::rate;

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

/// What is told after every batch.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Batches done and to do.
    pub step: usize,
    /// See `step`.
    pub steps: usize,
    /// Loss of this batch.
    pub loss: f32,
}

/// Trains a detector from random weights.
pub fn train(
    frames: &[Frame],
    config: DetectorConfig,
    options: TrainOptions,
    told: &mut dyn FnMut(Progress),
) -> Detector {
    let device = Device::flex().autodiff();
    device.seed(options.seed);
    let mut model = Detector::new(config, &device);
    let mut optimiser = AdamConfig::new().init();
    let mut dice = Dice::new(options.seed, Stream::Training);
    let steps = options.epochs * (frames.len() / options.batch);
    let mut step = 0;
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
            let batch = batch(&views, config.pixels, config.landmarks, &gains, &device);
            let answer = model.forward(batch.pictures.clone(), batch.cameras.clone());
            let loss = loss(answer, &batch);
            let value = loss.clone().into_scalar::<f32>();
            let gradients = GradientsParams::from_grads(loss.backward(), &model);
            model = optimiser.step(rate(options.rate, step, steps), model, gradients);
            step += 1;
            told(Progress { step, steps, loss: value });
        }
    }
    model.valid()
}
