//! Demonstrations, data sets, training and ONNX export.

#[cfg(feature = "train")]
pub mod detector;
mod dice;
mod expert;
#[cfg(feature = "lerobot")]
pub mod lerobot;
pub mod onnx;
pub mod scenes;
#[cfg(test)]
mod testing;

pub use expert::Noise;
