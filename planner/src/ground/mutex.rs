//! Mutex groups of a grounding, from lifted invariants.

use std::{cmp::Reverse, collections::BinaryHeap};

use hashbrown::HashTable;

use super::{
    data::{AtomId, MutexGroup, Operator},
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
    /// The invariant that each group is of.
    invariants: Vec<u32>,
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
        Self::of_pairs(&pairs, &instances, facts.len())
    }

    fn of_pairs(pairs: &[(FactId, u32)], instances: &Instances, facts: usize) -> Self {
        let weights = &instances.weights;
        let mut sizes = vec![0u32; weights.len()];
        let mut never = vec![false; facts];
        for &(fact, id) in pairs {
            sizes[id as usize] += 1;
            never[fact as usize] |= weights[id as usize] == 0;
        }
        let useful = |id: usize| weights[id] == 1 && sizes[id] > 1;
        let mut number = vec![u32::MAX; weights.len()];
        let (mut starts, mut invariants) = (vec![0u32], vec![]);
        for id in (0..weights.len()).filter(|&id| useful(id)) {
            number[id] = invariants.len() as u32;
            invariants.push(instances.key(id as u32)[0]);
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
        Self { members, starts, invariants, groups, of_fact, never }
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

/// The groups over the atoms of a ground task.
pub(super) struct Groups {
    /// In order; those that tell nothing are left out.
    pub(super) lists: Vec<Vec<AtomId>>,
    /// Whether exactly one atom of each list holds in every reachable state.
    exhaustive: Vec<bool>,
    /// For each invariant, the lists that it gives.
    of_invariant: Vec<Vec<u32>>,
}

impl Groups {
    /// The groups with their new numbers, in a task that begins with the atoms `init`.
    pub(super) fn new(
        mutexes: &Mutexes,
        ids: &[Option<AtomId>],
        init: &[AtomId],
        operators: &[Operator],
    ) -> Self {
        let translate = |(group, &invariant): (&[FactId], &u32)| {
            let mut atoms: Vec<AtomId> = group.iter().filter_map(|&f| ids[f as usize]).collect();
            atoms.sort_unstable();
            (atoms, invariant)
        };
        let mut found: Vec<(Vec<AtomId>, u32)> =
            mutexes.all().zip(&mutexes.invariants).map(translate).collect();
        found.retain(|(atoms, _)| atoms.len() > 1);
        found.sort_unstable();
        let mut lists: Vec<Vec<AtomId>> = vec![];
        let mut of_invariant: Vec<Vec<u32>> = vec![];
        for (atoms, invariant) in found {
            if lists.last() != Some(&atoms) {
                lists.push(atoms);
            }
            if of_invariant.len() <= invariant as usize {
                of_invariant.resize(invariant as usize + 1, vec![]);
            }
            of_invariant[invariant as usize].push(lists.len() as u32 - 1);
        }
        let exhaustive = exhaustive(&lists, init, operators);
        Self { lists, exhaustive, of_invariant }
    }

    /// A partition of the basic atoms: all groups of the invariant that spares most variables, then of
    /// each other what is left. Groups of one invariant tell the same of each object, say where it is,
    /// and not of one where it is and of the next what is on it. Of two invariants that spare as many,
    /// the one goes first of whose groups more are exhaustive.
    pub(super) fn partition(&self, basic: usize) -> Vec<MutexGroup> {
        let mut covered = vec![false; basic];
        let mut heap: BinaryHeap<(Gain, Reverse<usize>)> = (0..self.of_invariant.len())
            .map(|invariant| (self.gain(invariant, &covered), Reverse(invariant)))
            .collect();
        let mut chosen: Vec<MutexGroup> = vec![];
        while let Some((gain, Reverse(invariant))) = heap.pop() {
            // What is covered makes gains smaller, never larger.
            let now = self.gain(invariant, &covered);
            if now < gain {
                heap.push((now, Reverse(invariant)));
                continue;
            }
            for &list in &self.of_invariant[invariant] {
                let group = self.left(list, &covered);
                if group.atoms.len() > 1 {
                    group.atoms.iter().for_each(|&a| covered[a as usize] = true);
                    chosen.push(group);
                }
            }
        }
        let alone = (0..basic as AtomId).filter(|&a| !covered[a as usize]);
        chosen.extend(alone.map(|atom| MutexGroup { atoms: vec![atom], exhaustive: false }));
        chosen.sort_unstable_by(|a, b| a.atoms.cmp(&b.atoms));
        chosen
    }

    fn gain(&self, invariant: usize, covered: &[bool]) -> Gain {
        let mut gain = Gain { spared: 0, exhaustive: 0 };
        for &list in &self.of_invariant[invariant] {
            let atoms = &self.lists[list as usize];
            let left = atoms.iter().filter(|&&a| !covered[a as usize]).count();
            gain.spared += left.saturating_sub(1);
            gain.exhaustive += usize::from(left == atoms.len() && self.exhaustive[list as usize]);
        }
        gain
    }

    /// What others have left of a group.
    fn left(&self, list: u32, covered: &[bool]) -> MutexGroup {
        let all = &self.lists[list as usize];
        let atoms: Vec<AtomId> = all.iter().copied().filter(|&a| !covered[a as usize]).collect();
        let exhaustive = atoms.len() == all.len() && self.exhaustive[list as usize];
        MutexGroup { atoms, exhaustive }
    }
}

/// What the groups of an invariant are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Gain {
    /// Variables fewer than if each atom had its own.
    spared: usize,
    /// Exhaustive groups.
    exhaustive: usize,
}

/// Finds out of which groups exactly one atom holds in every reachable state: one holds at first, and
/// every effect that deletes one adds one.
fn exhaustive(lists: &[Vec<AtomId>], init: &[AtomId], operators: &[Operator]) -> Vec<bool> {
    let mut of_atom: Vec<Vec<u32>> = vec![];
    for (list, atoms) in (0u32..).zip(lists) {
        let most = atoms.last().map_or(0, |&a| a as usize + 1);
        of_atom.resize(of_atom.len().max(most), vec![]);
        atoms.iter().for_each(|&a| of_atom[a as usize].push(list));
    }
    let of = |atom: AtomId| of_atom.get(atom as usize).into_iter().flatten().map(|&g| g as usize);
    let mut exhaustive = vec![false; lists.len()];
    init.iter().flat_map(|&a| of(a)).for_each(|group| exhaustive[group] = true);
    let (mut refilled, mut now) = (vec![0u32; lists.len()], 0);
    let mut check = |deletes: &[AtomId], adds: &[&[AtomId]]| {
        now += 1;
        let added = adds.iter().copied().flatten();
        added.flat_map(|&a| of(a)).for_each(|group| refilled[group] = now);
        let emptied = deletes.iter().flat_map(|&a| of(a)).filter(|&g| refilled[g] != now);
        emptied.for_each(|group| exhaustive[group] = false);
    };
    for operator in operators {
        check(&operator.deletes, &[&operator.adds]);
        for effect in &operator.conditional {
            check(&effect.deletes, &[&effect.adds, &operator.adds]);
        }
    }
    exhaustive
}
