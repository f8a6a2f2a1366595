//! The arm: kinematics, inverse kinematics, and the shapes that stand for its links.

pub(crate) mod ik;
pub(crate) mod kinematics;
pub(crate) mod shapes;
