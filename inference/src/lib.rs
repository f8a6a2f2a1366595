//! Neural networks as files: an ONNX graph with its `policy.toml`, checked against each other and run.
//!
//! [`Runtime`] decides once a process what runs networks: a native ONNX Runtime where one is found,
//! else one in Rust that is linked in. [`Manifest`] is what `policy.toml` says: the tensors with
//! shapes and units, how they are normalised, what it cost to make them. A [`ModelFile`] is both
//! files in memory, cheap to clone; each thread [opens](ModelFile::open) its own [`Model`] from it.
//!
//! Nothing here reads a file, a variable of the environment, or a clock: callers hand over texts,
//! bytes, and where a library may lie.

mod error;
mod graph;
mod manifest;
mod model;
pub mod onnx;
mod runtime;
mod tap;
mod work;

pub use error::{ManifestError, ModelError, RuntimeError};
pub use graph::digest;
pub use manifest::{
    ElementType, FORMAT_VERSION, Kind, Manifest, Normalisation, TensorSpec, Training,
};
pub use model::{Model, ModelFile};
pub use runtime::{Backend, Runtime};
pub use tap::Tap;
pub use work::Work;
