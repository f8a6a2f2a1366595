//! What comes after planning: monitoring, repair, explanation and export of plans.
//!
//! - [`Monitor`] compares the world with the rest of a plan at every control tick and names the
//!   first broken [causal link](CausalLink).
//! - [`Purposes`] says what each step is good for, [`eliminate_redundant`] takes out what is good for
//!   nothing; [`why_not`] says what speaks against a goal.
//! - [`Session::repair`](crate::Session::repair) makes a [`Repair`] of a plan that does not work any more.
//! - [`PartialOrder`] tells which steps can run at once.
//!
//! But for [`why_not`], all of it works on the steps of a plan with their preconditions and effects,
//! and needs neither domain nor search. A step counts from 0.

mod dense;
mod eliminate;
pub mod export;
mod links;
mod monitor;
mod order;
mod repair;
mod why;
mod why_not;

pub use eliminate::eliminate_redundant;
pub use links::{CausalLink, Consumer, Supplier, causal_links};
pub use monitor::{BrokenLink, Monitor, Monitoring, monitor};
pub use order::{OrderError, PartialOrder};
pub(crate) use repair::Mender;
pub use repair::{Progress, Repair, RepairKind, RepairOutcome};
pub use why::{Purpose, Purposes, why};
pub use why_not::{Evidence, Hurdle, Lack, Reason, why_not};
