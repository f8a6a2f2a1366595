//! Scenario files: what stands where, what is to be done, what may go wrong.
//!
//! A scenario is a versioned TOML file, documented in `docs/scenarios.md`. [`Scenario::load`] reads it
//! together with the files it extends, checks every key and turns all places into the robot's base
//! frame. [`Scenario::instance`] draws one episode from it: the same seed gives the same episode.
//!
//! The crate touches no file by itself: reading is a function that the caller passes in.

mod bind;
mod document;
mod error;
mod instance;
mod model;
mod read;
mod variation;

pub use document::Override;
pub use error::ScenarioError;
pub use instance::{Disturbance, DisturbanceKind, Instance, PlacedBody};
pub use model::{
    Area, Bin, Button, Camera, Change, DisturbanceSpec, Form, Goal, GoalLiteral, Law, Limits,
    Moment, Mount, Object, Placement, RobotModel, RobotSpec, Rod, Scenario, SkillArg,
    SkillTemplate, Table, Takes, Task,
};
pub use variation::{Variation, VariationSpec};

/// The version of the format that this crate reads.
pub const FORMAT_VERSION: i64 = 1;
