//! The simulated robot cell: rapier3d physics, a seven-joint arm with a parallel gripper that holds
//! bodies by friction alone, cameras by a CPU renderer, ground truth for the judge.
//!
//! [`Simulator`] is a [`ergon_vocab::Robot`]: a pure function of scenario, instance and commands. It
//! touches no file and no clock.

mod arm;
mod camera;
mod control;
mod digest;
mod heat;
pub mod render;
mod simulator;
mod truth;
mod world;

pub use camera::object_segment;
pub use simulator::{SimError, Simulator, hand_from_tool};
pub use truth::{ArmTruth, BodyTruth, GroundTruth};
