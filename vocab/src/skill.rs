//! The port to a motion primitive.

use crate::{Belief, Command, ObjectId, Observation};

/// A skill applied to objects, such as `reach_place(c1, right)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkillCall {
    /// Name of the skill.
    pub skill: String,
    /// Its arguments: the object it handles, then the target if it has one.
    pub args: Vec<ObjectId>,
}

/// What a skill says at one control step.
#[derive(Clone, Debug, PartialEq)]
pub enum SkillStatus {
    /// Execute this command and ask again.
    Running(Command),
    /// The skill has reached its end.
    Done,
    /// The skill cannot go on; the text says why.
    Failed(String),
}

/// A motion primitive with a start condition, a policy and a termination test.
pub trait Skill {
    /// Name by which scenarios call it.
    fn name(&self) -> &str;

    /// Control steps after which the executive calls it a timeout.
    fn budget_steps(&self) -> u64;

    /// Begins a new execution.
    ///
    /// # Errors
    /// The start condition does not hold; the text says which.
    fn start(
        &mut self,
        args: &[ObjectId],
        belief: &Belief,
        observation: &Observation,
    ) -> Result<(), String>;

    /// Decides the next command from what is sensed and believed now.
    fn step(&mut self, belief: &Belief, observation: &Observation) -> SkillStatus;
}
