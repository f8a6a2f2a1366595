//! `trajectory_msgs`.

use super::geometry_msgs::{Transform, Twist};
use super::{Time, messages, std_msgs::Header};

messages! {
    pub struct JointTrajectoryPoint {
        positions: Vec<f64>,
        velocities: Vec<f64>,
        accelerations: Vec<f64>,
        effort: Vec<f64>,
        time_from_start: Time,
    }
    pub struct JointTrajectory {
        header: Header,
        joint_names: Vec<String>,
        points: Vec<JointTrajectoryPoint>,
    }
    pub struct MultiDOFJointTrajectoryPoint {
        transforms: Vec<Transform>,
        velocities: Vec<Twist>,
        accelerations: Vec<Twist>,
        time_from_start: Time,
    }
    pub struct MultiDOFJointTrajectory {
        header: Header,
        joint_names: Vec<String>,
        points: Vec<MultiDOFJointTrajectoryPoint>,
    }
}
