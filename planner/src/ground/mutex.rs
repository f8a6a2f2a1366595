//! Mutex groups of a grounding, from lifted invariants.

use std::{cmp::Reverse, collections::BinaryHeap};

use hashbrown::HashTable;

use super::{
    data::{AtomId, ConditionalEffect, MutexGroup, Operator},
    draft::{Drafts, Sections},
    facts::{FactId, Facts},
    logic::{Conjunction, Lit, NodeId},
};
use crate::{hash::hash_u32s, invariants::Invariant};

/// Facts of which at most one holds in every reachable state, in lists, and what follows from them.
#[derive(Clone, Debug, Default)]
pub(super) struct Mutexes {
    /// The facts of each group, one after the other, and where each group begins.
    members: Vec<FactId>,
    starts: Vec<u32>,
    /// The groups of each fact, one after the other, and where those of each begin.
    groups: Vec<u32>,
    of_fact: Vec<u32>,
    /// Facts that never hold, for the atoms of an invariant of which none holds at first stay so.
    never: Vec<bool>,
}

/// Choices of the parameters of invariants, with what they cover.
#[derive(Default)]
struct Instances {
    /// Invariant and parameters of each, one after the other, and where each begins.
    keys: Vec<u32>,
    starts: Vec<u32>,
    table: HashTable<u32>,
    /// How many of the covered facts hold at first.
    weights: Vec<u32>,
}

impl Instances {
    fn key(&self, id: u32) -> &[u32] {
        let end = self.starts.get(id as usize + 1).map_or(self.keys.len(), |&e| e as usize);
        &self.keys[self.starts[id as usize] as usize..end]
    }

    fn intern(&mut self, key: &[u32]) -> u32 {
        let hash = hash_u32s(key);
        if let Some(&id) = self.table.find(hash, |&id| self.key(id) == key) {
            return id;
        }
        let id = self.starts.len() as u32;
        self.starts.push(self.keys.len() as u32);
        self.keys.extend_from_slice(key);
        self.weights.push(0);
        let (keys, starts) = (&self.keys, &self.starts);
        let rehash = |&id: &u32| {
            let end = starts.get(id as usize + 1).map_or(keys.len(), |&e| e as usize);
            hash_u32s(&keys[starts[id as usize] as usize..end])
        };
        self.table.insert_unique(hash, id, rehash);
        id
    }
}

impl Mutexes {
    /// The groups of the facts, of which those below `initial` hold at first.
    pub(super) fn new(invariants: &[Invariant], facts: &Facts, initial: usize) -> Self {
        let mut instances = Instances::default();
        // Pairs of a fact and a choice of parameters that covers it, in the order of the facts.
        let mut pairs: Vec<(FactId, u32)> = vec![];
        let parts = invariants.iter().enumerate();
        let parts: Vec<_> =
            parts.flat_map(|(i, inv)| inv.parts.iter().map(move |p| (i as u32, p))).collect();
        let mut of_predicate: Vec<Vec<u32>> = vec![];
        for (at, (_, part)) in parts.iter().enumerate() {
            let predicate = part.predicate.index();
            if of_predicate.len() <= predicate {
                of_predicate.resize(predicate + 1, vec![]);
            }
            of_predicate[predicate].push(at as u32);
        }
        let mut key = vec![];
        for fact in 0..facts.len() as FactId {
            let (predicate, args) = facts.get(fact);
            for &at in of_predicate.get(predicate as usize).into_iter().flatten() {
                let (invariant, part) = parts[at as usize];
                key.clear();
                key.push(invariant);
                key.extend(part.places.iter().map(|&place| args[place as usize]));
                let id = instances.intern(&key);
                if (fact as usize) < initial {
                    instances.weights[id as usize] += 1;
                }
                pairs.push((fact, id));
            }
        }
        Self::of_pairs(&pairs, &instances.weights, facts.len())
    }

    fn of_pairs(pairs: &[(FactId, u32)], weights: &[u32], facts: usize) -> Self {
        let mut sizes = vec![0u32; weights.len()];
        let mut never = vec![false; facts];
        for &(fact, id) in pairs {
            sizes[id as usize] += 1;
            never[fact as usize] |= weights[id as usize] == 0;
        }
        let useful = |id: usize| weights[id] == 1 && sizes[id] > 1;
        let mut number = vec![u32::MAX; weights.len()];
        let mut starts = vec![0u32];
        for id in (0..weights.len()).filter(|&id| useful(id)) {
            number[id] = starts.len() as u32 - 1;
            starts.push(starts[starts.len() - 1] + sizes[id]);
        }
        let mut next = starts.clone();
        let mut members = vec![0; starts[starts.len() - 1] as usize];
        let (mut groups, mut of_fact) = (vec![], vec![0u32]);
        for &(fact, id) in pairs {
            let group = number[id as usize];
            if group == u32::MAX {
                continue;
            }
            of_fact.resize(fact as usize + 1, groups.len() as u32);
            groups.push(group);
            members[next[group as usize] as usize] = fact;
            next[group as usize] += 1;
        }
        of_fact.resize(facts + 1, groups.len() as u32);
        Self { members, starts, groups, of_fact, never }
    }

    /// The groups.
    pub(super) fn all(&self) -> impl Iterator<Item = &[FactId]> {
        self.starts.windows(2).map(|w| &self.members[w[0] as usize..w[1] as usize])
    }

    fn groups_of(&self, node: NodeId) -> &[u32] {
        match self.of_fact.get(node as usize + 1) {
            Some(&end) => &self.groups[self.of_fact[node as usize] as usize..end as usize],
            None => &[],
        }
    }

    fn never(&self, node: NodeId) -> bool {
        self.never.get(node as usize) == Some(&true)
    }

    /// Removes the operators, effects and axioms that can never be applied because they need, or
    /// would make, two atoms of a group true.
    pub(super) fn prune(&self, drafts: &mut Drafts) {
        let mut marks = Marks::new(self.starts.len());
        let mut kept = vec![];
        let mut operators = std::mem::take(&mut drafts.operators);
        operators.retain_mut(|operator| {
            if !self.possible(&mut marks, drafts, &[&operator.body]) {
                return false;
            }
            let first = kept.len() as u32;
            for &effect in drafts.effects_of(operator) {
                if self.possible(&mut marks, drafts, &[&operator.body, &effect]) {
                    kept.push(effect);
                }
            }
            operator.effects = (first, kept.len() as u32);
            true
        });
        drafts.operators = operators;
        drafts.effects = kept;
        let mut axioms = std::mem::take(&mut drafts.axioms);
        axioms.retain(|axiom| self.possible(&mut marks, drafts, &[&axiom.body]));
        drafts.axioms = axioms;
    }

    /// Whether the conditions of the sections together, and the adds of them together, name no two
    /// atoms of a group and none that never holds.
    fn possible(&self, marks: &mut Marks, drafts: &Drafts, parts: &[&Sections]) -> bool {
        marks.now += 1;
        let holds = parts.iter().flat_map(|s| drafts.holds(s));
        if !self.compatible(marks, holds) {
            return false;
        }
        marks.now += 1;
        self.compatible(marks, parts.iter().flat_map(|s| drafts.adds(s)))
    }

    fn compatible<'n>(&self, marks: &mut Marks, nodes: impl Iterator<Item = &'n NodeId>) -> bool {
        for &node in nodes {
            if self.never(node) {
                return false;
            }
            for &group in self.groups_of(node) {
                let stamp = &mut marks.stamps[group as usize];
                // The same atom may be named twice.
                if stamp.0 == marks.now && stamp.1 != node {
                    return false;
                }
                *stamp = (marks.now, node);
            }
        }
        true
    }

    /// Whether no two facts are in one group, and none never holds.
    pub(super) fn compatible_facts(&self, facts: &[FactId]) -> bool {
        let mut marks = Marks::new(self.starts.len());
        marks.now += 1;
        self.compatible(&mut marks, facts.iter())
    }

    /// Whether a conjunction can hold in a reachable state, as far as the groups tell.
    pub(super) fn allow(&self, conjunction: &Conjunction) -> bool {
        let nodes: Vec<NodeId> = conjunction
            .iter()
            .filter_map(|lit| match lit {
                Lit::Holds(node) => Some(*node),
                _ => None,
            })
            .collect();
        self.compatible_facts(&nodes)
    }
}

/// The atom last seen of each group.
struct Marks {
    stamps: Vec<(u32, NodeId)>,
    now: u32,
}

impl Marks {
    fn new(groups: usize) -> Self {
        Self { stamps: vec![(0, 0); groups], now: 0 }
    }
}

/// The groups over the atoms of the ground task, ascending, without those that tell nothing.
pub(super) fn numbered(mutexes: &Mutexes, ids: &[Option<AtomId>]) -> Vec<Vec<AtomId>> {
    let translate = |group: &[FactId]| {
        let mut atoms: Vec<AtomId> = group.iter().filter_map(|&f| ids[f as usize]).collect();
        atoms.sort_unstable();
        atoms
    };
    let mut groups: Vec<Vec<AtomId>> = mutexes.all().map(translate).collect();
    groups.retain(|g| g.len() > 1);
    groups.sort_unstable();
    groups.dedup();
    groups
}

/// A partition of the basic atoms: the largest group first, then of each other group what is left.
pub(super) fn partition(mutexes: &[Vec<AtomId>], basic: usize) -> Vec<MutexGroup> {
    let mut covered = vec![false; basic];
    let mut heap: BinaryHeap<(usize, Reverse<usize>)> =
        mutexes.iter().enumerate().map(|(i, group)| (group.len(), Reverse(i))).collect();
    let mut chosen: Vec<Vec<AtomId>> = vec![];
    while let Some((size, Reverse(index))) = heap.pop() {
        let left = || mutexes[index].iter().copied().filter(|&a| !covered[a as usize]);
        let now = left().count();
        if now < size {
            if now > 1 {
                heap.push((now, Reverse(index)));
            }
            continue;
        }
        let atoms: Vec<AtomId> = left().collect();
        atoms.iter().for_each(|&a| covered[a as usize] = true);
        chosen.push(atoms);
    }
    let alone = (0..basic as AtomId).filter(|&a| !covered[a as usize]);
    chosen.extend(alone.map(|a| vec![a]));
    chosen.sort_unstable();
    chosen.into_iter().map(|atoms| MutexGroup { atoms, exhaustive: false }).collect()
}

/// Finds out of which groups exactly one atom holds in every reachable state: one holds at first, and
/// every effect that deletes one adds one.
pub(super) fn mark_exhaustive(groups: &mut [MutexGroup], init: &[AtomId], operators: &[Operator]) {
    let atoms = groups.iter().map(|g| g.atoms.len()).sum();
    let mut of_atom = vec![0u32; atoms];
    for (i, group) in groups.iter().enumerate() {
        group.atoms.iter().for_each(|&a| of_atom[a as usize] = i as u32);
    }
    for &atom in init {
        groups[of_atom[atom as usize] as usize].exhaustive = true;
    }
    let mut check = |deletes: &[AtomId], adds: &[&[AtomId]]| {
        for &atom in deletes {
            let group = of_atom[atom as usize];
            let refilled = adds.iter().any(|l| l.iter().any(|&a| of_atom[a as usize] == group));
            if !refilled {
                groups[group as usize].exhaustive = false;
            }
        }
    };
    for operator in operators {
        check(&operator.deletes, &[&operator.adds]);
        for effect in &operator.conditional {
            let effect: &ConditionalEffect = effect;
            check(&effect.deletes, &[&effect.adds, &operator.adds]);
        }
    }
}
