//! A graph under construction.

use ergon_inference::onnx::{
    AttributeProto, Dimension, Extent, GraphProto, IR_VERSION, ModelProto, NodeProto, OPSET,
    OperatorSetIdProto, StringStringEntryProto, TensorProto, TensorShapeProto, TypeProto,
    TypeProtoTensor, ValueInfoProto,
};

/// A value of the graph that made it: an input, a constant, or what an operator returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value(pub(super) String);

/// A graph under construction. Values are made before they are used, so it is in order at any time.
///
/// Shapes are not tracked. A slip in one shows when the file is loaded, and the tests of each network
/// load it.
#[derive(Debug)]
pub struct Graph {
    pub(super) graph: GraphProto,
    notes: Vec<StringStringEntryProto>,
}

impl Graph {
    /// A graph without nodes.
    pub fn new(name: &str) -> Self {
        Self { graph: GraphProto { name: name.into(), ..Default::default() }, notes: Vec::new() }
    }

    /// A graph that was finished, to be changed.
    pub(super) fn resume(model: ModelProto) -> Self {
        Self { graph: model.graph.unwrap_or_default(), notes: model.metadata_props }
    }

    /// An input of `f32`.
    pub fn input(&mut self, name: &str, shape: &[usize]) -> Value {
        self.graph.input.push(tensor(name, shape));
        Value(name.into())
    }

    /// Makes a value an output, of `f32`, under this name.
    pub fn output(&mut self, name: &str, value: &Value, shape: &[usize]) {
        self.graph.output.push(tensor(name, shape));
        self.node_named(name, "Identity", &[value], Vec::new());
    }

    /// A constant of `f32`, row-major. The shape of a number is `[]`.
    ///
    /// # Panics
    /// When there are not as many elements as the shape says. So do the constants of other kinds.
    pub fn constant(&mut self, shape: &[usize], elements: &[f32]) -> Value {
        self.tensor(TensorProto::FLOAT, shape, elements.iter().map(|x| x.to_le_bytes()))
    }

    /// A constant of `i64`.
    pub fn constant_i64(&mut self, shape: &[usize], elements: &[i64]) -> Value {
        self.tensor(TensorProto::INT64, shape, elements.iter().map(|x| x.to_le_bytes()))
    }

    /// A constant of `i32`.
    pub fn constant_i32(&mut self, shape: &[usize], elements: &[i32]) -> Value {
        self.tensor(TensorProto::INT32, shape, elements.iter().map(|x| x.to_le_bytes()))
    }

    /// A constant of `i8`.
    pub fn constant_i8(&mut self, shape: &[usize], elements: &[i8]) -> Value {
        self.tensor(TensorProto::INT8, shape, elements.iter().map(|x| x.to_le_bytes()))
    }

    /// A constant of `u8`.
    pub fn constant_u8(&mut self, shape: &[usize], elements: &[u8]) -> Value {
        self.tensor(TensorProto::UINT8, shape, elements.iter().map(|x| x.to_le_bytes()))
    }

    fn tensor<const N: usize>(
        &mut self,
        data_type: i32,
        shape: &[usize],
        elements: impl ExactSizeIterator<Item = [u8; N]>,
    ) -> Value {
        let name = format!("constant_{}", self.graph.initializer.len());
        assert_eq!(shape.iter().product::<usize>(), elements.len(), "{name} of shape {shape:?}");
        self.graph.initializer.push(TensorProto {
            dims: shape.iter().map(|&n| n as i64).collect(),
            data_type,
            name: name.clone(),
            raw_data: elements.flatten().collect(),
        });
        Value(name)
    }

    /// What an operator of the operator set makes of values.
    pub(super) fn node(
        &mut self,
        operator: &str,
        inputs: &[&Value],
        attributes: Vec<AttributeProto>,
    ) -> Value {
        let name = format!("{}_{}", operator.to_lowercase(), self.graph.node.len());
        self.node_named(&name, operator, inputs, attributes)
    }

    /// The same under a name that is not made otherwise.
    pub(super) fn node_named(
        &mut self,
        name: &str,
        operator: &str,
        inputs: &[&Value],
        attributes: Vec<AttributeProto>,
    ) -> Value {
        self.graph.node.push(NodeProto {
            input: inputs.iter().map(|v| v.0.clone()).collect(),
            output: vec![name.into()],
            name: name.into(),
            op_type: operator.into(),
            attribute: attributes,
            ..Default::default()
        });
        Value(name.into())
    }

    /// A note in the file, for people and other programs.
    pub fn note(&mut self, key: &str, value: &str) {
        self.notes.push(StringStringEntryProto { key: key.into(), value: value.into() });
    }

    /// The bytes of the file.
    pub fn finish(self) -> Vec<u8> {
        let model = ModelProto {
            ir_version: IR_VERSION,
            producer_name: env!("CARGO_PKG_NAME").into(),
            producer_version: env!("CARGO_PKG_VERSION").into(),
            graph: Some(self.graph),
            opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPSET }],
            metadata_props: self.notes,
            ..Default::default()
        };
        model.to_bytes()
    }
}

fn tensor(name: &str, shape: &[usize]) -> ValueInfoProto {
    let dim = shape.iter().map(|&n| Dimension { value: Some(Extent::Value(n as i64)) }).collect();
    let shape = Some(TensorShapeProto { dim });
    let tensor_type = Some(TypeProtoTensor { elem_type: TensorProto::FLOAT, shape });
    ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type }) }
}
