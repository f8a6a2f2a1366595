//! Demonstrations, data sets, training and ONNX export.
