//! Instances of rules.

use crate::model::Term;

/// A slot that has no object yet.
pub(super) const UNBOUND: u32 = u32::MAX;

/// The instances of a rule: for each, the objects of its joined slots.
#[derive(Clone, Debug)]
pub(super) struct Instances {
    width: usize,
    len: usize,
    values: Vec<u32>,
}

impl Instances {
    /// No instances, of so many slots each.
    pub(super) fn new(width: usize) -> Self {
        Self { width, len: 0, values: vec![] }
    }

    /// Number of instances.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Slots of an instance.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Words in use.
    pub(super) fn words(&self) -> usize {
        self.values.len()
    }

    /// Memory held, bytes.
    pub(super) fn bytes(&self) -> u64 {
        (self.values.capacity() * size_of::<u32>()) as u64
    }

    /// The objects of an instance.
    pub(super) fn get(&self, index: usize) -> &[u32] {
        &self.values[index * self.width..][..self.width]
    }

    pub(super) fn push(&mut self, binding: &[u32]) {
        self.values.extend_from_slice(binding);
        self.len += 1;
    }
}

/// The object of a term under a binding of all slots.
pub(super) fn value(term: Term, binding: &[u32]) -> u32 {
    match term {
        Term::Object(o) => o.0,
        Term::Variable(v) => binding[v as usize],
    }
}
