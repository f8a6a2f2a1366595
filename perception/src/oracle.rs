//! A perceiver that is told where things are. It serves judge and tests, and stands in for the learned
//! perceiver until that exists.

use std::collections::BTreeMap;

use ergon_vocab::{Belief, Entity, Gripper, ObjectId, Observation, PerceiveError, Perceiver, Pose};
use nalgebra::{Translation3, UnitQuaternion};

use crate::Grounder;

/// Grounds facts from poses that come from elsewhere than the pixels.
pub struct OraclePerceiver<F> {
    grounder: Grounder,
    entities: F,
}

impl<F: FnMut() -> BTreeMap<ObjectId, Entity>> OraclePerceiver<F> {
    /// `entities` is asked at each observation for what is where.
    pub fn new(grounder: Grounder, entities: F) -> Self {
        Self { grounder, entities }
    }
}

impl<F: FnMut() -> BTreeMap<ObjectId, Entity>> Perceiver for OraclePerceiver<F> {
    fn perceive(&mut self, observation: &Observation) -> Result<Belief, PerceiveError> {
        if !observation.is_finite() {
            return Err(PerceiveError("proprioception holds a number that is not finite".into()));
        }
        let entities = (self.entities)();
        let gripper = gripper_of(observation);
        let facts = self.grounder.ground(&entities, &gripper);
        Ok(Belief { entities, gripper, facts })
    }
}

/// The gripper as proprioception tells it.
pub fn gripper_of(observation: &Observation) -> Gripper {
    Gripper {
        tcp: Pose::from_parts(
            Translation3::from(observation.ee_position),
            UnitQuaternion::new(observation.ee_orientation),
        ),
        opening: observation.finger_positions.iter().sum(),
    }
}
