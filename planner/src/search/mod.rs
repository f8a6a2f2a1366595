//! Search: from a ground task to a sequence of operators.

mod astar;
mod graph;
mod open;
mod options;
mod registry;
mod successors;
mod transitions;

use std::time::Duration;

use ergon_vocab::{Clock, Limit};

pub use astar::astar;
pub use graph::{StateSpace, Transition, Visited};
pub use options::{Limits, SearchKind, SearchOptions, UnknownSearch};
pub use successors::OperatorId;
pub use transitions::{Scratch, TransitionSystem};

use crate::heuristics::{Blind, HMax, LmCut};

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
    /// Time spent grounding.
    pub ground_time: Duration,
    /// Time spent searching.
    pub search_time: Duration,
}

impl Report {
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
            search_time: first.search_time + self.search_time,
            ..self
        }
    }
}

/// Expansions that `auto` spends on blind search before it turns to LM-cut. A small task, and any
/// whose states are few (Hanoi with 12 discs has 1.5 million), is solved sooner without estimates;
/// on others this costs about half a second.
const BLIND_EXPANSIONS: u64 = 2_000_000;

/// Runs the search that `options` name.
pub fn search(
    system: &TransitionSystem<'_>,
    options: &SearchOptions,
    clock: &dyn Clock,
) -> (SearchOutcome, Report) {
    let limits = &options.limits;
    match options.search {
        SearchKind::AstarBlind => astar(system, Blind::new(system), limits, clock),
        SearchKind::AstarHmax => astar(system, HMax::new(system), limits, clock),
        SearchKind::AstarLmcut => astar(system, LmCut::new(system), limits, clock),
        SearchKind::Auto => {
            let expansions = limits.expansions.min(BLIND_EXPANSIONS);
            let tight = Limits { expansions, ..*limits };
            let (outcome, blind) = astar(system, Blind::new(system), &tight, clock);
            let go_on = outcome == SearchOutcome::OutOf(Limit::Expansions)
                && blind.expanded < limits.expansions;
            if !go_on {
                return (outcome, blind);
            }
            let rest = limits.less(blind.expanded, blind.search_time);
            let (outcome, report) = astar(system, LmCut::new(system), &rest, clock);
            (outcome, report.after(blind))
        }
    }
}
