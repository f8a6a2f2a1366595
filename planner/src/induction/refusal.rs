//! Why nothing was learned.

use thiserror::Error;

use super::{
    noise::{self, Breach},
    traces::Traces,
};

/// A line that may be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// Line of the text, from 1.
    pub line: u32,
    /// The action there.
    pub action: String,
    /// How often it breaks a rule that holds nearly everywhere else.
    pub broken: usize,
}

/// Why nothing was learned.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// There is no action in the traces.
    #[error("there is no action in the traces")]
    Empty,
    /// Rules that hold nearly always are broken: some lines seem to be wrong.
    #[error(
        "the traces contradict themselves: {rules} rules hold {kept} times and are broken {broken} times"
    )]
    Noisy {
        /// How many rules are broken.
        rules: usize,
        /// How often they hold, all together.
        kept: usize,
        /// How often they are broken, all together.
        broken: usize,
        /// Lines that may be wrong, the most suspicious first.
        suspects: Vec<Suspect>,
    },
    /// No predicate explains what these actions change.
    #[error("nothing tells what {} changes", .actions.join(", "))]
    Unexplained {
        /// The actions.
        actions: Vec<String>,
        /// Whether the search for predicates was cut off.
        cut_off: bool,
    },
}

impl Refusal {
    pub(super) fn noisy(traces: &Traces, breaches: &[Breach]) -> Self {
        let suspect = |(line, broken)| {
            let step = traces.steps().map(|(_, _, step)| step).find(|s| s.line == line);
            let action = step.map_or(String::new(), |s| traces.show(s));
            Suspect { line, action, broken }
        };
        Self::Noisy {
            rules: breaches.len(),
            kept: breaches.iter().map(|b| b.kept).sum(),
            broken: breaches.iter().map(|b| b.lines.len()).sum(),
            suspects: noise::suspects(breaches).into_iter().map(suspect).collect(),
        }
    }

    pub(super) fn unexplained(traces: &Traces, actions: &[usize], cut_off: bool) -> Self {
        let name = |&action: &usize| traces.actions.get_index(action).map(|(name, _)| name.clone());
        Self::Unexplained { actions: actions.iter().filter_map(name).collect(), cut_off }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty => "write one action a line, such as `(pick d1 left)`",
            Self::Noisy { .. } => {
                "look at the suspicious lines; where one is wrong, put a blank line in its place"
            }
            Self::Unexplained { cut_off: true, .. } => "raise the limit of sets that are looked at",
            Self::Unexplained { .. } => {
                "give longer traces in which it is executed more often, and look for wrong lines"
            }
        }
    }
}
