use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use ergon_controller::learned::{ACTION, FEATURES, PATCH};
use rayon::prelude::*;

use super::model::{CHUNK, Policy};
use super::samples::{Sample, Samples};
use crate::descent::{Descent, cross_entropy, seeded};
use crate::dice::{Dice, Stream};
use crate::walk::{Keeper, Walk};

/// Weight of the first command of a chunk, which is the one that is executed; the others have 1.
const FIRST: f32 = 3.0;
/// Weight of the logit of having reached the end.
const DONE: f32 = 0.3;

/// How to train.
#[derive(Clone, Copy, Debug)]
pub struct SkillOptions {
    /// Seed of weights, order and mistakes.
    pub seed: u64,
    /// Samples in a batch.
    pub batch: usize,
    /// Highest learning rate.
    pub rate: f64,
}

/// A policy in training.
pub struct Apprentice {
    options: SkillOptions,
    device: Device,
    model: Policy,
    dice: Dice,
    epoch: usize,
    phase: usize,
}

impl Apprentice {
    /// A policy of random weights.
    pub fn new(options: SkillOptions) -> Self {
        let device = Device::flex().autodiff();
        let model = seeded(options.seed, &device, || Policy::new(&device));
        let dice = Dice::new(options.seed, Stream::Training);
        Self { options, device, model, dice, epoch: 0, phase: 0 }
    }

    /// The policy as it is now.
    pub fn policy(&self) -> Policy {
        self.model.valid()
    }

    /// Goes over all demonstrations so many times, each time with new mistakes: a phase of the training.
    ///
    /// # Errors
    /// Those of the keeper.
    pub fn train(
        mut self,
        samples: &Samples<'_>,
        epochs: usize,
        keeper: &mut dyn Keeper,
    ) -> Result<Self, String> {
        if epochs == 0 {
            return Ok(self);
        }
        let phase = format!("skills-{}", self.phase);
        self.phase += 1;
        let mut pool = self.pool(samples);
        let steps = epochs * (pool.len() / self.options.batch);
        let descent = Descent::new(self.options.rate, steps);
        let mut walk = Walk::begin(self.model.clone(), descent, keeper, &phase)?;
        for epoch in 0..epochs {
            if epoch > 0 {
                pool = self.pool(samples);
            }
            for chosen in pool.chunks_exact(self.options.batch) {
                walk.batch(|model| loss(model, chosen, &self.device))?;
            }
        }
        self.model = walk.end();
        Ok(self)
    }

    /// The samples of the next pass, in its order.
    fn pool(&mut self, samples: &Samples<'_>) -> Vec<Sample> {
        let mut pool = epoch_samples(samples, self.options.seed, self.epoch);
        self.epoch += 1;
        self.dice.shuffle(&mut pool);
        pool
    }
}

/// All samples once, each execution with mistakes of its own.
fn epoch_samples(samples: &Samples<'_>, seed: u64, epoch: usize) -> Vec<Sample> {
    let drawn: Vec<Vec<Sample>> = (0..samples.len())
        .into_par_iter()
        .map(|i| {
            let own = seed.wrapping_add(((epoch * samples.len() + i) as u64) << 8);
            samples.of(i, &mut Dice::new(own, Stream::Training))
        })
        .collect();
    drawn.into_iter().flatten().collect()
}

fn loss(model: &Policy, batch: &[Sample], device: &Device) -> Tensor<1> {
    let n = batch.len();
    let floats = |data: Vec<f32>, width: usize| -> Tensor<2> {
        Tensor::from_data(TensorData::new(data, [n, width]), device)
    };
    let patches = batch.iter().flat_map(|s| s.patch.iter().copied()).collect::<Vec<f32>>();
    let patches = Tensor::from_data(TensorData::new(patches, [n, 3, PATCH, PATCH]), device);
    let features = floats(batch.iter().flat_map(|s| s.features).collect(), FEATURES);
    let actions = floats(batch.iter().flat_map(|s| s.actions).collect(), CHUNK * ACTION);
    let done = floats(batch.iter().map(|s| if s.done { 1.0 } else { 0.0 }).collect(), 1);
    let weights: Vec<f32> = (0..CHUNK * ACTION)
        .map(|i| (if i < ACTION { FIRST } else { 1.0 }) / (CHUNK * ACTION) as f32)
        .collect();
    let weights = Tensor::<1>::from_floats(weights.as_slice(), device).unsqueeze::<2>();
    let (commands, logits) = model.forward(patches, features);
    let off = ((commands - actions).abs() * weights).sum() / n as f32;
    off + cross_entropy(logits, done).mean() * DONE
}
