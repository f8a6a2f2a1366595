//! The state space of a pattern: the task as it looks to one who sees a few variables only.

use std::collections::BTreeMap;

use super::{
    image::{Arc, Imager},
    shapes::Shape,
    variables::{Variable, Variables},
};
use crate::heuristics::{
    queue::CostQueue,
    relaxation::{INFINITE, Lists},
};

/// Arcs that speak of the same variables.
#[derive(Clone, Debug)]
struct Arcs {
    /// What each value of each position counts in `at`.
    radix: Vec<u32>,
    /// For each choice of values after the arc, the range of those arcs.
    at: Vec<u32>,
    /// The state before less the state after, and the class of operators.
    arcs: Vec<(i32, u32)>,
}

/// What operators of a class may be paid: what their arcs lower the distance by at most.
pub(super) type Saturated = i64;

/// Stands for a class of which no arc leads from a state with a way to the goal to another.
pub(super) const NEVER: Saturated = Saturated::MIN;

/// The work to look at an operator at all, in arcs.
const ARCS_AN_OPERATOR: usize = 40;

/// The abstract state space of a pattern.
///
/// States that contain two facts of an invariant group are left out (constrained abstraction: Haslum,
/// Bonet & Geffner 2005, "New admissible heuristics for domain-independent planning"). Operators
/// that look the same to the pattern are one class.
#[derive(Clone, Debug)]
pub(super) struct Projection {
    pub(super) shape: Shape,
    /// States that no invariant excludes.
    allowed: Vec<bool>,
    goals: Vec<u32>,
    /// The operators of each class.
    pub(super) classes: Lists,
    /// Whether the operators of a class may leave all as it is.
    idle: Vec<bool>,
    arcs: Vec<Arcs>,
    arc_count: usize,
    /// What it took to make, in arcs.
    pub(super) making: usize,
}

/// Buffers of explorations.
#[derive(Clone, Debug, Default)]
pub(super) struct Exploration {
    queue: CostQueue,
    /// Costs of the classes.
    pub(super) costs: Vec<u32>,
    /// Distances of the states to the nearest goal.
    pub(super) distances: Vec<u32>,
}

impl Projection {
    /// The projection to a pattern, ascending. Nothing if it has more states or arcs than allowed.
    pub(super) fn new(
        variables: &Variables,
        pattern: &[Variable],
        max_states: u32,
        max_arcs: usize,
    ) -> Option<Self> {
        let sized: Vec<(Variable, u32)> = pattern.iter().map(|&v| (v, variables.size(v))).collect();
        let shape = Shape::new(&sized, max_states)?;
        let states = shape.states;
        let mut projection = Self {
            shape,
            allowed: vec![true; states as usize],
            goals: vec![],
            classes: Lists::default(),
            idle: vec![],
            arcs: vec![],
            arc_count: 0,
            making: states as usize,
        };
        projection.exclude(variables);
        projection.find_goals(variables);
        projection.add_arcs(variables, max_arcs).then_some(projection)
    }

    /// Leaves out the states that invariants exclude.
    fn exclude(&mut self, variables: &Variables) {
        for b in 1..self.shape.pattern.len() {
            for a in 0..b {
                let (of_a, of_b) = (self.shape.sizes[a], self.shape.sizes[b]);
                let pairs = (0..of_a * of_b).map(|i| {
                    let (left, right) = (i % of_a, i / of_a);
                    variables.exclude((self.shape.pattern[a], left), (self.shape.pattern[b], right))
                });
                let excluded: Vec<bool> = pairs.collect();
                if !excluded.contains(&true) {
                    continue;
                }
                for state in 0..self.shape.states {
                    let pair = self.shape.value(state, b) * of_a + self.shape.value(state, a);
                    self.allowed[state as usize] &= !excluded[pair as usize];
                }
            }
        }
    }

    fn find_goals(&mut self, variables: &Variables) {
        let position = |v: Variable| self.shape.pattern.iter().position(|&p| p == v);
        let facts = variables.goal_holds.iter().map(|fact| (fact, true));
        let lacks = variables.goal_lacks.iter().chain(&variables.goal_excluded);
        let facts = facts.chain(lacks.map(|fact| (fact, false)));
        let wanted: Vec<(usize, u32, bool)> = facts
            .filter_map(|(&(v, value), positive)| Some((position(v)?, value, positive)))
            .collect();
        let fits = |&state: &u32| {
            let holds = |&(p, value, positive): &(usize, u32, bool)| {
                (self.shape.value(state, p) == value) == positive
            };
            self.allowed[state as usize] && wanted.iter().all(holds)
        };
        self.goals = (0..self.shape.states).filter(fits).collect();
    }

    /// Projects the operators that change something. Whether there was room for all.
    fn add_arcs(&mut self, variables: &Variables, max_arcs: usize) -> bool {
        let lists = self.shape.pattern.iter().map(|&v| &variables.touched_by[v as usize]);
        let mut acts: Vec<u32> = lists.flatten().copied().collect();
        acts.sort_unstable();
        acts.dedup();
        let full = (1 << self.shape.pattern.len()) - 1;
        let mut imager = Imager::new(variables, &self.shape.pattern, &self.shape.multipliers);
        let mut classes: BTreeMap<Vec<Arc>, Vec<u32>> = BTreeMap::new();
        let (mut image, mut count) = (vec![], 0);
        for act in acts {
            image.clear();
            imager.arcs(&variables.acts[act as usize], &mut image);
            self.making += ARCS_AN_OPERATOR + 4 * image.len();
            let allowed = |state: u32| self.allowed[state as usize];
            image.retain(|arc| arc.mask != full || allowed(arc.from) && allowed(arc.to));
            match classes.get_mut(&image) {
                Some(class) => class.push(act),
                None => {
                    count += image.len();
                    if count > max_arcs {
                        return false;
                    }
                    classes.insert(image.clone(), vec![act]);
                }
            }
        }
        let mut by_mask: BTreeMap<u32, Vec<(Arc, u32)>> = BTreeMap::new();
        for (class, (image, acts)) in (0u32..).zip(classes) {
            self.classes.push(acts);
            self.idle.push(image.iter().any(|arc| arc.from == arc.to));
            for arc in image.into_iter().filter(|arc| arc.from != arc.to) {
                by_mask.entry(arc.mask).or_default().push((arc, class));
            }
        }
        for (mask, arcs) in by_mask {
            self.sort_in(mask, &arcs);
        }
        true
    }

    /// Sorts arcs with the same mask by the values after them.
    fn sort_in(&mut self, mask: u32, arcs: &[(Arc, u32)]) {
        let mut radix = vec![0; self.shape.pattern.len()];
        let mut choices = 1;
        for (i, radix) in radix.iter_mut().enumerate().filter(|(i, _)| mask >> i & 1 == 1) {
            *radix = choices;
            choices *= self.shape.sizes[i];
        }
        let mut place = vec![0u32; choices as usize + 1];
        let choice = |arc: &Arc| self.choice(&radix, arc.to);
        arcs.iter().for_each(|(arc, _)| place[choice(arc) + 1] += 1);
        for i in 0..choices as usize {
            place[i + 1] += place[i];
        }
        let at = place.clone();
        let mut sorted = vec![(0, 0); arcs.len()];
        for (arc, class) in arcs {
            let place = &mut place[choice(arc)];
            sorted[*place as usize] = (arc.from as i32 - arc.to as i32, *class);
            *place += 1;
        }
        self.arc_count += sorted.len();
        self.arcs.push(Arcs { radix, at, arcs: sorted });
    }

    #[inline]
    fn choice(&self, radix: &[u32], state: u32) -> usize {
        radix.iter().enumerate().map(|(i, radix)| self.shape.value(state, i) * radix).sum::<u32>()
            as usize
    }

    /// Calls `visit` for every arc into a state, with the state that it comes from and its class.
    /// Returns how many there were.
    #[inline]
    fn for_each_arc_into(&self, state: u32, mut visit: impl FnMut(u32, u32)) -> usize {
        let mut seen = 0;
        for group in &self.arcs {
            let choice = self.choice(&group.radix, state);
            let range = group.at[choice] as usize..group.at[choice + 1] as usize;
            seen += range.len();
            for &(delta, class) in &group.arcs[range] {
                let from = state.wrapping_add_signed(delta);
                if self.allowed[from as usize] {
                    visit(from, class);
                }
            }
        }
        seen
    }

    /// Computes the distances of all states to the nearest goal where operators have these costs
    /// (Dijkstra 1959, from the goals backwards). Returns the number of arcs seen, or nothing if
    /// nothing costs anything.
    pub(super) fn explore(&self, costs: &[u32], exploration: &mut Exploration) -> Option<usize> {
        let of_class = |class: u32| {
            let operators = self.classes.get(class).iter();
            operators.map(|&o| costs[o as usize]).min().unwrap_or(INFINITE)
        };
        let Exploration { queue, costs, distances } = exploration;
        costs.clear();
        costs.extend((0..self.classes.len() as u32).map(of_class));
        if costs.iter().all(|&cost| cost == 0) {
            return None;
        }
        distances.clear();
        distances.resize(self.shape.states as usize, INFINITE);
        queue.clear();
        for &goal in &self.goals {
            queue.lower(distances, goal, 0);
        }
        let mut seen = self.shape.states as usize;
        while let Some((distance, state)) = queue.pop() {
            if distances[state as usize] != distance {
                continue;
            }
            seen += self.for_each_arc_into(state, |from, class| {
                // What costs as much as infinity never happens.
                let cost = costs[class as usize];
                if cost < INFINITE {
                    queue.lower(distances, from, distance.saturating_add(cost).min(INFINITE - 1));
                }
            });
        }
        Some(seen)
    }

    /// The least costs of the classes with which the distances stay what they are; below 0 where
    /// all arcs of a class lead away from the goal.
    pub(super) fn saturate(&self, distances: &[u32], saturated: &mut Vec<Saturated>) {
        saturated.clear();
        saturated.extend(self.idle.iter().map(|&idle| if idle { 0 } else { NEVER }));
        for state in 0..self.shape.states {
            let there = distances[state as usize];
            if there == INFINITE {
                continue;
            }
            self.for_each_arc_into(state, |from, class| {
                let here = distances[from as usize];
                if here < INFINITE {
                    let drop = Saturated::from(here) - Saturated::from(there);
                    let saturated = &mut saturated[class as usize];
                    *saturated = drop.max(*saturated);
                }
            });
        }
    }

    /// Memory held, bytes.
    pub(super) fn bytes(&self) -> usize {
        let groups = self.arcs.iter().map(|group| group.at.len() * 4).sum::<usize>();
        groups + self.arc_count * 8 + self.shape.states as usize * 2 + self.classes.bytes()
    }
}
