//! Enforced hill climbing (Hoffmann & Nebel 2001, "The FF planning system"): from state to state with
//! a smaller estimate, each the first that a breadth-first search over helpful operators meets.

use ergon_vocab::Limit;

use super::{
    Report, SearchOutcome,
    control::Guard,
    registry::{NO_OPERATOR, Registry, StateId, overwrite, way_to},
    successors::OperatorId,
    transitions::{Scratch, TransitionSystem},
};
use crate::heuristics::Estimator;

/// A state met while looking for a better one.
#[derive(Clone, Copy, Debug)]
struct Node {
    parent: StateId,
    by: OperatorId,
    /// Where its helpful operators end; they begin where those of the node before end.
    end: usize,
}

/// A search that follows its estimates and never turns back.
pub(crate) struct Ehc<'s, E> {
    system: &'s TransitionSystem<'s>,
    estimator: E,
    /// The states of one step up, the first of which is where it began.
    registry: Registry,
    nodes: Vec<Node>,
    /// The helpful operators of all nodes.
    helpful: Vec<OperatorId>,
    /// Buffer.
    preferred: Vec<OperatorId>,
    scratch: Scratch,
    report: Report,
}

/// How a step ended.
enum Step {
    /// With a state that has this estimate.
    Better(StateId, u32),
    /// No state within reach of helpful operators is better.
    Stuck,
    OutOf(Limit),
}

impl<'s, E: Estimator> Ehc<'s, E> {
    pub(crate) fn new(system: &'s TransitionSystem<'s>, estimator: E) -> Self {
        Self {
            system,
            estimator,
            registry: Registry::new(system),
            nodes: vec![],
            helpful: vec![],
            preferred: vec![],
            scratch: Scratch::default(),
            report: Report::default(),
        }
    }

    /// What has been done.
    pub(crate) fn report(&self) -> Report {
        self.report
    }

    /// Climbs until a goal is reached. Nothing if it got stuck, which proves nothing.
    pub(crate) fn run(&mut self, expansions: u64, guard: &mut Guard<'_>) -> Option<SearchOutcome> {
        let (mut here, mut path) = (self.system.init().to_vec(), vec![]);
        let Some(mut estimate) = self.begin(&here) else {
            return Some(SearchOutcome::Unsolvable);
        };
        while !self.system.is_goal(&here) {
            match self.step(estimate, expansions, guard) {
                Step::Better(id, better) => {
                    let node = |id: StateId| self.nodes[id as usize];
                    path.extend(way_to(id, |id| (node(id).parent, node(id).by)));
                    overwrite(&mut here, self.registry.get(id));
                    estimate = better;
                    self.begin_at(id);
                }
                Step::Stuck => return None,
                Step::OutOf(limit) => return Some(SearchOutcome::OutOf(limit)),
            }
        }
        Some(SearchOutcome::Solved(path))
    }

    /// The first state and its estimate.
    fn begin(&mut self, state: &[u64]) -> Option<u32> {
        self.registry.intern(state);
        self.enter(state, 0, NO_OPERATOR)
    }

    /// Makes the state found last the first one of a new step.
    fn begin_at(&mut self, id: StateId) {
        let state = self.registry.get(id).to_vec();
        let first = self.nodes[id as usize - 1].end;
        self.helpful.drain(..first);
        self.nodes.clear();
        self.nodes.push(Node { parent: 0, by: NO_OPERATOR, end: self.helpful.len() });
        self.registry = Registry::new(self.system);
        self.registry.intern(&state);
    }

    /// Gives a new state its node. Its estimate, if it is no dead end.
    fn enter(&mut self, state: &[u64], parent: StateId, by: OperatorId) -> Option<u32> {
        self.report.evaluated += 1;
        self.report.states += 1;
        self.preferred.clear();
        let estimate = self.estimator.estimate_and_prefer(state, &mut self.preferred);
        if estimate.is_none() {
            self.report.dead_ends += 1;
            self.preferred.clear();
        }
        // Of numbers the relaxation sees less than the operators do.
        let applicable = self.preferred.iter().filter(|&&o| self.system.is_applicable(o, state));
        self.helpful.extend(applicable);
        self.nodes.push(Node { parent, by, end: self.helpful.len() });
        estimate
    }

    /// Looks for a state with a smaller estimate, or a goal, nearest first.
    fn step(&mut self, estimate: u32, expansions: u64, guard: &mut Guard<'_>) -> Step {
        let words = self.system.words();
        let (mut here, mut there) = (vec![0; words], vec![0; words]);
        let (mut at, mut first) = (0, 0);
        while at < self.nodes.len() {
            if self.report.expanded >= expansions {
                return Step::OutOf(Limit::Expansions);
            }
            self.report.expanded += 1;
            overwrite(&mut here, self.registry.get(at as StateId));
            let end = self.nodes[at].end;
            for i in first..end {
                self.report.peak_bytes = self.report.peak_bytes.max(self.bytes() as u64);
                if let Some(limit) = guard.halt(1, || self.bytes()) {
                    return Step::OutOf(limit);
                }
                let by = self.helpful[i];
                self.system.apply_basics(by, &here, &mut there);
                self.report.generated += 1;
                let (system, scratch) = (self.system, &mut self.scratch);
                let (id, new) = self.registry.intern_after(system, by, &mut there, scratch);
                let found = if new { self.enter(&there, at as StateId, by) } else { None };
                if let Some(h) = found.filter(|&h| h < estimate || self.system.is_goal(&there)) {
                    return Step::Better(id, h);
                }
            }
            (at, first) = (at + 1, end);
        }
        Step::Stuck
    }

    fn bytes(&self) -> usize {
        self.registry.bytes()
            + self.nodes.capacity() * size_of::<Node>()
            + self.helpful.capacity() * size_of::<OperatorId>()
            + self.estimator.bytes()
            + self.estimator.table_bytes()
            + self.system.bytes()
    }
}
