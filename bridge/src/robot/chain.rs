//! The arm's kinematics: a chain of joints from its base to its tool, forward and back.
//!
//! Damped least squares after Wampler 1986 and Nakamura & Hanafusa 1986, with a posture in the null
//! space after Liegeois 1977.

use ergon_vocab::Pose;
use nalgebra::{Cholesky, DMatrix, DVector, Matrix6, Translation3, Unit, UnitQuaternion, Vector3};
use nalgebra::{Point3, Vector6};

/// Damping, m and rad: small enough to meet the tolerance, large enough to stay calm when stretched.
const DAMPING: f64 = 0.005;
/// Share of the way back to the posture taken in the null space at each iteration.
const POSTURE_GAIN: f64 = 0.03;
const ITERATIONS: usize = 40;
/// Position error at which the search ends, m.
const POSITION_TOLERANCE: f64 = 5e-5;
/// Orientation error at which the search ends, rad.
const ROTATION_TOLERANCE: f64 = 5e-4;
/// Largest change of a joint at one iteration, rad or m.
const MAX_STEP: f64 = 0.25;
/// Distance that is kept from the joint limits, rad or m.
pub(crate) const LIMIT_MARGIN: f64 = 0.01;

/// How a joint moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JointKind {
    /// It turns about its axis, between limits.
    Revolute,
    /// It turns about its axis without end.
    Continuous,
    /// It slides along its axis.
    Prismatic,
}

/// A joint that moves.
#[derive(Clone, Debug, PartialEq)]
pub struct Joint {
    /// Its name, as in the robot's joint states.
    pub name: String,
    /// How it moves.
    pub kind: JointKind,
    /// Its frame at position 0 in the frame of the joint before it (the base for the first one), with
    /// fixed joints between them worked in.
    pub previous_from_joint: Pose,
    /// Its axis, in its own frame.
    pub axis: Unit<Vector3<f64>>,
    /// Lowest position, rad or m.
    pub lower: f64,
    /// Highest position, rad or m.
    pub upper: f64,
    /// Highest speed, rad/s or m/s.
    pub velocity: f64,
}

/// Joints from the base to the tool.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// The moving joints, the base's first.
    pub joints: Vec<Joint>,
    /// The tool centre point in the frame of the last joint.
    pub last_from_tool: Pose,
}

impl Chain {
    /// Number of moving joints.
    pub fn dof(&self) -> usize {
        self.joints.len()
    }

    /// The tool in the base frame. `positions` has the shape (dof,), rad or m.
    pub fn forward(&self, positions: &[f64]) -> Pose {
        self.frames(positions).last().copied().unwrap_or_default() * self.last_from_tool
    }

    /// The frame of each joint, base frame, after its own motion.
    fn frames(&self, positions: &[f64]) -> Vec<Pose> {
        let mut at = Pose::identity();
        let step = |(joint, &q): (&Joint, &f64)| {
            let moved = match joint.kind {
                JointKind::Prismatic => Translation3::from(joint.axis.into_inner() * q).into(),
                JointKind::Revolute | JointKind::Continuous => Pose::from_parts(
                    Translation3::identity(),
                    UnitQuaternion::from_axis_angle(&joint.axis, q),
                ),
            };
            at *= joint.previous_from_joint * moved;
            at
        };
        self.joints.iter().zip(positions).map(step).collect()
    }

    /// Geometric Jacobian of the tool: rows linear then angular, base frame. Shape (6, dof).
    fn jacobian(&self, frames: &[Pose], tool: &Pose) -> DMatrix<f64> {
        let mut jacobian = DMatrix::zeros(6, self.dof());
        for (i, (joint, frame)) in self.joints.iter().zip(frames).enumerate() {
            let axis = frame.rotation * joint.axis.into_inner();
            let (linear, angular) = match joint.kind {
                JointKind::Prismatic => (axis, Vector3::zeros()),
                JointKind::Revolute | JointKind::Continuous => {
                    let origin = *frame * Point3::origin();
                    (axis.cross(&(tool.translation.vector - origin.coords)), axis)
                }
            };
            jacobian.fixed_view_mut::<3, 1>(0, i).copy_from(&linear);
            jacobian.fixed_view_mut::<3, 1>(3, i).copy_from(&angular);
        }
        jacobian
    }

    /// Joint positions that bring the tool as near to `target` (base frame) as the search from `start`
    /// gets, and whether that is within tolerance. Keeps [`Joint::lower`] and [`Joint::upper`]; what is
    /// free is drawn to `posture`. Shapes (dof,).
    pub fn approach(&self, start: &[f64], target: &Pose, posture: &[f64]) -> (Vec<f64>, bool) {
        let mut joints = DVector::from_column_slice(start);
        let posture = DVector::from_column_slice(posture);
        for _ in 0..ITERATIONS {
            let frames = self.frames(joints.as_slice());
            let tool = frames.last().copied().unwrap_or_default() * self.last_from_tool;
            let position = target.translation.vector - tool.translation.vector;
            let rotation = (target.rotation * tool.rotation.inverse()).scaled_axis();
            if position.norm() < POSITION_TOLERANCE && rotation.norm() < ROTATION_TOLERANCE {
                return (joints.as_slice().to_vec(), true);
            }
            let jacobian = self.jacobian(&frames, &tool);
            let error = Vector6::from_iterator(position.iter().chain(rotation.iter()).copied());
            let square = &jacobian * jacobian.transpose();
            let damped =
                Matrix6::from_fn(|i, j| square[(i, j)]) + Matrix6::identity() * (DAMPING * DAMPING);
            let Some(factor) = Cholesky::new(damped) else { break };
            let rest = (&posture - &joints) * POSTURE_GAIN;
            let left = &jacobian * &rest;
            let wanted = error - Vector6::from_fn(|i, _| left[i]);
            let step = jacobian.transpose() * factor.solve(&wanted) + rest;
            for (i, joint) in self.joints.iter().enumerate() {
                let moved = joints[i] + step[i].clamp(-MAX_STEP, MAX_STEP);
                joints[i] = joint.kept(moved);
            }
        }
        (joints.as_slice().to_vec(), false)
    }
}

impl Joint {
    /// The position within the limits, with a margin, that is nearest to `position`.
    pub fn kept(&self, position: f64) -> f64 {
        if self.kind == JointKind::Continuous {
            return position;
        }
        let margin = LIMIT_MARGIN.min((self.upper - self.lower) / 2.0);
        position.clamp(self.lower + margin, self.upper - margin)
    }

    /// Whether a position is within the limits.
    pub fn allows(&self, position: f64) -> bool {
        self.kind == JointKind::Continuous || (self.lower..=self.upper).contains(&position)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::robot::testbed::{HOME, chain};

    #[test]
    fn at_home_the_tool_points_straight_down_in_front_of_the_base() {
        let tool = chain().forward(&HOME);
        assert!((tool.rotation * Vector3::z() + Vector3::z()).norm() < 1e-3, "{tool}");
        assert!((0.3..0.6).contains(&tool.translation.x), "{tool}");
    }

    #[test]
    fn out_of_reach_is_told_and_keeps_the_limits() {
        let chain = chain();
        let far = Pose::translation(3.0, 0.0, 0.0);
        let (joints, reached) = chain.approach(&HOME, &far, &HOME);
        assert!(!reached);
        assert!(chain.joints.iter().zip(&joints).all(|(joint, &q)| joint.allows(q)));
    }

    proptest! {
        #[test]
        fn steps_of_the_tool_are_followed(x in -0.05..0.05, y in -0.05..0.05, z in -0.05..0.05, yaw in -0.4..0.4) {
            let chain = chain();
            let home = chain.forward(&HOME);
            let turned = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), yaw) * home.rotation;
            let at = home.translation.vector + Vector3::new(x, y, z);
            let target = Pose::from_parts(at.into(), turned);
            let (joints, reached) = chain.approach(&HOME, &target, &HOME);
            prop_assert!(reached);
            let tool = chain.forward(&joints);
            prop_assert!((tool.translation.vector - at).norm() < 1e-4);
            prop_assert!(tool.rotation.angle_to(&turned) < 1e-3);
        }
    }
}
