//! What of a robot is there.

use std::time::Duration;

use super::arm::RosArm;
use super::wire::RosError;
use crate::robot::{ArmPort, Calibration, Chain, GripperKind, RobotFile, Sensed};

/// How long pictures and joint states are listened for once the controllers are there.
const LISTEN: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(20);

/// One thing that was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub what: String,
    /// What was found.
    pub found: String,
    /// What to do, where something is missing.
    pub remedy: Option<String>,
}

impl Finding {
    fn good(what: &str, found: impl Into<String>) -> Self {
        Self { what: what.into(), found: found.into(), remedy: None }
    }

    fn bad(what: &str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..Self::good(what, found) }
    }
}

/// Joins the graph, listens for `patience` and says what is there of all that a robot file names.
/// `calibrations` are the files of its cameras, in its order.
///
/// # Errors
/// The network cannot be used.
pub fn examine(
    file: &RobotFile,
    chain: &Chain,
    calibrations: &[Calibration],
    patience: Duration,
) -> Result<Vec<Finding>, RosError> {
    let mut arm = RosArm::open(file, chain, || None)?;
    let controllers = arm.await_controllers(patience);
    let end = arm.now() + LISTEN;
    while arm.now() < end {
        arm.wait(TICK);
    }
    let (topics, sensed, now) = (arm.topics(), arm.sensed(), arm.now());
    let domain = file.ros.domain;
    // What this process asks for itself is among the topics.
    let anybody = controllers || sensed.joints.is_some() || sensed.complaint.is_some();
    let mut findings = vec![match anybody {
        false => Finding::bad(
            "graph",
            format!("nobody is there in domain {domain}"),
            "start the robot; domain and network are under [ros]",
        ),
        true => Finding::good("graph", format!("{} topics in domain {domain}", topics.len())),
    }];
    findings.extend(joints(file, &sensed, now));
    findings.extend(stamps(file, &sensed));
    findings.extend(actions(file, &topics));
    findings.push(match controllers {
        true => Finding::good("controllers", "answer"),
        false => Finding::bad("controllers", "do not answer", "are they active?"),
    });
    findings.extend(cameras(file, &sensed, now));
    findings.extend(intrinsics(file, calibrations, &sensed));
    if let Some(who) = &sensed.other_commander {
        findings.push(Finding::bad(
            "commander",
            format!("{who} commands the arm"),
            "stop the other client",
        ));
    }
    Ok(findings)
}

fn joints(file: &RobotFile, sensed: &Sensed, now: Duration) -> [Finding; 2] {
    let what = "joint states";
    let states = match (&sensed.joints, &sensed.complaint) {
        (Some((joints, at)), _) => {
            let age = now.saturating_sub(*at).as_millis();
            Finding::good(what, format!("{} joints, {age} ms old", joints.positions.len()))
        }
        (None, Some(why)) if *why == sensed.oddity.what => {
            Finding::bad(what, why, stamps_remedy(file))
        }
        (None, Some(why)) => Finding::bad(what, why, "compare with the joints of the URDF"),
        (None, None) => {
            let topic = file.full_name(&file.arm.states);
            Finding::bad(what, format!("nothing on {topic}"), "check arm.states")
        }
    };
    let joint = &file.gripper.joint;
    let finger = match &sensed.finger {
        Some((finger, _)) => Finding::good("gripper's joint", format!("{joint} at {finger:.4}")),
        None => {
            Finding::bad("gripper's joint", format!("no joint {joint:?}"), "check gripper.joint")
        }
    };
    [states, finger]
}

fn stamps_remedy(file: &RobotFile) -> &'static str {
    match file.ros.use_sim_time {
        true => "does the simulator publish /clock, and stamp by it? see ros.use_sim_time",
        false => "a simulator's robot wants ros.use_sim_time = true",
    }
}

/// By which clock the joint states are stamped, and how well it agrees.
fn stamps(file: &RobotFile, sensed: &Sensed) -> Option<Finding> {
    sensed.joints.as_ref()?;
    let what = "stamps";
    let clock = if file.ros.use_sim_time { "/clock" } else { "this machine's clock" };
    Some(match sensed.stamp_age_secs {
        _ if !file.watch.stamps => Finding::good(what, "not read: watch.stamps is false"),
        None => Finding::good(what, "none: what is old is told by arrival alone"),
        Some(age) if age < 0.0 => {
            Finding::good(what, format!("{:.0} ms ahead of {clock}", -1e3 * age))
        }
        Some(age) => Finding::good(what, format!("{:.0} ms behind {clock}", 1e3 * age)),
    })
}

fn actions(file: &RobotFile, topics: &[(String, String)]) -> [Finding; 2] {
    let gripper = match file.gripper.kind {
        GripperKind::Auto => "GripperCommand_",
        GripperKind::GripperCommand => "::GripperCommand_",
        GripperKind::ParallelGripperCommand => "::ParallelGripperCommand_",
    };
    [
        ("arm's action", &file.arm.action, "::FollowJointTrajectory_"),
        ("gripper's action", &file.gripper.action, gripper),
    ]
    .map(|(what, action, kind)| {
        let full = file.full_name(action);
        let feedback = format!("rt{full}/_action/feedback");
        match topics.iter().find(|(name, _)| *name == feedback) {
            Some((_, found)) if found.contains(kind) => Finding::good(what, full),
            Some((_, found)) => {
                Finding::bad(what, format!("{full} is {found}"), "check gripper.kind")
            }
            None => Finding::bad(what, format!("no {full}"), "is the controller active?"),
        }
    })
}

fn cameras(file: &RobotFile, sensed: &Sensed, now: Duration) -> Vec<Finding> {
    let seen = |name: &str| sensed.images.iter().find(|(image, _)| image.camera == name);
    let of = |camera: &crate::robot::CameraEntry| {
        let what = format!("camera {}", camera.name);
        match seen(&camera.name) {
            Some((image, at)) => {
                let (width, height) = (image.image.width(), image.image.height());
                let age = now.saturating_sub(*at).as_millis();
                Finding::good(&what, format!("{width} x {height}, {age} ms old"))
            }
            None => match sensed.unseen.iter().find(|(name, _)| *name == camera.name) {
                Some((_, why)) => Finding::bad(&what, why, "compare with its driver's settings"),
                None => {
                    let topic = file.full_name(&camera.image);
                    Finding::bad(&what, format!("nothing on {topic}"), "check its image topic")
                }
            },
        }
    };
    file.cameras.iter().map(of).collect()
}

/// Whether what the cameras' drivers say agrees with the calibration files.
fn intrinsics(file: &RobotFile, calibrations: &[Calibration], sensed: &Sensed) -> Vec<Finding> {
    let told = file.cameras.iter().zip(calibrations).filter(|(camera, _)| !camera.info.is_empty());
    told.map(|(camera, calibration)| {
        let what = format!("intrinsics {}", camera.name);
        match sensed.intrinsics.iter().find(|(name, _)| *name == camera.name) {
            None => {
                let topic = file.full_name(&camera.info);
                let remedy = "check its info topic; leave it out where there is none";
                Finding::bad(&what, format!("nothing on {topic}"), remedy)
            }
            Some((_, told)) => match calibration.file.contradiction(told) {
                None => Finding::good(&what, "agree with its calibration file"),
                Some(why) => Finding::bad(&what, why, "calibrate it, or correct its file"),
            },
        }
    })
    .collect()
}
