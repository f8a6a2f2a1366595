//! The detector: one small network over the pictures of both cameras.
//!
//! A picture goes through strided and then dilated convolutions to a map of features, a quarter as wide
//! and high. For every class of objects, and for every landmark near where it should
//! appear, a soft attention over that map (a spatial
//! softmax, Levine et al. 2016, arXiv:1504.00702) gives a place and the features there, and a small
//! head turns them into what is asked: seen or not, the exact place with its uncertainty, the apparent
//! edge with its uncertainty, the turn.

mod batch;
mod export;
mod loss;
mod model;
mod train;

pub use export::{CAMERAS, to_onnx};
pub(crate) use model::grid_values;
pub use model::{Detector, DetectorConfig};
pub use train::{TrainOptions, train};

/// How many landmarks it can be asked for: the corners of six areas or bins.
pub const LANDMARKS: usize = 24;
/// Apparent edge for which the network gives 0, pixels.
pub const TYPICAL_EDGE: f64 = 14.0;
/// Unit of the logarithm of the edge whose scale the network gives.
pub const EDGE_SCALE: f64 = 0.1;
