//! What can go wrong with traces.

use std::path::PathBuf;

use thiserror::Error;

use super::FORMAT_VERSION;

/// Why a trace could not be written.
#[derive(Debug, Error)]
pub enum TraceWriteError {
    /// The file system refused.
    #[error("{}: cannot be written: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The container refused.
    #[error("{}: cannot be written: {source}", file.display())]
    Mcap {
        /// The file.
        file: PathBuf,
        /// Why.
        source: mcap::McapError,
    },
    /// Something of the episode has no form in the trace.
    #[error("{}: {what} cannot be written: {why}", file.display())]
    Content {
        /// The file.
        file: PathBuf,
        /// What it is.
        what: String,
        /// Why.
        why: String,
    },
    /// The episode that was to be written did not begin, or a second one began.
    #[error("{}: a trace holds exactly one episode, and {episodes} began", file.display())]
    Episodes {
        /// The file.
        file: PathBuf,
        /// How many began.
        episodes: u32,
    },
}

/// Why bytes are not a whole trace.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum TraceError {
    /// The bytes do not begin like an MCAP file.
    #[error("this is not an MCAP file")]
    NotMcap,
    /// An MCAP file without the metadata record of a trace.
    #[error("this MCAP file was written by another program: it has no metadata record `ergon`")]
    OtherProgram,
    /// A trace of another version of the format.
    #[error("this trace has format version {found}; this program reads version {FORMAT_VERSION}")]
    Version {
        /// The version found.
        found: String,
    },
    /// The file ends too early.
    #[error("the file is cut off after {time_secs:.2} s ({steps} control steps can be read)")]
    CutOff {
        /// Control steps with everything that belongs to them.
        steps: u64,
        /// The time at the end of these, s.
        time_secs: f64,
    },
    /// The bytes contradict their checksums or themselves.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// The file was compressed after it was written.
    #[error("the file is compressed with {0}, which traces are not")]
    Compressed(String),
    /// A channel that every trace has is missing.
    #[error("the channel {0} is missing")]
    MissingChannel(&'static str),
    /// An attachment that every trace has is missing.
    #[error("the attachment {0} is missing")]
    MissingAttachment(&'static str),
}

impl TraceError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotMcap | Self::OtherProgram => {
                Some("record one with `ergon run SCENARIO --record DIR`")
            }
            Self::Version { .. } => Some("use the release that wrote it, or record it anew"),
            Self::CutOff { .. } => Some("the program that wrote it did not end; record it anew"),
            Self::Damaged(_) => Some("copy it again from where it was recorded"),
            Self::Compressed(_) => {
                Some("unpack it with `mcap compress --compression none IN -o OUT`")
            }
            Self::MissingChannel(_) | Self::MissingAttachment(_) => {
                Some("the file was filtered or edited; use the original")
            }
        }
    }
}
