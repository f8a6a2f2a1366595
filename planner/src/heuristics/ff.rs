//! The additive heuristic and the FF heuristic, which share their exploration.

use super::{
    Estimator, Heuristic, Properties,
    queue::CostQueue,
    relaxation::{CostType, INFINITE, NO_OPERATOR, Proposition, Relaxation},
};
use crate::search::{OperatorId, TransitionSystem};

/// What is still missing of an operator's preconditions, and what those met have cost.
#[derive(Clone, Copy, Debug)]
struct Counter {
    missing: u32,
    cost: u32,
}

/// Costs when a conjunction costs the sum of its parts and nothing is undone.
#[derive(Clone, Debug)]
struct Exploration<'s> {
    system: &'s TransitionSystem<'s>,
    relaxation: Relaxation,
    /// The counters before anything is true.
    blank: Vec<Counter>,
    counters: Vec<Counter>,
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
        let counters = relaxation.needs().into_iter().zip(&relaxation.costs);
        let blank: Vec<Counter> =
            counters.map(|(missing, &cost)| Counter { missing, cost }).collect();
        Self {
            system,
            counters: blank.clone(),
            blank,
            costs: vec![INFINITE; relaxation.propositions],
            supporter: vec![0; relaxation.propositions],
            queue: CostQueue::default(),
            applicable: vec![0; relaxation.operators() + 1],
            relaxation,
        }
    }

    /// Memory held, bytes.
    fn bytes(&self) -> usize {
        self.relaxation.bytes()
            + (self.blank.len() + self.counters.len()) * size_of::<Counter>()
            + (self.costs.len() + self.supporter.len() + self.applicable.len()) * size_of::<u32>()
    }

    /// The cost of the goal.
    fn explore(&mut self, state: &[u64]) -> Option<u32> {
        let Self { system, relaxation, blank, counters, costs, supporter, queue, applicable } =
            self;
        costs.fill(INFINITE);
        counters.copy_from_slice(blank);
        for repeated in &relaxation.repeated {
            let counter = &mut counters[repeated.operator as usize];
            counter.cost = counter.cost.saturating_mul(repeated.count(system, state));
        }
        queue.clear();
        relaxation.for_each_true(system, state, |p| {
            costs[p as usize] = 0;
            queue.push(0, p);
        });
        while let Some((cost, proposition)) = queue.pop() {
            if costs[proposition as usize] != cost {
                continue;
            }
            if proposition == relaxation.goal {
                return Some(cost);
            }
            let needed_by = relaxation.needed_by.get(proposition);
            // Whether an operator becomes applicable is hard to foresee for a processor, so the loop
            // does not branch on it.
            let mut count = 0;
            for &operator in needed_by {
                let counter = &mut counters[operator as usize];
                counter.missing -= 1;
                counter.cost = counter.cost.saturating_add(cost);
                applicable[count] = operator;
                count += usize::from(counter.missing == 0);
            }
            for &operator in &applicable[..count] {
                let reached = counters[operator as usize].cost.min(INFINITE - 1);
                let effects = relaxation.effects.get(operator).iter();
                for &effect in effects.filter(|&&e| queue.lower(costs, e, reached)) {
                    supporter[effect as usize] = operator;
                }
            }
        }
        None
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
            for &needed in relaxation.preconditions.get(operator) {
                let seen = &mut self.seen[needed as usize];
                // What costs nothing is true or follows from axioms out of what is.
                if costs[needed as usize] > 0 && *seen != self.evaluation {
                    *seen = self.evaluation;
                    self.stack.push(needed);
                }
            }
            let real = relaxation.real[operator as usize];
            if real == NO_OPERATOR {
                continue;
            }
            let needed: u32 = relaxation
                .preconditions
                .get(operator)
                .iter()
                .fold(0, |sum, &p| sum.saturating_add(costs[p as usize]));
            let own = counters[operator as usize].cost.saturating_sub(needed);
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
