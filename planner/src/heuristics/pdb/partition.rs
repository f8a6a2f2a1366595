//! How the costs of operators are divided among patterns.
//!
//! Saturated cost partitioning (Seipp, Keller & Helmert 2020, "Saturated cost partitioning for optimal
//! classical planning"): one pattern after the other takes of each operator what it needs to keep its
//! estimates, and leaves the rest to those that follow. What comes out depends on the order, so there
//! are several, each made for a sample state; the estimate is the best of them.

use super::{
    PdbEffort,
    collection::Collection,
    projection::{Exploration, NEVER, Projection, Saturated},
    shapes::{Shapes, plus},
};
use crate::heuristics::relaxation::INFINITE;

/// Orders kept at the most.
const MAX_ORDERS: usize = 40;

/// Orders tried in a row that are no improvement, after which no further ones are.
const MAX_FAILURES: usize = 20;

/// Entries of all tables at the most.
const MAX_ENTRIES: usize = 16_000_000;

/// What is said under one partition of the costs: the place of each shape, and what each of its states
/// is from the goal at least.
pub(super) type Partition = Vec<(u32, Vec<u32>)>;

/// Makes partitions.
struct Partitioner<'c> {
    collection: &'c Collection,
    costs: &'c [u32],
    /// What is left of the costs.
    rest: Vec<u32>,
    exploration: Exploration,
    saturated: Vec<Saturated>,
    work: usize,
}

/// Partitions that together say as much as possible about the samples, in tables of some shapes. `stop`
/// is asked now and then, with the memory held, whether to end with what is there.
pub(super) fn partitions(
    collection: &Collection,
    shapes: &Shapes,
    costs: &[u32],
    effort: PdbEffort,
    stop: &mut dyn FnMut(usize) -> bool,
) -> Vec<Partition> {
    let mut partitioner = Partitioner {
        collection,
        costs,
        rest: vec![],
        exploration: Exploration::default(),
        saturated: vec![],
        work: 0,
    };
    let wanted = partitioner.wanted();
    let mut best = vec![0u32; collection.samples()];
    let (mut kept, mut entries, mut failures): (Vec<Partition>, usize, usize) = (vec![], 0, 0);
    for sample in (0..collection.samples()).filter(|&sample| !collection.is_dead(sample)) {
        let enough = kept.len() >= MAX_ORDERS
            || failures >= MAX_FAILURES
            || partitioner.work > effort.work
            || entries > MAX_ENTRIES;
        if enough {
            break;
        }
        let order = partitioner.order(sample, &wanted);
        let Some(tables) = partitioner.divide(&order, sample, &mut |bytes| {
            stop(bytes + collection.bytes() + entries * size_of::<u32>())
        }) else {
            break;
        };
        failures += 1;
        for (sample, best) in best.iter_mut().enumerate() {
            let said = partitioner.said(&tables, sample);
            if said > *best {
                (*best, failures) = (said, 0);
            }
        }
        if failures == 0 {
            let partition = shapes.sum(&tables, &collection.projections);
            entries += partition.iter().map(|(_, table)| table.len()).sum::<usize>();
            kept.push(partition);
        }
    }
    kept
}

impl Partitioner<'_> {
    /// For each projection, how much of what it asks for is asked for by others as well and is not
    /// there for all.
    fn wanted(&mut self) -> Vec<u64> {
        let projections = &self.collection.projections;
        let mut asked: Vec<Vec<Saturated>> = vec![];
        let mut total = vec![0u64; self.costs.len()];
        for projection in projections {
            self.saturated.clear();
            if let Some(work) = projection.explore(self.costs, &mut self.exploration) {
                self.work += 2 * work;
                projection.saturate(&self.exploration.distances, &mut self.saturated);
            }
            for_each_paid(projection, &self.saturated, |operator, asked| {
                total[operator] += asked;
            });
            asked.push(self.saturated.clone());
        }
        let stolen = projections.iter().zip(&asked).map(|(projection, asked)| {
            let mut stolen = 0;
            for_each_paid(projection, asked, |operator, asked| {
                let missing = total[operator].saturating_sub(u64::from(self.costs[operator]));
                stolen += asked.min(missing);
            });
            stolen
        });
        stolen.collect()
    }

    /// The projections that say much about a sample and leave much to others come first.
    fn order(&self, sample: usize, wanted: &[u64]) -> Vec<usize> {
        let said = |i: usize| f64::from(self.collection.distances[i][sample]);
        let score = |i: usize| said(i) / wanted[i].max(1) as f64;
        let mut order: Vec<usize> = (0..wanted.len()).collect();
        order.sort_by(|&a, &b| score(b).total_cmp(&score(a)));
        order
    }

    /// Divides the costs among the projections in an order. In a first round each takes no more than
    /// it needs for its estimate of the sample, in a second all that it can use (Seipp & Helmert 2019,
    /// "Subset-saturated cost partitioning for optimal classical planning"). Returns the distances of each;
    /// empty where it gets nothing. Nothing at all if stopped.
    fn divide(
        &mut self,
        order: &[usize],
        sample: usize,
        stop: &mut dyn FnMut(usize) -> bool,
    ) -> Option<Vec<Vec<u32>>> {
        self.rest.clear();
        self.rest.extend_from_slice(self.costs);
        let mut tables: Vec<Vec<u32>> = vec![vec![]; self.collection.projections.len()];
        let mut bytes = 0;
        for first_round in [true, false] {
            for &i in order {
                let projection = &self.collection.projections[i];
                let Some(work) = projection.explore(&self.rest, &mut self.exploration) else {
                    continue;
                };
                self.work += 2 * work;
                let distances = &mut self.exploration.distances;
                if first_round {
                    let most = distances[self.collection.indices[i][sample] as usize];
                    let capped = distances.iter_mut().filter(|d| **d != INFINITE);
                    capped.for_each(|distance| *distance = most.min(*distance));
                }
                if distances.iter().all(|&distance| distance == 0) {
                    continue;
                }
                projection.saturate(distances, &mut self.saturated);
                pay(projection, &self.saturated, &mut self.rest);
                if tables[i].is_empty() {
                    tables[i].clone_from(distances);
                    bytes += distances.len() * size_of::<u32>();
                } else {
                    let sums = tables[i].iter_mut().zip(distances.iter());
                    sums.for_each(|(sum, &distance)| *sum = plus(*sum, distance));
                }
                if stop(bytes) {
                    return None;
                }
            }
        }
        Some(tables)
    }

    /// What the tables of all projections together say about a sample.
    fn said(&self, tables: &[Vec<u32>], sample: usize) -> u32 {
        let used =
            tables.iter().zip(&self.collection.indices).filter(|(table, _)| !table.is_empty());
        used.map(|(table, indices)| table[indices[sample] as usize]).fold(0, plus)
    }
}

/// Calls `visit` for every operator that is asked a positive cost, with that cost.
fn for_each_paid(
    projection: &Projection,
    saturated: &[Saturated],
    mut visit: impl FnMut(usize, u64),
) {
    for (class, &asked) in (0u32..).zip(saturated).filter(|(_, asked)| **asked > 0) {
        for &operator in projection.classes.get(class) {
            visit(operator as usize, asked as u64);
        }
    }
}

/// Takes what a projection needs from what is left of the costs.
fn pay(projection: &Projection, saturated: &[Saturated], rest: &mut [u32]) {
    for (class, &asked) in (0u32..).zip(saturated).filter(|(_, asked)| **asked != 0) {
        for &operator in projection.classes.get(class) {
            let rest = &mut rest[operator as usize];
            // An operator that is never of use may cost what one likes, and goes on to.
            if asked == NEVER {
                *rest = INFINITE;
            } else if *rest != INFINITE {
                let left = Saturated::from(*rest) - asked;
                *rest = left.clamp(0, Saturated::from(INFINITE - 1)) as u32;
            }
        }
    }
}
