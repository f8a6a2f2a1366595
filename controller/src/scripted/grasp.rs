use ergon_vocab::{Belief, Command, Entity, Gripper, ObjectId, Observation, Skill, SkillStatus};
use nalgebra::Vector3;

use super::aim::{hand_yaw, nearest_half_turn};
use super::servo::{Aim, CLOSED, FINGERTIP, OPEN, SLOW};

/// Where the descent ends: distance from the aim, m and rad. The open fingers leave more room than this.
const NEAR: f64 = 0.006;
const TURNED: f64 = 0.08;
/// Distance from the aim at which fingers that have begun to close are opened again, m, and the opening
/// below which they have.
const ASTRAY: f64 = 0.012;
const BEGUN: f64 = 0.076;
/// Change of the opening in one step below which the fingers stand still, m.
const STILL: f64 = 0.0005;
/// Steps for which the fingers must stand still around the body.
const STILL_STEPS: u32 = 2;
/// Opening beyond the body's width at which the fingers are around it, m.
const AROUND: f64 = 0.006;
/// How far the body is lifted off what carried it, m.
const LIFT: f64 = 0.03;

/// Lowers the open gripper around a body, closes it and lifts the body off. What it does next follows
/// from what is sensed and not from what it did before, so that it can take over from anyone.
#[derive(Clone, Debug, Default)]
pub struct Grasp {
    body: Option<ObjectId>,
    yaw: f64,
    still: u32,
    opening: f64,
    /// Height of the body before it is lifted, m.
    from: f64,
}

/// Where the tool is when it holds a body, base frame, m. The fingertips reach below the tool: low bodies
/// are held a little above their middle.
pub(crate) fn hold(body: &Entity) -> Vector3<f64> {
    let middle = body.pose.translation.vector;
    Vector3::new(middle.x, middle.y, middle.z.max(body.bottom() + FINGERTIP + 0.002))
}

impl Skill for Grasp {
    fn name(&self) -> &str {
        "grasp"
    }

    fn budget_steps(&self) -> u64 {
        120
    }

    fn start(&mut self, args: &[ObjectId], belief: &Belief, _: &Observation) -> Result<(), String> {
        let [body] = args else { return Err("grasp takes one object".into()) };
        let entity = belief.entities.get(body).ok_or("the object was never seen")?;
        // The hand is already turned along the faces: keep to the nearest of them.
        let now = hand_yaw(belief);
        let quarter = std::f64::consts::FRAC_PI_2;
        let faces = entity.yaw();
        let yaw = faces - ((faces - now) / quarter).round() * quarter;
        *self = Self { body: Some(*body), yaw: nearest_half_turn(yaw, now), ..Self::default() };
        Ok(())
    }

    fn step(&mut self, belief: &Belief, _: &Observation) -> SkillStatus {
        let Some(entity) = self.body.and_then(|b| belief.entities.get(&b)) else {
            return SkillStatus::Failed("the object is lost".into());
        };
        let gripper = &belief.gripper;
        let still = (self.opening - gripper.opening).abs() < STILL;
        self.opening = gripper.opening;
        self.still = if still { self.still + 1 } else { 0 };
        let (middle, width) = (entity.pose.translation.vector, entity.size.max());
        let away = (middle - gripper.tcp.translation.vector).norm();
        if self.still >= STILL_STEPS && gripper.opening < 0.5 * width {
            return SkillStatus::Failed("the fingers closed on nothing".into());
        }
        let around = gripper.opening < width + AROUND && away < 0.5 * width;
        if around && self.still >= STILL_STEPS {
            return self.lift(gripper, middle.z);
        }
        self.from = middle.z;
        let aim = Aim { position: hold(entity), yaw: self.yaw };
        let begun = gripper.opening < BEGUN && aim.reached(gripper, ASTRAY, 2.0 * TURNED);
        if begun || aim.reached(gripper, NEAR, TURNED) {
            return SkillStatus::Running(Command::hold(CLOSED));
        }
        SkillStatus::Running(aim.command(gripper, 2.0 * SLOW, OPEN))
    }
}

impl Grasp {
    fn lift(&self, gripper: &Gripper, height: f64) -> SkillStatus {
        if height > self.from + LIFT {
            return SkillStatus::Done;
        }
        if gripper.tcp.translation.z > self.from + 2.0 * LIFT {
            return SkillStatus::Failed("the body stayed behind".into());
        }
        // Slowly: an arm that starts fast swings, and presses a disc against its rod.
        let mut up = Aim { position: gripper.tcp.translation.vector, yaw: self.yaw };
        up.position.z += 3.0 * LIFT;
        SkillStatus::Running(up.command(gripper, SLOW, CLOSED))
    }
}
