//! What a training has cost.

use std::time::Duration;

use cpu_time::ProcessTime;
use ergon_vocab::Clock;

use crate::clock::WallClock;

/// Time spent, in earlier runs and in this one.
pub(super) struct Spent {
    clock: WallClock,
    processor: ProcessTime,
    before: [Duration; 2],
}

impl Spent {
    /// Nothing yet.
    pub(super) fn nothing() -> Self {
        let before = [Duration::ZERO; 2];
        Self { clock: WallClock::new(), processor: ProcessTime::now(), before }
    }

    /// What earlier runs had spent, wall and processor time, if more than is known of.
    pub(super) fn remember(&mut self, wall: Duration, processor: Duration) {
        let [known_wall, known_processor] = self.before;
        self.before = [known_wall.max(wall), known_processor.max(processor)];
    }

    pub(super) fn wall(&self) -> Duration {
        self.before[0] + self.clock.now()
    }

    pub(super) fn processor(&self) -> Duration {
        self.before[1] + self.processor.elapsed()
    }
}
