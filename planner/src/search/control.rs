//! When a search halts, and that it can go on.

use std::time::Duration;

use ergon_vocab::{Clock, Limit};

use super::{Report, SearchOutcome};
use crate::Budget;

/// Clock and memory are looked at once in so many steps, at the least.
const MAX_INTERVAL: u64 = 256;

/// Two looks are closer together if more time than this lies between them.
const LATE: Duration = Duration::from_millis(5);

/// A search that can be halted and taken up again.
pub(crate) trait Resumable {
    /// What has been done so far.
    fn report(&self) -> Report;

    /// Goes on until a plan is found, nothing is left, or the guard halts it. `expansions` and
    /// `effort` bound all that this search does, in former calls too.
    fn run(&mut self, expansions: u64, effort: u64, guard: &mut Guard<'_>) -> SearchOutcome;
}

/// Watches one search.
pub(crate) struct Guard<'c> {
    clock: &'c dyn Clock,
    budget: &'c Budget<'c>,
    deadline: Duration,
    /// Memory held by others, bytes.
    held: usize,
    /// Steps until the next look.
    left: u64,
    interval: u64,
    last_look: Duration,
}

impl<'c> Guard<'c> {
    /// A guard from now on; `held` bytes are taken already.
    pub(crate) fn new(clock: &'c dyn Clock, budget: &'c Budget<'c>, held: usize) -> Self {
        let now = clock.now();
        let deadline = now.saturating_add(budget.limits.time);
        Self { clock, budget, deadline, held, left: 0, interval: 1, last_look: now }
    }

    /// Others hold so many bytes more.
    pub(crate) fn hold(&mut self, bytes: usize) {
        self.held += bytes;
    }

    /// Others have let go of so many bytes.
    pub(crate) fn let_go(&mut self, bytes: usize) {
        self.held = self.held.saturating_sub(bytes);
    }

    /// The reason to halt, looked for once in a while: after so many steps more.
    #[inline]
    pub(crate) fn halt(&mut self, steps: u64, bytes: impl Fn() -> usize) -> Option<Limit> {
        self.left = self.left.saturating_sub(steps);
        if self.left > 0 {
            return None;
        }
        let now = self.clock.now();
        let late = now.saturating_sub(self.last_look) > LATE;
        self.interval = if late { self.interval / 2 } else { self.interval * 2 };
        self.interval = self.interval.clamp(1, MAX_INTERVAL);
        self.last_look = now;
        self.left = self.interval;
        if self.budget.is_cancelled() {
            return Some(Limit::Cancelled);
        }
        if now >= self.deadline {
            return Some(Limit::Time);
        }
        let bytes = (self.held + bytes()) as u64;
        (bytes > self.budget.limits.memory_bytes).then_some(Limit::Memory)
    }
}
