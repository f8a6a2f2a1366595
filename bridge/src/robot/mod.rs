//! A robot arm with ros2_control, as far as no wire is needed: the robot file, kinematics, short
//! motions and their checks, the driver that turns commands into them, and the camera check.
//!
//! Nothing here knows ROS. [`Driver`] is an [`ergon_vocab::Robot`] over any [`ArmPort`]; [`DryArm`] is
//! the port of a dry run.

mod calibration;
mod chain;
mod driver;
#[cfg(test)]
mod faults;
mod file;
mod follower;
mod frames;
mod goal;
mod port;
mod segment;
mod stamps;
mod states;
#[cfg(test)]
pub(crate) mod testbed;
mod urdf;

pub use calibration::{Calibration, CameraFile, Intrinsics, MountFile, Residual, Whereabouts};
pub use chain::{Chain, Joint, JointKind};
pub use driver::{Driver, DriverSettings, GripperSettings, Handover};
pub use file::{
    ArmFile, CameraEntry, Distro, GripperFile, GripperKind, LimitsFile, Network, RobotFile,
    RosFile, SymbolPlace, WatchFile, is_near,
};
pub use follower::Follower;
pub use frames::{FrameError, Frames};
pub use goal::{GoalError, check, order, well_formed};
pub use port::{ArmPort, DryArm, Oddity, Progress, Sensed, Stop};
pub use segment::{JointState, LONGEST_SECS, Pace, Point, Segment, flowing, rest_to_rest};
pub use stamps::{Made, Stamp, Stamps, ToldClock};
pub use states::{Reading, StateError, StateMap};
#[cfg(feature = "ros2")]
pub(crate) use urdf::LONGEST as LONGEST_DESCRIPTION;
pub use urdf::UrdfError;
