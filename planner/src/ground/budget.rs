//! How long grounding may take and how much it may hold.

use std::{cell::Cell, time::Duration};

use ergon_vocab::{Clock, Limit};

use crate::search::Limits;

/// Steps between two looks at the clock.
const CHECK_INTERVAL: u64 = 1024;

/// Limits on grounding, and which of them has been hit.
pub(super) struct Budget<'a> {
    limits: &'a Limits,
    clock: &'a dyn Clock,
    start: Duration,
    steps: Cell<u64>,
    hit: Cell<Option<Limit>>,
}

impl<'a> Budget<'a> {
    pub(super) fn new(limits: &'a Limits, clock: &'a dyn Clock) -> Self {
        Self { limits, clock, start: clock.now(), steps: Cell::new(0), hit: Cell::new(None) }
    }

    /// The limit that has been hit.
    pub(super) fn hit(&self) -> Option<Limit> {
        self.hit.get()
    }

    /// Counts a step with so much memory held, in bytes. True once a limit has been hit.
    #[inline]
    pub(super) fn spent(&self, bytes: impl FnOnce() -> u64) -> bool {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get().is_multiple_of(CHECK_INTERVAL) {
            self.look(bytes);
        }
        self.hit.get().is_some()
    }

    /// Looks at the clock and the memory now. True once a limit has been hit.
    pub(super) fn look(&self, bytes: impl FnOnce() -> u64) -> bool {
        if self.hit.get().is_none() {
            let elapsed = self.clock.now().saturating_sub(self.start);
            let bytes = bytes();
            self.hit.set(self.limits.exceeded(elapsed, || bytes));
        }
        self.hit.get().is_some()
    }
}
