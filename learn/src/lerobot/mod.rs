//! Demonstrations as data sets in LeRobot's format, version 3.0, written and read.
//!
//! ```text
//! ROOT/meta/info.json                               version, frames a second, features
//! ROOT/meta/stats.json                              statistics of every column
//! ROOT/meta/tasks.parquet                           task_index of every task
//! ROOT/meta/episodes/chunk-000/file-000.parquet     one row an episode
//! ROOT/data/chunk-000/file-000.parquet              one row a frame; a new file each 100 MiB
//! ```
//!
//! A data file has one column a [`Feature`], in the order of the [`DatasetSpec`], and five more:
//!
//! | column | type | meaning |
//! |---|---|---|
//! | a [`Kind::Image`] | struct of `bytes` and an empty `path` | picture as PNG: u8, H x W x 3, RGB, row 0 on top |
//! | a [`Kind::Floats`] | f32, fixed list of n; the bare number where n is 1 | what the feature's names say |
//! | a [`Kind::Ints`] | i64, likewise | likewise |
//! | a [`Kind::Bools`] | bool, likewise | likewise |
//! | `timestamp` | f32 | s since the episode's first frame: `frame_index / fps` |
//! | `frame_index` | i64 | number of the frame in its episode, from 0 |
//! | `episode_index` | i64 | number of the episode, from 0 |
//! | `index` | i64 | number of the frame in the data set, from 0 |
//! | `task_index` | i64 | row of the episode's task in `meta/tasks.parquet` |
//!
//! LeRobot's own policies look for `observation.state`, `observation.environment_state`, `action`
//! and names that begin with `observation.images`. An `action` is what was done from this frame to
//! the next. A value's unit is its feature's affair: state it where the feature is made.
//!
//! Statistics hold the mean, deviation, least, greatest, and five quantiles, each one number a
//! component; of pictures one a channel, 0..1, shape (3, 1, 1). Over all episodes, quantiles are the
//! means of the episodes' quantiles, as LeRobot has them.
//!
//! Until [`Writer::finish`], the episodes lie in `ROOT/unfinished`, one whole file each, and
//! `Writer::resume` goes on after the last. The same episodes make the same bytes, whether the
//! writer was resumed or not.
//!
//! In Python, with `pip install lerobot==0.4.4`:
//!
//! ```python
//! from lerobot.datasets.lerobot_dataset import LeRobotDataset
//! data = LeRobotDataset("local/name", root="ROOT")
//! data[0]["observation.state"], data[0]["task"]
//! ```

mod columns;
mod demonstrations;
mod error;
mod files;
mod finish;
mod info;
mod reader;
mod spec;
mod staged;
mod stats;
mod writer;

pub use error::DatasetError;
pub use reader::{Episode, Frames, Reader};
pub use spec::{DatasetSpec, Feature, Frame, Kind, Value};
pub use writer::Writer;

/// The version of the format that is written, and the only one read.
pub const VERSION: &str = "v3.0";
/// Largest `info.json` that is read, bytes.
const INFO_LIMIT: u64 = 16 << 20;
