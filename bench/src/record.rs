//! What an episode and an experiment came to, as data.

use serde::{Deserialize, Serialize};

use crate::wilson;

/// One episode. Holds nothing that depends on the machine: the same seed gives the same record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpisodeRecord {
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the method.
    pub method: String,
    /// The seed.
    pub seed: u64,
    /// The judge's strict verdict.
    pub success: bool,
    /// The goal holds by the reference experiment's looser definition.
    pub success_reference: bool,
    /// Share of the goal's literals that hold at the end, 0 to 1.
    pub goal_share: f64,
    /// How the agent ended: `solved`, `unsolvable`, `gave-up`.
    pub outcome: String,
    /// Why it ended without success, in the agent's view.
    pub reason: String,
    /// Control steps that the agent took.
    pub steps: u64,
    /// The same as time, s.
    pub time_secs: f64,
    /// Actions in the first plan.
    pub first_plan: Option<usize>,
    /// Actions that ended with their expected effects.
    pub actions: u32,
    /// Actions tried once more.
    pub retries: u32,
    /// Plans made after the first.
    pub replans: u32,
    /// What disturbed the scene.
    pub disturbances: Vec<String>,
    /// Where a law of the task was broken.
    pub violations: Vec<String>,
    /// Carried bodies that fell.
    pub drops: u32,
    /// Carried bodies that came to rest where no legal state has them.
    pub misplaced: u32,
    /// Times that a link or the hand began to touch something.
    pub collisions: u32,
    /// Work of the arm's joints, J: the positive part of torque times velocity. Its own weight is balanced.
    pub work_joules: f64,
    /// Digest of the simulator's final state.
    pub digest: String,
}

/// Figures over the episodes of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the method.
    pub method: String,
    /// Number of episodes.
    pub episodes: usize,
    /// Episodes that the judge calls a success, strictly.
    pub successes: usize,
    /// Wilson 95 % interval of the strict success rate.
    pub success_interval: [f64; 2],
    /// Episodes that succeed by the reference's definition.
    pub successes_reference: usize,
    /// Means over the successful episodes: simulated time, s.
    pub mean_time_secs: f64,
    /// Simulated time for one move (one pick and one place), s, over the successful episodes.
    pub mean_move_secs: f64,
    /// Means over all episodes: retries.
    pub mean_retries: f64,
    /// And new plans.
    pub mean_replans: f64,
    /// Broken laws over all episodes.
    pub violations: usize,
}

impl Summary {
    /// Sums records up; they are of one scenario and method.
    pub fn of(records: &[EpisodeRecord]) -> Self {
        let count = |test: fn(&EpisodeRecord) -> bool| records.iter().filter(|r| test(r)).count();
        let successes = count(|r| r.success);
        let good: Vec<&EpisodeRecord> = records.iter().filter(|r| r.success).collect();
        let time: f64 = good.iter().map(|r| r.time_secs).sum();
        let moves: f64 = good.iter().map(|r| f64::from(r.actions) / 2.0).sum();
        let mean = |sum: f64, n: usize| if n == 0 { 0.0 } else { sum / n as f64 };
        let first = records.first();
        Self {
            scenario: first.map(|r| r.scenario.clone()).unwrap_or_default(),
            method: first.map(|r| r.method.clone()).unwrap_or_default(),
            episodes: records.len(),
            successes,
            success_interval: wilson(successes, records.len()),
            successes_reference: count(|r| r.success_reference),
            mean_time_secs: mean(time, good.len()),
            mean_move_secs: if moves > 0.0 { time / moves } else { 0.0 },
            mean_retries: mean(records.iter().map(|r| f64::from(r.retries)).sum(), records.len()),
            mean_replans: mean(records.iter().map(|r| f64::from(r.replans)).sum(), records.len()),
            violations: records.iter().map(|r| r.violations.len()).sum(),
        }
    }
}
