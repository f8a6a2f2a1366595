//! Monitoring, explanation and ordering of plans, on random plans and on Hanoi.

mod support;

use std::collections::BTreeSet;

use ergon_planner::{
    SearchOptions,
    execution::{
        Consumer, Monitor, Monitoring, OrderError, PartialOrder, Purposes, Supplier, causal_links,
        eliminate_redundant, monitor, why,
    },
    solve,
};
use ergon_vocab::{Literal, Plan, PlanOutcome, PlanStep, State, dummy::StoppedClock};
use expect_test::expect;
use proptest::{collection::vec, prelude::*};
use support::{
    hanoi, literals,
    random::Dice,
    steps::{any_plan, atom, state, step, valid_plan},
};

fn leads(plan: &Plan, from: usize, state: &State, goal: &[Literal]) -> bool {
    plan.obstacles(from, state, goal).is_empty()
}

fn yes(number: usize) -> Literal {
    Literal { atom: atom(number), positive: true }
}

fn no(number: usize) -> Literal {
    Literal { atom: atom(number), positive: false }
}

/// Makes one atom out of another.
fn turn(number: usize, from: usize, to: usize) -> PlanStep {
    step(number, vec![yes(from)], vec![no(from), yes(to)], 1)
}

fn hanoi_plan(discs: u32) -> (ergon_planner::Task, Plan) {
    let task = hanoi::task(discs);
    let (outcome, _) = solve(&task, &SearchOptions::default(), &StoppedClock::default());
    let PlanOutcome::Solved(plan) = outcome else { panic!("{outcome:?}") };
    (task, plan)
}

/// Some sequence of the steps that respects the order.
fn linearisation(order: &PartialOrder, dice: &mut Dice<'_>) -> Vec<usize> {
    let graph = order.graph();
    let incoming = |step: usize| graph.neighbors_directed((step as u32).into(), petgraph::Incoming);
    let mut waits: Vec<usize> = (0..graph.node_count()).map(|s| incoming(s).count()).collect();
    let mut ready: Vec<usize> = (0..waits.len()).filter(|&s| waits[s] == 0).collect();
    let mut sequence = vec![];
    while !ready.is_empty() {
        let step = ready.swap_remove(dice.roll(ready.len()));
        sequence.push(step);
        for next in graph.neighbors((step as u32).into()) {
            waits[next.index()] -= 1;
            if waits[next.index()] == 0 {
                ready.push(next.index());
            }
        }
    }
    sequence
}

/// The literals of a plan that hold at its start and of which no step undoes one in between are the
/// links; here found by looking at every pair of steps.
fn plain_links(plan: &Plan, goal: &[Literal]) -> BTreeSet<(Supplier, Literal, Consumer)> {
    let mut links = BTreeSet::new();
    for user in 0..=plan.steps.len() {
        let consumer = if user < plan.steps.len() { Consumer::Step(user) } else { Consumer::Goal };
        for literal in plan.steps.get(user).map_or(goal, |s| &s.preconditions) {
            let negation = Literal { positive: !literal.positive, ..literal.clone() };
            let touches =
                |s: &PlanStep| s.effects.contains(literal) || s.effects.contains(&negation);
            let last = (0..user).rev().find(|&i| touches(&plan.steps[i]));
            let makes = |i: usize| {
                let effects = &plan.steps[i].effects;
                effects.contains(literal) && (literal.positive || !effects.contains(&negation))
            };
            match last {
                None => links.insert((Supplier::Start, literal.clone(), consumer)),
                Some(i) if makes(i) => links.insert((Supplier::Step(i), literal.clone(), consumer)),
                Some(_) => false,
            };
        }
    }
    links
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_monitor_agrees_with_simulation(bytes in vec(any::<u8>(), 0..900), length in 0usize..150, valid in any::<bool>()) {
        let mut dice = Dice(&bytes);
        let (plan, goal) = match valid {
            true => { let (plan, _, goal) = valid_plan(&mut dice, length); (plan, goal) }
            false => any_plan(&mut dice, length % 12),
        };
        let monitor = Monitor::new(&plan, &goal);
        for _ in 0..5 {
            let state = state(&mut dice);
            let good: Vec<usize> =
                (0..=plan.steps.len()).filter(|&i| leads(&plan, i, &state, &goal)).collect();
            prop_assert_eq!(monitor.shortest_tail(&state), good.last().copied());
            for from in 0..=plan.steps.len() + 1 {
                let here = from.min(plan.steps.len());
                let works = good.contains(&here);
                prop_assert_eq!(monitor.leads_to_goal(from, &state), works);
                let condition = monitor.condition(from);
                prop_assert_eq!(condition.is_some_and(|c| c.iter().all(|l| l.holds_in(&state))), works);
                let found = monitor.check(from, &state);
                let expected = match (good.contains(&plan.steps.len()), works, good.last()) {
                    (true, _, _) => matches!(found, Monitoring::Achieved),
                    (_, true, _) => found == Monitoring::Valid,
                    (_, _, Some(&last)) => matches!(found, Monitoring::Resume { at, .. } if at == last),
                    (_, _, None) => matches!(found, Monitoring::Broken(_)),
                };
                prop_assert!(expected, "{found:?} at {from}, tails {good:?}");
                if let Monitoring::Broken(link) | Monitoring::Resume { broken: link, .. } = found {
                    // Simulation meets the first unsatisfied literal where the link is consumed.
                    let missing = plan.obstacles(here, &state, &goal);
                    prop_assert!(missing.contains(&link.literal), "{link:?}, {missing:?}");
                    let needs = match link.consumer {
                        Consumer::Goal => &goal,
                        Consumer::Step(i) => &plan.steps[i].preconditions,
                    };
                    prop_assert!(needs.contains(&link.literal));
                }
            }
        }
    }

    #[test]
    fn links_are_those_that_a_look_at_every_pair_finds(bytes in vec(any::<u8>(), 0..300), length in 0usize..12) {
        let (plan, goal) = any_plan(&mut Dice(&bytes), length);
        let found: BTreeSet<_> = causal_links(&plan, &goal)
            .into_iter()
            .map(|link| (link.supplier, link.literal, link.consumer))
            .collect();
        prop_assert_eq!(found, plain_links(&plan, &goal));
    }

    #[test]
    fn every_linearisation_leads_to_the_goal(bytes in vec(any::<u8>(), 0..300), choices in vec(any::<u8>(), 0..200), length in 0usize..16) {
        let (plan, state, goal) = valid_plan(&mut Dice(&bytes), length);
        let order = PartialOrder::of(&plan, &state, &goal).unwrap();
        let mut dice = Dice(&choices);
        for _ in 0..5 {
            let sequence = linearisation(&order, &mut dice);
            prop_assert_eq!(sequence.len(), length);
            let steps = sequence.iter().map(|&i| plan.steps[i].clone()).collect();
            prop_assert!(leads(&Plan { steps }, 0, &state, &goal), "{sequence:?}");
        }
        let levels = order.levels();
        let sequence: Vec<usize> = levels.concat();
        let steps = sequence.iter().rev().map(|&i| plan.steps[i].clone());
        // A level in any order, here each backwards.
        let backwards: Vec<usize> = levels.iter().flat_map(|l| l.iter().rev()).copied().collect();
        prop_assert_eq!(steps.len(), length);
        let steps = backwards.iter().map(|&i| plan.steps[i].clone()).collect();
        prop_assert!(leads(&Plan { steps }, 0, &state, &goal), "{levels:?}");
    }

    #[test]
    fn the_critical_path_is_a_longest_chain(bytes in vec(any::<u8>(), 0..300), length in 0usize..10) {
        let (plan, state, goal) = valid_plan(&mut Dice(&bytes), length);
        let order = PartialOrder::of(&plan, &state, &goal).unwrap();
        let mut best = vec![0; length];
        for i in 0..length {
            let before = (0..i).filter(|&j| order.is_before(j, i)).map(|j| best[j]).max();
            best[i] = before.unwrap_or(0) + plan.steps[i].cost;
        }
        let (path, cost) = order.critical_path();
        prop_assert_eq!(cost, best.iter().copied().max().unwrap_or(0));
        prop_assert_eq!(cost, path.iter().map(|&i| plan.steps[i].cost).sum::<u64>());
        prop_assert!(path.windows(2).all(|w| order.is_before(w[0], w[1])));
    }

    #[test]
    fn only_redundant_steps_are_eliminated_and_all_of_them(bytes in vec(any::<u8>(), 0..400), length in 0usize..20) {
        let (plan, state, goal) = valid_plan(&mut Dice(&bytes), length);
        let slim = eliminate_redundant(&plan, &state, &goal);
        prop_assert!(leads(&slim, 0, &state, &goal));
        let mut rest = plan.steps.iter();
        prop_assert!(slim.steps.iter().all(|s| rest.any(|t| t == s)), "not a subsequence");
        for out in 0..slim.steps.len() {
            // Without one step and all that depends on it the goal is not reached.
            let mut now = state.clone();
            for (i, step) in slim.steps.iter().enumerate() {
                if i != out && step.preconditions.iter().all(|l| l.holds_in(&now)) {
                    step.apply(&mut now);
                }
            }
            prop_assert!(!goal.iter().all(|l| l.holds_in(&now)), "step {out} is redundant");
        }
    }

    #[test]
    fn purposes_cover_what_the_goal_needs(bytes in vec(any::<u8>(), 0..400), length in 0usize..16) {
        let (plan, state, goal) = valid_plan(&mut Dice(&bytes), length);
        let purposes = Purposes::of(&plan, &goal);
        let idle = purposes.idle();
        let kept: Vec<PlanStep> = (0..length)
            .filter(|i| !idle.contains(i))
            .map(|i| plan.steps[i].clone())
            .collect();
        prop_assert!(leads(&Plan { steps: kept }, 0, &state, &goal), "idle steps were needed");
        for step in 0..length {
            prop_assert_eq!(purposes.of_step(step).cloned().collect::<Vec<_>>(), why(&plan, step, &goal));
            prop_assert_eq!(idle.contains(&step), purposes.goals(step).is_empty());
            let chain = purposes.chain(step);
            prop_assert_eq!(chain.is_empty(), idle.contains(&step));
            prop_assert!(chain.last().is_none_or(|p| p.consumer == Consumer::Goal));
        }
    }
}

#[test]
fn the_first_broken_link_is_named() {
    let plan = Plan { steps: vec![turn(0, 0, 1), turn(1, 2, 3), turn(2, 1, 4)] };
    let goal = [yes(3), yes(4)];
    let Monitoring::Broken(link) = monitor(&plan, 1, &State::from([atom(2)]), &goal) else {
        panic!("the plan works")
    };
    assert_eq!((link.literal, link.supplier), (yes(1), Supplier::Step(0)));
    assert_eq!((link.consumer, link.undone_by), (Consumer::Step(2), None));
    let Monitoring::Broken(link) = monitor(&plan, 1, &State::from([atom(1)]), &goal) else {
        panic!("the plan works")
    };
    assert_eq!((link.literal, link.supplier), (yes(2), Supplier::Start));
}

#[test]
fn a_plan_that_undoes_what_it_needs_is_told_so() {
    let plan = Plan { steps: vec![step(0, vec![], vec![no(0)], 1), turn(1, 0, 1)] };
    let goal = [yes(1)];
    let Monitoring::Resume { at: 1, broken } = monitor(&plan, 0, &State::from([atom(0)]), &goal)
    else {
        panic!("the second step alone would do")
    };
    assert_eq!((broken.undone_by, broken.consumer), (Some(0), Consumer::Step(1)));
    let error = PartialOrder::of(&plan, &State::from([atom(0)]), &goal).unwrap_err();
    assert_eq!(error, OrderError::Inapplicable { step: 1, literal: yes(0) });
}

#[test]
fn a_world_that_jumped_is_met_where_it_is() {
    let (task, plan) = hanoi_plan(4);
    let monitor = Monitor::new(&plan, &literals(task.goal()));
    let mut state = task.init().clone();
    let mut states = vec![state.clone()];
    for step in &plan.steps {
        step.apply(&mut state);
        states.push(state.clone());
    }
    for (now, state) in states.iter().enumerate() {
        for from in 0..=plan.steps.len() {
            let expected = match now {
                30 => Monitoring::Achieved,
                _ if from == now => Monitoring::Valid,
                _ => {
                    let found = monitor.check(from, state);
                    assert!(matches!(found, Monitoring::Resume { at, .. } if at == now));
                    continue;
                }
            };
            assert_eq!(monitor.check(from, state), expected);
        }
    }
}

#[test]
fn steps_are_explained_to_people() {
    let (task, plan) = hanoi_plan(2);
    let purposes = Purposes::of(&plan, &literals(task.goal()));
    let lines: Vec<String> =
        (0..plan.steps.len()).map(|i| purposes.tell(i, &plan, task.symbols())).collect();
    expect![[r#"
        Step 1, (pick c1 c2) makes (clear c2) for step 6, (place c1 c2), which makes (on c1 c2) for the goal
        Step 2, (place c1 middle) makes (free-gripper) for step 3, (pick c2 left), which makes (grasped c2) for step 4, (place c2 right), which makes (on c2 right) for the goal
        Step 3, (pick c2 left) makes (grasped c2) for step 4, (place c2 right), which makes (on c2 right) for the goal
        Step 4, (place c2 right) makes (on c2 right) for the goal
        Step 5, (pick c1 middle) makes (grasped c1) for step 6, (place c1 c2), which makes (on c1 c2) for the goal
        Step 6, (place c1 c2) makes (on c1 c2) for the goal"#]].assert_eq(&lines.join("\n"));
    let mut padded = plan.clone();
    let back = [plan.steps[0].clone(), plan.steps[1].clone()];
    padded.steps.extend(back);
    expect!["Step 8, (place c1 middle) serves nothing: no goal depends on it"]
        .assert_eq(&Purposes::of(&padded, &literals(task.goal())).tell(7, &padded, task.symbols()));
}

#[test]
fn a_tower_is_moved_in_one_order_only() {
    let (task, plan) = hanoi_plan(3);
    let order = PartialOrder::of(&plan, task.init(), &literals(task.goal())).unwrap();
    assert!(order.levels().iter().all(|level| level.len() == 1));
    assert_eq!(order.critical_path(), ((0..14).collect(), 14));
}

#[test]
fn independent_steps_run_at_once() {
    let plan = Plan { steps: vec![turn(0, 0, 1), turn(1, 2, 3), turn(2, 1, 4), turn(3, 3, 5)] };
    let state = State::from([atom(0), atom(2)]);
    let order = PartialOrder::of(&plan, &state, &[yes(4), yes(5)]).unwrap();
    assert_eq!(order.levels(), [[0, 1], [2, 3]]);
    assert!(order.is_before(0, 2) && !order.is_before(0, 3) && !order.is_before(2, 0));
}

#[test]
fn long_plans_are_handled() {
    // 12 000 steps around a circle of 7 places, once for every 20 with a needless detour.
    let mut plan = Plan::default();
    for i in 0..12_000 {
        let (here, next) = (i % 7, (i + 1) % 7);
        plan.steps.push(turn(i, here, next));
        if i % 20 == 0 {
            plan.steps.push(turn(i, next, here));
            plan.steps.push(turn(i, here, next));
        }
    }
    let state = State::from([atom(0)]);
    let goal = [yes(12_000 % 7)];
    assert!(leads(&plan, 0, &state, &goal));
    let slim = eliminate_redundant(&plan, &state, &goal);
    assert!(leads(&slim, 0, &state, &goal));
    assert!(slim.steps.len() <= 12_000, "{}", slim.steps.len());
    let order = PartialOrder::of(&plan, &state, &goal).unwrap();
    assert_eq!(order.levels().len(), plan.steps.len());
    assert_eq!(Monitor::new(&plan, &goal).shortest_tail(&state), Some(plan.steps.len() - 2));
    assert_eq!(Purposes::of(&plan, &goal).chain(0).len(), plan.steps.len());
}
