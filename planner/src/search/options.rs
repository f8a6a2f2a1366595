//! What to search with, and how far.

use std::{fmt, str::FromStr, time::Duration};

use ergon_vocab::Limit;
use thiserror::Error;

use crate::pddl::nearest;

/// A search by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchKind {
    /// A good plan soon, an optimal one where the task allows: see [`portfolio`](super::portfolio).
    #[default]
    Auto,
    /// An optimal plan: blind A* for a while, then A* with pattern databases, alone and with LM-cut,
    /// in turns.
    Optimal,
    /// The first plan found with FF and landmarks, deferred evaluation and preferred operators.
    LamaFirst,
    /// Plan after plan, each cheaper than the one before.
    Anytime,
    /// A* without estimates.
    AstarBlind,
    /// A* with the maximum heuristic.
    AstarHmax,
    /// A* with the landmark-cut heuristic.
    AstarLmcut,
    /// A* with pattern databases.
    AstarPdb,
    /// Weighted A* with the FF heuristic, weight 5.
    WastarFf,
    /// Greedy best-first search with the FF heuristic.
    GbfsFf,
    /// Greedy best-first search with the additive heuristic.
    GbfsAdd,
    /// Greedy best-first search that counts open goals.
    GbfsGoalCount,
    /// Enforced hill climbing with the FF heuristic, and greedy best-first search where it gets stuck.
    EhcFf,
    /// Lazy greedy search with the FF heuristic and its preferred operators.
    LazyFf,
}

impl SearchKind {
    /// All searches.
    pub const ALL: [Self; 14] = [
        Self::Auto,
        Self::Optimal,
        Self::LamaFirst,
        Self::Anytime,
        Self::AstarBlind,
        Self::AstarHmax,
        Self::AstarLmcut,
        Self::AstarPdb,
        Self::WastarFf,
        Self::GbfsFf,
        Self::GbfsAdd,
        Self::GbfsGoalCount,
        Self::EhcFf,
        Self::LazyFf,
    ];

    /// Whether the plan that it ends with is always one of least cost.
    pub fn is_optimal(self) -> bool {
        matches!(
            self,
            Self::Optimal
                | Self::Anytime
                | Self::AstarBlind
                | Self::AstarHmax
                | Self::AstarLmcut
                | Self::AstarPdb
        )
    }

    /// The name, as in `--search NAME`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Optimal => "optimal",
            Self::LamaFirst => "lama-first",
            Self::Anytime => "anytime",
            Self::AstarBlind => "astar-blind",
            Self::AstarHmax => "astar-hmax",
            Self::AstarLmcut => "astar-lmcut",
            Self::AstarPdb => "astar-pdb",
            Self::WastarFf => "wastar-ff",
            Self::GbfsFf => "gbfs-ff",
            Self::GbfsAdd => "gbfs-add",
            Self::GbfsGoalCount => "gbfs-goal-count",
            Self::EhcFf => "ehc-ff",
            Self::LazyFf => "lazy-ff",
        }
    }
}

impl fmt::Display for SearchKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no search.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("no search is called `{name}`{hint}; there are {}", SearchKind::ALL.map(SearchKind::name).join(", "))]
pub struct UnknownSearch {
    name: String,
    hint: String,
}

impl FromStr for SearchKind {
    type Err = UnknownSearch;

    fn from_str(name: &str) -> Result<Self, UnknownSearch> {
        Self::ALL.into_iter().find(|k| k.name() == name).ok_or_else(|| {
            let near = nearest(name, Self::ALL.map(Self::name));
            let hint = near.map(|n| format!(" (did you mean `{n}`?)")).unwrap_or_default();
            UnknownSearch { name: name.into(), hint }
        })
    }
}

/// Where a search gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time for grounding and search, by the clock that is given.
    pub time: Duration,
    /// Memory of the tables, bytes, by estimate.
    pub memory_bytes: u64,
    /// States expanded.
    pub expansions: u64,
}

impl Limits {
    /// No limit at all.
    pub const NONE: Self =
        Self { time: Duration::MAX, memory_bytes: u64::MAX, expansions: u64::MAX };

    /// The limit of time or memory that is exceeded, if one is.
    pub(crate) fn exceeded(&self, elapsed: Duration, bytes: impl Fn() -> u64) -> Option<Limit> {
        if elapsed >= self.time {
            return Some(Limit::Time);
        }
        (bytes() > self.memory_bytes).then_some(Limit::Memory)
    }
}

/// Five minutes, 4 GiB, any number of expansions.
impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(300), memory_bytes: 4 << 30, expansions: u64::MAX }
    }
}

/// What to search with, and how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SearchOptions {
    /// The search.
    pub search: SearchKind,
    /// Where it gives up.
    pub limits: Limits,
}
