//! `ergon supervise`: calls all motions off when `ergon bridge` falls silent.

use std::path::Path;
use std::time::Duration;

use ergon_bridge::ros::supervise;

use super::field::no_ros;
use super::files::RobotFiles;
use crate::exit::{Exit, Failure};
use crate::out::say;

/// Silence after which the bridge counts as dead or hung. The motions that it sent end at rest anyway.
const SILENCE: Duration = Duration::from_millis(500);

pub(super) fn run(robot: &Path) -> Result<Exit, Failure> {
    // A Ctrl-C at the terminal reaches this process too, and must not end it before the bridge.
    let _stop = crate::interrupt::flag()?;
    let robot = RobotFiles::read(robot)?;
    let ready = || say!("ready");
    let called = supervise(&robot.file, &robot.chain, std::io::stdin(), SILENCE, ready);
    if called.map_err(no_ros)? {
        eprintln!("supervisor: the bridge fell silent; all motions were called off");
    }
    Ok(Exit::Done)
}
