//! Writes networks as ONNX files.
//!
//! ```
//! use ergon_learn::onnx::{Conv2d, Graph};
//!
//! let mut graph = Graph::new("edges");
//! let image = graph.input("image", &[1, 1, 4, 4]);
//! let kernel = graph.constant(&[1, 1, 1, 2], &[-1.0, 1.0]);
//! let edges = graph.conv2d(&image, &kernel, None, Conv2d { kernel: [1, 2], ..Conv2d::default() });
//! let edges = graph.relu(&edges);
//! graph.output("edges", &edges, &[1, 1, 4, 3]);
//! let file: Vec<u8> = graph.finish();
//! # assert!(!file.is_empty());
//! ```

mod graph;
mod operators;
mod quantise;

pub use graph::{Graph, Value};
pub use operators::Conv2d;
pub use quantise::{QuantiseError, quantise};
