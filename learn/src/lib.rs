//! Demonstrations, data sets, training and ONNX export.

pub mod onnx;
