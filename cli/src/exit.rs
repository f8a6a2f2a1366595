//! How the program ends: the exit codes, and failures with their remedies.

use std::path::Path;

use ergon_bench::SetupError;
use ergon_planner::PddlError;

/// Exit codes. Those of the planner are Fast Downward's, since wrappers branch on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// The task was not achieved, or a plan or trace does not hold.
    NotAchieved = 1,
    /// Proven: there is no plan.
    Unsolvable = 11,
    /// The planner ran out of memory.
    OutOfMemory = 22,
    /// The planner ran out of time.
    OutOfTime = 23,
    /// A file is wrong or missing.
    BadInput = 31,
    /// A bug.
    Bug = 70,
    /// Something cannot be written.
    CannotWrite = 74,
    /// Stopped by the user.
    Interrupted = 130,
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

impl From<PddlError> for Failure {
    fn from(error: PddlError) -> Self {
        let hint = error.hint().map(str::to_owned);
        Self { exit: Exit::BadInput, message: error.to_string(), hint }
    }
}
