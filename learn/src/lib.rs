//! Demonstrations, data sets, training and ONNX export.

#[cfg(feature = "train")]
pub mod detector;
mod dice;
mod expert;
pub mod scenes;
#[cfg(test)]
mod testing;

pub use expert::Noise;
