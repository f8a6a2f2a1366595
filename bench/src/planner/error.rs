use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a race of planners cannot go on.
#[derive(Debug, Error)]
pub enum RaceError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line of a table is not what it should be.
    #[error("{}:{line}: {what}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What was expected and what stands there.
        what: String,
    },
    /// A planner of this name and configuration is not known.
    #[error("no planner is called `{0}`")]
    Contestant(String),
    /// The supervisor of a run failed.
    #[error("a run cannot be measured: {0}")]
    Measure(String),
    /// A picture cannot be drawn.
    #[error("a plot cannot be drawn: {0}")]
    Plot(String),
}

impl RaceError {
    pub(crate) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: path.into(), source }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::File { .. } => "check the path",
            Self::Line { .. } => {
                "a suite has the tab-separated columns domain, level, domain_file, problem_file, source; \
                 rows that do not belong here can be deleted or written elsewhere with --out"
            }
            Self::Contestant(_) => {
                "write ergon:SEARCH, fast-downward:ALIAS, fast-downward:SEARCH(...) or \
                 pyperplan:SEARCH-HEURISTIC, such as pyperplan:gbf-hff"
            }
            Self::Measure(_) => "runs are measured on Linux only",
            Self::Plot(_) => "this is a bug",
        }
    }
}
