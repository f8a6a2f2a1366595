//! Estimates of the cost to the goal. One file each; each declares its properties, and a test holds
//! every declared property against true costs on small tasks.

mod blind;
mod ff;
mod goal_count;
mod hmax;
mod landmarks;
mod lmcut;
mod pdb;
mod queue;
mod refined;
pub(crate) mod relaxation;

pub use blind::Blind;
pub use ff::{Add, Ff};
pub use goal_count::GoalCount;
pub use hmax::HMax;
pub use landmarks::LandmarkCount;
pub use lmcut::LmCut;
pub use pdb::{Pdb, PdbEffort};
pub use refined::Refined;
pub use relaxation::CostType;

use crate::search::OperatorId;

/// What a heuristic promises about its estimates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Properties {
    /// Name as in `--search astar-NAME`.
    pub name: &'static str,
    /// Where it comes from.
    pub paper: &'static str,
    /// Never above the true cost.
    pub admissible: bool,
    /// Never falls by more than the cost of a transition; 0 in goal states.
    pub consistent: bool,
    /// Calls only those states dead ends that are.
    pub safe: bool,
}

/// An estimate of the cost from a state to the goal. All take conditional effects, axioms and
/// numeric conditions into account as far as they go; see `relaxation` for how.
pub trait Heuristic {
    /// What it promises.
    fn properties(&self) -> Properties;

    /// The estimate for a packed state; nothing for a dead end.
    fn estimate(&mut self, state: &[u64]) -> Option<u32>;

    /// A better estimate for a packed state that takes longer, if there is one.
    fn refine(&mut self, state: &[u64]) -> Option<u32> {
        self.estimate(state)
    }

    /// Memory of the tables made before the search, bytes.
    fn table_bytes(&self) -> usize {
        0
    }
}

/// A heuristic that also tells which operators look helpful, and may learn from the way by which a
/// state was reached.
pub trait Estimator: Heuristic {
    /// The estimate for a packed state, nothing for a dead end; helpful operators applicable in it
    /// are appended to `preferred`.
    fn estimate_and_prefer(
        &mut self,
        state: &[u64],
        preferred: &mut Vec<OperatorId>,
    ) -> Option<u32>;

    /// As [`Estimator::estimate_and_prefer`], for a state with its id in the search.
    fn estimate_and_prefer_at(
        &mut self,
        _id: u32,
        state: &[u64],
        preferred: &mut Vec<OperatorId>,
    ) -> Option<u32> {
        self.estimate_and_prefer(state, preferred)
    }

    /// An operator led from one state to another, by their ids in the search; `state` is the second.
    fn transition(&mut self, _from: u32, _to: u32, _state: &[u64]) {}

    /// Memory that grows with the search, bytes.
    fn bytes(&self) -> usize {
        0
    }
}
