//! Planners side by side: a suite of instances, each planner a process of its own under limits of
//! processor time and memory, every plan judged by the independent validator.
//!
//! [`Suite`] says what is solved, [`Contestant`] who solves it and how its output is read, [`race`]
//! runs them instance by instance and hands out [`Row`]s, which [`Table`] keeps as tab-separated
//! values so that an interrupted race goes on where it ended. [`summary`] and [`plot`] show rows.
//!
//! Processor time is that of the whole process with all its children, from its start to its end, as
//! the kernel counts it: what a caller pays for a plan.

mod contestant;
mod ergon;
mod error;
mod fast_downward;
mod measure;
pub mod plot;
mod pyperplan;
mod race;
mod row;
mod suite;
pub mod summary;
mod table;

pub use contestant::{Contestant, Peers};
pub use error::RaceError;
pub use measure::{Measurement, Order, supervise};
pub use race::{Caps, Entry, Race, race};
pub use row::{Row, Status};
pub use suite::{Instance, Suite};
pub use table::Table;
