//! The wall clock of sockets: a peer across a network keeps no other time.
#![expect(clippy::disallowed_methods, reason = "deadlines of real peers, never of an episode")]

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Longer than any session; keeps sums of times within what the system can hold.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

/// A moment by which something must be done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn after(patience: Duration) -> Self {
        Self(Instant::now() + patience.min(LONGEST))
    }

    /// The time left, none if it is over.
    pub(crate) fn left(self) -> Option<Duration> {
        self.0.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }
}

/// Measures how long something took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    #[cfg(feature = "ros2")]
    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// Time since the start or the last call, ms; starts again.
    pub(crate) fn lap_ms(&mut self) -> f64 {
        let begin = std::mem::replace(&mut self.0, Instant::now());
        self.0.duration_since(begin).as_secs_f64() * 1e3
    }
}

/// Waits.
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// Time since 1970, s; 0 where the system's clock stands before that.
pub(crate) fn unix_secs() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |t| t.as_secs_f64())
}
