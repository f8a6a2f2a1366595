//! Why a formula holds in a state: the literals that make it true.

use std::collections::BTreeMap;

use ergon_vocab::{Atom, Literal, ObjectId, State};

use super::Task;
use crate::{
    ground::{Derived, derive},
    model::{Comparator, Expression, Fluent, Formula, Variable},
};

/// What holds.
pub(super) struct Holding<'a> {
    state: &'a State,
    values: &'a BTreeMap<Fluent, f64>,
    derived: Derived,
}

impl<'a> Holding<'a> {
    pub(super) fn new(task: &Task, state: &'a State, values: &'a BTreeMap<Fluent, f64>) -> Self {
        Self { state, values, derived: derive(task, state, values) }
    }
}

/// A proof under way.
pub(super) struct Witness<'a> {
    task: &'a Task,
    holding: &'a Holding<'a>,
    binding: Vec<ObjectId>,
    literals: Vec<Literal>,
    /// Derived atoms that are being refuted: to refute one, all its reasons are refuted, and a
    /// reason that comes back to the atom itself is none.
    refuted: Vec<Atom>,
    /// Derived atoms of at least this rank prove nothing: a proof is free of circles.
    rank: usize,
    /// How many axioms deep the proof is.
    depth: usize,
}

impl<'a> Witness<'a> {
    pub(super) fn new(task: &'a Task, holding: &'a Holding<'a>, args: &[ObjectId]) -> Self {
        let binding = args.to_vec();
        let (literals, refuted) = (vec![], vec![]);
        Self { task, holding, binding, literals, refuted, rank: usize::MAX, depth: 0 }
    }

    pub(super) fn binding(&self) -> &[ObjectId] {
        &self.binding
    }

    /// The literals used, each once.
    pub(super) fn into_literals(self) -> Vec<Literal> {
        let mut seen = std::collections::BTreeSet::new();
        let mut literals = self.literals;
        literals.retain(|literal| seen.insert(literal.clone()));
        literals
    }

    /// Calls `visit` with every binding of some variables, until it returns false. Returns whether
    /// it always returned true.
    pub(super) fn for_all_bindings(
        &mut self,
        variables: &[Variable],
        visit: &mut dyn FnMut(&mut Self) -> bool,
    ) -> bool {
        let Some((first, rest)) = variables.split_first() else { return visit(self) };
        let symbols = self.task.symbols();
        for object in (0..symbols.objects.len() as u32).map(ObjectId) {
            if !symbols.fits(object, &first.types) {
                continue;
            }
            self.binding.push(object);
            let go_on = self.for_all_bindings(rest, visit);
            self.binding.pop();
            if !go_on {
                return false;
            }
        }
        true
    }

    /// Whether a formula, or its negation, holds; if so, notes the literals that make it so.
    pub(super) fn prove(&mut self, formula: &Formula, positive: bool) -> bool {
        let known = self.literals.len();
        let proven = match formula {
            // To refute a conjunction is to refute one of its parts, and so on.
            Formula::And(parts) if positive => parts.iter().all(|part| self.prove(part, true)),
            Formula::And(parts) => parts.iter().any(|part| self.prove(part, false)),
            Formula::Or(parts) if positive => parts.iter().any(|part| self.prove(part, true)),
            Formula::Or(parts) => parts.iter().all(|part| self.prove(part, false)),
            Formula::Not(inner) => self.prove(inner, !positive),
            Formula::Imply(a, b) if positive => self.prove(a, false) || self.prove(b, true),
            Formula::Imply(a, b) => self.prove(a, true) && self.prove(b, false),
            Formula::Exists(vars, inner) if positive => {
                !self.for_all_bindings(vars, &mut |w| !w.prove(inner, true))
            }
            Formula::Exists(vars, inner) => {
                self.for_all_bindings(vars, &mut |w| w.prove(inner, false))
            }
            Formula::Forall(vars, inner) if positive => {
                self.for_all_bindings(vars, &mut |w| w.prove(inner, true))
            }
            Formula::Forall(vars, inner) => {
                !self.for_all_bindings(vars, &mut |w| !w.prove(inner, false))
            }
            Formula::Atom(atom) => self.atom(atom.ground(&self.binding), positive),
            Formula::Equal(a, b) => (a.value(&self.binding) == b.value(&self.binding)) == positive,
            Formula::Compare(comparator, a, b) => {
                compare(*comparator, self.value(a), self.value(b)) == positive
            }
        };
        if !proven {
            self.literals.truncate(known);
        }
        proven
    }

    fn atom(&mut self, atom: Atom, positive: bool) -> bool {
        let normal = self.task.normal();
        if normal.derived.get(atom.predicate.index()) == Some(&true) {
            return match (self.holding.derived.rank(&atom), positive) {
                (Some(rank), true) => rank < self.rank && self.derived(&atom, rank),
                (None, false) => self.underived(atom),
                _ => false,
            };
        }
        let holds = self.holding.state.contains(&atom) == positive;
        // What never changes is of interest only where the action itself asks for it.
        let fluent = normal.changing.get(atom.predicate.index()) == Some(&true);
        if holds && (fluent || self.depth == 0) {
            self.literals.push(Literal { atom, positive });
        }
        holds
    }

    /// Proves a derived atom from atoms of lower ranks.
    fn derived(&mut self, atom: &Atom, rank: usize) -> bool {
        let task = self.task;
        let outer = (std::mem::replace(&mut self.rank, rank), self.depth);
        self.depth += 1;
        let proven = task.axioms().iter().filter(|a| a.predicate == atom.predicate).any(|axiom| {
            self.applies(&axiom.parameters, &atom.args)
                && self.under(&atom.args, |w| w.prove(&axiom.body, true))
        });
        (self.rank, self.depth) = outer;
        proven
    }

    /// Refutes every way to derive an atom that does not hold.
    fn underived(&mut self, atom: Atom) -> bool {
        if self.refuted.contains(&atom) {
            return true;
        }
        self.refuted.push(atom.clone());
        let task = self.task;
        let outer = (std::mem::replace(&mut self.rank, usize::MAX), self.depth);
        self.depth += 1;
        let refuted = task.axioms().iter().filter(|a| a.predicate == atom.predicate).all(|axiom| {
            !self.applies(&axiom.parameters, &atom.args)
                || self.under(&atom.args, |w| w.prove(&axiom.body, false))
        });
        (self.rank, self.depth) = outer;
        refuted
    }

    fn applies(&self, parameters: &[Variable], args: &[ObjectId]) -> bool {
        let symbols = self.task.symbols();
        parameters.iter().zip(args).all(|(p, &arg)| symbols.fits(arg, &p.types))
    }

    /// Runs `f` with another binding.
    fn under(&mut self, args: &[ObjectId], f: impl FnOnce(&mut Self) -> bool) -> bool {
        let outer = std::mem::replace(&mut self.binding, args.to_vec());
        let result = f(self);
        self.binding = outer;
        result
    }

    /// The value of an expression; NaN if it is undefined.
    pub(super) fn value(&self, e: &Expression) -> f64 {
        evaluate(e, &self.binding, self.holding.values)
    }
}

/// The value of an expression; NaN if it is undefined.
pub(crate) fn evaluate(
    e: &Expression,
    binding: &[ObjectId],
    values: &BTreeMap<Fluent, f64>,
) -> f64 {
    let value = |e: &Expression| evaluate(e, binding, values);
    match e {
        Expression::Number(n) => *n,
        Expression::Fluent(f) => values.get(&f.ground(binding)).copied().unwrap_or(f64::NAN),
        Expression::Duration | Expression::TotalTime => f64::NAN,
        Expression::Negation(a) => -value(a),
        Expression::Sum(parts) => parts.iter().map(value).sum(),
        Expression::Product(parts) => parts.iter().map(value).product(),
        Expression::Difference(a, b) => value(a) - value(b),
        Expression::Quotient(a, b) => match value(b) {
            0.0 => f64::NAN,
            divisor => value(a) / divisor,
        },
    }
}

/// Whether two numbers compare so; an undefined one never does.
pub(crate) fn compare(comparator: Comparator, a: f64, b: f64) -> bool {
    match comparator {
        Comparator::Less => a < b,
        Comparator::LessOrEqual => a <= b,
        Comparator::Equal => a == b,
        Comparator::GreaterOrEqual => a >= b,
        Comparator::Greater => a > b,
    }
}
