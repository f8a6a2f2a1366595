//! Best-first search that estimates a state only when it is taken from the open list (Richter &
//! Helmert 2009, "Preferred operators and deferred evaluation in satisficing planning"): with
//! several heuristics, each with an open list of its own and one for preferred operators only, taken
//! in turn (Röger & Helmert 2010, "The more, the merrier").

use ergon_vocab::Limit;

use super::{
    Report, SearchOutcome,
    control::{Guard, Resumable},
    open::{FifoQueue, TypeQueue},
    registry::{NO_OPERATOR, Registry, StateId, overwrite, way_to},
    successors::OperatorId,
    transitions::{Scratch, TransitionSystem},
};
use crate::{
    chance::Chance,
    heuristics::{CostType, Estimator},
};

/// Turns that lists of preferred operators gain when an estimate is the best so far (Richter &
/// Westphal 2010, "The LAMA planner", section 3.3).
const BOOST: i64 = 1000;

/// How a lazy search orders and prunes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LazyOptions {
    /// Weight of the estimate against the cost so far; nothing for greedy search.
    pub(crate) weight: Option<u32>,
    /// Costs that count in the ordering.
    pub(crate) costs: CostType,
    /// Ways that cost this much or more are not followed.
    pub(crate) bound: u64,
    /// Whether a state is looked at again when a cheaper way to it is found: else a plan below the bound
    /// can be missed.
    pub(crate) reopen: bool,
    /// Seed by which operators are tried in any order, and every so often a state that looks like none
    /// before: where a search is lost in the midst of states that look good, another may not be.
    pub(crate) luck: Option<u64>,
}

impl LazyOptions {
    /// Greedy, for any plan.
    pub(crate) const GREEDY: Self =
        Self { weight: None, costs: CostType::One, bound: u64::MAX, reopen: false, luck: None };
}

/// What is known of a state.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// True cost of the way here.
    cost: u64,
    /// Cost of the way here as the ordering counts it.
    g: u32,
    parent: StateId,
    by: OperatorId,
    dead: bool,
}

struct List {
    estimator: usize,
    preferred_only: bool,
    /// Turns taken, less those granted; the smallest is next.
    turns: i64,
    queue: FifoQueue<(StateId, OperatorId)>,
}

/// What a search does by chance.
struct Luck {
    chance: Chance,
    /// As of a [`List`].
    turns: i64,
    queue: TypeQueue<(StateId, OperatorId)>,
}

/// A search that can be halted and taken up again.
pub(crate) struct Lazy<'s> {
    system: &'s TransitionSystem<'s>,
    options: LazyOptions,
    estimators: Vec<Box<dyn Estimator + 's>>,
    /// The smallest estimate so far of each.
    best: Vec<u32>,
    estimates: Vec<u32>,
    lists: Vec<List>,
    luck: Option<Luck>,
    costs: Vec<u32>,
    registry: Registry,
    nodes: Vec<Node>,
    scratch: Scratch,
    preferred: Vec<OperatorId>,
    /// For each operator, the evaluation at which it was preferred last.
    preferred_at: Vec<u32>,
    evaluation: u32,
    started: bool,
    report: Report,
}

impl<'s> Lazy<'s> {
    pub(crate) fn new(
        system: &'s TransitionSystem<'s>,
        estimators: Vec<Box<dyn Estimator + 's>>,
        options: LazyOptions,
    ) -> Self {
        let lists = (0..estimators.len()).flat_map(|estimator| {
            [false, true].map(|preferred_only| List {
                estimator,
                preferred_only,
                turns: 0,
                queue: FifoQueue::default(),
            })
        });
        Self {
            system,
            options,
            best: vec![u32::MAX; estimators.len()],
            estimates: vec![0; estimators.len()],
            lists: lists.collect(),
            luck: options.luck.map(|seed| Luck {
                chance: Chance::new(seed),
                turns: 0,
                queue: TypeQueue::default(),
            }),
            estimators,
            costs: options.costs.costs(system.task()),
            registry: Registry::new(system),
            nodes: vec![],
            scratch: Scratch::default(),
            preferred: vec![],
            preferred_at: vec![0; system.task().operators.len()],
            evaluation: 0,
            started: false,
            report: Report::default(),
        }
    }

    fn pop(&mut self) -> Option<(StateId, OperatorId)> {
        let filled = self.lists.iter_mut().filter(|list| !list.queue.is_empty());
        let list = filled.min_by_key(|list| list.turns);
        if let Some(luck) = self.luck.as_mut().filter(|luck| !luck.queue.is_empty())
            && list.as_ref().is_none_or(|list| luck.turns < list.turns)
        {
            luck.turns += 1;
            return luck.queue.pop(&mut luck.chance);
        }
        let list = list?;
        list.turns += 1;
        list.queue.pop()
    }

    /// A state has been generated, but for derived atoms. Its id, if it is to be looked at.
    fn arrive(&mut self, parent: StateId, by: OperatorId, state: &mut [u64]) -> Option<StateId> {
        self.report.generated += 1;
        let from = self.nodes[parent as usize];
        let cost = from.cost + u64::from(self.system.cost(by));
        let g = from.g.saturating_add(self.costs[by as usize]);
        if cost >= self.options.bound {
            return None;
        }
        let (id, new) = self.registry.intern_after(self.system, by, state, &mut self.scratch);
        overwrite(state, self.registry.get(id));
        for estimator in &mut self.estimators {
            estimator.transition(parent, id, state);
        }
        let node = Node { cost, g, parent, by, dead: false };
        if new {
            self.nodes.push(node);
        } else {
            let old = &mut self.nodes[id as usize];
            let cheaper = (cost, g) < (old.cost, old.g);
            if old.dead || !cheaper || !self.options.reopen {
                return None;
            }
            self.report.reopened += 1;
            *old = node;
        }
        Some(id)
    }

    /// Estimates a state and puts its successors on the lists. Whether it is a goal state.
    fn visit(&mut self, id: StateId, state: &[u64]) -> bool {
        self.report.evaluated += 1;
        self.evaluation += 1;
        self.preferred.clear();
        for (i, estimator) in self.estimators.iter_mut().enumerate() {
            let Some(estimate) = estimator.estimate_and_prefer_at(id, state, &mut self.preferred)
            else {
                self.nodes[id as usize].dead = true;
                self.report.dead_ends += 1;
                return false;
            };
            self.estimates[i] = estimate;
        }
        if self.system.is_goal(state) {
            return true;
        }
        self.note_progress();
        for &operator in &self.preferred {
            self.preferred_at[operator as usize] = self.evaluation;
        }
        self.report.expanded += 1;
        self.system.find_applicable(state, &mut self.scratch);
        let g = self.nodes[id as usize].g;
        if let Some(luck) = &mut self.luck {
            luck.chance.shuffle(&mut self.scratch.applicable);
            for &operator in &self.scratch.applicable {
                luck.queue.push((g, self.estimates[0]), (id, operator));
            }
        }
        for list in &mut self.lists {
            let h = self.estimates[list.estimator];
            let key = self.options.weight.map_or(h, |w| g.saturating_add(w.saturating_mul(h)));
            for &operator in &self.scratch.applicable {
                let preferred = self.preferred_at[operator as usize] == self.evaluation;
                if preferred || !list.preferred_only {
                    list.queue.push(key, (id, operator));
                }
            }
        }
        false
    }

    fn note_progress(&mut self) {
        let mut progress = false;
        for (best, &estimate) in self.best.iter_mut().zip(&self.estimates) {
            if estimate < *best {
                progress |= *best != u32::MAX;
                *best = estimate;
            }
        }
        if progress {
            let preferred = self.lists.iter_mut().filter(|list| list.preferred_only);
            preferred.for_each(|list| list.turns -= BOOST);
        }
    }

    /// The operators that lead from the initial state to a state.
    fn path(&self, id: StateId) -> Vec<OperatorId> {
        way_to(id, |id| {
            let node = &self.nodes[id as usize];
            (node.parent, node.by)
        })
    }

    fn bytes(&self) -> usize {
        let grows = self.nodes.len() + 1024 > self.nodes.capacity();
        self.registry.bytes()
            + self.nodes.capacity() * size_of::<Node>() * if grows { 3 } else { 1 }
            + self.lists.iter().map(|list| list.queue.bytes()).sum::<usize>()
            + self.luck.as_ref().map_or(0, |luck| luck.queue.bytes())
            + self.estimators.iter().map(|e| e.bytes() + e.table_bytes()).sum::<usize>()
            + self.system.bytes()
    }
}

impl Resumable for Lazy<'_> {
    fn report(&self) -> Report {
        Report {
            states: self.registry.len() as u64,
            peak_bytes: self.bytes() as u64,
            ..self.report
        }
    }

    /// An effort is a state looked at. "Unsolvable" means below the bound, if states are looked at
    /// again.
    fn run(&mut self, expansions: u64, effort: u64, guard: &mut Guard<'_>) -> SearchOutcome {
        let words = self.system.words();
        let (mut here, mut there) = (vec![0; words], vec![0; words]);
        if !std::mem::replace(&mut self.started, true) {
            let (id, _) = self.registry.intern(self.system.init());
            self.nodes.push(Node { cost: 0, g: 0, parent: id, by: NO_OPERATOR, dead: false });
            there.copy_from_slice(self.system.init());
            if self.visit(id, &there) {
                return SearchOutcome::Solved(vec![]);
            }
        }
        loop {
            let halt = guard.halt(1, || self.bytes());
            let spent = self.report.expanded >= expansions || self.report.evaluated >= effort;
            let spent = spent.then_some(Limit::Expansions);
            if let Some(limit) = halt.or(spent) {
                return SearchOutcome::OutOf(limit);
            }
            let Some((parent, operator)) = self.pop() else { return SearchOutcome::Unsolvable };
            overwrite(&mut here, self.registry.get(parent));
            self.system.apply_basics(operator, &here, &mut there);
            if let Some(id) = self.arrive(parent, operator, &mut there)
                && self.visit(id, &there)
            {
                return SearchOutcome::Solved(self.path(id));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ergon_vocab::dummy::StoppedClock;

    use super::*;
    use crate::{Budget, GroundTask, Limits, heuristics::Ff};

    fn path(system: &TransitionSystem<'_>, luck: Option<u64>) -> Vec<OperatorId> {
        let (clock, budget) = (StoppedClock::default(), Budget::new(Limits::NONE));
        let options = LazyOptions { luck, ..LazyOptions::GREEDY };
        let mut search = Lazy::new(system, vec![Box::new(Ff::new(system, options.costs))], options);
        let outcome = search.run(u64::MAX, u64::MAX, &mut Guard::new(&clock, &budget, 0));
        let SearchOutcome::Solved(path) = outcome else { panic!("{outcome:?}") };
        path
    }

    #[test]
    fn searches_by_chance_find_plans_each_its_own() {
        let ground = GroundTask::parsed(
            include_str!("../../../domains/sorting/domain.pddl"),
            include_str!("../../../domains/sorting/p01.pddl"),
        );
        let system = TransitionSystem::new(&ground);
        let mut paths = vec![];
        for luck in [None, Some(1), Some(2), Some(3), Some(4)] {
            let path = path(&system, luck);
            let (mut here, mut there) = (system.init().to_vec(), system.init().to_vec());
            for &operator in &path {
                let mut scratch = Scratch::default();
                system.find_applicable(&here, &mut scratch);
                assert!(scratch.applicable.contains(&operator), "{luck:?}: {path:?}");
                system.apply(operator, &here, &mut there, &mut scratch);
                std::mem::swap(&mut here, &mut there);
            }
            assert!(system.is_goal(&here), "{luck:?}: {path:?}");
            assert_eq!(path, self::path(&system, luck), "{luck:?}");
            paths.push(path);
        }
        paths.sort_unstable();
        paths.dedup();
        assert!(paths.len() > 1, "chance makes no difference: {paths:?}");
    }
}
