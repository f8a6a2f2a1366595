//! Which operators are applicable in a state.
//!
//! A decision tree over preconditions, as Fast Downward's successor generator (Helmert 2006, "The
//! Fast Downward planning system", section 5.3.1). A node may ask several questions: one a wide
//! field, which has a child for each value, and one a word for all one-bit fields of it, whose
//! children are found bit by bit in what the state has in common with the question.

use std::collections::BTreeMap;

use super::packing::{Packing, Test};
use crate::ground::GroundTask;

/// The index of an operator in [`GroundTask::operators`].
pub type OperatorId = u32;

const NO_NODE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Question {
    mask: u64,
    word: u32,
    /// Where the children stand: nodes one after the other for bits, entries of `table` for a field.
    first: u32,
    /// The lowest bit of a field; [`BITS`] where the question is for single bits.
    shift: u32,
}

const BITS: u32 = 64;

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    /// Range in `questions`.
    questions: (u32, u32),
    /// Range in `ready`: operators whose preconditions hold once the node is reached.
    ready: (u32, u32),
}

/// Finds applicable operators.
#[derive(Clone, Debug, Default)]
pub(crate) struct Successors {
    nodes: Vec<Node>,
    questions: Vec<Question>,
    /// Children of questions for fields, one a value.
    table: Vec<u32>,
    ready: Vec<OperatorId>,
    /// Range in `denied` for each operator; empty for most.
    denied_at: Vec<u32>,
    /// Tests that must fail.
    denied: Vec<Test>,
}

/// An operator at a node with the fields that are not yet asked for and their wanted values.
type Pending = Vec<(OperatorId, Vec<(u32, u32)>)>;

impl Successors {
    pub(crate) fn new(task: &GroundTask, packing: &Packing) -> Self {
        let mut tree = Self { nodes: vec![Node::default()], denied_at: vec![0], ..Self::default() };
        let mut all: Pending = Vec::with_capacity(task.operators.len());
        for (id, operator) in (0u32..).zip(&task.operators) {
            let mut wanted: Vec<(u32, u32)> =
                operator.holds.iter().map(|&a| packing.place_of(a)).collect();
            for &atom in &operator.lacks {
                match packing.is_bit(atom) {
                    true => wanted.push((packing.place_of(atom).0, 0)),
                    false => tree.denied.push(packing.test(atom)),
                }
            }
            wanted.sort_unstable();
            wanted.dedup();
            tree.denied_at.push(tree.denied.len() as u32);
            // Two values of one field: never applicable.
            if wanted.windows(2).all(|pair| pair[0].0 != pair[1].0) {
                all.push((id, wanted));
            }
        }
        let mut todo: Vec<(u32, Pending)> = vec![(0, all)];
        // How often each field is still asked for; zero between nodes.
        let mut counts = vec![0u32; packing.fields.len()];
        while let Some((node, pending)) = todo.pop() {
            tree.fill(node, pending, packing, &mut counts, &mut todo);
        }
        tree
    }

    /// Writes one node and puts its children with their operators on the list.
    fn fill(
        &mut self,
        node: u32,
        pending: Pending,
        packing: &Packing,
        counts: &mut [u32],
        todo: &mut Vec<(u32, Pending)>,
    ) {
        let first_ready = self.ready.len() as u32;
        let mut waiting = vec![];
        for (operator, wanted) in pending {
            if wanted.is_empty() {
                self.ready.push(operator);
            } else {
                waiting.push((operator, wanted));
            }
        }
        self.nodes[node as usize].ready = (first_ready, self.ready.len() as u32);
        let groups = group(waiting, counts);
        let first_question = self.questions.len() as u32;
        let mut bits: BTreeMap<u32, Vec<(u64, Pending)>> = BTreeMap::new();
        for (field, by_value) in groups {
            let place = packing.fields[field as usize];
            let only_true = place.mask.count_ones() == 1 && !by_value.contains_key(&0);
            if only_true {
                let group = by_value.into_values().map(|pending| (place.mask, pending));
                bits.entry(place.word).or_default().extend(group);
                continue;
            }
            let first = self.table.len() as u32;
            self.table.resize(self.table.len() + (place.mask >> place.shift) as usize + 1, NO_NODE);
            let (mask, word, shift) = (place.mask, place.word, place.shift);
            self.questions.push(Question { mask, word, first, shift });
            for (value, pending) in by_value {
                self.table[(first + value) as usize] = self.child(pending, todo);
            }
        }
        for (word, mut children) in bits {
            children.sort_by_key(|&(bit, _)| bit);
            let mask = children.iter().fold(0, |mask, &(bit, _)| mask | bit);
            let first = self.nodes.len() as u32;
            self.questions.push(Question { mask, word, first, shift: BITS });
            for (_, pending) in children {
                self.child(pending, todo);
            }
        }
        self.nodes[node as usize].questions = (first_question, self.questions.len() as u32);
    }

    fn child(&mut self, pending: Pending, todo: &mut Vec<(u32, Pending)>) -> u32 {
        let node = self.nodes.len() as u32;
        self.nodes.push(Node::default());
        todo.push((node, pending));
        node
    }

    /// Writes the operators whose atoms are as they must be in `state` to `out`, in an order that
    /// depends on the state alone. `stack` is scratch.
    #[inline]
    pub(crate) fn applicable(
        &self,
        state: &[u64],
        stack: &mut Vec<u32>,
        out: &mut Vec<OperatorId>,
    ) {
        out.clear();
        stack.clear();
        stack.push(0);
        while let Some(node) = stack.pop() {
            let node = self.nodes[node as usize];
            out.extend_from_slice(&self.ready[node.ready.0 as usize..node.ready.1 as usize]);
            for q in &self.questions[node.questions.0 as usize..node.questions.1 as usize] {
                let mut met = state[q.word as usize] & q.mask;
                if q.shift != BITS {
                    let child = self.table[q.first as usize + (met >> q.shift) as usize];
                    stack.extend((child != NO_NODE).then_some(child));
                    continue;
                }
                while met != 0 {
                    let lower = (met & met.wrapping_neg()) - 1;
                    stack.push(q.first + (q.mask & lower).count_ones());
                    met &= met - 1;
                }
            }
        }
        if !self.denied.is_empty() {
            out.retain(|&operator| !self.is_denied(operator, state));
        }
    }

    fn is_denied(&self, operator: OperatorId, state: &[u64]) -> bool {
        let range = self.denied_at[operator as usize] as usize
            ..self.denied_at[operator as usize + 1] as usize;
        self.denied[range].iter().any(|test| test.holds(state))
    }

    /// Heap memory, bytes.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.nodes)
            + size_of_val(&*self.questions)
            + size_of_val(&*self.table)
            + size_of_val(&*self.ready)
            + size_of_val(&*self.denied_at)
            + size_of_val(&*self.denied)
    }
}

/// Splits operators by one of the fields they ask for, and by the value they want. Each goes with
/// the field that most of them share, so that one answer decides as many as possible.
fn group(waiting: Pending, counts: &mut [u32]) -> BTreeMap<u32, BTreeMap<u32, Pending>> {
    let fields = |pending: &Pending, counts: &mut [u32], by: u32| {
        for (field, _) in pending.iter().flat_map(|(_, wanted)| wanted) {
            counts[*field as usize] = if by == 0 { 0 } else { counts[*field as usize] + by };
        }
    };
    fields(&waiting, counts, 1);
    let chosen: Vec<usize> = waiting
        .iter()
        .map(|(_, wanted)| {
            let best = (0..wanted.len()).rev().max_by_key(|&i| counts[wanted[i].0 as usize]);
            best.unwrap_or_default()
        })
        .collect();
    fields(&waiting, counts, 0);
    let mut groups: BTreeMap<u32, BTreeMap<u32, Pending>> = BTreeMap::new();
    for ((operator, mut wanted), i) in waiting.into_iter().zip(chosen) {
        let (field, value) = wanted.remove(i);
        groups.entry(field).or_default().entry(value).or_default().push((operator, wanted));
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::{AtomId, MutexGroup, Operator};

    fn operator(holds: &[AtomId], lacks: &[AtomId]) -> Operator {
        Operator { holds: holds.into(), lacks: lacks.into(), cost: 1, ..Operator::default() }
    }

    #[test]
    fn the_tree_agrees_with_looking_at_each_precondition() {
        let operators = vec![
            operator(&[], &[]),
            operator(&[0], &[]),
            operator(&[0, 1, 70], &[]),
            operator(&[1, 70], &[2]),
            operator(&[70, 1], &[0]),
            operator(&[], &[70]),
            operator(&[0, 1, 2], &[]),
            operator(&[], &[1, 71]),
            operator(&[71], &[3]),
        ];
        let atom = ergon_vocab::Atom { predicate: ergon_vocab::PredicateId(0), args: [].into() };
        let wide = MutexGroup { atoms: vec![70, 71, 3], exhaustive: false };
        let single = |a: u32| MutexGroup { atoms: vec![a], exhaustive: false };
        let singles = (0..70).filter(|a| *a != 3).map(single);
        let groups = singles.chain([wide]).collect();
        let task = GroundTask {
            atoms: vec![atom; 72],
            basic: 72,
            groups,
            operators,
            ..GroundTask::default()
        };
        let packing = Packing::new(&task);
        let tree = Successors::new(&task, &packing);
        let (mut stack, mut found) = (vec![], vec![]);
        for pattern in 0..32usize {
            let mut atoms: Vec<AtomId> = (0..3).filter(|a| pattern >> a & 1 == 1).collect();
            atoms.extend([None, Some(70), Some(71), Some(3)][pattern >> 3]);
            let mut state = vec![0; packing.words];
            for test in atoms.iter().map(|&a| packing.test(a)) {
                state[test.word as usize] |= test.value;
            }
            let holds = |a: &AtomId| atoms.contains(a);
            let expected = (0u32..)
                .zip(&task.operators)
                .filter(|(_, o)| o.holds.iter().all(holds) && !o.lacks.iter().any(holds));
            tree.applicable(&state, &mut stack, &mut found);
            found.sort_unstable();
            assert_eq!(found, expected.map(|(i, _)| i).collect::<Vec<_>>(), "{pattern:b}");
            let mut shown = vec![];
            packing.for_each_atom(&state, |a| shown.push(a));
            shown.sort_unstable();
            atoms.sort_unstable();
            assert_eq!(shown, atoms);
        }
    }
}
