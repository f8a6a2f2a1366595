//! How the program ends: the exit codes, and failures with their remedies.

use std::path::Path;

use ergon_bench::{NetworkError, SetupError};
use ergon_planner::PddlError;

use crate::planning;

/// How the program ends. The codes of the planner are Fast Downward's, since wrappers branch on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; of the planner: there is a plan, and nothing is left to do.
    Done,
    /// The task was not achieved, or a plan or trace does not hold, or there are findings.
    NotAchieved,
    /// There is a plan, and the search for better ones ran out of memory.
    PlanThenMemory,
    /// There is a plan, and the search for better ones ran out of time or was told to end.
    PlanThenTime,
    /// Proven while grounding: there is no plan.
    UnsolvableGrounded,
    /// Proven by search: there is no plan.
    UnsolvableSearched,
    /// The search gave up: an incomplete one is exhausted, or its expansions are.
    GaveUp,
    /// Grounding ran out of memory.
    GroundingMemory,
    /// Grounding ran out of time or was told to end.
    GroundingTime,
    /// The search ran out of memory.
    SearchMemory,
    /// The search ran out of time or was told to end.
    SearchTime,
    /// A file is wrong or missing.
    BadInput,
    /// A file asks for what the planner does not know.
    Unsupported,
    /// Wrong usage of the command line of the planner; elsewhere it is [`WRONG_USAGE`].
    PlannerUsage,
    /// A bug.
    Bug,
    /// Something cannot be written.
    CannotWrite,
    /// Stopped by the user.
    Interrupted,
}

/// Exit code for wrong usage of commands other than `plan`, where this code means something else.
pub(crate) const WRONG_USAGE: u8 = 2;

impl Exit {
    /// The exit code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::NotAchieved | Self::PlanThenMemory => 1,
            Self::PlanThenTime => 2,
            Self::UnsolvableGrounded => 10,
            Self::UnsolvableSearched => 11,
            Self::GaveUp => 12,
            Self::GroundingMemory => 20,
            Self::GroundingTime => 21,
            Self::SearchMemory => 22,
            Self::SearchTime => 23,
            Self::BadInput => 31,
            Self::Unsupported => 34,
            Self::PlannerUsage => 36,
            Self::Bug => 70,
            Self::CannotWrite => 74,
            Self::Interrupted => 130,
        }
    }
}

/// Why the program ends early.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// A file cannot be written.
    pub(crate) fn write(path: &Path, error: impl std::fmt::Display) -> Self {
        Self::new(Exit::CannotWrite, format!("{}: cannot be written: {error}", path.display()))
            .with_hint("check that the folder exists and has room")
    }
}

impl From<SetupError> for Failure {
    fn from(error: SetupError) -> Self {
        let exit = match &error {
            SetupError::Threads(_) => Exit::Bug,
            _ => Exit::BadInput,
        };
        Self { exit, message: error.to_string(), hint: error.hint() }
    }
}

impl From<NetworkError> for Failure {
    fn from(error: NetworkError) -> Self {
        Self { exit: Exit::BadInput, message: error.to_string(), hint: error.hint }
    }
}

impl From<PddlError> for Failure {
    fn from(error: PddlError) -> Self {
        let exit =
            if planning::is_unsupported(&error) { Exit::Unsupported } else { Exit::BadInput };
        let hint = error.hint().map(str::to_owned);
        Self { exit, message: error.to_string(), hint }
    }
}
