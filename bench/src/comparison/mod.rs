//! Comparisons: several methods on the same episodes of several tasks, journalled as they run, and
//! summed up.

mod cells;
mod entry;
mod experiment;
mod journal;
pub mod report;

pub use cells::{Cell, Paired, cells, paired};
pub use entry::{Circumstances, Cost, Entry, MeterLabel, NetworkWork, TrainingCost, in_order};
pub use experiment::{Experiment, ExperimentError, MethodSpec, TaskSpec};
pub use journal::{Journal, JournalError};
