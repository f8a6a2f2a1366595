//! The scripted expert at work on true poses: the source of demonstrations and of frames.

use std::collections::BTreeMap;

use ergon_controller::scripted;
use ergon_perception::gripper_of;
use ergon_scenarios::Scenario;
use ergon_sim::{GroundTruth, Simulator};
use ergon_vocab::{
    Belief, Command, Entity, Facts, ObjectId, Observation, Robot, Role, Skill, SkillCall,
    SkillStatus,
};

use crate::dice::Dice;
use crate::mistake::Mistake;

/// Another body above within this distance lies on a body, horizontally, m.
const ABOVE: f64 = 0.05;
/// Control steps of a skill after which the expert takes over from a pilot, and for which the pilot may
/// go on after the end.
const PATIENCE: u64 = 80;
const OVERRUN: u32 = 12;
/// Control steps in which the hand comes from home to any body, and some more.
const WANDER: usize = 60;
/// Share of moves that begin with closed fingers, and control steps in which they close.
const FIST: f64 = 0.2;
const CLOSING: usize = 10;

/// Symbols of a cell without a PDDL task: bodies first, in the instance's order, then areas, then the
/// table.
#[derive(Clone, Debug)]
pub(crate) struct Symbols {
    bodies: usize,
    places: Vec<Entity>,
}

impl Symbols {
    pub(crate) fn new(scenario: &Scenario, bodies: usize) -> Self {
        Self { bodies, places: ergon_bench::places(scenario).map(|(_, e)| e).collect() }
    }

    pub(crate) fn body(index: usize) -> ObjectId {
        ObjectId(index as u32)
    }

    pub(crate) fn area(&self, index: usize) -> ObjectId {
        ObjectId((self.bodies + index) as u32)
    }

    /// Everything where it truly is.
    pub(crate) fn entities(
        &self,
        scenario: &Scenario,
        truth: &GroundTruth,
    ) -> BTreeMap<ObjectId, Entity> {
        let bodies = truth
            .bodies
            .iter()
            .map(|body| Entity::exact(Role::Body, body.pose, scenario.objects[body.object].size));
        bodies
            .chain(self.places.iter().copied())
            .enumerate()
            .map(|(i, e)| (ObjectId(i as u32), e))
            .collect()
    }
}

/// One control step of the expert.
pub(crate) struct Moment<'a> {
    /// The cell before the command.
    pub(crate) simulator: &'a Simulator,
    /// What the robot senses; with pictures where the simulator's cameras are on.
    pub(crate) observation: &'a Observation,
    /// Everything where it truly is.
    pub(crate) truth: &'a Belief,
    /// The skill that runs.
    pub(crate) call: &'a SkillCall,
    /// What the expert would do; `None` where it has reached its end.
    pub(crate) command: Option<Command>,
    /// Whether this is the first step of the skill.
    pub(crate) first: bool,
}

/// Noise on the expert's motion, so that demonstrations hold the way back from states it would not
/// come to by itself (DART, Laskey et al. 2017, arXiv:1703.09327).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// Standard deviation of a translation component, in units of the command's scale.
    pub translation: f64,
    /// And of the turn about the vertical.
    pub rotation: f64,
    /// Share of the noise that stays from one step to the next.
    pub memory: f64,
    /// Control steps of a skill for which there is noise, at most; then the expert finishes undisturbed.
    pub steps: u64,
}

impl Noise {
    /// The expert undisturbed.
    pub const NONE: Self = Self { translation: 0.0, rotation: 0.0, memory: 0.0, steps: 0 };
    /// What whole episodes are recorded with: with more of it hardly one comes to its end.
    pub const MILD: Self = Self { translation: 0.12, rotation: 0.06, memory: 0.6, steps: 24 };
    /// What demonstrations of single moves are recorded with.
    pub const DART: Self = Self { translation: 0.25, rotation: 0.12, memory: 0.6, steps: 24 };
}

/// Skills by name.
pub(crate) type Skills = BTreeMap<String, Box<dyn Skill>>;

/// The expert in a cell.
pub(crate) struct Expert<'a> {
    pub(crate) simulator: &'a mut Simulator,
    pub(crate) symbols: Symbols,
    skills: Skills,
    /// Skills that drive in the expert's place, if any; the expert says what it would do.
    pilot: Option<Skills>,
    pub(crate) noise: Noise,
    drift: [f64; 4],
    pub(crate) dice: &'a mut Dice,
}

impl<'a> Expert<'a> {
    pub(crate) fn new(simulator: &'a mut Simulator, dice: &'a mut Dice, noise: Noise) -> Self {
        let symbols = Symbols::new(simulator.scenario(), simulator.instance().bodies.len());
        Self {
            simulator,
            symbols,
            skills: scripted::skills(),
            pilot: None,
            noise,
            drift: [0.0; 4],
            dice,
        }
    }

    /// What is true and sensed now.
    pub(crate) fn sense(&mut self) -> Option<(Observation, Belief)> {
        let observation = self.simulator.observe().ok()?;
        let entities =
            self.symbols.entities(self.simulator.scenario(), &self.simulator.ground_truth());
        let gripper = gripper_of(&observation);
        Some((observation, Belief { entities, gripper, facts: Facts::default() }))
    }

    /// Runs a skill to its end; false when it failed or the robot stopped.
    pub(crate) fn run(
        &mut self,
        skill: &str,
        args: &[ObjectId],
        visit: &mut dyn FnMut(Moment<'_>),
    ) -> bool {
        let call = SkillCall { skill: skill.into(), args: args.to_vec() };
        let Some(mut skill) = self.skills.remove(&call.skill) else { return false };
        let done = self.drive(skill.as_mut(), &call, u64::MAX, visit).is_some();
        self.skills.insert(call.skill, skill);
        done
    }

    /// Lets a skill of others run to its own end, with nobody to help; false when it does not come to one.
    #[cfg(feature = "train")]
    pub(crate) fn watch(&mut self, pilot: &mut Skills, skill: &str, args: &[ObjectId]) -> bool {
        let Some(skill) = pilot.get_mut(skill) else { return false };
        let Some((mut observation, mut truth)) = self.sense() else { return false };
        if skill.start(args, &truth, &observation).is_err() {
            return false;
        }
        for _ in 0..skill.budget_steps() {
            let command = match skill.step(&truth, &observation) {
                SkillStatus::Running(command) => command,
                SkillStatus::Done => return true,
                SkillStatus::Failed(_) => return false,
            };
            let sensed = self.simulator.step(&command).ok().and_then(|_| self.sense());
            let Some(now) = sensed else { return false };
            (observation, truth) = now;
        }
        false
    }

    /// Brings the hand some way towards a body that nothing lies on, so that what follows begins elsewhere
    /// than at home: where an earlier move may have ended, or on the way there. Sometimes its fingers are
    /// closed, as after a press.
    pub(crate) fn wander(&mut self) {
        let truth = self.simulator.ground_truth();
        let place = |i: usize| truth.bodies[i].pose.translation.vector;
        let bare = |&i: &usize| {
            !(0..truth.bodies.len()).any(|j| {
                let above = place(j) - place(i);
                above.z > 0.01 && above.xy().norm() < ABOVE
            })
        };
        let bare: Vec<usize> = (0..truth.bodies.len()).filter(bare).collect();
        let body = bare[self.dice.below(bare.len())];
        let call = SkillCall { skill: "reach_pick".into(), args: vec![Symbols::body(body)] };
        // A quarter of all times it stays at home.
        let steps = self.dice.below(WANDER).saturating_sub(WANDER / 4) as u64;
        self.drive(&mut scripted::ReachPick::default(), &call, steps, &mut |_| {});
        if self.dice.chance(FIST) {
            for _ in 0..CLOSING {
                if self.simulator.step(&Command::hold(1.0)).is_err() {
                    break;
                }
            }
        }
    }

    /// Lets others drive from now on, or nobody; gives those who drove.
    pub(crate) fn replace_pilot(&mut self, pilot: Option<Skills>) -> Option<Skills> {
        std::mem::replace(&mut self.pilot, pilot)
    }

    fn drive(
        &mut self,
        skill: &mut dyn Skill,
        call: &SkillCall,
        most: u64,
        visit: &mut dyn FnMut(Moment<'_>),
    ) -> Option<()> {
        let (mut observation, mut truth) = self.sense()?;
        skill.start(&call.args, &truth, &observation).ok()?;
        let mistake = Mistake::new(&truth, self.dice);
        let piloted = self.pilot.as_mut().and_then(|p| p.get_mut(&call.skill)).is_some_and(|p| {
            let belief = mistake.applied(&truth, &call.args, self.dice);
            p.start(&call.args, &belief, &observation).is_ok()
        });
        let noisy = self.dice.below(self.noise.steps as usize + 1) as u64;
        let mut over = 0;
        for step in 0..skill.budget_steps().min(most) {
            let status = skill.step(&truth, &observation);
            let command = match status {
                SkillStatus::Running(command) => Some(command),
                SkillStatus::Done => None,
                SkillStatus::Failed(_) => return None,
            };
            visit(Moment {
                simulator: self.simulator,
                observation: &observation,
                truth: &truth,
                call,
                command,
                first: step == 0,
            });
            let driven = if piloted && step < PATIENCE && over < OVERRUN {
                let belief = mistake.applied(&truth, &call.args, self.dice);
                self.pilot.as_mut()?.get_mut(&call.skill)?.step(&belief, &observation)
            } else {
                SkillStatus::Done
            };
            // What is in the fingers or between them is not shaken: it would be lost.
            let noisy = if call.skill.starts_with("reach") { noisy } else { noisy.min(4) };
            let command = match (driven, command) {
                (SkillStatus::Running(driven), _) => driven,
                (_, Some(command)) if step < noisy => self.disturbed(command),
                (_, Some(command)) => command,
                (_, None) => return Some(()),
            };
            over += u32::from(status == SkillStatus::Done);
            self.simulator.step(&command).ok()?;
            (observation, truth) = self.sense()?;
        }
        None
    }

    /// The command with noise on it.
    fn disturbed(&mut self, command: Command) -> Command {
        let Noise { translation, rotation, memory, .. } = self.noise;
        let fresh = (1.0 - memory * memory).sqrt();
        let mut array = command.to_array();
        let places = [(0, translation), (1, translation), (2, translation), (5, rotation)];
        for (drift, (axis, std)) in self.drift.iter_mut().zip(places) {
            *drift = memory * *drift + fresh * self.dice.normal(std);
            array[axis] = (array[axis] + *drift).clamp(-1.0, 1.0);
        }
        Command::from_array(array)
    }
}
