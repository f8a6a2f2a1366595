//! What `policy.toml` says of a network.

mod check;
mod place;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::ManifestError;
use place::Places;

/// The version of the format that is read and written.
pub const FORMAT_VERSION: u32 = 1;

/// What a network is, what goes in and comes out, and how it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the format, [`FORMAT_VERSION`].
    pub version: u32,
    /// What the policy is called.
    pub name: String,
    /// What the network is for.
    pub kind: Kind,
    /// The digest of the graph's bytes, 16 hexadecimal digits; [`crate::ModelFile::seal`] knows it.
    pub digest: String,
    /// How often a second the network is meant to run; none where that does not matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_hz: Option<f64>,
    /// The tensors that go in, in the order of the graph.
    #[serde(rename = "input")]
    pub inputs: Vec<TensorSpec>,
    /// The tensors that come out, in the order of the graph.
    #[serde(rename = "output")]
    pub outputs: Vec<TensorSpec>,
    /// How quantities are standardised before they go in and after they come out, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub normalisation: BTreeMap<String, Normalisation>,
    /// Settings of the network's kind; see [`Manifest::parameters`].
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub parameters: toml::Table,
    /// How the network was made; none where it was not trained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub training: Option<Training>,
}

/// What a network is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Finds objects in pictures.
    Detector,
    /// Moves the arm as a skill and its target ask.
    Skills,
    /// Moves the arm as an instruction in words asks.
    Vla,
}

/// A tensor that goes in or comes out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TensorSpec {
    /// Its name in the graph.
    pub name: String,
    /// Its extents, outermost first; the first is the batch and 1.
    pub shape: Vec<usize>,
    /// Of what its elements are.
    pub dtype: ElementType,
    /// The unit of its elements; empty for pure numbers.
    pub unit: String,
    /// Within which bounds its elements lie, where there are any, in its unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
    /// What it means.
    pub description: String,
}

impl TensorSpec {
    /// How many elements it has.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it has no elements, which no tensor of a manifest that was read has.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Of what the elements of a tensor are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ElementType {
    /// 32-bit floats.
    #[serde(rename = "f32")]
    F32,
}

/// How a quantity is standardised: the network sees `(x - mean) / std`, element by element.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalisation {
    /// What is subtracted, in the quantity's unit.
    pub mean: Vec<f64>,
    /// What is divided by, in the quantity's unit. As long as `mean`; above 0.
    pub std: Vec<f64>,
}

/// How a network was made and what that cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// The command line that makes it again.
    pub command: String,
    /// What decided every random choice.
    pub seed: u64,
    /// The commit of the program that made it.
    pub commit: String,
    /// How many demonstrations it was shown.
    pub demonstrations: u64,
    /// How many moments these have together.
    pub frames: u64,
    /// How long it took, s.
    pub wall_secs: f64,
    /// Processor time it took, s.
    pub cpu_secs: f64,
    /// Energy it took, J.
    pub joules: f64,
    /// How these joules are known, such as `estimated: 4 W a busy thread`.
    pub joules_kind: String,
    /// A hash of the data it was made from.
    pub data_hash: String,
}

impl Manifest {
    /// Reads the text of a manifest; `file` is its name in errors.
    ///
    /// # Errors
    /// When the text is not TOML, when something is missing, unknown or of the wrong type, when names
    /// repeat, a shape has no batch of 1 or is too large, or a number is not finite.
    pub fn parse(text: &str, file: &str) -> Result<Self, ManifestError> {
        let places = Places::of(text, file)?;
        places.version()?;
        let manifest: Self = toml::from_str(text).map_err(|e| places.refused(&e))?;
        check::manifest(&manifest).map_err(|problem| places.wrong(problem))?;
        Ok(manifest)
    }

    /// A text that reads back as the same.
    ///
    /// # Errors
    /// When no text would, since the manifest breaks a rule that [`Manifest::parse`] keeps.
    pub fn to_text(&self) -> Result<String, ManifestError> {
        check::manifest(self).map_err(|p| self.error(p.key.to_string(), p.message, p.hint))?;
        toml::to_string(self).map_err(|e| self.error(String::new(), e.to_string(), String::new()))
    }

    /// The settings of the network's kind as `T`.
    ///
    /// # Errors
    /// When they are not what `T` asks for.
    pub fn parameters<T: DeserializeOwned>(&self) -> Result<T, ManifestError> {
        T::deserialize(self.parameters.clone()).map_err(|e| {
            let hint = format!("the settings are those of a {:?} of this version", self.kind);
            self.error("parameters".into(), e.to_string().trim_end().replace('\n', " "), hint)
        })
    }

    /// An error that is about the manifest and no longer about a place in a file.
    fn error(&self, key: String, message: String, hint: String) -> ManifestError {
        ManifestError { file: self.name.clone(), line: 0, column: 0, key, message, hint }
    }
}
