//! The blind heuristic.

use super::{Heuristic, Properties};
use crate::search::TransitionSystem;

/// 0 in goal states, the smallest operator cost elsewhere. The cheapest to compute, and the best
/// choice where a task has few states or its relaxation tells little, as in Hanoi.
#[derive(Clone, Debug)]
pub struct Blind<'s> {
    system: &'s TransitionSystem<'s>,
    step: u32,
}

impl<'s> Blind<'s> {
    /// For a transition system.
    pub fn new(system: &'s TransitionSystem<'s>) -> Self {
        let step = system.task().operators.iter().map(|o| o.cost).min().unwrap_or(0);
        Self { system, step }
    }
}

impl Heuristic for Blind<'_> {
    fn properties(&self) -> Properties {
        Properties {
            name: "blind",
            paper: "folklore; as in Helmert 2006, The Fast Downward planning system",
            admissible: true,
            consistent: true,
            safe: true,
        }
    }

    #[inline]
    fn estimate(&mut self, state: &[u64]) -> Option<u32> {
        Some(if self.system.is_goal(state) { 0 } else { self.step })
    }
}
