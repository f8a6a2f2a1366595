use ergon_vocab::{Belief, ObjectId, Observation, Skill, SkillStatus};
use nalgebra::Vector3;

use super::aim::{best_yaw, hand_yaw};
use super::servo::{Aim, CLOSED, FAST, travel_height};
use crate::place::{carried, destination, rod_over};

/// Height of the held body over its place at the end, m.
pub(crate) const HOVER: f64 = 0.02;
/// Where it ends: distance from the aim, m and rad.
const NEAR: f64 = 0.006;
const TURNED: f64 = 0.05;
/// Distance between tool and body at which the body counts as lost, as a share of its size.
pub(crate) const LOST: f64 = 0.75;

/// Carries the held body over its place, turned along the faces of what will carry it.
#[derive(Clone, Debug, Default)]
pub struct ReachPlace {
    call: Option<(ObjectId, ObjectId)>,
    yaw: f64,
}

impl Skill for ReachPlace {
    fn name(&self) -> &str {
        "reach_place"
    }

    fn budget_steps(&self) -> u64 {
        150
    }

    fn start(&mut self, args: &[ObjectId], belief: &Belief, _: &Observation) -> Result<(), String> {
        let [body, place] = args else {
            return Err("reach_place takes an object and a place".into());
        };
        let held = Held::new(belief, *body, *place)?;
        self.call = Some((*body, *place));
        let faces = held.place.yaw();
        // The body may be held at a small angle: turn it, not the hand, along the faces.
        let angle = hand_yaw(belief) - held.body.yaw();
        let mut ignored = carried(belief, *body);
        ignored.push(*place);
        self.yaw = best_yaw(belief, faces + angle, &held.tool(0.0), &ignored);
        Ok(())
    }

    fn step(&mut self, belief: &Belief, _: &Observation) -> SkillStatus {
        let Some((body, place)) = self.call else {
            return SkillStatus::Failed("reach_place was not started".into());
        };
        let held = match Held::new(belief, body, place) {
            Ok(held) => held,
            Err(reason) => return SkillStatus::Failed(reason),
        };
        let aim = Aim { position: held.hover(), yaw: self.yaw };
        if aim.reached(&belief.gripper, NEAR, TURNED) {
            return SkillStatus::Done;
        }
        let along = carried(belief, body);
        let over = travel_height(belief, &aim.position, &along, held.hanging());
        SkillStatus::Running(aim.travel(&belief.gripper, over, FAST, CLOSED))
    }
}

/// A held body on its way to a place.
pub(crate) struct Held<'a> {
    pub(crate) body: &'a ergon_vocab::Entity,
    pub(crate) place: ergon_vocab::Entity,
    tool: Vector3<f64>,
    /// How far a rod stands up over the place, m.
    rod: f64,
}

impl<'a> Held<'a> {
    /// Fails when the body is not in the gripper.
    pub(crate) fn new(belief: &'a Belief, body: ObjectId, place: ObjectId) -> Result<Self, String> {
        let id = body;
        let place = destination(belief, body, place)?;
        let body = belief.entities.get(&body).ok_or("the object was never seen")?;
        let tool = belief.gripper.tcp.translation.vector;
        let away = (body.pose.translation.vector - tool).norm();
        if away > LOST * body.size.max() {
            return Err(format!("the body is {:.0} mm from the gripper", away * 1000.0));
        }
        let mut top = place.pose.translation.vector;
        top.z = place.top();
        let rod = rod_over(belief, id, &top);
        Ok(Self { body, place, tool, rod })
    }

    /// Where the tool must be for the body to hover over its place, and over a rod there.
    pub(crate) fn hover(&self) -> Vector3<f64> {
        self.tool(self.rod + HOVER)
    }

    /// Where the tool must be for the body to stand over its place by a height, m.
    pub(crate) fn tool(&self, over: f64) -> Vector3<f64> {
        let middle = self.body.pose.translation.vector;
        let mut goal = self.place.pose.translation.vector;
        goal.z = self.place.top() + self.body.half_height() + over;
        goal + (self.tool - middle)
    }

    /// What of the body reaches below the tool, m.
    fn hanging(&self) -> f64 {
        self.tool.z - self.body.bottom()
    }
}
