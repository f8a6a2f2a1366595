//! The executive's decisions, with every port a fake: a lamp that a skill shall switch on.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ergon_controller::{ActionBindings, Budgets, Executive, Report, SkillStep};
use ergon_vocab::dummy::{SameGoal, StillRobot};
use ergon_vocab::{
    ActionId, ActionSymbol, Atom, Belief, Command, Event, Evidence, Facts, GoalSource, Gripper,
    GroundAction, Literal, ObjectId, Observation, Observer, Outcome, PerceiveError, Perceiver,
    Plan, PlanOutcome, PlanStep, Planner, Pose, PredicateId, PredicateSymbol, Robot, RobotError,
    Skill, SkillStatus, State, StepRecord, Symbols,
};

const LIT: PredicateId = PredicateId(0);

fn lit(positive: bool) -> Literal {
    Literal { atom: Atom { predicate: LIT, args: Box::new([]) }, positive }
}

fn symbols() -> Symbols {
    Symbols {
        predicates: vec![PredicateSymbol { name: "lit".into(), parameters: vec![] }],
        actions: vec![ActionSymbol { name: "switch".into(), parameters: vec![] }],
        ..Symbols::default()
    }
}

/// The lamp, and how it misbehaves.
#[derive(Default)]
struct Lamp {
    lit: bool,
    /// Presses that do nothing before one works.
    dead_presses: u32,
    /// Observations for which nothing can be told.
    dark_looks: u32,
    /// It can never be told for certain, but it leans.
    dim: bool,
    /// The lamp goes out by itself after this many observations.
    goes_out_after: Option<u32>,
    /// It is surely believed to be dark, until that is forgotten.
    misremembered: bool,
    looks: u32,
}

type Shared = Rc<RefCell<Lamp>>;

struct Eye(Shared);

impl Perceiver for Eye {
    fn perceive(&mut self, _: &Observation) -> Result<Belief, PerceiveError> {
        let mut lamp = self.0.borrow_mut();
        lamp.looks += 1;
        if lamp.goes_out_after == Some(lamp.looks) {
            lamp.lit = false;
        }
        let evidence = match lamp.dark_looks {
            0 => Evidence::from_slack(if lamp.lit && !lamp.misremembered { 1.0 } else { -1.0 })
                .doubted(if lamp.dim { 2.0 } else { 0.0 }),
            _ => Evidence::UNKNOWN,
        };
        lamp.dark_looks = lamp.dark_looks.saturating_sub(1);
        let facts: Facts = [(lit(true).atom, evidence)].into_iter().collect();
        let gripper = Gripper { tcp: Pose::identity(), opening: 0.08 };
        Ok(Belief { entities: BTreeMap::new(), gripper, facts })
    }

    fn forget(&mut self) {
        self.0.borrow_mut().misremembered = false;
    }
}

/// Knows one action, and that it lights the lamp.
struct OneStep;

impl Planner for OneStep {
    fn plan(&mut self, state: &State, goal: &[Literal]) -> PlanOutcome {
        if goal.iter().all(|l| l.holds_in(state)) {
            return PlanOutcome::Solved(Plan::default());
        }
        let action = GroundAction { schema: ActionId(0), args: Box::new([]) };
        let step =
            PlanStep { action, preconditions: vec![lit(false)], effects: vec![lit(true)], cost: 1 };
        PlanOutcome::Solved(Plan { steps: vec![step] })
    }
}

/// Knows no action: a plan is there only where the lamp is lit already.
struct Idle;

impl Planner for Idle {
    fn plan(&mut self, state: &State, goal: &[Literal]) -> PlanOutcome {
        match goal.iter().all(|l| l.holds_in(state)) {
            true => PlanOutcome::Solved(Plan::default()),
            false => PlanOutcome::Unsolvable("no action lights a lamp".into()),
        }
    }
}

/// Presses the switch: one step, then done.
struct Press(Shared, bool);

impl Skill for Press {
    fn name(&self) -> &str {
        "press"
    }

    fn budget_steps(&self) -> u64 {
        5
    }

    fn start(&mut self, _: &[ObjectId], _: &Belief, _: &Observation) -> Result<(), String> {
        self.1 = false;
        Ok(())
    }

    fn step(&mut self, _: &Belief, _: &Observation) -> SkillStatus {
        if self.1 {
            return SkillStatus::Done;
        }
        self.1 = true;
        let mut lamp = self.0.borrow_mut();
        if lamp.dead_presses == 0 {
            lamp.lit = true;
        }
        lamp.dead_presses = lamp.dead_presses.saturating_sub(1);
        SkillStatus::Running(Command::hold(0.0))
    }
}

#[derive(Default)]
struct Diary(Vec<&'static str>);

impl Observer for Diary {
    fn on_event(&mut self, _: f64, event: &Event) {
        self.0.push(match event {
            Event::Planned { .. } => "plan",
            Event::ActionStarted { .. } => "action",
            Event::SkillStarted(_) => "skill",
            Event::SkillEnded { .. } => "skill-end",
            Event::ActionSucceeded { .. } => "success",
            Event::Mismatch { .. } => "mismatch",
            Event::Retry { .. } => "retry",
            Event::Replan { .. } => "replan",
            Event::LookAgain { .. } => "look",
            Event::Presumed { .. } => "presume",
            Event::Intervention(_) => "held",
            Event::Disturbance(_) => "disturbance",
            Event::Finished(_) => "end",
        });
    }

    fn on_step(&mut self, _: StepRecord<'_>) {}
}

fn run(lamp: Lamp, goal: Vec<Literal>, budgets: Budgets) -> (Report, Vec<&'static str>) {
    run_with(&mut OneStep, lamp, goal, budgets)
}

fn run_with(
    planner: &mut dyn Planner,
    lamp: Lamp,
    goal: Vec<Literal>,
    budgets: Budgets,
) -> (Report, Vec<&'static str>) {
    run_on(&mut StillRobot::default(), planner, lamp, (goal, &mut SameGoal), budgets)
}

/// On a robot of its own, and with someone who may change the goal.
fn run_on(
    robot: &mut dyn Robot,
    planner: &mut dyn Planner,
    lamp: Lamp,
    (goal, goals): (Vec<Literal>, &mut dyn GoalSource),
    budgets: Budgets,
) -> (Report, Vec<&'static str>) {
    let lamp = Rc::new(RefCell::new(lamp));
    let steps = vec![SkillStep { skill: "press".into(), args: vec![] }];
    let bindings = BTreeMap::from([("switch".to_owned(), steps)]);
    let mut executive = Executive {
        planner,
        perceiver: &mut Eye(lamp.clone()),
        skills: BTreeMap::from([(
            "press".to_owned(),
            Box::new(Press(lamp.clone(), false)) as Box<dyn Skill>,
        )]),
        bindings: ActionBindings::new(&symbols(), &bindings, &["press"]).unwrap(),
        goal,
        goals,
        budgets,
        cameras: Vec::new(),
    };
    let mut diary = Diary::default();
    let report = executive.run(robot, &mut diary);
    (report, diary.0)
}

const BUDGETS: Budgets = Budgets { time_secs: 60.0, replans: 3, attempts: 2 };

#[test]
fn a_task_that_goes_well_needs_one_plan() {
    let (report, diary) = run(Lamp::default(), vec![lit(true)], BUDGETS);
    assert_eq!(report.outcome, Outcome::Solved);
    assert_eq!((report.actions, report.retries, report.replans), (1, 0, 0));
    assert_eq!(diary, ["plan", "action", "skill", "skill-end", "success", "end"]);
}

/// Wants the lamp dark, and says so once.
struct Darkness(bool);

impl GoalSource for Darkness {
    fn new_goal(&mut self) -> Option<Vec<Literal>> {
        let told = std::mem::replace(&mut self.0, true);
        (!told).then(|| vec![lit(false)])
    }
}

#[test]
fn a_new_goal_is_planned_for_before_the_next_action() {
    let goals = (vec![lit(true)], &mut Darkness(false) as &mut dyn GoalSource);
    let mut robot = StillRobot::default();
    let (report, diary) = run_on(&mut robot, &mut OneStep, Lamp::default(), goals, BUDGETS);
    assert_eq!((report.outcome, report.actions, report.replans), (Outcome::Solved, 0, 1));
    assert_eq!(diary, ["plan", "replan", "plan", "end"]);
}

#[test]
fn a_goal_that_holds_already_needs_no_action() {
    let (report, _) = run(Lamp { lit: true, ..Lamp::default() }, vec![lit(true)], BUDGETS);
    assert_eq!((report.outcome, report.actions), (Outcome::Solved, 0));
}

#[test]
fn an_action_without_effect_is_retried_then_planned_anew() {
    let (report, diary) =
        run(Lamp { dead_presses: 2, ..Lamp::default() }, vec![lit(true)], BUDGETS);
    assert_eq!(report.outcome, Outcome::Solved);
    assert_eq!((report.retries, report.replans), (1, 1));
    let course = ["plan", "action", "look", "mismatch", "retry", "action", "look", "mismatch"];
    let kept: Vec<_> = diary.iter().filter(|e| !e.starts_with("skill")).copied().collect();
    assert_eq!(kept[..8], course);
    assert_eq!(kept[8..], ["replan", "plan", "action", "success", "end"]);
}

/// A robot that holds instead of its first steps.
struct Holding(StillRobot, u32);

impl Robot for Holding {
    fn observe(&mut self) -> Result<Observation, RobotError> {
        self.0.observe()
    }

    fn step(&mut self, command: &Command) -> Result<Observation, RobotError> {
        if self.1 > 0 {
            self.1 -= 1;
            return Err(RobotError::Held("the motion was rejected".into()));
        }
        self.0.step(command)
    }
}

#[test]
fn a_robot_that_holds_is_told_of_and_planned_for_anew() {
    let lamp = || Lamp { dead_presses: 1, ..Lamp::default() };
    let mut robot = Holding(StillRobot::default(), 1);
    let (report, diary) =
        run_on(&mut robot, &mut OneStep, lamp(), (vec![lit(true)], &mut SameGoal), BUDGETS);
    assert_eq!(report.outcome, Outcome::Solved);
    assert_eq!((report.retries, report.replans), (0, 1));
    let course = ["plan", "action", "skill", "held", "skill-end", "replan", "plan", "action"];
    assert_eq!(diary[..8], course, "nothing is resumed: {diary:?}");

    let mut robot = Holding(StillRobot::default(), u32::MAX);
    let lamp = Lamp { dead_presses: u32::MAX, ..Lamp::default() };
    let (report, _) =
        run_on(&mut robot, &mut OneStep, lamp, (vec![lit(true)], &mut SameGoal), BUDGETS);
    let Outcome::GaveUp(reason) = report.outcome else { panic!("{:?}", report.outcome) };
    assert!(reason.contains("the motion was rejected"), "{reason}");
}

#[test]
fn what_is_undone_behind_the_agents_back_is_noticed() {
    // It goes out at the very look with which the agent would confirm the effect.
    let lamp = Lamp { goes_out_after: Some(2), ..Lamp::default() };
    let (report, diary) = run(lamp, vec![lit(true)], BUDGETS);
    assert_eq!(report.outcome, Outcome::Solved, "{diary:?}");
    assert_eq!(report.retries, 1, "{diary:?}");
}

#[test]
fn a_lamp_that_never_lights_ends_in_giving_up_with_the_reason() {
    let lamp = Lamp { dead_presses: u32::MAX, ..Lamp::default() };
    let (report, _) = run(lamp, vec![lit(true)], BUDGETS);
    let Outcome::GaveUp(reason) = report.outcome else { panic!("{:?}", report.outcome) };
    assert!(reason.contains("3 new plans did not help"), "{reason}");
    assert_eq!(report.replans, 3);
}

#[test]
fn time_runs_out() {
    let lamp = Lamp { dead_presses: u32::MAX, ..Lamp::default() };
    let (report, _) = run(lamp, vec![lit(true)], Budgets { time_secs: 0.4, ..BUDGETS });
    assert_eq!(report.outcome, Outcome::GaveUp("the time limit of 0.4 s is reached".into()));
    assert_eq!(report.steps, 8);
}

#[test]
fn what_cannot_be_told_at_first_is_looked_at_again() {
    // The effects stay unseen for a while after the press.
    let lamp = Lamp { dark_looks: 8, ..Lamp::default() };
    let (report, diary) = run(lamp, vec![lit(true)], BUDGETS);
    assert_eq!(report.outcome, Outcome::Solved, "{diary:?}");
    assert!(diary.contains(&"look"), "{diary:?}");
}

#[test]
fn what_stays_unknown_after_looking_is_taken_as_it_leans() {
    let (report, diary) = run(Lamp { dim: true, ..Lamp::default() }, vec![lit(true)], BUDGETS);
    assert_eq!(report.outcome, Outcome::Solved, "{diary:?}");
    let first = |what| diary.iter().position(|e| *e == what);
    assert!(first("look") < first("presume"), "{diary:?}");
    // A lamp that leans towards being out is not called lit.
    let dead = Lamp { dim: true, dead_presses: u32::MAX, ..Lamp::default() };
    let (report, _) = run(dead, vec![lit(true)], BUDGETS);
    assert!(matches!(report.outcome, Outcome::GaveUp(_)), "{:?}", report.outcome);
}

#[test]
fn doubt_is_taken_as_the_goal_needs_it_where_its_leaning_allows_no_plan() {
    let dim = || Lamp { dim: true, ..Lamp::default() };
    let (report, diary) = run_with(&mut Idle, dim(), vec![lit(true)], BUDGETS);
    assert_eq!(report.outcome, Outcome::Solved, "{diary:?}");
    assert_eq!(diary, ["look", "look", "look", "presume", "presume", "plan", "end"]);
    // What is known for certain is never taken otherwise.
    let (report, diary) = run_with(&mut Idle, Lamp::default(), vec![lit(true)], BUDGETS);
    assert!(matches!(report.outcome, Outcome::Unsolvable(_)), "{:?}", report.outcome);
    assert!(!diary.contains(&"presume"), "{diary:?}");
}

#[test]
fn what_is_surely_believed_is_forgotten_before_a_goal_is_called_unsolvable() {
    let lamp = Lamp { lit: true, misremembered: true, ..Lamp::default() };
    let (report, diary) = run_with(&mut Idle, lamp, vec![lit(true)], BUDGETS);
    assert_eq!(report.outcome, Outcome::Solved, "{diary:?}");
    assert_eq!(diary, ["look", "look", "look", "look", "plan", "end"]);
}

#[test]
fn what_was_presumed_is_not_looked_at_again() {
    // Both actions need the lamp, which is dim but lit.
    struct TwoSteps;
    impl Planner for TwoSteps {
        fn plan(&mut self, _: &State, _: &[Literal]) -> PlanOutcome {
            let action = GroundAction { schema: ActionId(0), args: Box::new([]) };
            let preconditions = vec![lit(true)];
            let step = PlanStep { action, preconditions, effects: vec![], cost: 1 };
            PlanOutcome::Solved(Plan { steps: vec![step.clone(), step] })
        }
    }
    let lamp = Lamp { dim: true, lit: true, ..Lamp::default() };
    let (report, diary) = run_with(&mut TwoSteps, lamp, vec![lit(true)], BUDGETS);
    assert_eq!((report.outcome, report.actions), (Outcome::Solved, 2));
    let count = |what| diary.iter().filter(|e| **e == what).count();
    assert_eq!((count("look"), count("presume")), (3, 1), "{diary:?}");
}
