//! Streams small motions to an arm at a fixed rate and prints when each was decided on, in ns since
//! 1970: what `bridge/tests/peers/ros2/latency.py` compares with the network.
//!
//! usage: `stream ROBOT.toml RATE_HZ COUNT`
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for measuring")]
#![expect(clippy::disallowed_methods, reason = "the wall clock is what is measured")]

use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ergon_bridge::robot::{ArmPort, Chain, JointState, Pace, RobotFile, flowing};
use ergon_bridge::ros::RosArm;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let path = Path::new(&arguments[1]);
    let (rate, count): (f64, u32) = (arguments[2].parse().unwrap(), arguments[3].parse().unwrap());
    let file = RobotFile::parse(&std::fs::read_to_string(path).unwrap(), &arguments[1]).unwrap();
    let urdf = std::fs::read_to_string(path.with_file_name(&file.arm.urdf)).unwrap();
    let chain = Chain::from_urdf(&urdf, &file.arm.base, &file.arm.tool).unwrap();
    let mut arm = RosArm::open(&file, &chain, || None).unwrap();
    assert!(arm.await_controllers(Duration::from_secs(20)), "no controllers");
    while arm.sensed().joints.is_none() {
        arm.wait(Duration::from_millis(10));
    }
    let (from, _) = arm.sensed().joints.unwrap();
    let pace = Pace { velocity: vec![1.0; chain.dof()], acceleration: vec![5.0; chain.dof()] };
    let period = Duration::from_secs_f64(1.0 / rate);
    let mut due = Instant::now();
    for i in 0..count {
        due += period;
        while let Some(left) = due.checked_duration_since(Instant::now()) {
            arm.wait(left.min(Duration::from_millis(1)));
        }
        let mut to = from.positions.clone();
        to[6] += if i % 2 == 0 { 0.005 } else { -0.005 };
        let decided = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let motion =
            flowing(&JointState::at_rest(from.positions.clone()), &to, &pace, period.as_secs_f64());
        arm.send(&motion);
        println!("{}", decided.as_nanos());
    }
    arm.wait(Duration::from_millis(300));
}
