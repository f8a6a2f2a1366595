//! Search: from a ground task to a sequence of operators.

mod axioms;
mod control;
mod eager;
mod ehc;
mod graph;
mod improve;
mod lazy;
mod open;
mod options;
mod packing;
pub mod portfolio;
mod registry;
mod successors;
mod transitions;

use std::time::Duration;

use ergon_vocab::Limit;

pub use eager::Order;
pub use graph::{StateSpace, Transition, Visited};
pub use options::{Limits, SearchKind, SearchOptions, UnknownSearch};
pub(crate) use packing::Field;
pub use successors::OperatorId;
pub use transitions::{Scratch, TransitionSystem};

pub use portfolio::search;

/// How a search ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchOutcome {
    /// The operators of a plan, in order.
    Solved(Vec<OperatorId>),
    /// Every state that could lead to a goal has been seen; none satisfies it.
    Unsolvable,
    /// A limit came first.
    OutOf(Limit),
}

/// What a search did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// States whose successors were made, counted again when reopened.
    pub expanded: u64,
    /// Successors made.
    pub generated: u64,
    /// States given to the heuristic.
    pub evaluated: u64,
    /// Closed states to which a cheaper way was found.
    pub reopened: u64,
    /// States that the heuristic called dead ends.
    pub dead_ends: u64,
    /// Different states met.
    pub states: u64,
    /// Largest memory of the search tables, bytes, by estimate.
    pub peak_bytes: u64,
    /// Ground operators.
    pub operators: u64,
    /// Ground atoms that can change and matter.
    pub atoms: u64,
    /// Whether the plan found is proven to be one of least cost.
    pub optimal: bool,
    /// Whether the costs of steps are what the metric of the problem counts, unscaled.
    pub costs_are_metric: bool,
    /// What the costs of steps have been multiplied with, so that they are whole numbers: a power of ten,
    /// which may differ from state to state. Zero where nothing was searched.
    pub cost_scale: u32,
    /// Time spent grounding.
    pub ground_time: Duration,
    /// Time spent searching.
    pub search_time: Duration,
}

impl Report {
    /// The report of two searches that rest beside each other.
    fn beside(self, other: Self) -> Self {
        Self { peak_bytes: self.peak_bytes + other.peak_bytes, ..other.after(self) }
    }

    /// The report of two searches after one another.
    fn after(self, first: Self) -> Self {
        Self {
            expanded: first.expanded + self.expanded,
            generated: first.generated + self.generated,
            evaluated: first.evaluated + self.evaluated,
            reopened: first.reopened + self.reopened,
            dead_ends: first.dead_ends + self.dead_ends,
            states: first.states + self.states,
            peak_bytes: first.peak_bytes.max(self.peak_bytes),
            ..self
        }
    }
}
