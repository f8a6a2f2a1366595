//! The landmark-cut heuristic.

use super::{
    Heuristic, Properties,
    queue::CostQueue,
    relaxation::{CostType, INFINITE, Lists, NO_OPERATOR, Proposition, Relaxation},
};
use crate::search::TransitionSystem;

/// Sum of the costs of disjunctive action landmarks, found one after the other as cuts in the
/// justification graph of hmax, each paid for before the next is sought. Where an operator has several
/// dearest preconditions, its supporter is chosen such that the goal zone stays small and few operators
/// are cut.
///
/// A conditional effect is paid from the same purse as its operator, so that no operator is paid
/// twice (as in Röger, Pommerening & Helmert 2014, "Optimal planning in the presence of conditional
/// effects", section 3).
#[derive(Clone, Debug)]
pub struct LmCut<'s> {
    system: &'s TransitionSystem<'s>,
    graph: Graph,
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
    /// Number of preconditions of each operator.
    needs: Vec<u32>,
}

/// Stands for the supporter of an operator that is not reached.
const UNREACHED: Proposition = Proposition::MAX;

#[derive(Clone, Debug, Default)]
struct Scratch {
    /// What each operator costs after the cuts so far.
    left: Vec<u32>,
    /// hmax of each proposition.
    costs: Vec<u32>,
    missing: Vec<u32>,
    /// A dearest precondition of each operator, or [`UNREACHED`].
    supporter: Vec<Proposition>,
    /// hmax of the supporter.
    base: Vec<u32>,
    queue: CostQueue,
    /// Number of cuts sought so far, over all states.
    round: u32,
    /// Where propositions lie, by what is known in this round.
    places: Rounds,
    /// Operators seen in this round to add something to the goal zone at a cost.
    entering: Rounds,
    candidates: Vec<u32>,
    stack: Vec<Proposition>,
    /// Operators whose supporter in the goal zone is still to be chosen.
    undecided: Vec<u32>,
    /// Propositions looked at on the way back from one.
    seen: Vec<Proposition>,
    /// Purses that pay for the cut.
    cut: Vec<u32>,
}

/// Where a proposition lies in the justification graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Unknown,
    /// The goal is reached from it by operators that cost nothing.
    GoalZone,
    /// It is reached from the state outside the goal zone.
    Before,
    /// It is reached through the goal zone only.
    Behind,
}

/// Places that are forgotten when the round changes.
#[derive(Clone, Debug, Default)]
struct Rounds(Vec<(u32, Place)>);

impl Rounds {
    #[inline]
    fn get(&self, round: u32, index: u32) -> Place {
        let (at, place) = self.0[index as usize];
        if at == round { place } else { Place::Unknown }
    }

    #[inline]
    fn set(&mut self, round: u32, index: u32, place: Place) {
        self.0[index as usize] = (round, place);
    }
}

impl<'s> LmCut<'s> {
    /// For a transition system.
    pub fn new(system: &'s TransitionSystem<'s>) -> Self {
        let relaxation = Relaxation::new(system, CostType::Normal);
        let operators = system.task().operators.len() as u32;
        // Axioms and the goal cost nothing and share the last purse.
        let purse_of = |&real: &u32| if real == NO_OPERATOR { operators } else { real };
        let purse: Vec<u32> = relaxation.real.iter().map(purse_of).collect();
        let never = (0, Place::Unknown);
        let scratch = Scratch {
            costs: vec![INFINITE; relaxation.propositions],
            supporter: vec![UNREACHED; relaxation.operators()],
            base: vec![INFINITE; relaxation.operators()],
            places: Rounds(vec![never; relaxation.propositions]),
            entering: Rounds(vec![never; relaxation.operators()]),
            ..Scratch::default()
        };
        let graph = Graph {
            parts: Lists::of_each(&purse, operators as usize + 1),
            purse,
            added_by: relaxation.effects.inverted(relaxation.propositions),
            needs: relaxation.needs(),
            relaxation,
        };
        Self { system, graph, scratch }
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
        let Self { system, graph, scratch } = self;
        scratch.explore(graph, system, state);
        let mut total = 0u32;
        loop {
            match scratch.costs[graph.relaxation.goal as usize] {
                INFINITE => return None,
                0 => return Some(total),
                _ => total = total.saturating_add(scratch.cut(graph)),
            }
        }
    }

    fn table_bytes(&self) -> usize {
        let graph = &self.graph;
        let operators = graph.purse.len() + graph.needs.len() + 4 * self.scratch.base.len();
        graph.relaxation.bytes()
            + graph.parts.bytes()
            + graph.added_by.bytes()
            + (operators + self.scratch.costs.len()) * size_of::<u32>()
            + (self.scratch.places.0.len() + self.scratch.entering.0.len())
                * size_of::<(u32, Place)>()
    }
}

impl Scratch {
    /// hmax of all propositions and the supporters of all operators.
    fn explore(&mut self, graph: &Graph, system: &TransitionSystem<'_>, state: &[u64]) {
        self.left.clone_from(&graph.relaxation.costs);
        self.missing.clone_from(&graph.needs);
        self.supporter.fill(UNREACHED);
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
                let missing = &mut self.missing[operator as usize];
                *missing -= 1;
                if *missing == 0 {
                    self.supporter[operator as usize] = proposition;
                    self.base[operator as usize] = cost;
                    self.relax_effects(graph, operator);
                }
            }
        }
    }

    /// Offers the effects of an operator at the cost of its supporter plus its own.
    #[inline]
    fn relax_effects(&mut self, graph: &Graph, operator: u32) {
        let (base, own) = (self.base[operator as usize], self.left[operator as usize]);
        let reached = base.saturating_add(own).min(INFINITE - 1);
        for &effect in graph.relaxation.effects.get(operator) {
            self.queue.lower(&mut self.costs, effect, reached);
        }
    }

    /// Finds one cut, pays for it, and brings hmax up to date. Returns its cost.
    fn cut(&mut self, graph: &Graph) -> u32 {
        self.next_round();
        self.mark_goal_zone(graph);
        self.find_cut(graph);
        self.cut.sort_unstable();
        self.cut.dedup();
        let left = |purse: u32| self.left[graph.parts.get(purse)[0] as usize];
        let paid = self.cut.iter().map(|&purse| left(purse)).min().unwrap_or(0);
        for &purse in &self.cut {
            for &operator in graph.parts.get(purse) {
                self.left[operator as usize] -= paid;
            }
        }
        self.update(graph);
        paid
    }

    fn next_round(&mut self) {
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.round = 1;
            self.places.0.fill((0, Place::Unknown));
            self.entering.0.fill((0, Place::Unknown));
        }
        self.stack.clear();
        self.undecided.clear();
        self.candidates.clear();
        self.cut.clear();
    }

    /// Marks the propositions from which the goal is reached by operators that cost nothing more, and
    /// collects the operators that lead there at a cost.
    ///
    /// An operator has often several dearest preconditions. Each choice of a supporter is right, and
    /// the smaller the zone, the more is left for later cuts. So operators with a choice wait until
    /// the zone has grown as it must: then a precondition inside of it is taken, else one at its border.
    fn mark_goal_zone(&mut self, graph: &Graph) {
        self.enter_goal_zone(graph.relaxation.goal);
        loop {
            while let Some(proposition) = self.stack.pop() {
                for &operator in graph.added_by.get(proposition) {
                    self.meet(graph, operator);
                }
            }
            let Some(operator) = self.undecided.pop() else { return };
            if !self.support_from(graph, operator, Scratch::is_in_goal_zone) {
                self.support_from(graph, operator, Scratch::is_border);
                self.enter_goal_zone(self.supporter[operator as usize]);
            }
        }
    }

    fn enter_goal_zone(&mut self, proposition: Proposition) {
        self.places.set(self.round, proposition, Place::GoalZone);
        self.stack.push(proposition);
    }

    /// An operator adds something to the goal zone.
    #[inline]
    fn meet(&mut self, graph: &Graph, operator: u32) {
        if self.supporter[operator as usize] == UNREACHED {
            return;
        }
        if self.left[operator as usize] > 0 {
            if self.entering.get(self.round, operator) == Place::Unknown {
                self.entering.set(self.round, operator, Place::GoalZone);
                self.candidates.push(operator);
            }
        } else if !self.support_from(graph, operator, Scratch::is_in_goal_zone) {
            self.undecided.push(operator);
        }
    }

    /// Makes a dearest precondition that is liked the supporter of an operator, if there is one.
    #[inline]
    fn support_from(
        &mut self,
        graph: &Graph,
        operator: u32,
        is_liked: impl Fn(&Self, &Graph, Proposition) -> bool,
    ) -> bool {
        let dearest = self.base[operator as usize];
        let mut needs = graph.relaxation.preconditions.get(operator).iter().copied();
        let liked = needs.find(|&p| self.costs[p as usize] == dearest && is_liked(self, graph, p));
        if let Some(proposition) = liked {
            self.supporter[operator as usize] = proposition;
        }
        liked.is_some()
    }

    fn is_in_goal_zone(&self, _graph: &Graph, proposition: Proposition) -> bool {
        self.places.get(self.round, proposition) == Place::GoalZone
    }

    /// Whether every way to a proposition still costs something, so that the zone ends there.
    fn is_border(&self, graph: &Graph, proposition: Proposition) -> bool {
        let is_free = |&operator: &u32| {
            self.left[operator as usize] == 0 && self.supporter[operator as usize] != UNREACHED
        };
        !graph.added_by.get(proposition).iter().any(is_free)
    }

    /// Collects the purses of the operators that lead from what is reached outside the goal zone
    /// into it.
    fn find_cut(&mut self, graph: &Graph) {
        for i in 0..self.candidates.len() {
            let operator = self.candidates[i];
            let inside = self.support_from(graph, operator, Scratch::is_in_goal_zone);
            if !inside && self.is_before(graph, self.supporter[operator as usize]) {
                self.cut.push(graph.purse[operator as usize]);
            }
        }
    }

    /// Whether a proposition is reached from the state outside the goal zone and by operators that
    /// do not lead into it.
    ///
    /// No part of the goal zone is cheaper than the goal. So what is cheaper than the goal has been
    /// reached without it, and only for the others is a way back sought.
    fn is_before(&mut self, graph: &Graph, proposition: Proposition) -> bool {
        match self.known_place(graph, proposition) {
            Place::Unknown => {}
            place => return place == Place::Before,
        }
        self.seen.clear();
        self.see(proposition);
        let mut at = 0;
        while let Some(&behind) = self.seen.get(at) {
            if self.see_origins(graph, behind) {
                // Of the others that were looked at nothing is known.
                for &seen in &self.seen {
                    self.places.set(self.round, seen, Place::Unknown);
                }
                self.places.set(self.round, proposition, Place::Before);
                return true;
            }
            at += 1;
        }
        false
    }

    fn see(&mut self, proposition: Proposition) {
        self.places.set(self.round, proposition, Place::Behind);
        self.seen.push(proposition);
    }

    /// Goes one step back from a proposition. Whether that has led before the goal zone.
    fn see_origins(&mut self, graph: &Graph, proposition: Proposition) -> bool {
        for &operator in graph.added_by.get(proposition) {
            let supporter = self.supporter[operator as usize];
            let inward = self.entering.get(self.round, operator) != Place::Unknown;
            if supporter == UNREACHED || inward {
                continue;
            }
            match self.known_place(graph, supporter) {
                Place::Before => return true,
                Place::Unknown => self.see(supporter),
                Place::GoalZone | Place::Behind => {}
            }
        }
        false
    }

    /// Where a proposition lies, as far as it is known without a search.
    #[inline]
    fn known_place(&self, graph: &Graph, proposition: Proposition) -> Place {
        let cheap = self.costs[proposition as usize] < self.costs[graph.relaxation.goal as usize];
        if cheap { Place::Before } else { self.places.get(self.round, proposition) }
    }

    /// Makes a dearest precondition of an operator its supporter, after the present one has become
    /// cheaper. Whether the operator has become cheaper by that.
    #[inline]
    fn find_supporter(&mut self, graph: &Graph, operator: u32) -> bool {
        let before = self.base[operator as usize];
        let mut dearest = self.supporter[operator as usize];
        let mut base = self.costs[dearest as usize];
        for &needed in graph.relaxation.preconditions.get(operator) {
            let cost = self.costs[needed as usize];
            if cost > base {
                (dearest, base) = (needed, cost);
                if cost == before {
                    break;
                }
            }
        }
        self.supporter[operator as usize] = dearest;
        self.base[operator as usize] = base;
        base < before
    }

    /// Lowers hmax and moves supporters after the operators of the cut have become cheaper.
    fn update(&mut self, graph: &Graph) {
        self.queue.clear();
        for i in 0..self.cut.len() {
            for &operator in graph.parts.get(self.cut[i]) {
                if self.supporter[operator as usize] != UNREACHED {
                    self.relax_effects(graph, operator);
                }
            }
        }
        while let Some((cost, proposition)) = self.queue.pop() {
            if self.costs[proposition as usize] != cost {
                continue;
            }
            for &operator in graph.relaxation.needed_by.get(proposition) {
                let supported = self.supporter[operator as usize] == proposition;
                if supported && self.find_supporter(graph, operator) {
                    self.relax_effects(graph, operator);
                }
            }
        }
    }
}
