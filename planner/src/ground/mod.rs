//! Grounding: from a lifted task and a state to propositions and operators.
//!
//! Only what is reachable in the delete relaxation is made, static facts are compiled away, and
//! what cannot matter to the goal is left out. Cheap enough to be done again for each replan.

mod budget;
mod facts;
mod join;
mod relevance;

use std::collections::BTreeSet;

use ergon_vocab::{Atom, Clock, Limit, Literal, ObjectId, State};

use self::{
    budget::Budget,
    facts::{FactId, Facts},
    join::{Instance, Reached},
};
use crate::{
    Task,
    model::{Condition, LiftedAtom},
    search::Limits,
};

/// A ground atom that can change, an index into [`GroundTask::atoms`].
pub type AtomId = u32;

/// A ground action over [`AtomId`]s. Static preconditions are gone. All lists are ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Index of the action schema.
    pub schema: u32,
    /// Arguments, in the order of the schema's parameters.
    pub args: Box<[ObjectId]>,
    /// Atoms that must hold.
    pub holds: Box<[AtomId]>,
    /// Atoms that must not hold.
    pub lacks: Box<[AtomId]>,
    /// Atoms made true.
    pub adds: Box<[AtomId]>,
    /// Atoms made false; none of them is in `adds`.
    pub deletes: Box<[AtomId]>,
    /// Cost; 1 where the domain states none.
    pub cost: u32,
}

/// A ground task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroundTask {
    /// The atoms that can change and matter, in order.
    pub atoms: Vec<Atom>,
    /// The atoms that hold at first, ascending.
    pub init: Vec<AtomId>,
    /// Atoms that must hold in the end, ascending.
    pub goal_holds: Vec<AtomId>,
    /// Atoms that must not hold in the end, ascending.
    pub goal_lacks: Vec<AtomId>,
    /// In order of schema and arguments.
    pub operators: Vec<Operator>,
    /// Goal literals that stay out of reach even if nothing is ever undone. If there is one, there
    /// is no plan, and the fields above are empty.
    pub unreachable: Vec<Literal>,
    /// Facts reachable in the delete relaxation, static ones included.
    pub reachable_facts: usize,
}

/// An operator over facts, before the facts are numbered for the search.
struct Candidate<'i> {
    instance: &'i Instance,
    holds: Vec<FactId>,
    lacks: Vec<FactId>,
    adds: Vec<FactId>,
    deletes: Vec<FactId>,
}

/// Goal literals over facts.
#[derive(Default)]
struct Goal {
    holds: Vec<FactId>,
    lacks: Vec<FactId>,
}

impl GroundTask {
    /// Grounds a task for its own initial state and goal.
    pub fn new(task: &Task) -> Self {
        Self::from_state(task, task.init(), task.goal())
    }

    /// Grounds a task for another state and goal. Atoms that no action of the task can speak of
    /// are allowed in both; they stay as they are.
    pub fn from_state(task: &Task, state: &State, goal: &[Literal]) -> Self {
        Self::build(task, state, goal, &join::reach(task, state, None))
    }

    /// As [`GroundTask::from_state`], within limits of time and memory.
    ///
    /// # Errors
    /// The limit that was hit.
    pub fn within(
        task: &Task,
        state: &State,
        goal: &[Literal],
        limits: &Limits,
        clock: &dyn Clock,
    ) -> Result<Self, Limit> {
        let budget = Budget::new(limits, clock);
        let reached = join::reach(task, state, Some(&budget));
        match budget.hit() {
            Some(limit) => Err(limit),
            None => Ok(Self::build(task, state, goal, &reached)),
        }
    }

    fn build(task: &Task, state: &State, goal: &[Literal], reached: &Reached) -> Self {
        let facts = &reached.facts;
        let mut candidates: Vec<Candidate<'_>> =
            reached.instances.iter().map(|i| Candidate::new(task, facts, i)).collect();
        let (wanted, mut unreachable) = split_goal(facts, state, goal);
        let attained = relevance::attained(reached, &mut candidates);
        let holds = wanted.holds.iter().filter(|&&f| !attained.can_hold(f));
        unreachable.extend(holds.map(|&fact| Literal { atom: facts.atom(fact), positive: true }));
        let lacks = wanted.lacks.iter().filter(|&&f| !attained.can_lack(f));
        unreachable.extend(lacks.map(|&fact| Literal { atom: facts.atom(fact), positive: false }));
        if !unreachable.is_empty() {
            let reachable_facts = facts.len();
            return Self { unreachable, reachable_facts, ..Self::default() };
        }
        let relevant = relevance::relevant(&attained, &mut candidates, &wanted);
        number(reached, &relevant, &candidates, &wanted)
    }

    /// Words of a packed state: one bit an atom.
    pub fn words(&self) -> usize {
        self.atoms.len().div_ceil(64).max(1)
    }
}

/// The goal over facts, and the literals that are beyond all facts.
fn split_goal(facts: &Facts, state: &State, goal: &[Literal]) -> (Goal, Vec<Literal>) {
    let (mut wanted, mut beyond) = (Goal::default(), vec![]);
    let distinct: BTreeSet<&Literal> = goal.iter().collect();
    for literal in distinct {
        match facts.find_atom(&literal.atom) {
            Some(fact) if literal.positive => wanted.holds.push(fact),
            Some(fact) => wanted.lacks.push(fact),
            None if literal.holds_in(state) => {}
            None => beyond.push(literal.clone()),
        }
    }
    (wanted, beyond)
}

impl<'i> Candidate<'i> {
    fn new(task: &Task, facts: &Facts, instance: &'i Instance) -> Self {
        let schema = &task.schemas()[instance.schema as usize];
        let find = |atom: &LiftedAtom| {
            let args: Vec<u32> = atom.terms.iter().map(|t| t.value(&instance.args).0).collect();
            facts.find(atom.predicate.0, &args)
        };
        let (mut holds, mut lacks) = (vec![], vec![]);
        for condition in &schema.preconditions {
            if let Condition::Literal { atom, positive } = condition {
                let list = if *positive { &mut holds } else { &mut lacks };
                list.extend(find(atom));
            }
        }
        let mut adds: Vec<FactId> = schema.adds.iter().filter_map(find).collect();
        let mut deletes: Vec<FactId> = schema.deletes.iter().filter_map(find).collect();
        for list in [&mut holds, &mut lacks, &mut adds, &mut deletes] {
            list.sort_unstable();
            list.dedup();
        }
        deletes.retain(|fact| adds.binary_search(fact).is_err());
        Self { instance, holds, lacks, adds, deletes }
    }
}

/// Numbers the relevant facts in the order of their atoms and rewrites everything in terms of them.
fn number(
    reached: &Reached,
    relevant: &[bool],
    candidates: &[Candidate<'_>],
    goal: &Goal,
) -> GroundTask {
    let facts = &reached.facts;
    let kept = (0..facts.len() as FactId).filter(|&f| relevant[f as usize]);
    let mut named: Vec<(Atom, FactId)> = kept.map(|f| (facts.atom(f), f)).collect();
    named.sort_unstable();
    let mut ids = vec![None; facts.len()];
    for (id, (_, fact)) in named.iter().enumerate() {
        ids[*fact as usize] = Some(id as AtomId);
    }
    let translate = |list: &[FactId]| {
        let mut atoms: Vec<AtomId> = list.iter().filter_map(|&f| ids[f as usize]).collect();
        atoms.sort_unstable();
        atoms
    };
    let operators = candidates.iter().map(|c| Operator {
        schema: c.instance.schema,
        args: c.instance.args.clone(),
        holds: translate(&c.holds).into(),
        lacks: translate(&c.lacks).into(),
        adds: translate(&c.adds).into(),
        deletes: translate(&c.deletes).into(),
        cost: 1,
    });
    let initial: Vec<FactId> = (0..reached.initial as FactId).collect();
    GroundTask {
        init: translate(&initial),
        goal_holds: translate(&goal.holds),
        goal_lacks: translate(&goal.lacks),
        operators: operators.collect(),
        atoms: named.into_iter().map(|(atom, _)| atom).collect(),
        unreachable: vec![],
        reachable_facts: facts.len(),
    }
}
