//! Pattern databases.
//!
//! A pattern is a few variables; what it costs to bring these to the goal, as far as they see, is
//! computed for all their values before the search and looked up in it. Conditions on other
//! variables, derived atoms and numbers count as met; a conditional effect whose condition is only
//! partly seen may or may not fire.

mod collection;
mod image;
mod partition;
mod projection;
mod samples;
mod shapes;
mod variables;

use std::sync::Arc;

use self::{
    shapes::{Shape, Shapes},
    variables::Variables,
};
use super::{Heuristic, Properties, blind::Blind, relaxation::INFINITE};
use crate::search::{Field, TransitionSystem};

/// Sample states by which patterns and orders are measured.
const SAMPLES: usize = 200;

/// Steps of the walks to them in all.
const WALK_STEPS: usize = 20_000;

/// Steps of a walk at the most.
const WALK: usize = 60;

/// How much is done before the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PdbEffort {
    /// Variables of a pattern at the most.
    pub variables: usize,
    /// Abstract transitions looked at while costs are divided; a part of it bounds the choice of
    /// patterns. A hundred million take about a second.
    pub work: usize,
}

impl PdbEffort {
    /// A fraction of a second.
    pub const LITTLE: Self = Self { variables: 3, work: 20_000_000 };
    /// A few seconds.
    pub const MUCH: Self = Self { variables: 5, work: 240_000_000 };
}

/// The best of several sums of distances in projections, each sum with its own partition of costs.
#[derive(Clone, Debug)]
pub struct Pdb<'s> {
    blind: Blind<'s>,
    /// The fields that patterns see.
    fields: Vec<Field>,
    /// For each field of each pattern, its place in `fields` and what its values count in the index.
    terms: Vec<(u32, u32)>,
    /// Where the terms of each pattern end.
    ends: Vec<u32>,
    /// For each table, its pattern and its first entry in `distances`.
    tables: Vec<(u32, u32)>,
    /// Where the tables of each partition end.
    partitions: Vec<u32>,
    /// Shared by clones.
    distances: Arc<[u32]>,
    /// The value of each field; scratch.
    values: Vec<u32>,
    /// The index of the state in each pattern; scratch.
    indices: Vec<u32>,
}

impl<'s> Pdb<'s> {
    /// For a transition system.
    pub fn new(system: &'s TransitionSystem<'s>) -> Self {
        Self::unless(system, PdbEffort::MUCH, &mut |_| false)
    }

    /// For a transition system. `stop` is asked now and then, with the bytes held, whether to end
    /// with what is there, which is admissible all the same.
    pub fn unless(
        system: &'s TransitionSystem<'s>,
        effort: PdbEffort,
        stop: &mut dyn FnMut(usize) -> bool,
    ) -> Self {
        let variables = Variables::new(system);
        let costs: Vec<u32> = system.task().operators.iter().map(|o| o.cost).collect();
        let samples = samples::walk(system, SAMPLES, WALK, WALK_STEPS);
        let collection = collection::collect(&variables, &costs, &samples, effort, stop);
        let shapes = Shapes::new(&collection.projections);
        let partitions = partition::partitions(&collection, &shapes, &costs, effort, stop);
        let mut pdb = Self {
            blind: Blind::new(system),
            fields: vec![],
            terms: vec![],
            ends: vec![],
            tables: vec![],
            partitions: vec![],
            distances: Arc::new([]),
            values: vec![],
            indices: vec![],
        };
        let mut layout = Layout {
            used: vec![u32::MAX; shapes.list.len()],
            slots: vec![u32::MAX; variables.len()],
        };
        let mut distances = vec![];
        for partition in partitions {
            for (i, table) in partition {
                let pattern = layout.place(&mut pdb, i, &shapes.list[i as usize], &variables);
                pdb.tables.push((pattern, distances.len() as u32));
                distances.extend(table);
            }
            pdb.partitions.push(pdb.tables.len() as u32);
        }
        pdb.distances = distances.into();
        pdb
    }
}

/// Where things have been put so far.
struct Layout {
    /// The place of each shape among the patterns.
    used: Vec<u32>,
    /// The place of each variable among the fields.
    slots: Vec<u32>,
}

impl Layout {
    /// The place of a shape among the patterns, which it is given if it has none.
    fn place(
        &mut self,
        pdb: &mut Pdb<'_>,
        index: u32,
        shape: &Shape,
        variables: &Variables,
    ) -> u32 {
        let used = &mut self.used[index as usize];
        if *used != u32::MAX {
            return *used;
        }
        *used = pdb.ends.len() as u32;
        for (&variable, &multiplier) in shape.pattern.iter().zip(&shape.multipliers) {
            let slot = &mut self.slots[variable as usize];
            if *slot == u32::MAX {
                *slot = pdb.fields.len() as u32;
                pdb.fields.push(variables.fields[variable as usize]);
            }
            pdb.terms.push((*slot, multiplier));
        }
        pdb.ends.push(pdb.terms.len() as u32);
        *used
    }
}

impl Heuristic for Pdb<'_> {
    fn properties(&self) -> Properties {
        Properties {
            name: "pdb",
            paper: "Seipp, Keller & Helmert 2020, Saturated cost partitioning for optimal classical \
                    planning",
            admissible: true,
            consistent: true,
            safe: true,
        }
    }

    #[inline]
    fn estimate(&mut self, state: &[u64]) -> Option<u32> {
        self.values.clear();
        self.values.extend(self.fields.iter().map(|field| field.value(state) as u32));
        self.indices.clear();
        let mut first = 0;
        for &end in &self.ends {
            let terms = &self.terms[first..end as usize];
            let count = |&(slot, multiplier): &(u32, u32)| self.values[slot as usize] * multiplier;
            self.indices.push(terms.iter().map(count).sum());
            first = end as usize;
        }
        let (mut best, mut first) = (0, 0);
        for &end in &self.partitions {
            let mut sum = 0u32;
            for &(pattern, at) in &self.tables[first..end as usize] {
                let distance = self.distances[(at + self.indices[pattern as usize]) as usize];
                if distance == INFINITE {
                    return None;
                }
                sum = sum.saturating_add(distance);
            }
            best = best.max(sum);
            first = end as usize;
        }
        // Where nothing is seen a step is still missing, unless this is a goal.
        if best > 0 { Some(best) } else { self.blind.estimate(state) }
    }

    fn table_bytes(&self) -> usize {
        (self.distances.len() + 2 * self.tables.len() + 2 * self.terms.len()) * size_of::<u32>()
    }
}
