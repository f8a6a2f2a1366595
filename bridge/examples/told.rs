//! What a robot tells of itself: the description, where the robot file leaves it to the robot, and
//! frames.
//!
//! usage: told ROBOT.toml [TO FRAME]...
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "an example")]

use std::path::Path;
use std::time::Duration;

use ergon_bridge::robot::{Chain, RobotFile};
use ergon_bridge::ros::{Told, Wanted};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let path = Path::new(&arguments[1]);
    let file = RobotFile::parse(&std::fs::read_to_string(path).unwrap(), &arguments[1]).unwrap();
    let wanted: Vec<Wanted> = arguments[2..]
        .chunks_exact(2)
        .map(|pair| Wanted { to: pair[0].clone(), frame: pair[1].clone() })
        .collect();
    let told = Told::listen(&file, &wanted, Duration::from_secs(8)).unwrap();
    if !file.arm.description.is_empty() {
        match told.description(&file) {
            Ok(text) => match Chain::from_urdf(text, &file.arm.base, &file.arm.tool) {
                Ok(chain) => println!("DESCRIBED {} joints", chain.dof()),
                Err(e) => println!("DESCRIBED badly: {e}"),
            },
            Err(missing) => println!("UNDESCRIBED {}", missing.found),
        }
    }
    for Wanted { to, frame } in &wanted {
        match told.find(&file, to, frame) {
            Ok(at) => {
                let at = at.translation;
                println!("FOUND {frame} in {to}: {:.3} {:.3} {:.3}", at.x, at.y, at.z);
            }
            Err(missing) => println!("MISSED {}", missing.found),
        }
    }
}
