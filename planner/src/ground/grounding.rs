//! A ground task that is kept for states to come.

use std::{collections::BTreeMap, sync::Arc};

use ergon_vocab::{Clock, Limit, State};

use super::{
    GroundTask, Request, budget::Budget, cost::CostModel, data::AtomId, facts::Facts,
    mutex::Mutexes,
};
use crate::{
    Task,
    model::{Fluent, Formula},
    normal::Normal,
    search::Limits,
};

/// What became of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is this atom of the ground task.
    Atom(AtomId),
    /// It changes, but does not matter.
    Free,
    /// It holds in every state.
    Always,
    /// It holds in no state.
    Never,
    /// Axioms decide about it.
    Derived,
}

/// What is needed to tell whether a ground task is right for another state.
#[derive(Clone, Debug)]
pub(super) struct Remains {
    pub(super) mutexes: Mutexes,
    pub(super) fates: Vec<Fate>,
}

/// A ground task together with what it takes to tell whether it is right for another state: then
/// nothing has to be ground again.
///
/// It is right for every state from which nothing can be reached that could not be reached from the
/// state it was made for: one with the same static facts, without facts that were out of reach,
/// without a lack of facts that nothing could undo, and with at most one fact of each mutex group.
#[derive(Clone, Debug)]
pub struct Grounding {
    ground: GroundTask,
    goal: Formula,
    values: BTreeMap<Fluent, f64>,
    normal: Arc<Normal>,
    costs: CostModel,
    facts: Facts,
    /// Nothing where the ground task is right for its own state alone.
    remains: Option<Remains>,
    /// How many facts hold always.
    always: usize,
    /// The value of each numeric variable stands here.
    places: BTreeMap<Fluent, usize>,
}

impl Grounding {
    /// Grounds a task, as [`GroundTask::within`] does.
    ///
    /// # Errors
    /// The limit that was hit.
    pub fn new(
        task: &Task,
        state: &State,
        values: &BTreeMap<Fluent, f64>,
        goal: &Formula,
        limits: &Limits,
        clock: &dyn Clock,
    ) -> Result<Self, Limit> {
        let budget = Budget::new(limits, clock);
        let request = Request { state, values, goal };
        let (ground, kept) = GroundTask::build(task, request, Some(&budget));
        if let Some(limit) = budget.hit() {
            return Err(limit);
        }
        let (facts, remains) =
            kept.map_or_else(|| (Facts::new(&[], 0, 0), None), |(facts, remains)| (facts, remains));
        // What no action can speak of has been looked up in the state itself.
        let plain = state.iter().all(|atom| facts.well_formed(atom));
        let remains = remains.filter(|_| plain);
        let fates = remains.iter().flat_map(|r| &r.fates);
        let always = fates.filter(|f| **f == Fate::Always).count();
        let places = ground.numerics.iter().cloned().zip(0..).collect();
        Ok(Self {
            ground,
            goal: goal.clone(),
            values: values.clone(),
            normal: task.normal_arc(),
            costs: task.costs().clone(),
            facts,
            remains,
            always,
            places,
        })
    }

    /// The goal it was made for.
    pub fn goal(&self) -> &Formula {
        &self.goal
    }

    /// The ground task.
    pub fn task(&self) -> &GroundTask {
        &self.ground
    }

    /// The ground task, to be changed: costs may be raised and operators removed without harm to
    /// [`Grounding::restart`].
    pub fn task_mut(&mut self) -> &mut GroundTask {
        &mut self.ground
    }

    /// Moves the ground task to another state and other numbers, if it is right for them and for
    /// the goal. If not, says so and changes nothing: the task has to be ground again.
    #[must_use]
    pub fn restart(
        &mut self,
        state: &State,
        values: &BTreeMap<Fluent, f64>,
        goal: &Formula,
    ) -> bool {
        if *goal != self.goal {
            return false;
        }
        let (Some(init), Some(numbers)) = (self.init_of(state), self.numbers_of(values)) else {
            return false;
        };
        (self.ground.init, self.ground.numeric_init) = (init, numbers);
        true
    }

    /// The atoms of a state, if the ground task is right for it.
    fn init_of(&self, state: &State) -> Option<Vec<AtomId>> {
        let remains = self.remains.as_ref()?;
        let (mut init, mut held, mut always) = (vec![], vec![], 0);
        for atom in state {
            if self.normal.derived.get(atom.predicate.index()) == Some(&true) {
                continue;
            }
            let fact = self.facts.find_atom(atom)?;
            match remains.fates[fact as usize] {
                Fate::Atom(id) => init.push(id),
                Fate::Always => always += 1,
                Fate::Free => {}
                Fate::Never | Fate::Derived => return None,
            }
            held.push(fact);
        }
        if always < self.always || !remains.mutexes.compatible_facts(&held) {
            return None;
        }
        init.sort_unstable();
        let exactly_one = |group: &super::MutexGroup| {
            !group.exhaustive || group.atoms.iter().any(|a| init.binary_search(a).is_ok())
        };
        self.ground.groups.iter().all(exactly_one).then_some(init)
    }

    /// The numbers of the variables, if all others are as they were.
    fn numbers_of(&self, values: &BTreeMap<Fluent, f64>) -> Option<Vec<f64>> {
        let mut numbers = self.ground.numeric_init.clone();
        if values.len() != self.values.len() {
            return None;
        }
        for ((fluent, &value), (known, &old)) in values.iter().zip(&self.values) {
            if fluent != known {
                return None;
            }
            match self.places.get(fluent) {
                Some(&place) => numbers[place] = value,
                None if value.to_bits() == old.to_bits() || self.costs.counts(fluent) => {}
                None => return None,
            }
        }
        Some(numbers)
    }
}
