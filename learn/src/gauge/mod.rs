//! The gauge: a small network that measures one object in a patch around it.
//!
//! The detector finds objects in a whole picture; the gauge is given a patch of the picture around one,
//! magnified so that the object fills a good part of it, and the object's class, and says more exactly
//! where its centre is, how long its edge, how it is turned, and how sure that is.

mod export;
mod model;
mod train;

pub use export::to_onnx;
pub use model::Gauge;
pub use train::{GaugeOptions, train};
