//! Lifted planning tasks: what a domain and a problem mean, independent of their text.

use std::{collections::BTreeSet, sync::Arc};

use ergon_vocab::{Atom, Literal, ObjectId, ObjectSymbol, PredicateId, State, Symbols, TypeId};
use thiserror::Error;

use crate::pddl::is_name;

/// A part of PDDL that a domain asks for (Ghallab et al. 1998, section 15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Requirement {
    /// Conjunctive preconditions, add and delete effects.
    Strips,
    /// Types of objects and parameters.
    Typing,
    /// `(not (p ...))` in conditions.
    NegativePreconditions,
    /// `(= a b)` in conditions.
    Equality,
}

impl Requirement {
    /// All that this planner knows.
    pub const ALL: [Self; 4] =
        [Self::Strips, Self::Typing, Self::NegativePreconditions, Self::Equality];

    /// The keyword, such as `:typing`.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Strips => ":strips",
            Self::Typing => ":typing",
            Self::NegativePreconditions => ":negative-preconditions",
            Self::Equality => ":equality",
        }
    }
}

/// A parameter of an action or a named object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// The parameter of that index.
    Parameter(u32),
    /// An object.
    Object(ObjectId),
}

impl Term {
    /// The object that the term stands for under a binding of all parameters.
    pub fn value(self, binding: &[ObjectId]) -> ObjectId {
        match self {
            Self::Parameter(i) => binding[i as usize],
            Self::Object(o) => o,
        }
    }
}

/// A predicate applied to terms, such as `(on ?d ?l)`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LiftedAtom {
    /// The predicate.
    pub predicate: PredicateId,
    /// Its terms, in the order of the predicate's parameters.
    pub terms: Box<[Term]>,
}

impl LiftedAtom {
    /// The atom under a binding of all parameters.
    pub fn ground(&self, binding: &[ObjectId]) -> Atom {
        let args = self.terms.iter().map(|t| t.value(binding)).collect();
        Atom { predicate: self.predicate, args }
    }
}

/// One conjunct of a precondition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `(p ...)`, or `(not (p ...))` where `positive` is false.
    Literal {
        /// The atom.
        atom: LiftedAtom,
        /// Whether it must hold or must not.
        positive: bool,
    },
    /// `(= a b)`, or `(not (= a b))` where `equal` is false.
    Equality {
        /// One side.
        left: Term,
        /// The other side.
        right: Term,
        /// Whether the sides must be the same object or must differ.
        equal: bool,
    },
}

/// What an action needs and does. Its name and parameters stand in
/// [`Symbols::actions`](ergon_vocab::Symbols::actions) under the same index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Conjuncts of the precondition.
    pub preconditions: Vec<Condition>,
    /// Atoms made false, before any is made true.
    pub deletes: Vec<LiftedAtom>,
    /// Atoms made true.
    pub adds: Vec<LiftedAtom>,
}

/// A planning domain: types, predicates, constants and actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    pub(crate) name: String,
    pub(crate) requirements: BTreeSet<Requirement>,
    /// Its objects are the constants of the domain.
    pub(crate) symbols: Symbols,
    /// One schema for each of `symbols.actions`.
    pub(crate) schemas: Vec<Schema>,
}

impl Domain {
    /// Name of the domain.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The requirements that are declared, or used where the domain declares none at all.
    pub fn requirements(&self) -> impl Iterator<Item = Requirement> {
        self.requirements.iter().copied()
    }

    /// Types, predicates, actions, and the constants as objects.
    pub fn symbols(&self) -> &Symbols {
        &self.symbols
    }

    /// The action schemas, in the order of [`Symbols::actions`](ergon_vocab::Symbols::actions).
    pub fn schemas(&self) -> &[Schema] {
        &self.schemas
    }
}

/// Why a problem cannot be built from given parts.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProblemError {
    /// Not a lower-case PDDL name.
    #[error("`{0}` is not a lower-case PDDL name; use letters, digits, - and _, no - first")]
    BadName(String),
    /// The domain has no such type.
    #[error("object `{object}` has the unknown type `{type_name}`")]
    UnknownType {
        /// The object.
        object: String,
        /// Its alleged type.
        type_name: String,
    },
    /// Two objects, or an object and a constant, have the same name.
    #[error("object `{0}` is defined twice; constants of the domain count too")]
    Duplicate(String),
    /// The predicate does not exist, or has other parameters.
    #[error("{atom} does not fit the domain: {reason}")]
    BadAtom {
        /// The atom as text.
        atom: String,
        /// What is wrong.
        reason: String,
    },
}

/// A planning problem: objects, initial state and goal over a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub(crate) name: String,
    pub(crate) domain: Arc<Domain>,
    /// The domain's symbols with the objects of the problem after the constants.
    pub(crate) symbols: Arc<Symbols>,
    pub(crate) init: State,
    pub(crate) goal: Vec<Literal>,
}

impl Problem {
    /// Builds a problem from `(name, type)` pairs of objects, with an empty initial state and an
    /// empty goal. Object ids count the constants of the domain first, then `objects` in order.
    ///
    /// # Errors
    /// A name is not a PDDL name, a type is unknown, or an object is defined twice.
    pub fn new<N: Into<String>, T: AsRef<str>>(
        name: impl Into<String>,
        domain: &Domain,
        objects: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Self, ProblemError> {
        let name = name.into();
        let mut symbols = domain.symbols.clone();
        let mut taken: BTreeSet<String> = symbols.objects.iter().map(|o| o.name.clone()).collect();
        check_name(&name)?;
        for (object, type_name) in objects {
            let (object, type_name) = (object.into(), type_name.as_ref());
            check_name(&object)?;
            let Some(type_id) = symbols.type_named(type_name) else {
                return Err(ProblemError::UnknownType { object, type_name: type_name.into() });
            };
            if !taken.insert(object.clone()) {
                return Err(ProblemError::Duplicate(object));
            }
            symbols.objects.push(ObjectSymbol { name: object, type_id });
        }
        let (domain, symbols) = (Arc::new(domain.clone()), Arc::new(symbols));
        Ok(Self { name, domain, symbols, init: State::new(), goal: vec![] })
    }

    /// The problem with another initial state.
    ///
    /// # Errors
    /// An atom has an unknown predicate, a wrong number of arguments or an argument of a wrong type.
    pub fn with_init(mut self, init: State) -> Result<Self, ProblemError> {
        init.iter().try_for_each(|atom| self.check(atom))?;
        self.init = init;
        Ok(self)
    }

    /// The problem with another goal, a conjunction.
    ///
    /// # Errors
    /// An atom has an unknown predicate, a wrong number of arguments or an argument of a wrong type.
    pub fn with_goal(mut self, goal: Vec<Literal>) -> Result<Self, ProblemError> {
        goal.iter().try_for_each(|literal| self.check(&literal.atom))?;
        self.goal = goal;
        Ok(self)
    }

    /// The atom of a predicate and objects by (lower-case) name.
    ///
    /// # Errors
    /// A name is unknown, or the arguments do not fit the predicate.
    pub fn atom(&self, predicate: &str, args: &[&str]) -> Result<Atom, ProblemError> {
        let bad = |reason: String| ProblemError::BadAtom {
            atom: format!("({})", [&[predicate], args].concat().join(" ")),
            reason,
        };
        let id = self.symbols.predicate(predicate);
        let id = id.ok_or_else(|| bad(format!("no predicate `{predicate}`")))?;
        let object =
            |name: &&str| self.symbols.object(name).ok_or_else(|| bad(format!("no `{name}`")));
        let args = args.iter().map(object).collect::<Result<_, _>>()?;
        let atom = Atom { predicate: id, args };
        self.check(&atom)?;
        Ok(atom)
    }

    fn check(&self, atom: &Atom) -> Result<(), ProblemError> {
        misfit(&self.symbols, atom).map_or(Ok(()), |reason| {
            Err(ProblemError::BadAtom { atom: self.symbols.show_atom(atom).to_string(), reason })
        })
    }

    /// Name of the problem.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The domain.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// Names behind the ids of this problem: those of the domain, with all objects.
    pub fn symbols(&self) -> &Symbols {
        &self.symbols
    }

    /// The objects that the problem adds to the constants of the domain.
    pub fn objects(&self) -> &[ObjectSymbol] {
        &self.symbols.objects[self.domain.symbols.objects.len()..]
    }

    /// The initial state.
    pub fn init(&self) -> &State {
        &self.init
    }

    /// The goal, a conjunction.
    pub fn goal(&self) -> &[Literal] {
        &self.goal
    }
}

fn check_name(name: &str) -> Result<(), ProblemError> {
    match is_name(name) && !name.bytes().any(|b| b.is_ascii_uppercase()) {
        true => Ok(()),
        false => Err(ProblemError::BadName(name.into())),
    }
}

/// Why an atom does not fit the symbols, if it does not.
pub(crate) fn misfit(symbols: &Symbols, atom: &Atom) -> Option<String> {
    let Some(predicate) = symbols.predicates.get(atom.predicate.index()) else {
        return Some("there is no such predicate".into());
    };
    let (wanted, given) = (predicate.parameters.len(), atom.args.len());
    if wanted != given {
        return Some(format!("`{}` takes {wanted} arguments, not {given}", predicate.name));
    }
    let misfit =
        atom.args.iter().zip(&predicate.parameters).find(|(a, types)| !symbols.fits(**a, types));
    misfit.map(|(&arg, types)| {
        let name = symbols.object_name(arg);
        format!("`{name}` is not of type {}", type_text(symbols, types))
    })
}

/// `disk`, or `(either disk peg)`.
pub(crate) fn type_text(symbols: &Symbols, types: &[TypeId]) -> String {
    let names: Vec<&str> =
        types.iter().filter_map(|t| symbols.types.get(t.index())).map(|t| &t.name[..]).collect();
    match names[..] {
        [single] => single.into(),
        _ => format!("(either {})", names.join(" ")),
    }
}
