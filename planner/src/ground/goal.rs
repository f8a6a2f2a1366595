//! The goal over facts.

use ergon_vocab::Literal;

use super::{
    facts::Facts,
    instances::UNBOUND,
    logic::{Binding, Conjunction, Lit, Logic, tidy},
    relaxed::{Attained, Decided},
};
use crate::normal::{Condition, ExtentId};

/// The goal as a conjunction, if it can be one, and its literals that are false for ever.
pub(super) struct Goal {
    pub(super) condition: Option<Conjunction>,
    beyond: Vec<Literal>,
}

impl Goal {
    pub(super) fn new(condition: Condition, slots: &[ExtentId], logic: &mut Logic<'_>) -> Self {
        let mut objects = vec![UNBOUND; slots.len()];
        let parts = match condition {
            Condition::And(parts) => parts,
            other => vec![other],
        };
        let (mut all, mut beyond) = (Some(vec![]), vec![]);
        for part in parts {
            let mut binding = Binding { slots, objects: &mut objects };
            match (logic.instantiate(&part, &mut binding), part) {
                (Some(lits), _) => all.iter_mut().for_each(|all| all.extend(lits.iter().copied())),
                (None, Condition::Literal { atom, positive }) => {
                    all = None;
                    beyond.push(Literal { atom: atom.ground(&[]), positive });
                }
                (None, _) => all = None,
            }
        }
        beyond.sort_unstable();
        beyond.dedup();
        Self { condition: all.and_then(tidy), beyond }
    }

    /// The literals that are out of reach, where they can be named.
    pub(super) fn unreachable(&self, attained: &Attained, facts: &Facts) -> Vec<Literal> {
        let mut list = self.beyond.clone();
        for lit in self.condition.iter().flatten() {
            let (node, positive, reached) = match *lit {
                Lit::Holds(node) => (node, true, attained.can_hold(node)),
                Lit::Lacks(node) => (node, false, attained.can_lack(node)),
                Lit::Compares(_) => continue,
            };
            if !reached && (node as usize) < facts.len() {
                list.push(Literal { atom: facts.atom(node), positive });
            }
        }
        list.sort_unstable();
        list.dedup();
        list
    }

    /// Whether something of it is out of reach.
    pub(super) fn hopeless(&self, attained: &Attained, decided: &[Decided]) -> bool {
        let Some(lits) = &self.condition else { return true };
        lits.iter().any(|lit| match *lit {
            Lit::Holds(node) => !attained.can_hold(node),
            Lit::Lacks(node) => !attained.can_lack(node),
            Lit::Compares(id) => decided[id as usize] == Decided::Never,
        })
    }
}
