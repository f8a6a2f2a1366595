//! What the tests of the command line share.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The folder of the project.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs the program there.
pub(crate) fn ergon(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ergon")).args(arguments).current_dir(root()).output().unwrap()
}
