//! An episode with a robot from elsewhere: no simulator, no truth, no judge.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};

use ergon_controller::{Executive, Report};
use ergon_planner::{SearchOptions, Session};
use ergon_scenarios::GoalLiteral;
use ergon_vocab::dummy::SameGoal;
use ergon_vocab::{
    CameraSpec, Command, Event, Observation, Observer, Perceiver, Robot, RobotError, StepRecord,
};

use crate::episode::{Agent, Borrowed};
use crate::props::Props;
use crate::{Cast, Context, Opening, Setup, SetupError, Watcher};

/// What a robot from elsewhere shall do.
#[derive(Clone, Copy)]
pub struct FieldTask<'a> {
    /// Scenario and domain.
    pub setup: &'a Setup,
    /// The seed.
    pub seed: u64,
    /// The goal; the scenario's where there is none.
    pub goal: Option<&'a [GoalLiteral]>,
    /// The robot's cameras; empty for those of the scenario.
    pub cameras: &'a [CameraSpec],
}

/// Runs one episode on a robot. What appears in `notes` while it steps is told to the watchers as
/// interventions. A method that does not perceive imagines the scenario's bodies, in the
/// gripper that is measured.
///
/// # Errors
/// The episode cannot begin; what goes wrong later is in the report.
pub fn run_field(
    task: &FieldTask<'_>,
    context: Context<'_>,
    robot: &mut dyn Robot,
    notes: &RefCell<Vec<String>>,
    mut watchers: Vec<&mut dyn Watcher>,
) -> Result<Report, SetupError> {
    let FieldTask { setup, seed, goal, cameras } = *task;
    let mut instance = setup.scenario.instance(seed);
    if let Some(goal) = goal {
        instance.goal = goal.to_vec();
    }
    let cast = Cast::new(setup, &instance, &ergon_controller::SKILLS)?;
    let mut cell = cast.cell(&setup.scenario, &instance);
    if !cameras.is_empty() {
        cell.cameras = cameras.to_vec();
    }
    let unfit = |message| SetupError::Networks { scenario: setup.scenario.name.clone(), message };
    let agent = Agent::new(context, &cast, cell).map_err(unfit)?;
    let opening = Opening { setup, cast: &cast, seed, method: context.method };
    watchers.iter_mut().for_each(|w| w.on_begin(&opening));
    let watchers = RefCell::new(watchers);
    let mut perceiver: Box<dyn Perceiver> = match agent.perceiver {
        Some(pixels) => Box::new(pixels),
        None => Box::new(Props::new(cast.grounder.clone(), cast.placed(&instance))),
    };
    let mut session =
        Session::new(cast.task.clone(), SearchOptions::default(), Borrowed(context.clock));
    let mut executive = Executive {
        planner: &mut session,
        perceiver: &mut perceiver,
        skills: agent.skills,
        bindings: cast.bindings.clone(),
        goal: cast.goal.clone(),
        goals: &mut SameGoal,
        budgets: setup.budgets(),
        cameras: agent.cameras,
    };
    let mut robot = Told { robot, stop: context.stop, notes, watchers: &watchers, time_secs: 0.0 };
    Ok(executive.run(&mut robot, &mut Shared(&watchers)))
}

type Watchers<'a> = RefCell<Vec<&'a mut dyn Watcher>>;

/// The watchers, for the agent.
struct Shared<'a, 'w>(&'a Watchers<'w>);

impl Observer for Shared<'_, '_> {
    fn on_event(&mut self, time_secs: f64, event: &Event) {
        self.0.borrow_mut().iter_mut().for_each(|w| w.on_event(time_secs, event));
    }

    fn on_step(&mut self, record: StepRecord<'_>) {
        self.0.borrow_mut().iter_mut().for_each(|w| w.on_step(record));
    }
}

/// A robot that stops when it is told to, and whose own doings are told.
struct Told<'a, 'w> {
    robot: &'a mut dyn Robot,
    stop: &'a AtomicBool,
    notes: &'a RefCell<Vec<String>>,
    watchers: &'a Watchers<'w>,
    time_secs: f64,
}

impl Told<'_, '_> {
    fn heed(&self) -> Result<(), RobotError> {
        match self.stop.load(Ordering::Relaxed) {
            true => Err(RobotError::Stopped("interrupted".into())),
            false => Ok(()),
        }
    }

    fn tell(&mut self, result: Result<Observation, RobotError>) -> Result<Observation, RobotError> {
        self.time_secs = result.as_ref().map_or(self.time_secs, |o| o.time_secs);
        for note in self.notes.take() {
            Shared(self.watchers).on_event(self.time_secs, &Event::Intervention(note));
        }
        result
    }
}

impl Robot for Told<'_, '_> {
    fn observe(&mut self) -> Result<Observation, RobotError> {
        self.heed()?;
        let result = self.robot.observe();
        self.tell(result)
    }

    fn step(&mut self, command: &Command) -> Result<Observation, RobotError> {
        self.heed()?;
        let result = self.robot.step(command);
        self.tell(result)
    }
}
