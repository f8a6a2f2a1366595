//! Few tables for many patterns: what several patterns say, summed up in one table over all their
//! variables, is looked up at once.

use std::cmp::Reverse;

use super::{partition::Partition, projection::Projection, variables::Variable};
use crate::heuristics::relaxation::INFINITE;

/// States up to which patterns are put together that are not part of one another. Larger tables are
/// fewer, and less of them stays in the caches.
const MAX_STATES: u32 = 1 << 11;

/// The variables of a pattern or of a table, and how states are numbered.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// Ascending.
    pub(super) pattern: Vec<Variable>,
    pub(super) sizes: Vec<u32>,
    /// What each value of each position counts in the index of a state.
    pub(super) multipliers: Vec<u32>,
    pub(super) states: u32,
}

impl Shape {
    /// Of some variables, ascending, with their numbers of values. Nothing if there are more states than
    /// so many.
    pub(super) fn new(variables: &[(Variable, u32)], most: u32) -> Option<Self> {
        let (pattern, sizes) = variables.iter().copied().unzip();
        let mut shape = Self { pattern, sizes, multipliers: vec![], states: 1 };
        for &size in &shape.sizes {
            shape.multipliers.push(shape.states);
            shape.states = shape.states.checked_mul(size).filter(|&states| states <= most)?;
        }
        Some(shape)
    }

    /// The shape with the variables of another too. Nothing if that is too large.
    fn with(&self, other: &Self) -> Option<Self> {
        let mut both: Vec<(Variable, u32)> = self.variables().chain(other.variables()).collect();
        both.sort_unstable();
        both.dedup();
        Self::new(&both, self.states.max(MAX_STATES))
    }

    fn variables(&self) -> impl Iterator<Item = (Variable, u32)> {
        self.pattern.iter().copied().zip(self.sizes.iter().copied())
    }

    /// The value at a position of the pattern.
    #[inline]
    pub(super) fn value(&self, state: u32, position: usize) -> u32 {
        state / self.multipliers[position] % self.sizes[position]
    }

    /// The index of the state in which the variables have these values.
    pub(super) fn index(&self, value: impl Fn(Variable) -> u32) -> u32 {
        self.pattern.iter().zip(&self.multipliers).map(|(&v, m)| value(v) * m).sum()
    }

    /// For each state, how a part of the pattern sees it.
    fn images_in(&self, part: &Self) -> Vec<u32> {
        let mut images = Vec::with_capacity(self.states as usize);
        images.push(0);
        for (variable, size) in self.variables() {
            let position = part.pattern.binary_search(&variable);
            let step = position.map_or(0, |position| part.multipliers[position]);
            let below = images.len();
            for value in 1..size {
                for state in 0..below {
                    images.push(images[state] + value * step);
                }
            }
        }
        images
    }
}

/// The shapes of all tables.
#[derive(Clone, Debug, Default)]
pub(super) struct Shapes {
    pub(super) list: Vec<Shape>,
    /// For each projection, the shape that its table goes into.
    of_projection: Vec<u32>,
}

impl Shapes {
    /// Puts each pattern to that shape which grows least by it, the large patterns first.
    pub(super) fn new(projections: &[Projection]) -> Self {
        let mut shapes = Self { list: vec![], of_projection: vec![0; projections.len()] };
        let mut order: Vec<usize> = (0..projections.len()).collect();
        order.sort_by_key(|&i| Reverse(projections[i].shape.states));
        for i in order {
            let grown =
                |(at, shape): (usize, &Shape)| Some((at, shape.with(&projections[i].shape)?));
            let growth = |(at, grown): &(usize, Shape)| grown.states / shapes.list[*at].states;
            let best = shapes.list.iter().enumerate().filter_map(grown).min_by_key(growth);
            let at = if let Some((at, grown)) = best {
                shapes.list[at] = grown;
                at
            } else {
                shapes.list.push(projections[i].shape.clone());
                shapes.list.len() - 1
            };
            shapes.of_projection[i] = at as u32;
        }
        shapes
    }

    /// Sums up the tables of the projections that go into one shape. An empty table says nothing.
    pub(super) fn sum(&self, tables: &[Vec<u32>], projections: &[Projection]) -> Partition {
        let mut sums: Vec<Vec<u32>> = vec![vec![]; self.list.len()];
        for (i, table) in tables.iter().enumerate().filter(|(_, table)| !table.is_empty()) {
            let at = self.of_projection[i] as usize;
            let (shape, sum) = (&self.list[at], &mut sums[at]);
            sum.resize(shape.states as usize, 0);
            for (sum, image) in sum.iter_mut().zip(shape.images_in(&projections[i].shape)) {
                *sum = plus(*sum, table[image as usize]);
            }
        }
        (0u32..).zip(sums).filter(|(_, sum)| !sum.is_empty()).collect()
    }
}

/// A sum of distances, infinite only if one of them is.
pub(super) fn plus(a: u32, b: u32) -> u32 {
    match a == INFINITE || b == INFINITE {
        true => INFINITE,
        false => a.saturating_add(b).min(INFINITE - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        GroundTask, chance::Chance, heuristics::pdb::variables::Variables, search::TransitionSystem,
    };

    #[test]
    fn sums_in_shapes_are_those_of_the_patterns() {
        let ground = GroundTask::parsed(
            include_str!("../../../../domains/hanoi/domain.pddl"),
            include_str!("../../../../domains/hanoi/p06.pddl"),
        );
        let variables = Variables::new(&TransitionSystem::new(&ground));

        let patterns: [&[Variable]; 7] =
            [&[0], &[1], &[0, 1], &[1, 2, 4], &[2, 3, 4, 5], &[3, 6], &[0, 4, 5, 6, 7]];
        let project = |pattern: &&[Variable]| {
            Projection::new(&variables, pattern, 100_000, 1_000_000).expect("small")
        };
        let projections: Vec<Projection> = patterns.iter().map(project).collect();
        let mut chance = Chance::new(3);
        let mut table = |projection: &Projection| -> Vec<u32> {
            let rarely_infinite = |number| if number == 0 { INFINITE } else { number };
            (0..projection.shape.states).map(|_| rarely_infinite(chance.below(50) as u32)).collect()
        };
        let tables: Vec<Vec<u32>> = projections.iter().map(&mut table).collect();

        let shapes = Shapes::new(&projections);
        let sums = shapes.sum(&tables, &projections);
        assert!(sums.len() < patterns.len() && sums.iter().any(|(_, sum)| sum.contains(&INFINITE)));
        for _ in 0..1000 {
            let state: Vec<u32> = (0..variables.len() as Variable)
                .map(|variable| chance.below(variables.size(variable) as usize) as u32)
                .collect();
            let index = |shape: &Shape| shape.index(|variable| state[variable as usize]) as usize;
            let apart = projections.iter().zip(&tables);
            let apart = apart.map(|(projection, table)| table[index(&projection.shape)]);
            let together = sums.iter().map(|(i, sum)| sum[index(&shapes.list[*i as usize])]);
            assert_eq!(together.fold(0, plus), apart.fold(0, plus), "{state:?}");
        }
    }
}
