//! What a step reads and changes, for steps at the same time.

use std::collections::BTreeSet;

use ergon_vocab::{ObjectId, PredicateId};

use super::{
    effect::{Changes, Firing},
    world::World,
};
use crate::model::{Assignment, Effect, Expression, Fluent, Formula, Variable};

/// What a step reads and changes.
#[derive(Default)]
pub(super) struct Touched {
    reads: BTreeSet<(PredicateId, Box<[ObjectId]>)>,
    /// Predicates that the derived facts it reads depend on, with all their facts.
    reads_all: BTreeSet<PredicateId>,
    reads_numbers: BTreeSet<Fluent>,
    changes: Changes,
}

impl Touched {
    /// Notes the facts and numbers that a condition reads, whether they decide it or not.
    pub(super) fn read(&mut self, world: &World<'_>, formula: &Formula, binding: &[ObjectId]) {
        match formula {
            Formula::And(parts) | Formula::Or(parts) => {
                parts.iter().for_each(|part| self.read(world, part, binding));
            }
            Formula::Not(inner) => self.read(world, inner, binding),
            Formula::Imply(a, b) => {
                self.read(world, a, binding);
                self.read(world, b, binding);
            }
            Formula::Exists(variables, body) | Formula::Forall(variables, body) => {
                for_all(world, variables, binding, &mut |binding| self.read(world, body, binding));
            }
            Formula::Atom(atom) if world.axioms().is_derived(atom.predicate) => {
                self.reads_all.extend(world.axioms().read());
            }
            Formula::Atom(atom) => {
                let atom = atom.ground(binding);
                self.reads.insert((atom.predicate, atom.args));
            }
            Formula::Equal(..) => {}
            Formula::Compare(_, a, b) => {
                self.read_numbers(a, binding);
                self.read_numbers(b, binding);
            }
        }
    }

    fn read_numbers(&mut self, expression: &Expression, binding: &[ObjectId]) {
        match expression {
            Expression::Fluent(fluent) => {
                self.reads_numbers.insert(fluent.ground(binding));
            }
            Expression::Number(_) | Expression::Duration | Expression::TotalTime => {}
            Expression::Negation(a) => self.read_numbers(a, binding),
            Expression::Sum(parts) | Expression::Product(parts) => {
                parts.iter().for_each(|part| self.read_numbers(part, binding));
            }
            Expression::Difference(a, b) | Expression::Quotient(a, b) => {
                self.read_numbers(a, binding);
                self.read_numbers(b, binding);
            }
        }
    }

    /// Notes what an effect changes, and what its conditions and values read.
    pub(super) fn change(
        &mut self,
        world: &World<'_>,
        effect: &Effect,
        binding: &[ObjectId],
        duration: f64,
    ) -> Result<(), String> {
        self.read_effect(world, effect, binding);
        self.changes.collect(world, Firing { effect, duration }, binding)
    }

    fn read_effect(&mut self, world: &World<'_>, effect: &Effect, binding: &[ObjectId]) {
        match effect {
            Effect::And(parts) => {
                parts.iter().for_each(|part| self.read_effect(world, part, binding));
            }
            Effect::When(condition, effect) => {
                self.read(world, condition, binding);
                self.read_effect(world, effect, binding);
            }
            Effect::Forall(variables, effect) => {
                for_all(world, variables, binding, &mut |binding| {
                    self.read_effect(world, effect, binding);
                });
            }
            Effect::Assign(_, _, value) => self.read_numbers(value, binding),
            Effect::Add(_) | Effect::Delete(_) => {}
        }
    }

    /// What makes the order of two steps matter, as text.
    pub(super) fn interferes(&self, other: &Self, world: &World<'_>) -> Option<String> {
        let atom = self
            .disturbs(other)
            .or_else(|| other.disturbs(self))
            .or_else(|| self.changes.adds.intersection(&other.changes.deletes).next())
            .or_else(|| other.changes.adds.intersection(&self.changes.deletes).next());
        if let Some((predicate, args)) = atom {
            return Some(world.show_atom(*predicate, args));
        }
        let number = self
            .disturbs_number(other)
            .or_else(|| other.disturbs_number(self))
            .or_else(|| self.changes_alike(other));
        number.map(|fluent| world.problem.show_fluent(fluent))
    }

    /// An atom that this step changes and the other reads.
    fn disturbs(&self, other: &Self) -> Option<&(PredicateId, Box<[ObjectId]>)> {
        let mut changed = self.changes.adds.iter().chain(&self.changes.deletes);
        changed.find(|atom| other.reads.contains(atom) || other.reads_all.contains(&atom.0))
    }

    fn disturbs_number(&self, other: &Self) -> Option<&Fluent> {
        let mut changed = self.changes.numbers.iter().map(|(fluent, _)| fluent);
        changed.find(|fluent| other.reads_numbers.contains(fluent))
    }

    /// A number that both change in ways that do not commute.
    fn changes_alike<'t>(&'t self, other: &Self) -> Option<&'t Fluent> {
        let clash = |a: &[(Assignment, f64)], b: &[(Assignment, f64)]| {
            a.iter().any(|x| b.iter().any(|y| !x.0.commutes(y.0)))
        };
        self.changes.numbers.iter().find_map(|(fluent, mine)| {
            let theirs = other.changes.numbers.iter().find(|(f, _)| *f == fluent)?.1;
            clash(mine, theirs).then_some(fluent)
        })
    }
}

/// Calls back with every binding of the variables.
fn for_all(
    world: &World<'_>,
    variables: &[Variable],
    binding: &[ObjectId],
    f: &mut dyn FnMut(&[ObjectId]),
) {
    match variables {
        [] => f(binding),
        [first, rest @ ..] => {
            for object in world.domain(&first.types) {
                for_all(world, rest, &[binding, &[object]].concat(), f);
            }
        }
    }
}
