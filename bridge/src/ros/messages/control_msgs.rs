//! `control_msgs`.

use super::trajectory_msgs::{
    JointTrajectory, JointTrajectoryPoint, MultiDOFJointTrajectory, MultiDOFJointTrajectoryPoint,
};
use super::{Time, messages, sensor_msgs::JointState, std_msgs::Header};

messages! {
    pub struct JointTolerance { name: String, position: f64, velocity: f64, acceleration: f64 }
    pub struct JointComponentTolerance {
        joint_name: String,
        component: u16,
        position: f64,
        velocity: f64,
        acceleration: f64,
    }
    pub struct FollowJointTrajectoryGoal {
        trajectory: JointTrajectory,
        multi_dof_trajectory: MultiDOFJointTrajectory,
        path_tolerance: Vec<JointTolerance>,
        component_path_tolerance: Vec<JointComponentTolerance>,
        goal_tolerance: Vec<JointTolerance>,
        component_goal_tolerance: Vec<JointComponentTolerance>,
        goal_time_tolerance: Time,
    }
    pub struct FollowJointTrajectoryResult { error_code: i32, error_string: String }
    /// What the feedback of every distribution begins with; what follows is not read.
    pub struct FollowJointTrajectoryFeedbackPrefix {
        header: Header,
        joint_names: Vec<String>,
        desired: JointTrajectoryPoint,
        actual: JointTrajectoryPoint,
        error: JointTrajectoryPoint,
    }
    /// The feedback before Kilted.
    pub struct FollowJointTrajectoryFeedbackJazzy {
        start: FollowJointTrajectoryFeedbackPrefix,
        multi_dof_joint_names: Vec<String>,
        multi_dof_desired: MultiDOFJointTrajectoryPoint,
        multi_dof_actual: MultiDOFJointTrajectoryPoint,
        multi_dof_error: MultiDOFJointTrajectoryPoint,
    }
    /// The feedback since Kilted.
    pub struct FollowJointTrajectoryFeedback {
        start: FollowJointTrajectoryFeedbackPrefix,
        index: i32,
        multi_dof_joint_names: Vec<String>,
        multi_dof_desired: MultiDOFJointTrajectoryPoint,
        multi_dof_actual: MultiDOFJointTrajectoryPoint,
        multi_dof_error: MultiDOFJointTrajectoryPoint,
        multi_dof_index: i32,
    }
    pub struct GripperCommandGoal { position: f64, max_effort: f64 }
    pub struct GripperCommandResult { position: f64, effort: f64, stalled: bool, reached_goal: bool }
    pub struct ParallelGripperCommandGoal { command: JointState }
    pub struct ParallelGripperCommandResult { state: JointState, stalled: bool, reached_goal: bool }
    pub struct ParallelGripperCommandFeedback { state: JointState }
}

/// `FollowJointTrajectory_Result`: what broke a motion off.
pub const PATH_TOLERANCE_VIOLATED: i32 = -4;
