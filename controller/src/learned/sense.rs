//! What the policy network is given: features of the symbolic target as it is believed, of
//! proprioception and of the skill's course, and a patch of the hand camera's picture.
//!
//! Training and running both come through here, so that they cannot differ.

use ergon_vocab::{Belief, CameraSpec, Entity, Image, ObjectId, Observation, SkillStatus};
use nalgebra::Vector3;

use crate::place::{carried, destination, rod_over};
use crate::scripted::aim::{best_yaw, hand_yaw, nearest_half_turn};
use crate::scripted::press::{HOVER, MET};
use crate::scripted::servo::{Aim, CLOSED, FINGERTIP, OPEN, travel_height};
use crate::scripted::{Held, LOST, grasp, reach_pick, reach_place};

/// The skills in the order in which the network is told of them.
pub const SKILLS: [&str; 5] = ["reach_pick", "grasp", "reach_place", "release", "press"];
/// Number of features.
pub const FEATURES: usize = 39;
/// Width and height of the patch, pixels.
pub const PATCH: usize = 32;
/// Width of what the patch shows at the depth of the target, m.
const PATCH_EXTENT: f64 = 0.11;
/// A skill that moves neither the tool nor the fingers by this much, m, for so many steps has come to a
/// stop.
const STANDING: f64 = 0.0006;
const STANDING_STEPS: u32 = 8;
/// The same for one that presses, which comes down to its button slowly.
const CREEPING_STEPS: u32 = 40;
/// A hand that reaches and stays within this distance, m, for so many steps has come to a stop too.
const LINGERING: f64 = 0.01;
const LINGERING_STEPS: u32 = 30;
/// Change of the opening in one step below which the fingers stand still, m.
const STILL: f64 = 0.0005;
/// Steps of standing still up to which the network is told of them.
const STOOD: u32 = 4;
/// Distance from where it is to be at which a tool that reaches may have arrived, m.
const ARRIVED: f64 = 0.03;
/// A hand that reaches may be so much farther from where it is to be than it has been, to the side, m;
/// where it stops, so far.
const STRAY: f64 = 0.06;
/// How much wider than a body the fingers are open that have let go of it, m.
const LET_GO: f64 = 0.003;
/// The places of `grasp`, `release` and `press` among the skills.
const GRASP: usize = 1;
const RELEASE: usize = 3;
const PRESS: usize = 4;
/// Heights beyond this make no difference, m: the hand moves at full speed. The policy is told no more, and
/// so knows towers higher than those it was taught on.
const HIGH: f64 = 0.12;
/// Height of the tool over a button at which it has risen again, m.
const RISEN: f64 = FINGERTIP + 0.5 * HOVER;
/// The hand camera, by its name in observations.
pub const HAND_CAMERA: &str = "wrist";

/// One execution of a skill: its target and what must be remembered of its course.
#[derive(Clone, Debug)]
pub struct Execution {
    skill: usize,
    body: ObjectId,
    place: Option<ObjectId>,
    /// The hand's turn about the vertical at the end, rad.
    pub yaw: f64,
    /// Heights of tool and body at the start, m.
    tool_height: f64,
    body_height: f64,
    /// Opening and place of the tool at the last step, m, and what the gripper was told then.
    opening: f64,
    tool: Vector3<f64>,
    /// Least distance to the side of where the tool is to be, m.
    nearest: f64,
    /// Least height of the tool so far, m.
    lowest: f64,
    /// Steps for which neither tool nor fingers have moved.
    standing: u32,
    /// Where the tool lingers, m, and for how many steps it has.
    haunt: Vector3<f64>,
    lingering: u32,
    gripper: f64,
}

/// Where the tool shall come to and how high it travels.
#[derive(Clone, Copy, Debug)]
struct Target {
    aim: Aim,
    over: f64,
    /// What the hand camera should look at, base frame, m.
    look: Vector3<f64>,
}

impl Execution {
    /// Begins an execution. The turn of the hand is chosen as the expert does: along the faces of the
    /// body or of the place, where the fingers have room.
    ///
    /// # Errors
    /// The start condition does not hold; the text says which.
    pub fn start(skill: &str, args: &[ObjectId], belief: &Belief) -> Result<Self, String> {
        let index = SKILLS.iter().position(|s| *s == skill);
        let index = index.ok_or_else(|| format!("the policy knows no skill {skill:?}"))?;
        let (body, place) = match (index, args) {
            (0 | GRASP, [body]) => (*body, None),
            (2 | RELEASE, [body, place]) => (*body, Some(*place)),
            (PRESS, [button]) => (*button, None),
            _ => return Err(format!("{skill} takes other arguments")),
        };
        let entity = seen(belief, body)?;
        let now = hand_yaw(belief);
        let yaw = match (index, place) {
            (0, _) => best_yaw(belief, entity.yaw(), &entity.pose.translation.vector, &[body]),
            (GRASP, _) => {
                let quarter = std::f64::consts::FRAC_PI_2;
                let faces = entity.yaw();
                nearest_half_turn(faces - ((faces - now) / quarter).round() * quarter, now)
            }
            (PRESS, _) => nearest_half_turn(0.0, now),
            (2, Some(place)) => {
                let held = Held::new(belief, body, place)?;
                let faces = held.place.yaw() + now - entity.yaw();
                let mut ignored = carried(belief, body);
                ignored.push(place);
                best_yaw(belief, faces, &held.tool(0.0), &ignored)
            }
            (_, Some(place)) => {
                Held::new(belief, body, place)?;
                now
            }
            _ => return Err(format!("{skill} takes a place")),
        };
        Ok(Self {
            skill: index,
            body,
            place,
            yaw,
            tool_height: belief.gripper.tcp.translation.z,
            body_height: entity.pose.translation.z,
            opening: belief.gripper.opening,
            tool: belief.gripper.tcp.translation.vector,
            nearest: f64::INFINITY,
            standing: 0,
            haunt: belief.gripper.tcp.translation.vector,
            lingering: 0,
            gripper: if index < 2 { OPEN } else { CLOSED },
            lowest: belief.gripper.tcp.translation.z,
        })
    }

    /// Whether what the skill needs is still so.
    ///
    /// # Errors
    /// The body is lost, or no longer in the gripper while it should be, or the hand strays; the text says
    /// which.
    pub fn check(&self, belief: &Belief) -> Result<(), String> {
        let body = seen(belief, self.body)?;
        let gripper = &belief.gripper;
        let still = (self.opening - gripper.opening).abs() < STILL;
        let closed = self.gripper > 0.0;
        if self.skill == GRASP && closed && still && gripper.opening < 0.5 * body.size.max() {
            return Err("the fingers closed on nothing".into());
        }
        let away = (body.pose.translation.vector - gripper.tcp.translation.vector).norm();
        if self.skill == 2 && away > LOST * body.size.max() {
            return Err(format!("the body is {:.0} mm from the gripper", away * 1000.0));
        }
        if self.reaches() && self.sideways(belief)? > self.nearest + STRAY {
            return Err("the hand strays from its way".into());
        }
        Ok(())
    }

    fn reaches(&self) -> bool {
        SKILLS[self.skill].starts_with("reach")
    }

    /// How far the tool is to the side of where it is to be, m.
    fn sideways(&self, belief: &Belief) -> Result<f64, String> {
        let way = self.target(belief)?.aim.position - belief.gripper.tcp.translation.vector;
        Ok(way.xy().norm())
    }

    fn target(&self, belief: &Belief) -> Result<Target, String> {
        let body = seen(belief, self.body)?;
        let middle = body.pose.translation.vector;
        let tool = belief.gripper.tcp.translation.vector;
        let top = Vector3::new(middle.x, middle.y, body.top());
        let (position, look, hanging) = match self.place {
            None if self.skill == PRESS => (top + Vector3::z() * FINGERTIP, top, FINGERTIP),
            None if self.skill == GRASP => (grasp::hold(body), middle, FINGERTIP),
            None => (reach_pick::over(body), middle, FINGERTIP),
            Some(place) => {
                let place = destination(belief, self.body, place)?;
                let mut goal = place.pose.translation.vector;
                goal.z = place.top() + body.half_height();
                let top = Vector3::new(goal.x, goal.y, place.top());
                // It is brought over a rod, and let down along it.
                if self.reaches() {
                    goal.z += rod_over(belief, self.body, &top) + reach_place::HOVER;
                }
                (goal + (tool - middle), top, tool.z - body.bottom())
            }
        };
        let ignored = self.place.map(|_| carried(belief, self.body)).unwrap_or_default();
        let over = travel_height(belief, &position, &ignored, hanging);
        Ok(Target { aim: Aim { position, yaw: self.yaw }, over, look })
    }

    /// The features, all of the order of 1.
    ///
    /// # Errors
    /// The body or the place is lost.
    pub fn features(&self, belief: &Belief) -> Result<[f32; FEATURES], String> {
        let target = self.target(belief)?;
        let body = seen(belief, self.body)?;
        let gripper = &belief.gripper;
        let tool = gripper.tcp.translation.vector;
        let height = |z: f64| z.clamp(-HIGH, HIGH);
        let mut way = target.aim.position - tool;
        way.z = height(way.z);
        let turn = target.aim.turn(gripper);
        let mut f = Writer::default();
        (0..SKILLS.len()).for_each(|i| f.push(if i == self.skill { 1.0 } else { 0.0 }));
        for axis in 0..3 {
            f.scaled(way[axis], &[0.03, 0.008], 0.25);
        }
        f.scaled(way.xy().norm(), &[0.03], 0.25);
        for axis in 0..3 {
            f.scaled(turn[axis], &[0.08], 0.5);
        }
        f.scaled(height(target.over - tool.z), &[0.03], 0.25);
        let width = body.size.max();
        f.push(gripper.opening / 0.08);
        f.push(((gripper.opening - width) / 0.01).tanh());
        f.push(((gripper.opening - self.opening) / 0.002).tanh());
        f.push(width / 0.05 - 1.0);
        // A body that is set down stops the hand.
        f.push(((tool.z - self.tool.z) / 0.005).tanh());
        f.scaled(height(tool.z - self.tool_height), &[0.02], 0.1);
        f.scaled(height(body.pose.translation.z - self.body_height), &[0.02], 0.1);
        for axis in 0..3 {
            f.push(((body.pose.translation.vector[axis] - tool[axis]) / 0.03).tanh());
        }
        // What lets go rises over the body's top, wherever its middle is.
        f.push(((tool.z - body.top()) / 0.02).tanh());
        // What has pressed its button has to rise.
        let pressed = target.aim.position.z - FINGERTIP + MET;
        f.push(((self.lowest - pressed) / 0.0007).tanh());
        // What stands still around a body has closed, or has met something. Of the fingers alone it is not
        // told for how long: a policy that knows it learns to go on as before.
        f.push(f64::from(self.standing.min(STOOD)) / f64::from(STOOD));
        // What the gripper was told last is left out: a policy that knows it learns to repeat it.
        Ok(f.0)
    }

    /// The patch of the hand camera's picture around the target: planes of red, green and blue, 0 to
    /// 1, [`PATCH`] x [`PATCH`] each, row 0 on top; grey where the picture ends.
    ///
    /// # Errors
    /// The body or the place is lost.
    pub fn patch(
        &self,
        belief: &Belief,
        camera: &CameraSpec,
        picture: &Image,
        out: &mut [f32],
    ) -> Result<(), String> {
        let target = self.target(belief)?;
        let model = camera.model(&belief.gripper.tcp);
        match model.project(&target.look) {
            // It shows as much of the scene at any distance.
            Some((middle, depth)) => {
                let width = model.focal * PATCH_EXTENT / depth.max(0.02);
                picture.cut(middle.into(), width, PATCH, out);
            }
            None => out.fill(0.5),
        }
        Ok(())
    }

    /// Whether what is believed allows that the skill is at its end, whatever the policy says.
    ///
    /// # Errors
    /// The body or the place is lost.
    pub fn may_end(&self, belief: &Belief) -> Result<bool, String> {
        let gripper = &belief.gripper;
        Ok(match self.skill {
            GRASP => true,
            RELEASE => {
                let body = seen(belief, self.body)?;
                let off = gripper.tcp.translation.z > body.top() + FINGERTIP;
                off && gripper.opening - body.size.max() > LET_GO
            }
            PRESS => {
                let top = seen(belief, self.body)?.top();
                self.lowest < top + MET && gripper.tcp.translation.z > top + RISEN
            }
            _ => {
                let way = self.target(belief)?.aim.position - gripper.tcp.translation.vector;
                way.norm() < ARRIVED
            }
        })
    }

    /// Whether the skill has come to a stop.
    pub fn stands(&self) -> bool {
        let most = if self.skill == PRESS { CREEPING_STEPS } else { STANDING_STEPS };
        self.standing >= most || (self.reaches() && self.lingering >= LINGERING_STEPS)
    }

    /// What it means that the skill has come to a stop: one that only moves the hand has brought it as far
    /// as it can, unless that is beside its target. The next one's effects will show whether it was enough.
    pub fn halted(&self, belief: &Belief) -> SkillStatus {
        match self.sideways(belief) {
            Ok(away) if self.reaches() && away < STRAY => SkillStatus::Done,
            Ok(_) => SkillStatus::Failed("it comes to a stop before its end".into()),
            Err(reason) => SkillStatus::Failed(reason),
        }
    }

    /// Remembers what was sensed and commanded at this step.
    pub fn remember(&mut self, belief: &Belief, gripper: f64) {
        let (opening, tool) = (belief.gripper.opening, belief.gripper.tcp.translation.vector);
        let moved = (self.opening - opening).abs().max((self.tool - tool).norm());
        self.standing = if moved < STANDING { self.standing + 1 } else { 0 };
        if (self.haunt - tool).norm() > LINGERING {
            (self.haunt, self.lingering) = (tool, 0);
        }
        self.lingering += 1;
        self.nearest = self.sideways(belief).map_or(self.nearest, |away| away.min(self.nearest));
        self.opening = opening;
        self.tool = tool;
        self.lowest = self.lowest.min(tool.z);
        self.gripper = gripper;
    }
}

fn seen(belief: &Belief, id: ObjectId) -> Result<&Entity, String> {
    belief.entities.get(&id).ok_or_else(|| "the object is lost".into())
}

/// The hand camera's picture among those of an observation.
pub fn hand_picture(observation: &Observation) -> Option<&Image> {
    observation.images.iter().find(|i| i.camera == HAND_CAMERA).map(|i| &i.image)
}

/// Features in the order in which they are pushed.
struct Writer([f32; FEATURES], usize);

impl Default for Writer {
    fn default() -> Self {
        Self([0.0; FEATURES], 0)
    }
}

impl Writer {
    fn push(&mut self, x: f64) {
        // The number of features is a constant of this file, held by a test.
        if let Some(slot) = self.0.get_mut(self.1) {
            *slot = x as f32;
        }
        self.1 += 1;
    }

    /// A quantity at several scales: linear, and bent so that small values can be told apart.
    fn scaled(&mut self, x: f64, fine: &[f64], coarse: f64) {
        self.push(x / coarse);
        fine.iter().for_each(|s| self.push((x / s).tanh()));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ergon_vocab::{Facts, Gripper, Pose, Role};
    use nalgebra::UnitQuaternion;

    use super::*;

    const BODY: ObjectId = ObjectId(0);

    /// A body, and the open hand above it, so far to its side.
    fn belief(sideways: f64) -> Belief {
        let at = |x: f64, z: f64, down: UnitQuaternion<f64>| {
            Pose::from_parts(Vector3::new(x, 0.0, z).into(), down)
        };
        let upright = UnitQuaternion::identity();
        let size = Vector3::repeat(0.05);
        let body = Entity::exact(Role::Body, at(0.5, 0.0, upright), size);
        let down = UnitQuaternion::from_axis_angle(&Vector3::x_axis(), std::f64::consts::PI);
        let tcp = at(0.5 + sideways, 0.1, down);
        let gripper = Gripper { tcp, opening: 0.08 };
        Belief { entities: BTreeMap::from([(BODY, body)]), gripper, facts: Facts::default() }
    }

    #[test]
    fn a_hand_that_goes_away_from_its_target_strays() {
        let mut execution = Execution::start("reach_pick", &[BODY], &belief(0.2)).unwrap();
        for sideways in [0.2, 0.1, 0.15] {
            assert_eq!(execution.check(&belief(sideways)), Ok(()));
            execution.remember(&belief(sideways), OPEN);
        }
        let strays = execution.check(&belief(0.17)).unwrap_err();
        assert!(strays.contains("strays"), "{strays}");
    }

    #[test]
    fn a_hand_that_stops_is_there_only_if_it_is_near() {
        let mut execution = Execution::start("reach_pick", &[BODY], &belief(0.2)).unwrap();
        for _ in 0..=STANDING_STEPS {
            assert!(!execution.stands());
            execution.remember(&belief(0.1), OPEN);
        }
        assert!(execution.stands());
        assert!(matches!(execution.halted(&belief(0.1)), SkillStatus::Failed(_)));
        assert_eq!(execution.halted(&belief(0.01)), SkillStatus::Done);
    }
}
