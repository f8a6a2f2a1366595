//! What may be true or false, and what has a number as its value.

use ergon_vocab::{Atom, Literal, ObjectId, PredicateId, TypeId};

/// A variable or a named object.
///
/// Variables are numbered by scope: the parameters of the schema or axiom first, then quantified
/// variables outermost first, so that the index of a variable is the number of variables in scope
/// where it is introduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// The variable of that index.
    Variable(u32),
    /// An object.
    Object(ObjectId),
}

impl Term {
    /// The object that the term stands for under a binding of all variables in scope.
    pub fn value(self, binding: &[ObjectId]) -> ObjectId {
        match self {
            Self::Variable(i) => binding[i as usize],
            Self::Object(o) => o,
        }
    }
}

/// A quantified variable or a parameter of an axiom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Lower-case name with its `?`.
    pub name: String,
    /// Admissible types; more than one for `either`.
    pub types: Vec<TypeId>,
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
    /// The atom under a binding of all variables in scope.
    pub fn ground(&self, binding: &[ObjectId]) -> Atom {
        let args = self.terms.iter().map(|t| t.value(binding)).collect();
        Atom { predicate: self.predicate, args }
    }
}

impl From<&Atom> for LiftedAtom {
    fn from(atom: &Atom) -> Self {
        let terms = atom.args.iter().map(|&o| Term::Object(o)).collect();
        Self { predicate: atom.predicate, terms }
    }
}

/// A numeric function of a domain, an index into [`Domain::functions`](crate::Domain::functions).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId(pub u32);

impl FunctionId {
    /// The id as an index into the table it was taken from.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A function applied to terms, such as `(distance ?a ?b)`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LiftedFluent {
    /// The function.
    pub function: FunctionId,
    /// Its terms, in the order of the function's parameters.
    pub terms: Box<[Term]>,
}

impl LiftedFluent {
    /// The fluent under a binding of all variables in scope.
    pub fn ground(&self, binding: &[ObjectId]) -> Fluent {
        let args = self.terms.iter().map(|t| t.value(binding)).collect();
        Fluent { function: self.function, args }
    }
}

/// A function applied to objects: a numeric state variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fluent {
    /// The function.
    pub function: FunctionId,
    /// Its arguments, in the order of the function's parameters.
    pub args: Box<[ObjectId]>,
}

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparator {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `=`
    Equal,
    /// `>=`
    GreaterOrEqual,
    /// `>`
    Greater,
}

impl Comparator {
    /// The sign, such as `<=`.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Equal => "=",
            Self::GreaterOrEqual => ">=",
            Self::Greater => ">",
        }
    }
}

/// A number that may depend on the state. Numbers are finite.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A constant.
    Number(f64),
    /// The value of a fluent.
    Fluent(LiftedFluent),
    /// `?duration`, the duration of a durative action; in its effects only.
    Duration,
    /// `total-time`, the length of the plan; in a metric only.
    TotalTime,
    /// `(- a)`
    Negation(Box<Expression>),
    /// `(+ a b ...)`
    Sum(Vec<Expression>),
    /// `(* a b ...)`
    Product(Vec<Expression>),
    /// `(- a b)`
    Difference(Box<Expression>, Box<Expression>),
    /// `(/ a b)`
    Quotient(Box<Expression>, Box<Expression>),
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Formula {
    /// All hold; true if there are none.
    And(Vec<Formula>),
    /// One of them holds; false if there are none.
    Or(Vec<Formula>),
    /// It does not hold.
    Not(Box<Formula>),
    /// The second holds wherever the first does.
    Imply(Box<Formula>, Box<Formula>),
    /// It holds for some objects.
    Exists(Vec<Variable>, Box<Formula>),
    /// It holds for all objects.
    Forall(Vec<Variable>, Box<Formula>),
    /// The atom holds.
    Atom(LiftedAtom),
    /// Both are the same object.
    Equal(Term, Term),
    /// The values compare as stated. False where one of them is undefined.
    Compare(Comparator, Expression, Expression),
}

impl Default for Formula {
    /// What always holds.
    fn default() -> Self {
        Self::And(vec![])
    }
}

impl Formula {
    /// The conjunction of ground literals.
    pub fn of_literals<'l>(literals: impl IntoIterator<Item = &'l Literal>) -> Self {
        let literal = |l: &Literal| match (Self::Atom((&l.atom).into()), l.positive) {
            (atom, true) => atom,
            (atom, false) => Self::Not(Box::new(atom)),
        };
        Self::And(literals.into_iter().map(literal).collect())
    }

    /// Calls back with the formula and all its parts.
    pub(crate) fn for_each_part<'f>(&'f self, visit: &mut impl FnMut(&'f Self)) {
        visit(self);
        match self {
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().for_each(|part| part.for_each_part(visit));
            }
            Self::Not(inner) | Self::Exists(_, inner) | Self::Forall(_, inner) => {
                inner.for_each_part(visit);
            }
            Self::Imply(a, b) => {
                a.for_each_part(visit);
                b.for_each_part(visit);
            }
            Self::Atom(_) | Self::Equal(..) | Self::Compare(..) => {}
        }
    }

    /// The literals of a conjunction of ground literals, in order; `None` for any other formula.
    pub fn literals(&self) -> Option<Vec<Literal>> {
        let mut literals = vec![];
        self.collect_literals(true, &mut literals).then_some(literals)
    }

    fn collect_literals(&self, positive: bool, out: &mut Vec<Literal>) -> bool {
        match self {
            Self::And(parts) if positive => parts.iter().all(|p| p.collect_literals(true, out)),
            Self::Not(inner) => {
                matches!(**inner, Self::Atom(_)) && inner.collect_literals(!positive, out)
            }
            Self::Atom(atom) if atom.terms.iter().all(|t| matches!(t, Term::Object(_))) => {
                out.push(Literal { atom: atom.ground(&[]), positive });
                true
            }
            _ => false,
        }
    }
}
