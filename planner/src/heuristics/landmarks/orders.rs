//! Reasonable orders (Hoffmann, Porteous & Sebastia 2004, section 4; Richter & Westphal 2010,
//! section 4.3): b had better wait for a if making a true would make b false and b is needed later.

use std::collections::BTreeSet;

use petgraph::{algo::tarjan_scc, graph::DiGraph};

use super::LandmarkGraph;
use crate::{
    heuristics::relaxation::{Proposition, Relaxation},
    search::TransitionSystem,
};

/// Most pairs of landmarks that are compared.
const MAX_PAIRS: usize = 4_000_000;

/// Which propositions exclude each other, as far as mutex groups tell.
struct Mutexes {
    /// The groups of each atom.
    groups: Vec<Vec<u32>>,
}

impl Mutexes {
    fn new(system: &TransitionSystem<'_>) -> Self {
        let task = system.task();
        let mut groups = vec![vec![]; task.atoms.len()];
        for (i, group) in (0u32..).zip(&task.mutexes) {
            group.iter().for_each(|&atom| groups[atom as usize].push(i));
        }
        Self { groups }
    }

    fn exclude(&self, a: Proposition, b: Proposition) -> bool {
        let groups = |p: Proposition| self.groups.get(p as usize).map_or(&[][..], Vec::as_slice);
        a != b && groups(a).iter().any(|g| groups(b).contains(g))
    }
}

/// Adds reasonable orders to a graph, leaving out those that would make a circle.
pub(super) fn add_reasonable(
    graph: &mut LandmarkGraph,
    system: &TransitionSystem<'_>,
    relaxation: &Relaxation,
) {
    let mutexes = Mutexes::new(system);
    if mutexes.groups.iter().all(Vec::is_empty) {
        return;
    }
    let added_by = relaxation.effects.inverted(relaxation.propositions);
    let count = graph.landmarks.len();
    let (mut before, mut after) = (vec![vec![]; count], vec![vec![]; count]);
    for &(a, b) in &graph.greedy_necessary {
        before[b as usize].push(a);
        after[a as usize].push(b);
    }
    let simple = |i: u32| match graph.landmarks[i as usize].any_of[..] {
        [only] => Some(only),
        _ => None,
    };
    // Whether b would be undone by making a true.
    let interferes = |a: u32, b: u32| {
        let (Some(of_a), Some(of_b)) = (simple(a), simple(b)) else { return false };
        let spoils = |&o: &u32| {
            let effects = relaxation.effects.get(o);
            !effects.contains(&of_b) && effects.iter().any(|&e| mutexes.exclude(e, of_b))
        };
        mutexes.exclude(of_a, of_b)
            || !added_by.get(of_a).is_empty() && added_by.get(of_a).iter().all(spoils)
            || before[a as usize]
                .iter()
                .any(|&x| x != b && simple(x).is_some_and(|x| mutexes.exclude(x, of_b)))
    };
    let mut pairs: BTreeSet<(u32, u32)> = BTreeSet::new();
    let goals: Vec<u32> = (0..count as u32).filter(|&i| graph.landmarks[i as usize].goal).collect();
    let mut work = 0;
    for b in 0..count as u32 {
        // What comes before something that needs b: if making it true undoes b, b should wait.
        let needing = after[b as usize].iter().flat_map(|&next| ancestors(next, &before));
        let rivals: BTreeSet<u32> = match graph.landmarks[b as usize].goal {
            true => goals.iter().copied().chain(needing).collect(),
            false => needing.collect(),
        };
        work += rivals.len();
        if work > MAX_PAIRS {
            break;
        }
        pairs.extend(rivals.into_iter().filter(|&a| a != b && interferes(a, b)).map(|a| (a, b)));
    }
    graph.reasonable = without_circles(count, &graph.greedy_necessary, pairs);
}

/// All landmarks that are ordered before one.
fn ancestors(of: u32, before: &[Vec<u32>]) -> BTreeSet<u32> {
    let (mut found, mut stack) = (BTreeSet::new(), before[of as usize].clone());
    while let Some(next) = stack.pop() {
        if found.insert(next) {
            stack.extend(&before[next as usize]);
        }
    }
    found
}

/// The pairs that do not lie on a circle of orders.
fn without_circles(
    count: usize,
    sure: &[(u32, u32)],
    pairs: BTreeSet<(u32, u32)>,
) -> Vec<(u32, u32)> {
    let mut graph = DiGraph::<(), ()>::with_capacity(count, sure.len() + pairs.len());
    (0..count).for_each(|_| {
        graph.add_node(());
    });
    for &(a, b) in sure.iter().chain(&pairs) {
        graph.add_edge(a.into(), b.into(), ());
    }
    let mut component = vec![0; count];
    for (i, members) in tarjan_scc(&graph).into_iter().enumerate() {
        members.into_iter().for_each(|m| component[m.index()] = i);
    }
    pairs.into_iter().filter(|&(a, b)| component[a as usize] != component[b as usize]).collect()
}
