//! Kinematics of the Franka Emika Panda in modified Denavit-Hartenberg form (Craig), base frame,
//! metres and radians. Source of all constants: Franka Emika, "Robot and interface specifications",
//! and Gaz et al., RA-L 2019, for the masses.
//!
//! Trigonometry is `libm`'s, so that the same input gives the same bits on every machine.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

use nalgebra::{Matrix3, SMatrix, Vector3};

/// Number of arm joints.
pub(crate) const DOF: usize = 7;
/// Joint positions, rad, from base to flange. Shape (7,).
pub(crate) type Joints = [f64; DOF];

/// Rows of `(a, d, alpha)`: a and alpha of the previous link, m and rad; d of this one, m.
const DH: [(f64, f64, f64); DOF] = [
    (0.0, 0.333, 0.0),
    (0.0, 0.0, -FRAC_PI_2),
    (0.0, 0.316, FRAC_PI_2),
    (0.0825, 0.0, FRAC_PI_2),
    (-0.0825, 0.384, -FRAC_PI_2),
    (0.0, 0.0, FRAC_PI_2),
    (0.088, 0.0, FRAC_PI_2),
];
/// From joint 7 to the flange, m along z.
const FLANGE: f64 = 0.107;
/// From the hand's frame to the tool centre point between the finger pads, m along z.
pub(crate) const HAND_TO_TCP: f64 = 0.1034;
/// From the hand's frame to the finger joints, m along z.
pub(crate) const HAND_TO_FINGER: f64 = 0.0584;
/// Travel of one finger, m.
pub(crate) const FINGER_TRAVEL: f64 = 0.04;

/// Lower joint limits, rad.
pub(crate) const LOWER: Joints = [-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973];
/// Upper joint limits, rad.
pub(crate) const UPPER: Joints = [2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973];
/// Joint speed limits, rad/s.
pub(crate) const SPEED: Joints = [2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61];
/// Joint torque limits, N m.
pub(crate) const TORQUE: Joints = [87.0, 87.0, 87.0, 87.0, 12.0, 12.0, 12.0];
/// Link masses, kg.
pub(crate) const LINK_MASS: [f64; DOF] = [4.97, 0.65, 3.23, 3.59, 1.23, 1.67, 0.74];
/// Mass of the hand without fingers, kg.
pub(crate) const HAND_MASS: f64 = 0.73;

/// Start posture: robosuite's, with joint 6 turned so that the tool points straight down.
pub(crate) const HOME: Joints =
    [0.0, PI / 16.0, 0.0, -FRAC_PI_2 - PI / 3.0, 0.0, PI / 16.0 + FRAC_PI_2 + PI / 3.0, FRAC_PI_4];

/// A rotation and a translation, base frame, m.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) rotation: Matrix3<f64>,
    pub(crate) position: Vector3<f64>,
}

impl Frame {
    pub(crate) fn identity() -> Self {
        Self { rotation: Matrix3::identity(), position: Vector3::zeros() }
    }

    pub(crate) fn along_z(z: f64) -> Self {
        Self { rotation: Matrix3::identity(), position: Vector3::new(0.0, 0.0, z) }
    }

    pub(crate) fn then(&self, next: &Self) -> Self {
        Self {
            rotation: self.rotation * next.rotation,
            position: self.rotation * next.position + self.position,
        }
    }
}

pub(crate) fn rotation_x(angle: f64) -> Matrix3<f64> {
    let (s, c) = libm::sincos(angle);
    Matrix3::new(1.0, 0.0, 0.0, 0.0, c, -s, 0.0, s, c)
}

pub(crate) fn rotation_z(angle: f64) -> Matrix3<f64> {
    let (s, c) = libm::sincos(angle);
    Matrix3::new(c, -s, 0.0, s, c, 0.0, 0.0, 0.0, 1.0)
}

/// The frame of joint `i` in the previous link's frame at position 0; the joint then turns about z.
pub(crate) fn joint_frame(i: usize) -> Frame {
    let (a, d, alpha) = DH[i];
    let rotation = rotation_x(alpha);
    Frame { rotation, position: Vector3::new(a, 0.0, 0.0) + rotation * Vector3::new(0.0, 0.0, d) }
}

/// The hand's frame in link 7's frame.
pub(crate) fn hand_frame() -> Frame {
    Frame { rotation: rotation_z(-FRAC_PI_4), position: Vector3::new(0.0, 0.0, FLANGE) }
}

/// Frames of the links, the hand and the tool centre point at some joint positions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Posture {
    pub(crate) links: [Frame; DOF],
    pub(crate) hand: Frame,
    pub(crate) tcp: Frame,
}

/// Forward kinematics.
pub(crate) fn forward(joints: &Joints) -> Posture {
    let mut links = [Frame::identity(); DOF];
    let mut at = Frame::identity();
    for (i, link) in links.iter_mut().enumerate() {
        let mut step = joint_frame(i);
        step.rotation *= rotation_z(joints[i]);
        at = at.then(&step);
        *link = at;
    }
    let hand = at.then(&hand_frame());
    Posture { links, hand, tcp: hand.then(&Frame::along_z(HAND_TO_TCP)) }
}

/// Geometric Jacobian of the tool centre point: rows linear then angular, base frame. Shape (6, 7).
pub(crate) fn jacobian(posture: &Posture) -> SMatrix<f64, 6, DOF> {
    let mut jacobian = SMatrix::<f64, 6, DOF>::zeros();
    for (i, link) in posture.links.iter().enumerate() {
        let axis = link.rotation.column(2).into_owned();
        let lever = axis.cross(&(posture.tcp.position - link.position));
        jacobian.fixed_view_mut::<3, 1>(0, i).copy_from(&lever);
        jacobian.fixed_view_mut::<3, 1>(3, i).copy_from(&axis);
    }
    jacobian
}

/// Rotation vector (axis times angle, base frame, rad) that turns `from` into `to`.
pub(crate) fn rotation_between(from: &Matrix3<f64>, to: &Matrix3<f64>) -> Vector3<f64> {
    let m = to * from.transpose();
    let axis = Vector3::new(m.m32 - m.m23, m.m13 - m.m31, m.m21 - m.m12) * 0.5;
    let sine = axis.norm();
    let cosine = (m.trace() - 1.0) * 0.5;
    if sine > 1e-9 {
        return axis * (libm::atan2(sine, cosine) / sine);
    }
    if cosine > 0.0 {
        return axis;
    }
    // Half a turn: the axis is the column of (m + I) with the largest diagonal element.
    let k = (0..3).fold(0, |k, i| if m[(i, i)] > m[(k, k)] { i } else { k });
    let column = (m + Matrix3::identity()).column(k).into_owned();
    column.normalize() * PI
}

/// The rotation of a rotation vector (Rodrigues), rad.
pub(crate) fn rotation_of(vector: &Vector3<f64>) -> Matrix3<f64> {
    let angle = vector.norm();
    if angle < 1e-12 {
        return Matrix3::identity();
    }
    let k = (vector / angle).cross_matrix();
    let (s, c) = libm::sincos(angle);
    Matrix3::identity() + k * s + k * k * (1.0 - c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_home_the_tool_points_straight_down_in_front_of_the_base() {
        let tcp = forward(&HOME).tcp;
        let down = tcp.rotation.column(2).into_owned();
        assert!((down + Vector3::z()).norm() < 1e-12, "{down}");
        assert!(tcp.position.y.abs() < 1e-12);
        assert!((0.4..0.6).contains(&tcp.position.x), "{}", tcp.position);
    }

    #[test]
    fn the_stretched_arm_has_the_published_length() {
        // Joints at zero: straight up, with the two elbow offsets cancelling and the hand 0.088 m ahead.
        let tcp = forward(&[0.0; DOF]).tcp.position;
        let height = 0.333 + 0.316 + 0.384 - 0.107 - 0.1034;
        assert!((tcp - Vector3::new(0.088, 0.0, height)).norm() < 1e-12, "{tcp}");
    }

    #[test]
    fn the_jacobian_is_the_derivative_of_the_tool() {
        let at = [0.3, -0.4, 0.2, -1.9, 0.5, 1.7, -0.6];
        let posture = forward(&at);
        let analytic = jacobian(&posture);
        for i in 0..DOF {
            let mut moved = at;
            moved[i] += 1e-6;
            let tcp = forward(&moved).tcp;
            let linear = (tcp.position - posture.tcp.position) / 1e-6;
            let angular = rotation_between(&posture.tcp.rotation, &tcp.rotation) / 1e-6;
            assert!((linear - analytic.fixed_view::<3, 1>(0, i)).norm() < 1e-5);
            assert!((angular - analytic.fixed_view::<3, 1>(3, i)).norm() < 1e-5);
        }
    }

    #[test]
    fn rotation_vectors_go_there_and_back_up_to_half_a_turn() {
        for v in [
            Vector3::new(0.1, -0.2, 0.3),
            Vector3::new(0.0, 3.0, 0.0),
            Vector3::new(0.0, 0.0, PI),
            Vector3::zeros(),
        ] {
            let back = rotation_between(&Matrix3::identity(), &rotation_of(&v));
            assert!((back - v).norm() < 1e-7, "{v} became {back}");
        }
    }
}
