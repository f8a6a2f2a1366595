//! The figures of the reference experiment.
//!
//! All are quoted from Duggan, Lorang, Lu, Scheutz: "The Price Is Not Right: Neuro-Symbolic Methods
//! Outperform VLAs on Structured Long-Horizon Manipulation Tasks with Significantly Lower Energy
//! Consumption", ICRA 2026, arXiv:2602.19260. What the paper does not print is marked as inferred.

use crate::wilson;

/// How the source is named beside its figures.
pub(super) const SOURCE: &str = "Duggan et al., ICRA 2026, arXiv:2602.19260";

/// What must be known before its figures are compared with others.
pub(super) const CAVEAT: &str = "The numbers of episodes are inferred, not printed in the paper: 50 for the \
    VLAs (17/50 = 34.0 %), 100 for the neuro-symbolic method, from percentages and released scripts; so are \
    the Wilson intervals. For the single move neither number nor protocol is published. Success \
    in the paper is close to the reference definition here, for the VLAs with all subtasks in the planner's \
    order. Its energy is that of the whole run on another machine: GPU \
    (RTX 4090) by Weights & Biases plus processor by RAPL, idle power and the simulator's rendering \
    included, so ratios within a source can be compared, joules across sources cannot. Energy per success \
    is inferred: energy per episode divided by the rate of success.";

/// A method of the paper on one of its tasks.
pub(super) struct PaperCell {
    /// The task by our name.
    pub(super) task: &'static str,
    /// Rate of success, 0 to 1.
    pub(super) success: f64,
    /// Successes and episodes, inferred; `None` where nothing can be inferred.
    pub(super) counts: Option<(usize, usize)>,
    /// Share of the subtasks that were completed, 0 to 1.
    pub(super) progress: Option<f64>,
    /// Energy of an episode, J.
    pub(super) joules: f64,
    /// Duration, s.
    pub(super) secs: Option<f64>,
}

impl PaperCell {
    /// Wilson's interval for the inferred counts.
    pub(super) fn interval(&self) -> Option<[f64; 2]> {
        self.counts.map(|(k, n)| wilson(k, n))
    }

    /// Energy of a success, J, inferred.
    pub(super) fn joules_per_success(&self) -> Option<f64> {
        (self.success > 0.0).then(|| self.joules / self.success)
    }
}

/// A method of the paper.
pub(super) struct PaperMethod {
    pub(super) name: &'static str,
    /// Table II: single move, three blocks, four blocks.
    pub(super) cells: [PaperCell; 3],
    /// Table I: wall time of the training, s, its energy on GPU and processor, J, and the demonstrations.
    pub(super) training_secs: f64,
    pub(super) training_joules: [f64; 2],
    pub(super) demonstrations: &'static str,
}

/// The paper's names for methods, tables I and II.
pub(super) const METHODS: [PaperMethod; 3] = [
    PaperMethod {
        name: "NSM",
        cells: [
            single(0.99, 120.0, 6.3),
            tower("3 blocks", (95, 100), 0.973, 830.0),
            tower("4 blocks", (78, 100), 0.844, 1440.0),
        ],
        training_secs: 34.0 * 60.0,
        training_joules: [0.65e6, 0.2e6],
        demonstrations: "50 single moves",
    },
    PaperMethod {
        name: "E2E-VLA",
        cells: [
            single(0.87, 1590.0, 13.8),
            tower("3 blocks", (17, 50), 0.496, 7960.0),
            tower("4 blocks", (0, 50), 0.025, 5770.0),
        ],
        training_secs: 145_560.0,
        training_joules: [61.7e6, 6.8e6],
        demonstrations: "300 whole episodes",
    },
    PaperMethod {
        name: "PG-VLA",
        cells: [
            single(0.596, 1410.0, 12.4),
            tower("3 blocks", (0, 50), 0.239, 6940.0),
            tower("4 blocks", (0, 50), 0.036, 4960.0),
        ],
        training_secs: 142_920.0,
        training_joules: [58.5e6, 6.4e6],
        demonstrations: "the same 300",
    },
];

const fn single(success: f64, joules: f64, secs: f64) -> PaperCell {
    let task = "single move";
    PaperCell { task, success, counts: None, progress: None, joules, secs: Some(secs) }
}

const fn tower(
    task: &'static str,
    counts: (usize, usize),
    progress: f64,
    joules: f64,
) -> PaperCell {
    let success = counts.0 as f64 / counts.1 as f64;
    let progress = Some(progress);
    PaperCell { task, success, counts: Some(counts), progress, joules, secs: None }
}

/// A language model that was asked for plans.
pub(super) struct PaperPlanner {
    pub(super) name: &'static str,
    /// Optimal, suboptimal and invalid plans, percent.
    pub(super) plans: [u32; 3],
    /// Latency of a query, s.
    pub(super) secs: f64,
    /// Energy of a query, J; `None` where it cannot be measured.
    pub(super) joules: Option<f64>,
}

/// Tables III and IV.
pub(super) const PLANNERS: [PaperPlanner; 3] = [
    PaperPlanner { name: "GPT-5", plans: [84, 0, 16], secs: 63.1, joules: None },
    PaperPlanner { name: "Qwen2.5-VL (7B)", plans: [0, 0, 100], secs: 1.83, joules: Some(269.2) },
    PaperPlanner { name: "PaliGemma (3B)", plans: [0, 0, 100], secs: 0.22, joules: Some(28.8) },
];

/// A method of the paper on one of our tasks, where the paper has it.
pub(super) fn cell<'a>(method: &'a PaperMethod, task: &str) -> Option<&'a PaperCell> {
    method.cells.iter().find(|c| c.task == task)
}
