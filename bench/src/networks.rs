//! The trained networks of the agent, as files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ergon_controller::learned;
use ergon_controller::vla::Vla;
use ergon_inference::{Manifest, ModelFile, Runtime};
use ergon_perception::detector::Detector;
use ergon_perception::gauge::Gauge;
use ergon_perception::{Cell, Grounder, PixelPerceiver};
use ergon_vocab::{InstructedPolicy, PolicyError, Skill};
use thiserror::Error;

use crate::PolicySource;

/// The file in a policy's folder that describes it.
pub const MANIFEST: &str = "policy.toml";
/// The file beside it, the network itself.
pub const GRAPH: &str = "policy.onnx";

/// Why the networks cannot be used.
#[derive(Clone, Debug, Error)]
#[error("{file}: {message}")]
pub struct NetworkError {
    /// The file.
    pub file: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// Detector, gauge and skills, with what runs them.
#[derive(Clone, Debug)]
pub struct Networks {
    /// Finds objects in pictures.
    pub detector: ModelFile,
    /// Measures them.
    pub gauge: ModelFile,
    /// Moves the arm.
    pub skills: ModelFile,
    /// What runs them.
    pub runtime: &'static Runtime,
}

impl Networks {
    /// Folder of the detector among the policies.
    pub const DETECTOR: &str = "detector";
    /// Folder of the gauge among the policies.
    pub const GAUGE: &str = "gauge";
    /// Folder of the skills among the policies.
    pub const SKILLS: &str = "skills";
    /// Folders of all.
    pub const FOLDERS: [&str; 3] = [Self::DETECTOR, Self::GAUGE, Self::SKILLS];

    /// Reads the networks from a folder of policies.
    ///
    /// # Errors
    /// A file is missing or wrong.
    pub fn load(folder: &Path, runtime: &'static Runtime) -> Result<Self, NetworkError> {
        let detector = load_policy(&folder.join(Self::DETECTOR))?;
        let gauge = load_policy(&folder.join(Self::GAUGE))?;
        let skills = load_policy(&folder.join(Self::SKILLS))?;
        Ok(Self { detector, gauge, skills, runtime })
    }

    /// A perceiver for a cell, with networks of its own.
    ///
    /// # Errors
    /// They do not fit each other or the cell; the text says how.
    pub fn perceiver(&self, grounder: Grounder, cell: Cell) -> Result<PixelPerceiver, String> {
        let open = |file: &ModelFile| file.open(self.runtime).map_err(|e| e.to_string());
        let detector = Detector::new(open(&self.detector)?)?;
        let gauge = Gauge::new(open(&self.gauge)?, detector.parameters().classes.len())?;
        PixelPerceiver::new(detector, gauge, grounder, cell)
    }

    /// The learned skills for a cell, with a network of their own.
    ///
    /// # Errors
    /// They do not fit each other; the text says how.
    pub fn skills(&self, cell: &Cell) -> Result<BTreeMap<String, Box<dyn Skill>>, String> {
        let model = self.skills.open(self.runtime).map_err(|e| e.to_string())?;
        learned::skills(model, &cell.cameras)
    }
}

/// A policy that is told in words what to do, from its files.
#[derive(Clone, Debug)]
pub struct LocalPolicy {
    file: ModelFile,
    runtime: &'static Runtime,
}

impl LocalPolicy {
    /// Reads the policy from its folder.
    ///
    /// # Errors
    /// A file is missing or wrong.
    pub fn load(folder: &Path, runtime: &'static Runtime) -> Result<Self, NetworkError> {
        Ok(Self { file: load_policy(folder)?, runtime })
    }
}

impl PolicySource for LocalPolicy {
    fn open(&self) -> Result<Box<dyn InstructedPolicy>, PolicyError> {
        let model = self.file.open(self.runtime).map_err(|e| PolicyError(e.to_string()))?;
        Ok(Box::new(Vla::new(model).map_err(PolicyError)?))
    }
}

/// Reads a policy's two files and checks them against each other.
///
/// # Errors
/// A file is missing or wrong.
pub fn load_policy(folder: &Path) -> Result<ModelFile, NetworkError> {
    let manifest_file = folder.join(MANIFEST);
    let text = std::fs::read_to_string(&manifest_file).map_err(|e| unread(&manifest_file, &e))?;
    let shown = manifest_file.display().to_string();
    let manifest = Manifest::parse(&text, &shown).map_err(|e| NetworkError {
        file: shown.clone(),
        hint: e.hint().map(str::to_owned),
        message: e.to_string(),
    })?;
    let graph_file = folder.join(GRAPH);
    let bytes = std::fs::read(&graph_file).map_err(|e| unread(&graph_file, &e))?;
    ModelFile::new(manifest, bytes).map_err(|e| NetworkError {
        file: graph_file.display().to_string(),
        hint: e.hint().map(str::to_owned),
        message: e.to_string(),
    })
}

fn unread(file: &Path, error: &std::io::Error) -> NetworkError {
    NetworkError {
        file: file.display().to_string(),
        message: format!("cannot be read: {error}"),
        hint: Some(
            "name the folder of trained policies with --policies, or train: ergon train".into(),
        ),
    }
}

/// Where the policies of a scenario are: `policies` in the present folder, else beside the scenario or
/// above it.
pub fn find_policies(scenario: &Path) -> PathBuf {
    let here = PathBuf::from("policies");
    if here.is_dir() {
        return here;
    }
    let above = scenario.ancestors().skip(1).map(|folder| folder.join("policies"));
    above.into_iter().find(|folder| folder.is_dir()).unwrap_or(here)
}
