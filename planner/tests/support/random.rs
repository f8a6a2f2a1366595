//! Small random domains and problems as text, drawn from a string of bytes so that proptest can
//! shrink them.

use ergon_planner::{Domain, Problem};
use ergon_vocab::Literal;

use super::brute;

/// Draws numbers from bytes; zeros when they are used up.
pub struct Dice<'a>(pub &'a [u8]);

impl Dice<'_> {
    /// A number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        let (&first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        usize::from(first) % sides
    }
}

const TYPES: [&str; 3] = ["object", "box", "crate"];

/// Types that fit a parameter of the type, by index.
fn subtypes(kind: usize) -> &'static [usize] {
    [&[0, 1, 2][..], &[1, 2], &[2]][kind]
}

struct Predicate {
    name: String,
    types: Vec<usize>,
}

/// A random domain and problem: `box` is an `object`, `crate` a `box`.
pub fn text(bytes: &[u8]) -> (String, String) {
    let mut dice = Dice(bytes);
    let predicates: Vec<Predicate> = (0..1 + dice.roll(4))
        .map(|i| Predicate {
            name: format!("p{i}"),
            types: (0..dice.roll(3)).map(|_| dice.roll(3)).collect(),
        })
        .collect();
    let objects: Vec<(String, usize)> =
        (0..2 + dice.roll(3)).map(|i| (format!("o{i}"), dice.roll(3))).collect();
    let constants = dice.roll(2).min(objects.len());
    let domain = domain_text(&mut dice, &predicates, &objects[..constants]);
    let mut problem = String::from("(define (problem q) (:domain random)\n(:objects");
    for (name, kind) in &objects[constants..] {
        problem.push_str(&format!(" {name} - {}", TYPES[*kind]));
    }
    problem.push_str(")\n(:init");
    for _ in 0..dice.roll(6) {
        problem.push_str(&atom(&mut dice, &predicates, &objects).unwrap_or_default());
    }
    problem.push_str(")\n(:goal (and");
    for _ in 0..1 + dice.roll(3) {
        if let Some(atom) = atom(&mut dice, &predicates, &objects) {
            problem.push_str(&maybe_negated(&mut dice, atom));
        }
    }
    problem.push_str(")))\n");
    (domain, problem)
}

fn domain_text(
    dice: &mut Dice<'_>,
    predicates: &[Predicate],
    constants: &[(String, usize)],
) -> String {
    let mut text = String::from(
        "(define (domain random)\n(:requirements :typing :negative-preconditions :equality)\n\
         (:types box - object crate - box)\n(:constants",
    );
    for (name, kind) in constants {
        text.push_str(&format!(" {name} - {}", TYPES[*kind]));
    }
    text.push_str(")\n(:predicates");
    for predicate in predicates {
        text.push_str(&format!(" ({}", predicate.name));
        predicate.types.iter().for_each(|&t| text.push_str(&format!(" ?x - {}", TYPES[t])));
        text.push(')');
    }
    text.push(')');
    for action in 0..2 + dice.roll(4) {
        let parameters: Vec<(String, usize)> =
            (0..dice.roll(4)).map(|i| (format!("?v{i}"), dice.roll(3))).collect();
        text.push_str(&format!("\n(:action a{action} :parameters ("));
        for (name, kind) in &parameters {
            text.push_str(&format!(" {name} - {}", TYPES[*kind]));
        }
        let terms: Vec<(String, usize)> = [&parameters[..], constants].concat();
        text.push_str(")\n:precondition (and");
        for _ in 0..dice.roll(3) {
            let condition = match dice.roll(5) {
                0 if !terms.is_empty() => {
                    let side = |dice: &mut Dice<'_>| terms[dice.roll(terms.len())].0.clone();
                    Some(format!("(= {} {})", side(dice), side(dice)))
                }
                _ => atom(dice, predicates, &terms),
            };
            if let Some(condition) = condition {
                text.push_str(&maybe_negated(dice, condition));
            }
        }
        text.push_str(")\n:effect (and");
        for _ in 0..1 + dice.roll(3) {
            if let Some(atom) = atom(dice, predicates, &terms) {
                text.push_str(&maybe_negated(dice, atom));
            }
        }
        text.push_str("))");
    }
    text + ")\n"
}

fn maybe_negated(dice: &mut Dice<'_>, text: String) -> String {
    if dice.roll(3) == 0 { format!(" (not {text})") } else { format!(" {text}") }
}

/// A random well-typed atom over the terms, if the drawn predicate has one.
fn atom(
    dice: &mut Dice<'_>,
    predicates: &[Predicate],
    terms: &[(String, usize)],
) -> Option<String> {
    let predicate = &predicates[dice.roll(predicates.len())];
    let mut text = format!("({}", predicate.name);
    for &kind in &predicate.types {
        let fitting: Vec<&String> =
            terms.iter().filter(|(_, t)| subtypes(kind).contains(t)).map(|(n, _)| n).collect();
        if fitting.is_empty() {
            return None;
        }
        text.push_str(&format!(" {}", fitting[dice.roll(fitting.len())]));
    }
    Some(text + ")")
}

/// A random problem. The goal of most describes where a random walk ended, so that there is a plan
/// and it is not too short.
pub fn problem(bytes: &[u8]) -> Problem {
    let (walk, rest) = bytes.split_at(bytes.len().min(24));
    let problem = read(rest);
    let mut dice = Dice(walk);
    if dice.roll(4) == 0 {
        return problem;
    }
    let mut state = problem.init().clone();
    for _ in 0..dice.roll(16) {
        let mut next = brute::successors(&problem, &state);
        next.retain(|(_, after)| *after != state);
        if next.is_empty() {
            break;
        }
        state = next.swap_remove(dice.roll(next.len())).1;
    }
    let changed = state.symmetric_difference(problem.init()).cloned();
    let literal = |atom| Literal { positive: state.contains(&atom), atom };
    let goal = changed.filter(|_| dice.roll(4) > 0).map(literal).collect();
    problem.with_goal(goal).expect("the atoms are the problem's own")
}

fn read(bytes: &[u8]) -> Problem {
    let (domain, problem) = text(bytes);
    let domain = Domain::parse(&domain, "domain").unwrap_or_else(|e| panic!("{e}\n{domain}"));
    Problem::parse(&problem, "problem", &domain).unwrap_or_else(|e| panic!("{e}\n{problem}"))
}
