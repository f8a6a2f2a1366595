//! What can go wrong between two ends of a socket.

use std::{io, time::Duration};

use ergon_vocab::PolicyError;
use thiserror::Error;

/// A frame that is none of the protocol's.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum FrameError {
    /// The bytes end before their msgpack value does.
    #[error("the frame ends in the middle of a msgpack value")]
    Truncated,
    /// The bytes go on after their msgpack value.
    #[error("{0} bytes follow the frame's msgpack value, which should be all of it")]
    Trailing(usize),
    /// A byte that begins no msgpack value.
    #[error("byte 0x{0:02x} begins no msgpack value")]
    BadMarker(u8),
    /// More values than [`Limits::values`](crate::Limits::values).
    #[error("the frame holds more than {0} msgpack values; send numbers as arrays, not as lists")]
    TooManyValues(usize),
    /// Deeper than [`Limits::depth`](crate::Limits::depth).
    #[error("the frame's maps and arrays nest deeper than {0}")]
    TooDeep(usize),
    /// An entry is missing or is something else than the protocol says.
    #[error("{key}: expected {expected}, got {got}")]
    Entry {
        /// Name of the entry, or what the whole frame is.
        key: String,
        /// What the protocol says.
        expected: String,
        /// What is there.
        got: String,
    },
}

impl FrameError {
    pub(crate) fn entry(key: &str, expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self::Entry { key: key.to_owned(), expected: expected.into(), got: got.into() }
    }
}

/// A text that names no policy server.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{text}: expected {scheme}://HOST:PORT, for example {scheme}://127.0.0.1:8000; {problem}")]
pub struct EndpointError {
    /// The text.
    pub text: String,
    /// What it should have begun with.
    pub scheme: &'static str,
    /// What is wrong.
    pub problem: &'static str,
}

/// Why a conversation with a peer ended.
#[derive(Debug, Error)]
pub enum Error {
    /// No connection came about.
    #[error("{endpoint} cannot be reached: {reason}; is the policy server running there?")]
    Unreachable {
        /// Host and port.
        endpoint: String,
        /// What the system says.
        reason: io::Error,
    },
    /// The peer answers, but not as a WebSocket.
    #[error("the peer does not speak WebSocket: {0}; check host and port")]
    NoWebSocket(String),
    /// The peer took too long.
    #[error("the peer took more than {} s to {what}", .patience.as_secs_f64())]
    TimedOut {
        /// What it was to do.
        what: &'static str,
        /// How long it was given.
        patience: Duration,
    },
    /// The peer sent more than [`Limits::frame_bytes`](crate::Limits::frame_bytes).
    #[error("the peer sent a frame of more than {0} bytes, which is the limit")]
    TooLarge(usize),
    /// The connection was lost or closed.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// The peer broke the rules of WebSocket.
    #[error("the peer broke the WebSocket protocol: {0}")]
    Broken(String),
    /// The peer sent a frame that cannot be read.
    #[error("the peer sent an unusable frame: {0}")]
    Frame(#[from] FrameError),
    /// The peer reported an error of its own.
    #[error("the peer reports an error: {0}")]
    Peer(String),
    /// The peer was told why its message has no answer.
    #[error("refused: {0}")]
    Refused(String),
    /// This side was told to stop.
    #[error("stopped")]
    Stopped,
}

impl Error {
    /// Whether another connection may help.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Lost(_))
    }
}

impl From<Error> for PolicyError {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}
