//! The port to whoever says what the agent shall achieve.

use crate::Literal;

/// Someone who may change their mind about the goal while the agent works.
pub trait GoalSource {
    /// The goal that holds from now on, where it changed since this was last asked.
    fn new_goal(&mut self) -> Option<Vec<Literal>>;
}
