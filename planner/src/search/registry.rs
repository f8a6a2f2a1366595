//! Interned states: each state once, known by a 32-bit id.

use hashbrown::HashTable;

use super::{
    successors::OperatorId,
    transitions::{Scratch, TransitionSystem},
};
use crate::hash::hash_words;

/// A state, an index into the registry it was interned in.
pub(crate) type StateId = u32;

/// Stands where no operator led to a state: the initial one.
pub(super) const NO_OPERATOR: OperatorId = OperatorId::MAX;

/// The operators that lead from the initial state to a state, where `arrived` tells the parent of a
/// state and the operator that led from there.
pub(super) fn way_to(
    mut state: StateId,
    arrived: impl Fn(StateId) -> (StateId, OperatorId),
) -> Vec<OperatorId> {
    let mut way = vec![];
    loop {
        let (parent, by) = arrived(state);
        if by == NO_OPERATOR {
            way.reverse();
            return way;
        }
        way.push(by);
        state = parent;
    }
}

/// States a chunk: memory grows by chunks, so that nothing is copied and the peak is what is held.
const CHUNK_STATES: usize = 1 << 14;

/// States that there is room for from the start, so that the table of a small task is seldom rebuilt.
const FIRST_STATES: usize = 1 << 10;

/// Equality word by word: states are so short that a call of `memcmp` costs more than it saves.
#[inline]
fn same(a: &[u64], b: &[u64]) -> bool {
    a.iter().zip(b).all(|(x, y)| x == y)
}

/// Overwrites a state, word by word for the same reason.
#[inline]
pub(super) fn overwrite(target: &mut [u64], source: &[u64]) {
    target.iter_mut().zip(source).for_each(|(t, &s)| *t = s);
}

/// All states met so far.
#[derive(Clone, Debug)]
pub(crate) struct Registry {
    words: usize,
    /// Words that tell states from one another.
    key: usize,
    len: usize,
    chunks: Vec<Vec<u64>>,
    ids: HashTable<StateId>,
}

impl Registry {
    /// For the states of a transition system.
    pub(crate) fn new(system: &TransitionSystem<'_>) -> Self {
        let (words, key) = (system.words(), system.key_words());
        Self { words, key, len: 0, chunks: vec![], ids: HashTable::with_capacity(FIRST_STATES) }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn get(&self, id: StateId) -> &[u64] {
        at(&self.chunks, self.words, id)
    }

    /// The id of a state, and whether it is new.
    #[inline]
    pub(crate) fn intern(&mut self, state: &[u64]) -> (StateId, bool) {
        let (id, new) = self.find_or_add(&state[..self.key]);
        if new {
            self.store(state);
        }
        (id, new)
    }

    /// The id of the state that an operator leads to, and whether it is new. Of `there` the derived
    /// atoms are still those of the state before; they are brought up to date if it is new.
    #[inline]
    pub(crate) fn intern_after(
        &mut self,
        system: &TransitionSystem<'_>,
        operator: OperatorId,
        there: &mut [u64],
        scratch: &mut Scratch,
    ) -> (StateId, bool) {
        let (id, new) = self.find_or_add(&there[..self.key]);
        if new {
            system.derive_after(operator, there, scratch);
            self.store(there);
        }
        (id, new)
    }

    /// The id of a state by its key. A new one is to be stored next.
    #[inline]
    fn find_or_add(&mut self, key: &[u64]) -> (StateId, bool) {
        let hash = hash_words(key);
        let Self { words, chunks, ids, len, .. } = self;
        // A stored state is longer than the key, and is compared as far as that goes.
        if let Some(&id) = ids.find(hash, |&id| same(key, at(chunks, *words, id))) {
            return (id, false);
        }
        let id = *len as StateId;
        ids.insert_unique(hash, id, |&id| hash_words(&at(chunks, *words, id)[..key.len()]));
        (id, true)
    }

    #[inline]
    fn store(&mut self, state: &[u64]) {
        let Self { words, chunks, len, .. } = self;
        if len.is_multiple_of(CHUNK_STATES) {
            // The first chunk grows as it must: small tasks should touch little memory.
            let capacity = if *len == 0 { 0 } else { CHUNK_STATES * *words };
            chunks.push(Vec::with_capacity(capacity));
        }
        if let Some(chunk) = chunks.last_mut() {
            chunk.extend_from_slice(state);
        }
        *len += 1;
    }

    /// Memory held, bytes, and what the next growth of the table takes while it goes on.
    pub(crate) fn bytes(&self) -> usize {
        let chunks = self.chunks.len() * CHUNK_STATES * self.words * size_of::<u64>();
        let first = self.chunks.first().map_or(0, Vec::capacity) * size_of::<u64>();
        let states = if self.chunks.len() > 1 { chunks } else { first };
        // A table entry is an id and a control byte.
        let table = self.ids.capacity() * 5 * 8 / 7;
        let growth = if self.ids.len() + 1024 > self.ids.capacity() { 2 * table } else { 0 };
        states + table + growth
    }
}

#[inline]
fn at(chunks: &[Vec<u64>], words: usize, id: StateId) -> &[u64] {
    let (chunk, row) = (id as usize / CHUNK_STATES, id as usize % CHUNK_STATES);
    &chunks[chunk][row * words..][..words]
}
