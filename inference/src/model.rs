//! A graph that is loaded and runs.

use std::sync::Arc;

use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::session::{Session, SessionInputValue};
use ort::value::TensorRef;

use crate::error::ModelError;
use crate::graph;
use crate::manifest::{Manifest, TensorSpec};
use crate::onnx::ModelProto;
use crate::runtime::Runtime;
use crate::tap::Tap;
use crate::work::Work;

/// A policy's two files in memory. A clone shares them.
#[derive(Clone, Debug)]
pub struct ModelFile {
    manifest: Arc<Manifest>,
    onnx: Arc<[u8]>,
    tap: Option<Tap>,
}

impl ModelFile {
    /// Puts the two files together and checks them against each other.
    ///
    /// # Errors
    /// When the bytes are no ONNX graph, when its inputs and outputs are not the manifest's, or when
    /// it is not the very graph that the manifest was written for.
    pub fn new(manifest: Manifest, onnx: impl Into<Arc<[u8]>>) -> Result<Self, ModelError> {
        let onnx = onnx.into();
        graph::check(&manifest, &onnx)?;
        Ok(Self { manifest: Arc::new(manifest), onnx, tap: None })
    }

    /// Puts together what was just made: the manifest is told the digest of its graph. Write
    /// [`ModelFile::manifest`] to a file only after this.
    ///
    /// # Errors
    /// When the bytes are no ONNX graph, or its inputs and outputs are not the manifest's.
    pub fn seal(manifest: Manifest, onnx: impl Into<Arc<[u8]>>) -> Result<Self, ModelError> {
        let onnx = onnx.into();
        Self::new(Manifest { digest: graph::digest(onnx.iter().copied()), ..manifest }, onnx)
    }

    /// What the policy says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The bytes of the graph.
    pub fn onnx(&self) -> &[u8] {
        &self.onnx
    }

    /// The same file, of which everything that is opened notes its inputs.
    #[must_use]
    pub fn tapped(self, tap: Tap) -> Self {
        Self { tap: Some(tap), ..self }
    }

    /// The work of one inference; `None` where the graph has operators that are not known here.
    pub fn work(&self) -> Option<Work> {
        ModelProto::from_bytes(&self.onnx).ok()?.graph.and_then(|graph| Work::of(&graph))
    }

    /// Loads the graph for one thread. No runtime may run one loaded graph from two threads at once,
    /// and loading takes some milliseconds, so each thread, each episode even, opens its own.
    ///
    /// # Errors
    /// When the runtime cannot load the graph.
    pub fn open(&self, runtime: &Runtime) -> Result<Model, ModelError> {
        let session = session(runtime, &self.onnx).map_err(|e| ModelError::Graph {
            model: self.manifest.name.clone(),
            message: format!("the runtime refuses the graph: {e}"),
        })?;
        Ok(Model { manifest: Arc::clone(&self.manifest), session, tap: self.tap.clone() })
    }
}

/// One thread, so that the caller's processor time is all that a network takes. Level 3 also because
/// the embedded runtime optimises nothing below it.
fn session(runtime: &Runtime, onnx: &[u8]) -> ort::Result<Session> {
    SessionBuilder::new(&runtime.environment)?
        .with_optimization_level(GraphOptimizationLevel::Level3)?
        .with_intra_threads(1)
        .unwrap_or_else(|embedded| embedded.recover())
        .commit_from_memory(onnx)
}

/// A graph that is loaded and runs.
#[derive(Debug)]
pub struct Model {
    manifest: Arc<Manifest>,
    session: Session,
    tap: Option<Tap>,
}

impl Model {
    /// What the policy says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Runs the network once. `inputs` and `outputs` are in the manifest's order, each row-major in
    /// the manifest's shape and unit. What was in `outputs` is replaced; memory is kept.
    ///
    /// # Errors
    /// When the number or the length of the inputs, or the number of the outputs is not the
    /// manifest's, when the runtime fails, or when an output is not finite.
    pub fn run(&mut self, inputs: &[&[f32]], outputs: &mut [Vec<f32>]) -> Result<(), ModelError> {
        let manifest = &*self.manifest;
        size(manifest, "inputs", manifest.inputs.len(), inputs.len())?;
        size(manifest, "outputs", manifest.outputs.len(), outputs.len())?;
        let failed = |e: ort::Error| ModelError::Run {
            model: manifest.name.clone(),
            message: e.to_string(),
        };
        let values = manifest.inputs.iter().zip(inputs).map(|(spec, data)| {
            size(manifest, &format!("elements of input `{}`", spec.name), spec.len(), data.len())?;
            let tensor = TensorRef::from_array_view((spec.shape.as_slice(), *data));
            tensor.map(SessionInputValue::from).map_err(failed)
        });
        let values = values.collect::<Result<Vec<_>, _>>()?;
        if let Some(tap) = &self.tap {
            tap.note(inputs);
        }
        let results = self.session.run(values.as_slice()).map_err(failed)?;
        for ((spec, value), output) in manifest.outputs.iter().zip(results.values()).zip(outputs) {
            let (_, data) = value.try_extract_tensor::<f32>().map_err(failed)?;
            size(manifest, &format!("elements of output `{}`", spec.name), spec.len(), data.len())?;
            finite(manifest, spec, data)?;
            output.clear();
            output.extend_from_slice(data);
        }
        Ok(())
    }
}

fn size(manifest: &Manifest, what: &str, expected: usize, found: usize) -> Result<(), ModelError> {
    if expected == found {
        return Ok(());
    }
    Err(ModelError::Size { model: manifest.name.clone(), what: what.into(), expected, found })
}

fn finite(manifest: &Manifest, spec: &TensorSpec, data: &[f32]) -> Result<(), ModelError> {
    match data.iter().position(|x| !x.is_finite()) {
        None => Ok(()),
        Some(index) => Err(ModelError::NotFinite {
            model: manifest.name.clone(),
            output: spec.name.clone(),
            index,
            value: data[index].to_string(),
        }),
    }
}
