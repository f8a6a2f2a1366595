//! A session that keeps ground tasks answers as one that grounds anew.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod support;

use ergon_planner::{
    Budget, Limits, Penalty, PlanFile, Problem, SearchKind, SearchOptions, Session, Task, validate,
};
use ergon_vocab::{GroundAction, Literal, Plan, PlanOutcome, State, dummy::StoppedClock};
use proptest::{collection::vec, prelude::*};
use support::{adl, brute, literals, random, robots};

/// States looked at of each task.
const STATES: usize = 40;

fn session(problem: &Problem, search: SearchKind) -> Session<StoppedClock> {
    let options = SearchOptions { search, limits: Limits::NONE };
    Session::new(Task::new(problem), options, StoppedClock::default())
}

/// Reachable states in the order of a breadth-first search.
fn reachable(problem: &Problem) -> Vec<State> {
    let mut states = vec![problem.init().clone()];
    let mut next = 0;
    while next < states.len() && states.len() < STATES {
        for (_, state) in brute::successors(problem, &states[next]) {
            if !states.contains(&state) {
                states.push(state);
            }
        }
        next += 1;
    }
    states
}

fn penalty(die: usize) -> Penalty {
    [Penalty::Extra(1), Penalty::Extra(7), Penalty::Forbidden][die % 3]
}

/// Cost with penalties, in the millionth of the domain's unit.
fn weight(plan: &Plan, session: &Session<StoppedClock>) -> u64 {
    let unit = 1_000_000 / u64::from(session.report().cost_scale);
    let extra = |action: &GroundAction| match session.penalties().get(action) {
        Some(Penalty::Extra(extra)) => *extra,
        Some(Penalty::Forbidden) => panic!("{action:?} is forbidden"),
        None => 0,
    };
    plan.steps.iter().map(|step| step.cost * unit + extra(&step.action) * 1_000_000).sum()
}

/// Asks the sessions from one state.
fn check_state(
    problem: &Problem,
    state: &State,
    goal: &[Literal],
    kept: &mut [Session<StoppedClock>; 2],
) {
    // Where numbers grow without end, a search that finds no plan never ends.
    let numeric = !problem.values().is_empty();
    let expansions = if numeric { 20_000 } else { u64::MAX };
    let budget = Budget::new(Limits { expansions, ..Limits::NONE });
    let mut fresh = session(problem, SearchKind::Optimal);
    for (action, penalty) in kept[0].penalties() {
        fresh.penalize(action.clone(), *penalty);
    }
    let expected = fresh.plan_within(state, goal, &budget);
    let [optimal, auto] = kept.each_mut().map(|s| s.plan_within(state, goal, &budget));
    let from = problem.clone().with_init(state.clone()).unwrap().with_goal(goal.to_vec()).unwrap();
    match (expected, optimal, auto) {
        (PlanOutcome::Solved(expected), PlanOutcome::Solved(best), PlanOutcome::Solved(good)) => {
            assert_eq!(weight(&best, &kept[0]), weight(&expected, &fresh));
            assert!(weight(&good, &kept[1]) >= weight(&best, &kept[0]));
            let [optimal, auto] = &*kept;
            for (plan, session) in [(&expected, &fresh), (&best, optimal), (&good, auto)] {
                let mut file = PlanFile::of(plan, from.symbols());
                file.cost = file.cost.filter(|_| session.report().costs_are_metric);
                let verdict = validate(&from, &file);
                assert!(verdict.is_valid(), "{verdict:?}");
            }
        }
        (PlanOutcome::Unsolvable(_), PlanOutcome::Unsolvable(_), PlanOutcome::Unsolvable(_)) => {}
        (a, b, c) => {
            let outcomes = [a, b, c];
            let any = |is: fn(&PlanOutcome) -> bool| outcomes.iter().any(is);
            let solved = any(|o| matches!(o, PlanOutcome::Solved(_)));
            let unsolvable = any(|o| matches!(o, PlanOutcome::Unsolvable(_)));
            let limited = any(|o| matches!(o, PlanOutcome::OutOf(_)));
            assert!(numeric && limited && !(solved && unsolvable), "{outcomes:?}");
        }
    }
}

/// Two sessions walk over the states, to and fro between two goals, while penalties come and go.
fn check(problem: &Problem, dice: &[usize]) {
    let goal = literals(problem.goal());
    let goals = [&goal[..], &goal[..goal.len().min(1)]];
    let mut kept = [SearchKind::Optimal, SearchKind::Auto].map(|kind| session(problem, kind));
    let mut states = reachable(problem);
    states.reverse();
    for (i, state) in states.iter().enumerate() {
        let die = dice.get(i).copied().unwrap_or(i);
        let steps = brute::successors(problem, state);
        if let Some((action, _)) = steps.get(die % (steps.len() + 1)) {
            for session in &mut kept {
                match die % 2 {
                    0 => session.penalize(action.clone(), penalty(die / 2)),
                    _ => drop(session.forgive(action)),
                }
            }
        }
        check_state(problem, state, goals[die / 4 % 2], &mut kept);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_tasks(bytes in vec(any::<u8>(), 0..200), dice in vec(0usize..64, STATES)) {
        check(&random::problem(&bytes), &dice);
    }

    #[test]
    fn random_tasks_with_conditions(bytes in vec(any::<u8>(), 0..300), dice in vec(0usize..64, STATES)) {
        let problem = adl::problem(&bytes);
        if problem.goal().literals().is_some() {
            check(&problem, &dice);
        }
    }
}

#[test]
fn robots_replan_from_their_ground_tasks() {
    for (name, domain, problem) in robots::TASKS {
        if name.ends_with('1') || name.ends_with('3') {
            check(&robots::problem(domain, problem), &[]);
        }
    }
}
