use ergon_vocab::{Belief, Command, ObjectId, Observation, Skill, SkillStatus};

use super::aim::hand_yaw;
use super::reach_place::Held;
use super::servo::{Aim, CLOSED, OPEN, SLOW};

/// Gap between body and place at which the gripper lets go, m.
const TOUCH: f64 = 0.0015;
/// Gap within which a body that goes no lower is taken to stand, m, and for how many steps.
const LOW: f64 = 0.01;
const STUCK_STEPS: u32 = 6;
/// Opening beyond the body's width at which the fingers no longer hold it, m.
const LOOSE: f64 = 0.006;
/// Opening beyond the body's width at which the fingers are off it, m.
const OFF: f64 = 0.012;
/// How far the tool rises above the body's middle before the skill ends, beyond its half height, m.
const RISE: f64 = 0.02;

/// Lowers the held body onto its place, lets it go and rises. What it does next follows from what is
/// sensed and not from what it did before, so that it can take over from anyone.
#[derive(Clone, Debug, Default)]
pub struct Release {
    call: Option<(ObjectId, ObjectId)>,
    yaw: f64,
    lowest: f64,
    stuck: u32,
}

impl Skill for Release {
    fn name(&self) -> &str {
        "release"
    }

    fn budget_steps(&self) -> u64 {
        120
    }

    fn start(&mut self, args: &[ObjectId], belief: &Belief, _: &Observation) -> Result<(), String> {
        let [body, place] = args else { return Err("release takes an object and a place".into()) };
        Held::new(belief, *body, *place)?;
        *self = Self {
            call: Some((*body, *place)),
            yaw: hand_yaw(belief),
            lowest: f64::INFINITY,
            ..Self::default()
        };
        Ok(())
    }

    fn step(&mut self, belief: &Belief, _: &Observation) -> SkillStatus {
        let Some((body, place)) = self.call else {
            return SkillStatus::Failed("release was not started".into());
        };
        let width = belief.entities.get(&body).map_or(0.0, |e| e.size.max());
        if belief.gripper.opening > width + LOOSE {
            return self.rise(belief, body);
        }
        let held = match Held::new(belief, body, place) {
            Ok(held) => held,
            Err(reason) => return SkillStatus::Failed(reason),
        };
        let gap = held.body.bottom() - held.place.top();
        let lower = gap > LOW || gap < self.lowest - 0.0005;
        self.stuck = if lower { 0 } else { self.stuck + 1 };
        self.lowest = self.lowest.min(gap);
        if gap < TOUCH || self.stuck > STUCK_STEPS {
            return SkillStatus::Running(Command::hold(OPEN));
        }
        let aim = Aim { position: held.tool(0.0), yaw: self.yaw };
        SkillStatus::Running(aim.command(&belief.gripper, SLOW, CLOSED))
    }
}

impl Release {
    fn rise(&self, belief: &Belief, body: ObjectId) -> SkillStatus {
        let Some(entity) = belief.entities.get(&body) else {
            return SkillStatus::Failed("the object is lost".into());
        };
        let gripper = &belief.gripper;
        if gripper.opening < (entity.size.max() + OFF).min(0.075) {
            return SkillStatus::Running(Command::hold(OPEN));
        }
        let over = entity.pose.translation.z + entity.half_height() + RISE;
        if gripper.tcp.translation.z > over {
            return SkillStatus::Done;
        }
        // Slowly: an arm that starts fast swings, and drags along what is between its fingers.
        let mut up = Aim { position: gripper.tcp.translation.vector, yaw: self.yaw };
        up.position.z += 4.0 * RISE;
        SkillStatus::Running(up.command(gripper, SLOW, OPEN))
    }
}
