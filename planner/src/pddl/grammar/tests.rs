//! What each production makes of texts. `UPDATE_EXPECT=1` refreshes.

use std::fmt::Debug;

use expect_test::{Expect, expect};

use super::{
    super::lexer::{Parsed, name, variable},
    action::{action, axiom, derived},
    formula::{formula, operand},
    lists::{functions, skeleton, type_names, typed_list},
    section::{domain, problem},
};

/// Shows what a production makes of each text: the value and the rest, or the fault.
fn check<'a, T: Debug>(
    mut production: impl FnMut(&'a str) -> Parsed<'a, T>,
    texts: &[&'a str],
    expected: Expect,
) {
    let shown = texts.iter().map(|text| match production(text) {
        Ok((rest, value)) => format!("{text} => {value:?} {rest:?}\n"),
        Err(nom::Err::Error(f) | nom::Err::Failure(f)) => {
            format!("{text} => {}\n", f.locate(text, ""))
        }
        Err(nom::Err::Incomplete(_)) => format!("{text} => incomplete\n"),
    });
    expected.assert_eq(&shown.collect::<String>());
}

#[test]
fn types() {
    check(
        type_names,
        &["disk)", "(either disk peg))", "(either)", "(or a)", "?x"],
        expect![[r#"
        disk) => ["disk"] ")"
        (either disk peg)) => ["disk", "peg"] ")"
        (either) => :1:8: expected a name, got `)`
        (or a) => :1:2: expected `either`, got `or`
        ?x => :1:1: expected a type, got `?x`
    "#]],
    );
}

#[test]
fn typed_lists() {
    let texts = [")", "a b)", "a b - t c - (either t u) d)", "a - )", "- t)", "a"];
    check(
        typed_list(name),
        &texts,
        expect![[r#"
        ) => [] ""
        a b) => [Group { names: ["a", "b"], types: [] }] ""
        a b - t c - (either t u) d) => [Group { names: ["a", "b"], types: ["t"] }, Group { names: ["c"], types: ["t", "u"] }, Group { names: ["d"], types: [] }] ""
        a - ) => :1:5: expected a type, got `)`
        - t) => :1:1: expected a name, got `-`
        a => :1:2: expected a name, got the end of the text
    "#]],
    );
    check(
        typed_list(variable),
        &["?x ?y - t)", "?x y)"],
        expect![[r#"
        ?x ?y - t) => [Group { names: ["?x", "?y"], types: ["t"] }] ""
        ?x y) => :1:4: expected a variable such as ?x, got `y`
    "#]],
    );
}

#[test]
fn skeletons() {
    check(
        skeleton,
        &["(p)", "(on ?d - disk ?l)", "p", "(?x)", "(p x)"],
        expect![[r#"
        (p) => Skeleton { name: "p", parameters: [] } ""
        (on ?d - disk ?l) => Skeleton { name: "on", parameters: [Group { names: ["?d"], types: ["disk"] }, Group { names: ["?l"], types: [] }] } ""
        p => :1:1: expected `(`, got `p`
        (?x) => :1:2: expected a name, got `?x`
        (p x) => :1:4: in predicate p: expected a variable such as ?x, got `x`
    "#]],
    );
}

#[test]
fn formulas() {
    let texts = [
        "()",
        "(p)",
        "(p ?x a)",
        "(and)",
        "(AND (p) (not (q ?x)))",
        "(= ?x a)",
        "(= ?x)",
        "(not (p) (q))",
        "(or (p) (q))",
        "(imply (p) (q))",
        "(exists (?x - t ?y) (p ?x))",
        "(forall ?x (p ?x))",
        "(when (p) (q))",
        "(>= (f ?x) (+ 1 (g)))",
        "(=> a b)",
        "(increase (total-cost) 1.5)",
        "(assign ?x)",
        "(at start (p))",
        "(over all (p))",
        "(at start)",
        "(at end door)",
        "(at 5 (p))",
        "(preference p (q))",
        "(p (f ?x))",
        "(p (q))",
        "p",
    ];
    check(
        formula("a literal"),
        &texts,
        expect![[r#"
        () => And("()", []) ""
        (p) => Atom("p", []) ""
        (p ?x a) => Atom("p", ["?x", "a"]) ""
        (and) => And("(and)", []) ""
        (AND (p) (not (q ?x))) => And("(AND (p) (not (q ?x)))", [Atom("p", []), Not("(not (q ?x)))", Atom("q", ["?x"]))]) ""
        (= ?x a) => Compare("(= ?x a)", "=", [Word("?x"), Word("a")]) ""
        (= ?x) => :1:6: expected a number, an object, a variable or `(`, got `)`
        (not (p) (q)) => :1:10: expected `)`, got `(`
        (or (p) (q)) => Or("(or (p) (q))", [Atom("p", []), Atom("q", [])]) ""
        (imply (p) (q)) => Imply("(imply (p) (q))", [Atom("p", []), Atom("q", [])]) ""
        (exists (?x - t ?y) (p ?x)) => Exists("(exists (?x - t ?y) (p ?x))", [Group { names: ["?x"], types: ["t"] }, Group { names: ["?y"], types: [] }], Atom("p", ["?x"])) ""
        (forall ?x (p ?x)) => :1:9: expected `(` and variables, got `?x`
        (when (p) (q)) => When("(when (p) (q))", [Atom("p", []), Atom("q", [])]) ""
        (>= (f ?x) (+ 1 (g))) => Compare("(>= (f ?x) (+ 1 (g)))", ">=", [Call("f", [Word("?x")]), Call("+", [Word("1"), Call("g", [])])]) ""
        (=> a b) => :1:2: expected one of `=`, `<`, `<=`, `>`, `>=`, got `=>`
        (increase (total-cost) 1.5) => Assign("(increase (total-cost) 1.5)", "increase", [Call("total-cost", []), Word("1.5")]) ""
        (assign ?x) => Atom("assign", ["?x"]) ""
        (at start (p)) => Timed("(at start (p))", Start, Atom("p", [])) ""
        (over all (p)) => Timed("(over all (p))", All, Atom("p", [])) ""
        (at start) => Atom("at", ["start"]) ""
        (at end door) => Atom("at", ["end", "door"]) ""
        (at 5 (p)) => :1:2: expected what this planner knows, got `at`, which needs :timed-initial-literals
        (preference p (q)) => :1:2: expected what this planner knows, got `preference`, which needs :preferences
        (p (f ?x)) => :1:4: expected an object or a variable, got `(f`
        (p (q)) => :1:4: expected an object or a variable, got `(q`
        p => :1:1: expected a literal, got `p`
    "#]],
    );
}

#[test]
fn actions() {
    let texts = ["a)", "a :effect (p) :parameters (?x))", "a :effect (p)", ":effect (p))", "a p)"];
    check(
        |text| action(text, false),
        &texts,
        expect![[r#"
        a) => ActionText { name: "a", parameters: None, vars: None, duration: None, condition: None, effect: None } ""
        a :effect (p) :parameters (?x)) => ActionText { name: "a", parameters: Some([Group { names: ["?x"], types: [] }]), vars: None, duration: None, condition: None, effect: Some(Atom("p", [])) } ""
        a :effect (p) => :1:14: in action a: expected :parameters, :precondition, :effect or `)`, got the end of the text
        :effect (p)) => :1:1: in an action: expected a name, got `:effect`
        a p) => :1:3: in action a: expected :parameters, :precondition, :effect or `)`, got `p`
    "#]],
    );
}

#[test]
fn whole_texts() {
    let texts = ["(define (domain d))", "(define (domain d) (:types t) (:action a)) ; end"];
    check(
        domain,
        &texts,
        expect![[r#"
        (define (domain d)) => DomainText { name: "d", requirements: None, types: None, constants: None, predicates: None, functions: None, actions: [], derived: [], oddities: [] } ""
        (define (domain d) (:types t) (:action a)) ; end => DomainText { name: "d", requirements: None, types: Some([Group { names: ["t"], types: [] }]), constants: None, predicates: None, functions: None, actions: [(false, ActionText { name: "a", parameters: None, vars: None, duration: None, condition: None, effect: None })], derived: [], oddities: [] } ""
    "#]],
    );
    let texts = ["(define (problem p) (:goal (q)) (:domain d))", "(define (problem))"];
    check(
        problem,
        &texts,
        expect![[r#"
        (define (problem p) (:goal (q)) (:domain d)) => ProblemText { name: "p", domain: Some("d"), requirements: None, objects: None, init: None, goal: Some(Atom("q", [])), metric: None, oddities: [] } ""
        (define (problem)) => :1:17: expected a name, got `)`
    "#]],
    );
}

#[test]
fn durative_actions() {
    check(
        |text| action(text, true),
        &["a :duration (= ?duration 5) :condition (over all (p)))", "a :precondition (p))"],
        expect![[r#"
            a :duration (= ?duration 5) :condition (over all (p))) => ActionText { name: "a", parameters: None, vars: None, duration: Some(Compare("(= ?duration 5) :condition (over all (p)))", "=", [Word("?duration"), Word("5")])), condition: Some(Timed("(over all (p)))", All, Atom("p", []))), effect: None } ""
            a :precondition (p)) => :1:3: in action a: expected :parameters, :duration, :condition, :effect or `)`, got `:precondition`
        "#]],
    );
}

#[test]
fn derived_predicates() {
    check(
        derived,
        &["(p ?x - t) (q ?x))", "(p ?x))"],
        expect![[r#"
        (p ?x - t) (q ?x)) => DerivedText { head: Skeleton { name: "p", parameters: [Group { names: ["?x"], types: ["t"] }] }, body: Atom("q", ["?x"]) } ""
        (p ?x)) => :1:7: in derived predicate p: expected a condition, got `)`
    "#]],
    );
    check(
        axiom,
        &[":vars (?x ?y - t) :context (q ?x ?y) :implies (p ?x))", ":vars (?x) :context (q ?x))"],
        expect![[r#"
            :vars (?x ?y - t) :context (q ?x ?y) :implies (p ?x)) => DerivedText { head: Skeleton { name: "p", parameters: [Group { names: ["?x"], types: ["t"] }] }, body: Exists(":vars (?x ?y - t) :context (q ?x ?y) :implies (p ?x))", [Group { names: ["?y"], types: ["t"] }], Atom("q", ["?x", "?y"])) } ""
            :vars (?x) :context (q ?x)) => :1:27: in :axiom: expected :implies and an atom, got `)`
        "#]],
    );
}

#[test]
fn function_lists() {
    check(
        functions,
        &["(f ?x - t) (g) - number (h))", "total-cost - number)", "- number)", ")"],
        expect![[r#"
            (f ?x - t) (g) - number (h)) => ([FunctionGroup { skeletons: [Skeleton { name: "f", parameters: [Group { names: ["?x"], types: ["t"] }] }, Skeleton { name: "g", parameters: [] }], value: Some("number") }, FunctionGroup { skeletons: [Skeleton { name: "h", parameters: [] }], value: None }], []) ""
            total-cost - number) => ([FunctionGroup { skeletons: [Skeleton { name: "total-cost", parameters: [] }], value: Some("number") }], [(Fault { at: "total-cost", expected: "a function in parentheses", details: Some(Details { context: "", got: "", hint: "write `(total-cost)`" }) }, "read it as a function")]) ""
            - number) => :1:1: expected a function such as (cost ?x), got `-`
            ) => ([], []) ""
        "#]],
    );
}

#[test]
fn operands() {
    check(
        |text| operand(text, 0),
        &["3", "-0.5", "?duration", "#t", "(- (f a) 1)", "(f (g))", "()", "(", ")"],
        expect![[r##"
            3 => Word("3") ""
            -0.5 => Word("-0.5") ""
            ?duration => Word("?duration") ""
            #t => Word("#t") ""
            (- (f a) 1) => Call("-", [Call("f", [Word("a")]), Word("1")]) ""
            (f (g)) => Call("f", [Call("g", [])]) ""
            () => :1:2: expected a function or one of `+`, `-`, `*`, `/`, got `)`
            ( => :1:2: expected a function or one of `+`, `-`, `*`, `/`, got the end of the text
            ) => :1:1: expected a number, an object, a variable or `(`, got `)`
        "##]],
    );
}
