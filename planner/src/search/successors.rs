//! Which operators are applicable in a state.
//!
//! A decision tree over preconditions, as Fast Downward's successor generator (Helmert 2006, "The
//! Fast Downward planning system", section 5.3.1), on bits: a node asks which of its atoms hold in
//! the state, by one AND a word, and goes down into the child of each.

use std::collections::{BTreeMap, BinaryHeap};

use crate::ground::{AtomId, GroundTask};

/// The index of an operator in [`GroundTask::operators`].
pub type OperatorId = u32;

/// The atoms of one word that a node asks for. The child of the k-th bit set in `mask` is
/// `first_child + k`.
#[derive(Clone, Copy, Debug)]
struct Question {
    word: u32,
    first_child: u32,
    mask: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    /// Range in `questions`.
    questions: (u32, u32),
    /// Range in `ready`: operators whose positive preconditions hold once the node is reached.
    ready: (u32, u32),
}

/// Finds applicable operators.
#[derive(Clone, Debug, Default)]
pub(crate) struct Successors {
    nodes: Vec<Node>,
    questions: Vec<Question>,
    ready: Vec<OperatorId>,
    /// Range in `lacks` for each operator; empty for most.
    lacks_at: Vec<u32>,
    lacks: Vec<(u32, u64)>,
    any_lacks: bool,
}

/// Operators at a node with the preconditions that are not yet asked for.
type Pending = Vec<(OperatorId, Vec<AtomId>)>;

impl Successors {
    pub(crate) fn new(task: &GroundTask) -> Self {
        let mut tree = Self { nodes: vec![Node::default()], ..Self::default() };
        let all = task.operators.iter().enumerate();
        let mut todo: Vec<(usize, Pending)> =
            vec![(0, all.map(|(i, o)| (i as u32, o.holds.to_vec())).collect())];
        // Counts how often each atom is still asked for; zero between nodes.
        let mut counts = vec![0u32; task.atoms.len()];
        while let Some((node, pending)) = todo.pop() {
            let children = tree.fill(node, pending, &mut counts);
            todo.extend(children);
        }
        tree.lacks_at.push(0);
        for operator in &task.operators {
            tree.lacks.extend(masks(&operator.lacks));
            tree.lacks_at.push(tree.lacks.len() as u32);
        }
        tree.any_lacks = !tree.lacks.is_empty();
        tree
    }

    /// Writes one node and returns its children with their operators.
    fn fill(&mut self, node: usize, pending: Pending, counts: &mut [u32]) -> Vec<(usize, Pending)> {
        let first_ready = self.ready.len() as u32;
        let mut waiting = vec![];
        for (operator, atoms) in pending {
            if atoms.is_empty() {
                self.ready.push(operator);
            } else {
                waiting.push((operator, atoms));
            }
        }
        self.nodes[node].ready = (first_ready, self.ready.len() as u32);
        let groups = group(waiting, counts);
        let atoms: Vec<AtomId> = groups.keys().copied().collect();
        let first_question = self.questions.len() as u32;
        let mut first_child = self.nodes.len() as u32;
        for (word, mask) in masks(&atoms) {
            self.questions.push(Question { word, first_child, mask });
            first_child += mask.count_ones();
        }
        self.nodes[node].questions = (first_question, self.questions.len() as u32);
        let base = self.nodes.len();
        self.nodes.resize(base + groups.len(), Node::default());
        groups.into_values().enumerate().map(|(i, group)| (base + i, group)).collect()
    }

    /// Writes the operators applicable in `state` to `out`, in an order that depends on the state
    /// alone. `stack` is scratch.
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
                while met != 0 {
                    let lower = (met & met.wrapping_neg()) - 1;
                    stack.push(q.first_child + (q.mask & lower).count_ones());
                    met &= met - 1;
                }
            }
        }
        if self.any_lacks {
            out.retain(|&operator| self.lacks_hold(operator, state));
        }
    }

    fn lacks_hold(&self, operator: OperatorId, state: &[u64]) -> bool {
        let range = self.lacks_at[operator as usize] as usize
            ..self.lacks_at[operator as usize + 1] as usize;
        self.lacks[range].iter().all(|&(word, mask)| state[word as usize] & mask == 0)
    }

    /// Heap memory, bytes.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.nodes)
            + size_of_val(&*self.questions)
            + size_of_val(&*self.ready)
            + size_of_val(&*self.lacks_at)
            + size_of_val(&*self.lacks)
    }
}

/// Splits operators by one of their open preconditions. The atom that most operators share is taken
/// first, again and again, so that one answer decides as many operators as possible.
fn group(waiting: Pending, counts: &mut [u32]) -> BTreeMap<AtomId, Pending> {
    let mut by_atom: BTreeMap<AtomId, Vec<u32>> = BTreeMap::new();
    for (i, (_, atoms)) in waiting.iter().enumerate() {
        for &atom in atoms {
            counts[atom as usize] += 1;
            by_atom.entry(atom).or_default().push(i as u32);
        }
    }
    let mut waiting: Vec<Option<(OperatorId, Vec<AtomId>)>> =
        waiting.into_iter().map(Some).collect();
    let mut heap: BinaryHeap<(u32, std::cmp::Reverse<AtomId>)> =
        by_atom.keys().map(|&a| (counts[a as usize], std::cmp::Reverse(a))).collect();
    let mut groups: BTreeMap<AtomId, Pending> = BTreeMap::new();
    while let Some((count, std::cmp::Reverse(atom))) = heap.pop() {
        let now = counts[atom as usize];
        if now == 0 {
            continue;
        }
        if now < count {
            heap.push((now, std::cmp::Reverse(atom)));
            continue;
        }
        let group = groups.entry(atom).or_default();
        for &i in &by_atom[&atom] {
            if let Some((operator, mut atoms)) = waiting[i as usize].take() {
                atoms.iter().for_each(|&a| counts[a as usize] -= 1);
                atoms.retain(|&a| a != atom);
                group.push((operator, atoms));
            }
        }
    }
    groups
}

/// Ascending atoms as (word, mask) pairs.
pub(crate) fn masks(atoms: &[AtomId]) -> Vec<(u32, u64)> {
    let mut masks: Vec<(u32, u64)> = vec![];
    for &atom in atoms {
        let (word, bit) = (atom / 64, 1u64 << (atom % 64));
        match masks.last_mut() {
            Some((last, mask)) if *last == word => *mask |= bit,
            _ => masks.push((word, bit)),
        }
    }
    masks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::Operator;

    fn operator(holds: &[AtomId], lacks: &[AtomId]) -> Operator {
        Operator {
            schema: 0,
            args: [].into(),
            holds: holds.into(),
            lacks: lacks.into(),
            adds: [].into(),
            deletes: [].into(),
            cost: 1,
        }
    }

    #[test]
    fn the_tree_agrees_with_looking_at_each_precondition() {
        let operators = vec![
            operator(&[], &[]),
            operator(&[0], &[]),
            operator(&[0, 1, 70], &[]),
            operator(&[1, 70], &[2]),
            operator(&[70, 71], &[0]),
            operator(&[], &[70]),
            operator(&[0, 1, 2, 70, 71], &[]),
        ];
        let atom = ergon_vocab::Atom { predicate: ergon_vocab::PredicateId(0), args: [].into() };
        let task = GroundTask { atoms: vec![atom; 72], operators, ..GroundTask::default() };
        let tree = Successors::new(&task);
        let (mut stack, mut found) = (vec![], vec![]);
        for bits in 0..32u64 {
            let state = [bits & 7, bits >> 3 << 6];
            let holds = |&a: &AtomId| state[a as usize / 64] >> (a % 64) & 1 == 1;
            let expected = (0u32..)
                .zip(&task.operators)
                .filter(|(_, o)| o.holds.iter().all(holds) && !o.lacks.iter().any(holds));
            tree.applicable(&state, &mut stack, &mut found);
            found.sort_unstable();
            assert_eq!(found, expected.map(|(i, _)| i).collect::<Vec<_>>(), "{bits:b}");
        }
    }
}
