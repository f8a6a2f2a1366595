//! Whatever order starts and ends are taken in, the schedule does what the order does.

use std::collections::BTreeMap;

use ergon_vocab::{ActionId, GroundAction, Literal, PredicateId, State};
use proptest::prelude::*;

use super::{
    compile::{Compiled, compress, split},
    event::events,
    schedule::Schedule,
};
use crate::{
    Domain, GroundTask, Problem, Task, Verdict,
    model::{Fluent, Formula},
    search::{Scratch, TransitionSystem},
    validate::validate,
};

/// A bit of everything: locks, invariants that are no lists of literals, effects that depend on what
/// others do, numbers, derived facts, durations that change and durations to choose.
const DOMAIN: &str = "(define (domain bit) (:requirements :adl :durative-actions
        :duration-inequalities :numeric-fluents :derived-predicates)
    (:types thing) (:predicates (on ?t - thing) (hot ?t - thing) (free) (some-on) (mark ?t - thing))
    (:functions (heat ?t - thing) (sum))
    (:derived (some-on) (exists (?t - thing) (on ?t)))
    (:durative-action warm :parameters (?t - thing) :duration (= ?duration (+ 1 (heat ?t)))
        :condition (and (at start (not (hot ?t))) (over all (on ?t)))
        :effect (and (at end (hot ?t)) (at end (increase (heat ?t) 1))
            (at start (increase (sum) (heat ?t)))))
    (:durative-action watch :parameters (?t - thing)
        :duration (and (>= ?duration 1) (<= ?duration 9))
        :condition (and (at start (free)) (over all (or (hot ?t) (some-on))))
        :effect (and (at start (not (free))) (at end (free))
            (at end (forall (?o - thing) (when (and (on ?o) (not (= ?o ?t))) (mark ?o))))))
    (:durative-action both :parameters (?a ?b - thing) :duration (= ?duration 2.5)
        :condition (and (at start (on ?a)) (at end (on ?b)))
        :effect (and (at start (not (on ?a))) (at end (on ?a)) (at end (not (mark ?b)))
            (at end (assign (sum) (* 2 (sum))))))
    (:action flip :parameters (?t - thing) :precondition ()
        :effect (and (when (on ?t) (not (on ?t))) (when (not (on ?t)) (on ?t))))
    (:action cool :parameters (?t - thing) :precondition (hot ?t)
        :effect (and (not (hot ?t)) (increase (sum) 1))))";

fn problem() -> Problem {
    let domain = Domain::parse(DOMAIN, "domain").unwrap_or_else(|e| panic!("{e} {:?}", e.hint()));
    let text = "(define (problem p) (:domain bit) (:objects a b c - thing)
        (:init (on a) (on b) (free) (= (heat a) 0) (= (heat b) 0.3) (= (heat c) 2) (= (sum) 1))
        (:goal (>= (sum) 1))
        (:metric minimize (sum)))";
    Problem::parse(text, "problem", &domain).unwrap_or_else(|e| panic!("{e} {:?}", e.hint()))
}

/// A walk that takes the action of each choice, then ends what still runs, if that can be done.
fn walk(compiled: &Compiled, choices: &[usize]) -> Option<Vec<GroundAction>> {
    let task = &compiled.task;
    // Everything is of interest, lest grounding leave it out.
    let goal = literals(task, &State::new());
    let mut all: Vec<Formula> = goal.windows(2).map(alike).collect();
    all.push(task.goal().clone());
    let (limits, clock) = (crate::Limits::NONE, ergon_vocab::dummy::StoppedClock::default());
    let goal = Formula::And(all);
    let ground =
        GroundTask::within(task, task.init(), task.values(), &goal, &limits, &clock).unwrap();
    let system = TransitionSystem::new(&ground);
    let (mut state, mut path, mut scratch) = (system.init().to_vec(), vec![], Scratch::default());
    let is_end = |schema: u32| compiled.origin[schema as usize].1 == super::event::Phase::End;
    let more = choices.iter().copied().map(Some).chain(std::iter::repeat_n(None, choices.len()));
    let broken = (system.task().atoms.iter())
        .position(|a| task.symbols().predicate_name(a.predicate) == "broken invariant");
    for choice in more {
        system.find_applicable(&state, &mut scratch);
        let mut open = scratch.applicable.clone();
        let ends = |o: &u32| is_end(ground.operators[*o as usize].schema);
        if choice.is_none_or(|c| c % 3 == 0 && open.iter().any(ends)) {
            open.retain(ends);
        }
        let first = choice.unwrap_or(0) / 3 % open.len().max(1);
        open.rotate_left(first);
        let here = state.clone();
        let intact = open.into_iter().find(|&operator| {
            system.apply(operator, &here, &mut state, &mut scratch);
            !broken.is_some_and(|broken| system.holds(broken as u32, &state))
        });
        let Some(operator) = intact else { break };
        let operator = &ground.operators[operator as usize];
        path.push(GroundAction { schema: ActionId(operator.schema), args: operator.args.clone() });
    }
    let count = |end| path.iter().filter(|a| is_end(a.schema.0) == end).count();
    let instant = |a: &&GroundAction| {
        compiled.origin[a.schema.index()].1 != super::event::Phase::Start && !is_end(a.schema.0)
    };
    let whole = path.iter().filter(instant).count();
    (count(false) - whole == count(true)).then_some(path)
}

/// Both or neither.
fn alike(literals: &[Literal]) -> Formula {
    let [a, b] = [0, 1].map(|i| Formula::of_literals([&literals[i]]));
    let not = |f: &Formula| Formula::Not(Box::new(f.clone()));
    Formula::Or(vec![Formula::And(vec![not(&a), not(&b)]), Formula::And(vec![a, b])])
}

/// All literals of the predicates of the domain, as they are in a state.
fn literals(task: &Task, state: &State) -> Vec<Literal> {
    let names = ["on", "hot", "free", "mark"];
    let predicates = names.iter().filter_map(|n| task.symbols().predicate(n));
    let atoms = predicates.flat_map(|p: PredicateId| task.symbols().atoms_of(p));
    atoms.map(|atom| Literal { positive: state.contains(&atom), atom }).collect()
}

/// The facts and numbers at the end of a path.
fn end_of(task: &Task, path: &[GroundAction]) -> (State, BTreeMap<Fluent, f64>) {
    let (mut state, mut values) = (task.init().clone(), task.values().clone());
    // The values after the last step are those before one more.
    let steps = path.iter().chain(path.last()).map(|a| (a.schema.index(), a.args.clone(), 0));
    let plan = task.trace(&state, task.values(), steps, &mut |_, before| values = before.clone());
    plan.steps[..path.len()].iter().for_each(|step| step.apply(&mut state));
    (state, values)
}

/// Checks the schedule of a path. Returns whether there is one.
fn check(problem: &Problem, compiled: &Compiled, path: &[GroundAction]) -> bool {
    let task = Task::new(problem);
    let Some(events) = events(&task, compiled, path) else { return false };
    let Some(schedule) = Schedule::of(&task, &events) else { return false };
    let (state, values) = end_of(&compiled.task, path);
    let goal = literals(&task, &state);
    let problem = problem.clone().with_goal(goal).unwrap();
    let file = schedule.plan(&events).file(problem.symbols());
    let sum = Fluent { function: problem.domain().function("sum").unwrap(), args: Box::default() };
    let verdict = validate(&problem, &file);
    let Verdict::Valid { cost } = verdict else { panic!("{verdict}\n{file}") };
    assert!((cost - values[&sum]).abs() < 1e-6, "{cost} {}\n{file}", values[&sum]);
    true
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_schedule_of_any_order_does_what_the_order_does(
        choices in prop::collection::vec(0usize..1000, 1..14),
    ) {
        let problem = problem();
        let task = Task::new(&problem);
        let halves = split(&problem, &task);
        if let Some(path) = walk(&halves, &choices) {
            check(&problem, &halves, &path);
        }
        let whole = compress(&problem, &task);
        if let Some(path) = walk(&whole, &choices) {
            prop_assert!(check(&problem, &whole, &path), "a sequence can always be scheduled");
        }
    }
}

#[test]
fn walks_are_long_enough_to_tell() {
    let problem = problem();
    let task = Task::new(&problem);
    let halves = split(&problem, &task);
    let (mut random, mut scheduled) = (1usize, 0);
    for _ in 0..100 {
        let choices: Vec<usize> = (0..12)
            .map(|_| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                random >> 40
            })
            .collect();
        let path = walk(&halves, &choices);
        scheduled += usize::from(path.is_some_and(|p| p.len() > 8 && check(&problem, &halves, &p)));
    }
    assert!(scheduled > 10, "{scheduled}");
}
