//! Makes a plan cheaper without searching anew.

use std::ops::Range;

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

/// States around plans, to find short cuts through them (plan neighborhood graph search, ibid.).
pub(super) struct Neighborhood<'s> {
    system: &'s TransitionSystem<'s>,
    registry: Registry,
    known: Vec<Known>,
    /// Transitions from the expanded states: operator and target.
    edges: Vec<(OperatorId, StateId)>,
    /// Where those of each expanded state begin, and where the last ones end.
    edges_at: Vec<usize>,
    /// How many times short cuts have been looked for.
    looks: u32,
    scratch: Scratch,
    here: Vec<u64>,
    there: Vec<u64>,
}

/// What is known of a state.
#[derive(Clone, Copy)]
struct Known {
    /// Its index among the expanded states, or [`UNEXPANDED`].
    expansion: u32,
    /// The look that met it last.
    look: u32,
}

const UNEXPANDED: u32 = u32::MAX;

impl<'s> Neighborhood<'s> {
    /// Of plans for a system.
    pub(super) fn new(system: &'s TransitionSystem<'s>) -> Self {
        Self {
            system,
            registry: Registry::new(system),
            known: vec![],
            edges: vec![],
            edges_at: vec![0],
            looks: 0,
            scratch: Scratch::default(),
            here: vec![],
            there: vec![0; system.words()],
        }
    }

    /// Expands the states around a plan, nearest first, until so many more transitions have been seen, and
    /// returns a cheapest way to the goal through all that have been. Nothing if it is no cheaper than the
    /// plan.
    pub(super) fn shortcut(
        &mut self,
        path: &[OperatorId],
        generated: u64,
        guard: &mut Guard<'_>,
    ) -> Result<Option<Vec<OperatorId>>, Limit> {
        self.looks += 1;
        let mut near = self.states_of(path);
        let enough = (self.edges.len() as u64).saturating_add(generated);
        let mut at = 0;
        while at < near.len() && (self.edges.len() as u64) < enough {
            if let Some(limit) = guard.halt(1, || self.bytes()) {
                return Err(limit);
            }
            self.expand(near[at]);
            for edge in self.edges_of(near[at]) {
                self.meet(self.edges[edge].1, &mut near);
            }
            at += 1;
        }
        let found = self.cheapest();
        let cheaper = |found: &Vec<OperatorId>| cost(self.system, found) < cost(self.system, path);
        Ok(found.filter(cheaper))
    }

    /// The states along a plan.
    fn states_of(&mut self, path: &[OperatorId]) -> Vec<StateId> {
        let mut states = vec![];
        self.here = self.system.init().to_vec();
        let (init, _) = self.registry.intern(&self.here);
        self.meet(init, &mut states);
        for &operator in path {
            self.system.apply(operator, &self.here, &mut self.there, &mut self.scratch);
            std::mem::swap(&mut self.here, &mut self.there);
            let (id, _) = self.registry.intern(&self.here);
            self.meet(id, &mut states);
        }
        states
    }

    /// Puts a state with those met in this look, unless it is there.
    fn meet(&mut self, id: StateId, near: &mut Vec<StateId>) {
        if self.known.len() <= id as usize {
            self.known.resize(id as usize + 1, Known { expansion: UNEXPANDED, look: 0 });
        }
        if std::mem::replace(&mut self.known[id as usize].look, self.looks) != self.looks {
            near.push(id);
        }
    }

    /// Where the transitions from a state are, nowhere if it is not expanded.
    fn edges_of(&self, id: StateId) -> Range<usize> {
        match self.known.get(id as usize) {
            Some(&Known { expansion, .. }) if expansion != UNEXPANDED => {
                self.edges_at[expansion as usize]..self.edges_at[expansion as usize + 1]
            }
            _ => 0..0,
        }
    }

    fn expand(&mut self, id: StateId) {
        if self.known[id as usize].expansion != UNEXPANDED {
            return;
        }
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
        self.known[id as usize].expansion = self.edges_at.len() as u32 - 1;
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
            for &(by, target) in &self.edges[self.edges_of(id)] {
                let g = node.g.saturating_add(self.system.cost(by));
                if g < nodes[target as usize].g {
                    nodes[target as usize] = Node { g, parent: id, by, closed: false };
                    open.push(g, 0, target);
                }
            }
        }
        None
    }

    /// Memory held, bytes, and what the search through it takes.
    fn bytes(&self) -> usize {
        let a_state = size_of::<Known>() + size_of::<StateId>() + size_of::<Node>();
        self.registry.bytes()
            + self.edges.capacity() * size_of::<(OperatorId, StateId)>()
            + self.known.capacity() * a_state
            + self.edges_at.capacity() * size_of::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use ergon_vocab::dummy::StoppedClock;

    use super::*;
    use crate::{Budget, GroundTask, Limits};

    /// The first way to the goal, depth first: a long one.
    fn wandering(system: &TransitionSystem<'_>) -> Vec<OperatorId> {
        let mut registry = Registry::new(system);
        let (mut path, mut states) = (vec![], vec![registry.intern(system.init()).0]);
        let (mut scratch, mut there) = (Scratch::default(), system.init().to_vec());
        loop {
            let here = registry.get(*states.last().expect("there is a way")).to_vec();
            if system.is_goal(&here) {
                return path;
            }
            system.find_applicable(&here, &mut scratch);
            let choices = std::mem::take(&mut scratch.applicable);
            let step = choices.into_iter().rev().find_map(|operator| {
                system.apply(operator, &here, &mut there, &mut scratch);
                let (id, new) = registry.intern(&there);
                new.then_some((operator, id))
            });
            match step {
                Some((operator, id)) => {
                    path.push(operator);
                    states.push(id);
                }
                None => {
                    path.pop();
                    states.pop();
                }
            }
        }
    }

    fn leads_to_the_goal(system: &TransitionSystem<'_>, path: &[OperatorId]) -> bool {
        let (mut here, mut there) = (system.init().to_vec(), system.init().to_vec());
        let mut scratch = Scratch::default();
        for &operator in path {
            assert!(system.is_applicable(operator, &here), "{operator} of {path:?}");
            system.apply(operator, &here, &mut there, &mut scratch);
            std::mem::swap(&mut here, &mut there);
        }
        system.is_goal(&here)
    }

    #[test]
    fn short_cuts_are_ways_to_the_goal_and_end_in_a_cheapest_one() {
        let ground = GroundTask::parsed(
            include_str!("../../../domains/hanoi/domain.pddl"),
            include_str!("../../../domains/hanoi/p03.pddl"),
        );
        let system = TransitionSystem::new(&ground);
        let (clock, budget) = (StoppedClock::default(), Budget::new(Limits::NONE));
        let mut guard = Guard::new(&clock, &budget, 0);

        let mut path = wandering(&system);
        assert!(path.len() > 14, "{path:?}");
        let mut around = Neighborhood::new(&system);
        for _ in 0..50 {
            if let Some(shorter) = around.shortcut(&path, 10, &mut guard).expect("no limit") {
                assert!(leads_to_the_goal(&system, &shorter));
                assert!(shorter.len() < path.len());
                path = shorter;
            }
        }
        assert_eq!(path.len(), 14, "seven times a disc is picked and placed: {path:?}");
        assert_eq!(around.shortcut(&path, u64::MAX, &mut guard), Ok(None));
        let states = around.registry.len();
        assert_eq!(around.edges_at.len(), states + 1, "each state is expanded once");
    }
}
