//! What the readers say about faulty texts. `UPDATE_EXPECT=1` refreshes.

use ergon_planner::{Domain, PddlError, Problem, pddl};
use expect_test::{Expect, expect};

const GOOD: &str = "(define (domain g) (:requirements :typing)
    (:types disk peg - location) (:constants c1 - disk)
    (:predicates (on ?d - disk ?l - location) (done))
    (:action move :parameters (?d - disk ?l - location)
        :precondition (on ?d ?l) :effect (and (done) (not (on ?d ?l)))))";

fn shown(error: &PddlError) -> String {
    error.hint().map_or(format!("{error}\n"), |hint| format!("{error}\n    {hint}\n"))
}

fn check(texts: impl IntoIterator<Item = String>, expected: Expect) {
    let errors = texts.into_iter().map(|text| match Domain::parse(&text, "d.pddl") {
        Ok(_) => panic!("no fault is found in {text}"),
        Err(error) => shown(&error),
    });
    expected.assert_eq(&errors.collect::<String>());
}

/// Checks the good domain with one thing in place of another.
fn check_changes(changes: &[(&str, &str)], expected: Expect) {
    let texts = changes.iter().map(|(from, to)| {
        assert!(GOOD.contains(from), "{from} is not there to be changed");
        GOOD.replacen(from, to, 1)
    });
    check(texts, expected);
}

/// Checks problems of the good domain that differ after their name.
fn check_problems(rests: &[&str], expected: Expect) {
    let domain = Domain::parse(GOOD, "d.pddl").expect("good PDDL");
    let errors = rests.iter().map(|rest| {
        let text = format!("(define (problem p) {rest})");
        match Problem::parse(&text, "p.pddl", &domain) {
            Ok(_) => panic!("no fault is found in {text}"),
            Err(error) => shown(&error),
        }
    });
    expected.assert_eq(&errors.collect::<String>());
}

#[test]
fn faults_of_form() {
    let texts = ["", "(define (domain", "(define (problem x))", &GOOD[..GOOD.len() - 1]];
    check(
        texts.map(String::from),
        expect![[r#"
        d.pddl:1:1: expected `(`, got the end of the text
        d.pddl:1:16: expected a name, got the end of the text
        d.pddl:1:10: expected `domain`, got `problem`
        d.pddl:5:72: expected a section such as `(:requirements ...)`, or `)`, got the end of the text
    "#]],
    );
    let deep = format!("{}{}", "(and ".repeat(5000), ")".repeat(5000));
    check_changes(
        &[
            ("(done) (not", "done (not"),
            (":effect (and", ":efect (and"),
            (":effect (and", ":precondition (and"),
            ("(:predicates", "(:predicate"),
            ("(:constants", "(:types) (:constants"),
            ("(?d - disk", "(?d - "),
            ("(?d - disk ?l", "(d - disk ?l"),
            (":precondition (on", ":precondition (not (on"),
            ("(on ?d ?l)))))", "(on ?d ?l))))) x"),
            ("(on ?d ?l) :effect", &format!("{deep} :effect")),
        ],
        expect![[r#"
            d.pddl:5:47: in action move, :effect: expected a literal, got `done`
            d.pddl:5:34: in action move: expected :parameters, :precondition, :effect or `)`, got `:efect`
                did you mean `:effect`?
            d.pddl:5:34: in action move: expected each part once, got `:precondition`
            d.pddl:3:6: expected one of :requirements, :types, :constants, :predicates, :action, got `:predicate`
                did you mean `:predicates`?
            d.pddl:2:35: expected each section once, got `:types`
            d.pddl:4:38: in action move, :parameters: expected a type, got `?l`
            d.pddl:4:32: in action move, :parameters: expected a variable such as ?x, got `d`
            d.pddl:5:39: in action move, :precondition: expected `)`, got `:effect`
            d.pddl:5:74: expected the end of the text, got `x`
            d.pddl:5:348: in action move, :precondition: expected formulas nested at most 64 deep, got `(`
        "#]],
    );
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    check_changes(
        &[
            (":typing", ":typing :adl"),
            (":typing", ":typng"),
            ("(:constants", "(:functions (f)) (:constants"),
            ("(on ?d ?l) :effect", "(or (done)) :effect"),
            ("(and (done)", "(and (forall (?x) (done))"),
            ("(and (done)", "(and (when (done) (done))"),
            ("(and (done)", "(and (increase (total-cost) 1)"),
            ("(:action move", "(:durative-action move"),
        ],
        expect![[r#"
            d.pddl:1:43: in :requirements: expected a requirement this planner knows, got `:adl`
                it knows :strips, :typing, :negative-preconditions, :equality; remove `:adl` if it is not used
            d.pddl:1:35: in :requirements: expected a requirement this planner knows, got `:typng`
                did you mean `:typing`?
            d.pddl:2:35: expected one of :requirements, :types, :constants, :predicates, :action, got `:functions`, which needs :numeric-fluents or :action-costs
                remove the section; this planner knows :strips, :typing, :negative-preconditions and :equality
            d.pddl:5:24: in action move, :precondition: expected `and`, `not`, `=` or a predicate, got `or`, which needs :disjunctive-preconditions
                write it without `or`; this planner knows :strips, :typing, :negative-preconditions and :equality
            d.pddl:5:48: in action move, :effect: expected `and`, `not`, `=` or a predicate, got `forall`, which needs :universal-preconditions or :conditional-effects
                write it without `forall`; this planner knows :strips, :typing, :negative-preconditions and :equality
            d.pddl:5:48: in action move, :effect: expected `and`, `not`, `=` or a predicate, got `when`, which needs :conditional-effects
                write it without `when`; this planner knows :strips, :typing, :negative-preconditions and :equality
            d.pddl:5:48: in action move, :effect: expected `and`, `not`, `=` or a predicate, got `increase`, which needs :action-costs or :numeric-fluents
                write it without `increase`; this planner knows :strips, :typing, :negative-preconditions and :equality
            d.pddl:4:6: expected one of :requirements, :types, :constants, :predicates, :action, got `:durative-action`, which needs :durative-actions
                remove the section; this planner knows :strips, :typing, :negative-preconditions and :equality
        "#]],
    );
}

#[test]
fn faults_of_meaning_in_a_domain() {
    check_changes(
        &[
            ("?l - location) (done)", "?l - locaton) (done)"),
            ("(on ?d ?l) :effect", "(onn ?d ?l) :effect"),
            ("(on ?d ?l) :effect", "(on ?d ?x) :effect"),
            ("(on ?d ?l) :effect", "(on ?d c2) :effect"),
            ("(on ?d ?l) :effect", "(on ?d) :effect"),
            ("(on ?d ?l) :effect", "(on ?l ?d) :effect"),
            ("(on ?d ?l) :effect", "(not (on ?d ?l)) :effect"),
            ("(on ?d ?l) :effect", "(= ?d ?l) :effect"),
            ("(done))", "(done) (done))"),
            ("peg - location)", "peg - location location - disk)"),
            ("disk peg - location", "disk disk - location"),
            (":typing", ":strips"),
            ("(?d - disk ?l", "(?d - disk ?d"),
            ("(not (on ?d ?l))", "(not (and))"),
            ("(not (on ?d ?l))", "(= ?d ?l)"),
        ],
        expect![[r#"
            d.pddl:3:37: in predicate on: expected a declared type, got `locaton`, which is not declared
                did you mean `location`?
            d.pddl:5:24: in action move, :precondition: expected a declared predicate, got `onn`, which is not declared
                did you mean `on`?
            d.pddl:5:30: in action move, :precondition: expected a parameter of the action, got `?x`, which is not declared
                declare `?x`
            d.pddl:5:30: in action move, :precondition: expected a declared object, got `c2`, which is not declared
                declare `c2`
            d.pddl:5:24: in action move, :precondition: expected 2 arguments of `on`, got 1 argument
            d.pddl:5:27: in action move, :precondition: expected a disk, got `?l`, a location
            d.pddl:5:23: in action move, :precondition: expected only what (:requirements ...) of the domain names, got a negative condition, which needs :negative-preconditions
                add :negative-preconditions to (:requirements ...)
            d.pddl:5:23: in action move, :precondition: expected only what (:requirements ...) of the domain names, got an equality, which needs :equality
                add :equality to (:requirements ...)
            d.pddl:3:55: in predicate done: expected a new predicate name, got `done` for the second time
                remove or rename one `done`
            d.pddl:2:24: in :types: expected types without a cycle, got `location`, which is its own supertype
            d.pddl:2:18: in :types: expected a new type name, got `disk` for the second time
            d.pddl:2:13: in :types: expected only what (:requirements ...) of the domain names, got a type, which needs :typing
                add :typing to (:requirements ...)
            d.pddl:4:42: in action move, :parameters: expected a new parameter, got `?d` for the second time
                remove or rename one `?d`
            d.pddl:5:54: in action move, :effect: expected a literal, got the negation of a compound formula
            d.pddl:5:54: in action move, :effect: expected a literal, got an equality
        "#]],
    );
}

#[test]
fn faults_of_a_problem() {
    check_problems(
        &[
            "(:domain h)",
            "(:domain g) (:objects c1 - disk)",
            "(:domain g) (:objects a - dsk)",
            "(:domain g) (:objects a - (either disk peg))",
            "(:domain g) (:init (on c1 c2))",
            "(:domain g) (:init (on c1 ?x))",
            "(:domain g) (:init (done) (not (done)))",
            "(:domain g) (:init (= (f) 3))",
            "(:domain g) (:init) (:init)",
            "(:domain g)\n (:goal (not (done)))",
            "(:domain g) (:metric minimize (f))",
        ],
        expect![[r#"
            p.pddl:1:30: in :domain: expected `g`, the name of the domain, got `h`
                give the domain file that belongs to it
            p.pddl:1:43: in :objects: expected a new object name, got `c1` for the second time
                remove or rename one `c1`
            p.pddl:1:47: in :objects: expected a declared type, got `dsk`, which is not declared
                did you mean `disk`?
            p.pddl:1:60: in :objects: expected one type, got `either`, which only parameters may have
                declare a common supertype
            p.pddl:1:47: in :init: expected a declared object, got `c2`, which is not declared
                declare `c2`
            p.pddl:1:47: in :init: expected an object, got the variable `?x`
            p.pddl:1:47: in :init: expected facts that do not contradict each other, got the negation of another fact
            p.pddl:1:43: in :init: expected an object or a variable, got `(`
                remove the numeric fluent (as in total-cost); this planner knows :strips, :typing, :negative-preconditions and :equality
            p.pddl:1:42: expected each section once, got `:init`
            p.pddl:2:9: in :goal: expected only what (:requirements ...) of the domain names, got a negative condition, which needs :negative-preconditions
                add :negative-preconditions to (:requirements ...)
            p.pddl:1:34: expected one of :domain, :requirements, :objects, :init, :goal, got `:metric`, which needs :numeric-fluents or :action-costs
                remove the section; this planner knows :strips, :typing, :negative-preconditions and :equality
        "#]],
    );
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_place() {
    let error = pddl::decode(b"(define\n (d\xffmain", "d.pddl").unwrap_err();
    expect![[r#"
        d.pddl:2:4: expected UTF-8 text, got the byte 0xff
            save the file as UTF-8
    "#]]
    .assert_eq(&shown(&error));
}

#[test]
fn what_a_reader_has_to_bear() {
    let upper = GOOD.to_ascii_uppercase().replace('\n', "; comment )\r\n");
    let domain = Domain::parse(&format!("\u{feff}{upper}"), "d.pddl").unwrap();
    assert_eq!(domain, Domain::parse(GOOD, "d.pddl").unwrap());
    let empty = Problem::parse("(define (problem void) (:domain g))", "p", &domain).unwrap();
    assert!(empty.goal().is_empty());
    // No requirements at all, a parameter name twice in a predicate, empty conditions, `either`.
    let bare = "(define (domain d) (:types a) (:predicates (p ?x ?x - a))
        (:action x :parameters (?x - (either a object)) :precondition () :effect ()))";
    let domain = Domain::parse(bare, "d.pddl").unwrap();
    assert_eq!(domain.schemas()[0].preconditions, []);
}
