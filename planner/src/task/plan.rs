//! Plans with what every step needs and does, found out by going through them.

use std::collections::BTreeMap;

use ergon_vocab::{ActionId, Atom, GroundAction, Literal, ObjectId, Plan, PlanStep, State};

use super::{
    Task,
    witness::{Holding, Witness},
};
use crate::model::{Assignment, Effect, Fluent, LiftedFluent, Schema};

/// An action of a path: its schema, arguments and cost.
pub(crate) type PathStep = (usize, Box<[ObjectId]>, u64);

/// What fires in a state.
#[derive(Default)]
struct Fired {
    needed: Vec<Literal>,
    adds: Vec<Atom>,
    deletes: Vec<Atom>,
    changes: Vec<(Assignment, Fluent, f64)>,
}

impl Task {
    /// The plan of a path. The preconditions of each step are basic literals, true in the state
    /// before it, from which its precondition follows, and the conditions of those effects that
    /// fire; equalities and numeric conditions are left out. Its effects are those that fire.
    pub fn plan(
        &self,
        state: &State,
        values: &BTreeMap<Fluent, f64>,
        path: impl IntoIterator<Item = PathStep>,
    ) -> Plan {
        self.trace(state, values, path, &mut |_, _| {})
    }

    /// As [`Task::plan`]; tells the index of each step and the values before it.
    pub(crate) fn trace(
        &self,
        state: &State,
        values: &BTreeMap<Fluent, f64>,
        path: impl IntoIterator<Item = PathStep>,
        before: &mut dyn FnMut(usize, &BTreeMap<Fluent, f64>),
    ) -> Plan {
        let (mut state, mut values) = (state.clone(), values.clone());
        let mut steps = vec![];
        for (schema, args, cost) in path {
            before(steps.len(), &values);
            let fired = self.fired(schema, &args, &state, &values);
            let effects = fired
                .deletes
                .iter()
                .filter(|atom| !fired.adds.contains(atom))
                .map(|atom| Literal { atom: atom.clone(), positive: false });
            let adds = fired.adds.iter().map(|atom| Literal { atom: atom.clone(), positive: true });
            let step = PlanStep {
                action: GroundAction { schema: ActionId(schema as u32), args },
                preconditions: fired.needed,
                effects: effects.chain(adds).collect(),
                cost,
            };
            step.apply(&mut state);
            for (assignment, fluent, value) in fired.changes {
                let old = values.get(&fluent).copied().unwrap_or(f64::NAN);
                values.insert(fluent, assignment.apply(old, value));
            }
            steps.push(step);
        }
        Plan { steps }
    }

    fn fired(
        &self,
        schema: usize,
        args: &[ObjectId],
        state: &State,
        values: &BTreeMap<Fluent, f64>,
    ) -> Fired {
        let Some(Schema::Instant { precondition, effect }) = self.schemas().get(schema) else {
            return Fired::default();
        };
        let holding = Holding::new(self, state, values);
        let mut witness = Witness::new(self, &holding, args);
        witness.prove(precondition, true);
        let mut fired = Fired::default();
        fire(effect, &mut witness, &mut fired);
        fired.needed = witness.into_literals();
        fired
    }
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// Collects the effects that fire, and has the witness note why.
fn fire(effect: &Effect, witness: &mut Witness<'_>, fired: &mut Fired) {
    match effect {
        Effect::And(parts) => parts.iter().for_each(|part| fire(part, witness, fired)),
        Effect::Add(atom) => push_new(&mut fired.adds, atom.ground(witness.binding())),
        Effect::Delete(atom) => push_new(&mut fired.deletes, atom.ground(witness.binding())),
        Effect::When(condition, inner) => {
            if witness.prove(condition, true) {
                fire(inner, witness, fired);
            }
        }
        Effect::Forall(variables, inner) => {
            witness.for_all_bindings(variables, &mut |witness| {
                fire(inner, witness, fired);
                true
            });
        }
        Effect::Assign(assignment, fluent, value) => {
            let fluent: &LiftedFluent = fluent;
            let ground = fluent.ground(witness.binding());
            fired.changes.push((*assignment, ground, witness.value(value)));
        }
    }
}

impl Assignment {
    /// The new value of what had an old one.
    pub(crate) fn apply(self, old: f64, value: f64) -> f64 {
        match self {
            Self::Assign => value,
            Self::Increase => old + value,
            Self::Decrease => old - value,
            Self::ScaleUp => old * value,
            Self::ScaleDown => old / value,
        }
    }
}
