//! A* (Hart, Nilsson & Raphael 1968) with reopening.

use ergon_vocab::{Clock, Limit};

use super::{
    Limits, Report, SearchOutcome,
    open::BucketQueue,
    registry::{Registry, StateId, overwrite},
    successors::OperatorId,
    transitions::{Scratch, TransitionSystem},
};
use crate::heuristics::Heuristic;

const NO_OPERATOR: OperatorId = u32::MAX;

/// Clock and memory are looked at once in so many generated states.
const CHECK_INTERVAL: u64 = 256;

/// What is known of a state.
#[derive(Clone, Copy, Debug)]
struct Node {
    g: u32,
    h: u32,
    parent: StateId,
    /// The operator by which the parent led here.
    by: OperatorId,
    status: Status,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Open,
    Closed,
    Dead,
}

/// A search under way.
struct Search<'s, H> {
    system: &'s TransitionSystem<'s>,
    heuristic: H,
    registry: Registry,
    nodes: Vec<Node>,
    open: BucketQueue,
    report: Report,
}

/// Searches for a cheapest plan. It is one if the heuristic is admissible; "unsolvable" is proven if
/// the heuristic is safe.
pub fn astar(
    system: &TransitionSystem<'_>,
    heuristic: impl Heuristic,
    limits: &Limits,
    clock: &dyn Clock,
) -> (SearchOutcome, Report) {
    let search = Search {
        system,
        heuristic,
        registry: Registry::new(system.words()),
        nodes: vec![],
        open: BucketQueue::default(),
        report: Report::default(),
    };
    search.run(limits, clock)
}

impl<H: Heuristic> Search<'_, H> {
    fn run(mut self, limits: &Limits, clock: &dyn Clock) -> (SearchOutcome, Report) {
        let start = clock.now();
        let outcome = self.search(limits, || clock.now().saturating_sub(start));
        self.report.states = self.registry.len() as u64;
        self.report.peak_bytes = self.bytes() as u64;
        self.report.search_time = clock.now().saturating_sub(start);
        (outcome, self.report)
    }

    fn search(
        &mut self,
        limits: &Limits,
        elapsed: impl Fn() -> std::time::Duration,
    ) -> SearchOutcome {
        let words = self.system.words();
        let (mut here, mut there) = (vec![0; words], vec![0; words]);
        let mut scratch = Scratch::default();
        self.registry.intern(self.system.init());
        self.enter(self.system.init(), 0, 0, NO_OPERATOR);
        let mut next_check = 0;
        while let Some((f, id)) = self.open.pop() {
            let node = self.nodes[id as usize];
            // A cheaper way has been found since this entry was pushed, or it has been expanded.
            if node.status != Status::Open || node.g + node.h != f {
                continue;
            }
            overwrite(&mut here, self.registry.get(id));
            if self.system.is_goal(&here) {
                return SearchOutcome::Solved(self.path(id));
            }
            if self.report.generated >= next_check {
                next_check = self.report.generated + CHECK_INTERVAL;
                if let Some(limit) = limits.exceeded(elapsed(), || self.bytes() as u64) {
                    return SearchOutcome::OutOf(limit);
                }
            }
            if self.report.expanded >= limits.expansions {
                return SearchOutcome::OutOf(Limit::Expansions);
            }
            self.nodes[id as usize].status = Status::Closed;
            self.report.expanded += 1;
            self.system.find_applicable(&here, &mut scratch);
            for &operator in &scratch.applicable {
                overwrite(&mut there, &here);
                self.system.apply(operator, &mut there);
                let g = node.g + self.system.cost(operator);
                self.arrive(&there, g, id, operator);
            }
        }
        SearchOutcome::Unsolvable
    }

    /// A state has been generated.
    #[inline]
    fn arrive(&mut self, state: &[u64], g: u32, parent: StateId, by: OperatorId) {
        self.report.generated += 1;
        let (id, new) = self.registry.intern(state);
        if new {
            return self.enter(state, g, parent, by);
        }
        let node = &mut self.nodes[id as usize];
        if node.status == Status::Dead || g >= node.g {
            return;
        }
        if node.status == Status::Closed {
            self.report.reopened += 1;
        }
        *node = Node { g, h: node.h, parent, by, status: Status::Open };
        let h = node.h;
        self.open.push(g + h, h, id);
    }

    /// Gives a new state its node.
    #[inline]
    fn enter(&mut self, state: &[u64], g: u32, parent: StateId, by: OperatorId) {
        let id = self.nodes.len() as StateId;
        self.report.evaluated += 1;
        let estimate = self.heuristic.estimate(state);
        let status = if estimate.is_some() { Status::Open } else { Status::Dead };
        let h = estimate.unwrap_or(0);
        self.nodes.push(Node { g, h, parent, by, status });
        match status {
            Status::Dead => self.report.dead_ends += 1,
            _ => self.open.push(g + h, h, id),
        }
    }

    /// The operators that lead from the initial state to a state.
    fn path(&self, mut id: StateId) -> Vec<OperatorId> {
        let mut path = vec![];
        while self.nodes[id as usize].by != NO_OPERATOR {
            let node = &self.nodes[id as usize];
            path.push(node.by);
            id = node.parent;
        }
        path.reverse();
        path
    }

    fn bytes(&self) -> usize {
        self.registry.bytes()
            + self.nodes.capacity() * size_of::<Node>()
            + self.open.bytes()
            + self.system.bytes()
    }
}
