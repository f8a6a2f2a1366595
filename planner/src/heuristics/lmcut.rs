//! The landmark-cut heuristic.

use super::{
    Heuristic, Properties,
    queue::CostQueue,
    relaxation::{CostType, INFINITE, Lists, NO_OPERATOR, Proposition, Relaxation},
};
use crate::search::TransitionSystem;

/// Sum of the costs of disjunctive action landmarks, found one after the other as cuts in the
/// justification graph of hmax, each paid for before the next is sought.
///
/// A conditional effect is paid from the same purse as its operator, so that no operator is paid
/// twice (as in Röger, Pommerening & Helmert 2014, "Optimal planning in the presence of conditional
/// effects", section 3).
#[derive(Clone, Debug)]
pub struct LmCut<'s> {
    system: &'s TransitionSystem<'s>,
    graph: Graph,
    /// Number of preconditions of each operator.
    needs: Vec<u32>,
    /// What is in each purse at first.
    purses: Vec<u32>,
    scratch: Scratch,
}

#[derive(Clone, Debug)]
struct Graph {
    relaxation: Relaxation,
    /// The purse that pays for each relaxed operator.
    purse: Vec<u32>,
    /// The relaxed operators that each purse pays for.
    parts: Lists,
    /// For each proposition, the operators that add it.
    added_by: Lists,
}

#[derive(Clone, Debug, Default)]
struct Scratch {
    /// What is left in each purse after the cuts so far.
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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Zone {
    None,
    Goal,
    Before,
}

impl<'s> LmCut<'s> {
    /// For a transition system.
    pub fn new(system: &'s TransitionSystem<'s>) -> Self {
        let relaxation = Relaxation::new(system, CostType::Normal);
        let operators = system.task().operators.len() as u32;
        // Axioms and the goal cost nothing and share the last purse.
        let purse_of = |&real: &u32| if real == NO_OPERATOR { operators } else { real };
        let purse: Vec<u32> = relaxation.real.iter().map(purse_of).collect();
        let mut purses: Vec<u32> = system.task().operators.iter().map(|o| o.cost).collect();
        purses.push(0);
        let needs = relaxation.needs();
        let scratch = Scratch {
            costs: vec![INFINITE; relaxation.propositions],
            missing: needs.clone(),
            supporter: vec![0; relaxation.operators()],
            zone: vec![Zone::None; relaxation.propositions],
            ..Scratch::default()
        };
        let graph = Graph {
            parts: Lists::of_each(&purse, purses.len()),
            purse,
            added_by: relaxation.effects.inverted(relaxation.propositions),
            relaxation,
        };
        Self { system, graph, needs, purses, scratch }
    }
}

impl Heuristic for LmCut<'_> {
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
        let Self { system, graph, needs, purses, scratch } = self;
        scratch.left.clone_from(purses);
        scratch.missing.copy_from_slice(needs);
        scratch.explore(graph, system, state);
        let mut total = 0u32;
        loop {
            match scratch.costs[graph.relaxation.goal as usize] {
                INFINITE => return None,
                0 => return Some(total),
                _ => total = total.saturating_add(scratch.cut(graph, system, state)),
            }
        }
    }
}

impl Scratch {
    /// hmax of all propositions and the supporters of all operators.
    fn explore(&mut self, graph: &Graph, system: &TransitionSystem<'_>, state: &[u64]) {
        self.costs.fill(INFINITE);
        self.queue.clear();
        graph.relaxation.for_each_true(system, state, |p| {
            self.costs[p as usize] = 0;
            self.queue.push(0, p);
        });
        while let Some((cost, proposition)) = self.queue.pop() {
            if self.costs[proposition as usize] != cost {
                continue;
            }
            for &operator in graph.relaxation.needed_by.get(proposition) {
                self.missing[operator as usize] -= 1;
                if self.missing[operator as usize] == 0 {
                    self.supporter[operator as usize] = proposition;
                    self.relax_effects(graph, operator, cost);
                }
            }
        }
    }

    /// Offers the effects of an operator at the cost of its supporter plus its own.
    #[inline]
    fn relax_effects(&mut self, graph: &Graph, operator: u32, base: u32) {
        let own = self.left[graph.purse[operator as usize] as usize];
        let reached = base.saturating_add(own).min(INFINITE - 1);
        for &effect in graph.relaxation.effects.get(operator) {
            self.queue.lower(&mut self.costs, effect, reached);
        }
    }

    /// Finds one cut, pays for it, and brings hmax up to date. Returns its cost.
    fn cut(&mut self, graph: &Graph, system: &TransitionSystem<'_>, state: &[u64]) -> u32 {
        self.zone.fill(Zone::None);
        self.mark_goal_zone(graph);
        self.find_cut(graph, system, state);
        self.cut.sort_unstable();
        self.cut.dedup();
        let paid = self.cut.iter().map(|&purse| self.left[purse as usize]).min().unwrap_or(0);
        for &purse in &self.cut {
            self.left[purse as usize] -= paid;
        }
        self.update(graph);
        paid
    }

    /// Marks the propositions from which the goal is reached by operators that cost nothing more.
    fn mark_goal_zone(&mut self, graph: &Graph) {
        let goal = graph.relaxation.goal;
        self.stack.clear();
        self.stack.push(goal);
        self.zone[goal as usize] = Zone::Goal;
        while let Some(proposition) = self.stack.pop() {
            for &operator in graph.added_by.get(proposition) {
                let cost = self.left[graph.purse[operator as usize] as usize];
                if cost > 0 || self.missing[operator as usize] > 0 {
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

    /// Collects the purses of the operators that lead from what is reached outside the goal zone
    /// into it.
    fn find_cut(&mut self, graph: &Graph, system: &TransitionSystem<'_>, state: &[u64]) {
        self.cut.clear();
        self.stack.clear();
        graph.relaxation.for_each_true(system, state, |p| {
            self.zone[p as usize] = Zone::Before;
            self.stack.push(p);
        });
        while let Some(proposition) = self.stack.pop() {
            for &operator in graph.relaxation.needed_by.get(proposition) {
                let i = operator as usize;
                if self.supporter[i] != proposition || self.missing[i] > 0 {
                    continue;
                }
                let effects = graph.relaxation.effects.get(operator);
                if effects.iter().any(|&e| self.zone[e as usize] == Zone::Goal) {
                    self.cut.push(graph.purse[i]);
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

    /// The dearest precondition of an operator, its present supporter if none is dearer, with its cost.
    fn dearest(&self, graph: &Graph, operator: u32, present: Proposition) -> (Proposition, u32) {
        let (mut dearest, mut cost) = (present, self.costs[present as usize]);
        for &needed in graph.relaxation.preconditions.get(operator) {
            if self.costs[needed as usize] > cost {
                (dearest, cost) = (needed, self.costs[needed as usize]);
            }
        }
        (dearest, cost)
    }

    /// Lowers hmax and moves supporters after the operators of the cut have become cheaper.
    fn update(&mut self, graph: &Graph) {
        self.queue.clear();
        for i in 0..self.cut.len() {
            for &operator in graph.parts.get(self.cut[i]) {
                if self.missing[operator as usize] == 0 {
                    let base = self.costs[self.supporter[operator as usize] as usize];
                    self.relax_effects(graph, operator, base);
                }
            }
        }
        while let Some((cost, proposition)) = self.queue.pop() {
            if self.costs[proposition as usize] != cost {
                continue;
            }
            for &operator in graph.relaxation.needed_by.get(proposition) {
                let i = operator as usize;
                if self.supporter[i] != proposition || self.missing[i] > 0 {
                    continue;
                }
                let (dearest, base) = self.dearest(graph, operator, proposition);
                self.supporter[i] = dearest;
                self.relax_effects(graph, operator, base);
            }
        }
    }
}
