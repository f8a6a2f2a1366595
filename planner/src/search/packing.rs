//! How a state is packed into words.
//!
//! A group of atoms of which at most one holds takes one field of a few bits in place of one bit an
//! atom (finite-domain representation: Helmert 2009, "Concise finite-domain representations for PDDL
//! planning tasks"). Derived atoms take a bit each in words of their own, numeric variables a word
//! each at the end. A field never crosses words.

use crate::ground::{AtomId, GroundTask};

/// Holds if the field of the state has the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Test {
    pub(crate) word: u32,
    pub(crate) mask: u64,
    pub(crate) value: u64,
}

impl Test {
    #[inline]
    pub(crate) fn holds(self, state: &[u64]) -> bool {
        state[self.word as usize] & self.mask == self.value
    }
}

/// The place of one group of atoms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) word: u32,
    pub(crate) shift: u32,
    pub(crate) mask: u64,
    /// Where its values stand in [`Packing::atom_of`]; one atom or [`NO_ATOM`] a value.
    first: u32,
    /// Number of its values.
    pub(crate) values: u32,
}

impl Field {
    #[inline]
    pub(crate) fn value(&self, state: &[u64]) -> usize {
        ((state[self.word as usize] & self.mask) >> self.shift) as usize
    }
}

const NO_ATOM: AtomId = AtomId::MAX;

/// The layout of packed states.
#[derive(Clone, Debug)]
pub(crate) struct Packing {
    /// Fields of several atoms, then those of one.
    pub(crate) fields: Vec<Field>,
    /// Number of fields of several atoms.
    wide: usize,
    /// The atom of each value of each wide field.
    atom_of: Vec<AtomId>,
    /// For each bit of the boolean words, its atom.
    atom_at_bit: Vec<AtomId>,
    /// Words with fields of one atom, and which of their bits those are.
    bits: Vec<(u32, u64)>,
    /// The field and the value of each atom.
    places: Vec<(u32, u32)>,
    /// Words before those of numeric variables.
    pub(crate) basic_words: usize,
    /// Words before those of derived atoms, which follow from these.
    pub(crate) key_words: usize,
    /// All words.
    pub(crate) words: usize,
}

/// Words with room left that are looked through for the next field.
const ROOMY_WORDS: usize = 8;

impl Packing {
    pub(crate) fn new(task: &GroundTask) -> Self {
        let mut order: Vec<(u32, usize)> =
            (0..task.groups.len()).map(|g| (width(values_of(task, g)), g)).collect();
        let alone = |g: usize| task.groups[g].atoms.len() == 1;
        order.sort_by_key(|&(width, g)| (alone(g), std::cmp::Reverse(width), g));
        let wide = order.iter().filter(|&&(_, g)| !alone(g)).count();
        let mut packing = Self {
            fields: vec![],
            wide,
            atom_of: vec![],
            atom_at_bit: vec![],
            bits: vec![],
            places: vec![(0, 0); task.atoms.len()],
            basic_words: 0,
            key_words: 0,
            words: 0,
        };
        let mut free: Vec<u32> = vec![];
        for (width, g) in order {
            let group = &task.groups[g];
            let (word, shift) = room(&mut free, width);
            let field = packing.add_field(word, shift, width, values_of(task, g) as u32);
            let offset = u32::from(!group.exhaustive || group.atoms.len() == 1);
            for (value, &atom) in (offset..).zip(&group.atoms) {
                packing.place(field, value, atom);
            }
        }
        packing.basic_words = free.len();
        packing.key_words = (packing.basic_words + task.numeric_init.len()).max(1);
        for (i, atom) in (task.basic..task.atoms.len()).enumerate() {
            let word = packing.key_words + i / 64;
            let field = packing.add_field(word as u32, i as u32 % 64, 1, 2);
            packing.place(field, 1, atom as AtomId);
        }
        packing.words = packing.key_words + (task.atoms.len() - task.basic).div_ceil(64);
        packing.collect_bits();
        packing
    }

    fn add_field(&mut self, word: u32, shift: u32, width: u32, values: u32) -> u32 {
        let mask = if width == 64 { u64::MAX } else { ((1u64 << width) - 1) << shift };
        let first = self.atom_of.len() as u32;
        if self.fields.len() < self.wide {
            self.atom_of.resize(self.atom_of.len() + values as usize, NO_ATOM);
        }
        self.fields.push(Field { word, shift, mask, first, values });
        self.fields.len() as u32 - 1
    }

    fn place(&mut self, field: u32, value: u32, atom: AtomId) {
        self.places[atom as usize] = (field, value);
        let Field { word, shift, first, .. } = self.fields[field as usize];
        if (field as usize) < self.wide {
            self.atom_of[(first + value) as usize] = atom;
            return;
        }
        let bit = word as usize * 64 + shift as usize;
        if self.atom_at_bit.len() <= bit {
            self.atom_at_bit.resize(bit + 1, NO_ATOM);
        }
        self.atom_at_bit[bit] = atom;
    }

    fn collect_bits(&mut self) {
        let mut bits = vec![0u64; self.words];
        for field in &self.fields[self.wide..] {
            bits[field.word as usize] |= field.mask;
        }
        let words = (0u32..).zip(bits);
        self.bits = words.filter(|&(_, mask)| mask != 0).collect();
    }

    /// The field and the value of an atom.
    pub(crate) fn place_of(&self, atom: AtomId) -> (u32, u32) {
        self.places[atom as usize]
    }

    /// The test that a field has a value.
    pub(crate) fn test_value(&self, field: u32, value: u32) -> Test {
        let Field { word, shift, mask, .. } = self.fields[field as usize];
        Test { word, mask, value: u64::from(value) << shift }
    }

    /// The test that an atom holds.
    pub(crate) fn test(&self, atom: AtomId) -> Test {
        let (field, value) = self.place_of(atom);
        self.test_value(field, value)
    }

    /// Whether the field of an atom is for it alone, so that its falsity is a value too.
    pub(crate) fn is_bit(&self, atom: AtomId) -> bool {
        self.place_of(atom).0 as usize >= self.wide
    }

    /// Tests of a conjunction: those that must pass, merged by word, and those that must fail.
    pub(crate) fn conjunction(&self, holds: &[AtomId], lacks: &[AtomId]) -> (Vec<Test>, Vec<Test>) {
        let falsity = |&atom: &AtomId| Test { value: 0, ..self.test(atom) };
        let (bits, wide): (Vec<AtomId>, Vec<AtomId>) = lacks.iter().partition(|&&a| self.is_bit(a));
        let mut pass: Vec<Test> = vec![];
        for test in holds.iter().map(|&a| self.test(a)).chain(bits.iter().map(falsity)) {
            // Two values of one field contradict each other; such a pair must stay two tests.
            match pass.iter_mut().find(|t| t.word == test.word && t.mask & test.mask == 0) {
                Some(merged) => {
                    merged.mask |= test.mask;
                    merged.value |= test.value;
                }
                None => pass.push(test),
            }
        }
        (pass, wide.iter().map(|&a| self.test(a)).collect())
    }

    /// Calls `visit` for every atom that holds in a state.
    #[inline]
    pub(crate) fn for_each_atom(&self, state: &[u64], mut visit: impl FnMut(AtomId)) {
        for field in &self.fields[..self.wide] {
            let atom = self.atom_of[field.first as usize + field.value(state)];
            if atom != NO_ATOM {
                visit(atom);
            }
        }
        for &(word, mask) in &self.bits {
            let mut bits = state[word as usize] & mask;
            while bits != 0 {
                visit(self.atom_at_bit[word as usize * 64 + bits.trailing_zeros() as usize]);
                bits &= bits - 1;
            }
        }
    }

    /// Whether an atom holds in a state.
    #[inline]
    pub(crate) fn holds(&self, atom: AtomId, state: &[u64]) -> bool {
        self.test(atom).holds(state)
    }
}

fn values_of(task: &GroundTask, group: usize) -> usize {
    let group = &task.groups[group];
    group.atoms.len() + usize::from(!group.exhaustive || group.atoms.len() == 1)
}

/// Bits that so many values take.
fn width(values: usize) -> u32 {
    usize::BITS - values.saturating_sub(1).max(1).leading_zeros()
}

/// Takes bits from a word with room for them: the word and the lowest of the bits.
fn room(free: &mut Vec<u32>, width: u32) -> (u32, u32) {
    let from = free.len().saturating_sub(ROOMY_WORDS);
    let found = (from..free.len()).find(|&w| free[w] >= width);
    let word = found.unwrap_or_else(|| {
        free.push(64);
        free.len() - 1
    });
    let shift = 64 - free[word];
    free[word] -= width;
    (word as u32, shift)
}
