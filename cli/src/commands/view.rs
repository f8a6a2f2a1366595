use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::exit::{Exit, Failure};

/// The program that opens the window. It is built apart, so that nobody else waits for bevy.
const VIEWER: &str = "ergon-viewer";

#[derive(clap::Args)]
#[command(after_help = "\
Example:  ergon view scenarios/hanoi/3.toml
          ergon view runs/demo/hanoi-3-0000.mcap
It starts ergon-viewer, which lies beside ergon or on the PATH and lists its options itself:
          cargo build --release -p ergon-viewer
          ergon-viewer --help")]
pub(crate) struct Arguments {
    /// What ergon-viewer is told
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    arguments: Vec<OsString>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let beside = std::env::current_exe().ok().and_then(|me| sibling(&me));
    let mut command = Command::new(beside.unwrap_or_else(|| VIEWER.into()));
    command.args(&arguments.arguments);
    Err(match start(&mut command) {
        Ok(exit) => return Ok(exit),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let failure = Failure::new(Exit::BadInput, format!("{VIEWER} is not built"));
            failure.with_hint(format!("cargo build --release -p {VIEWER}"))
        }
        Err(error) => Failure::new(Exit::BadInput, format!("{VIEWER} cannot be started: {error}")),
    })
}

/// The viewer beside this program, where there is one.
fn sibling(me: &Path) -> Option<PathBuf> {
    let name = format!("{VIEWER}{}", std::env::consts::EXE_SUFFIX);
    Some(me.with_file_name(name)).filter(|file| file.is_file())
}

/// Becomes the viewer; returns only if that fails.
#[cfg(unix)]
fn start(command: &mut Command) -> std::io::Result<Exit> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

/// Waits for the viewer, which tells what goes wrong itself.
#[cfg(not(unix))]
fn start(command: &mut Command) -> std::io::Result<Exit> {
    let status = command.status()?;
    Ok(if status.success() { Exit::Done } else { Exit::NotAchieved })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_viewer_is_looked_for_beside_this_program() {
        let folder = tempfile::tempdir().unwrap();
        let me = folder.path().join("ergon");
        assert_eq!(sibling(&me), None);
        let viewer = folder.path().join(format!("{VIEWER}{}", std::env::consts::EXE_SUFFIX));
        std::fs::write(&viewer, "").unwrap();
        assert_eq!(sibling(&me), Some(viewer));
    }
}
