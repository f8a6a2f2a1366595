//! Queries: the bindings of variables that make formulas true, found by backtracking over the facts.
//!
//! Of the formulas still to be made true the one with the fewest ways is taken first, so that facts
//! bind variables and objects are tried blindly only where nothing else binds them.

use std::ops::Bound;

use ergon_vocab::{ObjectId, TypeId};

use super::world::{Extension, World};
use crate::model::{Expression, Formula, LiftedAtom, Term, Variable};

/// Stands for no object.
const UNBOUND: ObjectId = ObjectId(u32::MAX);

/// A formula to be made true, or false.
#[derive(Clone, Copy)]
pub(super) struct Goal<'f> {
    pub(super) formula: &'f Formula,
    pub(super) positive: bool,
}

/// The variables in scope, with their values and types, by index.
pub(super) struct Frame<'f> {
    pub(super) binding: Vec<ObjectId>,
    types: Vec<&'f [TypeId]>,
    /// The variables from here on are to be bound in the end; those before are left to goals that
    /// come later.
    base: usize,
    /// This occurrence of an atom is to be read from this extension.
    pub(super) delta: Option<(&'f LiftedAtom, &'f Extension)>,
}

impl<'f> Frame<'f> {
    /// The variables in scope are bound, or of no account.
    pub(super) fn new(binding: &[ObjectId]) -> Self {
        let base = binding.len();
        Self { binding: binding.to_vec(), types: vec![&[]; base], base, delta: None }
    }

    /// Puts unbound variables into scope.
    pub(super) fn open(&mut self, variables: &'f [Variable]) {
        self.open_types(variables.iter().map(|v| &v.types[..]));
    }

    pub(super) fn open_types(&mut self, types: impl Iterator<Item = &'f [TypeId]>) {
        self.types.extend(types);
        self.binding.resize(self.types.len(), UNBOUND);
    }

    fn value(&self, term: Term) -> ObjectId {
        term.value(&self.binding)
    }

    /// An unbound variable of the formula that is not quantified in it.
    fn unbound_in(&self, formula: &Formula) -> Option<usize> {
        let known = self.binding.len();
        let term = |t: &Term| match *t {
            Term::Variable(i) if (i as usize) < known && self.value(*t) == UNBOUND => {
                Some(i as usize)
            }
            _ => None,
        };
        match formula {
            Formula::And(parts) | Formula::Or(parts) => {
                parts.iter().find_map(|part| self.unbound_in(part))
            }
            Formula::Not(inner) => self.unbound_in(inner),
            Formula::Imply(a, b) => self.unbound_in(a).or_else(|| self.unbound_in(b)),
            Formula::Exists(_, body) | Formula::Forall(_, body) => self.unbound_in(body),
            Formula::Atom(atom) => atom.terms.iter().find_map(term),
            Formula::Equal(a, b) => term(a).or_else(|| term(b)),
            Formula::Compare(_, a, b) => {
                let mut found = None;
                for side in [a, b] {
                    each_term(side, &mut |t| found = found.or_else(|| term(t)));
                }
                found
            }
        }
    }

    fn has_delta(&self, formula: &Formula) -> bool {
        self.delta.is_some_and(|(atom, _)| contains(formula, atom))
    }
}

/// Calls back with each term of an expression.
pub(super) fn each_term(expression: &Expression, f: &mut impl FnMut(&Term)) {
    match expression {
        Expression::Fluent(fluent) => fluent.terms.iter().for_each(f),
        Expression::Number(_) | Expression::Duration | Expression::TotalTime => {}
        Expression::Negation(a) => each_term(a, f),
        Expression::Sum(parts) | Expression::Product(parts) => {
            parts.iter().for_each(|part| each_term(part, f));
        }
        Expression::Difference(a, b) | Expression::Quotient(a, b) => {
            each_term(a, f);
            each_term(b, f);
        }
    }
}

/// Whether this very occurrence of an atom stands in the formula.
fn contains(formula: &Formula, atom: &LiftedAtom) -> bool {
    match formula {
        Formula::And(parts) | Formula::Or(parts) => parts.iter().any(|part| contains(part, atom)),
        Formula::Not(inner) | Formula::Exists(_, inner) | Formula::Forall(_, inner) => {
            contains(inner, atom)
        }
        Formula::Imply(a, b) => contains(a, atom) || contains(b, atom),
        Formula::Atom(other) => std::ptr::eq(other, atom),
        Formula::Equal(..) | Formula::Compare(..) => false,
    }
}

/// What to do about a goal.
enum Move<'f> {
    /// All of these instead.
    All(Vec<Goal<'f>>),
    /// One of these instead.
    Any(Vec<Goal<'f>>),
    /// This instead, with more variables in scope.
    Some(&'f [Variable], Goal<'f>),
    /// It is true or not.
    Check,
    /// The extension of the atom says which values its variables may have.
    Match(&'f LiftedAtom),
    /// The variable has the value of the other term.
    Unify(usize, ObjectId),
    /// The values of this variable are to be tried.
    Try(usize),
}

fn next_move<'f>(goal: Goal<'f>, frame: &Frame<'f>) -> Move<'f> {
    let positive = goal.positive;
    let to = |formula: &'f Formula, positive| Goal { formula, positive };
    let all = |parts: &'f [Formula]| parts.iter().map(|part| to(part, positive)).collect();
    let unbound = frame.unbound_in(goal.formula);
    if unbound.is_none() && !frame.has_delta(goal.formula) {
        return Move::Check;
    }
    match (goal.formula, positive) {
        (Formula::And(parts), true) | (Formula::Or(parts), false) => Move::All(all(parts)),
        (Formula::Or(parts), true) | (Formula::And(parts), false) => Move::Any(all(parts)),
        (Formula::Not(inner), _) => Move::All(vec![to(inner, !positive)]),
        (Formula::Imply(a, b), true) => Move::Any(vec![to(a, false), to(b, true)]),
        (Formula::Imply(a, b), false) => Move::All(vec![to(a, true), to(b, false)]),
        (Formula::Exists(variables, body), true) | (Formula::Forall(variables, body), false) => {
            Move::Some(variables, to(body, positive))
        }
        (Formula::Atom(atom), true) => Move::Match(atom),
        (Formula::Equal(a, b), true) => match (*a, *b, frame.value(*a), frame.value(*b)) {
            (Term::Variable(i), _, UNBOUND, value) if value != UNBOUND => {
                Move::Unify(i as usize, value)
            }
            (_, Term::Variable(i), value, UNBOUND) if value != UNBOUND => {
                Move::Unify(i as usize, value)
            }
            _ => unbound.map_or(Move::Check, Move::Try),
        },
        _ => unbound.map_or(Move::Check, Move::Try),
    }
}

/// How many ways a move opens, by rough guess; the least is taken first.
fn rank(step: &Move<'_>, goal: Goal<'_>, world: &World<'_>, frame: &Frame<'_>) -> usize {
    match step {
        Move::Check | Move::All(_) | Move::Unify(..) => 0,
        _ if frame.has_delta(goal.formula) => 1,
        Move::Match(atom) => {
            let unbound = atom.terms.iter().filter(|t| frame.value(**t) == UNBOUND).count();
            let size = world.facts[atom.predicate.index()].len();
            2 + match unbound < atom.terms.len() {
                true => size.isqrt(),
                false => size,
            }
        }
        Move::Some(..) => usize::MAX / 4,
        Move::Any(_) => usize::MAX / 2,
        Move::Try(_) => usize::MAX,
    }
}

/// Calls back with each binding that reaches all goals, until told to stop by `true`. The result
/// says whether it was.
pub(super) fn solve<'f>(
    world: &World<'_>,
    mut goals: Vec<Goal<'f>>,
    frame: &mut Frame<'f>,
    found: &mut dyn FnMut(&mut Frame<'f>) -> bool,
) -> bool {
    loop {
        let ranked = goals.iter().enumerate().map(|(i, &goal)| {
            let step = next_move(goal, frame);
            (rank(&step, goal, world, frame), i, step)
        });
        let Some((_, index, step)) = ranked.min_by_key(|(rank, ..)| *rank) else {
            let free = (frame.base..frame.binding.len()).find(|&i| frame.binding[i] == UNBOUND);
            return match free {
                None => found(frame),
                Some(variable) => try_values(world, variable, &goals, frame, found),
            };
        };
        let goal = match step {
            Move::Try(_) => goals[index],
            _ => goals.swap_remove(index),
        };
        match step {
            Move::Check if world.holds(goal.formula, &frame.binding) == goal.positive => {}
            Move::Check => return false,
            Move::All(parts) => goals.extend(parts),
            Move::Unify(variable, value) => {
                return assign(world, &[(variable, value)], &goals, frame, found);
            }
            Move::Try(variable) => return try_values(world, variable, &goals, frame, found),
            Move::Match(atom) => return match_facts(world, atom, &goals, frame, found),
            Move::Any(parts) => {
                let only = parts.iter().position(|part| frame.has_delta(part.formula));
                let parts = only.map_or(&parts[..], |i| &parts[i..=i]);
                return parts.iter().any(|&part| {
                    let goals = [&goals[..], &[part]].concat();
                    solve(world, goals, frame, found)
                });
            }
            Move::Some(variables, body) => {
                return with_variables(world, (variables, body), &goals, frame, found);
            }
        }
    }
}

/// Binds variables, goes on, and takes the bindings back.
fn assign<'f>(
    world: &World<'_>,
    values: &[(usize, ObjectId)],
    goals: &[Goal<'f>],
    frame: &mut Frame<'f>,
    found: &mut dyn FnMut(&mut Frame<'f>) -> bool,
) -> bool {
    let fits = |&(i, value): &(usize, ObjectId)| world.symbols.fits(value, frame.types[i]);
    if !values.iter().all(fits) {
        return false;
    }
    values.iter().for_each(|&(i, value)| frame.binding[i] = value);
    let stop = solve(world, goals.to_vec(), frame, found);
    values.iter().for_each(|&(i, _)| frame.binding[i] = UNBOUND);
    stop
}

fn try_values<'f>(
    world: &World<'_>,
    variable: usize,
    goals: &[Goal<'f>],
    frame: &mut Frame<'f>,
    found: &mut dyn FnMut(&mut Frame<'f>) -> bool,
) -> bool {
    let values = world.domain(frame.types[variable]);
    values.into_iter().any(|value| assign(world, &[(variable, value)], goals, frame, found))
}

fn match_facts<'f>(
    world: &World<'_>,
    atom: &'f LiftedAtom,
    goals: &[Goal<'f>],
    frame: &mut Frame<'f>,
    found: &mut dyn FnMut(&mut Frame<'f>) -> bool,
) -> bool {
    let delta = frame.delta.filter(|(occurrence, _)| std::ptr::eq(*occurrence, atom));
    let extension = delta.map_or(&world.facts[atom.predicate.index()], |(_, extension)| extension);
    let wanted: Vec<ObjectId> = atom.terms.iter().map(|&t| frame.value(t)).collect();
    // Facts are in order, so those with the bound arguments in front stand together.
    let prefix: &[ObjectId] = wanted.split(|&o| o == UNBOUND).next().unwrap_or_default();
    let from: (Bound<&[ObjectId]>, Bound<&[ObjectId]>) =
        (Bound::Included(prefix), Bound::Unbounded);
    // What was delta is ordinary from here on.
    let restricted = frame.delta;
    if delta.is_some() {
        frame.delta = None;
    }
    let mut stop = false;
    for args in extension.range::<[ObjectId], _>(from) {
        if !args.starts_with(prefix) {
            break;
        }
        if let Some(values) = unify(atom, &wanted, args)
            && assign(world, &values, goals, frame, found)
        {
            stop = true;
            break;
        }
    }
    frame.delta = restricted;
    stop
}

/// The values of the unbound variables of an atom that make it the given fact.
fn unify(
    atom: &LiftedAtom,
    wanted: &[ObjectId],
    args: &[ObjectId],
) -> Option<Vec<(usize, ObjectId)>> {
    let mut values: Vec<(usize, ObjectId)> = vec![];
    for ((&term, &wanted), &arg) in atom.terms.iter().zip(wanted).zip(args) {
        match term {
            Term::Variable(i) if wanted == UNBOUND => {
                match values.iter().find(|(variable, _)| *variable == i as usize) {
                    Some(&(_, value)) if value != arg => return None,
                    Some(_) => {}
                    None => values.push((i as usize, arg)),
                }
            }
            _ if wanted == arg => {}
            _ => return None,
        }
    }
    Some(values)
}

/// Solves the body over more variables, which are out of scope again for the other goals.
fn with_variables<'f>(
    world: &World<'_>,
    (variables, body): (&'f [Variable], Goal<'f>),
    goals: &[Goal<'f>],
    frame: &mut Frame<'f>,
    found: &mut dyn FnMut(&mut Frame<'f>) -> bool,
) -> bool {
    let outer = frame.binding.len();
    let base = std::mem::replace(&mut frame.base, outer);
    frame.open(variables);
    let stop = solve(world, vec![body], frame, &mut |frame| {
        let inner = (frame.binding.split_off(outer), frame.types.split_off(outer));
        frame.base = base;
        let stop = solve(world, goals.to_vec(), frame, found);
        frame.base = outer;
        frame.binding.extend(inner.0);
        frame.types.extend(inner.1);
        stop
    });
    frame.base = base;
    frame.binding.truncate(outer);
    frame.types.truncate(outer);
    stop
}
