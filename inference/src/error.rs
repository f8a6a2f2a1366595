//! What is wrong with a runtime, a manifest or a model, and what to do about it.

use thiserror::Error;

/// No network can be run in this process.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the {backend} refuses to start: {message}")]
pub struct RuntimeError {
    pub(crate) backend: String,
    pub(crate) message: String,
}

impl RuntimeError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        Some("name another ONNX Runtime library, or none to use the embedded one")
    }
}

/// An error in a manifest, shown as `FILE:LINE:COLUMN: KEY: what was expected, what was found`.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{}{}{message}", show_place(.file, .line, .column), show_key(.key))]
pub struct ManifestError {
    /// The file as it was named; the name of the policy where the error is not about a file.
    pub file: String,
    /// 1-based; 0 where the error concerns the file as a whole.
    pub line: usize,
    /// 1-based, in characters; 0 where the error concerns the file as a whole.
    pub column: usize,
    /// Dotted path of the key, such as `input[2].shape`; empty where there is none.
    pub key: String,
    /// What was expected and what was found.
    pub message: String,
    pub(crate) hint: String,
}

fn show_place(file: &str, line: &usize, column: &usize) -> String {
    if *line == 0 { format!("{file}: ") } else { format!("{file}:{line}:{column}: ") }
}

fn show_key(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!("{key}: ") }
}

impl ManifestError {
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// What to do about it, where the message does not say all.
    pub fn hint(&self) -> Option<&str> {
        (!self.hint.is_empty()).then_some(&self.hint)
    }
}

/// Why a model cannot be loaded or run.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ModelError {
    /// The bytes are no ONNX graph that could be run.
    #[error("model {model}: {message}")]
    Graph {
        /// The policy's name.
        model: String,
        /// What is wrong with them.
        message: String,
    },
    /// Graph and manifest differ.
    #[error("model {model}: {what}: expected {expected} as the manifest says, found {found}")]
    Mismatch {
        /// The policy's name.
        model: String,
        /// In what they differ, such as ``input `image` ``.
        what: String,
        /// What the manifest says.
        expected: String,
        /// What the graph says.
        found: String,
    },
    /// The caller handed over something of the wrong size.
    #[error("model {model}: {what}: expected {expected}, found {found}")]
    Size {
        /// The policy's name.
        model: String,
        /// Of what the size is wrong.
        what: String,
        /// How many the manifest asks for.
        expected: usize,
        /// How many there were.
        found: usize,
    },
    /// A number that came out is infinite or none at all.
    #[error("model {model}: output `{output}`: element {index} is {value}")]
    NotFinite {
        /// The policy's name.
        model: String,
        /// The output's name.
        output: String,
        /// Where in the output, in row-major order.
        index: usize,
        /// The number.
        value: String,
    },
    /// The runtime gave up.
    #[error("model {model}: cannot be run: {message}")]
    Run {
        /// The policy's name.
        model: String,
        /// What the runtime says.
        message: String,
    },
}

impl ModelError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        Some(match self {
            Self::Graph { .. } => "fetch or export the model file anew",
            Self::Mismatch { .. } => {
                "policy.toml and the model are of different makes; keep the pair that was exported together"
            }
            Self::Size { .. } => "build the tensors from the shapes in the manifest",
            Self::NotFinite { .. } => {
                "check that the inputs are finite and normalised as the manifest says"
            }
            Self::Run { .. } => {
                "try the other runtime; if that one runs it, this one lacks an operator"
            }
        })
    }
}
