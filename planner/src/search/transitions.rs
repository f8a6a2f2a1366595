//! A ground task as transitions between packed states.

use super::successors::{OperatorId, Successors, masks};
use crate::ground::{AtomId, GroundTask};

/// What an operator does to one word of a state: `word & keep | set`.
#[derive(Clone, Copy, Debug)]
struct Write {
    word: u32,
    keep: u64,
    set: u64,
}

/// The transition system of a ground task. A state is [`TransitionSystem::words`] words, one bit an
/// atom.
#[derive(Clone, Debug)]
pub struct TransitionSystem<'t> {
    task: &'t GroundTask,
    words: usize,
    init: Vec<u64>,
    goal_holds: Vec<(u32, u64)>,
    goal_lacks: Vec<(u32, u64)>,
    writes_at: Vec<u32>,
    writes: Vec<Write>,
    successors: Successors,
}

/// Reused buffers of a walk through the transition system.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    stack: Vec<u32>,
    /// The operators found applicable last.
    pub applicable: Vec<OperatorId>,
}

impl<'t> TransitionSystem<'t> {
    /// Prepares a ground task for search.
    pub fn new(task: &'t GroundTask) -> Self {
        let words = task.words();
        let mut init = vec![0; words];
        for (word, mask) in masks(&task.init) {
            init[word as usize] |= mask;
        }
        let (mut writes, mut writes_at) = (vec![], vec![0]);
        for operator in &task.operators {
            writes.extend(writes_of(&operator.adds, &operator.deletes));
            writes_at.push(writes.len() as u32);
        }
        Self {
            task,
            words,
            init,
            goal_holds: masks(&task.goal_holds),
            goal_lacks: masks(&task.goal_lacks),
            writes_at,
            writes,
            successors: Successors::new(task),
        }
    }

    /// The ground task.
    pub fn task(&self) -> &'t GroundTask {
        self.task
    }

    /// Words of a state.
    pub fn words(&self) -> usize {
        self.words
    }

    /// The initial state.
    pub fn init(&self) -> &[u64] {
        &self.init
    }

    /// Whether a state satisfies the goal.
    #[inline]
    pub fn is_goal(&self, state: &[u64]) -> bool {
        self.goal_holds.iter().all(|&(word, mask)| state[word as usize] & mask == mask)
            && self.goal_lacks.iter().all(|&(word, mask)| state[word as usize] & mask == 0)
    }

    /// Finds the operators applicable in a state; they stand in `scratch.applicable` then.
    #[inline]
    pub fn find_applicable(&self, state: &[u64], scratch: &mut Scratch) {
        self.successors.applicable(state, &mut scratch.stack, &mut scratch.applicable);
    }

    /// Applies an operator to a state in place. The operator must be applicable.
    #[inline]
    pub fn apply(&self, operator: OperatorId, state: &mut [u64]) {
        let i = operator as usize;
        for w in &self.writes[self.writes_at[i] as usize..self.writes_at[i + 1] as usize] {
            let word = &mut state[w.word as usize];
            *word = *word & w.keep | w.set;
        }
    }

    /// Cost of an operator.
    #[inline]
    pub fn cost(&self, operator: OperatorId) -> u32 {
        self.task.operators[operator as usize].cost
    }

    /// Memory held, bytes, without the ground task.
    pub(crate) fn bytes(&self) -> usize {
        self.successors.bytes() + size_of_val(&*self.writes) + size_of_val(&*self.writes_at)
    }
}

fn writes_of(adds: &[AtomId], deletes: &[AtomId]) -> Vec<Write> {
    let mut writes: Vec<Write> = masks(deletes)
        .into_iter()
        .map(|(word, mask)| Write { word, keep: !mask, set: 0 })
        .collect();
    for (word, mask) in masks(adds) {
        match writes.iter_mut().find(|w| w.word == word) {
            Some(write) => write.set |= mask,
            None => writes.push(Write { word, keep: u64::MAX, set: mask }),
        }
    }
    writes
}
