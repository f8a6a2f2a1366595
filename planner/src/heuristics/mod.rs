//! Estimates of the cost to the goal. One file each; each declares its properties, and a test holds
//! every declared property against true costs on small tasks.

mod blind;
mod hmax;
mod lmcut;
mod relaxation;

pub use blind::Blind;
pub use hmax::HMax;
pub use lmcut::LmCut;

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

/// An estimate of the cost from a state to the goal.
pub trait Heuristic {
    /// What it promises.
    fn properties(&self) -> Properties;

    /// The estimate for a packed state; nothing for a dead end.
    fn estimate(&mut self, state: &[u64]) -> Option<u32>;
}
