//! The judge of plans, on small tasks of every part of the language.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use ergon_planner::{Domain, PlanFile, Problem, validate};
use expect_test::{Expect, expect};

/// The verdicts on some plans of one task.
fn check(domain: &str, problem: &str, plans: &[&str], expected: Expect) {
    let domain = Domain::parse(domain, "domain").unwrap_or_else(|e| panic!("{e} {:?}", e.hint()));
    let problem = Problem::parse(problem, "problem", &domain)
        .unwrap_or_else(|e| panic!("{e} {:?}", e.hint()));
    let verdicts = plans.iter().map(|plan| {
        let verdict = validate(&problem, &PlanFile::parse(plan, "plan").unwrap());
        format!("{verdict}\n")
    });
    expected.assert_eq(&verdicts.collect::<String>());
}

#[test]
fn disjunctions_quantifiers_and_conditional_effects() {
    let domain = "(define (domain lamps) (:requirements :adl)
        (:types lamp switch)
        (:predicates (wired ?s - switch ?l - lamp) (lit ?l - lamp) (burnt ?l - lamp) (dark))
        (:action press :parameters (?s - switch)
            :precondition (exists (?l - lamp) (and (wired ?s ?l) (not (burnt ?l))))
            :effect (forall (?l - lamp) (and
                (when (and (wired ?s ?l) (not (lit ?l)) (not (burnt ?l))) (lit ?l))
                (when (and (wired ?s ?l) (lit ?l)) (not (lit ?l))))))
        (:action shut :precondition (or (dark) (forall (?l - lamp) (imply (burnt ?l) (not (lit ?l)))))
            :effect (dark)))";
    let problem = "(define (problem two) (:domain lamps)
        (:objects a b c - lamp s t - switch)
        (:init (wired s a) (wired s b) (lit b) (wired t c) (burnt c))
        (:goal (and (lit a) (not (lit b)) (dark))))";
    check(
        domain,
        problem,
        &["(press s)\n(shut)", "(press t)", "(press s)\n(press s)\n(shut)", "(shut)\n; cost = 1"],
        expect![[r#"
            the plan is valid; cost 2
            the plan is not valid: step 1, (press t) in line 1, needs (exists (?l - lamp) (and (wired t ?l) (not (burnt ?l)))), which does not hold there
            the plan is not valid: in the end (lit a) and (not (lit b)) does not hold
            the plan is not valid: in the end (lit a) and (not (lit b)) does not hold
        "#]],
    );
}

#[test]
fn axioms_are_evaluated_again_after_each_change() {
    let domain = "(define (domain net) (:requirements :strips :negative-preconditions :derived-predicates :disjunctive-preconditions :existential-preconditions)
        (:predicates (link ?a ?b) (path ?a ?b) (cut-off ?a) (hub ?a))
        (:derived (path ?a ?b) (or (link ?a ?b) (exists (?c) (and (path ?a ?c) (path ?c ?b)))))
        (:derived (cut-off ?a) (not (exists (?h) (and (hub ?h) (path ?h ?a)))))
        (:action join :parameters (?a ?b) :precondition (cut-off ?b) :effect (link ?a ?b))
        (:action leave :parameters (?a ?b) :precondition (path ?a ?b) :effect (not (link ?a ?b))))";
    let problem = "(define (problem p) (:domain net) (:objects a b c d)
        (:init (hub a) (link a b) (link c d)) (:goal (and (path a d) (not (cut-off c)))))";
    check(
        domain,
        problem,
        &["(join b c)", "(join b c)\n(join a d)", "(leave a b)\n(join b c)", "(leave b a)"],
        expect![[r#"
            the plan is valid; cost 1
            the plan is not valid: step 2, (join a d) in line 2, needs (cut-off d), which does not hold there
            the plan is not valid: in the end (path a d) and (not (cut-off c)) does not hold
            the plan is not valid: step 1, (leave b a) in line 1, needs (path b a), which does not hold there
        "#]],
    );
}

#[test]
fn numbers_and_metrics() {
    let domain = "(define (domain jugs) (:requirements :typing :numeric-fluents)
        (:types jug) (:functions (amount ?j - jug) (size ?j - jug) (poured))
        (:predicates (never))
        (:action pour :parameters (?a ?b - jug)
            :precondition (and (> (amount ?a) 0) (>= (- (size ?b) (amount ?b)) (amount ?a)))
            :effect (and (increase (amount ?b) (amount ?a)) (assign (amount ?a) 0)
                (increase (poured) (* 0.1 (amount ?a)))))
        (:action halve :parameters (?a - jug) :effect (scale-down (amount ?a) 2))
        (:action lose :effect (increase (poured) (/ 1 (poured))))
        (:action both :parameters (?a - jug)
            :effect (and (assign (amount ?a) 1) (increase (amount ?a) 1))))";
    let problem = "(define (problem p) (:domain jugs) (:objects a b c - jug)
        (:init (= (amount a) 3) (= (amount b) 0) (= (size a) 3) (= (size b) 4) (= (poured) 0))
        (:goal (= (amount b) 3)) (:metric minimize (+ (poured) 1)))";
    check(
        domain,
        problem,
        &[
            "(pour a b)\n; cost = 1.3",
            "(pour a b)\n; cost = 2",
            "(pour a b)\n(pour a b)",
            "(halve a)\n(pour a b)",
            "(pour a c)",
            "(halve c)",
            "(lose)",
            "(both a)",
        ],
        expect![[r#"
            the plan is valid; cost 1.3
            the plan is not valid: it costs 1.3, and the file states 2
            the plan is not valid: step 2, (pour a b) in line 2, needs (> (amount a) 0), which does not hold there
            the plan is not valid: in the end (= (amount b) 3) does not hold
            the plan is not valid: step 1, (pour a c) in line 1, needs (>= (- (size c) (amount c)) (amount a)), which does not hold there
            the plan is not valid: step 1, (halve c) in line 1, changes (amount c), which has no value
            the plan is not valid: step 1, (lose) in line 1, reads (/ 1 (poured)), which has no value
            the plan is not valid: step 1, (both a) in line 1, changes (amount a) in two ways at once
        "#]],
    );
}

const CELLAR: &str = "(define (domain cellar) (:requirements :typing :durative-actions :duration-inequalities :negative-preconditions)
    (:types match fuse) (:predicates (light) (unused ?m - match) (mended ?f - fuse) (free))
    (:functions (time-of ?f - fuse))
    (:durative-action strike :parameters (?m - match) :duration (= ?duration 5)
        :condition (and (at start (unused ?m)) (at start (not (light))) (over all (light)))
        :effect (and (at start (not (unused ?m))) (at start (light)) (at end (not (light)))))
    (:durative-action mend :parameters (?f - fuse)
        :duration (and (>= ?duration (time-of ?f)) (<= ?duration 4))
        :condition (and (at start (free)) (over all (light)) (at end (light)))
        :effect (and (at start (not (free))) (at end (mended ?f)) (at end (free)))))";

#[test]
fn durative_actions() {
    let problem = "(define (problem p) (:domain cellar) (:objects m n - match f g - fuse)
        (:init (unused m) (unused n) (free) (= (time-of f) 2) (= (time-of g) 2.5))
        (:goal (and (mended f) (mended g))))";
    check(
        CELLAR,
        problem,
        &[
            "0.000: (strike m) [5.000]\n0.001: (mend f) [2.000]\n2.002: (mend g) [2.500]",
            "0.000: (strike m) [5.000]\n0.000: (mend f) [2.000]\n2.002: (mend g) [2.500]",
            "0.000: (strike m) [5.000]\n0.001: (mend f) [2.000]\n2.001: (mend g) [2.500]",
            "0.000: (strike m) [5.000]\n0.001: (mend f) [1.000]\n2.002: (mend g) [2.500]",
            "0.000: (strike m) [5.000]\n0.001: (mend f) [2.000]\n3.000: (mend g) [2.500]",
            "0.000: (strike m) [5.000]\n0.001: (mend f) [2.000]\n2.500: (mend g) [2.500]",
            "0.000: (strike m) [4.999]\n0.001: (mend f) [4.000]",
            "0.000: (strike m)",
            "(strike m) [5.000]",
            "; nothing",
        ],
        expect![[r#"
            the plan is valid; cost 5
            the plan is valid; cost 5
            the plan is not valid: step 3, (mend g) in line 3, needs (free), which does not hold there
            the plan is not valid: step 2, (mend f) in line 2: its duration must be >= 2, not 1
            the plan is not valid: step 3, (mend g) in line 3, needs (light) over all, which does not hold after 5.000
            the plan is not valid: step 3, (mend g) in line 3, happens at the same time as step 1, and both touch (light)
            the plan is not valid: in the end (mended g) does not hold
            the plan is not valid: step 1, (strike m) in line 1: it has no duration
            the plan is not valid: step 1, (strike m) in line 1: it has no start time
            the plan is not valid: in the end (mended f) and (mended g) does not hold
        "#]],
    );
}

#[test]
fn a_long_plan_with_axioms_is_judged_step_by_step() {
    // A ring of lamps, of which one is on and moves; `on` is derived of the neighbourhood.
    let count = 60;
    let objects: String = (0..count).map(|i| format!(" l{i}")).collect();
    let ring: String = (0..count).map(|i| format!(" (next l{i} l{})", (i + 1) % count)).collect();
    let domain = "(define (domain ring) (:requirements :strips :derived-predicates :existential-preconditions)
        (:predicates (next ?a ?b) (here ?a) (soon ?a))
        (:derived (soon ?b) (exists (?a) (and (here ?a) (next ?a ?b))))
        (:action move :parameters (?a ?b) :precondition (and (here ?a) (soon ?b))
            :effect (and (here ?b) (not (here ?a)))))";
    let problem = format!(
        "(define (problem p) (:domain ring) (:objects{objects}) (:init (here l0){ring}) (:goal (soon l1)))"
    );
    let steps = 12_000;
    let plan: String =
        (0..steps).map(|i| format!("(move l{} l{})\n", i % count, (i + 1) % count)).collect();
    check(
        domain,
        &problem,
        &[&plan],
        expect![[r#"
        the plan is valid; cost 12000
    "#]],
    );
}
