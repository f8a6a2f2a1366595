//! Random numbers that are the same on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a stream of random numbers decides, so that one more draw here moves nothing there.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub(crate) enum Stream {
    /// What stands where in a random cell, and how it looks.
    Cell = 16,
    /// What the expert is asked to do, and the noise on its motion.
    Expert,
    /// Weights, order of batches, augmentation.
    #[cfg_attr(not(feature = "train"), expect(dead_code, reason = "only training draws from it"))]
    Training,
    /// Order of a pass over all samples.
    #[cfg_attr(not(feature = "train"), expect(dead_code, reason = "only training draws from it"))]
    Order,
}

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub(crate) fn new(seed: u64, stream: Stream) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream as u64);
        Self(rng)
    }

    /// Uniform in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with this probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform over 0 .. n.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }

    /// Uniform in [low, high).
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Gaussian around 0.
    pub(crate) fn normal(&mut self, std: f64) -> f64 {
        // The sum of twelve uniform numbers has variance 1; it needs no logarithm and has no far tails.
        std * ((0..12).map(|_| self.unit()).sum::<f64>() - 6.0)
    }

    /// Brings a list into random order.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i + 1));
        }
    }
}
