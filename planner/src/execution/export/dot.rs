//! Graphs in the DOT language, by petgraph's writer.

use std::{collections::BTreeMap, fmt::Write};

use ergon_vocab::{ActionId, GroundAction, Literal, Plan, Symbols};
use petgraph::{
    dot::{Config, Dot, RankDir},
    graph::{DiGraph, NodeIndex},
    visit::{EdgeRef, IntoEdges},
};

use crate::{
    AtomId, GroundTask,
    execution::{Consumer, PartialOrder, Supplier, causal_links},
    search::{StateSpace, TransitionSystem},
};

/// A graph of texts in DOT, drawn from left to right. Marked nodes have a double border.
fn dot(graph: &DiGraph<String, String>, marked: impl Fn(NodeIndex) -> bool) -> String {
    let config = [Config::RankDir(RankDir::LR)];
    let marks = |_, (node, _): (NodeIndex, &String)| {
        let border = if marked(node) { " peripheries=2" } else { "" };
        format!("shape=box{border}")
    };
    Dot::with_attr_getters(graph, &config, &|_, _| String::new(), &marks).to_string()
}

/// `3 (pick c1 left)`, counted from 1.
pub(super) fn step_name(plan: &Plan, step: usize, symbols: &Symbols) -> String {
    let action = plan.steps.get(step).map(|s| symbols.show_action(&s.action).to_string());
    format!("{} {}", step + 1, action.unwrap_or_default())
}

/// The causal links of a plan: an edge goes from the step that makes something to the one that needs
/// it and says what; `start` supplies what holds from the start, `goal` takes what the goal needs.
pub fn link_dot(plan: &Plan, goal: &[Literal], symbols: &Symbols) -> String {
    let mut graph: DiGraph<String, String> = DiGraph::new();
    let start = graph.add_node("start".into());
    let steps: Vec<NodeIndex> =
        (0..plan.steps.len()).map(|i| graph.add_node(step_name(plan, i, symbols))).collect();
    let end = graph.add_node("goal".into());
    let mut labels: BTreeMap<(NodeIndex, NodeIndex), String> = BTreeMap::new();
    for link in causal_links(plan, goal) {
        let from = match link.supplier {
            Supplier::Start => start,
            Supplier::Step(step) => steps[step],
        };
        let to = match link.consumer {
            Consumer::Step(step) => steps[step],
            Consumer::Goal => end,
        };
        let label = labels.entry((from, to)).or_default();
        let joint = if label.is_empty() { "" } else { "\n" };
        // Writing to a string does not fail.
        write!(label, "{joint}{}", symbols.show_literal(&link.literal)).unwrap_or_default();
    }
    for ((from, to), label) in labels {
        graph.add_edge(from, to, label);
    }
    dot(&graph, |node| node == start || node == end)
}

/// The partial order of a plan: an edge goes from a step to one that must wait for it.
pub fn order_dot(order: &PartialOrder, plan: &Plan, symbols: &Symbols) -> String {
    let name = |_, &step: &usize| step_name(plan, step, symbols);
    dot(&order.graph().map(name, |_, ()| String::new()), |_| false)
}

/// The causal graph of a ground task (Helmert 2006, "The Fast Downward planning system", section
/// 5.2.2): an edge goes from a group of atoms to another if some operator needs or changes an atom of
/// the first and changes one of the second, or an axiom derives it. Node weights are the atoms. `groups` are disjoint sets of
/// atoms seen as one variable each; an atom in none of them is a variable by itself. Quadratic in the
/// atoms of an operator.
pub fn causal_graph(task: &GroundTask, groups: &[Vec<AtomId>]) -> DiGraph<Vec<AtomId>, ()> {
    let mut graph = DiGraph::new();
    let mut variable: Vec<Option<NodeIndex>> = vec![None; task.atoms.len()];
    let single = (0..task.atoms.len() as AtomId).map(|atom| vec![atom]);
    for group in groups.iter().cloned().chain(single) {
        let free = |&atom: &AtomId| variable.get(atom as usize) == Some(&None);
        let atoms: Vec<AtomId> = group.into_iter().filter(free).collect();
        if !atoms.is_empty() {
            let node = graph.add_node(atoms.clone());
            atoms.iter().for_each(|&atom| variable[atom as usize] = Some(node));
        }
    }
    let nodes = |lists: &[&[AtomId]]| -> Vec<NodeIndex> {
        let atoms = lists.iter().flat_map(|list| list.iter());
        let mut nodes: Vec<NodeIndex> = atoms.filter_map(|&atom| variable[atom as usize]).collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    };
    let mut arcs = |from: &[NodeIndex], to: &[NodeIndex]| {
        for &a in from {
            for &b in to.iter().filter(|&&b| b != a) {
                graph.update_edge(a, b, ());
            }
        }
    };
    for operator in &task.operators {
        let (mut needed, mut changed) =
            (vec![&*operator.holds, &*operator.lacks], vec![&*operator.adds, &*operator.deletes]);
        for effect in &operator.conditional {
            changed.extend([&*effect.adds, &*effect.deletes]);
            needed.extend([&*effect.holds, &*effect.lacks]);
        }
        let changed = nodes(&changed);
        arcs(&nodes(&needed), &changed);
        arcs(&changed, &changed);
    }
    for axiom in &task.axioms {
        arcs(&nodes(&[&axiom.holds, &axiom.lacks]), &nodes(&[&[axiom.head]]));
    }
    graph
}

/// The [`causal_graph`] of a ground task in DOT. Variables of the goal have a double border.
pub fn causal_graph_dot(task: &GroundTask, groups: &[Vec<AtomId>], symbols: &Symbols) -> String {
    let graph = causal_graph(task, groups);
    let names = |_, atoms: &Vec<AtomId>| {
        let shown = atoms.iter().filter_map(|&atom| task.atoms.get(atom as usize));
        shown.map(|atom| symbols.show_atom(atom).to_string()).collect::<Vec<_>>().join("\n")
    };
    let in_goal = |atom: &AtomId| task.goal_holds.contains(atom) || task.goal_lacks.contains(atom);
    dot(&graph.map(names, |_, ()| String::new()), |node| graph[node].iter().any(in_goal))
}

/// The states of a task that are reached first by breadth-first search, at most `states` of them,
/// with the transitions among them, in DOT. A state is named by the atoms that hold in it; those of
/// the goal have a double border.
pub fn space_dot(system: &TransitionSystem<'_>, states: usize, symbols: &Symbols) -> String {
    let space = StateSpace::new(system);
    let task = system.task();
    let mut graph: DiGraph<String, String> = DiGraph::new();
    let mut known = 1 + space.start() as usize;
    let mut next = 0;
    while next < known.min(states) {
        graph.add_node(state_name(system, &space.state(next as u32), symbols));
        let last = space.edges(next as u32).map(|e| e.target() as usize).max();
        known = known.max(last.map_or(0, |last| last + 1));
        next += 1;
    }
    for node in 0..next as u32 {
        for edge in space.edges(node).filter(|e| (e.target() as usize) < next) {
            let operator = &task.operators[edge.id() as usize];
            let schema = ActionId(operator.schema);
            let action = GroundAction { schema, args: operator.args.clone() };
            let name = symbols.show_action(&action).to_string();
            graph.add_edge(node.into(), edge.target().into(), name);
        }
    }
    dot(&graph, |node| space.is_goal(node.index() as u32))
}

fn state_name(system: &TransitionSystem<'_>, state: &[u64], symbols: &Symbols) -> String {
    let mut atoms = vec![];
    system.for_each_atom(state, |atom| atoms.push(atom));
    atoms.sort_unstable();
    let show = |&atom: &AtomId| symbols.show_atom(&system.task().atoms[atom as usize]).to_string();
    atoms.iter().map(show).collect::<Vec<_>>().join("\n")
}
