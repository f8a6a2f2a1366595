//! The arm of the tests.

use super::chain::Chain;

pub(crate) const URDF: &str = include_str!("../../../robots/panda.urdf");

/// A posture with the tool pointing down.
pub(crate) const HOME: [f64; 7] = [0.0, -0.785, 0.0, -2.356, 0.0, 1.571, 0.785];

pub(crate) fn chain() -> Chain {
    Chain::from_urdf(URDF, "panda_link0", "panda_hand_tcp").unwrap()
}
