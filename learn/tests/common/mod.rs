//! Manifests for graphs that tests make.

use ergon_inference::{ElementType, FORMAT_VERSION, Kind, Manifest, TensorSpec};

fn tensor((name, shape): &(&str, &[usize])) -> TensorSpec {
    TensorSpec {
        name: (*name).into(),
        shape: shape.to_vec(),
        dtype: ElementType::F32,
        unit: String::new(),
        range: None,
        description: String::new(),
    }
}

/// A manifest of tensors by name and shape.
pub(crate) fn manifest(inputs: &[(&str, &[usize])], outputs: &[(&str, &[usize])]) -> Manifest {
    Manifest {
        version: FORMAT_VERSION,
        name: "test".into(),
        kind: Kind::Skills,
        digest: String::new(),
        control_hz: None,
        inputs: inputs.iter().map(tensor).collect(),
        outputs: outputs.iter().map(tensor).collect(),
        normalisation: Default::default(),
        parameters: Default::default(),
        training: None,
    }
}
