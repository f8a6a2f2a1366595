//! `ergon supervise`: calls all motions off when `ergon bridge` falls silent.

use std::path::Path;

use ergon_bridge::ros::{Watch, supervise};

use super::field::no_ros;
use super::files;
use crate::exit::{Exit, Failure};
use crate::out::say;

pub(super) fn run(robot: &Path) -> Result<Exit, Failure> {
    // A Ctrl-C at the terminal reaches this process too, and must not end it before the bridge.
    let _stop = crate::interrupt::flag()?;
    let (file, chain) = files::supervised(robot)?;
    let silence = file.watch.silence_secs;
    let tell = |what| match what {
        Watch::Ready => say!("ready"),
        Watch::Silent => eprintln!(
            "supervisor: the bridge was silent for {silence} s; all motions were called off"
        ),
        Watch::Back => eprintln!("supervisor: the bridge is back"),
        Watch::Gone => eprintln!("supervisor: the bridge is gone; all motions were called off"),
    };
    supervise(&file, &chain, std::io::stdin(), tell).map_err(no_ros)?;
    Ok(Exit::Done)
}
