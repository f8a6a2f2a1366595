//! Differential inverse kinematics: damped least squares with a posture in the null space.
//!
//! Wampler 1986 and Nakamura & Hanafusa 1986 for the damping; Liegeois 1977 for the null space.

use nalgebra::{Cholesky, SMatrix, SVector};

use super::kinematics::{
    DOF, Frame, HOME, Joints, LOWER, UPPER, forward, jacobian, rotation_between,
};

/// Damping, m and rad: small enough to meet the tolerance, large enough to stay calm when stretched.
const DAMPING: f64 = 0.005;
/// Share of the way back to the home posture taken in the null space at each iteration.
const POSTURE_GAIN: f64 = 0.03;
const ITERATIONS: usize = 30;
/// Position error at which the search ends, m.
const POSITION_TOLERANCE: f64 = 5e-5;
/// Orientation error at which the search ends, rad.
const ROTATION_TOLERANCE: f64 = 5e-4;
/// Largest change of a joint at one iteration, rad.
const MAX_STEP: f64 = 0.25;
/// Distance that is kept from the joint limits, rad.
const LIMIT_MARGIN: f64 = 0.01;

/// Joint positions that bring the tool centre point to `target`, searched from `start`; `None` if the
/// search does not come within tolerance. Joint limits are kept.
pub(crate) fn solve(start: &Joints, target: &Frame) -> Option<Joints> {
    let (joints, reached) = approach(start, target);
    reached.then_some(joints)
}

/// Joint positions that bring the tool as near to `target` as the search gets, and whether that is
/// within tolerance.
pub(crate) fn approach(start: &Joints, target: &Frame) -> (Joints, bool) {
    let mut joints = *start;
    for _ in 0..ITERATIONS {
        let posture = forward(&joints);
        let position = target.position - posture.tcp.position;
        let rotation = rotation_between(&posture.tcp.rotation, &target.rotation);
        if position.norm() < POSITION_TOLERANCE && rotation.norm() < ROTATION_TOLERANCE {
            return (joints, true);
        }
        let jacobian = jacobian(&posture);
        let error =
            SVector::<f64, 6>::from_iterator(position.iter().chain(rotation.iter()).copied());
        let damped = jacobian * jacobian.transpose()
            + SMatrix::<f64, 6, 6>::identity() * (DAMPING * DAMPING);
        let Some(factor) = Cholesky::new(damped) else { return (joints, false) };
        let rest = SVector::<f64, DOF>::from_fn(|i, _| POSTURE_GAIN * (HOME[i] - joints[i]));
        let step = jacobian.transpose() * factor.solve(&(error - jacobian * rest)) + rest;
        for i in 0..DOF {
            let moved = joints[i] + step[i].clamp(-MAX_STEP, MAX_STEP);
            joints[i] = moved.clamp(LOWER[i] + LIMIT_MARGIN, UPPER[i] - LIMIT_MARGIN);
        }
    }
    (joints, false)
}

#[cfg(test)]
mod tests {
    use nalgebra::Vector3;

    use super::*;
    use crate::arm::kinematics::{rotation_x, rotation_z};

    #[test]
    fn every_place_over_the_table_is_reached_tool_down() {
        let places = (0..6).flat_map(|ix| (-4..=4).map(move |iy| (f64::from(ix), f64::from(iy))));
        let places = places
            .map(|(x, y)| Vector3::new(0.40 + 0.06 * x, 0.08 * y, -0.09 + 0.05 * x))
            .filter(|place| place.xy().norm() < 0.72);
        for position in places {
            for yaw in [-0.7, 0.0, 0.7] {
                let rotation = rotation_z(yaw) * rotation_x(std::f64::consts::PI);
                let target = Frame { rotation, position };
                let joints = solve(&HOME, &target).unwrap_or_else(|| panic!("{position}"));
                assert!((forward(&joints).tcp.position - position).norm() < 1e-4);
            }
        }
    }

    #[test]
    fn out_of_reach_is_told() {
        let far = Frame { rotation: rotation_x(3.0), position: Vector3::new(1.5, 0.0, 0.0) };
        assert_eq!(solve(&HOME, &far), None);
    }
}
