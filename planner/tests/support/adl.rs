//! Small random domains and problems with all that a lifted model may have, as text, drawn from a
//! string of bytes so that proptest can shrink them.

use ergon_planner::{Domain, Problem};
use ergon_vocab::{Literal, State};

use super::{
    brute::{self, Judge, World},
    random::Dice,
};

/// Basic predicates with their arities.
const BASIC: [(&str, usize); 5] = [("p", 1), ("q", 1), ("r", 2), ("s", 0), ("fixed", 2)];

/// Derived predicates in the order of their strata.
const DERIVED: [(&str, usize); 3] = [("d", 1), ("e", 2), ("g", 0)];

/// What a random formula may speak of.
#[derive(Clone)]
struct Scope {
    terms: Vec<String>,
    /// How many of the derived predicates it may use.
    derived: usize,
    /// Whether it may use the last of those positively, as part of its own definition.
    own: bool,
    numbers: bool,
}

impl Scope {
    fn with(&self, variable: &str) -> Self {
        let mut scope = self.clone();
        scope.terms.push(variable.to_owned());
        scope
    }
}

fn atom(dice: &mut Dice<'_>, (name, arity): (&str, usize), terms: &[String]) -> Option<String> {
    if terms.is_empty() && arity > 0 {
        return None;
    }
    let mut text = format!("({name}");
    for _ in 0..arity {
        text.push_str(&format!(" {}", terms[dice.roll(terms.len())]));
    }
    Some(text + ")")
}

fn expression(dice: &mut Dice<'_>, terms: &[String], depth: usize) -> String {
    match dice.roll(if depth == 0 { 4 } else { 7 }) {
        0 => dice.roll(4).to_string(),
        1 => "(n)".into(),
        2 => atom(dice, ("m", 1), terms).unwrap_or("1".into()),
        3 => atom(dice, ("c", 1), terms).unwrap_or("2".into()),
        other => {
            let sign = ["+", "-", "*"][other - 4];
            let a = expression(dice, terms, depth - 1);
            format!("({sign} {a} {})", expression(dice, terms, depth - 1))
        }
    }
}

fn formula(dice: &mut Dice<'_>, scope: &Scope, depth: usize, positive: bool) -> String {
    let part = |dice: &mut Dice<'_>, scope: &Scope, positive| {
        formula(dice, scope, depth.saturating_sub(1), positive)
    };
    let variable = format!("?q{}", scope.terms.len());
    let kind = ["a", "b", "object"][dice.roll(3)];
    match dice.roll(if depth == 0 { 7 } else { 13 }) {
        4 if scope.numbers && dice.roll(2) == 0 => {
            let sign = ["<", ">=", ">"][dice.roll(3)];
            format!("({sign} (n) {})", expression(dice, &scope.terms, 1))
        }
        0 => {
            let literal = atom(dice, ("fixed", 2), &scope.terms);
            literal.unwrap_or("(and)".into())
        }
        1 => {
            let side = |dice: &mut Dice<'_>| scope.terms.get(dice.roll(scope.terms.len().max(1)));
            match (side(dice), side(dice)) {
                (Some(a), Some(b)) => format!("(= {a} {b})"),
                _ => "(or)".into(),
            }
        }
        2 if scope.numbers => {
            let sign = ["<", "<=", "=", ">=", ">"][dice.roll(5)];
            let a = expression(dice, &scope.terms, 1);
            format!("({sign} {a} {})", expression(dice, &scope.terms, 1))
        }
        3 if scope.derived > 0 => {
            let index = dice.roll(scope.derived);
            let recursive = scope.own && index + 1 == scope.derived;
            match atom(dice, DERIVED[index], &scope.terms) {
                Some(atom) if !recursive || positive => atom,
                _ => "(s)".into(),
            }
        }
        7 => format!("(and {} {})", part(dice, scope, positive), part(dice, scope, positive)),
        8 => format!("(or {} {})", part(dice, scope, positive), part(dice, scope, positive)),
        9 => format!("(not {})", part(dice, scope, !positive)),
        10 => format!("(imply {} {})", part(dice, scope, !positive), part(dice, scope, positive)),
        11 => {
            let inner = part(dice, &scope.with(&variable), positive);
            format!("(exists ({variable} - {kind}) {inner})")
        }
        12 => {
            let inner = part(dice, &scope.with(&variable), positive);
            format!("(forall ({variable} - {kind}) {inner})")
        }
        _ => {
            let predicate = BASIC[dice.roll(4)];
            let text = atom(dice, predicate, &scope.terms).unwrap_or("(s)".into());
            if dice.roll(3) == 0 { format!("(not {text})") } else { text }
        }
    }
}

fn effect(dice: &mut Dice<'_>, scope: &Scope, depth: usize) -> String {
    let variable = format!("?q{}", scope.terms.len());
    let kind = ["a", "b", "object"][dice.roll(3)];
    match dice.roll(if depth == 0 { 5 } else { 8 }) {
        0 | 1 => {
            let predicate = BASIC[dice.roll(4)];
            atom(dice, predicate, &scope.terms).unwrap_or("(s)".into())
        }
        2 | 3 => {
            let predicate = BASIC[dice.roll(4)];
            let text = atom(dice, predicate, &scope.terms).unwrap_or("(s)".into());
            format!("(not {text})")
        }
        4 if scope.numbers => {
            let word = ["assign", "increase", "decrease"][dice.roll(3)];
            let target = match dice.roll(2) {
                0 => "(n)".into(),
                _ => atom(dice, ("m", 1), &scope.terms).unwrap_or("(n)".into()),
            };
            format!("({word} {target} {})", expression(dice, &scope.terms, 1))
        }
        5 => {
            let inner = effect(dice, &scope.with(&variable), depth - 1);
            format!("(forall ({variable} - {kind}) {inner})")
        }
        6 | 7 => {
            let condition = formula(dice, scope, 1, true);
            format!("(when {condition} {})", effect(dice, scope, depth - 1))
        }
        _ => "(and)".into(),
    }
}

/// What a domain has.
#[derive(Clone, Copy)]
struct Parts {
    derived: usize,
    numbers: bool,
    costs: bool,
}

/// An action that takes one atom for another, and perhaps does more.
fn exchange(dice: &mut Dice<'_>, action: usize, parts: Parts) -> String {
    let Parts { derived, numbers, costs } = parts;
    let terms = ["?x", "?y", "?z", "k"].map(String::from).to_vec();
    let scope = Scope { terms, derived, own: false, numbers };
    let (needed, rest) = [
        ("(r ?x ?y)", "(not (r ?x ?y)) (r ?x ?z)"),
        ("(r ?x ?y)", "(not (r ?x ?y)) (p ?x)"),
        ("(p ?x)", "(not (p ?x)) (r ?x ?y)"),
        ("(p ?x)", "(not (p ?x)) (p ?y)"),
        ("(p ?x)", "(q ?y) (forall (?o - object) (when (q ?o) (not (q ?o))))"),
        ("(fixed ?x ?y)", "(forall (?o - object) (when (r ?x ?o) (and (not (r ?x ?o)) (p ?x))))"),
        ("(and)", "(when (s) (not (s))) (when (not (s)) (s))"),
        ("(q ?x)", "(when (q ?x) (not (q ?x))) (q ?y)"),
        ("(q ?x)", if numbers { "(increase (n) 1) (p ?y)" } else { "(not (q ?x)) (s)" }),
        ("(not (s))", if numbers { "(decrease (m ?x) (n)) (p ?x)" } else { "(p ?x)" }),
        ("(p ?x)", "(when (s) (not (p ?x))) (p ?y)"),
        ("(p ?x)", "(when (q ?x) (and (not (p ?x)) (p ?y)))"),
        ("(r ?x ?y)", "(when (s) (not (r ?x ?y))) (r ?x ?z)"),
        ("(r ?x ?y)", "(not (r ?x ?y)) (when (s) (r ?x ?z)) (when (not (s)) (r ?x ?x))"),
        ("(and)", "(forall (?o - object) (when (r ?x ?o) (not (r ?x ?o)))) (r ?x ?y)"),
    ][dice.roll(15)];
    let more = if dice.roll(2) == 0 { formula(dice, &scope, 2, true) } else { "(and)".into() };
    let also = if dice.roll(3) == 0 { effect(dice, &scope, 2) } else { "(and)".into() };
    let cost = if costs { ["", "(increase (total-cost) (c ?x))"][dice.roll(2)] } else { "" };
    format!(
        "\n(:action act{action} :parameters (?x ?y ?z - object)\n:precondition (and {needed} {more})\n\
         :effect (and {rest} {also} {cost}))"
    )
}

/// A random domain and problem. The metric, if there is one, is `total-cost`.
pub fn text(bytes: &[u8]) -> (String, String) {
    let mut dice = Dice(bytes);
    let dice = &mut dice;
    let numbers = dice.roll(2) == 0;
    let derived = dice.roll(DERIVED.len() + 1);
    let costs = dice.roll(2) == 0;
    let mut domain = String::from(
        "(define (domain adl)\n(:requirements :adl :derived-predicates :numeric-fluents :action-costs)\n\
         (:types a b)\n(:constants k - a)\n(:predicates",
    );
    for (name, arity) in BASIC.iter().chain(&DERIVED[..derived]) {
        domain.push_str(&format!(" ({name}{})", [" ?x", " ?y"][..*arity].concat()));
    }
    domain.push_str(")\n(:functions (n) (m ?x) (c ?x) (total-cost))");
    for (index, &(name, arity)) in DERIVED.iter().enumerate().take(derived) {
        let terms: Vec<String> = ["?x", "?y"][..arity].iter().map(|s| (*s).into()).collect();
        for _ in 0..1 + dice.roll(2) {
            let scope = Scope { terms: terms.clone(), derived: index + 1, own: true, numbers };
            let body = formula(dice, &scope, 3, true);
            domain.push_str(&format!("\n(:derived ({name} {}) {body})", terms.join(" ")));
        }
    }
    for action in 0..2 + dice.roll(3) {
        if dice.roll(3) > 0 {
            domain.push_str(&exchange(dice, action, Parts { derived, numbers, costs }));
            continue;
        }
        let arity = dice.roll(3);
        let mut terms: Vec<String> = (0..arity).map(|i| format!("?v{i}")).collect();
        let typed: Vec<String> =
            terms.iter().map(|t| format!("{t} - {}", ["a", "b", "object"][dice.roll(3)])).collect();
        terms.push("k".into());
        let scope = Scope { terms, derived, own: false, numbers };
        domain.push_str(&format!("\n(:action act{action} :parameters ({})", typed.join(" ")));
        let depth = dice.roll(4);
        domain.push_str(&format!("\n:precondition {}", formula(dice, &scope, depth, true)));
        domain.push_str("\n:effect (and");
        for _ in 0..1 + dice.roll(3) {
            domain.push_str(&format!(" {}", effect(dice, &scope, 2)));
        }
        if costs {
            let cost = ["1", "2", "0.5", "(c k)"][dice.roll(4)];
            domain.push_str(&format!(" (increase (total-cost) {cost})"));
        }
        domain.push_str("))");
    }
    domain.push_str(")\n");
    let problem = problem_text(dice, Parts { derived, numbers, costs });
    (domain, problem)
}

fn problem_text(dice: &mut Dice<'_>, parts: Parts) -> String {
    let Parts { derived, numbers, costs } = parts;
    let mut objects = vec!["k".to_owned()];
    let mut text = String::from("(define (problem q) (:domain adl)\n(:objects");
    for i in 0..1 + dice.roll(3) {
        text.push_str(&format!(" o{i} - {}", ["a", "b"][dice.roll(2)]));
        objects.push(format!("o{i}"));
    }
    text.push_str(")\n(:init (= (total-cost) 0)");
    let mut given: Vec<String> = vec![];
    for _ in 0..2 + dice.roll(8) {
        let predicate = BASIC[dice.roll(BASIC.len())];
        given.extend(atom(dice, predicate, &objects));
    }
    given.sort();
    given.dedup();
    text.push_str(&given.concat());
    if dice.roll(4) > 0 {
        text.push_str(&format!(" (= (n) {})", dice.roll(3)));
    }
    for object in &objects {
        if dice.roll(4) > 0 {
            text.push_str(&format!(" (= (m {object}) {})", dice.roll(3)));
        }
        if dice.roll(8) > 0 || object == "k" {
            text.push_str(&format!(" (= (c {object}) {})", dice.roll(3)));
        }
    }
    let scope = Scope { terms: objects, derived, own: false, numbers };
    let goal = formula(dice, &scope, 2, true);
    let more = formula(dice, &scope, 1, true);
    text.push_str(&format!(")\n(:goal (and {goal} {more}))"));
    if costs {
        text.push_str("\n(:metric minimize (total-cost))");
    }
    text + ")\n"
}

/// A random problem. The goal of most describes where a random walk ended.
pub fn problem(bytes: &[u8]) -> Problem {
    let (walk, rest) = bytes.split_at(bytes.len().min(24));
    let (domain, problem) = text(rest);
    let domain = Domain::parse(&domain, "domain").unwrap_or_else(|e| panic!("{e}\n{domain}"));
    let problem =
        Problem::parse(&problem, "problem", &domain).unwrap_or_else(|e| panic!("{e}\n{problem}"));
    let mut dice = Dice(walk);
    if dice.roll(4) == 0 {
        return problem;
    }
    let mut world = World::of(&problem);
    let mut mentioned: State = Judge::new(&problem, &world).facts;
    let trivial = Judge::new(&problem, &world).holds(problem.goal(), &[]);
    for _ in 0..dice.roll(12) {
        let mut next = brute::steps(&problem, &world);
        next.retain(|(_, after)| *after != world);
        if next.is_empty() {
            break;
        }
        world = next.swap_remove(dice.roll(next.len())).1;
        let judge = Judge::new(&problem, &world);
        if !trivial && judge.holds(problem.goal(), &[]) {
            return problem;
        }
        mentioned.extend(judge.facts);
    }
    let facts = Judge::new(&problem, &world).facts;
    let literal = |atom| Literal { positive: facts.contains(&atom), atom };
    let goal = mentioned.into_iter().filter(|_| dice.roll(3) > 0).map(literal).collect();
    problem.with_goal(goal).expect("the atoms are the problem's own")
}
