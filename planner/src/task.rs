//! A task: what the planner works on.

mod plan;
mod witness;

use std::{collections::BTreeMap, sync::Arc};

use ergon_vocab::{State, Symbols};

use crate::{
    ground::CostModel,
    invariants::{self, Invariant},
    model::{Axiom, Domain, Fluent, Formula, FunctionSymbol, Metric, Problem, Schema},
    normal::Normal,
};

pub(crate) use witness::{compare, evaluate};

/// A lifted planning task: symbols, action schemas, axioms, initial state, goal and metric, and the
/// rules that grounding runs on, made once so that grounding again from another state is cheap.
#[derive(Clone, Debug)]
pub struct Task {
    symbols: Arc<Symbols>,
    domain: Arc<Domain>,
    init: State,
    values: BTreeMap<Fluent, f64>,
    goal: Formula,
    metric: Option<Metric>,
    normal: Arc<Normal>,
    invariants: Arc<[Invariant]>,
    costs: CostModel,
}

impl Task {
    /// The task of a problem. Durative actions are part of it, but grounding passes over them.
    pub fn new(problem: &Problem) -> Self {
        let normal = Normal::new(problem.domain(), problem.symbols());
        Self {
            symbols: Arc::clone(&problem.symbols),
            domain: Arc::clone(&problem.domain),
            init: problem.init().clone(),
            values: problem.values().clone(),
            goal: problem.goal().clone(),
            metric: problem.metric().cloned(),
            invariants: invariants::synthesise(&normal).into(),
            normal: Arc::new(normal),
            costs: CostModel::new(problem.metric()),
        }
    }

    /// Names behind the ids.
    pub fn symbols(&self) -> &Symbols {
        &self.symbols
    }

    /// The action schemas, in the order of [`Symbols::actions`].
    pub fn schemas(&self) -> &[Schema] {
        self.domain.schemas()
    }

    /// The axioms, in the order of the domain.
    pub fn axioms(&self) -> &[Axiom] {
        self.domain.axioms()
    }

    /// The numeric functions.
    pub fn functions(&self) -> &[FunctionSymbol] {
        self.domain.functions()
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

    /// Whether an action takes time.
    pub fn has_durative(&self) -> bool {
        self.schemas().iter().any(|s| matches!(s, Schema::Durative(_)))
    }

    pub(crate) fn normal(&self) -> &Normal {
        &self.normal
    }

    pub(crate) fn normal_arc(&self) -> Arc<Normal> {
        Arc::clone(&self.normal)
    }

    pub(crate) fn invariants(&self) -> &[Invariant] {
        &self.invariants
    }

    pub(crate) fn costs(&self) -> &CostModel {
        &self.costs
    }
}
