//! The slips of published files: errors for a strict reader, mended with a warning by a lenient one.
//! `UPDATE_EXPECT=1` refreshes.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![expect(clippy::too_many_lines, reason = "a table of slips and warnings")]

use ergon_planner::{
    Domain, Problem,
    pddl::{Reading, Source, read_task},
};
use expect_test::{Expect, expect};

/// What the lenient reader says about a domain and a problem that the strict one refuses.
fn check_lenient(tasks: &[(&str, &str)], expected: Expect) {
    let mut said = String::new();
    for (domain, problem) in tasks {
        let sources = || (Source::new(domain, "d"), Source::new(problem, "p"));
        let (domain, problem) = sources();
        assert!(read_task(domain, problem, Reading::Strict).is_err(), "{}", domain.text);
        let (domain, problem) = sources();
        let (domain, problem, warnings) = read_task(domain, problem, Reading::Lenient)
            .unwrap_or_else(|e| panic!("{e} {:?}\n{}", e.hint(), domain.text));
        assert!(!warnings.is_empty());
        for warning in warnings {
            said += &format!("{warning}\n    {}\n", warning.error.hint().unwrap_or("no hint"));
        }
        // What was mended is printed as it should have been.
        let again = Domain::parse(&domain.to_string(), "printed").unwrap();
        assert_eq!(again, domain);
        assert_eq!(Problem::parse(&problem.to_string(), "printed", &again).unwrap(), problem);
        said += "\n";
    }
    expected.assert_eq(&said);
}

const VOID: &str = "(define (problem p) (:domain d))";

#[test]
fn slips_of_published_files_are_mended_with_a_warning() {
    check_lenient(
        &[
            // The four domains that come with a paper on robot planning.
            (
                "(define (domain hanoi) (:requirements :strips :typing) (:types disk peg - location)
                 (:predicates (smaller ?a - disk ?b - location)))",
                "(define (problem p) (:domain hanoi) (:objects cube1 - disk a - peg)
                 (:init (smaller cube1 a) (smaller cube2 a)))",
            ),
            (
                "(define (domain kitchen) (:requirements :strips :typing)
                 (:types pot stove item) (:predicates (on ?a ?b - item) (hot))
                 (:action cook :precondition (and (on pot stove) (not (hot))) :effect (hot)))",
                "(define (problem p) (:domain kitchen) (:objects pot stove bread - item)
                 (:init (on pot stove)) (:goal (hot)))",
            ),
            (
                "(define (domain sorting) (:requirements :typing) (:types object box)
                 (:predicates (in ?a - object ?b - box)))",
                "(define (problem p) (:domain sorting) (:objects a - object b - box) (:init (in a b)))",
            ),
            // Requirements that are missing, unknown or not supported and not used.
            (
                "(define (domain d) (:requirements :strips :preferences :foo) (:types t)
                 (:predicates (p ?x - t)) (:functions (f))
                 (:action a :parameters (?x - t) :precondition (or (p ?x) (> (f) 1))
                  :effect (when (p ?x) (increase (total-cost) 1))))",
                VOID,
            ),
            // Things declared twice.
            (
                "(define (domain d) (:requirements :typing) (:types u - t t - object u - t t)
                 (:constants a - t a - t) (:predicates (p ?x - t) (p ?y - t)) (:functions (f) (f)))"
                    ,
                "(define (problem p) (:domain d) (:objects a - t b b - u) (:init (p a) (p b)))",
            ),
            // Lisp around the domain, :vars, axioms of 1998, :length, another domain's name.
            (
                "(in-package :user \"x\") (define (domain d) (:requirements :domain-axioms)
                 (:predicates (p ?x) (q ?x ?y))
                 (:axiom :vars (?x ?y) :context (q ?x ?y) :implies (p ?x))
                 (:action a :parameters (?x) :vars (?y) :effect (q ?x ?y))))",
                "(define (problem p) (:domain e) (:objects a) (:length (:serial 3)) (:init (p a)) (:goal (p a))))",
            ),
            // Functions without parentheses, values given twice or to nobody, facts denied.
            (
                "(define (domain d) (:requirements :action-costs) (:predicates (p))
                 (:functions total-cost (f ?x))
                 (:action a :effect (increase total-cost 1)))",
                "(define (problem p) (:domain d) (:objects a)
                 (:init (= total-cost 0) (= (f a) 1) (= (f a) 2) (= (f b) 1) (p) (not (p)))
                 (:metric minimize total-cost))",
            ),
        ],
        expect![[r#"
            d:1:75: in :types: expected a listed supertype, got `location`, which stands only after `-`; declared it
                add `location - object` to (:types ...)
            p:2:52: in :init: expected a declared object, got `cube2`, which is not declared; left out the fact
                did you mean `cube1`?

            d:3:55: in action cook, :precondition: expected a constant of the domain, got `pot`, an object of the problem; made it a constant
                declare `pot` in (:constants ...)
            d:3:59: in action cook, :precondition: expected a constant of the domain, got `stove`, an object of the problem; made it a constant
                declare `stove` in (:constants ...)
            d:3:66: in action cook, :precondition: expected only what (:requirements ...) of the domain names, got a negative condition, which needs :negative-preconditions; took it as declared
                add :negative-preconditions to (:requirements ...)

            d:1:58: in :types: expected types below `object`, got `object`, which is there without being declared; left it out
                remove `object` from the list; every type is below it

            d:1:43: in :requirements: expected a requirement this planner knows, got `:preferences`; went on as if it were not there
                it knows :strips, :typing, :negative-preconditions, :disjunctive-preconditions, :equality, :existential-preconditions, :universal-preconditions, :quantified-preconditions, :conditional-effects, :adl, :numeric-fluents, :action-costs, :derived-predicates, :durative-actions, :duration-inequalities; remove `:preferences` if it is not used
            d:1:56: in :requirements: expected a requirement this planner knows, got `:foo`; went on as if it were not there
                it knows :strips, :typing, :negative-preconditions, :disjunctive-preconditions, :equality, :existential-preconditions, :universal-preconditions, :quantified-preconditions, :conditional-effects, :adl, :numeric-fluents, :action-costs, :derived-predicates, :durative-actions, :duration-inequalities; remove `:foo` if it is not used
            d:1:70: in :types: expected only what (:requirements ...) of the domain names, got a type, which needs :typing; took it as declared
                add :typing to (:requirements ...)
            d:2:56: expected only what (:requirements ...) of the domain names, got a function, which needs :numeric-fluents; took it as declared
                add :numeric-fluents to (:requirements ...)
            d:3:64: in action a, :precondition: expected only what (:requirements ...) of the domain names, got a disjunction, which needs :disjunctive-preconditions; took it as declared
                add :disjunctive-preconditions to (:requirements ...)
            d:4:27: in action a, :effect: expected only what (:requirements ...) of the domain names, got `when`, which needs :conditional-effects; took it as declared
                add :conditional-effects to (:requirements ...)
            d:4:51: in action a, :effect: expected a declared function, got `total-cost`, which is not declared; declared it
                add (:functions (total-cost)) to the domain

            d:1:69: in :types: expected a new type name, got `u` for the second time; kept the first
                remove or rename one `u`
            d:1:75: in :types: expected a new type name, got `t` for the second time; kept the first
                remove or rename one `t`
            d:2:36: in :constants: expected a new constant name, got `a` for the second time; kept the first
                remove or rename one `a`
            d:2:68: in predicate p: expected a new predicate name, got `p` for the second time; kept the first
                remove or rename one `p`
            d:2:92: expected only what (:requirements ...) of the domain names, got a function, which needs :numeric-fluents; took it as declared
                add :numeric-fluents to (:requirements ...)
            d:2:96: in function f: expected a new function name, got `f` for the second time; kept the first
                remove or rename one `f`
            p:1:43: in :objects: expected a new object name, got `a` for the second time; kept the first
                remove or rename one `a`
            p:1:51: in :objects: expected a new object name, got `b` for the second time; kept the first
                remove or rename one `b`

            d:1:2: expected `define`, got `in-package`; passed over it
                remove the form; it is Lisp
            d:4:76: expected the end of the text, got `)`; passed over the rest
                no hint
            d:3:25: in derived predicate p: expected only what (:requirements ...) of the domain names, got `exists`, which needs :existential-preconditions; took it as declared
                add :existential-preconditions to (:requirements ...)
            d:4:53: in action a: expected :parameters alone, got :vars; took them for parameters
                move the variables to :parameters
            p:1:96: expected the end of the text, got `)`; passed over the rest
                no hint
            p:1:30: in :domain: expected `d`, the name of the domain, got `e`; read it with this domain all the same
                give the domain file that belongs to it
            p:1:76: in :init: expected a fact of a predicate that is not derived, got `p`, which is derived; left out the fact
                leave it out; the axioms say where it holds

            d:2:30: expected a function in parentheses, got `total-cost`; read it as a function
                write `(total-cost)`
            d:3:47: in action a, :effect: expected a function in parentheses, got `total-cost`; read it as a function
                write `(total-cost)`
            p:2:28: in :init: expected a function in parentheses, got `total-cost`; read it as a function
                write `(total-cost)`
            p:2:72: in :init: expected a declared object, got `b`, which is not declared; left out the value
                declare `b`
            p:2:82: in :init: expected facts that do not contradict each other, got the negation of another fact; kept the positive fact
                no hint
            p:2:54: in :init: expected one value of each function, got another value of the same; took the last
                no hint
            p:3:36: in :metric: expected a function in parentheses, got `total-cost`; read it as a function
                write `(total-cost)`

        "#]],
    );
}

#[test]
fn ill_typed_terms_are_taken_leniently() {
    let domain = "(define (domain d) (:requirements :typing) (:types t u) (:predicates (p ?x - t))
        (:action a :parameters (?x - object) :precondition (p ?x)))";
    let problem = "(define (problem p) (:domain d) (:objects a - u) (:init (p a)))";
    assert!(Domain::parse(domain, "d").is_err());
    let (domain, problem) = (Source::new(domain, "d"), Source::new(problem, "p"));
    let (_, problem, warnings) = read_task(domain, problem, Reading::Lenient).unwrap();
    assert_eq!((problem.init().len(), warnings.len()), (1, 2));
}

#[test]
fn warnings_end_after_a_hundred() {
    let facts: String = (0..100_000).map(|i| format!("(p x{i})")).collect();
    let domain = Domain::parse("(define (domain d) (:predicates (p ?x)))", "d").unwrap();
    let text = format!("(define (problem p) (:domain d) (:init {facts}))");
    let (problem, warnings) = Problem::parse_with(&text, "p", &domain, Reading::Lenient).unwrap();
    assert_eq!((problem.init().len(), warnings.len()), (0, 100));
}
