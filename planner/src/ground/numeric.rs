//! Numeric variables, conditions and changes of a grounding.

use std::collections::BTreeMap;

use super::{
    data::{Comparison, ComparisonId, NumericId, Relation},
    expression::GroundExpression,
    instances::value,
    logic::Lit,
};
use crate::model::{Assignment, Comparator, Expression, Fluent, LiftedFluent};

/// What is known of the numbers.
pub(super) struct Numerics<'a> {
    /// Functions that an action changes.
    assigned: &'a [bool],
    values: &'a BTreeMap<Fluent, f64>,
    ids: BTreeMap<Fluent, NumericId>,
    pub(super) fluents: Vec<Fluent>,
    pub(super) comparisons: Vec<Comparison>,
    known: BTreeMap<Vec<u64>, ComparisonId>,
}

/// A numeric condition, as far as it is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    Always,
    Never,
    If(ComparisonId),
}

impl<'a> Numerics<'a> {
    pub(super) fn new(assigned: &'a [bool], values: &'a BTreeMap<Fluent, f64>) -> Self {
        Self {
            assigned,
            values,
            ids: BTreeMap::new(),
            fluents: vec![],
            comparisons: vec![],
            known: BTreeMap::new(),
        }
    }

    /// The value of a variable at first; NaN if it is undefined.
    pub(super) fn initial(&self, variable: NumericId) -> f64 {
        self.values.get(&self.fluents[variable as usize]).copied().unwrap_or(f64::NAN)
    }

    fn ground(fluent: &LiftedFluent, binding: &[u32]) -> Fluent {
        let args = fluent.terms.iter().map(|&t| ergon_vocab::ObjectId(value(t, binding)));
        Fluent { function: fluent.function, args: args.collect() }
    }

    /// The variable of a fluent that an action changes.
    pub(super) fn variable(&mut self, fluent: &LiftedFluent, binding: &[u32]) -> NumericId {
        let fluent = Self::ground(fluent, binding);
        if let Some(&id) = self.ids.get(&fluent) {
            return id;
        }
        let id = self.fluents.len() as NumericId;
        self.fluents.push(fluent.clone());
        self.ids.insert(fluent, id);
        id
    }

    /// The expression for a binding. A part that is undefined for ever is NaN.
    pub(super) fn expression(&mut self, e: &Expression, binding: &[u32]) -> GroundExpression {
        use GroundExpression as G;
        let folded = match e {
            Expression::Number(n) => G::Number(*n),
            Expression::Fluent(fluent) => {
                let changes = self.assigned.get(fluent.function.index()) == Some(&true);
                if changes {
                    return G::Variable(self.variable(fluent, binding));
                }
                let value = self.values.get(&Self::ground(fluent, binding));
                G::Number(value.copied().unwrap_or(f64::NAN))
            }
            // Neither means anything in an action without duration.
            Expression::Duration | Expression::TotalTime => G::Number(f64::NAN),
            Expression::Negation(a) => G::Negation(Box::new(self.expression(a, binding))),
            Expression::Sum(parts) => G::Sum(self.list(parts, binding)),
            Expression::Product(parts) => G::Product(self.list(parts, binding)),
            Expression::Difference(a, b) => {
                let (a, b) = (self.expression(a, binding), self.expression(b, binding));
                G::Difference(Box::new(a), Box::new(b))
            }
            Expression::Quotient(a, b) => {
                let (a, b) = (self.expression(a, binding), self.expression(b, binding));
                G::Quotient(Box::new(a), Box::new(b))
            }
        };
        folded.folded()
    }

    fn list(&mut self, parts: &[Expression], binding: &[u32]) -> Vec<GroundExpression> {
        parts.iter().map(|p| self.expression(p, binding)).collect()
    }

    /// `left comparator right`.
    pub(super) fn compare(
        &mut self,
        comparator: Comparator,
        left: &GroundExpression,
        right: &GroundExpression,
    ) -> Compared {
        let (a, b, relation) = match comparator {
            Comparator::Less => (right, left, Relation::AboveZero),
            Comparator::LessOrEqual => (right, left, Relation::AtLeastZero),
            Comparator::Equal => (left, right, Relation::Zero),
            Comparator::GreaterOrEqual => (left, right, Relation::AtLeastZero),
            Comparator::Greater => (left, right, Relation::AboveZero),
        };
        let expression = match b.number() {
            Some(0.0) => a.clone(),
            _ => GroundExpression::Difference(Box::new(a.clone()), Box::new(b.clone())).folded(),
        };
        match expression.number() {
            Some(n) if relation.holds(n) => Compared::Always,
            Some(_) => Compared::Never,
            None => Compared::If(self.intern(Comparison { expression, relation })),
        }
    }

    fn intern(&mut self, comparison: Comparison) -> ComparisonId {
        let mut key = vec![comparison.relation as u64];
        comparison.expression.encode(&mut key);
        let comparisons = &mut self.comparisons;
        *self.known.entry(key).or_insert_with(|| {
            comparisons.push(comparison);
            comparisons.len() as ComparisonId - 1
        })
    }

    /// The conditions under which a change has a defined result.
    pub(super) fn asks_for(
        &mut self,
        assignment: Assignment,
        variable: NumericId,
        by: &GroundExpression,
    ) -> Vec<Lit> {
        let old =
            (assignment != Assignment::Assign).then_some(GroundExpression::Variable(variable));
        let mut lits = vec![];
        for value in std::iter::once(by.clone()).chain(old) {
            if self.defined(&value) {
                continue;
            }
            // An undefined value is not even equal to itself.
            let twice = (Box::new(value.clone()), Box::new(value));
            let expression = GroundExpression::Difference(twice.0, twice.1);
            lits.push(Lit::Compares(
                self.intern(Comparison { expression, relation: Relation::Zero }),
            ));
        }
        lits
    }

    /// Whether an expression has a value in every state.
    pub(super) fn defined(&self, e: &GroundExpression) -> bool {
        let mut defined = !e.divides();
        e.for_each_variable(&mut |v| defined &= !self.initial(v).is_nan());
        defined
    }
}
