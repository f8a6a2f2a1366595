//! Durative actions as instant ones, on the lifted level.

use std::{collections::BTreeSet, sync::Arc};

use ergon_vocab::{ActionSymbol, PredicateId, PredicateSymbol, Symbols};

use super::{
    event::{Phase, has_fixed_duration},
    regress::{Outcome, regress, regress_effect, surviving},
};
use crate::{
    Task,
    model::{
        Assignment, Axiom, Comparator, Direction, Domain, DurativeSchema, Effect, Expression,
        Fluent, Formula, FunctionId, FunctionSymbol, LiftedAtom, LiftedFluent, Metric, Problem,
        Schema, Term, Variable,
    },
};

/// A problem with instant actions only.
pub(super) struct Compiled {
    pub(super) task: Task,
    /// What each schema was made of: a schema of the original problem, and what of it.
    pub(super) origin: Vec<(usize, Phase)>,
}

/// Every durative action as one instant action that starts and ends it. Its plans are plans of the
/// original problem; those in which actions must overlap are missing.
pub(super) fn compress(problem: &Problem, task: &Task) -> Compiled {
    let mut builder = Builder::new(problem, task);
    for (index, schema) in problem.domain().schemas().iter().enumerate() {
        let symbol = &problem.symbols().actions[index];
        match schema {
            Schema::Instant { .. } => {
                builder.push(symbol.clone(), schema.clone(), (index, Phase::Instant));
            }
            Schema::Durative(durative) => {
                let schema = builder.whole(durative);
                builder.push(symbol.clone(), schema, (index, Phase::Whole));
            }
        }
    }
    builder.finish(problem.goal().clone())
}

/// Every durative action as two instant actions, its start and its end, with an atom that holds
/// while it runs (snap actions; Long & Fox 2003). A derived atom tells whether a running action lacks
/// what it needs over all: no action is applicable then. Durations are left out; the same action
/// with the same arguments does not overlap itself.
pub(super) fn split(problem: &Problem, task: &Task) -> Compiled {
    let mut builder = Builder::new(problem, task);
    let actions = &problem.symbols().actions;
    let durative = |schema: &Schema| matches!(schema, Schema::Durative(_));
    for (symbol, _) in actions.iter().zip(task.schemas()).filter(|(_, s)| durative(s)) {
        let parameters = symbol.parameters.iter().map(|(_, types)| types.clone()).collect();
        builder.predicate(format!("running {}", symbol.name), parameters);
    }
    builder.break_invariants(actions);
    let mut running = builder.base;
    let mut goal = vec![problem.goal().clone(), builder.intact()];
    for (index, schema) in task.schemas().iter().enumerate() {
        let symbol = &actions[index];
        let Schema::Durative(durative) = schema else {
            let schema = builder.instant(schema);
            builder.push(symbol.clone(), schema, (index, Phase::Instant));
            continue;
        };
        let atom = running_atom(running, symbol);
        running += 1;
        let (start, end) = (builder.start(durative, &atom), builder.end(durative, &atom));
        builder.push(symbol.clone(), start, (index, Phase::Start));
        let name = format!("end {}", symbol.name);
        builder.push(ActionSymbol { name, ..symbol.clone() }, end, (index, Phase::End));
        let idle = Formula::Not(Box::new(Formula::Atom(atom)));
        goal.push(match symbol.parameters.is_empty() {
            true => idle,
            false => Formula::Forall(variables(symbol), Box::new(idle)),
        });
    }
    builder.finish(Formula::And(goal))
}

fn variables(symbol: &ActionSymbol) -> Vec<Variable> {
    let variable =
        |(name, types): &(String, Vec<_>)| Variable { name: name.clone(), types: types.clone() };
    symbol.parameters.iter().map(variable).collect()
}

fn running_atom(predicate: usize, symbol: &ActionSymbol) -> LiftedAtom {
    let terms = (0..symbol.parameters.len() as u32).map(Term::Variable).collect();
    LiftedAtom { predicate: PredicateId(predicate as u32), terms }
}

fn negated(atom: LiftedAtom) -> Formula {
    Formula::Not(Box::new(Formula::Atom(atom)))
}

struct Builder<'p> {
    problem: &'p Problem,
    original: &'p Task,
    /// Number of predicates of the original domain.
    base: usize,
    predicates: Vec<PredicateSymbol>,
    actions: Vec<ActionSymbol>,
    schemas: Vec<Schema>,
    axioms: Vec<Axiom>,
    origin: Vec<(usize, Phase)>,
    /// Holds where a running action lacks what it needs; nothing if none needs anything.
    broken: Option<LiftedAtom>,
    /// The function that grows by the duration of each action.
    time: FunctionId,
}

impl<'p> Builder<'p> {
    fn new(problem: &'p Problem, original: &'p Task) -> Self {
        let predicates = problem.symbols().predicates.clone();
        Self {
            problem,
            original,
            base: predicates.len(),
            predicates,
            actions: vec![],
            schemas: vec![],
            axioms: problem.domain().axioms().to_vec(),
            origin: vec![],
            broken: None,
            time: FunctionId(problem.domain().functions().len() as u32),
        }
    }

    /// A name with a space is no name of PDDL, so that it cannot be taken.
    fn predicate(&mut self, name: String, parameters: Vec<Vec<ergon_vocab::TypeId>>) {
        self.predicates.push(PredicateSymbol { name, parameters });
    }

    fn push(&mut self, symbol: ActionSymbol, schema: Schema, origin: (usize, Phase)) {
        self.actions.push(symbol);
        self.schemas.push(schema);
        self.origin.push(origin);
    }

    /// Defines the atom that tells whether a running action lacks what it needs over all.
    fn break_invariants(&mut self, actions: &[ActionSymbol]) {
        let atom = LiftedAtom {
            predicate: PredicateId(self.predicates.len() as u32),
            terms: Box::default(),
        };
        let mut running = self.base;
        for (schema, symbol) in self.original.schemas().iter().zip(actions) {
            let Schema::Durative(durative) = schema else { continue };
            let runs = running_atom(running, symbol);
            running += 1;
            if is_empty(&durative.over_all) {
                continue;
            }
            let lacks = Formula::Not(Box::new(durative.over_all.clone()));
            let body = Formula::And(vec![Formula::Atom(runs), lacks]);
            let body = match symbol.parameters.is_empty() {
                true => body,
                false => Formula::Exists(variables(symbol), Box::new(body)),
            };
            self.axioms.push(Axiom { predicate: atom.predicate, parameters: vec![], body });
            self.broken = Some(atom.clone());
        }
        if self.broken.is_some() {
            self.predicate("broken invariant".into(), vec![]);
        }
    }

    /// No running action lacks what it needs.
    fn intact(&self) -> Formula {
        self.broken.clone().map_or_else(Formula::default, negated)
    }

    fn instant(&self, schema: &Schema) -> Schema {
        let Schema::Instant { precondition, effect } = schema else { return schema.clone() };
        let precondition = Formula::And(vec![precondition.clone(), self.intact()]);
        Schema::Instant { precondition, effect: effect.clone() }
    }

    fn start(&self, schema: &DurativeSchema, running: &LiftedAtom) -> Schema {
        let precondition = Formula::And(vec![
            schema.at_start.clone(),
            possible(schema),
            negated(running.clone()),
            self.intact(),
        ]);
        let effect = Effect::And(vec![
            with_duration(&schema.start_effect, &least_duration(schema)),
            Effect::Add(running.clone()),
            self.takes(schema),
        ]);
        Schema::Instant { precondition, effect }
    }

    fn end(&self, schema: &DurativeSchema, running: &LiftedAtom) -> Schema {
        let precondition = Formula::And(vec![
            Formula::Atom(running.clone()),
            schema.at_end.clone(),
            self.intact(),
        ]);
        let effect = Effect::And(vec![
            with_duration(&schema.end_effect, &least_duration(schema)),
            Effect::Delete(running.clone()),
        ]);
        Schema::Instant { precondition, effect }
    }

    fn whole(&self, schema: &DurativeSchema) -> Schema {
        let (start, end) = (Outcome::of(&schema.start_effect), Outcome::of(&schema.end_effect));
        let precondition = Formula::And(vec![
            schema.at_start.clone(),
            possible(schema),
            regress(&schema.over_all, &start),
            regress(&schema.at_end, &start),
        ]);
        let duration = least_duration(schema);
        let effect = Effect::And(vec![
            with_duration(&surviving(&schema.start_effect, &end), &duration),
            with_duration(&regress_effect(&schema.end_effect, &start), &duration),
            self.takes(schema),
        ]);
        Schema::Instant { precondition, effect }
    }

    /// The effect that counts how long the action takes; one where that is not known beforehand.
    fn takes(&self, schema: &DurativeSchema) -> Effect {
        let value = match has_fixed_duration(self.original, schema) {
            true => least_duration(schema),
            false => Expression::Number(1.0),
        };
        let time = LiftedFluent { function: self.time, terms: Box::default() };
        Effect::Assign(Assignment::Increase, time, value)
    }

    fn finish(self, goal: Formula) -> Compiled {
        let domain = self.problem.domain();
        let with = |symbols: &Symbols| Symbols {
            predicates: self.predicates.clone(),
            actions: self.actions.clone(),
            ..symbols.clone()
        };
        let mut functions = domain.functions().to_vec();
        functions.push(FunctionSymbol { name: "time taken".into(), parameters: vec![] });
        let mut values = self.problem.values().clone();
        values.insert(Fluent { function: self.time, args: Box::default() }, 0.0);
        let problem = Problem {
            name: self.problem.name().into(),
            domain: Arc::new(Domain {
                name: domain.name().into(),
                requirements: BTreeSet::new(),
                symbols: with(domain.symbols()),
                functions,
                schemas: self.schemas,
                axioms: self.axioms,
            }),
            symbols: Arc::new(with(self.problem.symbols())),
            init: self.problem.init().clone(),
            values,
            goal,
            metric: Some(metric(self.problem, self.time)),
        };
        Compiled { task: Task::new(&problem), origin: self.origin }
    }
}

fn is_empty(formula: &Formula) -> bool {
    matches!(formula, Formula::And(parts) if parts.iter().all(is_empty))
}

/// The metric with the time taken by all actions in place of the length of the plan.
fn metric(problem: &Problem, time: FunctionId) -> Metric {
    let taken = Expression::Fluent(LiftedFluent { function: time, terms: Box::default() });
    match problem.metric() {
        None => Metric { direction: Direction::Minimize, expression: taken },
        Some(metric) => Metric {
            direction: metric.direction,
            expression: replace(&metric.expression, &Expression::TotalTime, &taken),
        },
    }
}

/// The smallest duration that the constraints allow, as far as one expression can say it: the first
/// lower bound.
fn least_duration(schema: &DurativeSchema) -> Expression {
    let lower = schema.duration.iter().find(|c| c.comparator != Comparator::LessOrEqual);
    lower.map_or(Expression::Number(0.0), |c| c.value.clone())
}

/// Whether the bounds of the duration have values that allow some duration.
fn possible(schema: &DurativeSchema) -> Formula {
    let at_most = |a: &Expression, b: &Expression| {
        let known = matches!((a, b), (Expression::Number(a), Expression::Number(b)) if a <= b);
        (!known).then(|| Formula::Compare(Comparator::LessOrEqual, a.clone(), b.clone()))
    };
    let mut parts = vec![];
    for upper in schema.duration.iter().filter(|c| c.comparator != Comparator::GreaterOrEqual) {
        parts.extend(at_most(&Expression::Number(0.0), &upper.value));
        let lower = schema.duration.iter().filter(|c| c.comparator != Comparator::LessOrEqual);
        parts.extend(
            lower
                .filter(|c| c.value != upper.value)
                .filter_map(|c| at_most(&c.value, &upper.value)),
        );
    }
    for lower in schema.duration.iter().filter(|c| c.comparator == Comparator::GreaterOrEqual) {
        // Whatever value it has is fine; it must have one.
        parts.extend(match lower.value {
            Expression::Number(_) => None,
            ref value => Some(Formula::Compare(Comparator::Equal, value.clone(), value.clone())),
        });
    }
    Formula::And(parts)
}

fn with_duration(effect: &Effect, duration: &Expression) -> Effect {
    let inner = |effect: &Effect| Box::new(with_duration(effect, duration));
    match effect {
        Effect::And(parts) => {
            Effect::And(parts.iter().map(|part| with_duration(part, duration)).collect())
        }
        Effect::When(condition, body) => Effect::When(condition.clone(), inner(body)),
        Effect::Forall(variables, body) => Effect::Forall(variables.clone(), inner(body)),
        Effect::Assign(assignment, fluent, value) => {
            let value = replace(value, &Expression::Duration, duration);
            Effect::Assign(*assignment, fluent.clone(), value)
        }
        Effect::Add(_) | Effect::Delete(_) => effect.clone(),
    }
}

fn replace(expression: &Expression, old: &Expression, new: &Expression) -> Expression {
    if expression == old {
        return new.clone();
    }
    let boxed = |e: &Expression| Box::new(replace(e, old, new));
    let all = |parts: &[Expression]| parts.iter().map(|e| replace(e, old, new)).collect();
    match expression {
        Expression::Negation(a) => Expression::Negation(boxed(a)),
        Expression::Sum(parts) => Expression::Sum(all(parts)),
        Expression::Product(parts) => Expression::Product(all(parts)),
        Expression::Difference(a, b) => Expression::Difference(boxed(a), boxed(b)),
        Expression::Quotient(a, b) => Expression::Quotient(boxed(a), boxed(b)),
        Expression::Number(_)
        | Expression::Fluent(_)
        | Expression::Duration
        | Expression::TotalTime => expression.clone(),
    }
}
