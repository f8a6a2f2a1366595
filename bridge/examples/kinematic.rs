//! The smallest robot that can be served: joints that are where they were told to be.
//!
//! usage: kinematic ROBOT.toml SECONDS
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "an example")]

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use ergon_bridge::robot::{Chain, JointState, RobotFile};
use ergon_bridge::ros::{ServedArm, serve_arm};
use ergon_vocab::CameraImage;

const TICK_SECS: f64 = 0.02;
/// Speed of the gripper's joint, m/s.
const FINGER_SPEED: f64 = 0.1;

struct Kinematic<'a> {
    joints: JointState,
    finger: f64,
    ticks: u32,
    most: u32,
    stop: &'a AtomicBool,
}

impl ServedArm for Kinematic<'_> {
    fn tick_secs(&self) -> f64 {
        TICK_SECS
    }

    fn joints(&self) -> JointState {
        self.joints.clone()
    }

    fn finger(&self) -> f64 {
        self.finger
    }

    fn tick(&mut self, positions: &[f64], closing: bool) -> Result<(), String> {
        let before = std::mem::replace(&mut self.joints.positions, positions.to_vec());
        let ways = positions.iter().zip(&before).map(|(now, before)| now - before);
        self.joints.velocities = ways.map(|way| way / TICK_SECS).collect();
        let goal = if closing { 0.0 } else { 0.04 };
        let most = FINGER_SPEED * TICK_SECS;
        self.finger += (goal - self.finger).clamp(-most, most);
        self.ticks += 1;
        self.stop.store(self.ticks >= self.most, Ordering::Relaxed);
        Ok(())
    }

    fn pictures(&mut self) -> Result<Vec<CameraImage>, String> {
        Ok(Vec::new())
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let path = Path::new(&arguments[1]);
    let secs: f64 = arguments[2].parse().unwrap();
    let file = RobotFile::parse(&std::fs::read_to_string(path).unwrap(), &arguments[1]).unwrap();
    let urdf = std::fs::read_to_string(path.with_file_name(&file.arm.urdf)).unwrap();
    let chain = Chain::from_urdf(&urdf, &file.arm.base, &file.arm.tool).unwrap();
    let stop = AtomicBool::new(false);
    let home = vec![0.0, -0.785, 0.0, -2.356, 0.0, 1.571, 0.785];
    let mut arm = Kinematic {
        joints: JointState::at_rest(home),
        finger: 0.04,
        ticks: 0,
        most: (secs / TICK_SECS) as u32,
        stop: &stop,
    };
    println!("serving {}", file.name);
    serve_arm((&file, &chain, &urdf), &[], &mut arm, &stop, &mut |what| println!("{what}"))
        .unwrap();
}
