//! A problem: objects, initial state, goal and metric over a domain.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ergon_vocab::{Atom, Literal, ObjectSymbol, State, Symbols};
use thiserror::Error;

use super::{Domain, Expression, Fluent, Formula, LiftedFluent, Term, arguments_misfit, misfit};
use crate::pddl::is_name;

/// Whether the metric is to be small or large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// The smaller the better.
    Minimize,
    /// The larger the better.
    Maximize,
}

/// By what plans are compared: the value of an expression at the end of the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Whether the value is to be small or large.
    pub direction: Direction,
    /// The value.
    pub expression: Expression,
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
    /// The function does not exist or has other parameters, or the value is not finite.
    #[error("{fluent} does not fit the domain: {reason}")]
    BadFluent {
        /// The fluent as text.
        fluent: String,
        /// What is wrong.
        reason: String,
    },
}

/// A planning problem: objects, initial state, goal and metric over a domain.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub(crate) name: String,
    pub(crate) domain: Arc<Domain>,
    /// The domain's symbols with the objects of the problem after the constants.
    pub(crate) symbols: Arc<Symbols>,
    pub(crate) init: State,
    pub(crate) values: BTreeMap<Fluent, f64>,
    pub(crate) goal: Formula,
    pub(crate) metric: Option<Metric>,
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
        let (init, values, goal) = (State::new(), BTreeMap::new(), Formula::default());
        Ok(Self { name, domain, symbols, init, values, goal, metric: None })
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

    /// The problem with other initial values of the numeric fluents.
    ///
    /// # Errors
    /// A fluent has an unknown function, a wrong number of arguments or an argument of a wrong type,
    /// or a value is not finite.
    pub fn with_values(mut self, values: BTreeMap<Fluent, f64>) -> Result<Self, ProblemError> {
        values.iter().try_for_each(|(fluent, &value)| self.check_value(fluent, value))?;
        self.values = values;
        Ok(self)
    }

    /// The problem with another goal, a conjunction.
    ///
    /// # Errors
    /// An atom has an unknown predicate, a wrong number of arguments or an argument of a wrong type.
    pub fn with_goal(mut self, goal: Vec<Literal>) -> Result<Self, ProblemError> {
        goal.iter().try_for_each(|literal| self.check(&literal.atom))?;
        self.goal = Formula::of_literals(&goal);
        Ok(self)
    }

    /// The problem with another metric, or with none.
    ///
    /// # Errors
    /// The metric reads a fluent that does not fit the domain or has a variable, or a duration, or a
    /// number that is not finite.
    pub fn with_metric(mut self, metric: Option<Metric>) -> Result<Self, ProblemError> {
        if let Some(metric) = &metric {
            self.check_expression(&metric.expression)?;
        }
        self.metric = metric;
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

    fn check_value(&self, fluent: &Fluent, value: f64) -> Result<(), ProblemError> {
        let reason = match self.domain.functions.get(fluent.function.index()) {
            None => Some("there is no such function".into()),
            Some(f) => arguments_misfit(&self.symbols, &f.name, &f.parameters, &fluent.args),
        };
        let reason =
            reason.or_else(|| (!value.is_finite()).then(|| format!("its value is {value}")));
        reason.map_or(Ok(()), |reason| {
            Err(ProblemError::BadFluent { fluent: self.show_fluent(fluent), reason })
        })
    }

    fn check_expression(&self, expression: &Expression) -> Result<(), ProblemError> {
        let bad = |fluent: &str, reason: &str| {
            Err(ProblemError::BadFluent { fluent: fluent.into(), reason: reason.into() })
        };
        match expression {
            Expression::Number(n) if n.is_finite() => Ok(()),
            Expression::Number(n) => bad(&n.to_string(), "not a finite number"),
            Expression::Fluent(LiftedFluent { terms, .. })
                if terms.iter().any(|t| matches!(t, Term::Variable(_))) =>
            {
                bad("a variable", "a metric has none")
            }
            Expression::Fluent(fluent) => self.check_value(&fluent.ground(&[]), 0.0),
            Expression::Duration => bad("?duration", "a metric has none"),
            Expression::TotalTime => Ok(()),
            Expression::Negation(inner) => self.check_expression(inner),
            Expression::Sum(parts) | Expression::Product(parts) => {
                parts.iter().try_for_each(|part| self.check_expression(part))
            }
            Expression::Difference(a, b) | Expression::Quotient(a, b) => {
                self.check_expression(a).and_then(|()| self.check_expression(b))
            }
        }
    }

    /// `(distance a b)`.
    pub fn show_fluent(&self, fluent: &Fluent) -> String {
        let function = self.domain.functions.get(fluent.function.index());
        let mut text = format!("({}", function.map_or("?", |f| &f.name));
        for &arg in &fluent.args {
            text.extend([" ", self.symbols.object_name(arg)]);
        }
        text + ")"
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

    /// The initial values of the numeric fluents. A fluent that is not there is undefined.
    pub fn values(&self) -> &BTreeMap<Fluent, f64> {
        &self.values
    }

    /// The goal.
    pub fn goal(&self) -> &Formula {
        &self.goal
    }

    /// By what plans are compared; by their length if there is none.
    pub fn metric(&self) -> Option<&Metric> {
        self.metric.as_ref()
    }
}

fn check_name(name: &str) -> Result<(), ProblemError> {
    match is_name(name) && !name.bytes().any(|b| b.is_ascii_uppercase()) {
        true => Ok(()),
        false => Err(ProblemError::BadName(name.into())),
    }
}
