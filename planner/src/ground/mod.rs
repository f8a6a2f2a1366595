//! Grounding: from a lifted task and a state to propositions and operators.
//!
//! Only what is reachable in the delete relaxation is made, static facts are compiled away, and
//! what cannot matter to the goal is left out. Cheap enough to be done again for each replan.

mod budget;
mod cost;
mod data;
mod derive;
mod draft;
mod expression;
mod facts;
mod finish;
mod goal;
mod grounding;
mod instances;
mod instantiate;
mod join;
mod logic;
mod mutex;
mod number;
mod numeric;
mod partial;
mod relaxed;
mod relevance;

use std::collections::BTreeMap;

use ergon_vocab::{Atom, Clock, Limit, Literal, State};

pub use self::data::{
    AtomId, Change, Comparison, ComparisonId, ConditionalEffect, GroundAxiom, GroundExpression,
    GroundMetric, Linear, MutexGroup, NumericId, Operator, Relation,
};
pub use self::grounding::Grounding;
use self::{
    budget::Budget,
    facts::Facts,
    goal::Goal,
    grounding::Remains,
    instantiate::Instantiation,
    join::Reached,
    logic::{Logic, NodeId},
    numeric::Numerics,
};
pub(crate) use self::{
    cost::CostModel,
    derive::{Derived, derive},
};
use crate::{
    Task,
    model::{Fluent, Formula},
    normal::Scope,
    search::Limits,
};

/// A ground task.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroundTask {
    /// The atoms that can change and matter: basic ones in order, then derived ones by layer.
    /// Derived atoms that grounding has invented for parts of conditions have predicate ids beyond
    /// those of the domain and no arguments.
    pub atoms: Vec<Atom>,
    /// How many atoms are basic; axioms define the others.
    pub basic: usize,
    /// The stratum of each derived atom, from 0, ascending.
    pub layers: Vec<u32>,
    /// The rules of the derived atoms, in the order of their heads.
    pub axioms: Vec<GroundAxiom>,
    /// A partition of the basic atoms; those without mutex partners stand alone.
    pub groups: Vec<MutexGroup>,
    /// All invariant groups found; they may overlap.
    pub mutexes: Vec<Vec<AtomId>>,
    /// The basic atoms that hold at first, ascending.
    pub init: Vec<AtomId>,
    /// Atoms that must hold in the end, ascending.
    pub goal_holds: Vec<AtomId>,
    /// Atoms that must not hold in the end, ascending.
    pub goal_lacks: Vec<AtomId>,
    /// Numeric conditions that must hold in the end, ascending.
    pub goal_compares: Vec<ComparisonId>,
    /// The numeric variables that change and matter, in order.
    pub numerics: Vec<Fluent>,
    /// Their values at first; NaN where undefined.
    pub numeric_init: Vec<f64>,
    /// The numeric conditions.
    pub comparisons: Vec<Comparison>,
    /// In order of schema, arguments and alternative of the precondition.
    pub operators: Vec<Operator>,
    /// What costs have been multiplied with: the metric grows by `cost / cost_scale`.
    pub cost_scale: f64,
    /// By what plans are compared.
    pub metric: GroundMetric,
    /// Goal literals that stay out of reach even if nothing is ever undone.
    pub unreachable: Vec<Literal>,
    /// Whether the goal stays out of reach even if nothing is ever undone: there is no plan then,
    /// and the fields above, but for `unreachable`, are empty. Where no literal alone is out of
    /// reach it is the goal as a whole.
    pub hopeless: bool,
    /// Facts reachable in the delete relaxation, static ones included.
    pub reachable_facts: usize,
}

/// What to ground for.
#[derive(Clone, Copy)]
struct Request<'a> {
    state: &'a State,
    values: &'a BTreeMap<Fluent, f64>,
    goal: &'a Formula,
}

impl GroundTask {
    /// Grounds a task for its own initial state and goal.
    pub fn new(task: &Task) -> Self {
        let request = Request { state: task.init(), values: task.values(), goal: task.goal() };
        Self::build(task, request, None).0
    }

    /// Grounds a task for another state and goal, with the task's own numbers. Atoms that no action
    /// of the task can speak of are allowed in both; they stay as they are.
    pub fn from_state(task: &Task, state: &State, goal: &[Literal]) -> Self {
        let goal = Formula::of_literals(goal);
        Self::build(task, Request { state, values: task.values(), goal: &goal }, None).0
    }

    /// Grounds a task for another state, other numbers and another goal, within limits of time and
    /// memory. Atoms that no action of the task can speak of are allowed in state and goal; they
    /// stay as they are.
    ///
    /// # Errors
    /// The limit that was hit.
    pub fn within(
        task: &Task,
        state: &State,
        values: &BTreeMap<Fluent, f64>,
        goal: &Formula,
        limits: &Limits,
        clock: &dyn Clock,
    ) -> Result<Self, Limit> {
        let budget = Budget::new(limits, clock);
        let (ground, _) = Self::build(task, Request { state, values, goal }, Some(&budget));
        budget.hit().map_or(Ok(ground), Err)
    }

    /// The ground task, and the facts with what became of them.
    fn build(
        task: &Task,
        request: Request<'_>,
        budget: Option<&Budget<'_>>,
    ) -> (Self, Option<(Facts, Option<Remains>)>) {
        let normal = task.normal();
        let objects = task.symbols().objects.len();
        let reached = join::reach(normal, objects, request.state, budget);
        if budget.is_some_and(|b| b.hit().is_some()) {
            return (Self::default(), None);
        }
        let held = reached.bytes();
        let Reached { facts, initial, instances } = &reached;
        let mut extents = normal.extents.clone();
        let mut scope = Scope::new(&mut extents, task.symbols());
        let condition = scope.condition(request.goal, true);
        let slots = scope.into_slots();
        let logic = Logic {
            normal,
            extents: &extents,
            facts,
            state: request.state,
            numerics: Numerics::new(&normal.assigned, request.values),
            invented: logic::Invented::default(),
            budget,
            held,
        };
        let mut made = Instantiation::new(logic, instances, task.costs(), budget, held);
        made.run();
        let goal = Goal::new(condition, &slots, &mut made.logic);
        made.finish();
        let (ground, remains) = finish::finish(task, made, *initial, goal, budget);
        (ground, Some((reached.facts, remains)))
    }

    fn hopeless(unreachable: Vec<Literal>, reachable_facts: usize) -> Self {
        Self { unreachable, reachable_facts, hopeless: true, cost_scale: 1.0, ..Self::default() }
    }

    /// Memory held, bytes, by an estimate.
    pub(crate) fn bytes(&self) -> usize {
        // An allocation takes some bytes more than what is in it.
        let list = |len: usize| if len > 0 { 4 * len + 16 } else { 0 };
        let lists = |o: &Operator| {
            let lists = [o.holds.len(), o.lacks.len(), o.adds.len(), o.deletes.len(), o.args.len()];
            lists.map(list).iter().sum::<usize>()
        };
        let effects = |o: &Operator| o.conditional.len() * size_of::<ConditionalEffect>();
        let operator = |o: &Operator| size_of::<Operator>() + lists(o) + effects(o);
        let atom = |a: &Atom| size_of::<Atom>() + list(a.args.len());
        self.operators.iter().map(operator).sum::<usize>()
            + self.atoms.iter().map(atom).sum::<usize>()
            + self.axioms.len() * size_of::<GroundAxiom>()
    }
}

/// The facts of a task that are reachable from a state in the delete relaxation, static ones
/// included, in order.
///
/// # Errors
/// The limit that was hit.
pub(crate) fn reachable(
    task: &Task,
    state: &State,
    limits: &Limits,
    clock: &dyn Clock,
) -> Result<Vec<Atom>, Limit> {
    let objects = task.symbols().objects.len();
    let budget = Budget::new(limits, clock);
    let facts = join::reach(task.normal(), objects, state, Some(&budget)).facts;
    if let Some(limit) = budget.hit() {
        return Err(limit);
    }
    let named = (0..facts.len() as NodeId).map(|fact| facts.atom(fact));
    let mut atoms: Vec<Atom> =
        named.filter(|a| a.predicate.index() < task.symbols().predicates.len()).collect();
    atoms.sort_unstable();
    Ok(atoms)
}

#[cfg(test)]
impl GroundTask {
    /// The ground task of a domain and a problem, as the tests of other modules need it.
    pub(crate) fn parsed(domain: &str, problem: &str) -> Self {
        let domain = crate::Domain::parse(domain, "domain").expect("shipped");
        let problem = crate::Problem::parse(problem, "problem", &domain).expect("shipped");
        Self::new(&Task::new(&problem))
    }
}
