//! Eight bits instead of thirty-two, after training.
//!
//! Convolutions become `QLinearConv` with unsigned activations and signed weights, one step a tensor,
//! since of the forms that ONNX has this is the one that no runtime here is slower with than with
//! floats. Measured for 66 million products (3 x 128 x 128, 3 x 3 convolutions to 24, 32, 48, 48, 48
//! channels), one thread, best of 80 runs, with results that differ by 1 % of their range:
//!
//! | form | native 1.32, ms | embedded, ms | file, kB |
//! |---|---|---|---|
//! | floats | 1.2 | 5.0 | 256 |
//! | **`QLinearConv`, a step a tensor** | **0.48** | **4.0** | 68 |
//! | `QLinearConv`, a step a channel | 0.48 | 11 | 69 |
//! | `QuantizeLinear`, `DequantizeLinear` around `Conv` | 0.48 | 7.2 | 69 |
//! | the same with signed activations | 1.8 | 7.1 | 72 |
//! | `DynamicQuantizeLinear`, `ConvInteger` | 6.1 | 6.3 | 69 |
//! | weights only | 1.7 | 5.0 | 68 |
//!
//! Matrix products stay as they are: in networks that begin with convolutions they are few.

use std::collections::{BTreeMap, BTreeSet};

use ergon_inference::onnx::{GraphProto, ModelProto, NodeProto, TensorProto};
use ergon_inference::{ElementType, Manifest, ModelError, ModelFile, Runtime, TensorSpec};
use thiserror::Error;

use super::graph::{Graph, Value};
use super::operators::int;

/// Why a network cannot be quantised.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum QuantiseError {
    /// The ranges of its values are not known.
    #[error("expected samples to learn the ranges of values from, found none")]
    NoSamples,
    /// It cannot be run on them.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// The largest step of a signed weight.
const WEIGHT_STEPS: f32 = 127.0;

/// How many steps the range of an activation is divided into.
const STEPS: f32 = 255.0;

/// The network with convolutions that are computed in eight bits, as a file. `samples` are inputs as
/// [`ergon_inference::Model::run`] takes them, some hundred as they occur: each activation gets the
/// range that it has on these, and what lies beyond is cut off.
///
/// # Errors
/// When there are no samples, or the network does not run on them.
pub fn quantise(
    file: &ModelFile,
    runtime: &Runtime,
    samples: &[Vec<Vec<f32>>],
) -> Result<Vec<u8>, QuantiseError> {
    if samples.is_empty() {
        return Err(QuantiseError::NoSamples);
    }
    // A model file was read before, so this is no place for another error.
    let model = ModelProto::from_bytes(file.onnx()).unwrap_or_default();
    let layers = layers(&model.graph.clone().unwrap_or_default());
    let values: BTreeSet<_> =
        layers.values().flat_map(|l| [&l.input, &l.output]).cloned().collect();
    if values.is_empty() {
        return Ok(file.onnx().to_vec());
    }
    let ranges = ranges(file.manifest(), &model, &values, runtime, samples)?;
    let mut graph = Graph::resume(model);
    rewrite(&mut graph, &layers, &ranges);
    Ok(graph.finish())
}

/// A convolution that is to be computed in eight bits.
#[derive(Clone, Debug, PartialEq)]
struct Layer {
    /// What goes in.
    input: String,
    /// What comes out, after the rectifier if there is one.
    output: String,
    /// Whether there is one: the node after the convolution.
    rectified: bool,
    weights: TensorProto,
    bias: Option<TensorProto>,
}

/// The convolutions by the name of what they make. One whose result leaves the network is not among
/// them: what the network says would be rounded to 256 values.
fn layers(graph: &GraphProto) -> BTreeMap<String, Layer> {
    let constant = |name: &String| {
        graph.initializer.iter().find(|t| t.name == *name && t.data_type == TensorProto::FLOAT)
    };
    let layer = |node: &NodeProto| {
        let [input, weights, bias @ ..] = node.input.as_slice() else { return None };
        let made = node.output.first()?;
        let (output, rectified) = match takers(graph, made).as_slice() {
            [only] if only.op_type == "Relu" => (only.output.first()?, true),
            _ => (made, false),
        };
        let takers = takers(graph, output);
        if node.op_type != "Conv"
            || takers.is_empty()
            || takers.iter().any(|n| n.op_type == "Identity")
        {
            return None;
        }
        let bias = match bias.first() {
            None => None,
            Some(name) => Some(constant(name)?.clone()),
        };
        let (input, output, weights) = (input.clone(), output.clone(), constant(weights)?.clone());
        Some((made.clone(), Layer { input, output, rectified, weights, bias }))
    };
    graph.node.iter().filter_map(layer).collect()
}

/// The nodes that a value goes into.
fn takers<'g>(graph: &'g GraphProto, value: &String) -> Vec<&'g NodeProto> {
    graph.node.iter().filter(|n| n.input.contains(value)).collect()
}

/// The range of each value over the samples, 0 included.
fn ranges(
    manifest: &Manifest,
    model: &ModelProto,
    values: &BTreeSet<String>,
    runtime: &Runtime,
    samples: &[Vec<Vec<f32>>],
) -> Result<BTreeMap<String, [f32; 2]>, ModelError> {
    let mut probe = Graph::resume(model.clone());
    probe.graph.output.clear();
    let mut ends = Vec::new();
    for value in values {
        for operator in ["ReduceMin", "ReduceMax"] {
            let end = probe.node(operator, &[&Value(value.clone())], vec![int("keepdims", 0)]);
            ends.push(probe.reshape(&end, &[1, 1]));
        }
    }
    let shape = [1, ends.len()];
    let ends = probe.concat(&ends.iter().collect::<Vec<_>>(), 1);
    probe.output("ranges", &ends, &shape);
    let spec = TensorSpec {
        name: "ranges".into(),
        shape: shape.to_vec(),
        dtype: ElementType::F32,
        unit: String::new(),
        range: None,
        description: "least and largest element of each activation".into(),
    };
    let manifest = Manifest { outputs: vec![spec], ..manifest.clone() };
    let mut model = ModelFile::seal(manifest, probe.finish())?.open(runtime)?;
    let mut ranges = vec![[0.0_f32; 2]; values.len()];
    let mut found = [Vec::new()];
    for sample in samples {
        model.run(&sample.iter().map(Vec::as_slice).collect::<Vec<_>>(), &mut found)?;
        for (range, ends) in ranges.iter_mut().zip(found[0].chunks_exact(2)) {
            *range = [range[0].min(ends[0]), range[1].max(ends[1])];
        }
    }
    Ok(values.iter().cloned().zip(ranges).collect())
}

/// A value in eight bits: `step * (value - zero)`.
#[derive(Clone, Debug)]
struct Rounded {
    value: Value,
    scale: Value,
    zero: Value,
    step: f32,
}

/// Replaces the layers by such that take and make eight bits, with the steps to eight bits before and
/// back after them where others are.
fn rewrite(
    graph: &mut Graph,
    layers: &BTreeMap<String, Layer>,
    ranges: &BTreeMap<String, [f32; 2]>,
) {
    let nodes = std::mem::take(&mut graph.graph.node);
    let rectified: BTreeSet<_> =
        layers.values().filter(|l| l.rectified).map(|l| l.output.as_str()).collect();
    let mut rounded: BTreeMap<String, Rounded> = BTreeMap::new();
    for node in &nodes {
        let made = node.output.first().map(String::as_str).unwrap_or_default();
        let Some(layer) = layers.get(made) else {
            if !rectified.contains(made) {
                graph.graph.node.push(node.clone());
            }
            continue;
        };
        if !rounded.contains_key(&layer.input) {
            let input = to_eight_bits(graph, &layer.input, ranges[&layer.input]);
            rounded.insert(layer.input.clone(), input);
        }
        let output = convolve(graph, layer, node, &rounded[&layer.input], ranges[&layer.output]);
        let others = |n: &&NodeProto| n.output.first().is_none_or(|o| !layers.contains_key(o));
        let takers = nodes.iter().filter(|n| n.input.contains(&layer.output));
        if takers.clone().any(|n| others(&n)) {
            let inputs = [&output.value, &output.scale, &output.zero];
            graph.node_named(&layer.output, "DequantizeLinear", &inputs, Vec::new());
        }
        rounded.insert(layer.output.clone(), output);
    }
    let used: BTreeSet<_> = graph.graph.node.iter().flat_map(|n| n.input.iter().cloned()).collect();
    graph.graph.initializer.retain(|t| used.contains(&t.name));
}

/// The constants that say how a range is divided: scale, zero and step.
fn steps(graph: &mut Graph, [low, high]: [f32; 2]) -> (Value, Value, f32) {
    let step = ((high - low) / STEPS).max(f32::MIN_POSITIVE);
    let scale = graph.constant(&[], &[step]);
    let zero = graph.constant_u8(&[], &[(-low / step).round() as u8]);
    (scale, zero, step)
}

fn to_eight_bits(graph: &mut Graph, name: &str, range: [f32; 2]) -> Rounded {
    let (scale, zero, step) = steps(graph, range);
    let value = graph.node("QuantizeLinear", &[&Value(name.into()), &scale, &zero], Vec::new());
    Rounded { value, scale, zero, step }
}

/// The layer in eight bits. A rectifier needs nothing: the range of its values begins at 0.
fn convolve(
    graph: &mut Graph,
    layer: &Layer,
    node: &NodeProto,
    input: &Rounded,
    range: [f32; 2],
) -> Rounded {
    let weights = floats(&layer.weights);
    let largest = weights.iter().fold(0.0_f32, |most, w| most.max(w.abs()));
    let step = (largest / WEIGHT_STEPS).max(f32::MIN_POSITIVE);
    let small: Vec<i8> = weights.iter().map(|w| (w / step).round() as i8).collect();
    let shape: Vec<usize> = layer.weights.dims.iter().map(|&n| n as usize).collect();
    let small = graph.constant_i8(&shape, &small);
    let small_scale = graph.constant(&[], &[step]);
    let small_zero = graph.constant_i8(&[], &[0]);
    let (scale, zero, out_step) = steps(graph, range);
    let bias = layer.bias.as_ref().map(|bias| {
        let bias = floats(bias);
        let step = step * input.step;
        let small: Vec<i32> = bias.iter().map(|b| (b / step).round() as i32).collect();
        graph.constant_i32(&[bias.len()], &small)
    });
    let inputs =
        [&input.value, &input.scale, &input.zero, &small, &small_scale, &small_zero, &scale, &zero];
    let inputs: Vec<_> = inputs.into_iter().chain(&bias).collect();
    let value = graph.node("QLinearConv", &inputs, node.attribute.clone());
    Rounded { value, scale, zero, step: out_step }
}

fn floats(tensor: &TensorProto) -> Vec<f32> {
    tensor.raw_data.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
}
