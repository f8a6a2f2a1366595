//! Facts from geometry: every well-typed atom of the bound predicates, judged.

use std::collections::BTreeMap;

use ergon_vocab::{Atom, Entity, Facts, Gripper, ObjectId, Symbols};
use thiserror::Error;

use crate::predicates::{Predicate, Scene};

/// A predicate of the domain that has no geometric meaning, or a wrong one.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum UnknownPredicate {
    /// The scenario binds a PDDL predicate to a name that is no geometric predicate.
    #[error("{predicate:?} is bound to {geometric:?}, which is no geometric predicate; known are {}",
        Predicate::ALL.map(|(name, _)| name).join(", "))]
    NoSuchMeaning {
        /// Name of the PDDL predicate.
        predicate: String,
        /// Name it is bound to.
        geometric: String,
    },
    /// The domain has a predicate that the scenario does not bind.
    #[error("the domain's predicate {0:?} is bound to no geometric predicate")]
    Unbound(String),
    /// The scenario binds a predicate that the domain does not have.
    #[error("{0:?} is bound, but the domain has no such predicate")]
    NotInDomain(String),
    /// The two take different numbers of arguments.
    #[error("{predicate:?} takes {parameters} arguments, but {geometric:?} takes {arity}")]
    Arity {
        /// Name of the PDDL predicate.
        predicate: String,
        /// Number of its parameters.
        parameters: usize,
        /// Name it is bound to.
        geometric: String,
        /// Number of arguments of the geometric predicate.
        arity: usize,
    },
}

/// Judges all atoms of a domain over a set of objects.
#[derive(Clone, Debug)]
pub struct Grounder {
    atoms: Vec<(Predicate, Atom)>,
}

impl Grounder {
    /// Binds the predicates of a domain (PDDL name to geometric name) and lists the atoms to judge.
    ///
    /// # Errors
    /// A predicate of the domain is unbound, or a binding names something unknown.
    pub fn new(
        symbols: &Symbols,
        bindings: &BTreeMap<String, String>,
    ) -> Result<Self, UnknownPredicate> {
        if let Some(name) = bindings.keys().find(|name| symbols.predicate(name).is_none()) {
            return Err(UnknownPredicate::NotInDomain(name.clone()));
        }
        let mut atoms = Vec::new();
        for symbol in &symbols.predicates {
            let predicate = symbol.name.clone();
            let geometric = bindings
                .get(&predicate)
                .ok_or(UnknownPredicate::Unbound(predicate.clone()))?
                .clone();
            let Some(meaning) = Predicate::named(&geometric) else {
                return Err(UnknownPredicate::NoSuchMeaning { predicate, geometric });
            };
            let (parameters, arity) = (symbol.parameters.len(), meaning.arity());
            if parameters != arity {
                return Err(UnknownPredicate::Arity { predicate, parameters, geometric, arity });
            }
            let id = symbols.predicate(&predicate);
            let all = id.map(|id| symbols.atoms_of(id)).unwrap_or_default();
            atoms.extend(all.into_iter().map(|atom| (meaning, atom)));
        }
        Ok(Self { atoms })
    }

    /// Judges every atom. A verdict nearer to its threshold than the measurement's uncertainty allows is
    /// unknown.
    pub fn ground(&self, entities: &BTreeMap<ObjectId, Entity>, gripper: &Gripper) -> Facts {
        let scene = Scene { entities, gripper };
        self.atoms
            .iter()
            .map(|(predicate, atom)| (atom.clone(), predicate.judge(&atom.args, &scene)))
            .collect()
    }
}
