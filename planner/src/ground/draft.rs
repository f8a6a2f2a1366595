//! Operators, effects and axioms over facts, before the facts are numbered for the search.

use super::{
    data::Change,
    logic::{Conjunction, Lit, NodeId},
};

/// What a draft needs and does, as sections of the pool of [`Drafts`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sections {
    at: [u32; 6],
    changes: (u32, u32),
}

/// An operator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draft {
    /// The rule and its instance.
    pub(super) rule: u32,
    pub(super) row: u32,
    pub(super) body: Sections,
    /// Its conditional effects, a range of [`Drafts::effects`].
    pub(super) effects: (u32, u32),
    pub(super) cost: f64,
}

/// An axiom.
#[derive(Clone, Copy, Debug)]
pub(super) struct DraftAxiom {
    pub(super) head: NodeId,
    pub(super) body: Sections,
}

/// A draft in the making.
#[derive(Clone, Debug, Default)]
pub(super) struct Sketch {
    pub(super) condition: Conjunction,
    pub(super) adds: Vec<NodeId>,
    pub(super) deletes: Vec<NodeId>,
    pub(super) changes: Vec<Change>,
}

/// All drafts, with their lists in one pool.
#[derive(Clone, Debug, Default)]
pub(super) struct Drafts {
    pub(super) operators: Vec<Draft>,
    pub(super) effects: Vec<Sections>,
    pub(super) axioms: Vec<DraftAxiom>,
    pool: Vec<u32>,
    changes: Vec<Change>,
}

impl Drafts {
    /// Stores a sketch. Its condition is sorted.
    pub(super) fn store(&mut self, sketch: &Sketch) -> Sections {
        let mut at = [self.pool.len() as u32; 6];
        // A sorted conjunction has its positive literals first, then the negative ones.
        let (mut holds, mut lacks) = (0, 0);
        for lit in &sketch.condition {
            let id = match *lit {
                Lit::Holds(node) => {
                    holds += 1;
                    node
                }
                Lit::Lacks(node) => {
                    lacks += 1;
                    node
                }
                Lit::Compares(id) => id,
            };
            self.pool.push(id);
        }
        at[1] = at[0] + holds;
        at[2] = at[1] + lacks;
        at[3] = self.pool.len() as u32;
        self.pool.extend(&sketch.adds);
        at[4] = self.pool.len() as u32;
        self.pool.extend(&sketch.deletes);
        at[5] = self.pool.len() as u32;
        let first = self.changes.len() as u32;
        self.changes.extend(sketch.changes.iter().cloned());
        Sections { at, changes: (first, self.changes.len() as u32) }
    }

    fn section(&self, s: &Sections, index: usize) -> &[u32] {
        &self.pool[s.at[index] as usize..s.at[index + 1] as usize]
    }

    pub(super) fn holds(&self, s: &Sections) -> &[NodeId] {
        self.section(s, 0)
    }

    pub(super) fn lacks(&self, s: &Sections) -> &[NodeId] {
        self.section(s, 1)
    }

    pub(super) fn compares(&self, s: &Sections) -> &[u32] {
        self.section(s, 2)
    }

    pub(super) fn adds(&self, s: &Sections) -> &[NodeId] {
        self.section(s, 3)
    }

    pub(super) fn deletes(&self, s: &Sections) -> &[NodeId] {
        self.section(s, 4)
    }

    pub(super) fn changes(&self, s: &Sections) -> &[Change] {
        &self.changes[s.changes.0 as usize..s.changes.1 as usize]
    }

    /// The conditional effects of an operator.
    pub(super) fn effects_of(&self, operator: &Draft) -> &[Sections] {
        &self.effects[operator.effects.0 as usize..operator.effects.1 as usize]
    }

    /// Words of all lists.
    pub(super) fn words(&self) -> usize {
        self.pool.len()
    }

    /// Memory held, bytes.
    pub(super) fn bytes(&self) -> u64 {
        let bytes = self.operators.capacity() * size_of::<Draft>()
            + self.effects.capacity() * size_of::<Sections>()
            + self.axioms.capacity() * size_of::<DraftAxiom>()
            + self.pool.capacity() * size_of::<u32>()
            + self.changes.capacity() * (size_of::<Change>() + 32);
        bytes as u64
    }

    /// Whether the pool has come to its end: ids of its places are 32 bits wide.
    pub(super) fn full(&self) -> bool {
        self.pool.len() > (u32::MAX / 2) as usize
    }
}
