use ergon_vocab::{Belief, ObjectId, Observation, Skill, SkillStatus};
use nalgebra::Vector3;

use super::aim::{hand_yaw, nearest_half_turn};
use super::servo::{Aim, CLOSED, FAST, FINGERTIP, SLOW, travel_height};

/// Height of the fingertips over the button before it is pressed and at the end, m.
pub(crate) const HOVER: f64 = 0.03;
/// How far below its top the fingertips aim, m.
const DEEP: f64 = 0.005;
/// Height of the tool over the button's top at which the fingertips have pressed it, m: below where they
/// touch it, for real fingers may end a little above [`FINGERTIP`].
pub(crate) const MET: f64 = FINGERTIP - 0.0025;
/// Distance from the aim from which the way down begins, m and rad.
const NEAR: f64 = 0.006;
const TURNED: f64 = 0.08;

/// Presses a button once with closed fingers, from above, and rises.
#[derive(Clone, Debug, Default)]
pub struct Press {
    button: Option<ObjectId>,
    yaw: f64,
    over: bool,
    met: bool,
}

impl Skill for Press {
    fn name(&self) -> &str {
        "press"
    }

    fn budget_steps(&self) -> u64 {
        150
    }

    fn start(&mut self, args: &[ObjectId], belief: &Belief, _: &Observation) -> Result<(), String> {
        let [button] = args else { return Err("press takes one button".into()) };
        belief.entities.get(button).ok_or("the button was never seen")?;
        let now = hand_yaw(belief);
        let yaw = nearest_half_turn(0.0, now);
        *self = Self { button: Some(*button), yaw, ..Self::default() };
        Ok(())
    }

    fn step(&mut self, belief: &Belief, _: &Observation) -> SkillStatus {
        let Some(button) = self.button.and_then(|b| belief.entities.get(&b)) else {
            return SkillStatus::Failed("press was not started".into());
        };
        let gripper = &belief.gripper;
        let top = Vector3::new(
            button.pose.translation.x,
            button.pose.translation.y,
            button.top() + FINGERTIP,
        );
        let hover = Aim { position: top + Vector3::z() * HOVER, yaw: self.yaw };
        let tool = gripper.tcp.translation.z;
        if self.met {
            if tool > hover.position.z - NEAR {
                return SkillStatus::Done;
            }
            return SkillStatus::Running(hover.command(gripper, FAST, CLOSED));
        }
        self.over |= hover.reached(gripper, NEAR, TURNED) && gripper.opening < 0.01;
        if !self.over {
            let over = travel_height(belief, &hover.position, &[], FINGERTIP);
            return SkillStatus::Running(hover.travel(gripper, over, FAST, CLOSED));
        }
        self.met = tool < button.top() + MET;
        let down = Aim { position: top - Vector3::z() * DEEP, yaw: self.yaw };
        SkillStatus::Running(down.command(gripper, SLOW, CLOSED))
    }
}
