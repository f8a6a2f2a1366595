//! Skills and the executive.
//!
//! The [`Executive`] plans, executes, monitors, retries, replans and gives up with a reason; it knows
//! robot, perceiver, planner and skills only as ports. [`Enveloped`] keeps any robot within limits.
//! [`learned`] holds the skills of a policy network; [`scripted`] hand-written ones: the expert that
//! learned ones are trained from, and their upper bound.

mod bindings;
mod envelope;
mod executive;
pub mod learned;
mod look;
mod place;
pub mod scripted;
pub mod vla;

pub use bindings::{ActionBindings, BindingError, SkillStep};
pub use envelope::{Envelope, Enveloped};
pub use executive::{Budgets, Executive, Report};

/// The skills that scenarios can bind actions to.
pub const SKILLS: [&str; 6] = ["reach_pick", "grasp", "reach_place", "release", "press", "wait"];
