//! What types cannot say of a manifest.

use std::collections::BTreeSet;

use super::place::Key;
use super::{FORMAT_VERSION, Manifest, Normalisation, TensorSpec, Training};

/// Manifests with more tensors than this on a side are taken for slips.
const MAX_TENSORS: usize = 64;

/// The most elements of a tensor: 256 MiB, more than any network here needs.
const MAX_ELEMENTS: usize = 64 << 20;

/// What is wrong, and with which key.
pub(super) struct Problem {
    pub(super) key: Key,
    pub(super) message: String,
    pub(super) hint: String,
}

type Result = std::result::Result<(), Problem>;

fn problem(key: Key, message: String, hint: &str) -> Result {
    Err(Problem { key, message, hint: hint.into() })
}

pub(super) fn manifest(manifest: &Manifest) -> Result {
    let root = Key::default();
    if manifest.version != FORMAT_VERSION {
        let message = format!("expected {FORMAT_VERSION}, found {}", manifest.version);
        return problem(root.name("version"), message, super::place::VERSION_HINT);
    }
    name(root.name("name"), &manifest.name)?;
    let digit = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    if manifest.digest.len() != 16 || !manifest.digest.bytes().all(digit) {
        let message = format!("expected 16 hexadecimal digits, found {:?}", manifest.digest);
        return problem(root.name("digest"), message, "it is written when a network is exported");
    }
    if let Some(hz) = manifest.control_hz
        && !(hz.is_finite() && hz > 0.0)
    {
        let message = format!("expected a finite rate above 0 Hz, found {hz}");
        return problem(root.name("control_hz"), message, "leave it out where none matters");
    }
    let mut names = BTreeSet::new();
    for (side, specs) in [("input", &manifest.inputs), ("output", &manifest.outputs)] {
        tensors(&root.name(side), specs, &mut names)?;
    }
    for (name, entry) in &manifest.normalisation {
        normalisation(&root.name("normalisation").name(name), entry)?;
    }
    table(&root.name("parameters"), &manifest.parameters)?;
    manifest.training.iter().try_for_each(|t| training(&root.name("training"), t))
}

fn name(key: Key, name: &str) -> Result {
    if !name.is_empty() && !name.contains(char::is_control) {
        return Ok(());
    }
    problem(key, format!("expected a name of visible characters, found {name:?}"), "")
}

fn tensors<'m>(key: &Key, specs: &'m [TensorSpec], names: &mut BTreeSet<&'m str>) -> Result {
    if specs.is_empty() || specs.len() > MAX_TENSORS {
        let message = format!("expected 1 to {MAX_TENSORS} tensors, found {}", specs.len());
        return problem(key.clone(), message, "");
    }
    for (index, spec) in specs.iter().enumerate() {
        let key = key.index(index);
        name(key.name("name"), &spec.name)?;
        if !names.insert(&spec.name) {
            let message = format!("the name `{}` is given twice", spec.name);
            return problem(key.name("name"), message, "inputs and outputs share their names");
        }
        shape(key.name("shape"), &spec.shape)?;
        if let Some([low, high]) = spec.range
            && !(low.is_finite() && high.is_finite() && low <= high)
        {
            let message = format!("expected a finite low and high, found {low} and {high}");
            return problem(key.name("range"), message, "leave it out where there are no bounds");
        }
    }
    Ok(())
}

fn shape(key: Key, shape: &[usize]) -> Result {
    if shape.first() != Some(&1) {
        let message = format!("expected a shape that begins with a batch of 1, found {shape:?}");
        return problem(key, message, "networks run on one sample at a time");
    }
    let elements = shape.iter().try_fold(1_usize, |product, &n| product.checked_mul(n));
    match elements {
        Some(1..=MAX_ELEMENTS) => Ok(()),
        _ => problem(key, format!("expected 1 to {MAX_ELEMENTS} elements, found {shape:?}"), ""),
    }
}

fn normalisation(key: &Key, entry: &Normalisation) -> Result {
    if entry.mean.len() != entry.std.len() || entry.mean.is_empty() {
        let message = format!(
            "expected `mean` and `std` of the same length, found {} and {}",
            entry.mean.len(),
            entry.std.len()
        );
        return problem(key.clone(), message, "");
    }
    if let Some(i) = entry.mean.iter().position(|x| !x.is_finite()) {
        let message = format!("expected a finite number, found {}", entry.mean[i]);
        return problem(key.name("mean").index(i), message, "");
    }
    if let Some(i) = entry.std.iter().position(|x| !(x.is_finite() && *x > 0.0)) {
        let message = format!("expected a finite number above 0, found {}", entry.std[i]);
        return problem(key.name("std").index(i), message, "write 1 for what never changes");
    }
    Ok(())
}

fn table(key: &Key, table: &toml::Table) -> Result {
    table.iter().try_for_each(|(name, value)| finite(&key.name(name), value))
}

fn finite(key: &Key, value: &toml::Value) -> Result {
    match value {
        toml::Value::Float(x) if !x.is_finite() => {
            problem(key.clone(), format!("expected a finite number, found {x}"), "")
        }
        toml::Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(i, item)| finite(&key.index(i), item))
        }
        toml::Value::Table(inner) => table(key, inner),
        _ => Ok(()),
    }
}

fn training(key: &Key, training: &Training) -> Result {
    let spent = [
        ("wall_secs", training.wall_secs),
        ("cpu_secs", training.cpu_secs),
        ("joules", training.joules),
    ];
    for (name, amount) in spent {
        if !(amount.is_finite() && amount >= 0.0) {
            let message = format!("expected a finite number that is not negative, found {amount}");
            return problem(key.name(name), message, "");
        }
    }
    let counts = [
        ("seed", training.seed),
        ("demonstrations", training.demonstrations),
        ("frames", training.frames),
    ];
    match counts.into_iter().find(|(_, count)| i64::try_from(*count).is_err()) {
        None => Ok(()),
        Some((name, count)) => {
            let message = format!("expected at most {}, found {count}", i64::MAX);
            problem(key.name(name), message, "TOML knows no larger numbers")
        }
    }
}
