//! From observation to objects to facts.
//!
//! [`predicates`] holds one geometric definition a predicate, used by agent and judge alike;
//! [`Grounder`] applies them to all well-typed atoms of a domain; [`CameraModel`] ties pixels to
//! rays; [`OraclePerceiver`] is fed with poses from elsewhere and stands in until a learned perceiver
//! takes its place.

mod camera;
mod grounder;
mod oracle;
pub mod predicates;
pub mod thresholds;

pub use camera::{CameraModel, corners};
pub use grounder::{Grounder, UnknownPredicate};
pub use oracle::{OraclePerceiver, gripper_of};
