//! Plans of durative actions: concurrency, required concurrency, durations. The judge has the last
//! word on every plan.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use ergon_planner::{
    Budget, Domain, Limits, Problem, Report, SearchKind, TemporalOutcome, TemporalPlan,
    solve_temporal, validate,
};
use ergon_vocab::{Limit, dummy::StoppedClock};
use expect_test::{Expect, expect};
use proptest::prelude::*;

fn problem(domain: &str, problem: &str) -> Problem {
    let domain = Domain::parse(domain, "domain").unwrap_or_else(|e| panic!("{e} {:?}", e.hint()));
    Problem::parse(problem, "problem", &domain).unwrap_or_else(|e| panic!("{e} {:?}", e.hint()))
}

fn run(problem: &Problem) -> (TemporalOutcome, Report) {
    let clock = StoppedClock::default();
    solve_temporal(problem, SearchKind::Auto, &Budget::default(), &clock)
}

/// The plan of a problem, which must be valid, also after it has been written with three digits.
fn plan(problem: &Problem) -> TemporalPlan {
    let (outcome, _) = run(problem);
    let TemporalOutcome::Solved(plan) = outcome else { panic!("{outcome}") };
    let text = plan.file(problem.symbols()).to_string();
    let file = ergon_planner::PlanFile::parse(&text, "plan").unwrap();
    let verdict = validate(problem, &file);
    assert!(verdict.is_valid(), "{verdict}\n{text}");
    assert_eq!(run(problem).0, TemporalOutcome::Solved(plan.clone()));
    plan
}

fn check(domain: &str, text: &str, expected: Expect) {
    let problem = problem(domain, text);
    expected.assert_eq(&plan(&problem).file(problem.symbols()).to_string());
}

/// Two arms carry cubes from shelf to shelf; the table has room for one hand at a time.
const ARMS: &str = "(define (domain arms)
    (:requirements :typing :durative-actions :numeric-fluents)
    (:types arm cube shelf)
    (:predicates (free ?a - arm) (at ?c - cube ?s - shelf) (holds ?a - arm ?c - cube) (clear))
    (:functions (reach ?a - arm ?s - shelf))
    (:durative-action pick :parameters (?a - arm ?c - cube ?s - shelf)
        :duration (= ?duration (reach ?a ?s))
        :condition (and (at start (free ?a)) (at start (at ?c ?s)))
        :effect (and (at start (not (free ?a))) (at start (not (at ?c ?s)))
            (at end (holds ?a ?c))))
    (:durative-action place :parameters (?a - arm ?c - cube ?s - shelf)
        :duration (= ?duration (* 2 (reach ?a ?s)))
        :condition (and (at start (holds ?a ?c)) (at start (clear)))
        :effect (and (at start (not (clear))) (at end (clear)) (at end (not (holds ?a ?c)))
            (at end (free ?a)) (at end (at ?c ?s)))))";

#[test]
fn two_arms_move_at_once_and_share_a_lock() {
    let task = problem(
        ARMS,
        "(define (problem p) (:domain arms) (:objects l r - arm c d - cube s t - shelf)
        (:init (free l) (free r) (at c s) (at d s) (clear)
            (= (reach l s) 3) (= (reach r s) 3) (= (reach l t) 1.5) (= (reach r t) 1.5))
        (:goal (and (at c t) (at d t))))",
    );
    let plan = plan(&task);
    assert_eq!(plan.steps.len(), 4);
    assert_eq!(plan.total_duration(), 12.0);
    // Both pick at once, one waits for the other to place.
    assert!((plan.makespan() - 9.002).abs() < 1e-9, "{}", plan.makespan());
}

const CELLAR: &str = "(define (domain cellar)
    (:requirements :typing :durative-actions :duration-inequalities :negative-preconditions)
    (:types match fuse)
    (:predicates (light) (unused ?m - match) (mended ?f - fuse) (free))
    (:functions (time-of ?f - fuse))
    (:durative-action strike :parameters (?m - match) :duration (= ?duration 5)
        :condition (and (at start (unused ?m)) (at start (not (light))) (over all (light)))
        :effect (and (at start (not (unused ?m))) (at start (light)) (at end (not (light)))))
    (:durative-action mend :parameters (?f - fuse) :duration (= ?duration (time-of ?f))
        :condition (and (at start (free)) (over all (light)) (at end (light)))
        :effect (and (at start (not (free))) (at end (mended ?f)) (at end (free)))))";

/// So many matches, one of them used up, and fuses that take so long.
fn cellar(matches: usize, times: &[f64]) -> Problem {
    let names = |prefix: &str, count: usize| -> Vec<String> {
        (0..count).map(|i| format!("{prefix}{i}")).collect()
    };
    let (matches, fuses) = (names("m", matches), names("f", times.len()));
    let each = |names: &[String], pattern: &str| -> String {
        names.iter().map(|n| pattern.replace('*', n)).collect()
    };
    let values: String =
        fuses.iter().zip(times).map(|(f, t)| format!("(= (time-of {f}) {t})")).collect();
    let text = format!(
        "(define (problem p) (:domain cellar) (:objects used {} - match {} - fuse)
        (:init (free) {} {values}) (:goal (and {})))",
        matches.join(" "),
        fuses.join(" "),
        each(&matches, "(unused *)"),
        each(&fuses, "(mended *)"),
    );
    problem(CELLAR, &text)
}

#[test]
fn fuses_are_mended_while_a_match_burns() {
    for (matches, times, makespan) in [
        (1, &[2.0][..], 5.0),
        (1, &[2.0, 2.5], 5.0),
        (2, &[2.0, 2.0, 2.0], 10.001),
        (2, &[3.0, 3.0], 10.001),
    ] {
        let plan = plan(&cellar(matches, times));
        assert!((plan.makespan() - makespan).abs() < 1e-9, "{times:?}: {}", plan.makespan());
    }
}

#[test]
fn a_match_that_burns_too_short_is_of_no_use() {
    let (outcome, _) = run(&cellar(1, &[3.0, 3.0]));
    assert!(matches!(outcome, TemporalOutcome::Unknown(_)), "{outcome}");
    let (outcome, _) = run(&cellar(0, &[1.0]));
    assert!(matches!(outcome, TemporalOutcome::Unsolvable(_)), "{outcome}");
}

#[test]
fn a_door_is_opened_while_its_knob_is_turned() {
    // Two hands are needed; the knob springs back.
    check(
        "(define (domain door) (:requirements :typing :durative-actions)
        (:types hand) (:predicates (free ?h - hand) (turned) (open))
        (:durative-action turn :parameters (?h - hand) :duration (= ?duration 3)
            :condition (at start (free ?h))
            :effect (and (at start (not (free ?h))) (at start (turned))
                (at end (not (turned))) (at end (free ?h))))
        (:durative-action pull :parameters (?h - hand) :duration (= ?duration 2)
            :condition (and (at start (free ?h)) (over all (turned)))
            :effect (and (at start (not (free ?h))) (at end (free ?h)) (at end (open)))))",
        "(define (problem p) (:domain door) (:objects l r - hand) (:init (free l) (free r))
        (:goal (open)))",
        expect![[r#"
            0.000: (turn r)  [3.000]
            0.001: (pull l)  [2.000]
        "#]],
    );
}

#[test]
fn a_step_is_stretched_where_it_may_be() {
    // The lamp is held until the screw is in; holding it longer than needed is avoided.
    check(
        "(define (domain lamp) (:requirements :typing :durative-actions :duration-inequalities)
        (:predicates (held) (ready) (done) (idle))
        (:durative-action hold :parameters () :duration (and (>= ?duration 1) (<= ?duration 20))
            :condition (and (at start (idle)) (at end (done)))
            :effect (and (at start (held)) (at start (not (idle))) (at end (not (held)))
                (at end (idle))))
        (:durative-action fetch :parameters () :duration (= ?duration 4)
            :effect (at end (ready)))
        (:durative-action screw :parameters () :duration (= ?duration 6)
            :condition (and (at start (ready)) (over all (held)))
            :effect (at end (done))))",
        "(define (problem p) (:domain lamp) (:init (idle)) (:goal (and (done) (idle))))",
        expect![[r#"
            0.000: (fetch)  [4.000]
            4.000: (hold)  [6.002]
            4.001: (screw)  [6.000]
        "#]],
    );
}

#[test]
fn durations_are_read_where_a_step_starts() {
    // Each trip tires the robot, and the next takes longer.
    check(
        "(define (domain tired) (:requirements :typing :durative-actions :numeric-fluents)
        (:types place) (:predicates (at ?p - place) (seen ?p - place))
        (:functions (slow) (energy))
        (:durative-action go :parameters (?a ?b - place) :duration (= ?duration (slow))
            :condition (and (at start (at ?a)) (at start (>= (energy) (slow))))
            :effect (and (at start (not (at ?a))) (at end (at ?b)) (at end (seen ?b))
                (at end (increase (slow) 1)) (at end (decrease (energy) ?duration)))))",
        "(define (problem p) (:domain tired) (:objects a b c - place)
        (:init (at a) (= (slow) 0.5) (= (energy) 10)) (:goal (and (seen b) (seen c))))",
        expect![[r#"
            0.000: (go a c)  [0.500]
            0.501: (go c b)  [1.500]
        "#]],
    );
}

#[test]
fn instant_steps_and_odd_durations() {
    // A third of a second has no last digit, and next to nothing is still something.
    check(
        "(define (domain odd)
        (:requirements :typing :durative-actions :numeric-fluents :negative-preconditions)
        (:predicates (a) (b) (c) (d)) (:functions (third))
        (:durative-action wait :parameters () :duration (= ?duration (/ 1 (third)))
            :condition (at start (a)) :effect (at end (b)))
        (:durative-action blink :parameters () :duration (= ?duration 0)
            :condition (at start (b)) :effect (at end (c)))
        (:action flip :parameters () :precondition (c) :effect (and (d) (not (a)))))",
        "(define (problem p) (:domain odd) (:init (a) (= (third) 3)) (:goal (and (d) (not (a)))))",
        expect![[r#"
            0.000: (wait)  [0.333]
            0.334: (blink)  [0.001]
            0.336: (flip)
        "#]],
    );
}

#[test]
fn what_is_needed_over_all_may_be_any_formula() {
    // While the press runs, one of the guards stays closed; both must have been open once.
    let domain = "(define (domain press)
        (:requirements :typing :durative-actions :disjunctive-preconditions
            :negative-preconditions :universal-preconditions)
        (:types guard) (:predicates (shut ?g - guard) (greased ?g - guard) (pressed))
        (:durative-action press :parameters () :duration (= ?duration 10)
            :condition (over all (not (forall (?g - guard) (not (shut ?g)))))
            :effect (at end (pressed)))
        (:durative-action grease :parameters (?g - guard) :duration (= ?duration 2)
            :condition (at start (shut ?g))
            :effect (and (at start (not (shut ?g))) (at end (shut ?g)) (at end (greased ?g)))))";
    let task = problem(
        domain,
        "(define (problem p) (:domain press) (:objects g h - guard) (:init (shut g) (shut h))
        (:goal (and (pressed) (greased g) (greased h))))",
    );
    assert!(plan(&task).makespan() <= 14.01);
}

#[test]
fn the_metric_decides_between_plans() {
    let domain = "(define (domain m) (:requirements :typing :durative-actions :numeric-fluents)
        (:predicates (done)) (:functions (total-cost))
        (:durative-action fast :parameters () :duration (= ?duration 1)
            :effect (and (at end (done)) (at end (increase (total-cost) 10))))
        (:durative-action slow :parameters () :duration (= ?duration 5)
            :effect (and (at end (done)) (at start (increase (total-cost) 1)))))";
    let task = |metric: &str| {
        let text = format!(
            "(define (problem p) (:domain m) (:init (= (total-cost) 0)) (:goal (done)) {metric})"
        );
        plan(&problem(domain, &text)).makespan()
    };
    assert_eq!(task(""), 1.0);
    assert_eq!(task("(:metric minimize (total-time))"), 1.0);
    assert_eq!(task("(:metric minimize (total-cost))"), 5.0);
    assert_eq!(task("(:metric minimize (+ (total-cost) (* 3 (total-time))))"), 1.0);
}

#[test]
fn a_duration_without_a_value_allows_no_step() {
    let domain = "(define (domain d) (:requirements :durative-actions :numeric-fluents)
        (:predicates (done)) (:functions (zero) (nothing) (below))
        (:durative-action a :parameters () :duration (= ?duration (/ 1 (zero))) :effect (at end (done)))
        (:durative-action b :parameters () :duration (= ?duration (nothing)) :effect (at end (done)))
        (:durative-action c :parameters () :duration (= ?duration (below)) :effect (at end (done))))";
    let text =
        "(define (problem p) (:domain d) (:init (= (zero) 0) (= (below) -1)) (:goal (done)))";
    let (outcome, _) = run(&problem(domain, text));
    assert!(matches!(outcome, TemporalOutcome::Unsolvable(_)), "{outcome}");
}

#[test]
fn a_domain_without_durations_is_no_exception() {
    check(
        "(define (domain d) (:requirements :strips) (:predicates (a) (b) (c))
        (:action x :parameters () :effect (a)) (:action y :parameters () :effect (b))
        (:action z :parameters () :precondition (and (a) (b)) :effect (c)))",
        "(define (problem p) (:domain d) (:init) (:goal (c)))",
        expect![[r#"
            0.000: (y)
            0.000: (x)
            0.001: (z)
        "#]],
    );
}

#[test]
fn a_lock_that_is_taken_and_given_back_keeps_others_out() {
    // Both tests need the one camera; it is needed from start to end.
    let task = problem(
        "(define (domain lab) (:requirements :typing :durative-actions :negative-preconditions)
        (:types part) (:predicates (taken) (tested ?p - part) (cleaned ?p - part))
        (:durative-action test :parameters (?p - part) :duration (= ?duration 4)
            :condition (and (at start (not (taken))) (at start (cleaned ?p)))
            :effect (and (at start (taken)) (at end (not (taken))) (at end (tested ?p))))
        (:durative-action clean :parameters (?p - part) :duration (= ?duration 3)
            :effect (at end (cleaned ?p))))",
        "(define (problem p) (:domain lab) (:objects a b c - part) (:init)
        (:goal (and (tested a) (tested b) (tested c))))",
    );
    let plan = plan(&task);
    assert!((plan.makespan() - 15.003).abs() < 1e-9, "{}", plan.makespan());
    assert_eq!(plan.total_duration(), 21.0);
}

#[test]
fn limits_are_kept() {
    let limits = Limits { expansions: 0, ..Limits::default() };
    let clock = StoppedClock::default();
    let task = cellar(2, &[2.0, 2.0, 2.0]);
    let (outcome, report) = solve_temporal(&task, SearchKind::GbfsFf, &Budget::new(limits), &clock);
    assert_eq!(outcome, TemporalOutcome::OutOf(Limit::Expansions));
    assert_eq!(report.expanded, 0);
    let stop = std::sync::atomic::AtomicBool::new(true);
    let budget = Budget::default().cancelled_by(&stop);
    let (outcome, _) = solve_temporal(&task, SearchKind::Auto, &budget, &clock);
    assert_eq!(outcome, TemporalOutcome::OutOf(Limit::Cancelled));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn plans_of_random_deliveries_are_valid_and_overlap(
        reach in prop::collection::vec(1u32..40, 4),
        goals in prop::collection::vec(0usize..2, 1..4),
    ) {
        let cubes: Vec<String> = (0..goals.len()).map(|i| format!("c{i}")).collect();
        let init: String = cubes.iter().map(|c| format!("(at {c} s)")).collect();
        let goal: String = cubes.iter().zip(&goals).map(|(c, &g)| format!("(at {c} {})", ["s", "t"][g])).collect();
        let reach: Vec<f64> = reach.iter().map(|r| f64::from(*r) / 8.0).collect();
        let text = format!(
            "(define (problem p) (:domain arms) (:objects l r - arm {} - cube s t - shelf)
            (:init (free l) (free r) (clear) {init} (= (reach l s) {}) (= (reach r s) {})
                (= (reach l t) {}) (= (reach r t) {})) (:goal (and {goal})))",
            cubes.join(" "), reach[0], reach[1], reach[2], reach[3],
        );
        let plan = plan(&problem(ARMS, &text));
        let gaps = plan.steps.len() as f64 * 0.002;
        prop_assert!(plan.makespan() <= plan.total_duration() + gaps);
    }
}
