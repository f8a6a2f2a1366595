//! Which patterns are worth their room.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    PdbEffort,
    projection::{Exploration, Projection},
    variables::{Variable, Variables},
};
use crate::heuristics::relaxation::INFINITE;

/// States of a pattern at the most.
const MAX_STATES: u32 = 100_000;

/// Arcs of a pattern at the most, counted once a class.
const MAX_ARCS: usize = 1_000_000;

/// Patterns kept at the most.
const MAX_PATTERNS: usize = 500;

/// The part of the work on partitions that one exploration of all patterns may take.
const KEPT_PART: usize = 40;

/// The part of the work on partitions that may be spent on the collection.
const COLLECTION_PART: usize = 4;

/// Projections, and what they say about some sample states where operators cost what they do.
#[derive(Clone, Debug, Default)]
pub(super) struct Collection {
    pub(super) projections: Vec<Projection>,
    /// For each projection and each sample, the index of the abstract state.
    pub(super) indices: Vec<Vec<u32>>,
    /// For each projection and each sample, the distance to the goal.
    pub(super) distances: Vec<Vec<u32>>,
}

/// Collects patterns.
struct Collector<'c> {
    variables: &'c Variables,
    costs: &'c [u32],
    samples: &'c [Vec<u64>],
    /// The place of each pattern in the collection.
    places: BTreeMap<Vec<Variable>, usize>,
    collection: Collection,
    exploration: Exploration,
    work: usize,
    kept_work: usize,
    effort: PdbEffort,
}

/// Systematic patterns (Pommerening, Röger & Helmert 2013, "Getting the most out of pattern databases
/// for classical planning"): a goal variable, and others on which it depends. A pattern is kept, and
/// made larger, where it tells more about some sample than its parts do. `stop` is asked now and
/// then, with the memory held, whether to end with what is there.
pub(super) fn collect(
    variables: &Variables,
    costs: &[u32],
    samples: &[Vec<u64>],
    effort: PdbEffort,
    stop: &mut dyn FnMut(usize) -> bool,
) -> Collection {
    let mut collector = Collector {
        variables,
        costs,
        samples,
        places: BTreeMap::new(),
        collection: Collection::default(),
        exploration: Exploration::default(),
        work: 0,
        kept_work: 0,
        effort,
    };
    let goals = variables.goals();
    let neighbors = variables.neighbors();
    let mut base: Vec<Vec<Variable>> = goals.iter().map(|&goal| vec![goal]).collect();
    for size in 1..=effort.variables {
        let mut kept = vec![];
        for pattern in base {
            if stop(collector.bytes()) || !collector.has_room() {
                return collector.collection;
            }
            // A goal variable alone may tell nothing and yet be a part of one that does.
            if collector.consider(&pattern) || size == 1 {
                kept.push(pattern);
            }
        }
        base = extended(variables, &kept, &goals, &neighbors);
    }
    collector.collection
}

/// The patterns with one more variable, those with few states first.
fn extended(
    variables: &Variables,
    patterns: &[Vec<Variable>],
    goals: &[Variable],
    neighbors: &[(Vec<Variable>, Vec<Variable>)],
) -> Vec<Vec<Variable>> {
    let mut found = BTreeSet::new();
    let states = |pattern: &[Variable]| {
        pattern.iter().fold(1u32, |states, &v| states.saturating_mul(variables.size(v)))
    };
    for pattern in patterns {
        let asked = pattern.iter().flat_map(|&v| &neighbors[v as usize].0).copied();
        let changed = pattern.iter().flat_map(|&v| &neighbors[v as usize].1).copied();
        let asking = |&goal: &Variable| {
            neighbors[goal as usize].0.iter().any(|asked| pattern.contains(asked))
        };
        let more_goals = changed.filter(|v| goals.binary_search(v).is_ok());
        let more_goals = more_goals.chain(goals.iter().copied().filter(asking));
        for variable in asked.chain(more_goals).filter(|v| !pattern.contains(v)) {
            let mut larger = [&pattern[..], &[variable]].concat();
            larger.sort_unstable();
            let states = states(&larger);
            if states <= MAX_STATES {
                found.insert((states, larger));
            }
        }
    }
    found.into_iter().map(|(_, pattern)| pattern).collect()
}

impl Collector<'_> {
    fn has_room(&self) -> bool {
        self.collection.projections.len() < MAX_PATTERNS
            && self.kept_work < self.effort.work / KEPT_PART
            && self.work < self.effort.work / COLLECTION_PART
    }

    /// Keeps a pattern if it tells more about some sample than its parts do.
    fn consider(&mut self, pattern: &[Variable]) -> bool {
        let Some(projection) = Projection::new(self.variables, pattern, MAX_STATES, MAX_ARCS)
        else {
            self.work += MAX_ARCS;
            return false;
        };
        self.work += projection.making;
        let Some(work) = projection.explore(self.costs, &mut self.exploration) else {
            return false;
        };
        self.work += work;
        let index = |state: &Vec<u64>| {
            projection.shape.index(|v| self.variables.fields[v as usize].value(state) as u32)
        };
        let indices: Vec<u32> = self.samples.iter().map(index).collect();
        let distances: Vec<u32> =
            indices.iter().map(|&i| self.exploration.distances[i as usize]).collect();
        if !self.tells_more(pattern, &distances)
            || self.kept_work + work > self.effort.work / KEPT_PART
        {
            return false;
        }
        self.kept_work += work;
        self.places.insert(pattern.to_vec(), self.collection.projections.len());
        self.collection.projections.push(projection);
        self.collection.indices.push(indices);
        self.collection.distances.push(distances);
        true
    }

    fn tells_more(&self, pattern: &[Variable], distances: &[u32]) -> bool {
        let parts: Vec<&Vec<u32>> = (1..(1usize << pattern.len()) - 1)
            .filter_map(|subset| {
                let chosen = pattern.iter().enumerate().filter(|(i, _)| subset >> i & 1 == 1);
                let part: Vec<Variable> = chosen.map(|(_, &v)| v).collect();
                self.places.get(&part).map(|&place| &self.collection.distances[place])
            })
            .collect();
        let known = |sample: usize| parts.iter().map(|part| part[sample]).max().unwrap_or(0);
        let informed = |(sample, &distance): (usize, &u32)| distance > known(sample);
        distances.iter().enumerate().any(informed)
    }

    fn bytes(&self) -> usize {
        self.collection.bytes()
    }
}

impl Collection {
    /// Memory held, bytes.
    pub(super) fn bytes(&self) -> usize {
        let samples = self.indices.iter().map(|list| list.len() * 8).sum::<usize>();
        samples + self.projections.iter().map(Projection::bytes).sum::<usize>()
    }

    /// Number of samples.
    pub(super) fn samples(&self) -> usize {
        self.indices.first().map_or(0, Vec::len)
    }

    /// Whether some projection shows that there is no way from a sample to the goal.
    pub(super) fn is_dead(&self, sample: usize) -> bool {
        self.distances.iter().any(|distances| distances[sample] == INFINITE)
    }
}
