//! The wall clock, the only one in this crate.
#![expect(clippy::disallowed_methods, reason = "this is the clock that others take as an argument")]

use std::time::{Duration, Instant};

use ergon_vocab::Clock;

/// Time since it was made.
#[derive(Clone, Copy, Debug)]
pub struct WallClock(Instant);

impl WallClock {
    /// A clock that begins now.
    #[expect(clippy::new_without_default, reason = "two new clocks are not equal")]
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for WallClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}
