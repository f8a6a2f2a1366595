//! The additive heuristic and the FF heuristic, which share their exploration.

use super::{
    Estimator, Heuristic, Properties,
    queue::CostQueue,
    relaxation::{CostType, INFINITE, NO_OPERATOR, Proposition, Relaxation},
};
use crate::search::{OperatorId, TransitionSystem};

/// How a word counts the preconditions that an operator still lacks, in its high bits, and what those met
/// have cost with the operator itself, in the low ones: one addition keeps both, in the loop where most time
/// goes.
#[derive(Clone, Copy, Debug)]
struct Counting {
    /// One precondition.
    one: u64,
    /// Costs are cut here, so that sums stay within the low bits: at 2^32 up to 65535 preconditions.
    most: u32,
}

impl Counting {
    /// For operators of so many preconditions at most.
    fn up_to(preconditions: u32) -> Self {
        let one = 1u64 << (u32::BITS + preconditions.max(1).leading_zeros());
        let most = (one - 1) / (u64::from(preconditions) + 1);
        Self { one, most: most.min(u64::from(INFINITE - 1)) as u32 }
    }

    fn blank(self, missing: u32, cost: u32) -> u64 {
        self.one * u64::from(missing) + u64::from(self.cut(u64::from(cost)))
    }

    fn cut(self, cost: u64) -> u32 {
        cost.min(u64::from(self.most)) as u32
    }
}

/// Costs when a conjunction costs the sum of its parts and nothing is undone.
#[derive(Clone, Debug)]
struct Exploration<'s> {
    system: &'s TransitionSystem<'s>,
    relaxation: Relaxation,
    /// The two effects of each operator, or the only one twice: unless it makes one of these cheaper it need
    /// not be looked at. Where there are more, twice what is never reached.
    glance: Vec<[Proposition; 2]>,
    counting: Counting,
    /// The counters before anything is true.
    blank: Vec<u64>,
    counters: Vec<u64>,
    /// Of the propositions, and [`INFINITE`] of one more, which is never reached.
    costs: Vec<u32>,
    /// The operator that makes each proposition at its cost.
    supporter: Vec<u32>,
    queue: CostQueue,
    /// Room for the operators that a proposition makes applicable, and for one more.
    applicable: Vec<u32>,
}

impl<'s> Exploration<'s> {
    fn new(system: &'s TransitionSystem<'s>, cost_type: CostType) -> Self {
        let relaxation = Relaxation::new(system, cost_type);
        let needs = relaxation.needs();
        let counting = Counting::up_to(needs.iter().copied().max().unwrap_or(0));
        let blank: Vec<u64> = needs
            .iter()
            .zip(&relaxation.costs)
            .map(|(&n, &cost)| counting.blank(n, cost))
            .collect();
        let never = relaxation.propositions as Proposition;
        let glance = |operator| match *relaxation.effects.get(operator) {
            [only] => [only; 2],
            [one, other] => [one, other],
            _ => [never; 2],
        };
        Self {
            system,
            glance: (0..relaxation.operators() as u32).map(glance).collect(),
            counting,
            counters: blank.clone(),
            blank,
            costs: vec![INFINITE; relaxation.propositions + 1],
            supporter: vec![0; relaxation.propositions],
            queue: CostQueue::default(),
            applicable: vec![0; relaxation.operators() + 1],
            relaxation,
        }
    }

    /// Memory held, bytes.
    fn bytes(&self) -> usize {
        self.relaxation.bytes()
            + self.glance.len() * size_of::<[Proposition; 2]>()
            + (self.blank.len() + self.counters.len()) * size_of::<u64>()
            + (self.costs.len() + self.supporter.len() + self.applicable.len()) * size_of::<u32>()
    }

    /// The cost of the goal.
    fn explore(&mut self, state: &[u64]) -> Option<u32> {
        self.begin(state);
        let goal = self.relaxation.operators() - 1;
        while let Some((cost, proposition)) = self.queue.pop() {
            if self.costs[proposition as usize] != cost {
                continue;
            }
            let count = self.meet(proposition, cost);
            self.reach(count);
            // The parts of the goal have their costs then, and all that these rest on; their sum, at which the
            // goal itself would be looked at, may be far.
            if self.counters[goal] < self.counting.one {
                return Some(self.counting.cut(self.counters[goal]));
            }
        }
        None
    }

    /// Only what is true in a state is reached.
    fn begin(&mut self, state: &[u64]) {
        let Self { system, relaxation, counting, blank, counters, costs, queue, .. } = self;
        costs.fill(INFINITE);
        counters.copy_from_slice(blank);
        for repeated in &relaxation.repeated {
            let counter = &mut counters[repeated.operator as usize];
            let once = *counter % counting.one;
            let often = counting.cut(once * u64::from(repeated.count(system, state)));
            *counter += u64::from(often) - once;
        }
        queue.clear();
        relaxation.for_each_true(system, state, |p| {
            costs[p as usize] = 0;
            queue.push(0, p);
        });
    }

    /// Counts a proposition as met at its cost. Operators that lack nothing else are put into
    /// [`Self::applicable`]; their number.
    #[inline]
    fn meet(&mut self, proposition: Proposition, cost: u32) -> usize {
        // As slices, so that the loop need not look up again where they are.
        let (counters, applicable) = (&mut self.counters[..], &mut self.applicable[..]);
        let one = self.counting.one;
        let met = u64::from(cost).wrapping_sub(one);
        // Whether an operator becomes applicable is hard to foresee for a processor, so the loop does not
        // branch on it; nor does it read again what it has just written.
        let mut count = 0;
        for &operator in self.relaxation.needed_by.get(proposition) {
            let counter = &mut counters[operator as usize];
            let left = counter.wrapping_add(met);
            *counter = left;
            applicable[count] = operator;
            count += usize::from(left < one);
        }
        count
    }

    /// Makes the effects of the first so many applicable operators.
    #[inline]
    fn reach(&mut self, count: usize) {
        let Self { relaxation, counting, queue, .. } = self;
        let (counters, glance) = (&self.counters[..], &self.glance[..]);
        let (costs, supporter) = (&mut self.costs[..], &mut self.supporter[..]);
        for &operator in &self.applicable[..count] {
            let reached = counting.cut(counters[operator as usize]);
            let [one, other] = glance[operator as usize];
            if reached >= costs[one as usize] && reached >= costs[other as usize] {
                continue;
            }
            for &effect in relaxation.effects.get(operator) {
                if queue.lower(costs, effect, reached) {
                    supporter[effect as usize] = operator;
                }
            }
        }
    }
}

/// The additive heuristic.
#[derive(Clone, Debug)]
pub struct Add<'s>(Exploration<'s>);

impl<'s> Add<'s> {
    /// For a transition system.
    pub fn new(system: &'s TransitionSystem<'s>, costs: CostType) -> Self {
        Self(Exploration::new(system, costs))
    }
}

impl Heuristic for Add<'_> {
    fn properties(&self) -> Properties {
        Properties {
            name: "add",
            paper: "Bonet & Geffner 2001, Planning as heuristic search",
            admissible: false,
            consistent: false,
            safe: true,
        }
    }

    fn estimate(&mut self, state: &[u64]) -> Option<u32> {
        self.0.explore(state)
    }

    fn table_bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// Cost of a relaxed plan that is put together from cheapest supporters by the additive heuristic.
/// Its operators that are applicable in the state are preferred.
#[derive(Clone, Debug)]
pub struct Ff<'s> {
    exploration: Exploration<'s>,
    stack: Vec<Proposition>,
    /// Propositions and operators of the present relaxed plan, by the number of the evaluation.
    seen: Vec<u32>,
    in_plan: Vec<u32>,
    evaluation: u32,
    plan: Vec<OperatorId>,
}

impl<'s> Ff<'s> {
    /// For a transition system.
    pub fn new(system: &'s TransitionSystem<'s>, costs: CostType) -> Self {
        let exploration = Exploration::new(system, costs);
        Self {
            seen: vec![0; exploration.relaxation.propositions],
            in_plan: vec![0; system.task().operators.len()],
            exploration,
            stack: vec![],
            evaluation: 0,
            plan: vec![],
        }
    }

    /// The relaxed plan of the state evaluated last.
    pub fn relaxed_plan(&self) -> &[OperatorId] {
        &self.plan
    }

    /// What the relaxed plan of the state evaluated last makes true, from the goal backwards.
    pub(crate) fn relaxed_facts(&self) -> Vec<Proposition> {
        let relaxation = &self.exploration.relaxation;
        let real =
            |p: &Proposition| self.seen[*p as usize] == self.evaluation && *p < relaxation.always;
        let mut facts: Vec<Proposition> =
            (0..relaxation.propositions as u32).filter(real).collect();
        facts.sort_by_key(|&p| std::cmp::Reverse(self.exploration.costs[p as usize]));
        facts
    }

    /// Walks from the goal to the supporters of all it needs.
    fn extract(&mut self, preferred: &mut Vec<OperatorId>) -> u32 {
        let Exploration { relaxation, counters, costs, supporter, .. } = &self.exploration;
        self.plan.clear();
        self.stack.push(relaxation.goal);
        self.seen[relaxation.goal as usize] = self.evaluation;
        let mut total = 0u32;
        while let Some(proposition) = self.stack.pop() {
            let operator = supporter[proposition as usize];
            let mut needed = 0;
            for &p in relaxation.preconditions.get(operator) {
                let cost = costs[p as usize];
                // What costs nothing is true or follows from axioms out of what is.
                if cost == 0 {
                    continue;
                }
                needed += u64::from(cost);
                let seen = std::mem::replace(&mut self.seen[p as usize], self.evaluation);
                if seen != self.evaluation {
                    self.stack.push(p);
                }
            }
            let real = relaxation.real[operator as usize];
            if real == NO_OPERATOR {
                continue;
            }
            // It is applicable, so its counter is its cost.
            let own = (counters[operator as usize] - needed) as u32;
            if std::mem::replace(&mut self.in_plan[real as usize], self.evaluation)
                != self.evaluation
            {
                total = total.saturating_add(own);
                self.plan.push(real);
            }
            if needed == 0 && !preferred.contains(&real) {
                preferred.push(real);
            }
        }
        total
    }
}

impl Estimator for Ff<'_> {
    fn estimate_and_prefer(
        &mut self,
        state: &[u64],
        preferred: &mut Vec<OperatorId>,
    ) -> Option<u32> {
        let goal_cost = self.exploration.explore(state)?;
        self.evaluation += 1;
        if goal_cost == 0 {
            self.plan.clear();
            return Some(0);
        }
        Some(self.extract(preferred))
    }
}

impl Heuristic for Ff<'_> {
    fn properties(&self) -> Properties {
        Properties {
            name: "ff",
            paper: "Hoffmann & Nebel 2001, The FF planning system; with the additive supporters of \
                    Keyder & Geffner 2008",
            admissible: false,
            consistent: false,
            safe: true,
        }
    }

    fn estimate(&mut self, state: &[u64]) -> Option<u32> {
        self.estimate_and_prefer(state, &mut vec![])
    }

    fn table_bytes(&self) -> usize {
        self.exploration.bytes() + (self.seen.len() + self.in_plan.len()) * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_counter_is_the_cost_once_nothing_is_missing(
            most in 1u32..,
            costs in prop::collection::vec(any::<u32>(), 1..20),
        ) {
            let needs = costs.len() as u32;
            let counting = Counting::up_to(most.max(needs));
            let own = counting.cut(7);
            let (mut counter, mut sum) = (counting.blank(needs, 7), u64::from(own));
            for &cost in &costs {
                prop_assert!(counter >= counting.one);
                let cost = u64::from(counting.cut(u64::from(cost)));
                counter = counter.wrapping_add(cost).wrapping_sub(counting.one);
                sum += cost;
            }
            prop_assert_eq!(counter, sum);
        }

        #[test]
        fn sums_stay_below_what_one_precondition_counts(preconditions: u32) {
            let Counting { one, most } = Counting::up_to(preconditions);
            prop_assert!((u128::from(preconditions) + 1) * u128::from(most) < u128::from(one));
            prop_assert!(u128::from(one) * u128::from(preconditions) < 1 << 64);
            prop_assert!(preconditions > 65_534 || most == INFINITE - 1);
        }
    }
}
