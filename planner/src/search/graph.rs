//! The state space as a graph of petgraph, so that petgraph's algorithms run on it.
//!
//! Our own loop is faster by a factor of two and more, because petgraph asks for an estimate at
//! every edge and keys its tables by node; this view is for tests, which take petgraph's A* as the
//! judge of ours, and for those who want another of its algorithms on a small space.

use std::{cell::RefCell, collections::BTreeSet};

use petgraph::visit::{
    Data, EdgeRef, GraphBase, IntoEdgeReferences, IntoEdges, IntoNeighbors, VisitMap, Visitable,
};

use super::{
    registry::Registry,
    successors::OperatorId,
    transitions::{Scratch, TransitionSystem},
};

/// The states reachable by a transition system, made when they are asked for. Node weights are
/// absent; edge weights are operator costs.
#[derive(Debug)]
pub struct StateSpace<'s> {
    system: &'s TransitionSystem<'s>,
    registry: RefCell<Registry>,
}

/// A transition.
#[derive(Clone, Copy, Debug)]
pub struct Transition {
    source: u32,
    target: u32,
    operator: OperatorId,
    cost: u32,
}

impl<'s> StateSpace<'s> {
    /// The space of a transition system.
    pub fn new(system: &'s TransitionSystem<'s>) -> Self {
        Self { system, registry: RefCell::new(Registry::new(system)) }
    }

    /// The node of the initial state.
    pub fn start(&self) -> u32 {
        self.registry.borrow_mut().intern(self.system.init()).0
    }

    /// Whether the state of a node satisfies the goal.
    pub fn is_goal(&self, node: u32) -> bool {
        self.system.is_goal(self.registry.borrow().get(node))
    }

    /// The packed state of a node.
    pub fn state(&self, node: u32) -> Vec<u64> {
        self.registry.borrow().get(node).to_vec()
    }

    fn transitions(&self, node: u32) -> Vec<Transition> {
        let state = self.state(node);
        let mut scratch = Scratch::default();
        self.system.find_applicable(&state, &mut scratch);
        let mut registry = self.registry.borrow_mut();
        let mut buffers = Scratch::default();
        let transitions = scratch.applicable.iter().map(|&operator| {
            let mut next = state.clone();
            self.system.apply(operator, &state, &mut next, &mut buffers);
            let (target, _) = registry.intern(&next);
            Transition { source: node, target, operator, cost: self.system.cost(operator) }
        });
        transitions.collect()
    }
}

impl EdgeRef for Transition {
    type NodeId = u32;
    type EdgeId = OperatorId;
    type Weight = u32;

    fn source(&self) -> u32 {
        self.source
    }

    fn target(&self) -> u32 {
        self.target
    }

    fn weight(&self) -> &u32 {
        &self.cost
    }

    fn id(&self) -> OperatorId {
        self.operator
    }
}

impl GraphBase for StateSpace<'_> {
    type EdgeId = OperatorId;
    type NodeId = u32;
}

impl Data for StateSpace<'_> {
    type NodeWeight = ();
    type EdgeWeight = u32;
}

/// Nodes that an algorithm has visited.
#[derive(Clone, Debug, Default)]
pub struct Visited(BTreeSet<u32>);

impl VisitMap<u32> for Visited {
    fn visit(&mut self, node: u32) -> bool {
        self.0.insert(node)
    }

    fn is_visited(&self, node: &u32) -> bool {
        self.0.contains(node)
    }

    fn unvisit(&mut self, node: u32) -> bool {
        self.0.remove(&node)
    }
}

impl Visitable for StateSpace<'_> {
    type Map = Visited;

    fn visit_map(&self) -> Visited {
        Visited::default()
    }

    fn reset_map(&self, map: &mut Visited) {
        map.0.clear();
    }
}

/// All transitions out of the states met so far.
impl IntoEdgeReferences for &StateSpace<'_> {
    type EdgeRef = Transition;
    type EdgeReferences = std::vec::IntoIter<Transition>;

    fn edge_references(self) -> Self::EdgeReferences {
        let known = self.registry.borrow().len() as u32;
        let edges: Vec<Transition> = (0..known).flat_map(|n| self.transitions(n)).collect();
        edges.into_iter()
    }
}

impl IntoNeighbors for &StateSpace<'_> {
    type Neighbors = std::vec::IntoIter<u32>;

    fn neighbors(self, node: u32) -> Self::Neighbors {
        let targets: Vec<u32> = self.transitions(node).iter().map(|t| t.target).collect();
        targets.into_iter()
    }
}

impl IntoEdges for &StateSpace<'_> {
    type Edges = std::vec::IntoIter<Transition>;

    fn edges(self, node: u32) -> Self::Edges {
        self.transitions(node).into_iter()
    }
}
