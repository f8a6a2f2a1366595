//! Moves a tool there and back and closes the gripper, through whatever goes wrong on the way.
//!
//! usage: reach ROBOT.toml STEPS
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "an example")]

use std::path::Path;
use std::time::Duration;

use ergon_bridge::robot::{Chain, Driver, RobotFile};
use ergon_bridge::ros::RosArm;
use ergon_vocab::{Command, Robot, RobotError};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let path = Path::new(&arguments[1]);
    let steps: u32 = arguments[2].parse().unwrap();
    let file = RobotFile::parse(&std::fs::read_to_string(path).unwrap(), &arguments[1]).unwrap();
    let urdf = std::fs::read_to_string(path.with_file_name(&file.arm.urdf)).unwrap();
    let chain = Chain::from_urdf(&urdf, &file.arm.base, &file.arm.tool).unwrap();
    let settings = file.driver(chain.clone(), 1.0, false, &arguments[1]).unwrap();
    let mut arm = RosArm::open(&file, &chain, || None).unwrap();
    assert!(arm.await_controllers(Duration::from_secs(20)), "no controllers");
    let mut driver = Driver::new(arm, settings, |what| println!("note: {what}"));
    let begin = match driver.observe() {
        Ok(begin) => begin,
        Err(why) => return println!("ENDED at the beginning: {why}"),
    };
    println!(
        "begin at {:.4} {:.4} {:.4}",
        begin.ee_position.x, begin.ee_position.y, begin.ee_position.z
    );
    let (mut end, mut held) = (begin.clone(), 0);
    for step in 0..steps {
        let there = if step % 40 < 20 { 0.2 } else { -0.2 };
        let grip = if step % 80 < 40 { -1.0 } else { 1.0 };
        let command = Command::from_array([there, 0.0, 0.0, 0.0, 0.0, 0.0, grip]);
        match driver.step(&command) {
            Ok(observation) => end = observation,
            Err(RobotError::Held(why)) => {
                held += 1;
                println!("step {step}: held: {why}");
                match driver.observe() {
                    Ok(observation) => end = observation,
                    Err(why) => return println!("ENDED at step {step}: {why}"),
                }
            }
            Err(why) => return println!("ENDED at step {step}: {why}"),
        }
        if step % 20 == 19 {
            let fingers: f64 = end.finger_positions.iter().sum();
            println!("{:6.2} s  x {:.4}  opening {fingers:.4}", end.time_secs, end.ee_position.x);
        }
    }
    let away = (end.ee_position - begin.ee_position).norm();
    println!(
        "DONE {steps} steps in {:.1} s, held {held}, {away:.4} m from where it began",
        end.time_secs
    );
}
