//! The landmark-cut heuristic.

use super::{
    Heuristic, Properties,
    relaxation::{CostQueue, INFINITE, Proposition, Relaxation},
};
use crate::search::TransitionSystem;

/// Sum of the costs of disjunctive action landmarks, found one after the other as cuts in the
/// justification graph of hmax, each paid for before the next is sought.
#[derive(Clone, Debug)]
pub struct LmCut {
    relaxation: Relaxation,
    /// Number of preconditions of each operator.
    needs: Vec<u32>,
    scratch: Scratch,
}

#[derive(Clone, Debug, Default)]
struct Scratch {
    /// Costs of operators that are left after the cuts so far.
    left: Vec<u32>,
    /// hmax of each proposition.
    costs: Vec<u32>,
    missing: Vec<u32>,
    /// A dearest precondition of each operator.
    supporter: Vec<Proposition>,
    queue: CostQueue,
    /// Whether a proposition reaches the goal at no cost, or is reached before the cut.
    zone: Vec<Zone>,
    stack: Vec<Proposition>,
    cut: Vec<u32>,
    /// For each proposition, the operators that add it.
    added_by: Vec<Vec<u32>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Zone {
    None,
    Goal,
    Before,
}

impl LmCut {
    /// For a transition system.
    pub fn new(system: &TransitionSystem<'_>) -> Self {
        let relaxation = Relaxation::new(system);
        let operators = 0..relaxation.operators as u32;
        let needs: Vec<u32> =
            operators.clone().map(|o| relaxation.preconditions.get(o).len() as u32).collect();
        let mut added_by = vec![vec![]; relaxation.propositions];
        for operator in operators {
            for &effect in relaxation.effects.get(operator) {
                added_by[effect as usize].push(operator);
            }
        }
        let scratch = Scratch {
            left: relaxation.costs.clone(),
            costs: vec![INFINITE; relaxation.propositions],
            missing: needs.clone(),
            supporter: vec![0; relaxation.operators],
            zone: vec![Zone::None; relaxation.propositions],
            added_by,
            ..Scratch::default()
        };
        Self { relaxation, needs, scratch }
    }
}

impl Heuristic for LmCut {
    fn properties(&self) -> Properties {
        Properties {
            name: "lmcut",
            paper: "Helmert & Domshlak 2009, Landmarks, critical paths and abstractions",
            admissible: true,
            consistent: false,
            safe: true,
        }
    }

    fn estimate(&mut self, state: &[u64]) -> Option<u32> {
        let Self { relaxation, needs, scratch } = self;
        scratch.left.copy_from_slice(&relaxation.costs);
        scratch.missing.copy_from_slice(needs);
        scratch.explore(relaxation, state);
        let mut total = 0;
        loop {
            match scratch.costs[relaxation.goal as usize] {
                INFINITE => return None,
                0 => return Some(total),
                _ => total += scratch.cut(relaxation, state),
            }
        }
    }
}

impl Scratch {
    /// hmax of all propositions and the supporters of all operators.
    fn explore(&mut self, relaxation: &Relaxation, state: &[u64]) {
        self.costs.fill(INFINITE);
        self.queue.clear();
        relaxation.for_each_true(state, |p| {
            self.costs[p as usize] = 0;
            self.queue.push(0, p);
        });
        while let Some((cost, proposition)) = self.queue.pop() {
            if self.costs[proposition as usize] != cost {
                continue;
            }
            for &operator in relaxation.needed_by.get(proposition) {
                self.missing[operator as usize] -= 1;
                if self.missing[operator as usize] == 0 {
                    self.supporter[operator as usize] = proposition;
                    self.relax_effects(relaxation, operator, cost);
                }
            }
        }
    }

    /// Offers the effects of an operator at the cost of its supporter plus its own.
    fn relax_effects(&mut self, relaxation: &Relaxation, operator: u32, base: u32) {
        let reached = base + self.left[operator as usize];
        for &effect in relaxation.effects.get(operator) {
            self.queue.lower(&mut self.costs, effect, reached);
        }
    }

    /// Finds one cut, pays for it, and brings hmax up to date. Returns its cost.
    fn cut(&mut self, relaxation: &Relaxation, state: &[u64]) -> u32 {
        self.zone.fill(Zone::None);
        self.mark_goal_zone(relaxation);
        self.find_cut(relaxation, state);
        let paid = self.cut.iter().map(|&o| self.left[o as usize]).min().unwrap_or(0);
        for &operator in &self.cut {
            self.left[operator as usize] -= paid;
        }
        self.update(relaxation);
        paid
    }

    /// Marks the propositions from which the goal is reached by operators that cost nothing more.
    fn mark_goal_zone(&mut self, relaxation: &Relaxation) {
        self.stack.clear();
        self.stack.push(relaxation.goal);
        self.zone[relaxation.goal as usize] = Zone::Goal;
        while let Some(proposition) = self.stack.pop() {
            for &operator in &self.added_by[proposition as usize] {
                if self.left[operator as usize] > 0 || self.missing[operator as usize] > 0 {
                    continue;
                }
                let supporter = self.supporter[operator as usize];
                if self.zone[supporter as usize] == Zone::None {
                    self.zone[supporter as usize] = Zone::Goal;
                    self.stack.push(supporter);
                }
            }
        }
    }

    /// Collects the operators that lead from what is reached outside the goal zone into it.
    fn find_cut(&mut self, relaxation: &Relaxation, state: &[u64]) {
        self.cut.clear();
        self.stack.clear();
        relaxation.for_each_true(state, |p| {
            self.zone[p as usize] = Zone::Before;
            self.stack.push(p);
        });
        while let Some(proposition) = self.stack.pop() {
            for &operator in relaxation.needed_by.get(proposition) {
                let i = operator as usize;
                if self.missing[i] > 0 || self.supporter[i] != proposition {
                    continue;
                }
                let effects = relaxation.effects.get(operator);
                if effects.iter().any(|&e| self.zone[e as usize] == Zone::Goal) {
                    self.cut.push(operator);
                    continue;
                }
                let zone = &mut self.zone;
                let fresh = effects.iter().copied().filter(|&e| {
                    std::mem::replace(&mut zone[e as usize], Zone::Before) == Zone::None
                });
                self.stack.extend(fresh);
            }
        }
    }

    /// Lowers hmax and moves supporters after the operators of the cut have become cheaper.
    fn update(&mut self, relaxation: &Relaxation) {
        self.queue.clear();
        for i in 0..self.cut.len() {
            let operator = self.cut[i];
            let base = self.costs[self.supporter[operator as usize] as usize];
            self.relax_effects(relaxation, operator, base);
        }
        while let Some((cost, proposition)) = self.queue.pop() {
            if self.costs[proposition as usize] != cost {
                continue;
            }
            for &operator in relaxation.needed_by.get(proposition) {
                let i = operator as usize;
                if self.missing[i] > 0 || self.supporter[i] != proposition {
                    continue;
                }
                let preconditions = relaxation.preconditions.get(operator).iter();
                let costs = &self.costs;
                if let Some(&dearest) = preconditions.max_by_key(|&&p| costs[p as usize]) {
                    self.supporter[i] = dearest;
                    let base = costs[dearest as usize];
                    self.relax_effects(relaxation, operator, base);
                }
            }
        }
    }
}
