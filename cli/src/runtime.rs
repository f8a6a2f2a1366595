//! What runs networks: the embedded runtime, or the native one that the user names.

use std::path::PathBuf;

use ergon_inference::Runtime;

use crate::exit::{Exit, Failure};

/// The environment variable that names a native ONNX Runtime library, as in its other bindings.
const LIBRARY: &str = "ORT_DYLIB_PATH";

/// Decides what runs networks in this process. Without the variable it is what is embedded, so that
/// results do not depend on what happens to be installed.
pub(crate) fn start() -> Result<&'static Runtime, Failure> {
    let named = std::env::var_os(LIBRARY).map(PathBuf::from);
    let runtime = Runtime::start(named).map_err(|e| {
        let failure = Failure::new(Exit::BadInput, e.to_string());
        match e.hint() {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    })?;
    if let Some(why) = runtime.passed_over().first() {
        eprintln!("warning: {LIBRARY}: {why}; the embedded runtime is used");
    }
    Ok(runtime)
}
