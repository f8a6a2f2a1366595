//! What really is, for the judge and for labels. The agent's crates cannot name these types.

use ergon_vocab::Pose;
use nalgebra::Vector3;

/// The true state of the scene at one control step, base frame.
#[derive(Clone, Debug, PartialEq)]
pub struct GroundTruth {
    /// Time since the episode began, s.
    pub time_secs: f64,
    /// The bodies of the episode, in the instance's order.
    pub bodies: Vec<BodyTruth>,
    /// Whether each of the scenario's buttons is on.
    pub buttons: Vec<bool>,
    /// The tool centre point.
    pub tcp: Pose,
    /// Distance of each finger pad from the hand's middle, m.
    pub finger_positions: [f64; 2],
    /// What the arm bears.
    pub arm: ArmTruth,
}

/// What the arm bears at one control step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArmTruth {
    /// Torques of the joint motors, N m, in the robot's joint order. The arm's own weight is balanced and
    /// in none of them. Shape (dof,).
    pub torques: Vec<f64>,
    /// Joint velocities, rad/s, in the same order. Shape (dof,).
    pub velocities: Vec<f64>,
    /// Whether a link or the hand touches anything. What the fingers touch does not count.
    pub touches: bool,
}

/// The true state of one body.
#[derive(Clone, Debug, PartialEq)]
pub struct BodyTruth {
    /// Index into the scenario's objects.
    pub object: usize,
    /// Pose of its centre.
    pub pose: Pose,
    /// Linear velocity of its centre, m/s.
    pub velocity: Vector3<f64>,
    /// Angular velocity, rad/s.
    pub angular_velocity: Vector3<f64>,
    /// Whether it has been heated through.
    pub changed: bool,
    /// Whether each finger touches it.
    pub finger_contacts: [bool; 2],
}

impl BodyTruth {
    /// Whether both fingers touch it.
    pub fn gripped(&self) -> bool {
        self.finger_contacts == [true, true]
    }
}
