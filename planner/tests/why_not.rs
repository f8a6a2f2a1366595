//! Evidence against goals that cannot be reached.

mod support;

use ergon_planner::{
    Limits, SearchOptions, Task,
    execution::{Evidence, why_not},
    solve,
};
use ergon_vocab::{Limit, PlanOutcome, State, dummy::StoppedClock};
use expect_test::{Expect, expect};
use proptest::{collection::vec, prelude::*};
use support::{brute, literals, random, robots};

fn evidence(task: &Task) -> Evidence {
    why_not(task, task.init(), &literals(task.goal()), &Limits::NONE, &StoppedClock::default())
        .expect("no limits")
}

/// Domain, initial state and goal as text.
fn check(domain: &str, objects: &str, init: &str, goal: &str, expected: Expect) {
    let name = domain.split(['(', ')']).nth(2).and_then(|d| d.split(' ').nth(1)).unwrap_or("d");
    let problem = format!(
        "(define (problem p) (:domain {name}) (:objects {objects}) (:init {init}) (:goal {goal}))"
    );
    expected.assert_eq(&evidence(&Task::new(&robots::problem(domain, &problem))).to_string());
}

const BLOCKS: &str = "(define (domain blocks) (:requirements :strips :typing :equality :negative-preconditions)
  (:types block)
  (:predicates (on ?a ?b - block) (table ?a - block) (clear ?a - block) (held ?a - block) (hand) (heavy ?a - block) (glued ?a - block))
  (:action lift :parameters (?a - block)
    :precondition (and (clear ?a) (table ?a) (hand) (not (glued ?a)))
    :effect (and (held ?a) (not (table ?a)) (not (hand))))
  (:action unstack :parameters (?a ?b - block)
    :precondition (and (on ?a ?b) (clear ?a) (hand))
    :effect (and (held ?a) (clear ?b) (not (on ?a ?b)) (not (hand))))
  (:action stack :parameters (?a ?b - block)
    :precondition (and (held ?a) (clear ?b) (not (= ?a ?b)))
    :effect (and (on ?a ?b) (hand) (not (held ?a)) (not (clear ?b))))
  (:action paint :parameters (?a - block) :precondition (and (held ?a) (heavy ?a)) :effect (glued ?a)))";

#[test]
fn chains_of_reasons_end_at_what_no_action_makes() {
    check(
        BLOCKS,
        "a b - block",
        "(table a) (clear b) (table b) (hand)",
        "(on a b)",
        expect![[r#"
            (on a b) is out of reach, even if nothing is ever undone:
              (stack a b) needs (held a), which is out of reach:
                (lift a) needs (clear a), which is out of reach:
                  (unstack ?a a) needs (on ?a a), which in turn needs what is told above
                (unstack a ?b) needs (on a ?b), which in turn needs what is told above"#]],
    );
    check(
        BLOCKS,
        "a b - block",
        "(table a) (clear a) (clear b) (table b)",
        "(on a b)",
        expect![[r#"
            (on a b) is out of reach, even if nothing is ever undone:
              (stack a b) needs (held a), which is out of reach:
                (lift a) needs (hand), which is out of reach:
                  (stack ?a ?b) needs (held ?a), which is out of reach:
                    (unstack ?a ?b) needs (on ?a ?b), which in turn needs what is told above
                    1 other needs first what is told above
                (unstack a ?b) needs (on a ?b), which in turn needs what is told above"#]],
    );
    check(
        BLOCKS,
        "a b - block",
        "(table a) (clear a) (glued a) (clear b) (table b) (hand)",
        "(and (on a b) (not (glued a)) (heavy b))",
        expect![[r#"
            (not (glued a)) does not hold: no action undoes the fact
            (heavy b) does not hold, and no action makes it"#]],
    );
    check(
        BLOCKS,
        "a b - block",
        "(table a) (clear a) (hand)",
        "(on a a)",
        expect![[r#"
            (on a a) is out of reach, even if nothing is ever undone:
              (stack a a) needs (not (= a a)), which is not so"#]],
    );
    check(
        BLOCKS,
        "a b - block",
        "(table a) (clear a) (hand)",
        "(glued a)",
        expect![[r#"
            (glued a) is out of reach, even if nothing is ever undone:
              (paint a) needs (heavy a), which does not hold and no action makes"#]],
    );
}

#[test]
fn goals_that_exclude_each_other_are_named() {
    check(
        BLOCKS,
        "a b c - block",
        "(table a) (clear a) (clear b) (table b) (clear c) (table c) (hand)",
        "(and (on a b) (on a c))",
        expect!["(on a b) and (on a c) never hold at the same time"],
    );
    check(
        BLOCKS,
        "a b - block",
        "(table a) (clear a) (clear b) (table b) (hand)",
        "(and (on a b) (on b a))",
        expect!["(on a b) and (on b a) never hold at the same time"],
    );
    check(
        BLOCKS,
        "a - block",
        "(hand)",
        "(and (hand) (not (hand)))",
        expect!["the goal asks for (hand) and for its negation"],
    );
    check(
        BLOCKS,
        "a b - block",
        "(clear a) (table a) (clear b) (hand)",
        "(on a b)",
        expect!["no simple reason: each goal literal and each pair of them may be reachable"],
    );
}

#[test]
fn arguments_that_do_not_fit_together_are_named() {
    let bridge = "(define (domain bridge) (:requirements :strips)
      (:predicates (at ?a) (road ?a ?b) (safe ?b) (goal ?b))
      (:action go :parameters (?a ?b) :precondition (and (road ?a ?b) (safe ?a) (at ?a)) :effect (at ?b)))";
    check(
        bridge,
        "x y z",
        "(at x) (road x y) (road y z) (safe x) (road z z)",
        "(at z)",
        expect![[r#"
            (at z) is out of reach, even if nothing is ever undone:
              (go ?a z) needs (road ?a z) and (safe ?a), and no objects fit all of these"#]],
    );
    check(
        bridge,
        "x y z",
        "(at x) (road x y)",
        "(at z)",
        expect![[r#"
            (at z) is out of reach, even if nothing is ever undone:
              (go ?a z) needs (road ?a z), which does not hold and no action makes"#]],
    );
}

#[test]
fn kitchens_without_a_knife_are_explained() {
    let (_, domain, text) = robots::TASKS[5];
    let without = text.replace("(at bread-knife counter) (at bread table)", "(at bread table)");
    let without =
        without.replacen("(served s1 plate1)", "(served s1 plate1) (served s2 plate1)", 1);
    let task = Task::new(&robots::problem(domain, &without));
    expect![[r#"
        (served s1 plate1) is out of reach, even if nothing is ever undone:
          (serve s1 plate1) needs (holding s1), which is out of reach:
            (pick s1 ?s) needs (at s1 ?s), which is out of reach:
              (cut s1 bread bread-knife ?p) needs (holding bread-knife), which is out of reach:
                (pick bread-knife ?s) needs (at bread-knife ?s), which in turn needs what is told above
              1 other needs first what is told above
            (take-from-toaster s1 toaster) needs (at s1 toaster), which in turn needs what is told above
        (served s2 plate1) is out of reach, even if nothing is ever undone:
          (serve s2 plate1) needs (holding s2), which is out of reach:
            (pick s2 ?s) needs (at s2 ?s), which in turn needs what is told above
            (take-from-toaster s2 toaster) needs (at s2 toaster), which in turn needs what is told above
        (at bread-knife counter) is out of reach, as told above"#]]
    .assert_eq(&evidence(&task).to_string());
}

#[test]
fn limits_are_heeded() {
    let (_, domain, text) = robots::TASKS[6];
    let task = Task::new(&robots::problem(domain, text));
    let limits = Limits { memory_bytes: 0, ..Limits::NONE };
    let clock = StoppedClock::default();
    let found = why_not(&task, task.init(), &literals(task.goal()), &limits, &clock);
    // Small tasks are done before the first look at the limits.
    assert!(matches!(found, Err(Limit::Memory) | Ok(Evidence::None { .. })), "{found:?}");
    let empty = State::new();
    assert!(matches!(
        why_not(&task, &empty, &literals(task.goal()), &Limits::NONE, &clock),
        Ok(Evidence::OutOfReach(_))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn evidence_is_never_false(bytes in vec(any::<u8>(), 0..200)) {
        let problem = random::problem(&bytes);
        let task = Task::new(&problem);
        let found = evidence(&task);
        let text = found.to_string();
        prop_assert!(!text.is_empty());
        if let Evidence::None { .. } = found {
            return Ok(());
        }
        prop_assert!(!matches!(brute::distance(&problem), brute::Distance::Steps(_)), "{text}");
        let limits = Limits { expansions: 2000, ..Limits::NONE };
        let options = SearchOptions { limits, ..SearchOptions::default() };
        let (outcome, _) = solve(&task, &options, &StoppedClock::default());
        prop_assert!(!matches!(outcome, PlanOutcome::Solved(_)), "{text}");
    }
}

#[test]
fn effects_under_conditions_and_rules_are_followed() {
    let lamps = "(define (domain lamps) (:requirements :adl :derived-predicates)
      (:predicates (on ?l) (wired ?l) (powered) (fuse) (bright))
      (:derived (bright) (exists (?l) (and (on ?l) (wired ?l))))
      (:action switch :parameters (?l) :effect (when (and (powered) (fuse)) (on ?l)))
      (:action plug :precondition (fuse) :effect (powered)))";
    check(
        lamps,
        "a b",
        "(wired a)",
        "(bright)",
        expect![[r#"
        (bright) is out of reach, even if nothing is ever undone:
          (rule of bright) needs (on ?l), which is out of reach:
            (switch ?l) needs (fuse), which does not hold and no action makes"#]],
    );
    check(
        lamps,
        "a b",
        "(fuse)",
        "(bright)",
        expect![[r#"
        (bright) is out of reach, even if nothing is ever undone:
          (rule of bright) needs (wired ?l), which does not hold and no action makes"#]],
    );
}
