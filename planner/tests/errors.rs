//! What the readers say about faulty texts. `UPDATE_EXPECT=1` refreshes.
#![expect(clippy::too_many_lines, reason = "tables of faults and messages")]

use ergon_planner::{Domain, Effect, Formula, PddlError, Problem, Schema, pddl};
use expect_test::{Expect, expect};

/// The good domain with more requirements, functions and a durative action.
const RICH: &str = "(define (domain r)
    (:requirements :typing :adl :numeric-fluents :derived-predicates :durative-actions)
    (:types disk) (:predicates (on ?d ?e - disk) (above ?d ?e - disk) (done))
    (:functions (size ?d - disk) (total-cost))
    (:derived (above ?d ?e) (or (on ?d ?e) (exists (?f - disk) (and (on ?d ?f) (above ?f ?e)))))
    (:action grow :parameters (?d - disk) :precondition (> (size ?d) 2)
        :effect (and (increase (size ?d) 1) (done)))
    (:durative-action wait :parameters (?d - disk) :duration (= ?duration 3)
        :condition (over all (done)) :effect (at end (assign (size ?d) ?duration))))";

const GOOD: &str = "(define (domain g) (:requirements :typing)
    (:types disk peg - location location) (:constants c1 - disk)
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
    check_changes_of(GOOD, changes, expected);
}

fn check_changes_of(domain: &str, changes: &[(&str, &str)], expected: Expect) {
    assert!(Domain::parse(domain, "d.pddl").is_ok());
    let texts = changes.iter().map(|(from, to)| {
        assert!(domain.contains(from), "{from} is not there to be changed");
        domain.replacen(from, to, 1)
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
            d.pddl:3:6: expected one of :requirements, :types, :constants, :predicates, :functions, :action, :durative-action, :derived, got `:predicate`
                did you mean `:predicates`?
            d.pddl:2:44: expected each section once, got `:types`
            d.pddl:4:38: in action move, :parameters: expected a type, got `?l`
            d.pddl:4:32: in action move, :parameters: expected a variable such as ?x, got `d`
            d.pddl:5:39: in action move, :precondition: expected `)`, got `:effect`
            d.pddl:5:74: expected the end of the text, got `x`
            d.pddl:5:1028: in action move, :precondition: expected formulas nested at most 200 deep, got `(`
        "#]],
    );
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    check_changes(
        &[
            (":typing", ":typing :preferences"),
            (":typing", ":typng"),
            ("(:constants", "(:functions (f) - disk) (:constants"),
            ("(:constants", "(:constraints (always (done))) (:constants"),
            ("(:constants", "(:process p) (:constants"),
            ("(:constants", "(:task t) (:constants"),
            ("(on ?d ?l) :effect", "(preference p (done)) :effect"),
            ("(on ?d ?l) :effect", "(on (top ?d) ?l) :effect"),
            ("(on ?d ?l) :effect", "(when (done) (done)) :effect"),
            ("(and (done)", "(and (oneof (done) (done))"),
            ("(and (done)", "(and (or (done) (done))"),
            ("(and (done)", "(and (at start (done))"),
        ],
        expect![[r#"
            d.pddl:1:43: in :requirements: expected a requirement this planner knows, got `:preferences`
                it knows :strips, :typing, :negative-preconditions, :disjunctive-preconditions, :equality, :existential-preconditions, :universal-preconditions, :quantified-preconditions, :conditional-effects, :adl, :numeric-fluents, :action-costs, :derived-predicates, :durative-actions, :duration-inequalities; remove `:preferences` if it is not used
            d.pddl:1:35: in :requirements: expected a requirement this planner knows, got `:typng`
                did you mean `:typing`?
            d.pddl:2:61: expected `number`, got `disk`, which needs :object-fluents
                functions have numbers as values; :object-fluents is not supported
            d.pddl:2:44: expected one of :requirements, :types, :constants, :predicates, :functions, :action, :durative-action, :derived, got `:constraints`, which needs :constraints
                remove the section; :constraints is not supported
            d.pddl:2:44: expected one of :requirements, :types, :constants, :predicates, :functions, :action, :durative-action, :derived, got `:process`, which needs :time (PDDL+)
                remove the section; :time (PDDL+) is not supported
            d.pddl:2:44: expected one of :requirements, :types, :constants, :predicates, :functions, :action, :durative-action, :derived, got `:task`, which needs :hierarchy (HDDL)
                remove the section; :hierarchy (HDDL) is not supported
            d.pddl:5:24: in action move, :precondition: expected what this planner knows, got `preference`, which needs :preferences
                write it without `preference`; :preferences is not supported
            d.pddl:5:27: in action move, :precondition: expected an object or a variable, got `(top`
                functions as arguments need :object-fluents, which is not supported
            d.pddl:5:23: in action move, :precondition: expected a condition, got `when`
                `when` belongs into :effect
            d.pddl:5:48: in action move, :effect: expected what this planner knows, got `oneof`, which needs :non-deterministic
                write it without `oneof`; :non-deterministic is not supported
            d.pddl:5:47: in action move, :effect: expected a literal, got `or`
                an effect leaves nothing open; make an action of each case
            d.pddl:5:47: in action move, :effect: expected an effect without a time, got `(`
                only the effects of a :durative-action have times, and not nested ones
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
            ("location location)", "location location - disk)"),
            ("disk peg - location", "disk disk - location"),
            (":typing", ":strips"),
            ("(on ?d ?l) :effect", "(or (done)) :effect"),
            ("(on ?d ?l) :effect", "(forall (?x - disk) (done)) :effect"),
            ("(on ?d ?l) :effect", "(< 1 2) :effect"),
            ("(and (done)", "(and (when (done) (done))"),
            ("(and (done)", "(and (increase (total-cost) 1)"),
            ("(:constants", "(:functions (f)) (:constants"),
            ("(:action move", "(:derived (done) (on c1 c1)) (:action move"),
            ("(:action move", "(:durative-action go :effect (at end (done))) (:action move"),
            ("(?d - disk ?l", "(?d - disk ?d"),
            ("(not (on ?d ?l))", "(not (and))"),
            ("(not (on ?d ?l))", "(= ?d ?l)"),
        ],
        expect![[r#"
            d.pddl:3:37: in predicate on: expected a declared type, got `locaton`, which is not declared
                did you mean `location`?
            d.pddl:5:24: in action move, :precondition: expected a declared predicate, got `onn`, which is not declared
                did you mean `on`?
            d.pddl:5:30: in action move, :precondition: expected a variable in scope, got `?x`, which is not declared
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
                remove or rename one `disk`
            d.pddl:2:13: in :types: expected only what (:requirements ...) of the domain names, got a type, which needs :typing
                add :typing to (:requirements ...)
            d.pddl:5:23: in action move, :precondition: expected only what (:requirements ...) of the domain names, got a disjunction, which needs :disjunctive-preconditions
                add :disjunctive-preconditions to (:requirements ...)
            d.pddl:5:23: in action move, :precondition: expected only what (:requirements ...) of the domain names, got `forall` in a condition, which needs :universal-preconditions
                add :universal-preconditions to (:requirements ...)
            d.pddl:5:23: in action move, :precondition: expected only what (:requirements ...) of the domain names, got a numeric condition, which needs :numeric-fluents
                add :numeric-fluents to (:requirements ...)
            d.pddl:5:47: in action move, :effect: expected only what (:requirements ...) of the domain names, got `when`, which needs :conditional-effects
                add :conditional-effects to (:requirements ...)
            d.pddl:5:58: in action move, :effect: expected a declared function, got `total-cost`, which is not declared
                add (:functions (total-cost)) to the domain
            d.pddl:2:56: expected only what (:requirements ...) of the domain names, got a function, which needs :numeric-fluents
                add :numeric-fluents to (:requirements ...)
            d.pddl:4:16: in :derived: expected only what (:requirements ...) of the domain names, got an axiom, which needs :derived-predicates
                add :derived-predicates to (:requirements ...)
            d.pddl:4:23: in action go: expected only what (:requirements ...) of the domain names, got a durative action, which needs :durative-actions
                add :durative-actions to (:requirements ...)
            d.pddl:4:42: in action move, :parameters: expected a new parameter, got `?d` for the second time
                remove or rename one `?d`
            d.pddl:5:54: in action move, :effect: expected a literal, got the negation of a compound formula
            d.pddl:5:54: in action move, :effect: expected a literal, got an equality
        "#]],
    );
}

#[test]
fn faults_of_numbers_axioms_and_durations() {
    check_changes_of(
        RICH,
        &[
            ("(> (size ?d) 2)", "(> (sise ?d) 2)"),
            ("(> (size ?d) 2)", "(> (size) 2)"),
            ("(> (size ?d) 2)", "(> (size (size ?d)) 2)"),
            ("(> (size ?d) 2)", "(> (size ?d) 1e999)"),
            ("(> (size ?d) 2)", "(> (size ?d) ?duration)"),
            ("(> (size ?d) 2)", "(> (+ (size ?d)) 2)"),
            ("(> (size ?d) 2)", "(=< (size ?d) 2)"),
            ("(> (size ?d) 2)", "(not (increase (size ?d) 2))"),
            ("(size ?d) 1)", "?d 1)"),
            ("(size ?d) 1)", "(size ?d) (* #t 1))"),
            ("(total-cost))", "total-cost)"),
            ("(increase (size ?d) 1)", "(above ?d ?d)"),
            ("(or (on ?d ?e)", "(or (not (above ?e ?d))"),
            ("(:derived (above ?d ?e)", "(:derived (above ?d)"),
            ("(= ?duration 3)", "(<= ?duration 3)"),
            ("(= ?duration 3)", "(< ?duration 3)"),
            ("(= ?duration 3)", "(= 3 ?duration)"),
            ("(= ?duration 3)", "(done)"),
            ("(over all (done))", "(done)"),
            ("(over all (done))", "(at start (at end (done)))"),
            ("(at end (assign", "(over all (assign"),
            ("(at end (assign (size ?d) ?duration))", "(increase (size ?d) (* #t 2))"),
            ("(at end (assign", "(when (at start (done)) (at end (assign"),
            (":duration", ":durations"),
            (":condition", ":precondition"),
        ],
        expect![[r#"
            d.pddl:6:61: in action grow, :precondition: expected a declared function, got `sise`, which is not declared
                did you mean `size`?
            d.pddl:6:61: in action grow, :precondition: expected 1 argument of `size`, got 0 arguments
            d.pddl:6:67: in action grow, :precondition: expected an object or a variable, got `(size`
                functions as arguments need :object-fluents, which is not supported
            d.pddl:6:70: in action grow, :precondition: expected a number below 1.8e308, got `1e999`
            d.pddl:6:70: in action grow, :precondition: expected a number, got the variable `?duration`
            d.pddl:6:61: in action grow, :precondition: expected two operands of `+`, got 1
            d.pddl:6:58: in action grow, :precondition: expected one of `=`, `<`, `<=`, `>`, `>=`, got `=<`
            d.pddl:6:62: in action grow, :precondition: expected a condition, got a numeric effect
            d.pddl:7:32: in action grow, :effect: expected a number, got the variable `?d`
            d.pddl:7:45: in action grow, :effect: expected a number, got `#t`, which needs :continuous-effects
                change the number at the start or the end of the action
            d.pddl:4:34: expected a function in parentheses, got `total-cost`
                write `(total-cost)`
            d.pddl:7:23: in action grow, :effect: expected a predicate that actions may change, got `above`, which is derived
                change what its axioms read instead
            d.pddl:5:16: expected axioms without recursion through negation, got `above`, which depends on its own negation
                break the cycle, or state the negated predicate by axioms of its own
            d.pddl:5:16: in derived predicate above: expected 2 parameters, as the predicate is declared, got 1
            d.pddl:8:62: in action wait, :duration: expected only what (:requirements ...) of the domain names, got a duration within bounds, which needs :duration-inequalities
                add :duration-inequalities to (:requirements ...)
            d.pddl:8:63: in action wait, :duration: expected one of `=`, `<=`, `>=`, got `<`
            d.pddl:8:65: in action wait, :duration: expected `?duration`, got `3`
            d.pddl:8:63: in action wait, :duration: expected a duration such as (= ?duration 5), got `done`
            d.pddl:9:21: in action wait, :condition: expected (at start ...), (over all ...) or (at end ...), got `done`
            d.pddl:9:30: in action wait, :condition: expected a condition without a time, got `(`
                only the conditions of a :durative-action have times, and not nested ones
            d.pddl:9:46: in action wait, :effect: expected (at start ...) or (at end ...), got `over all` in an effect
            d.pddl:9:46: in action wait, :effect: expected (at start ...) or (at end ...), got `#t`, which needs :continuous-effects
                change the number at the start or the end of the action
            d.pddl:9:109: expected a section such as `(:requirements ...)`, or `)`, got the end of the text
            d.pddl:8:52: in action wait: expected :parameters, :duration, :condition, :effect or `)`, got `:durations`
                did you mean `:duration`?
            d.pddl:9:9: in action wait: expected :parameters, :duration, :condition, :effect or `)`, got `:precondition`
                did you mean `:condition`?
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
            "(:domain g) (:init (= c1 c1))",
            "(:domain g) (:init (at 5 (done)))",
            "(:domain g) (:init (at 5.5 (not (done))))",
            "(:domain g) (:init (or (done)))",
            "(:domain g) (:init) (:init)",
            "(:domain g)\n (:goal (not (done)))",
            "(:domain g) (:metric minimize (f))",
            "(:domain g) (:metric minimise (total-time))",
            "(:domain g) (:metric minimize (+ (total-time) (is-violated p)))",
            "(:domain g) (:constraints (always (done)))",
            "(:domain g) (:requirements :timed-initial-literals)",
            "(:domain g) (:goal (preference p (done)))",
            "(:domain g)) x",
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
            p.pddl:1:40: in :init: expected only what (:requirements ...) of the domain names, got the value of a function, which needs :numeric-fluents
                add :numeric-fluents to (:requirements ...)
            p.pddl:1:40: in :init: expected a fact, got an equality
            p.pddl:1:41: in :init: expected what this planner knows, got `at`, which needs :timed-initial-literals
                write it without `at`; :timed-initial-literals is not supported
            p.pddl:1:41: in :init: expected what this planner knows, got `at`, which needs :timed-initial-literals
                write it without `at`; :timed-initial-literals is not supported
            p.pddl:1:40: in :init: expected a fact, got a formula
            p.pddl:1:42: expected each section once, got `:init`
            p.pddl:2:9: in :goal: expected only what (:requirements ...) of the domain names, got a negative condition, which needs :negative-preconditions
                add :negative-preconditions to (:requirements ...)
            p.pddl:1:52: in :metric: expected a declared function, got `f`, which is not declared
                declare `f`
            p.pddl:1:42: in :metric: expected minimize or maximize, got `minimise`
            p.pddl:1:68: in :metric: expected what this planner knows, got `is-violated`, which needs :preferences
                write it without `is-violated`; :preferences is not supported
            p.pddl:1:34: expected one of :domain, :requirements, :objects, :init, :goal, :metric, :length, got `:constraints`, which needs :constraints
                remove the section; :constraints is not supported
            p.pddl:1:48: in :requirements: expected a requirement this planner knows, got `:timed-initial-literals`
                it knows :strips, :typing, :negative-preconditions, :disjunctive-preconditions, :equality, :existential-preconditions, :universal-preconditions, :quantified-preconditions, :conditional-effects, :adl, :numeric-fluents, :action-costs, :derived-predicates, :durative-actions, :duration-inequalities; remove `:timed-initial-literals` if it is not used
            p.pddl:1:41: in :goal: expected what this planner knows, got `preference`, which needs :preferences
                write it without `preference`; :preferences is not supported
            p.pddl:1:34: expected the end of the text, got `x`
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
    assert_eq!(empty.goal(), &Formula::And(vec![]));
    // No requirements at all, a parameter name twice in a predicate, empty conditions, `either`.
    let bare = "(define (domain d) (:types a) (:predicates (p ?x ?x - a))
        (:action x :parameters (?x - (either a object)) :precondition () :effect ()))";
    let domain = Domain::parse(bare, "d.pddl").unwrap();
    let Schema::Instant { precondition, effect } = &domain.schemas()[0] else { panic!() };
    assert_eq!((precondition, effect), (&Formula::default(), &Effect::default()));
}

#[test]
fn a_million_objects_a_deep_hierarchy_and_a_long_line_are_read_in_one_go() {
    let count = 1_000_000;
    let objects: String = (0..count).map(|i| format!(" o{i}")).collect();
    let types: String = (1..2000).map(|i| format!(" t{i} - t{}", i - 1)).collect();
    let domain = format!(
        "(define (domain d) (:requirements :typing) (:types{types} t0 - object) (:predicates (p ?x - t0)))"
    );
    let domain = Domain::parse(&domain, "d").unwrap();
    let text = format!(
        "(define (problem p) (:domain d) (:objects{objects} - t1999) (:init (p o0) (p o999999)))"
    );
    let problem = Problem::parse(&text, "p", &domain).unwrap();
    assert_eq!((problem.objects().len(), problem.init().len()), (count, 2));
    let again = Problem::parse(&text.replace("(p o0)", "(p o1000000)"), "p", &domain);
    assert!(again.unwrap_err().hint().is_some());
}

#[test]
fn formulas_are_read_as_deep_as_allowed_and_refused_below() {
    let nested = |depth: usize| {
        let (open, close) = ("(not ".repeat(depth), ")".repeat(depth));
        let text = format!(
            "(define (domain d) (:predicates (p)) (:action a :precondition {open}(p){close}))"
        );
        Domain::parse(&text, "d")
    };
    let domain = nested(200).unwrap();
    assert_eq!(Domain::parse(&domain.to_string(), "printed").unwrap(), domain);
    assert!(nested(201).is_err());
    assert!(nested(1_000_000).is_err());
    let sums = "(+ 1 ".repeat(1_000_000);
    let text = format!("(define (domain d) (:action a :precondition (> {sums}");
    assert!(Domain::parse(&text, "d").is_err());
}
