//! A perceiver for an arm without a scene: bodies that are imagined where the scenario puts them, and
//! that go where the measured gripper would carry them.
//!
//! It shows that plans, skills and an arm's controllers work together before there is anything to
//! grasp. What it believes follows from proprioception alone and is no perception of the world.

use std::collections::BTreeMap;

use ergon_perception::{Grounder, gripper_of};
use ergon_vocab::{
    Belief, Entity, Gripper, ObjectId, Observation, PerceiveError, Perceiver, Pose, Role,
};
use nalgebra::{Translation3, UnitQuaternion, Vector3};

/// Opening beyond a body's width at which the pads touch it, m.
const TOUCHING: f64 = 0.002;
/// Distance of the tool from a body's middle within which closing pads meet it, as a share of its size.
const WITHIN: f64 = 0.5;
/// How far a body may sink into what carries it, m.
const SUNK: f64 = 0.01;

/// Imagined bodies around a measured gripper.
pub(crate) struct Props {
    grounder: Grounder,
    entities: BTreeMap<ObjectId, Entity>,
    /// The body between the pads, and where it is in the tool's frame.
    held: Option<(ObjectId, Pose)>,
}

impl Props {
    pub(crate) fn new(grounder: Grounder, entities: BTreeMap<ObjectId, Entity>) -> Self {
        Self { grounder, entities, held: None }
    }

    /// Moves what is held with the tool, takes hold, and lets go.
    fn carry(&mut self, gripper: &mut Gripper) {
        if let Some((id, tool_from_body)) = self.held
            && let Some(body) = self.entities.get_mut(&id)
        {
            body.pose = gripper.tcp * tool_from_body;
            if gripper.opening > body.size.x + TOUCHING {
                self.held = None;
                self.drop(id);
            }
        } else {
            let meets = |(id, body): (&ObjectId, &Entity)| {
                let away = body.pose.translation.vector - gripper.tcp.translation.vector;
                let near = body.role == Role::Body && away.norm() < WITHIN * body.size.x;
                let closed = gripper.opening <= body.size.x + TOUCHING;
                (near && closed).then(|| (*id, gripper.tcp.inverse() * body.pose))
            };
            self.held = self.entities.iter().find_map(meets);
        }
        // Pads that have met a body are as far apart as it is wide, also where no body is.
        if let Some(body) = self.held.and_then(|(id, _)| self.entities.get(&id)) {
            gripper.opening = gripper.opening.max(body.size.x);
        }
    }

    /// Lets a body fall onto what is below it.
    fn drop(&mut self, id: ObjectId) {
        let Some(body) = self.entities.get(&id).copied() else { return };
        let at = body.pose.translation.vector;
        let below = |other: &Entity| {
            let away = (other.pose.translation.vector - at).abs();
            let room = (other.size + body.size) / 2.0;
            away.x < room.x && away.y < room.y && other.top() < body.bottom() + SUNK
        };
        let others = self.entities.iter().filter(|(other, e)| **other != id && below(e));
        let floor = others.map(|(_, e)| e.top()).fold(f64::NEG_INFINITY, f64::max);
        if floor.is_finite()
            && let Some(body) = self.entities.get_mut(&id)
        {
            let turned = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), body.yaw());
            let middle = Vector3::new(at.x, at.y, floor + body.size.z / 2.0);
            body.pose = Pose::from_parts(Translation3::from(middle), turned);
        }
    }
}

impl Perceiver for Props {
    fn perceive(&mut self, observation: &Observation) -> Result<Belief, PerceiveError> {
        if !observation.is_finite() {
            return Err(PerceiveError("proprioception holds a number that is not finite".into()));
        }
        let mut gripper = gripper_of(observation);
        self.carry(&mut gripper);
        let facts = self.grounder.ground(&self.entities, &gripper);
        Ok(Belief { entities: self.entities.clone(), gripper, facts })
    }
}
