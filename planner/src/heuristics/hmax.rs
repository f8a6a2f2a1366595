//! The maximum heuristic.

use super::{
    Heuristic, Properties,
    queue::CostQueue,
    relaxation::{CostType, INFINITE, Proposition, Relaxation},
};
use crate::search::TransitionSystem;

/// Cost of the goal when a conjunction costs as much as its dearest part and nothing is undone.
#[derive(Clone, Debug)]
pub struct HMax<'s> {
    system: &'s TransitionSystem<'s>,
    relaxation: Relaxation,
    /// Number of preconditions of each operator.
    needs: Vec<u32>,
    /// Preconditions not yet reached; scratch.
    missing: Vec<u32>,
    /// Cost of each proposition; scratch.
    costs: Vec<u32>,
    queue: CostQueue,
    /// Whether all costs are 1 but for that of the goal, so that no queue has to sort.
    unit: bool,
    /// Propositions reached, in order of cost; scratch.
    reached: Vec<Proposition>,
}

impl<'s> HMax<'s> {
    /// For a transition system.
    pub fn new(system: &'s TransitionSystem<'s>) -> Self {
        let relaxation = Relaxation::new(system, CostType::Normal);
        let needs = relaxation.needs();
        let costs = vec![INFINITE; relaxation.propositions];
        Self {
            system,
            missing: needs.clone(),
            needs,
            costs,
            queue: CostQueue::default(),
            unit: relaxation.costs.split_last().is_none_or(|(_, all)| all.iter().all(|&c| c == 1)),
            reached: vec![],
            relaxation,
        }
    }

    /// The estimate where all costs are 1: breadth-first, with nothing reached yet.
    fn distance(&mut self, state: &[u64]) -> Option<u32> {
        let Self { system, relaxation, missing, costs, reached, .. } = self;
        reached.clear();
        relaxation.for_each_true(system, state, |p| {
            costs[p as usize] = 0;
            reached.push(p);
        });
        let goal = relaxation.operators() as u32 - 1;
        let mut at = 0;
        while let Some(&proposition) = reached.get(at) {
            at += 1;
            let cost = costs[proposition as usize];
            for &operator in relaxation.needed_by.get(proposition) {
                missing[operator as usize] -= 1;
                if missing[operator as usize] > 0 {
                    continue;
                }
                if operator == goal {
                    return Some(cost);
                }
                let is_new = |&&effect: &&Proposition| {
                    let known = &mut costs[effect as usize];
                    let is_new = *known == INFINITE;
                    *known = (cost + 1).min(*known);
                    is_new
                };
                reached.extend(relaxation.effects.get(operator).iter().filter(is_new));
            }
        }
        None
    }
}

impl Heuristic for HMax<'_> {
    fn properties(&self) -> Properties {
        Properties {
            name: "hmax",
            paper: "Bonet & Geffner 2001, Planning as heuristic search",
            admissible: true,
            consistent: true,
            safe: true,
        }
    }

    fn estimate(&mut self, state: &[u64]) -> Option<u32> {
        self.costs.fill(INFINITE);
        self.missing.copy_from_slice(&self.needs);
        if self.unit {
            return self.distance(state);
        }
        let Self { system, relaxation, missing, costs, queue, .. } = self;
        queue.clear();
        relaxation.for_each_true(system, state, |p| {
            costs[p as usize] = 0;
            queue.push(0, p);
        });
        while let Some((cost, proposition)) = queue.pop() {
            if proposition == relaxation.goal {
                return Some(cost);
            }
            if costs[proposition as usize] != cost {
                continue;
            }
            for &operator in relaxation.needed_by.get(proposition) {
                missing[operator as usize] -= 1;
                // Propositions come in order of cost, so the last one is the dearest.
                if missing[operator as usize] > 0 {
                    continue;
                }
                let reached = cost.saturating_add(relaxation.costs[operator as usize]);
                for &effect in relaxation.effects.get(operator) {
                    queue.lower(costs, effect, reached);
                }
            }
        }
        None
    }

    fn table_bytes(&self) -> usize {
        self.relaxation.bytes()
            + (self.needs.len() + self.missing.len() + self.costs.len()) * size_of::<u32>()
    }
}
