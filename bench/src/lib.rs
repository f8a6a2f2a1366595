//! Experiments: episodes, the judge, statistics, traces and films. Wires the other crates together.

mod cast;
pub mod comparison;
mod episode;
mod experiment;
mod field;
pub mod film;
mod incidents;
mod instructed;
mod judge;
mod meter;
mod method;
mod networks;
#[cfg(target_os = "linux")]
pub mod planner;
mod props;
mod record;
mod setup;
mod sight;
mod speed;
mod spoken;
mod stage;
mod statistics;
pub mod trace;

pub use cast::{Cast, camera, outlines, places, shape};
pub use episode::{Context, Episode, run_episode, run_episode_with_hands};
pub use experiment::run_experiment;
pub use field::{FieldTask, run_field};
pub use incidents::Counts;
pub use instructed::{Instructed, PolicySource};
pub use judge::{Judge, Verdict};
pub use method::Method;
pub use networks::{
    GRAPH, LocalPolicy, MANIFEST, NetworkError, Networks, find_policies, load_policy,
};
pub use record::{EpisodeRecord, Summary};
pub use setup::{Setup, SetupError};
pub use sight::{Sight, SightWatcher};
pub use speed::{SpeedRow, measure_simulator};
pub use spoken::Spoken;
pub use stage::{Hands, Opening, Touch, Watcher};
pub use statistics::{mcnemar, wilson};
