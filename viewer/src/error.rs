//! What can go wrong, with the remedy.

use std::path::PathBuf;

use ergon_bench::trace::TraceError;
use ergon_bench::{NetworkError, SetupError};
use thiserror::Error;

/// Why nothing can be shown.
#[derive(Debug, Error)]
pub enum ViewerError {
    /// A file cannot be read.
    #[error("{}: cannot be read: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("{}: cannot be written: {why}", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// A file is no trace, or a damaged one.
    #[error("{}: {source}", file.display())]
    Trace {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: TraceError,
    },
    /// An episode cannot be set up.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The trained networks cannot be used.
    #[error(transparent)]
    Networks(#[from] NetworkError),
    /// What runs networks cannot be used.
    #[error("{message}")]
    Runtime {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The command line asks for what cannot be.
    #[error("{0}")]
    Usage(String),
    /// There is no display to open a window on.
    #[error("there is no display to open a window on: {0}")]
    NoDisplay(String),
    /// There is no Vulkan driver, or none that works.
    #[error("no Vulkan driver was found: {0}")]
    NoVulkan(String),
    /// A bug.
    #[error("{0}")]
    Bug(String),
}

/// What a machine needs to draw without a graphics card.
const DRIVERS: &str = "on Debian or Ubuntu: apt-get install mesa-vulkan-drivers (drawing on the \
processor), or the driver of the graphics card";
/// What a machine needs to open a window.
const LIBRARIES: &str = "run it on a desktop or under xvfb-run, or draw into a file with --screenshot \
or --film; a window needs apt-get install libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2 \
libxkbcommon-x11-0";

impl ViewerError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Read { .. } => Some("name a scenario (.toml) or a trace (.mcap)".into()),
            Self::Write { .. } => Some("check that the folder exists and has room".into()),
            Self::Trace { source, .. } => source.hint().map(str::to_owned),
            Self::Setup(error) => error.hint(),
            Self::Networks(error) => error.hint.clone(),
            Self::Runtime { hint, .. } => hint.clone(),
            Self::Usage(_) => Some("see ergon-viewer --help".into()),
            Self::NoDisplay(_) => Some(LIBRARIES.into()),
            Self::NoVulkan(_) => Some(DRIVERS.into()),
            Self::Bug(_) => Some("please report it with the command and this text".into()),
        }
    }

    /// The exit code, by the table of the README.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::NoDisplay(_) | Self::NoVulkan(_) => 69,
            Self::Bug(_) | Self::Setup(SetupError::Threads(_)) => 70,
            Self::Write { .. } => 74,
            Self::Read { .. }
            | Self::Trace { .. }
            | Self::Setup(_)
            | Self::Networks(_)
            | Self::Runtime { .. } => 31,
        }
    }
}
