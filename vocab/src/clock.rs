//! The port to time.

use std::time::Duration;

/// A monotonic clock. Code that needs the time takes one as an argument, so that replay can bring its own.
pub trait Clock {
    /// Time since an arbitrary origin.
    fn now(&self) -> Duration;
}
