//! Two heuristics, one fast, one slow.

use super::{Heuristic, Properties};

/// The estimates of a fast heuristic, refined by those of a slow one: the larger of both.
#[derive(Clone, Debug)]
pub struct Refined<F, S> {
    fast: F,
    slow: S,
}

impl<F: Heuristic, S: Heuristic> Refined<F, S> {
    /// Of a fast and a slow heuristic.
    pub fn new(fast: F, slow: S) -> Self {
        Self { fast, slow }
    }
}

impl<F: Heuristic, S: Heuristic> Heuristic for Refined<F, S> {
    fn properties(&self) -> Properties {
        let (fast, slow) = (self.fast.properties(), self.slow.properties());
        Properties {
            name: "refined",
            paper: "Tolpin et al. 2013, Towards rational deployment of multiple heuristics in A*",
            admissible: fast.admissible && slow.admissible,
            // Of some states the one is told, of some the other.
            consistent: false,
            safe: fast.safe && slow.safe,
        }
    }

    #[inline]
    fn estimate(&mut self, state: &[u64]) -> Option<u32> {
        self.fast.estimate(state)
    }

    fn refine(&mut self, state: &[u64]) -> Option<u32> {
        let (fast, slow) = (self.fast.refine(state)?, self.slow.refine(state)?);
        Some(fast.max(slow))
    }

    fn table_bytes(&self) -> usize {
        self.fast.table_bytes() + self.slow.table_bytes()
    }
}
