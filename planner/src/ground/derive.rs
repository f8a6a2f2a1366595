//! What the axioms derive in one state.

use std::collections::BTreeMap;

use ergon_vocab::{Atom, ObjectId, State};

use super::{
    facts::Facts,
    instances::{UNBOUND, value},
    join,
};
use crate::{
    Task,
    model::{Fluent, LiftedAtom},
    normal::{Body, Condition, Normal},
    task::{compare, evaluate},
};

/// The derived atoms of a state.
pub(crate) struct Derived {
    facts: Option<Facts>,
}

impl Derived {
    /// The place of a derived atom in an order in which every atom follows from earlier ones;
    /// nothing for an atom that does not hold.
    pub(crate) fn rank(&self, atom: &Atom) -> Option<usize> {
        self.facts.as_ref()?.find_atom(atom).map(|fact| fact as usize)
    }
}

/// Evaluates the axioms in a state, one stratum after the other (Apt, Blair & Walker 1988).
pub(crate) fn derive(task: &Task, state: &State, values: &BTreeMap<Fluent, f64>) -> Derived {
    let normal = task.normal();
    if task.axioms().is_empty() {
        return Derived { facts: None };
    }
    let mut facts = Facts::new(&normal.arities, normal.derived.len(), task.symbols().objects.len());
    facts.insert_state(state, |predicate| !normal.derived[predicate]);
    let last = normal.strata.iter().copied().max().unwrap_or(0);
    for stratum in 0..=last {
        loop {
            let before = facts.len();
            facts = join::derive(normal, stratum, facts, &|body, binding, facts| {
                Evaluation { normal, facts, values }.body(body, binding)
            });
            if facts.len() == before {
                break;
            }
        }
    }
    Derived { facts: Some(facts) }
}

/// Direct evaluation of conditions over facts.
struct Evaluation<'a> {
    normal: &'a Normal,
    facts: &'a Facts,
    values: &'a BTreeMap<Fluent, f64>,
}

impl Evaluation<'_> {
    /// Whether the parts of a body hold that joins have not looked at.
    fn body(&self, body: &Body, binding: &[u32]) -> bool {
        let lacks = |atom: &LiftedAtom| {
            let args: Vec<u32> = atom.terms.iter().map(|&t| value(t, binding)).collect();
            self.facts.find(atom.predicate.0, &args).is_none()
        };
        if !body.lacks.iter().all(lacks) {
            return false;
        }
        let mut objects = binding.to_vec();
        objects.resize(body.slots.len(), UNBOUND);
        body.residual.iter().all(|part| self.holds(part, body, &mut objects))
    }

    fn holds(&self, condition: &Condition, body: &Body, objects: &mut Vec<u32>) -> bool {
        match condition {
            Condition::And(parts) => parts.iter().all(|p| self.holds(p, body, objects)),
            Condition::Or(parts) => parts.iter().any(|p| self.holds(p, body, objects)),
            Condition::Exists(vars, inner) => self.quantified(vars, inner, body, objects, true),
            Condition::Forall(vars, inner) => !self.quantified(vars, inner, body, objects, false),
            Condition::Literal { atom, positive } => {
                let args: Vec<u32> = atom.terms.iter().map(|&t| value(t, objects)).collect();
                self.facts.find(atom.predicate.0, &args).is_some() == *positive
            }
            Condition::Equality { left, right, equal } => {
                (value(*left, objects) == value(*right, objects)) == *equal
            }
            Condition::Comparison { comparator, left, right, positive } => {
                let binding: Vec<ObjectId> = objects.iter().map(|&o| ObjectId(o)).collect();
                let number = |e| evaluate(e, &binding, self.values);
                compare(*comparator, number(left), number(right)) == *positive
            }
        }
    }

    /// Whether a condition has the value `wanted` for some objects.
    fn quantified(
        &self,
        vars: &[u32],
        inner: &Condition,
        body: &Body,
        objects: &mut Vec<u32>,
        wanted: bool,
    ) -> bool {
        let Some((&first, rest)) = vars.split_first() else {
            return self.holds(inner, body, objects) == wanted;
        };
        let extent = self.normal.extents.objects(body.slots[first as usize]);
        let found = extent.iter().any(|&object| {
            objects[first as usize] = object;
            self.quantified(rest, inner, body, objects, wanted)
        });
        objects[first as usize] = UNBOUND;
        found
    }
}
