//! A network small enough to be computed by hand, and what every runtime must do with it.

use ergon_inference::onnx::{
    Dimension, Extent, GraphProto, IR_VERSION, ModelProto, NodeProto, OPSET, OperatorSetIdProto,
    TensorProto, TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};
use ergon_inference::{Manifest, Model, ModelError, ModelFile, Runtime};

pub(crate) const POLICY: &str = include_str!("policy.toml");

pub(crate) fn manifest() -> Manifest {
    Manifest::parse(POLICY, "policy.toml").unwrap()
}

fn value(name: &str, shape: &[i64]) -> ValueInfoProto {
    let dim = shape.iter().map(|&v| Dimension { value: Some(Extent::Value(v)) }).collect();
    let shape = Some(TensorShapeProto { dim });
    let tensor_type = Some(TypeProtoTensor { elem_type: TensorProto::FLOAT, shape });
    ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type }) }
}

fn node(operator: &str, input: [&str; 2], output: &str) -> NodeProto {
    NodeProto {
        input: input.into_iter().filter(|i| !i.is_empty()).map(str::to_owned).collect(),
        output: vec![output.into()],
        name: output.into(),
        op_type: operator.into(),
        ..Default::default()
    }
}

/// `relu(x W + offset) / offset` with W = [[1, 2, 3], [-1, 0, 1]].
pub(crate) fn graph() -> ModelProto {
    let weights: [f32; 6] = [1.0, 2.0, 3.0, -1.0, 0.0, 1.0];
    ModelProto {
        ir_version: IR_VERSION,
        graph: Some(GraphProto {
            node: vec![
                node("MatMul", ["x", "w"], "product"),
                node("Add", ["product", "offset"], "sum"),
                node("Relu", ["sum", ""], "positive"),
                node("Div", ["positive", "offset"], "y"),
            ],
            name: "small".into(),
            initializer: vec![TensorProto {
                dims: vec![2, 3],
                data_type: TensorProto::FLOAT,
                name: "w".into(),
                raw_data: weights.iter().flat_map(|w| w.to_le_bytes()).collect(),
            }],
            input: vec![value("x", &[1, 2]), value("offset", &[1, 3])],
            output: vec![value("y", &[1, 3])],
        }),
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPSET }],
        ..Default::default()
    }
}

pub(crate) fn file() -> ModelFile {
    ModelFile::seal(manifest(), graph().to_bytes()).unwrap()
}

/// What any runtime must do.
pub(crate) fn keeps_the_contract(runtime: &Runtime) {
    let mut model = file().open(runtime).unwrap();
    computes(&mut model);
    refuses_wrong_sizes(&mut model);
    refuses_what_is_not_finite(&mut model);
    computes(&mut model);
    runs_in_threads(runtime);
}

fn computes(model: &mut Model) {
    let mut outputs = vec![vec![9.0; 7]];
    model.run(&[&[2.0, 3.0], &[1.0, 2.0, 0.5]], &mut outputs).unwrap();
    assert_eq!(outputs, [[0.0, 3.0, 19.0]]);
    model.run(&[&[1.0, 0.0], &[1.0, 1.0, 1.0]], &mut outputs).unwrap();
    assert_eq!(outputs, [[2.0, 3.0, 4.0]]);
}

fn refuses_wrong_sizes(model: &mut Model) {
    let mut one = [Vec::new()];
    let short = model.run(&[&[2.0], &[1.0, 2.0, 0.5]], &mut one).unwrap_err();
    assert_eq!(short.to_string(), "model small: elements of input `x`: expected 2, found 1");
    let few = model.run(&[&[2.0, 3.0]], &mut one).unwrap_err();
    assert_eq!(few.to_string(), "model small: inputs: expected 2, found 1");
    let none = model.run(&[&[2.0, 3.0], &[1.0, 2.0, 0.5]], &mut []).unwrap_err();
    assert_eq!(none.to_string(), "model small: outputs: expected 1, found 0");
    assert!(none.hint().is_some());
}

fn refuses_what_is_not_finite(model: &mut Model) {
    let error = model.run(&[&[1.0, 0.0], &[1.0, 0.0, 1.0]], &mut [Vec::new()]).unwrap_err();
    assert!(matches!(&error, ModelError::NotFinite { index: 1, .. }), "{error}");
    assert_eq!(error.to_string(), "model small: output `y`: element 1 is inf");
}

fn runs_in_threads(runtime: &Runtime) {
    let file = file();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut model = file.open(runtime).unwrap();
                for _ in 0..50 {
                    computes(&mut model);
                }
            });
        }
    });
}
