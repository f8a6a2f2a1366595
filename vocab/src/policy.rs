//! The port to a policy that is told what to do in words.

use thiserror::Error;

use crate::{Command, Observation};

/// A policy gave no usable answer.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct PolicyError(pub String);

/// A vision-language-action policy (VLA), in this process or behind a socket: from pixels,
/// proprioception and an instruction to the next commands.
pub trait InstructedPolicy {
    /// Forgets the episode so far.
    ///
    /// # Errors
    /// The policy cannot be reached.
    fn reset(&mut self) -> Result<(), PolicyError>;

    /// The commands of the next control steps, at least one, every component in [-1, 1]. How many of
    /// them are executed before the next question is the caller's choice.
    ///
    /// # Errors
    /// The observation lacks a picture that the policy needs, the policy cannot be reached or takes too
    /// long, or its answer is no chunk of finite commands.
    fn infer(
        &mut self,
        observation: &Observation,
        instruction: &str,
    ) -> Result<Vec<Command>, PolicyError>;
}
