//! Shared nouns and ports of Ergon. No IO, no clock, no randomness.
//!
//! The nouns: [`Symbols`] and ids, [`Atom`]s and [`Literal`]s, [`Evidence`] and [`Facts`],
//! [`Entity`] and [`Belief`], [`Observation`] and [`Command`], [`Plan`], [`Event`].
//! The ports: [`Robot`], [`Perceiver`], [`Planner`], [`Skill`],
//! [`InstructedPolicy`], [`Observer`], [`GoalSource`], [`Clock`], each with a dummy in [`dummy`].
//!
//! Every pose, unless its name says otherwise, is in the robot's base frame: origin at the foot of
//! the arm, x forward, z up, metres and radians.

mod belief;
mod camera;
mod clock;
pub mod dummy;
mod event;
mod evidence;
mod file_error;
mod goal;
mod image;
mod logic;
mod perceiver;
mod plan;
mod policy;
mod robot;
mod skill;
mod symbols;

pub use belief::{Belief, Entity, Fit, Gripper, Hollow, Role};
pub use camera::{CameraModel, CameraSpec, Mount, corners};
pub use clock::Clock;
pub use event::{Event, Observer, Outcome, StepRecord};
pub use evidence::{Evidence, Facts, Truth};
pub use file_error::{FileError, Place};
pub use goal::GoalSource;
pub use image::{CameraImage, Image, ImageError};
pub use logic::{Atom, GroundAction, Literal, State};
pub use perceiver::{PerceiveError, Perceiver};
pub use plan::{Limit, Plan, PlanOutcome, PlanStep, Planner};
pub use policy::{InstructedPolicy, PolicyError};
pub use robot::{Command, Observation, Robot, RobotError};
pub use skill::{Skill, SkillCall, SkillStatus};
pub use symbols::{
    ActionId, ActionSymbol, ObjectId, ObjectSymbol, PredicateId, PredicateSymbol, Symbols, TypeId,
    TypeSymbol,
};

/// A rigid transform: rotation and translation, metres. `a_from_b` maps points of frame b to frame a.
pub type Pose = nalgebra::Isometry3<f64>;
