//! Demonstrations, data sets, training and ONNX export.

#[cfg(feature = "lerobot")]
pub mod lerobot;
