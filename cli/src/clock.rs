//! The wall clock, the only one in the program.
#![expect(clippy::disallowed_methods, reason = "this is the clock that others take as an argument")]

use std::time::{Duration, Instant};

use ergon_vocab::Clock;

/// Time since it was made.
pub(crate) struct WallClock(Instant);

impl WallClock {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }

    /// Waits until a time of this clock.
    pub(crate) fn wait_until(&self, time: Duration) {
        if let Some(left) = time.checked_sub(self.now()) {
            std::thread::sleep(left);
        }
    }
}

impl Clock for WallClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Processor time of this process.
pub(crate) struct CpuClock;

impl Clock for CpuClock {
    fn now(&self) -> Duration {
        // A system without this clock has no processor times to compare either.
        cpu_time::ProcessTime::try_now().map_or(Duration::ZERO, |t| t.as_duration())
    }
}
