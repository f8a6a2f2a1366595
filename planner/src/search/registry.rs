//! Interned states: each state once, in one flat table, known by a 32-bit id.

use hashbrown::HashTable;

use crate::hash::hash_words;

/// A state, an index into the registry it was interned in.
pub(crate) type StateId = u32;

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
    states: Vec<u64>,
    ids: HashTable<StateId>,
}

impl Registry {
    pub(crate) fn new(words: usize) -> Self {
        Self { words, states: vec![], ids: HashTable::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.states.len() / self.words
    }

    #[inline]
    pub(crate) fn get(&self, id: StateId) -> &[u64] {
        &self.states[id as usize * self.words..][..self.words]
    }

    /// The id of a state, and whether it is new.
    #[inline]
    pub(crate) fn intern(&mut self, state: &[u64]) -> (StateId, bool) {
        let hash = hash_words(state);
        let Self { words, states, ids } = self;
        let at = |id: StateId| &states[id as usize * *words..][..*words];
        if let Some(&id) = ids.find(hash, |&id| same(at(id), state)) {
            return (id, false);
        }
        let id = (states.len() / *words) as StateId;
        ids.insert_unique(hash, id, |&id| hash_words(at(id)));
        states.extend_from_slice(state);
        (id, true)
    }

    /// Memory held, bytes.
    pub(crate) fn bytes(&self) -> usize {
        // A table entry is an id and a control byte.
        self.states.capacity() * size_of::<u64>() + self.ids.capacity() * 5 * 8 / 7
    }
}
