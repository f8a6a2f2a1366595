//! Plans mended instead of made anew, penalties, and calls called off.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod support;

use std::{
    cell::Cell,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use ergon_planner::{
    Budget, Domain, Limits, Penalty, PlanFile, Problem, SearchOptions, Session, Task,
    execution::{Progress, Repair, RepairKind, RepairOutcome},
    validate,
};
use ergon_vocab::{
    Atom, Clock, GroundAction, Limit, Plan, PlanOutcome, Planner, State, dummy::StoppedClock,
};
use proptest::{collection::vec, prelude::*};
use support::{brute, hanoi, literals, random, random::Dice};

fn hanoi_problem(discs: u32) -> Problem {
    let domain = Domain::parse(hanoi::DOMAIN, "domain.pddl").unwrap();
    Problem::parse(&hanoi::problem(discs), "problem.pddl", &domain).unwrap()
}

fn session(problem: &Problem) -> Session<StoppedClock> {
    Session::new(Task::new(problem), SearchOptions::default(), StoppedClock::default())
}

fn solved(outcome: PlanOutcome) -> Plan {
    let PlanOutcome::Solved(plan) = outcome else { panic!("{outcome:?}") };
    plan
}

fn repaired(outcome: RepairOutcome) -> Repair {
    let RepairOutcome::Repaired(repair) = outcome else { panic!("{outcome:?}") };
    repair
}

fn action(problem: &Problem, name: &str, args: &[&str]) -> GroundAction {
    let symbols = problem.symbols();
    let args = args.iter().map(|a| symbols.object(a).unwrap()).collect();
    GroundAction { schema: symbols.action(name).unwrap(), args }
}

/// A problem, its shortest plan, and the state after some of its steps.
fn half_way(discs: u32, steps: usize) -> (Problem, Plan, State) {
    let problem = hanoi_problem(discs);
    let plan = solved(session(&problem).plan(problem.init(), &literals(problem.goal())));
    let mut state = problem.init().clone();
    plan.steps[..steps].iter().for_each(|s| s.apply(&mut state));
    (problem, plan, state)
}

fn move_fact(problem: &Problem, state: &mut State, from: (&str, &[&str]), to: (&str, &[&str])) {
    assert!(state.remove(&problem.atom(from.0, from.1).unwrap()));
    state.insert(problem.atom(to.0, to.1).unwrap());
}

#[test]
fn a_plan_that_works_is_kept() {
    let (problem, plan, state) = half_way(4, 6);
    let mut session = session(&problem);
    let none = Budget { limits: Limits { expansions: 0, ..Limits::NONE }, cancel: None };
    for budget in [none, Budget::default()] {
        let before = Progress::Before(6);
        let repair =
            repaired(session.repair(&state, &literals(problem.goal()), &plan, before, &budget));
        assert_eq!((repair.kind, &repair.plan.steps[..]), (RepairKind::Kept, &plan.steps[6..]));
    }
    let mut earlier = problem.init().clone();
    plan.steps[..5].iter().for_each(|s| s.apply(&mut earlier));
    let during = Progress::During(5);
    let repair =
        repaired(session.repair(&earlier, &literals(problem.goal()), &plan, during, &none));
    assert_eq!((repair.kind, &repair.plan.steps[..]), (RepairKind::Kept, &plan.steps[5..]));
}

#[test]
fn a_disc_knocked_off_is_retrieved_and_the_old_plan_goes_on() {
    let (problem, plan, mut state) = half_way(4, 29);
    // The last but one step has picked a disc up; it slips.
    let held = state.iter().find(|a| problem.symbols().predicate_name(a.predicate) == "grasped");
    let disc = problem.symbols().object_name(held.unwrap().args[0]).to_owned();
    move_fact(&problem, &mut state, ("grasped", &[&disc]), ("astray", &[&disc, "table"]));
    state.insert(problem.atom("free-gripper", &[]).unwrap());
    let before = Progress::Before(29);
    let repair = repaired(session(&problem).repair(
        &state,
        &literals(problem.goal()),
        &plan,
        before,
        &Budget::default(),
    ));
    assert_eq!(repair.kind, RepairKind::Prefixed { steps: 1, from: 29 });
    assert_eq!(repair.plan.steps[1..], plan.steps[29..]);
}

#[test]
fn a_failed_grasp_is_avoided_and_forgiven() {
    let problem = hanoi_problem(2);
    let mut session = session(&problem);
    let plan = |session: &mut Session<_>| {
        let plan = solved(session.plan(problem.init(), &literals(problem.goal())));
        assert_eq!(plan.cost(), plan.steps.len() as u64);
        plan
    };
    let direct = plan(&mut session);
    assert_eq!(direct.steps.len(), 6);
    let favourite = action(&problem, "place", &["c1", "middle"]);
    assert!(direct.steps.iter().any(|s| s.action == favourite));
    session.penalize(favourite.clone(), Penalty::Extra(1));
    assert_eq!(plan(&mut session), direct, "one more step on any other way is as bad");
    session.penalize(favourite.clone(), Penalty::Extra(100));
    let around = plan(&mut session);
    assert!(around.steps.len() > 6 && !around.steps.iter().any(|s| s.action == favourite));
    assert_eq!(session.forgive(&favourite), Some(Penalty::Extra(100)));
    assert_eq!(plan(&mut session), direct);
    session.penalize(action(&problem, "pick", &["c1", "c2"]), Penalty::Forbidden);
    let PlanOutcome::Unsolvable(why) = session.plan(problem.init(), &literals(problem.goal()))
    else {
        panic!("no other way to begin")
    };
    assert!(why.ends_with("; (pick c1 c2) is forbidden"), "{why}");
}

#[test]
fn a_forbidden_step_is_not_kept() {
    let (problem, plan, state) = half_way(2, 2);
    let mut session = session(&problem);
    session.penalize(plan.steps[5].action.clone(), Penalty::Forbidden);
    let outcome = session.repair(
        &state,
        &literals(problem.goal()),
        &plan,
        Progress::Before(2),
        &Budget::default(),
    );
    assert!(matches!(outcome, RepairOutcome::Unsolvable(_)), "{outcome:?}");
}

/// Calls the search off when it has looked at the clock so many times.
struct Impatient<'a> {
    left: Cell<u32>,
    token: &'a AtomicBool,
}

impl Clock for Impatient<'_> {
    fn now(&self) -> Duration {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        if left == 0 {
            self.token.store(true, Ordering::Relaxed);
        }
        Duration::ZERO
    }
}

#[test]
fn a_call_can_be_called_off() {
    let problem = hanoi_problem(8);
    for looks in [0, 5, 20] {
        let token = AtomicBool::new(false);
        let clock = Impatient { left: Cell::new(looks), token: &token };
        let mut session = Session::new(Task::new(&problem), SearchOptions::default(), clock);
        let budget = Budget { limits: Limits::NONE, cancel: Some(&token) };
        let outcome = session.plan_within(problem.init(), &literals(problem.goal()), &budget);
        assert!(outcome == PlanOutcome::OutOf(Limit::Cancelled), "after {looks} looks");
        assert_eq!(session.report().search_time, Duration::ZERO);
        let plan = Plan::default();
        let before = Progress::Before(0);
        let outcome =
            session.repair(problem.init(), &literals(problem.goal()), &plan, before, &budget);
        assert!(outcome == RepairOutcome::OutOf(Limit::Cancelled), "after {looks} looks");
    }
}

#[test]
fn positions_beyond_the_plan_do_no_harm() {
    let (problem, plan, state) = half_way(2, 3);
    let mut session = session(&problem);
    for progress in [Progress::Before(99), Progress::During(99)] {
        let budget = Budget::default();
        let repair =
            repaired(session.repair(&state, &literals(problem.goal()), &plan, progress, &budget));
        assert_eq!(repair.kind, RepairKind::TailReused { from: 3 });
    }
}

/// The problem with another initial state.
fn from(problem: &Problem, state: &State) -> Problem {
    problem.clone().with_init(state.clone()).unwrap()
}

/// A walk of some steps, and some facts flipped on the way.
fn disturbed(problem: &Problem, state: &State, dice: &mut Dice<'_>) -> State {
    let mut state = state.clone();
    for _ in 0..dice.roll(4) {
        let next = brute::successors(problem, &state);
        if !next.is_empty() {
            state = next[dice.roll(next.len())].1.clone();
        }
    }
    let atoms: Vec<Atom> = (0..problem.symbols().predicates.len() as u32)
        .flat_map(|p| problem.symbols().atoms_of(ergon_vocab::PredicateId(p)))
        .collect();
    for _ in 0..dice.roll(2) {
        if !atoms.is_empty() {
            let atom = atoms[dice.roll(atoms.len())].clone();
            if !state.remove(&atom) {
                state.insert(atom);
            }
        }
    }
    state
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_repair_is_valid_and_no_worse_than_a_new_plan(bytes in vec(any::<u8>(), 0..200), chance in vec(any::<u8>(), 0..40)) {
        let problem = random::problem(&bytes);
        let mut session = session(&problem);
        let limits = Limits { expansions: 4000, ..Limits::NONE };
        let budget = Budget { limits, cancel: None };
        let goal = &literals(problem.goal());
        let PlanOutcome::Solved(plan) = session.plan_within(problem.init(), goal, &budget) else { return Ok(()) };
        let mut dice = Dice(&chance);
        let next = dice.roll(plan.steps.len() + 1);
        let mut state = problem.init().clone();
        plan.steps[..next].iter().for_each(|s| s.apply(&mut state));
        let running = next < plan.steps.len() && dice.roll(2) == 1;
        if !running {
            state = disturbed(&problem, &state, &mut dice);
        }
        let progress = if running { Progress::During(next) } else { Progress::Before(next) };
        let outcome = session.repair(&state, goal, &plan, progress, &budget);
        let mut after = state.clone();
        if running {
            plan.steps[next].apply(&mut after);
        }
        let fresh = session.plan_within(&after, goal, &budget);
        match outcome {
            RepairOutcome::Repaired(repair) => {
                let file = PlanFile::of(&repair.plan, problem.symbols());
                let verdict = validate(&from(&problem, &state), &file);
                prop_assert!(verdict.is_valid(), "{verdict}\n{file}");
                let rest = &repair.plan.steps[usize::from(running)..];
                if running {
                    prop_assert_eq!(&repair.plan.steps[0], &plan.steps[next]);
                }
                if let PlanOutcome::Solved(fresh) = fresh {
                    prop_assert!(rest.iter().map(|s| s.cost).sum::<u64>() <= fresh.cost());
                }
                match repair.kind {
                    RepairKind::Kept => prop_assert_eq!(rest, &plan.steps[next + usize::from(running)..]),
                    RepairKind::TailReused { from } => prop_assert_eq!(rest, &plan.steps[from..]),
                    RepairKind::Prefixed { steps, from } => {
                        let old: Vec<_> = plan.steps[from..].iter().map(|s| &s.action).collect();
                        prop_assert_eq!(rest[steps..].iter().map(|s| &s.action).collect::<Vec<_>>(), old);
                    }
                    RepairKind::Replanned => {}
                }
            }
            RepairOutcome::Unsolvable(_) => prop_assert!(matches!(fresh, PlanOutcome::Unsolvable(_))),
            RepairOutcome::OutOf(_) => prop_assert!(!matches!(fresh, PlanOutcome::Unsolvable(_))),
        }
    }
}
