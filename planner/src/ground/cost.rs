//! The metric as a sum of operator costs, where it is one.

use super::{
    data::{Change, NumericId},
    numeric::Numerics,
};
use crate::model::{Assignment, Direction, Expression, Fluent, Metric};

/// Costs are scaled by powers of ten up to this one until they are whole numbers.
const LARGEST_SCALE: f64 = 1e6;

/// The largest cost of an operator after scaling.
const LARGEST_COST: f64 = (1 << 24) as f64;

/// What a step costs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum CostModel {
    /// 1, for there is no metric.
    #[default]
    Unit,
    /// The growth of a sum of fluents with factors, and a constant for each step.
    Linear { factors: Vec<(Fluent, f64)>, per_step: f64 },
    /// Not a number that depends on the operator alone.
    Other,
}

impl CostModel {
    /// The costs that a metric means.
    pub(crate) fn new(metric: Option<&Metric>) -> Self {
        let Some(metric) = metric else { return Self::Unit };
        let sign = match metric.direction {
            Direction::Minimize => 1.0,
            Direction::Maximize => -1.0,
        };
        let mut sum = Sum::default();
        if !sum.add(&metric.expression, sign) {
            return Self::Other;
        }
        sum.factors.retain(|(_, factor)| *factor != 0.0);
        Self::Linear { factors: sum.factors, per_step: sum.per_step }
    }

    /// Whether a fluent is one of those whose growth is the cost.
    pub(super) fn counts(&self, fluent: &Fluent) -> bool {
        match self {
            Self::Linear { factors, .. } => factors.iter().any(|(f, _)| f == fluent),
            Self::Unit | Self::Other => false,
        }
    }

    /// The cost of an operator with these changes, if it is a constant that is not negative.
    /// `varying` are the variables that its conditional effects change.
    pub(super) fn of(
        &self,
        changes: &[Change],
        varying: impl Iterator<Item = NumericId>,
        numerics: &Numerics<'_>,
    ) -> Option<f64> {
        let (factors, per_step) = match self {
            Self::Unit => return Some(1.0),
            Self::Linear { factors, per_step } => (factors, *per_step),
            Self::Other => return None,
        };
        let factor = |variable: NumericId| {
            let fluent = &numerics.fluents[variable as usize];
            factors.iter().find(|(f, _)| f == fluent).map(|(_, factor)| *factor)
        };
        if varying.into_iter().any(|v| factor(v).is_some()) {
            return None;
        }
        let mut cost = per_step;
        for change in changes {
            let Some(factor) = factor(change.variable) else { continue };
            let value = change.value.number()?;
            cost += match change.assignment {
                Assignment::Increase => factor * value,
                Assignment::Decrease => -factor * value,
                _ => return None,
            };
        }
        (cost.is_finite() && cost >= 0.0).then_some(cost)
    }
}

/// A metric read as a linear expression.
#[derive(Default)]
struct Sum {
    factors: Vec<(Fluent, f64)>,
    per_step: f64,
}

impl Sum {
    /// Adds a multiple of an expression. False if it is not linear.
    fn add(&mut self, e: &Expression, factor: f64) -> bool {
        match e {
            Expression::Number(_) => true,
            Expression::TotalTime => {
                self.per_step += factor;
                true
            }
            Expression::Duration => false,
            Expression::Fluent(fluent) => {
                let fluent = fluent.ground(&[]);
                match self.factors.iter_mut().find(|(f, _)| *f == fluent) {
                    Some((_, sum)) => *sum += factor,
                    None => self.factors.push((fluent, factor)),
                }
                true
            }
            Expression::Negation(a) => self.add(a, -factor),
            Expression::Sum(parts) => parts.iter().all(|p| self.add(p, factor)),
            Expression::Difference(a, b) => self.add(a, factor) && self.add(b, -factor),
            Expression::Product(parts) => {
                let numbers = parts.iter().filter_map(number);
                let product: f64 = numbers.product();
                let mut others = parts.iter().filter(|p| number(p).is_none());
                let other = others.next();
                others.next().is_none() && other.is_none_or(|e| self.add(e, factor * product))
            }
            Expression::Quotient(a, b) => {
                number(b).is_some_and(|b| b != 0.0 && self.add(a, factor / b))
            }
        }
    }
}

fn number(e: &Expression) -> Option<f64> {
    match e {
        Expression::Number(n) => Some(*n),
        _ => None,
    }
}

/// The factor that makes all costs whole numbers, or as nearly so as fits.
pub(super) fn scale(costs: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = costs.clone().fold(1.0, f64::max);
    let whole = |scale: f64| {
        costs.clone().all(|cost| {
            let scaled = cost * scale;
            (scaled - scaled.round()).abs() <= 1e-6 * scaled.clamp(1.0, 1000.0)
        })
    };
    let mut scale = 1.0;
    while scale < LARGEST_SCALE && scale * largest * 10.0 <= LARGEST_COST && !whole(scale) {
        scale *= 10.0;
    }
    scale
}

/// A cost as a whole number; too large ones are cut.
pub(super) fn scaled(cost: f64, scale: f64) -> u32 {
    (cost * scale).round().clamp(0.0, f64::from(u32::MAX >> 2)) as u32
}
