//! What a training has cost.

use std::time::Duration;

use cpu_time::ProcessTime;
use ergon_energy::{Ledger, Span};
use ergon_learn::Spending;
use ergon_vocab::Clock;

use crate::clock::WallClock;
use crate::exit::Failure;
use crate::metered::Metered;

/// How long the idle machine is watched where counters of the hardware are read.
const BASELINE: Duration = Duration::from_secs(3);

/// Time and energy spent, in earlier runs and in this one.
pub(super) struct Spent {
    clock: WallClock,
    processor: ProcessTime,
    metered: Metered,
    before: Spending,
}

impl Spent {
    /// Nothing yet.
    pub(super) fn nothing() -> Result<Self, Failure> {
        let metered = Metered::open(BASELINE)?;
        let before = Spending::default();
        Ok(Self { clock: WallClock::new(), processor: ProcessTime::now(), metered, before })
    }

    /// What earlier runs had spent, if more than is known of.
    pub(super) fn remember(&mut self, earlier: Spending) {
        if earlier.wall_secs > self.before.wall_secs {
            self.before = earlier;
        }
    }

    /// Wall time of this run.
    pub(super) fn wall(&self) -> Duration {
        self.clock.now()
    }

    /// All that was spent so far. To be asked for now and then: counters of the hardware overflow.
    pub(super) fn so_far(&mut self) -> Result<Spending, Failure> {
        let processor = self.processor.elapsed();
        let mut work = Ledger::default();
        work.book(Span::Train, processor);
        let figure = self.metered.settle(&work)?.span(Span::Train);
        let [low, high] = self.metered.label().range;
        let now = Spending {
            wall_secs: self.wall().as_secs_f64(),
            cpu_secs: processor.as_secs_f64(),
            joules: figure.joules,
            joules_kind: format!("{} by {}, {low} to {high} times that", figure.kind, figure.meter),
        };
        Ok(self.before.and(&now))
    }
}
