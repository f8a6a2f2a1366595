//! From observation to objects to facts.
//!
//! [`predicates`] holds one geometric definition a predicate, used by agent and judge alike;
//! [`Grounder`] applies them to all well-typed atoms of a domain; [`PixelPerceiver`] is the agent's: a learned [`detector`] says where in the pictures, a tracker
//! says where in space. [`OraclePerceiver`] is fed with poses from elsewhere, for judge, expert and tests.

pub mod detector;
pub mod gauge;
mod grounder;
mod looks;
mod oracle;
mod pixels;
pub mod predicates;
pub mod thresholds;
mod tracking;

pub use grounder::{Grounder, UnknownPredicate};
pub use oracle::{OraclePerceiver, gripper_of};
pub use pixels::{Cell, CellBody, CellButton, PixelPerceiver};
