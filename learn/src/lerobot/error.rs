//! What is wrong with a data set, where, and what to do about it.

use std::fmt::Display;
use std::path::Path;

use thiserror::Error;

/// A data set that cannot be written or read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DatasetError {
    /// The specification describes no data set.
    #[error("{what}: expected {expected}, found {found}")]
    Spec {
        /// The part of the specification, such as `feature action`.
        what: String,
        /// What it could be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// An episode that holds nothing, or no task.
    #[error("episode {episode}: expected {expected}, found none")]
    Episode {
        /// Number of the episode, from 0.
        episode: usize,
        /// What it lacks.
        expected: String,
    },
    /// A value that does not fit its feature.
    #[error(
        "feature {feature}, episode {episode}, frame {frame}: expected {expected}, found {found}"
    )]
    Value {
        /// Name of the feature.
        feature: String,
        /// Number of the episode, from 0.
        episode: usize,
        /// Number of the frame in its episode, from 0.
        frame: usize,
        /// What the specification says.
        expected: String,
        /// What the frame holds.
        found: String,
    },
    /// A file that is missing, damaged, or cannot be written.
    #[error("{file}: {problem}; {hint}")]
    File {
        /// Its path.
        file: String,
        /// What was expected and what was found.
        problem: String,
        /// What to do about it.
        hint: String,
    },
}

impl DatasetError {
    pub(super) fn file(path: &Path, problem: impl Into<String>, hint: &str) -> Self {
        let file = path.display().to_string();
        Self::File { file, problem: problem.into(), hint: hint.into() }
    }

    /// A file that is not what a whole data set has there.
    pub(super) fn damaged(path: &Path, problem: impl Into<String>) -> Self {
        Self::file(path, problem, "restore the file or write the data set again")
    }

    pub(super) fn unwritable(path: &Path, error: impl Display) -> Self {
        let problem = format!("cannot be written: {error}");
        Self::file(path, problem, "check its folder's permissions and the free space")
    }

    pub(super) fn spec(
        what: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Spec { what: what.into(), expected: expected.into(), found: found.into() }
    }
}
