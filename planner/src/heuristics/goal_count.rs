//! The goal-count heuristic.

use super::{Heuristic, Properties};
use crate::search::TransitionSystem;

/// Number of goal conditions that do not hold.
#[derive(Clone, Debug)]
pub struct GoalCount<'s> {
    system: &'s TransitionSystem<'s>,
}

impl<'s> GoalCount<'s> {
    /// For a transition system.
    pub fn new(system: &'s TransitionSystem<'s>) -> Self {
        Self { system }
    }
}

impl Heuristic for GoalCount<'_> {
    fn properties(&self) -> Properties {
        Properties {
            name: "goal-count",
            paper: "Fikes & Nilsson 1971, STRIPS",
            admissible: false,
            consistent: false,
            safe: true,
        }
    }

    fn estimate(&mut self, state: &[u64]) -> Option<u32> {
        let task = self.system.task();
        let missing = task.goal_holds.iter().filter(|&&a| !self.system.holds(a, state)).count();
        let present = task.goal_lacks.iter().filter(|&&a| self.system.holds(a, state)).count();
        let unmet = task.goal_compares.iter().filter(|&&c| !self.system.compare(c, state)).count();
        Some((missing + present + unmet) as u32)
    }
}
