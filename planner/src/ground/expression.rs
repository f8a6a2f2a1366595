//! Numeric expressions without variables of the lifted task.

use super::data::NumericId;

/// A number that may depend on the state. Parts that never change are constants.
#[derive(Clone, Debug, PartialEq)]
pub enum GroundExpression {
    /// A constant.
    Number(f64),
    /// The value of a numeric variable.
    Variable(NumericId),
    /// `-a`
    Negation(Box<GroundExpression>),
    /// `a + b + ...`
    Sum(Vec<GroundExpression>),
    /// `a * b * ...`
    Product(Vec<GroundExpression>),
    /// `a - b`
    Difference(Box<GroundExpression>, Box<GroundExpression>),
    /// `a / b`
    Quotient(Box<GroundExpression>, Box<GroundExpression>),
}

/// A linear expression: the sum of `factor * variable` and a constant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linear {
    /// Variables, ascending, with their factors, none of them zero.
    pub terms: Vec<(NumericId, f64)>,
    /// The constant.
    pub constant: f64,
}

impl Linear {
    fn number(value: f64) -> Self {
        Self { terms: vec![], constant: value }
    }

    fn scaled(mut self, factor: f64) -> Self {
        self.terms.iter_mut().for_each(|(_, f)| *f *= factor);
        self.terms.retain(|(_, f)| *f != 0.0);
        Self { constant: self.constant * factor, ..self }
    }

    fn plus(mut self, other: &Self) -> Self {
        for &(variable, factor) in &other.terms {
            match self.terms.binary_search_by_key(&variable, |t| t.0) {
                Ok(at) => self.terms[at].1 += factor,
                Err(at) => self.terms.insert(at, (variable, factor)),
            }
        }
        self.terms.retain(|(_, f)| *f != 0.0);
        Self { constant: self.constant + other.constant, ..self }
    }

    /// The constant, if nothing else is there.
    fn constant_only(&self) -> Option<f64> {
        self.terms.is_empty().then_some(self.constant)
    }
}

impl GroundExpression {
    /// The value where the variables have these values; NaN where it is undefined.
    pub fn value(&self, values: &[f64]) -> f64 {
        self.evaluate(&|variable| values[variable as usize])
    }

    /// The value where `read` gives those of the variables; NaN where it is undefined.
    pub fn evaluate(&self, read: &impl Fn(NumericId) -> f64) -> f64 {
        match self {
            Self::Number(n) => *n,
            Self::Variable(v) => read(*v),
            Self::Negation(a) => -a.evaluate(read),
            Self::Sum(parts) => parts.iter().map(|p| p.evaluate(read)).sum(),
            Self::Product(parts) => parts.iter().map(|p| p.evaluate(read)).product(),
            Self::Difference(a, b) => a.evaluate(read) - b.evaluate(read),
            Self::Quotient(a, b) => quotient(a.evaluate(read), b.evaluate(read)),
        }
    }

    /// The expression as a linear one, if it is.
    pub fn linear(&self) -> Option<Linear> {
        match self {
            Self::Number(n) => Some(Linear::number(*n)),
            Self::Variable(v) => Some(Linear { terms: vec![(*v, 1.0)], constant: 0.0 }),
            Self::Negation(a) => Some(a.linear()?.scaled(-1.0)),
            Self::Difference(a, b) => Some(a.linear()?.plus(&b.linear()?.scaled(-1.0))),
            Self::Sum(parts) => {
                let add = |sum: Linear, p: &Self| Some(sum.plus(&p.linear()?));
                parts.iter().try_fold(Linear::default(), add)
            }
            Self::Product(parts) => {
                let times = |product: Linear, part: &Self| {
                    let part = part.linear()?;
                    match (product.constant_only(), part.constant_only()) {
                        (Some(factor), _) => Some(part.scaled(factor)),
                        (_, Some(factor)) => Some(product.scaled(factor)),
                        _ => None,
                    }
                };
                parts.iter().try_fold(Linear::number(1.0), times)
            }
            Self::Quotient(a, b) => match b.linear()?.constant_only() {
                Some(divisor) if divisor != 0.0 => Some(a.linear()?.scaled(1.0 / divisor)),
                _ => None,
            },
        }
    }

    /// Calls `visit` with every variable.
    pub(crate) fn for_each_variable(&self, visit: &mut dyn FnMut(NumericId)) {
        match self {
            Self::Number(_) => {}
            Self::Variable(v) => visit(*v),
            Self::Negation(a) => a.for_each_variable(visit),
            Self::Sum(parts) | Self::Product(parts) => {
                parts.iter().for_each(|p| p.for_each_variable(visit));
            }
            Self::Difference(a, b) | Self::Quotient(a, b) => {
                a.for_each_variable(visit);
                b.for_each_variable(visit);
            }
        }
    }

    /// The expression with variables replaced, folded again.
    pub(super) fn replace(&self, by: &dyn Fn(NumericId) -> Self) -> Self {
        let list = |parts: &[Self]| parts.iter().map(|p| p.replace(by)).collect();
        let boxed = |inner: &Self| Box::new(inner.replace(by));
        let replaced = match self {
            Self::Number(_) => self.clone(),
            Self::Variable(v) => by(*v),
            Self::Negation(a) => Self::Negation(boxed(a)),
            Self::Sum(parts) => Self::Sum(list(parts)),
            Self::Product(parts) => Self::Product(list(parts)),
            Self::Difference(a, b) => Self::Difference(boxed(a), boxed(b)),
            Self::Quotient(a, b) => Self::Quotient(boxed(a), boxed(b)),
        };
        replaced.folded()
    }

    /// The expression as a number, if its parts are numbers.
    pub(super) fn folded(self) -> Self {
        let constant = match &self {
            Self::Number(_) | Self::Variable(_) => false,
            Self::Negation(a) => a.is_number(),
            Self::Sum(parts) | Self::Product(parts) => parts.iter().all(Self::is_number),
            Self::Difference(a, b) | Self::Quotient(a, b) => a.is_number() && b.is_number(),
        };
        if constant { Self::Number(self.value(&[])) } else { self }
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Number(_))
    }

    /// The value of a constant.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(n) => Some(*n),
            _ => None,
        }
    }

    /// Whether it can be undefined though its variables are not.
    pub(super) fn divides(&self) -> bool {
        match self {
            Self::Number(n) => n.is_nan(),
            Self::Variable(_) => false,
            Self::Negation(a) => a.divides(),
            Self::Sum(parts) | Self::Product(parts) => parts.iter().any(Self::divides),
            Self::Difference(a, b) => a.divides() || b.divides(),
            Self::Quotient(a, b) => {
                a.divides() || !b.number().is_some_and(|d| d != 0.0 && d.is_finite())
            }
        }
    }

    /// Words that tell expressions apart.
    pub(super) fn encode(&self, out: &mut Vec<u64>) {
        let (tag, parts): (u64, &[Self]) = match self {
            Self::Number(n) => return out.extend([0, n.to_bits()]),
            Self::Variable(v) => return out.extend([1, u64::from(*v)]),
            Self::Negation(a) => (2, std::slice::from_ref(&**a)),
            Self::Sum(parts) => (3, parts),
            Self::Product(parts) => (4, parts),
            Self::Difference(a, b) | Self::Quotient(a, b) => {
                out.push(if matches!(self, Self::Difference(..)) { 5 } else { 6 });
                a.encode(out);
                return b.encode(out);
            }
        };
        out.extend([tag, parts.len() as u64]);
        parts.iter().for_each(|p| p.encode(out));
    }
}

fn quotient(a: f64, b: f64) -> f64 {
    if b == 0.0 { f64::NAN } else { a / b }
}
