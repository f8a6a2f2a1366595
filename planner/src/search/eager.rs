//! Best-first search that estimates states when it meets them: A* (Hart, Nilsson & Raphael 1968)
//! with reopening, weighted A* (Pohl 1970) and greedy best-first search in one loop.

use ergon_vocab::Limit;

use super::{
    Report, SearchOutcome,
    control::{Guard, Resumable},
    open::BucketQueue,
    registry::{NO_OPERATOR, Registry, StateId, overwrite, way_to},
    successors::OperatorId,
    transitions::{Scratch, TransitionSystem},
};
use crate::heuristics::Heuristic;

/// How states are ordered: by `g_weight * g + h_weight * h`, then by `h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Weight of the cost so far.
    pub g_weight: u32,
    /// Weight of the estimate.
    pub h_weight: u32,
}

impl Order {
    /// A*.
    pub const ASTAR: Self = Self { g_weight: 1, h_weight: 1 };
    /// Greedy best-first search.
    pub const GREEDY: Self = Self { g_weight: 0, h_weight: 1 };

    /// Weighted A*.
    pub fn weighted(weight: u32) -> Self {
        Self { g_weight: 1, h_weight: weight }
    }

    #[inline]
    fn key(self, g: u32, h: u32) -> u32 {
        let sum = u64::from(self.g_weight) * u64::from(g) + u64::from(self.h_weight) * u64::from(h);
        sum.min(u64::from(u32::MAX)) as u32
    }
}

/// What is known of a state.
#[derive(Clone, Copy, Debug)]
struct Node {
    g: u32,
    /// The estimate; [`DEAD`] in a dead end; [`REFINED`] is added once it is as good as it gets, and
    /// [`CLOSED`] once the state has been expanded.
    h: u32,
    parent: StateId,
    /// The operator by which the parent led here.
    by: OperatorId,
}

const CLOSED: u32 = 1 << 31;
const REFINED: u32 = 1 << 30;
const DEAD: u32 = REFINED - 1;

impl Node {
    fn estimate(&self) -> u32 {
        self.h & !(CLOSED | REFINED)
    }
}

/// A search that can be halted and taken up again.
pub(crate) struct Eager<'s, H> {
    system: &'s TransitionSystem<'s>,
    heuristic: H,
    order: Order,
    registry: Registry,
    nodes: Vec<Node>,
    open: BucketQueue,
    scratch: Scratch,
    /// The state expanded last.
    last: StateId,
    /// The key under which it stood.
    reached: u32,
    /// What it takes to refine an estimate, in states generated; nothing if they are never refined.
    price: Option<u64>,
    refined: u64,
    report: Report,
}

impl<'s, H: Heuristic> Eager<'s, H> {
    pub(crate) fn new(system: &'s TransitionSystem<'s>, heuristic: H, order: Order) -> Self {
        let mut search = Self {
            system,
            heuristic,
            order,
            registry: Registry::new(system),
            nodes: vec![],
            open: BucketQueue::default(),
            scratch: Scratch::default(),
            last: 0,
            reached: 0,
            price: None,
            refined: 0,
            report: Report::default(),
        };
        search.registry.intern(system.init());
        search.enter(system.init(), 0, 0, NO_OPERATOR);
        search
    }

    /// Estimates are refined before a state is expanded (lazy A*: Tolpin et al. 2013, "Towards
    /// rational deployment of multiple heuristics in A*"), which takes as long as to generate so many
    /// states.
    pub(crate) fn refining(self, price: u64) -> Self {
        Self { price: Some(price), ..self }
    }

    /// What has been done so far, in states generated.
    pub(crate) fn effort(&self) -> u64 {
        self.report.generated + self.refined * self.price.unwrap_or(0)
    }

    /// The key of the state expanded last: of A* with a consistent estimate, a lower bound on the cost
    /// of a plan.
    pub(crate) fn reached(&self) -> u32 {
        self.reached
    }

    /// Number of steps to the state expanded last: how deep the search has come.
    pub(crate) fn depth(&self) -> usize {
        self.path(self.last).len()
    }

    /// Refines the estimate of a state. Whether it is no longer the one to be expanded next.
    fn refine(&mut self, id: StateId, state: &[u64]) -> bool {
        self.refined += 1;
        self.report.evaluated += 1;
        let node = &mut self.nodes[id as usize];
        let old = node.estimate();
        let h = self.heuristic.refine(state).map_or(DEAD, |h| h.clamp(old, DEAD - 1));
        node.h = h | REFINED;
        match h {
            DEAD => self.report.dead_ends += 1,
            _ if h > old => self.open.push(self.order.key(node.g, h), h, id),
            _ => {}
        }
        h > old
    }

    /// A state has been generated, but for derived atoms.
    #[inline]
    fn arrive(&mut self, state: &mut [u64], g: u32, parent: StateId, by: OperatorId) {
        self.report.generated += 1;
        let (id, new) = self.registry.intern_after(self.system, by, state, &mut self.scratch);
        if new {
            return self.enter(state, g, parent, by);
        }
        let node = &mut self.nodes[id as usize];
        let h = node.estimate();
        if h == DEAD || g >= node.g {
            return;
        }
        self.report.reopened += u64::from(node.h & CLOSED != 0);
        *node = Node { g, h: node.h & !CLOSED, parent, by };
        self.open.push(self.order.key(g, h), h, id);
    }

    /// Gives a new state its node.
    #[inline]
    fn enter(&mut self, state: &[u64], g: u32, parent: StateId, by: OperatorId) {
        let id = self.nodes.len() as StateId;
        self.report.evaluated += 1;
        let h = self.heuristic.estimate(state).map_or(DEAD, |h| h.min(DEAD - 1));
        self.nodes.push(Node { g, h, parent, by });
        match h {
            DEAD => self.report.dead_ends += 1,
            _ => self.open.push(self.order.key(g, h), h, id),
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
            + self.open.bytes()
            + self.heuristic.table_bytes()
            + self.system.bytes()
    }
}

impl<H: Heuristic> Resumable for Eager<'_, H> {
    fn report(&self) -> Report {
        Report {
            states: self.registry.len() as u64,
            peak_bytes: self.bytes() as u64,
            ..self.report
        }
    }

    /// An effort is a state generated.
    fn run(&mut self, expansions: u64, effort: u64, guard: &mut Guard<'_>) -> SearchOutcome {
        let words = self.system.words();
        let (mut here, mut there) = (vec![0; words], vec![0; words]);
        let mut steps = 1;
        while let Some((key, id)) = self.open.pop() {
            let node = self.nodes[id as usize];
            // A cheaper way has been found since this entry was pushed, or it has been expanded.
            if node.h & CLOSED != 0 || self.order.key(node.g, node.estimate()) != key {
                continue;
            }
            overwrite(&mut here, self.registry.get(id));
            if self.system.is_goal(&here) {
                self.open.push(key, node.estimate(), id);
                return SearchOutcome::Solved(self.path(id));
            }
            let halt = guard.halt(std::mem::take(&mut steps), || self.bytes());
            let spent = self.report.expanded >= expansions || self.effort() >= effort;
            let spent = spent.then_some(Limit::Expansions);
            if let Some(limit) = halt.or(spent) {
                self.open.push(key, node.estimate(), id);
                return SearchOutcome::OutOf(limit);
            }
            steps = 1;
            if self.price.is_some() && node.h & REFINED == 0 && self.refine(id, &here) {
                continue;
            }
            self.nodes[id as usize].h |= CLOSED;
            self.report.expanded += 1;
            (self.last, self.reached) = (id, key);
            self.system.find_applicable(&here, &mut self.scratch);
            let applicable = std::mem::take(&mut self.scratch.applicable);
            steps = 1 + applicable.len() as u64;
            for &operator in &applicable {
                self.system.apply_basics(operator, &here, &mut there);
                let g = node.g.saturating_add(self.system.cost(operator));
                self.arrive(&mut there, g, id, operator);
            }
            self.scratch.applicable = applicable;
        }
        SearchOutcome::Unsolvable
    }
}
