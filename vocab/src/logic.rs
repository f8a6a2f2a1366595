//! Ground logic: atoms, literals, actions, complete states.

use std::collections::BTreeSet;

use crate::{ActionId, ObjectId, PredicateId};

/// A predicate applied to objects, such as `(on c1 c2)`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Atom {
    /// The predicate.
    pub predicate: PredicateId,
    /// Its arguments, in the order of the predicate's parameters.
    pub args: Box<[ObjectId]>,
}

/// An atom or its negation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Literal {
    /// The atom.
    pub atom: Atom,
    /// False for `(not atom)`.
    pub positive: bool,
}

impl Literal {
    /// Whether the literal holds in a complete state.
    pub fn holds_in(&self, state: &State) -> bool {
        state.contains(&self.atom) == self.positive
    }
}

/// An action schema applied to objects, such as `(pick c1 left)`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroundAction {
    /// The schema.
    pub schema: ActionId,
    /// Its arguments, in the order of the schema's parameters.
    pub args: Box<[ObjectId]>,
}

/// A complete state under the closed-world assumption: the atoms that are true.
pub type State = BTreeSet<Atom>;
