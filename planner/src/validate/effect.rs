//! What a step changes.

use std::collections::{BTreeMap, BTreeSet};

use ergon_vocab::{ObjectId, PredicateId};

use super::{
    query::{Frame, Goal, solve},
    world::World,
};
use crate::model::{Assignment, Effect, Fluent, Formula};

/// Changes collected in the state before them.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) adds: BTreeSet<(PredicateId, Box<[ObjectId]>)>,
    pub(super) deletes: BTreeSet<(PredicateId, Box<[ObjectId]>)>,
    pub(super) numbers: Numbers,
}

/// The changes of numbers, by fluent.
#[derive(Default)]
pub(super) struct Numbers(BTreeMap<Fluent, Vec<(Assignment, f64)>>);

impl Numbers {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Fluent, &[(Assignment, f64)])> {
        self.0.iter().map(|(fluent, changes)| (fluent, &changes[..]))
    }

    /// The values after the changes.
    pub(super) fn results(self, world: &World<'_>) -> Result<Vec<(Fluent, f64)>, String> {
        let mut results = vec![];
        for (fluent, changes) in self.0 {
            let shown = || world.problem.show_fluent(&fluent);
            let clash = changes.windows(2).any(|pair| !pair[0].0.commutes(pair[1].0));
            if clash && changes.iter().any(|c| *c != changes[0]) {
                return Err(format!("changes {} in two ways at once", shown()));
            }
            let changes = if clash { &changes[..1] } else { &changes[..] };
            let before = crate::model::Expression::Fluent(crate::model::LiftedFluent {
                function: fluent.function,
                terms: fluent.args.iter().map(|&o| crate::model::Term::Object(o)).collect(),
            });
            let mut value = world.value(&before, &[], 0.0);
            for &(assignment, operand) in changes {
                value = match assignment {
                    Assignment::Assign => Some(operand),
                    Assignment::Increase => value.map(|v| v + operand),
                    Assignment::Decrease => value.map(|v| v - operand),
                    Assignment::ScaleUp => value.map(|v| v * operand),
                    Assignment::ScaleDown => value.map(|v| v / operand),
                };
            }
            match value {
                Some(value) if value.is_finite() => results.push((fluent, value)),
                Some(_) => return Err(format!("makes {} too large", shown())),
                None => return Err(format!("changes {}, which has no value", shown())),
            }
        }
        Ok(results)
    }
}

/// An effect with the values it is to be read with.
#[derive(Clone, Copy)]
pub(super) struct Firing<'e> {
    pub(super) effect: &'e Effect,
    pub(super) duration: f64,
}

impl Changes {
    /// Adds what an effect changes where the variables have these values.
    pub(super) fn collect(
        &mut self,
        world: &World<'_>,
        firing: Firing<'_>,
        binding: &[ObjectId],
    ) -> Result<(), String> {
        let inner = |effect| Firing { effect, ..firing };
        match firing.effect {
            Effect::And(parts) => {
                parts.iter().try_for_each(|part| self.collect(world, inner(part), binding))
            }
            Effect::Add(atom) => {
                let atom = atom.ground(binding);
                self.adds.insert((atom.predicate, atom.args));
                Ok(())
            }
            Effect::Delete(atom) => {
                let atom = atom.ground(binding);
                self.deletes.insert((atom.predicate, atom.args));
                Ok(())
            }
            Effect::When(condition, effect) => match world.holds(condition, binding) {
                true => self.collect(world, inner(effect), binding),
                false => Ok(()),
            },
            Effect::Forall(variables, effect) => {
                // Where the effect is conditional, its condition finds the objects.
                let always = Formula::default();
                let (condition, effect) = match &**effect {
                    Effect::When(condition, effect) => (condition, &**effect),
                    effect => (&always, effect),
                };
                let mut bindings = BTreeSet::new();
                let mut frame = Frame::new(binding);
                frame.open(variables);
                let goal = Goal { formula: condition, positive: true };
                solve(world, vec![goal], &mut frame, &mut |frame| {
                    bindings.insert(frame.binding.clone());
                    false
                });
                bindings.iter().try_for_each(|binding| self.collect(world, inner(effect), binding))
            }
            Effect::Assign(assignment, fluent, value) => {
                let operand = world.value(value, binding, firing.duration).ok_or_else(|| {
                    format!("reads {}, which has no value", world.show_expression(value, binding))
                })?;
                let changes = self.numbers.0.entry(fluent.ground(binding)).or_default();
                changes.push((*assignment, operand));
                Ok(())
            }
        }
    }
}

/// Whether an effect reads derived facts.
pub(super) fn conditions<'e>(effect: &'e Effect, f: &mut impl FnMut(&'e Formula)) {
    match effect {
        Effect::And(parts) => parts.iter().for_each(|part| conditions(part, f)),
        Effect::When(condition, effect) => {
            f(condition);
            conditions(effect, f);
        }
        Effect::Forall(_, effect) => conditions(effect, f),
        Effect::Add(_) | Effect::Delete(_) | Effect::Assign(..) => {}
    }
}
