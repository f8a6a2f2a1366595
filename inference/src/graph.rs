//! An ONNX file against its manifest, before a runtime sees it.
//!
//! The embedded runtime ends the process on some files that are no sound graphs, where a native one
//! returns an error. So what it trips over is refused here, on both.

use std::collections::BTreeSet;

use crate::error::ModelError;
use crate::manifest::{ElementType, Manifest, TensorSpec};
use crate::onnx::{Extent, GraphProto, ModelProto, TensorProto, ValueInfoProto};

pub(crate) fn check(manifest: &Manifest, bytes: &[u8]) -> Result<(), ModelError> {
    let wrong = |message: String| ModelError::Graph { model: manifest.name.clone(), message };
    let graph = ModelProto::from_bytes(bytes)
        .map_err(|e| wrong(format!("expected an ONNX file, found {} bytes: {e}", bytes.len())))?
        .graph
        .ok_or_else(|| wrong("expected an ONNX file with a graph, found none".into()))?;
    same(manifest, "input", &manifest.inputs, &graph.input)?;
    same(manifest, "output", &manifest.outputs, &graph.output)?;
    sound(&graph).map_err(wrong)
}

fn sound(graph: &GraphProto) -> Result<(), String> {
    let operators = graph.node.iter().flat_map(|n| [&n.name, &n.op_type, &n.domain]);
    let attributes = graph.node.iter().flat_map(|n| &n.attribute).map(|a| &a.name);
    operators.chain(attributes).try_for_each(|name| printable(name))?;
    graph.initializer.iter().try_for_each(constant)?;
    wired(graph)
}

/// A NUL would cut a name short where it is passed on.
fn printable(name: &str) -> Result<(), String> {
    match name.contains('\0') {
        true => Err(format!("expected names without NUL, found {name:?}")),
        false => Ok(()),
    }
}

/// Values are defined once and before they are used, the outputs too.
fn wired(graph: &GraphProto) -> Result<(), String> {
    let constants = graph.initializer.iter().map(|t| &t.name);
    let mut known = BTreeSet::new();
    for name in graph.input.iter().map(|v| &v.name).chain(constants) {
        define(&mut known, name)?;
    }
    for node in &graph.node {
        // An input that is left out has no name, an output neither.
        if let Some(name) = node.input.iter().find(|n| !n.is_empty() && !known.contains(n.as_str()))
        {
            return Err(format!(
                "node `{}` takes `{name}`, which nothing before it makes",
                node.name
            ));
        }
        for name in node.output.iter().filter(|n| !n.is_empty()) {
            define(&mut known, name)?;
        }
    }
    match graph.output.iter().find(|v| !known.contains(v.name.as_str())) {
        Some(output) => Err(format!("nothing makes the output `{}`", output.name)),
        None => Ok(()),
    }
}

fn define<'g>(known: &mut BTreeSet<&'g str>, name: &'g str) -> Result<(), String> {
    printable(name)?;
    match known.insert(name) {
        true => Ok(()),
        false => Err(format!("the value `{name}` is made twice")),
    }
}

/// Constants have as many bytes as their shape says.
fn constant(tensor: &TensorProto) -> Result<(), String> {
    let width = match tensor.data_type {
        TensorProto::FLOAT | TensorProto::INT32 => 4,
        TensorProto::UINT8 | TensorProto::INT8 => 1,
        TensorProto::INT64 => 8,
        other => {
            return Err(format!(
                "constant `{}`: elements of kind {other} are not supported",
                tensor.name
            ));
        }
    };
    let bytes = tensor.dims.iter().try_fold(width, |product: usize, &extent| {
        product.checked_mul(usize::try_from(extent).ok()?)
    });
    if bytes == Some(tensor.raw_data.len()) {
        return Ok(());
    }
    Err(format!(
        "constant `{}`: {} bytes do not fit its shape {:?}",
        tensor.name,
        tensor.raw_data.len(),
        tensor.dims
    ))
}

fn same(
    manifest: &Manifest,
    side: &str,
    specs: &[TensorSpec],
    values: &[ValueInfoProto],
) -> Result<(), ModelError> {
    let mismatch = |tensor: String, expected: String, found: String| ModelError::Mismatch {
        model: manifest.name.clone(),
        tensor,
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
