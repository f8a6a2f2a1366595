use ergon_vocab::{Belief, Entity, ObjectId, Observation, Skill, SkillStatus};
use nalgebra::Vector3;

use super::aim::best_yaw;
use super::servo::{Aim, FAST, FINGERTIP, OPEN, travel_height};

/// Height of the open fingers' tool over the middle of the body at the end, above its half height, m.
const HOVER: f64 = 0.02;
/// Where it ends: distance from the aim, m and rad.
const NEAR: f64 = 0.006;
const TURNED: f64 = 0.05;

/// Brings the open gripper over a body, turned along its faces.
#[derive(Clone, Debug, Default)]
pub struct ReachPick {
    body: Option<ObjectId>,
    yaw: f64,
}

/// Where the tool comes to, base frame, m.
pub(crate) fn over(body: &Entity) -> Vector3<f64> {
    body.pose.translation.vector + Vector3::z() * (body.half_height() + HOVER)
}

impl Skill for ReachPick {
    fn name(&self) -> &str {
        "reach_pick"
    }

    fn budget_steps(&self) -> u64 {
        150
    }

    fn start(&mut self, args: &[ObjectId], belief: &Belief, _: &Observation) -> Result<(), String> {
        let [body] = args else { return Err("reach_pick takes one object".into()) };
        let entity = belief.entities.get(body).ok_or("the object was never seen")?;
        let at = entity.pose.translation.vector;
        self.body = Some(*body);
        self.yaw = best_yaw(belief, entity.yaw(), &at, &[*body]);
        Ok(())
    }

    fn step(&mut self, belief: &Belief, _: &Observation) -> SkillStatus {
        let Some(entity) = self.body.and_then(|b| belief.entities.get(&b)) else {
            return SkillStatus::Failed("the object is lost".into());
        };
        let aim = Aim { position: over(entity), yaw: self.yaw };
        let gripper = &belief.gripper;
        let open = gripper.opening > entity.size.max() + 0.01;
        if open && aim.reached(gripper, NEAR, TURNED) {
            return SkillStatus::Done;
        }
        let over = travel_height(belief, &aim.position, &[], FINGERTIP);
        SkillStatus::Running(aim.travel(gripper, over, FAST, OPEN))
    }
}
