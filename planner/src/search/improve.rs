//! Makes a plan cheaper without searching anew.

use ergon_vocab::Limit;

use super::{
    control::Guard,
    open::BucketQueue,
    registry::{NO_OPERATOR, Registry, StateId, overwrite, way_to},
    successors::OperatorId,
    transitions::{Scratch, TransitionSystem},
};

/// Cost of a sequence of operators.
pub(super) fn cost(system: &TransitionSystem<'_>, path: &[OperatorId]) -> u64 {
    path.iter().map(|&o| u64::from(system.cost(o))).sum()
}

/// Drops operators that the plan can do without, each with all that depend on it (Nakhost & Müller
/// 2010, "Action elimination and plan neighborhood graph search", algorithm 1). Stops after so many
/// operators have been tried.
pub(super) fn eliminate(
    system: &TransitionSystem<'_>,
    path: &mut Vec<OperatorId>,
    mut effort: u64,
) {
    let words = system.words();
    let (mut here, mut state, mut next) = (system.init().to_vec(), vec![0; words], vec![0; words]);
    let mut scratch = Scratch::default();
    let (mut kept, mut i) = (vec![], 0);
    while i < path.len() && effort > 0 {
        state.copy_from_slice(&here);
        kept.clear();
        for &operator in &path[i + 1..] {
            effort = effort.saturating_sub(1);
            if system.is_applicable(operator, &state) {
                system.apply(operator, &state, &mut next, &mut scratch);
                std::mem::swap(&mut state, &mut next);
                kept.push(operator);
            }
        }
        if system.is_goal(&state) {
            path.truncate(i);
            path.append(&mut kept);
        } else {
            system.apply(path[i], &here, &mut next, &mut scratch);
            std::mem::swap(&mut here, &mut next);
            i += 1;
        }
    }
}

#[derive(Clone, Copy)]
struct Node {
    g: u32,
    parent: StateId,
    by: OperatorId,
    closed: bool,
}

/// Looks for short cuts: expands the states around the plan, nearest first, until so many transitions
/// have been seen, and returns a cheapest way to the goal through them (plan neighborhood graph
/// search, ibid.). Nothing if there is none cheaper than the plan.
pub(super) fn shortcut(
    system: &TransitionSystem<'_>,
    path: &[OperatorId],
    generated: u64,
    guard: &mut Guard<'_>,
) -> Result<Option<Vec<OperatorId>>, Limit> {
    let mut graph = Neighborhood::around(system, path);
    let mut at = 0;
    while at < graph.registry.len() && (graph.edges.len() as u64) < generated {
        if let Some(limit) = guard.halt(1, || graph.bytes()) {
            return Err(limit);
        }
        graph.expand(at as StateId);
        at += 1;
    }
    let found = graph.cheapest();
    let cheaper = |found: &Vec<OperatorId>| cost(system, found) < cost(system, path);
    Ok(found.filter(cheaper))
}

struct Neighborhood<'s> {
    system: &'s TransitionSystem<'s>,
    registry: Registry,
    /// Transitions seen from each expanded state: operator and target.
    edges: Vec<(OperatorId, StateId)>,
    edges_at: Vec<usize>,
    scratch: Scratch,
    here: Vec<u64>,
    there: Vec<u64>,
}

impl<'s> Neighborhood<'s> {
    /// The states along a plan.
    fn around(system: &'s TransitionSystem<'s>, path: &[OperatorId]) -> Self {
        let mut graph = Self {
            system,
            registry: Registry::new(system),
            edges: vec![],
            edges_at: vec![0],
            scratch: Scratch::default(),
            here: system.init().to_vec(),
            there: vec![0; system.words()],
        };
        graph.registry.intern(&graph.here);
        for &operator in path {
            system.apply(operator, &graph.here, &mut graph.there, &mut graph.scratch);
            std::mem::swap(&mut graph.here, &mut graph.there);
            graph.registry.intern(&graph.here);
        }
        graph
    }

    fn expand(&mut self, id: StateId) {
        overwrite(&mut self.here, self.registry.get(id));
        self.system.find_applicable(&self.here, &mut self.scratch);
        let applicable = std::mem::take(&mut self.scratch.applicable);
        for &operator in &applicable {
            let Self { system, registry, here, there, scratch, .. } = &mut *self;
            system.apply_basics(operator, here, there);
            let (target, _) = registry.intern_after(system, operator, there, scratch);
            self.edges.push((operator, target));
        }
        self.scratch.applicable = applicable;
        self.edges_at.push(self.edges.len());
    }

    /// A cheapest way from the initial state to a goal state over the transitions seen (Dijkstra
    /// 1959).
    fn cheapest(&self) -> Option<Vec<OperatorId>> {
        let none = Node { g: u32::MAX, parent: 0, by: NO_OPERATOR, closed: false };
        let mut nodes = vec![none; self.registry.len()];
        nodes[0].g = 0;
        let mut open = BucketQueue::default();
        open.push(0, 0, 0);
        while let Some((_, id)) = open.pop() {
            let node = nodes[id as usize];
            if std::mem::replace(&mut nodes[id as usize].closed, true) {
                continue;
            }
            if self.system.is_goal(self.registry.get(id)) {
                return Some(way_to(id, |id| (nodes[id as usize].parent, nodes[id as usize].by)));
            }
            let Some(&end) = self.edges_at.get(id as usize + 1) else { continue };
            for &(by, target) in &self.edges[self.edges_at[id as usize]..end] {
                let g = node.g.saturating_add(self.system.cost(by));
                if g < nodes[target as usize].g {
                    nodes[target as usize] = Node { g, parent: id, by, closed: false };
                    open.push(g, 0, target);
                }
            }
        }
        None
    }

    fn bytes(&self) -> usize {
        self.registry.bytes() + self.edges.capacity() * size_of::<(OperatorId, StateId)>()
    }
}
