//! The delete relaxation of a ground task: propositions that are never undone.

use crate::{
    ground::{AtomId, GroundTask},
    search::TransitionSystem,
};

/// A proposition: an atom, the falsity of an atom that some condition asks for, or one of the two
/// artificial ones.
pub(super) type Proposition = u32;

/// Cost of what cannot be reached.
pub(super) const INFINITE: u32 = u32::MAX;

/// Lists of ids, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Lists {
    at: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    fn new(lists: &[Vec<u32>]) -> Self {
        let mut at = vec![0];
        at.extend(lists.iter().scan(0, |end, list| {
            *end += list.len() as u32;
            Some(*end)
        }));
        Self { at, items: lists.concat() }
    }

    #[inline]
    pub(super) fn get(&self, index: u32) -> &[u32] {
        &self.items[self.at[index as usize] as usize..self.at[index as usize + 1] as usize]
    }
}

/// Operators without deletes. The last one is artificial: it needs the goal, costs nothing and
/// makes [`Relaxation::goal`] true. One that needs nothing needs [`Relaxation::always`] instead.
#[derive(Clone, Debug)]
pub(super) struct Relaxation {
    pub(super) propositions: usize,
    pub(super) operators: usize,
    /// True when the goal is.
    pub(super) goal: Proposition,
    /// True in every state.
    pub(super) always: Proposition,
    pub(super) preconditions: Lists,
    pub(super) effects: Lists,
    /// For each proposition, the operators that need it.
    pub(super) needed_by: Lists,
    pub(super) costs: Vec<u32>,
    /// Atoms whose falsity is a proposition, which stands at `atoms + index`.
    negated: Vec<AtomId>,
    atoms: u32,
}

impl Relaxation {
    pub(super) fn new(system: &TransitionSystem<'_>) -> Self {
        let task: &GroundTask = system.task();
        let atoms = task.atoms.len() as u32;
        let mut negated: Vec<AtomId> = task.goal_lacks.clone();
        negated.extend(task.operators.iter().flat_map(|o| o.lacks.iter().copied()));
        negated.sort_unstable();
        negated.dedup();
        let falsity = |atom: &AtomId| negated.binary_search(atom).ok().map(|i| atoms + i as u32);
        let always = atoms + negated.len() as u32;
        let goal = always + 1;
        let conjunction = |holds: &[AtomId], lacks: &[AtomId]| {
            let mut list: Vec<u32> = holds.to_vec();
            list.extend(lacks.iter().filter_map(falsity));
            if list.is_empty() {
                list.push(always);
            }
            list
        };
        let mut preconditions: Vec<Vec<u32>> =
            task.operators.iter().map(|o| conjunction(&o.holds, &o.lacks)).collect();
        let effects = task.operators.iter().map(|o| {
            let made_false = o.deletes.iter().filter_map(falsity);
            o.adds.iter().copied().chain(made_false).collect()
        });
        let mut effects: Vec<Vec<u32>> = effects.collect();
        let mut costs: Vec<u32> = task.operators.iter().map(|o| o.cost).collect();
        preconditions.push(conjunction(&task.goal_holds, &task.goal_lacks));
        effects.push(vec![goal]);
        costs.push(0);
        let mut needed_by = vec![vec![]; goal as usize + 1];
        for (operator, list) in (0u32..).zip(&preconditions) {
            list.iter().for_each(|&p| needed_by[p as usize].push(operator));
        }
        Self {
            propositions: goal as usize + 1,
            operators: costs.len(),
            goal,
            always,
            preconditions: Lists::new(&preconditions),
            effects: Lists::new(&effects),
            needed_by: Lists::new(&needed_by),
            costs,
            negated,
            atoms,
        }
    }

    /// Calls `visit` for every proposition that is true in a state.
    #[inline]
    pub(super) fn for_each_true(&self, state: &[u64], mut visit: impl FnMut(Proposition)) {
        for (word, &bits) in (0u32..).zip(state) {
            let mut bits = bits;
            while bits != 0 {
                visit(word * 64 + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
        for (i, &atom) in (0u32..).zip(&self.negated) {
            if state[atom as usize / 64] >> (atom % 64) & 1 == 0 {
                visit(self.atoms + i);
            }
        }
        visit(self.always);
    }
}

/// Propositions to be looked at, in order of cost (Dial 1969).
#[derive(Clone, Debug, Default)]
pub(super) struct CostQueue {
    buckets: Vec<Vec<Proposition>>,
    at: usize,
}

impl CostQueue {
    pub(super) fn clear(&mut self) {
        self.buckets.iter_mut().for_each(Vec::clear);
        self.at = 0;
    }

    #[inline]
    pub(super) fn push(&mut self, cost: u32, proposition: Proposition) {
        let cost = cost as usize;
        if self.buckets.len() <= cost {
            self.buckets.resize_with(cost + 1, Vec::new);
        }
        self.buckets[cost].push(proposition);
        self.at = self.at.min(cost);
    }

    /// Lowers the cost of a proposition, if it is higher.
    #[inline]
    pub(super) fn lower(&mut self, costs: &mut [u32], proposition: Proposition, cost: u32) {
        if cost < costs[proposition as usize] {
            costs[proposition as usize] = cost;
            self.push(cost, proposition);
        }
    }

    /// A cheapest entry with the cost it was pushed with.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<(u32, Proposition)> {
        while let Some(bucket) = self.buckets.get_mut(self.at) {
            if let Some(proposition) = bucket.pop() {
                return Some((self.at as u32, proposition));
            }
            self.at += 1;
        }
        None
    }
}
