use burn::module::Module;
use burn::tensor::Device;

use super::batch::{Batch, Samples};
use super::head::HeadKind;
use super::model::Network;
use crate::checkpoint::TrainingState;
use crate::descent::{Descent, Progress, seeded};
use crate::dice::{Dice, Stream};

/// How to train.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VlaOptions {
    /// Seed of weights, order and light.
    pub seed: u64,
    /// Batches.
    pub steps: usize,
    /// Samples in a batch.
    pub batch: usize,
    /// Highest learning rate.
    pub rate: f64,
    /// How commands are made.
    pub head: HeadKind,
}

/// A policy in training. What is drawn for a batch follows from the seed and the batch's number alone.
pub struct Trainee {
    options: VlaOptions,
    device: Device,
    network: Network,
    descent: Descent,
    /// The pass over all samples that `order` is of.
    pass: usize,
    order: Vec<u32>,
}

impl Trainee {
    /// A policy of random weights.
    pub fn new(options: VlaOptions, samples: &Samples<'_>) -> Self {
        let device = Device::flex().autodiff();
        let words = samples.vocabulary().numbers();
        let build = || Network::new(samples.cameras(), words, options.head, &device);
        let network = seeded(options.seed, &device, build);
        let descent = Descent::new(options.rate, options.steps);
        Self { options, device, network, descent, pass: usize::MAX, order: Vec::new() }
    }

    /// The policy of a checkpoint.
    ///
    /// # Errors
    /// The checkpoint is of another network; the text says how.
    pub fn resumed(
        options: VlaOptions,
        samples: &Samples<'_>,
        state: &TrainingState,
    ) -> Result<Self, String> {
        let mut fresh = Self::new(options, samples);
        (fresh.network, fresh.descent) = fresh.descent.resumed(fresh.network, state)?;
        Ok(fresh)
    }

    /// What is needed to go on.
    ///
    /// # Errors
    /// The framework cannot write its state: a bug.
    pub fn state(&self) -> Result<TrainingState, String> {
        self.descent.state(&self.network)
    }

    /// The policy as it is now.
    pub fn network(&self) -> Network {
        self.network.valid()
    }

    /// Batches that were learnt.
    pub fn step(&self) -> usize {
        self.descent.steps_done()
    }

    /// Whether all batches were learnt.
    pub fn is_done(&self) -> bool {
        self.step() >= self.options.steps
    }

    /// Learns one batch.
    pub fn learn(&mut self, samples: &Samples<'_>) -> Progress {
        let step = self.step();
        let size = self.options.batch.min(samples.len());
        let batches = samples.len() / size.max(1);
        let (pass, at) = (step / batches.max(1), step % batches.max(1));
        if pass != self.pass {
            self.pass = pass;
            self.order = (0..samples.len() as u32).collect();
            Dice::new(self.seed_of(pass), Stream::Order).shuffle(&mut self.order);
        }
        let mut dice = Dice::new(self.seed_of(step), Stream::Training);
        let chosen = &self.order[at * size..(at + 1) * size];
        let batch = samples.batch(chosen, &mut dice, &self.device);
        let Batch { pictures, words, proprioception, roots, weights } = batch;
        let seen = self.network.seen(pictures, words, proprioception);
        let loss = self.network.head.loss(seen, roots, weights, &mut dice);
        let (better, progress) = self.descent.step(self.network.clone(), loss);
        self.network = better;
        progress
    }

    fn seed_of(&self, number: usize) -> u64 {
        self.options.seed.wrapping_mul(1 << 32).wrapping_add(number as u64)
    }
}
