//! Experiments: episodes, the judge, statistics, traces and films. Wires the other crates together.

mod cast;
mod episode;
mod experiment;
mod judge;
mod method;
mod record;
mod setup;
mod stage;
mod statistics;

pub use cast::Cast;
pub use episode::{Context, run_episode};
pub use experiment::{Progress, run_experiment};
pub use judge::{Judge, Verdict};
pub use method::Method;
pub use record::{EpisodeRecord, Summary};
pub use setup::{Setup, SetupError};
pub use stage::{Opening, Watcher};
pub use statistics::wilson;
