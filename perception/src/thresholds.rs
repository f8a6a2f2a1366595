//! Every threshold of the geometric predicates, with its unit and its reason.

/// A body is on its support when their centres are at most this far apart, horizontally, m. The
/// project's strict definition; half of the reference's 0.03 m.
pub const CENTRED: f64 = 0.015;

/// A body touches what is below it when the gap or overlap is at most this high, m: above the
/// settling error of the physics and the height error of a camera, below half the smallest body.
pub const TOUCHING: f64 = 0.008;

/// No other body may stand nearer than this to the middle of an area when one is placed there, m:
/// an open finger reaches 0.055 m out, a cube of 0.055 m turned by 20 degrees another 0.035 m.
pub const KEEP_OUT: f64 = 0.09;

/// A body is between the pads when their opening exceeds its width by at most this, m.
pub const PAD_GAP: f64 = 0.004;

/// Closed pads hold no body that is wider than their opening by more than this, m: twice the error of a
/// measured width, far below the smallest body.
pub const PAD_BITE: f64 = 0.012;

/// A body is in the gripper when the tool centre point lies no further from its centre than this
/// share of its width, and no higher or lower than this share of its height.
pub const GRASP_SHARE: f64 = 0.7;

/// One body is smaller than another when it is so by at least this, m: bodies whose sizes differ by less
/// are of the same size.
pub const SIZE_STEP: f64 = 0.001;

/// A verdict whose margin is below this many standard deviations of the position is unknown.
pub const SIGMAS: f64 = 2.0;

/// Two areas are straight before each other when their middles differ by less than this along y, m: half
/// of what two bodies need beside each other.
pub const COLUMN: f64 = 0.03;
