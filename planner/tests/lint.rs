//! What authors are told.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use ergon_planner::{Domain, Problem, lint};
use expect_test::{Expect, expect};

fn check(domain: &str, problem: Option<&str>, expected: Expect) {
    let domain = Domain::parse(domain, "domain").unwrap();
    let problem = problem.map(|text| Problem::parse(text, "problem", &domain).unwrap());
    let found = lint(&domain, problem.as_ref());
    expected.assert_eq(&found.iter().map(|lint| format!("{lint}\n")).collect::<String>());
}

const UNTIDY: &str = "(define (domain untidy) (:requirements :adl :numeric-fluents)
    (:types a b - t t - object unused) (:constants k - a)
    (:predicates (p ?x - t) (q ?x - b) (r) (s) (gone) (shown))
    (:functions (f) (g) (h ?x - t))
    (:action one :parameters (?x - a ?y - b) :precondition (and (p ?x) (not (p ?x))) :effect (r))
    (:action two :parameters (?x - a)
        :precondition (exists (?x - b) (q ?x)) :effect (and (shown) (not (r)) (r)))
    (:action three :precondition (or (gone) (= k k)) :effect (and))
    (:action four :precondition (and (s) (> (f) (h k))) :effect (increase (f) 1)))";

#[test]
fn a_domain_alone() {
    check(
        UNTIDY,
        None,
        expect![[r#"
        unread-predicate: predicate r: it is changed and nothing reads it
        unread-predicate: predicate shown: it is changed and nothing reads it
        unused-function: function g: nothing reads or changes it
        unused-type: type unused: nothing is of it and nothing asks for it
        unused-parameter: action one: nothing reads its parameter ?y
        unused-parameter: action two: nothing reads its parameter ?x
        shadowed-variable: action two: a quantifier hides the outer variable ?x; rename one
        lost-effect: action two: it deletes (r) and adds it at once; the delete is lost
        no-effect: action three: it changes nothing
    "#]],
    );
}

#[test]
fn a_domain_with_a_problem() {
    let problem = "(define (problem p) (:domain untidy) (:objects x - a)
        (:init (p x)) (:goal (and (r) (s) (p x))))";
    check(
        UNTIDY,
        Some(problem),
        expect![[r#"
        unread-predicate: predicate shown: it is changed and nothing reads it
        never-defined: function f: it is read and has no value; give one in :init
        unused-function: function g: nothing reads or changes it
        never-defined: function h: it is read and has no value; give one in :init
        empty-type: type b: there is no object of it
        unused-type: type unused: nothing is of it and nothing asks for it
        unused-parameter: action one: nothing reads its parameter ?y
        unused-parameter: action two: nothing reads its parameter ?x
        shadowed-variable: action two: a quantifier hides the outer variable ?x; rename one
        lost-effect: action two: it deletes (r) and adds it at once; the delete is lost
        no-effect: action three: it changes nothing
        never-true: predicate q: it is needed, and no fact, action or axiom makes it true
        never-true: predicate r: it is needed, and no fact, action or axiom makes it true
        never-true: predicate s: it is needed, and no fact, action or axiom makes it true
        never-true: predicate gone: it is needed, and no fact, action or axiom makes it true
        dead-action: action one: it can never be applied: there is no object for ?y
        dead-action: action two: it can never be applied: there is no object for ?x
        dead-action: action four: it can never be applied: `s` is never true
        unreachable-goal: the goal: nothing makes (r) true
        unreachable-goal: the goal: nothing makes (s) true
    "#]],
    );
}

#[test]
fn a_goal_out_of_reach() {
    let domain = "(define (domain rooms) (:requirements :typing) (:types room)
        (:predicates (at ?r - room) (door ?a ?b - room))
        (:action go :parameters (?a ?b - room) :precondition (and (at ?a) (door ?a ?b))
            :effect (and (at ?b) (not (at ?a)))))";
    let problem = "(define (problem p) (:domain rooms) (:objects a b c - room)
        (:init (at a) (door a b) (door c b)) (:goal (at c)))";
    check(
        domain,
        Some(problem),
        expect![[r#"
        unreachable-goal: the goal: (at c) is out of reach, even if no action ever undid anything
    "#]],
    );
    check(domain, Some(&problem.replace("(door c b)", "(door b c)")), expect![[""]]);
}
