use ergon_vocab::{Belief, ObjectId, Observation, Skill, SkillStatus};
use nalgebra::Vector3;

use super::aim::{hand_yaw, nearest_half_turn};
use super::servo::{Aim, CLOSED, FAST, FINGERTIP, OPEN, SLOW};

/// Where the descent ends: distance from the aim, m and rad.
const NEAR: f64 = 0.003;
const TURNED: f64 = 0.08;
/// Change of the opening in one step below which the fingers stand still, m.
const STILL: f64 = 0.0005;
/// Steps for which the fingers must stand still around the body.
const STILL_STEPS: u32 = 2;
/// Steps after which closed fingers without a body count as a miss.
const MISS_STEPS: u32 = 16;
/// How far the body is lifted off what carried it, m.
const LIFT: f64 = 0.03;

/// Lowers the open gripper around a body, closes it and lifts the body off.
#[derive(Clone, Debug, Default)]
pub struct Grasp {
    body: Option<ObjectId>,
    yaw: f64,
    phase: Phase,
    steps: u32,
    still: u32,
    opening: f64,
    /// Height of the body when the fingers closed, m.
    from: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Phase {
    #[default]
    Descend,
    Close,
    Lift,
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
        let middle = entity.pose.translation.vector;
        // The fingertips reach below the tool; low bodies are held a little above their middle.
        let floor = entity.bottom() + FINGERTIP + 0.002;
        let aim =
            Aim { position: Vector3::new(middle.x, middle.y, middle.z.max(floor)), yaw: self.yaw };
        self.steps += 1;
        match self.phase {
            Phase::Descend if aim.reached(gripper, NEAR, TURNED) => {
                *self = Self {
                    phase: Phase::Close,
                    steps: 0,
                    opening: gripper.opening,
                    ..self.clone()
                };
                self.from = middle.z;
                SkillStatus::Running(aim.command(gripper, SLOW, CLOSED))
            }
            Phase::Descend => SkillStatus::Running(aim.command(gripper, 2.0 * SLOW, OPEN)),
            Phase::Close => self.close(entity.size.max(), gripper.opening),
            Phase::Lift => self.lift(belief, middle),
        }
    }
}

impl Grasp {
    fn close(&mut self, width: f64, opening: f64) -> SkillStatus {
        let still = (self.opening - opening).abs() < STILL;
        self.opening = opening;
        self.still = if still { self.still + 1 } else { 0 };
        if self.still >= STILL_STEPS && self.steps > STILL_STEPS {
            if opening < 0.5 * width {
                return SkillStatus::Failed("the fingers closed on nothing".into());
            }
            self.phase = Phase::Lift;
            self.steps = 0;
        }
        if self.steps > MISS_STEPS {
            return SkillStatus::Failed("the fingers do not come to rest".into());
        }
        SkillStatus::Running(ergon_vocab::Command::hold(CLOSED))
    }

    fn lift(&mut self, belief: &Belief, middle: Vector3<f64>) -> SkillStatus {
        let gripper = &belief.gripper;
        if middle.z > self.from + LIFT {
            return SkillStatus::Done;
        }
        if gripper.tcp.translation.z > self.from + 2.0 * LIFT {
            return SkillStatus::Failed("the body stayed behind".into());
        }
        let mut up = Aim { position: gripper.tcp.translation.vector, yaw: self.yaw };
        up.position.z += 3.0 * LIFT;
        SkillStatus::Running(up.command(gripper, FAST, CLOSED))
    }
}
