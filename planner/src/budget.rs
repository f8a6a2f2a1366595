//! What a call of the planner may take, and how it is called off.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::search::Limits;

/// Limits on a call, and a token by which another thread can call it off.
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use ergon_planner::{Budget, Limits};
///
/// let stop = AtomicBool::new(false);
/// let budget = Budget { limits: Limits::default(), cancel: Some(&stop) };
/// assert!(!budget.is_cancelled());
/// stop.store(true, Ordering::Relaxed);
/// assert!(budget.is_cancelled());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Budget<'a> {
    /// How far the call may go.
    pub limits: Limits,
    /// Once true, the call ends soon with [`Limit::Cancelled`](ergon_vocab::Limit).
    pub cancel: Option<&'a AtomicBool>,
}

impl<'a> Budget<'a> {
    /// Limits alone.
    pub fn new(limits: Limits) -> Self {
        Self { limits, cancel: None }
    }

    /// With a token.
    #[must_use]
    pub fn cancelled_by(self, cancel: &'a AtomicBool) -> Self {
        Self { cancel: Some(cancel), ..self }
    }

    /// Whether the call has been called off.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_some_and(|token| token.load(Ordering::Relaxed))
    }
}
