//! A state as the judge sees it: facts by predicate, values by function.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use ergon_vocab::{ObjectId, PredicateId, Symbols, TypeId};

use super::{
    axioms::Axioms,
    effect::Changes,
    query::{Frame, Goal, solve},
};
use crate::{
    model::{Comparator, Expression, Formula, LiftedFluent, Problem, Term},
    pddl::Shown,
};

/// The arguments for which a predicate holds.
pub(super) type Extension = BTreeSet<Box<[ObjectId]>>;

/// Numbers this close count as equal, relative to the larger one if it is above 1. Sums of decimal
/// fractions differ by far less.
const TOLERANCE: f64 = 1e-6;

/// The state and what it takes to look into it.
pub(super) struct World<'p> {
    pub(super) problem: &'p Problem,
    pub(super) symbols: &'p Symbols,
    /// Extension of each predicate, the derived ones included.
    pub(super) facts: Vec<Extension>,
    /// Values of each function.
    pub(super) values: Vec<BTreeMap<Box<[ObjectId]>, f64>>,
    /// Objects of each type and its subtypes.
    members: Vec<Vec<ObjectId>>,
    axioms: Axioms<'p>,
    /// Whether the derived facts are out of date.
    stale: bool,
    /// Length of the plan, for the metric.
    pub(super) total_time: f64,
}

impl<'p> World<'p> {
    pub(super) fn new(problem: &'p Problem) -> Self {
        let symbols = problem.symbols();
        let mut facts = vec![Extension::new(); symbols.predicates.len()];
        for atom in problem.init() {
            facts[atom.predicate.index()].insert(atom.args.clone());
        }
        let mut values = vec![BTreeMap::new(); problem.domain().functions().len()];
        for (fluent, &value) in problem.values() {
            values[fluent.function.index()].insert(fluent.args.clone(), value);
        }
        let mut members = vec![vec![]; symbols.types.len()];
        for (id, object) in (0u32..).map(ObjectId).zip(&symbols.objects) {
            let mut at = Some(object.type_id);
            while let Some(kind) = at {
                members[kind.index()].push(id);
                at = symbols.types[kind.index()].parent;
            }
        }
        let axioms = Axioms::new(problem.domain());
        Self { problem, symbols, facts, values, members, axioms, stale: true, total_time: 0.0 }
    }

    /// The objects of any of the types, in order, each once.
    pub(super) fn domain(&self, types: &[TypeId]) -> Vec<ObjectId> {
        match types {
            [single] => self.members[single.index()].clone(),
            _ => {
                let all = types.iter().flat_map(|t| &self.members[t.index()]).copied();
                all.collect::<BTreeSet<_>>().into_iter().collect()
            }
        }
    }

    /// Brings the derived facts up to date, if the formula reads any and they are not.
    pub(super) fn prepare(&mut self, formula: &Formula) {
        if self.stale && self.axioms.are_read_by(formula) {
            self.refresh();
        }
    }

    /// Brings the derived facts up to date.
    pub(super) fn refresh(&mut self) {
        if self.stale && !self.axioms.is_empty() {
            let axioms = std::mem::take(&mut self.axioms);
            axioms.evaluate(self);
            self.axioms = axioms;
        }
        self.stale = false;
    }

    pub(super) fn axioms(&self) -> &Axioms<'p> {
        &self.axioms
    }

    /// Makes changes that were collected in this state.
    pub(super) fn apply(&mut self, changes: Changes) -> Result<(), String> {
        let touches = |p: &PredicateId| self.axioms.depend_on(*p);
        let atoms = changes.deletes.iter().chain(&changes.adds).map(|(p, _)| p);
        self.stale |= atoms.clone().any(touches);
        self.stale |= !changes.numbers.is_empty() && self.axioms.compare();
        for (predicate, args) in &changes.deletes {
            self.facts[predicate.index()].remove(args);
        }
        for (predicate, args) in changes.adds {
            self.facts[predicate.index()].insert(args);
        }
        for (fluent, value) in changes.numbers.results(self)? {
            self.values[fluent.function.index()].insert(fluent.args, value);
        }
        Ok(())
    }

    /// Whether a formula holds where all variables in scope are bound.
    pub(super) fn holds(&self, formula: &Formula, binding: &[ObjectId]) -> bool {
        match formula {
            Formula::And(parts) => parts.iter().all(|part| self.holds(part, binding)),
            Formula::Or(parts) => parts.iter().any(|part| self.holds(part, binding)),
            Formula::Not(inner) => !self.holds(inner, binding),
            Formula::Imply(a, b) => !self.holds(a, binding) || self.holds(b, binding),
            Formula::Exists(variables, body) => self.finds(variables, body, true, binding),
            Formula::Forall(variables, body) => !self.finds(variables, body, false, binding),
            Formula::Atom(atom) => {
                let args: Vec<ObjectId> = atom.terms.iter().map(|t| t.value(binding)).collect();
                self.facts[atom.predicate.index()].contains(&args[..])
            }
            Formula::Equal(a, b) => a.value(binding) == b.value(binding),
            Formula::Compare(comparator, a, b) => {
                match (self.value(a, binding, 0.0), self.value(b, binding, 0.0)) {
                    (Some(a), Some(b)) => compare(*comparator, a, b, TOLERANCE),
                    _ => false,
                }
            }
        }
    }

    /// Whether some objects make the body true, or false where `positive` is.
    fn finds(
        &self,
        variables: &[crate::model::Variable],
        body: &Formula,
        positive: bool,
        binding: &[ObjectId],
    ) -> bool {
        let mut frame = Frame::new(binding);
        frame.open(variables);
        solve(self, vec![Goal { formula: body, positive }], &mut frame, &mut |_| true)
    }

    /// The value of an expression; none where it reads what is undefined or divides by zero.
    pub(super) fn value(
        &self,
        expression: &Expression,
        binding: &[ObjectId],
        duration: f64,
    ) -> Option<f64> {
        let of = |e: &Expression| self.value(e, binding, duration);
        match expression {
            Expression::Number(n) => Some(*n),
            Expression::Fluent(LiftedFluent { function, terms }) => {
                let args: Vec<ObjectId> = terms.iter().map(|t: &Term| t.value(binding)).collect();
                let known = self.values[function.index()].get(&args[..]).copied();
                // The cost so far is 0 where a file does not say so.
                let is_cost =
                    self.problem.domain().functions()[function.index()].name == "total-cost";
                known.or(is_cost.then_some(0.0))
            }
            Expression::Duration => Some(duration),
            Expression::TotalTime => Some(self.total_time),
            Expression::Negation(a) => of(a).map(|a| -a),
            Expression::Sum(parts) => parts.iter().map(of).sum(),
            Expression::Product(parts) => parts.iter().map(of).product(),
            Expression::Difference(a, b) => Some(of(a)? - of(b)?),
            Expression::Quotient(a, b) => Some(of(a)? / of(b)?).filter(|q| q.is_finite()),
        }
    }

    /// The conjuncts of a formula that do not hold, as text.
    pub(super) fn violated(&mut self, formula: &Formula, binding: &[ObjectId]) -> Vec<String> {
        self.prepare(formula);
        let mut shown = vec![];
        self.list_violated(formula, binding, &mut shown);
        shown
    }

    fn list_violated(&self, formula: &Formula, binding: &[ObjectId], out: &mut Vec<String>) {
        match formula {
            Formula::And(parts) => {
                parts.iter().for_each(|part| self.list_violated(part, binding, out));
            }
            _ if self.holds(formula, binding) => {}
            _ => out.push(self.show(formula, binding)),
        }
    }

    /// A formula as text, with objects in place of the bound variables.
    fn show(&self, formula: &Formula, binding: &[ObjectId]) -> String {
        let mut shown = Shown::new(self.symbols, self.problem.domain().functions());
        shown.scope = binding.iter().map(|&o| self.symbols.object_name(o)).collect();
        let mut text = String::new();
        match shown.formula(&mut text, formula) {
            Ok(()) => text,
            Err(e) => e.to_string(),
        }
    }

    /// An expression as text, with objects in place of the bound variables.
    pub(super) fn show_expression(&self, expression: &Expression, binding: &[ObjectId]) -> String {
        let mut shown = Shown::new(self.symbols, self.problem.domain().functions());
        shown.scope = binding.iter().map(|&o| self.symbols.object_name(o)).collect();
        let mut text = String::new();
        match shown.expression(&mut text, expression) {
            Ok(()) => text,
            Err(e) => e.to_string(),
        }
    }

    /// `(p a b)`.
    pub(super) fn show_atom(&self, predicate: PredicateId, args: &[ObjectId]) -> String {
        let mut text = format!("({}", self.symbols.predicate_name(predicate));
        for &arg in args {
            // Writing to a string cannot fail.
            if write!(text, " {}", self.symbols.object_name(arg)).is_err() {
                break;
            }
        }
        text + ")"
    }
}

/// Compares two numbers; `=`, `<=` and `>=` also hold where they are as close as the tolerance.
pub(super) fn compare(comparator: Comparator, a: f64, b: f64, tolerance: f64) -> bool {
    let close = (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0);
    match comparator {
        Comparator::Less => a < b,
        Comparator::LessOrEqual => a <= b || close,
        Comparator::Equal => close,
        Comparator::GreaterOrEqual => a >= b || close,
        Comparator::Greater => a > b,
    }
}
