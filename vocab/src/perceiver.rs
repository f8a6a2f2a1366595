//! The port from observation to belief.

use thiserror::Error;

use crate::{Belief, Observation};

/// Why an observation gave no belief.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("perception failed: {0}")]
pub struct PerceiveError(pub String);

/// Turns observations into beliefs. May keep a memory of what it saw before.
pub trait Perceiver {
    /// The belief after this observation.
    ///
    /// # Errors
    /// The observation lacks what the perceiver needs, such as a camera.
    fn perceive(&mut self, observation: &Observation) -> Result<Belief, PerceiveError>;

    /// Drops what was made of earlier observations, so that a belief that went wrong is not kept. Without
    /// effect on one who keeps no memory.
    fn forget(&mut self) {}
}

impl<P: Perceiver + ?Sized> Perceiver for Box<P> {
    fn perceive(&mut self, observation: &Observation) -> Result<Belief, PerceiveError> {
        (**self).perceive(observation)
    }

    fn forget(&mut self) {
        (**self).forget();
    }
}
