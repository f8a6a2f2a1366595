//! Conditions in negation normal form, with every variable in a slot of its own.

use ergon_vocab::{Symbols, TypeId};

use super::{ExtentId, Extents};
use crate::model::{Comparator, Expression, Formula, LiftedAtom, LiftedFluent, Term, Variable};

/// A formula whose negations stand at its leaves. Variables are numbered by slot, not by scope: no
/// two quantifiers of a rule share one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Exists(Vec<u32>, Box<Condition>),
    Forall(Vec<u32>, Box<Condition>),
    Literal { atom: LiftedAtom, positive: bool },
    Equality { left: Term, right: Term, equal: bool },
    Comparison { comparator: Comparator, left: Expression, right: Expression, positive: bool },
}

impl Condition {
    pub(crate) const TRUE: Self = Self::And(vec![]);
    pub(crate) const FALSE: Self = Self::Or(vec![]);

    /// The conjunction, flat and without constants.
    pub(crate) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = vec![];
        for part in parts {
            match part {
                Self::And(inner) => flat.extend(inner),
                Self::Or(inner) if inner.is_empty() => return Self::FALSE,
                other => flat.push(other),
            }
        }
        single(flat, Self::And)
    }

    /// The disjunction, flat and without constants.
    pub(crate) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = vec![];
        for part in parts {
            match part {
                Self::Or(inner) => flat.extend(inner),
                Self::And(inner) if inner.is_empty() => return Self::TRUE,
                other => flat.push(other),
            }
        }
        single(flat, Self::Or)
    }

    /// Rewrites every term.
    pub(crate) fn rename(&self, to: &dyn Fn(Term) -> Term, slot: &dyn Fn(u32) -> u32) -> Self {
        let list = |parts: &[Self]| parts.iter().map(|p| p.rename(to, slot)).collect();
        let slots = |vars: &[u32]| vars.iter().map(|&v| slot(v)).collect();
        match self {
            Self::And(parts) => Self::And(list(parts)),
            Self::Or(parts) => Self::Or(list(parts)),
            Self::Exists(vars, inner) => {
                Self::Exists(slots(vars), Box::new(inner.rename(to, slot)))
            }
            Self::Forall(vars, inner) => {
                Self::Forall(slots(vars), Box::new(inner.rename(to, slot)))
            }
            Self::Literal { atom, positive } => {
                Self::Literal { atom: rename_atom(atom, to), positive: *positive }
            }
            Self::Equality { left, right, equal } => {
                Self::Equality { left: to(*left), right: to(*right), equal: *equal }
            }
            Self::Comparison { comparator, left, right, positive } => Self::Comparison {
                comparator: *comparator,
                left: rename_expression(left, to),
                right: rename_expression(right, to),
                positive: *positive,
            },
        }
    }
}

fn single(mut parts: Vec<Condition>, wrap: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.len() {
        1 => parts.remove(0),
        _ => wrap(parts),
    }
}

/// An atom with its terms rewritten.
pub(crate) fn rename_atom(atom: &LiftedAtom, to: &dyn Fn(Term) -> Term) -> LiftedAtom {
    let terms = atom.terms.iter().map(|&t| to(t)).collect();
    LiftedAtom { predicate: atom.predicate, terms }
}

/// A fluent with its terms rewritten.
pub(crate) fn rename_fluent(fluent: &LiftedFluent, to: &dyn Fn(Term) -> Term) -> LiftedFluent {
    let terms = fluent.terms.iter().map(|&t| to(t)).collect();
    LiftedFluent { function: fluent.function, terms }
}

/// An expression with its terms rewritten.
pub(crate) fn rename_expression(e: &Expression, to: &dyn Fn(Term) -> Term) -> Expression {
    use Expression as E;
    let list = |parts: &[E]| parts.iter().map(|p| rename_expression(p, to)).collect();
    let boxed = |inner: &E| Box::new(rename_expression(inner, to));
    match e {
        E::Number(_) | E::Duration | E::TotalTime => e.clone(),
        E::Fluent(fluent) => E::Fluent(rename_fluent(fluent, to)),
        E::Negation(inner) => E::Negation(boxed(inner)),
        E::Sum(parts) => E::Sum(list(parts)),
        E::Product(parts) => E::Product(list(parts)),
        E::Difference(a, b) => E::Difference(boxed(a), boxed(b)),
        E::Quotient(a, b) => E::Quotient(boxed(a), boxed(b)),
    }
}

/// The variables in scope and all slots given out so far.
pub(crate) struct Scope<'a> {
    extents: &'a mut Extents,
    symbols: &'a Symbols,
    /// The slot of each variable in scope.
    names: Vec<u32>,
    slots: Vec<ExtentId>,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(extents: &'a mut Extents, symbols: &'a Symbols) -> Self {
        Self { extents, symbols, names: vec![], slots: vec![] }
    }

    /// Brings a variable into scope.
    pub(crate) fn enter(&mut self, types: &[TypeId]) {
        self.names.push(self.slots.len() as u32);
        self.slots.push(self.extents.intern(types, self.symbols));
    }

    /// The slots of the variables that came into scope last.
    pub(crate) fn innermost(&self, count: usize) -> Vec<u32> {
        self.names[self.names.len() - count..].to_vec()
    }

    /// Runs `f` with further variables in scope. Returns their slots and what `f` returned.
    pub(crate) fn within<T>(
        &mut self,
        variables: &[Variable],
        f: impl FnOnce(&mut Self) -> T,
    ) -> (Vec<u32>, T) {
        let outer = self.names.len();
        variables.iter().for_each(|v| self.enter(&v.types));
        let slots = self.names[outer..].to_vec();
        let result = f(self);
        self.names.truncate(outer);
        (slots, result)
    }

    /// Whether a variable of some slots has no object to stand for.
    pub(crate) fn any_empty(&self, slots: &[u32]) -> bool {
        slots.iter().any(|&s| self.extents.objects(self.slots[s as usize]).is_empty())
    }

    /// The extent of each slot.
    pub(crate) fn into_slots(self) -> Vec<ExtentId> {
        self.slots
    }

    /// A term by slot.
    pub(crate) fn term(&self, term: Term) -> Term {
        match term {
            Term::Variable(v) => Term::Variable(self.names[v as usize]),
            Term::Object(_) => term,
        }
    }

    /// The normal form of a formula or of its negation.
    pub(crate) fn condition(&mut self, formula: &Formula, positive: bool) -> Condition {
        match formula {
            Formula::And(parts) | Formula::Or(parts) => {
                let parts = parts.iter().map(|p| self.condition(p, positive));
                let parts: Vec<Condition> = parts.collect();
                // The negation of a conjunction is a disjunction, and the other way round.
                match matches!(formula, Formula::And(_)) == positive {
                    true => Condition::all(parts),
                    false => Condition::any(parts),
                }
            }
            Formula::Not(inner) => self.condition(inner, !positive),
            Formula::Imply(a, b) => {
                let (a, b) = (self.condition(a, !positive), self.condition(b, positive));
                if positive { Condition::any([a, b]) } else { Condition::all([a, b]) }
            }
            Formula::Exists(vars, inner) | Formula::Forall(vars, inner) => {
                let (slots, inner) = self.within(vars, |scope| scope.condition(inner, positive));
                let exists = matches!(formula, Formula::Exists(..)) == positive;
                self.quantified(slots, inner, exists)
            }
            Formula::Atom(atom) => {
                let atom = rename_atom(atom, &|t| self.term(t));
                Condition::Literal { atom, positive }
            }
            Formula::Equal(left, right) => equality(self.term(*left), self.term(*right), positive),
            Formula::Compare(comparator, left, right) => Condition::Comparison {
                comparator: *comparator,
                left: rename_expression(left, &|t| self.term(t)),
                right: rename_expression(right, &|t| self.term(t)),
                positive,
            },
        }
    }

    fn quantified(&self, slots: Vec<u32>, inner: Condition, exists: bool) -> Condition {
        if self.any_empty(&slots) {
            return if exists { Condition::FALSE } else { Condition::TRUE };
        }
        match (inner, exists) {
            (constant, _) if constant == Condition::TRUE || constant == Condition::FALSE => {
                constant
            }
            (inner, true) => Condition::Exists(slots, Box::new(inner)),
            (inner, false) => Condition::Forall(slots, Box::new(inner)),
        }
    }
}

fn equality(left: Term, right: Term, equal: bool) -> Condition {
    let constant = match (left, right) {
        (Term::Object(a), Term::Object(b)) => Some(a == b),
        _ => (left == right).then_some(true),
    };
    match constant {
        None => Condition::Equality { left, right, equal },
        Some(holds) if holds == equal => Condition::TRUE,
        Some(_) => Condition::FALSE,
    }
}
