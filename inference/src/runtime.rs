//! What runs networks in this process.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ort::environment::{Environment, EnvironmentBuilder};

use crate::error::RuntimeError;

/// What runs the networks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// ONNX Runtime from this library.
    Native(PathBuf),
    /// The runtime that is part of this program.
    Embedded,
}

/// What runs networks in this process. There is one, and it is never changed.
#[derive(Debug)]
pub struct Runtime {
    pub(crate) environment: Environment,
    backend: Backend,
    passed_over: Vec<String>,
}

static RUNTIME: OnceLock<Result<Runtime, RuntimeError>> = OnceLock::new();

impl Runtime {
    /// The runtime of this process. The first call decides: it takes the first of `candidates` that
    /// is an ONNX Runtime library of version 1.24 or later, else what is embedded; without candidates
    /// always the latter. Later calls return what was decided, whatever their candidates.
    ///
    /// A path that is not absolute is looked for beside the program, then where the system keeps
    /// its libraries.
    ///
    /// # Errors
    /// When the runtime that was chosen cannot set itself up.
    pub fn start(
        candidates: impl IntoIterator<Item = PathBuf>,
    ) -> Result<&'static Self, RuntimeError> {
        RUNTIME.get_or_init(|| Self::choose(candidates)).as_ref().map_err(Clone::clone)
    }

    fn choose(candidates: impl IntoIterator<Item = PathBuf>) -> Result<Self, RuntimeError> {
        let mut passed_over = Vec::new();
        for path in candidates {
            match load(&path) {
                Ok(builder) => return Self::build(builder, Backend::Native(path), passed_over),
                Err(why) => passed_over.push(why),
            }
        }
        Self::build(embedded(), Backend::Embedded, passed_over)
    }

    fn build(
        builder: EnvironmentBuilder,
        backend: Backend,
        passed_over: Vec<String>,
    ) -> Result<Self, RuntimeError> {
        match builder.with_name("ergon").build() {
            Ok(environment) => Ok(Self { environment, backend, passed_over }),
            Err(e) => Err(RuntimeError { backend: show(&backend), message: e.to_string() }),
        }
    }

    /// What runs the networks.
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    /// What runs the networks, with its version, for records: runtimes differ in speed by a factor of
    /// two and in the last bits of their results.
    pub fn description(&self) -> String {
        format!("{}: {}", show(&self.backend), ort::info())
    }

    /// Why candidates before the chosen one were not taken, one text each.
    pub fn passed_over(&self) -> &[String] {
        &self.passed_over
    }
}

fn show(backend: &Backend) -> String {
    match backend {
        Backend::Native(path) => format!("native ONNX Runtime {}", path.display()),
        Backend::Embedded => "embedded ONNX Runtime".into(),
    }
}

#[cfg(feature = "dynamic")]
fn load(path: &Path) -> Result<EnvironmentBuilder, String> {
    ort::init_from(path).map_err(|e| e.to_string())
}

#[cfg(not(feature = "dynamic"))]
fn load(path: &Path) -> Result<EnvironmentBuilder, String> {
    Err(format!("{}: this program brings its own ONNX Runtime", path.display()))
}

fn embedded() -> EnvironmentBuilder {
    // Must come before anything else of ort, which would go and look for a library.
    #[cfg(feature = "portable")]
    ort::set_api(ort_tract::api());
    ort::init()
}
