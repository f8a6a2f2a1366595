//! Reading and writing: whole files only, nothing half written.

use std::io::Write;
use std::path::Path;

use ergon_bench::{GRAPH, MANIFEST};
use ergon_inference::ModelFile;

use crate::exit::{Exit, Failure};

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|e| {
        Failure::new(Exit::BadInput, format!("{}: cannot be read: {e}", path.display()))
            .with_hint("check the path")
    })
}

/// Writes a file by way of a temporary beside it, so that it is there whole or not at all;
/// makes its folder where that is missing.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder).map_err(|e| Failure::write(folder, e))?;
    let mut builder = tempfile::Builder::new();
    // A temporary file is private by default; the result is as open as any other file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(|e| Failure::write(path, e))?;
    file.write_all(bytes).map_err(|e| Failure::write(path, e))?;
    file.persist(path).map_err(|e| Failure::write(path, e.error))?;
    Ok(())
}

/// Writes the two files of a policy into a folder of its own.
pub(crate) fn write_policy(folder: &Path, policy: &ModelFile) -> Result<(), Failure> {
    let text = policy.manifest().to_text().map_err(|e| Failure::new(Exit::Bug, e.to_string()))?;
    write(&folder.join(MANIFEST), text.as_bytes())?;
    write(&folder.join(GRAPH), policy.onnx())
}
