//! The port to a robot: simulated, replayed or real.

use nalgebra::Vector3;
use thiserror::Error;

use crate::CameraImage;

/// All that the agent senses: pixels and proprioception. Ground truth has no place here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observation {
    /// Control steps since the episode began.
    pub step: u64,
    /// Time since the episode began, s.
    pub time_secs: f64,
    /// Pictures of the cameras that were switched on, in the scenario's order.
    pub images: Vec<CameraImage>,
    /// Tool centre point in the base frame, m.
    pub ee_position: Vector3<f64>,
    /// Orientation of the tool in the base frame, axis times angle, rad.
    pub ee_orientation: Vector3<f64>,
    /// Distance of each finger pad from the hand's middle, m. Shape (2,).
    pub finger_positions: [f64; 2],
    /// Joint positions, rad, in the robot's joint order. Shape (dof,).
    pub joint_positions: Vec<f64>,
    /// Joint velocities, rad/s, in the robot's joint order. Shape (dof,).
    pub joint_velocities: Vec<f64>,
}

impl Observation {
    /// Whether every number is finite.
    pub fn is_finite(&self) -> bool {
        let scalars = [self.time_secs].into_iter().chain(self.finger_positions);
        let vectors = self.ee_position.iter().chain(self.ee_orientation.iter()).copied();
        let joints = self.joint_positions.iter().chain(&self.joint_velocities).copied();
        scalars.chain(vectors).chain(joints).all(f64::is_finite)
    }
}

/// One control step's motion, every component in [-1, 1] as in robosuite's `OSC_POSE`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Command {
    /// Translation of the tool in the base frame; 1 is [`Command::TRANSLATION_SCALE`].
    pub translation: Vector3<f64>,
    /// Rotation of the tool in the base frame (roll, pitch, yaw increments as a rotation vector); 1 is
    /// [`Command::ROTATION_SCALE`].
    pub rotation: Vector3<f64>,
    /// -1 opens the gripper, +1 closes it.
    pub gripper: f64,
}

impl Command {
    /// Translation of the tool for a component of 1, m a step.
    pub const TRANSLATION_SCALE: f64 = 0.05;
    /// Rotation of the tool for a component of 1, rad a step.
    pub const ROTATION_SCALE: f64 = 0.5;
    /// Control steps a second.
    pub const RATE_HZ: f64 = 20.0;

    /// Stay, with the gripper commanded open (-1) or closed (+1).
    pub fn hold(gripper: f64) -> Self {
        Self { translation: Vector3::zeros(), rotation: Vector3::zeros(), gripper }
    }

    /// The command as `[dx, dy, dz, droll, dpitch, dyaw, gripper]`.
    pub fn to_array(&self) -> [f64; 7] {
        let (t, r) = (&self.translation, &self.rotation);
        [t.x, t.y, t.z, r.x, r.y, r.z, self.gripper]
    }

    /// The command of `[dx, dy, dz, droll, dpitch, dyaw, gripper]`.
    pub fn from_array(a: [f64; 7]) -> Self {
        Self {
            translation: Vector3::new(a[0], a[1], a[2]),
            rotation: Vector3::new(a[3], a[4], a[5]),
            gripper: a[6],
        }
    }

    /// Every component cut to [-1, 1].
    ///
    /// # Errors
    /// A component is not finite.
    pub fn clamped(&self) -> Result<Self, RobotError> {
        let array = self.to_array();
        if array.iter().any(|x| !x.is_finite()) {
            return Err(RobotError::BadCommand(format!(
                "{array:?} has a component that is not finite"
            )));
        }
        Ok(Self::from_array(array.map(|x| x.clamp(-1.0, 1.0))))
    }
}

/// Why a robot did not move or report.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RobotError {
    /// The command is not one the contract allows.
    #[error("the command was refused: {0}")]
    BadCommand(String),
    /// The robot broke the motion off or never began it, now holds still, and can go on from what it
    /// senses next: its controller refused or aborted, or a safety envelope stopped it.
    #[error("the robot holds: {0}")]
    Held(String),
    /// The robot is gone or broken: the physics diverged, the link is down, the trace is at its end.
    #[error("the robot stopped: {0}")]
    Stopped(String),
}

/// A robot as the agent knows it.
pub trait Robot {
    /// Senses without moving.
    ///
    /// # Errors
    /// The robot cannot report.
    fn observe(&mut self) -> Result<Observation, RobotError>;

    /// Executes one control step (1 / [`Command::RATE_HZ`] seconds) and senses at its end.
    ///
    /// # Errors
    /// The command is refused, or the robot cannot go on.
    fn step(&mut self, command: &Command) -> Result<Observation, RobotError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_cut_to_the_contract_and_refused_when_not_finite() {
        let wild = Command::from_array([2.0, -3.0, 0.5, 0.0, 0.0, 9.0, -7.0]);
        let cut = wild.clamped().unwrap();
        assert_eq!(cut.to_array(), [1.0, -1.0, 0.5, 0.0, 0.0, 1.0, -1.0]);
        let broken = Command::from_array([f64::NAN, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert!(matches!(broken.clamped(), Err(RobotError::BadCommand(_))));
    }
}
