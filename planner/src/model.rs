//! Lifted planning tasks: what a domain and a problem mean, independent of their text.

mod formula;
mod problem;
mod requirement;
mod schema;
mod strata;

use std::collections::BTreeSet;

use ergon_vocab::{Atom, Symbols, TypeId};

pub use formula::{
    Comparator, Expression, Fluent, Formula, FunctionId, LiftedAtom, LiftedFluent, Term, Variable,
};
pub use problem::{Direction, Metric, Problem, ProblemError};
pub use requirement::Requirement;
pub use schema::{Assignment, Axiom, DurationConstraint, DurativeSchema, Effect, Schema};
pub(crate) use strata::strata;

/// A numeric function and the types of its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionSymbol {
    /// Lower-case name.
    pub name: String,
    /// One entry a parameter; each lists the admissible types (more than one for `either`).
    pub parameters: Vec<Vec<TypeId>>,
}

/// A planning domain: types, predicates, functions, constants, actions and axioms.
#[derive(Clone, Debug, PartialEq)]
pub struct Domain {
    pub(crate) name: String,
    pub(crate) requirements: BTreeSet<Requirement>,
    /// Its objects are the constants of the domain.
    pub(crate) symbols: Symbols,
    pub(crate) functions: Vec<FunctionSymbol>,
    /// One schema for each of `symbols.actions`.
    pub(crate) schemas: Vec<Schema>,
    pub(crate) axioms: Vec<Axiom>,
}

impl Domain {
    /// Name of the domain.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The requirements that are declared, and those that are used where the domain declares none
    /// at all or was read leniently.
    pub fn requirements(&self) -> impl Iterator<Item = Requirement> {
        self.requirements.iter().copied()
    }

    /// Types, predicates, actions, and the constants as objects.
    pub fn symbols(&self) -> &Symbols {
        &self.symbols
    }

    /// The numeric functions; a [`FunctionId`] is an index into them.
    pub fn functions(&self) -> &[FunctionSymbol] {
        &self.functions
    }

    /// The function of that (lower-case) name.
    pub fn function(&self, name: &str) -> Option<FunctionId> {
        let index = self.functions.iter().position(|f| f.name == name)?;
        Some(FunctionId(index as u32))
    }

    /// The action schemas, in the order of [`Symbols::actions`](ergon_vocab::Symbols::actions).
    pub fn schemas(&self) -> &[Schema] {
        &self.schemas
    }

    /// The rules of the derived predicates, in the order of the text. A predicate is derived if it
    /// is the head of one of them.
    pub fn axioms(&self) -> &[Axiom] {
        &self.axioms
    }
}

/// Why an atom does not fit the symbols, if it does not.
pub(crate) fn misfit(symbols: &Symbols, atom: &Atom) -> Option<String> {
    let Some(predicate) = symbols.predicates.get(atom.predicate.index()) else {
        return Some("there is no such predicate".into());
    };
    arguments_misfit(symbols, &predicate.name, &predicate.parameters, &atom.args)
}

/// Why arguments do not fit a predicate or a function, if they do not.
fn arguments_misfit(
    symbols: &Symbols,
    name: &str,
    parameters: &[Vec<TypeId>],
    args: &[ergon_vocab::ObjectId],
) -> Option<String> {
    let (wanted, given) = (parameters.len(), args.len());
    if wanted != given {
        return Some(format!("`{name}` takes {wanted} arguments, not {given}"));
    }
    let misfit = args.iter().zip(parameters).find(|(a, types)| !symbols.fits(**a, types));
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
