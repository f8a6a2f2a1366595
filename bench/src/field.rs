//! An episode with a robot from elsewhere: no simulator, no truth, no judge.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};

use ergon_controller::{Executive, Report};
use ergon_planner::{PlanCall, PlanFile, Problem, SearchOptions, Session, Task, Verdict, validate};
use ergon_scenarios::GoalLiteral;
use ergon_vocab::dummy::SameGoal;
use ergon_vocab::{
    CameraSpec, Clock, Command, Event, Literal, Observation, Observer, Perceiver, Plan,
    PlanOutcome, Planner, Robot, RobotError, State, StepRecord,
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
    /// The plan to begin with; where there is none, it is made.
    pub plan: Option<&'a PlanFile>,
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
    let FieldTask { setup, seed, goal, plan, cameras } = *task;
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
    let mut planner = Given { plan: plan.cloned(), problem: &cast.problem, planner: &mut session };
    let mut executive = Executive {
        planner: &mut planner,
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

/// A planner that is given its first plan.
struct Given<'a, P> {
    /// The plan, until it was found to lead to the goal.
    plan: Option<PlanFile>,
    problem: &'a Problem,
    planner: &'a mut P,
}

impl<C: Clock> Planner for Given<'_, Session<C>> {
    fn plan(&mut self, state: &State, goal: &[Literal]) -> PlanOutcome {
        let Some(given) = &self.plan else { return self.planner.plan(state, goal) };
        match given_plan(given, self.problem, self.planner.task(), state, goal) {
            Ok(plan) => {
                self.plan = None;
                PlanOutcome::Solved(plan)
            }
            Err(why) => PlanOutcome::Unsolvable(format!("the plan that was given: {why}")),
        }
    }
}

/// A plan of names with what its steps need and do, if it leads from a state to a goal.
fn given_plan(
    given: &PlanFile,
    problem: &Problem,
    task: &Task,
    state: &State,
    goal: &[Literal],
) -> Result<Plan, String> {
    let problem = problem.clone().with_init(state.clone());
    let problem = problem.and_then(|p| p.with_goal(goal.to_vec())).map_err(|e| e.to_string())?;
    if let flaw @ Verdict::Invalid(_) = validate(&problem, given) {
        return Err(flaw.to_string());
    }
    let symbols = problem.symbols();
    // The validator knows every name of a valid plan.
    let step = |call: &PlanCall| {
        let args = call.args.iter().map(|name| symbols.object(name)).collect::<Option<Box<[_]>>>();
        Some((symbols.action(&call.action)?.index(), args?, 1))
    };
    let path =
        given.steps.iter().map(step).collect::<Option<Vec<_>>>().ok_or("a name is unknown")?;
    Ok(task.plan(state, problem.values(), path))
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

#[cfg(test)]
mod tests {
    use ergon_planner::Domain;
    use ergon_vocab::dummy::StoppedClock;

    use super::*;

    #[test]
    fn a_plan_that_was_given_is_taken_once_and_only_where_it_leads_to_the_goal() {
        let domain = include_str!("../../domains/hanoi/domain.pddl");
        let domain = Domain::parse(domain, "domain").unwrap();
        let problem = include_str!("../../domains/hanoi/p03.pddl");
        let problem = Problem::parse(problem, "problem", &domain).unwrap();
        let (task, goal) = (Task::new(&problem), problem.goal().literals().unwrap());
        let mut session =
            Session::new(task.clone(), SearchOptions::default(), StoppedClock::default());
        let PlanOutcome::Solved(made) = session.plan(problem.init(), &goal) else {
            panic!("no plan");
        };
        let show =
            |step: &ergon_vocab::PlanStep| task.symbols().show_action(&step.action).to_string();
        let names: Vec<String> = made.steps.iter().map(show).collect();
        let file = |names: &[String]| Some(PlanFile::parse(&names.join("\n"), "plan").unwrap());
        let mut given = Given { plan: file(&names), problem: &problem, planner: &mut session };
        assert_eq!(given.plan(problem.init(), &goal), PlanOutcome::Solved(made.clone()));
        assert!(given.plan.is_none(), "another plan is made where this one went wrong");
        for wrong in [&names[1..], &names[..names.len() - 1], &["(fly away)".to_owned()]] {
            given.plan = file(wrong);
            let PlanOutcome::Unsolvable(why) = given.plan(problem.init(), &goal) else {
                panic!("{wrong:?} was taken");
            };
            assert!(why.starts_with("the plan that was given: "), "{why}");
            assert!(given.plan.is_some());
        }
    }
}
