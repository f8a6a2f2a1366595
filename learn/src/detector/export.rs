//! The detector as an ONNX graph.

use super::model::Detector;

/// The graph.
pub fn to_onnx(_detector: &Detector) -> Vec<u8> {
    Vec::new()
}
