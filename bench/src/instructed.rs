//! Agents that are told in words what to do: a vision-language-action policy (VLA) by itself, or step by
//! step by the planner.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ergon_controller::{Report, vla};
use ergon_vocab::dummy::BlindPerceiver;
use ergon_vocab::{
    Belief, Command, Event, InstructedPolicy, Literal, ObjectId, Observation, Observer, Outcome,
    Perceiver, Plan, PolicyError, Robot, Skill, SkillStatus, StepRecord, Symbols, Truth,
};

/// Control steps after which the planner calls a subtask a timeout.
const SUBTASK_STEPS: u64 = 240;

/// Opens a policy for one episode.
pub trait PolicySource: Sync {
    /// A policy that has seen nothing yet.
    ///
    /// # Errors
    /// It cannot be loaded or reached.
    fn open(&self) -> Result<Box<dyn InstructedPolicy>, PolicyError>;
}

/// An instructed policy and how it is asked.
#[derive(Clone, Copy)]
pub struct Instructed<'a> {
    /// Opens the policy.
    pub source: &'a dyn PolicySource,
    /// Commands of an answer that are executed before the policy is asked again; 0 for all.
    pub replan_steps: usize,
}

/// A policy with what is left of its last answer.
pub(crate) struct Chunks {
    policy: Box<dyn InstructedPolicy>,
    replan_steps: usize,
    /// The commands to come, the next one last.
    left: Vec<Command>,
}

impl Chunks {
    pub(crate) fn open(instructed: Instructed<'_>) -> Result<Self, PolicyError> {
        let mut policy = instructed.source.open()?;
        policy.reset()?;
        Ok(Self { policy, replan_steps: instructed.replan_steps, left: Vec::new() })
    }

    fn next(&mut self, observation: &Observation, text: &str) -> Result<Command, PolicyError> {
        if self.left.is_empty() {
            let mut chunk = self.policy.infer(observation, text)?;
            if self.replan_steps > 0 {
                chunk.truncate(self.replan_steps);
            }
            chunk.reverse();
            self.left = chunk;
        }
        self.left.pop().ok_or_else(|| PolicyError("the policy answers with no command".into()))
    }
}

/// Lets a policy do the whole task by itself. It cannot say that it is done: `solved` does, as in the
/// reference experiment, where the simulator ends an episode.
pub(crate) fn play(
    chunks: &mut Chunks,
    robot: &mut dyn Robot,
    observer: &mut dyn Observer,
    time_secs: f64,
    solved: &dyn Fn() -> bool,
) -> Report {
    let mut steps = 0;
    let mut seen = robot.observe().map_err(|e| e.to_string());
    let outcome = loop {
        if solved() {
            break Outcome::Solved;
        }
        seen = seen.and_then(|now| play_step(chunks, &now, robot, observer, time_secs));
        match &seen {
            Ok(_) => steps += 1,
            Err(reason) => break Outcome::GaveUp(reason.clone()),
        }
    };
    let time = steps as f64 / Command::RATE_HZ;
    observer.on_event(time, &Event::Finished(outcome.clone()));
    Report { outcome, steps, actions: 0, retries: 0, replans: 0 }
}

/// From one observation to the next.
fn play_step(
    chunks: &mut Chunks,
    observation: &Observation,
    robot: &mut dyn Robot,
    observer: &mut dyn Observer,
    time_secs: f64,
) -> Result<Observation, String> {
    if observation.time_secs >= time_secs {
        return Err(format!("the time limit of {time_secs} s is reached"));
    }
    let command = chunks.next(observation, vla::PLAY).map_err(|e| e.to_string())?;
    let belief = BlindPerceiver.perceive(observation).map_err(|e| e.to_string())?;
    observer.on_step(StepRecord { observation, belief: &belief, command: &command });
    robot.step(&command).map_err(|e| e.to_string())
}

/// What the planner has the policy do now.
#[derive(Default)]
struct Subtask {
    plan: Plan,
    effects: Vec<Literal>,
}

/// Hears of the executive's plan and of its steps, and passes everything on.
pub(crate) struct Guide<'o> {
    inner: &'o mut dyn Observer,
    subtask: Rc<RefCell<Subtask>>,
}

impl Observer for Guide<'_> {
    fn on_event(&mut self, time_secs: f64, event: &Event) {
        let mut subtask = self.subtask.borrow_mut();
        match event {
            Event::Planned { plan, .. } => subtask.plan = plan.clone(),
            Event::ActionStarted { index, .. } => {
                let step = subtask.plan.steps.get(*index);
                subtask.effects = step.map(|s| s.effects.clone()).unwrap_or_default();
            }
            _ => {}
        }
        self.inner.on_event(time_secs, event);
    }

    fn on_step(&mut self, record: StepRecord<'_>) {
        self.inner.on_step(record);
    }
}

/// A whole action, done by the policy as it is told, until the action's effects are believed.
struct GuidedSkill {
    name: &'static str,
    chunks: Rc<RefCell<Chunks>>,
    subtask: Rc<RefCell<Subtask>>,
    names: Rc<BTreeMap<ObjectId, Name>>,
    instruction: String,
}

/// What a thing is called in an instruction.
enum Name {
    Block(String),
    Area(String),
}

impl Skill for GuidedSkill {
    fn name(&self) -> &str {
        self.name
    }

    fn budget_steps(&self) -> u64 {
        SUBTASK_STEPS
    }

    fn start(&mut self, args: &[ObjectId], _: &Belief, _: &Observation) -> Result<(), String> {
        let named: Vec<Option<&Name>> = args.iter().map(|id| self.names.get(id)).collect();
        self.instruction = match named[..] {
            [Some(Name::Block(colour))] => vla::pick(colour),
            [Some(Name::Block(colour)), Some(Name::Block(below))] => vla::place_on(colour, below),
            [Some(Name::Block(colour)), Some(Name::Area(area))] => vla::place_in(colour, area),
            _ => return Err("there are no words for this action".into()),
        };
        self.chunks.borrow_mut().left.clear();
        Ok(())
    }

    fn step(&mut self, belief: &Belief, observation: &Observation) -> SkillStatus {
        let effects = &self.subtask.borrow().effects;
        if effects.iter().all(|e| belief.facts.truth_of(e) == Truth::True) {
            return SkillStatus::Done;
        }
        match self.chunks.borrow_mut().next(observation, &self.instruction) {
            Ok(command) => SkillStatus::Running(command),
            Err(error) => SkillStatus::Failed(error.to_string()),
        }
    }
}

/// What guides a policy: skills of one action each, and the observer that tells them of the plan.
/// `colours` are those of the bodies.
pub(crate) fn guided<'o>(
    chunks: Chunks,
    symbols: &Symbols,
    colours: &[(ObjectId, String)],
    observer: &'o mut dyn Observer,
) -> (BTreeMap<String, Box<dyn Skill>>, Guide<'o>) {
    let subtask = Rc::new(RefCell::new(Subtask::default()));
    let areas = symbols.objects.iter().enumerate();
    let mut names: BTreeMap<ObjectId, Name> =
        areas.map(|(i, o)| (ObjectId(i as u32), Name::Area(o.name.clone()))).collect();
    names.extend(colours.iter().map(|(id, colour)| (*id, Name::Block(colour.clone()))));
    let (chunks, names) = (Rc::new(RefCell::new(chunks)), Rc::new(names));
    let skill = |name: &'static str| -> (String, Box<dyn Skill>) {
        let skill = GuidedSkill {
            name,
            chunks: Rc::clone(&chunks),
            subtask: Rc::clone(&subtask),
            names: Rc::clone(&names),
            instruction: String::new(),
        };
        (name.to_owned(), Box::new(skill))
    };
    let skills = ergon_controller::learned::SKILLS.map(skill).into_iter().collect();
    (skills, Guide { inner: observer, subtask })
}
