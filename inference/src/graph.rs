//! An ONNX file against its manifest, before a runtime sees it.
//!
//! The embedded runtime ends the process on some graphs that are not sound, such as one that takes
//! elements from beyond a tensor. So a file that was damaged must not get there: the manifest knows
//! the digest of the one it was written for.

use crate::error::ModelError;
use crate::manifest::{ElementType, Manifest, TensorSpec};
use crate::onnx::{Extent, ModelProto, TensorProto, ValueInfoProto};

pub(crate) fn check(manifest: &Manifest, bytes: &[u8]) -> Result<(), ModelError> {
    let wrong = |message: String| ModelError::Graph { model: manifest.name.clone(), message };
    let graph = ModelProto::from_bytes(bytes)
        .map_err(|e| wrong(format!("expected an ONNX file, found {} bytes: {e}", bytes.len())))?
        .graph
        .ok_or_else(|| wrong("expected an ONNX file with a graph, found none".into()))?;
    same(manifest, "input", &manifest.inputs, &graph.input)?;
    same(manifest, "output", &manifest.outputs, &graph.output)?;
    let found = digest(bytes.iter().copied());
    if manifest.digest == found {
        return Ok(());
    }
    Err(ModelError::Mismatch {
        model: manifest.name.clone(),
        what: "digest of the graph".into(),
        expected: manifest.digest.clone(),
        found,
    })
}

/// 64 bits of the hash of Fowler, Noll and Vo, 1a, in hexadecimal: how graphs and training data are
/// told apart. It finds damage, not malice.
pub fn digest(bytes: impl IntoIterator<Item = u8>) -> String {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, step))
}

fn same(
    manifest: &Manifest,
    side: &str,
    specs: &[TensorSpec],
    values: &[ValueInfoProto],
) -> Result<(), ModelError> {
    let mismatch = |what: String, expected: String, found: String| ModelError::Mismatch {
        model: manifest.name.clone(),
        what,
        expected,
        found,
    };
    if specs.len() != values.len() {
        let names = |names: Vec<&str>| format!("{} ({})", names.len(), names.join(", "));
        return Err(mismatch(
            format!("number of {side}s"),
            names(specs.iter().map(|s| s.name.as_str()).collect()),
            names(values.iter().map(|v| v.name.as_str()).collect()),
        ));
    }
    for (index, (spec, value)) in specs.iter().zip(values).enumerate() {
        if spec.name != value.name {
            return Err(mismatch(
                format!("{side} {index}"),
                format!("`{}`", spec.name),
                format!("`{}`", value.name),
            ));
        }
        let found = describe(value);
        if describe_spec(spec) != found {
            return Err(mismatch(format!("{side} `{}`", spec.name), describe_spec(spec), found));
        }
    }
    Ok(())
}

fn describe_spec(spec: &TensorSpec) -> String {
    let ElementType::F32 = spec.dtype;
    format!("f32 {:?}", spec.shape)
}

fn describe(value: &ValueInfoProto) -> String {
    let Some(tensor) = value.r#type.as_ref().and_then(|t| t.tensor_type.as_ref()) else {
        return "no tensor".into();
    };
    let kind = match tensor.elem_type {
        TensorProto::FLOAT => "f32".into(),
        TensorProto::UINT8 => "u8".into(),
        TensorProto::INT8 => "i8".into(),
        TensorProto::INT32 => "i32".into(),
        TensorProto::INT64 => "i64".into(),
        other => format!("kind {other}"),
    };
    let Some(shape) = &tensor.shape else { return format!("{kind} of any shape") };
    let extents = shape.dim.iter().map(|d| match &d.value {
        Some(Extent::Value(v)) => v.to_string(),
        Some(Extent::Param(name)) => format!("`{name}`"),
        None => "any".into(),
    });
    format!("{kind} [{}]", extents.collect::<Vec<_>>().join(", "))
}
