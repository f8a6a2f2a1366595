//! A plan as a partial order: which steps must wait for which, and which can run at once.
//!
//! Deordering after Kambhampati & Kedar (1994, "A unified framework for explanation-based
//! generalization of partially ordered and partially instantiated plans") and Veloso, Pérez &
//! Carbonell (1990, "Nonlinear planning with parallel resource allocation"), with an order between
//! any two steps that write opposite values of an atom, so that unordered steps do not interfere
//! and may overlap in time.

use ergon_vocab::{Literal, Plan, State};
use petgraph::{
    algo::{
        toposort,
        tred::{dag_to_toposorted_adjacency_list, dag_transitive_reduction_closure},
    },
    graph::{DiGraph, NodeIndex},
    visit::EdgeRef,
};
use thiserror::Error;

use super::dense::{DensePlan, Lit};

/// Plans up to so many steps are reduced: the table behind a reduction is quadratic.
const REDUCED_STEPS: usize = 2000;

/// A plan that does not lead to the goal has no order.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OrderError {
    /// A precondition does not hold.
    #[error("step {step} of the plan (counted from 0) is not applicable")]
    Inapplicable {
        /// The step, from 0.
        step: usize,
        /// The precondition.
        literal: Literal,
    },
    /// A goal literal does not hold in the end.
    #[error("the plan does not reach the goal")]
    NoGoal(Literal),
}

/// The steps of a plan with the orderings among them that matter. Every sequence of the steps that
/// respects the orderings leads to the goal.
#[derive(Clone, Debug)]
pub struct PartialOrder {
    /// Nodes carry the index of their step, which is their own index too.
    graph: DiGraph<usize, ()>,
    costs: Vec<u64>,
}

/// What is known of one atom at a position of the plan.
#[derive(Clone, Debug, Default)]
struct History {
    /// The step that gave the atom its present value; `None` at the start.
    writer: Option<usize>,
    /// The steps since that rely on the value, or write it again.
    users: Vec<usize>,
}

impl PartialOrder {
    /// Finds the orderings of a plan that leads from a state to a goal. Time and memory are linear
    /// in the literals of the plan but for the transitive reduction, which plans of more than 2000
    /// steps go without.
    ///
    /// # Errors
    /// The plan does not lead from the state to the goal.
    pub fn of(plan: &Plan, state: &State, goal: &[Literal]) -> Result<Self, OrderError> {
        let dense = DensePlan::new(plan, goal);
        let mut values = dense.values(state);
        let mut histories = vec![History::default(); dense.atom_count()];
        let mut edges: Vec<(usize, usize)> = vec![];
        for step in 0..dense.len() {
            for &lit in dense.needs(step) {
                if values[lit.atom()] != lit.positive() {
                    return Err(OrderError::Inapplicable { step, literal: dense.literal(lit) });
                }
                histories[lit.atom()].rely(step, &mut edges);
            }
            for &lit in dense.makes(step) {
                let history = &mut histories[lit.atom()];
                let before = std::mem::replace(&mut values[lit.atom()], lit.positive());
                if before == lit.positive() {
                    history.rely(step, &mut edges);
                } else {
                    history.flip(step, &mut edges);
                }
            }
        }
        let failed = |lit: &&Lit| values[lit.atom()] != lit.positive();
        if let Some(&lit) = dense.goal().iter().find(failed) {
            return Err(OrderError::NoGoal(dense.literal(lit)));
        }
        edges.sort_unstable();
        edges.dedup();
        let costs = plan.steps.iter().map(|s| s.cost).collect();
        Ok(Self { graph: reduced(graph_of(dense.len(), &edges)), costs })
    }

    /// The orderings, transitively reduced for plans of up to 2000 steps. A node is a step, by its
    /// index in the plan; an edge goes from a step to one that must wait for it.
    pub fn graph(&self) -> &DiGraph<usize, ()> {
        &self.graph
    }

    /// Sets of steps that can run at once, each step as early as possible. The steps of a level
    /// wait for steps of earlier levels only and do not interfere with each other: none changes what
    /// another needs or changes. Steps that only need the same thing, such as a free gripper, share
    /// it; an arm of which they would ask too much must be seen to be busy in the domain.
    pub fn levels(&self) -> Vec<Vec<usize>> {
        let mut level = vec![0; self.graph.node_count()];
        for node in self.sorted() {
            for next in self.graph.neighbors(node) {
                level[next.index()] = level[next.index()].max(level[node.index()] + 1);
            }
        }
        let mut levels = vec![vec![]; level.iter().max().map_or(0, |&last| last + 1)];
        level.iter().enumerate().for_each(|(step, &l): (_, &usize)| levels[l].push(step));
        levels
    }

    /// The chain of steps that takes longest if costs are durations, and its cost: with enough arms
    /// the plan takes no longer.
    pub fn critical_path(&self) -> (Vec<usize>, u64) {
        let steps = self.graph.node_count();
        let (mut start, mut before) = (vec![0u64; steps], vec![None; steps]);
        for node in self.sorted() {
            let end = start[node.index()].saturating_add(self.costs[node.index()]);
            for next in self.graph.neighbors(node).map(NodeIndex::index) {
                if end > start[next] || before[next].is_none() {
                    (start[next], before[next]) = (end, Some(node.index()));
                }
            }
        }
        let ends = (0..steps).map(|s| (start[s].saturating_add(self.costs[s]), steps - s));
        let Some((cost, last)) = ends.max() else { return (vec![], 0) };
        let mut path: Vec<usize> =
            std::iter::successors(Some(steps - last), |&step| before[step]).collect();
        path.reverse();
        (path, cost)
    }

    /// Whether step `second` must wait for step `first`, directly or through other steps.
    pub fn is_before(&self, first: usize, second: usize) -> bool {
        let node = |step| NodeIndex::new(step);
        let known = first.max(second) < self.graph.node_count();
        known
            && first < second
            && petgraph::algo::has_path_connecting(&self.graph, node(first), node(second), None)
    }

    fn sorted(&self) -> Vec<NodeIndex> {
        // Edges go from lower to higher steps, so there is no cycle.
        toposort(&self.graph, None).unwrap_or_default()
    }
}

impl History {
    /// A step needs the present value or writes it again.
    fn rely(&mut self, step: usize, edges: &mut Vec<(usize, usize)>) {
        if self.users.last() != Some(&step) {
            edges.extend(self.writer.map(|writer| (writer, step)));
            self.users.push(step);
        }
    }

    /// A step writes the other value.
    fn flip(&mut self, step: usize, edges: &mut Vec<(usize, usize)>) {
        let users = self.users.drain(..).filter(|&user| user != step);
        let before = edges.len();
        edges.extend(users.map(|user| (user, step)));
        if edges.len() == before {
            edges.extend(self.writer.map(|writer| (writer, step)));
        }
        self.writer = Some(step);
    }
}

fn graph_of(steps: usize, edges: &[(usize, usize)]) -> DiGraph<usize, ()> {
    let mut graph = DiGraph::with_capacity(steps, edges.len());
    (0..steps).for_each(|step| {
        graph.add_node(step);
    });
    for &(from, to) in edges {
        graph.add_edge(NodeIndex::new(from), NodeIndex::new(to), ());
    }
    graph
}

/// The transitive reduction of a graph, its nodes in the same order.
fn reduced(graph: DiGraph<usize, ()>) -> DiGraph<usize, ()> {
    if graph.node_count() > REDUCED_STEPS {
        return graph;
    }
    let Ok(sorted) = toposort(&graph, None) else { return graph };
    let (list, _) = dag_to_toposorted_adjacency_list::<_, u32>(&graph, &sorted);
    let (reduction, _) = dag_transitive_reduction_closure(&list);
    let mut edges: Vec<(usize, usize)> = vec![];
    for node in reduction.node_indices() {
        let targets = petgraph::visit::IntoEdges::edges(&reduction, node);
        edges.extend(
            targets.map(|e| (sorted[node as usize].index(), sorted[e.target() as usize].index())),
        );
    }
    edges.sort_unstable();
    graph_of(graph.node_count(), &edges)
}
