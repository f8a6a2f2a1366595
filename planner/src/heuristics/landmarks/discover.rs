//! Finds landmarks: a fact is one if the goal is out of reach in the delete relaxation without it
//! (Hoffmann, Porteous & Sebastia 2004, "Ordered landmarks in planning"). Each candidate is taken
//! away and the relaxation explored; only facts of one relaxed plan can be landmarks, so few are
//! tried. The same exploration tells who can make the fact true first, and with that which facts
//! come right before it, and disjunctive landmarks (Richter, Helmert & Westphal 2008).

use std::collections::BTreeMap;

use super::{Landmark, LandmarkGraph};
use crate::{
    heuristics::{
        Estimator, Ff,
        relaxation::{CostType, Proposition, Relaxation},
    },
    search::TransitionSystem,
};

/// Most facts of a disjunctive landmark; larger ones say little.
const MAX_ANY_OF: usize = 4;

/// Bound on the work of finding landmarks: explorations times the size of the relaxation.
const MAX_WORK: usize = 400_000_000;

/// Exploration of the relaxation without some propositions.
struct Explorer<'r> {
    relaxation: &'r Relaxation,
    needs: Vec<u32>,
    missing: Vec<u32>,
    reached: Vec<bool>,
    forbidden: Vec<bool>,
    initial: Vec<Proposition>,
    stack: Vec<Proposition>,
}

impl<'r> Explorer<'r> {
    fn new(system: &TransitionSystem<'_>, relaxation: &'r Relaxation) -> Self {
        let mut initial = vec![];
        relaxation.for_each_true(system, system.init(), |p| initial.push(p));
        let needs = relaxation.needs();
        Self {
            relaxation,
            missing: needs.clone(),
            needs,
            reached: vec![false; relaxation.propositions],
            forbidden: vec![false; relaxation.propositions],
            initial,
            stack: vec![],
        }
    }

    /// Whether the goal is reached without ever making any of `without` true.
    fn reaches_goal(&mut self, without: &[Proposition]) -> bool {
        without.iter().for_each(|&p| self.forbidden[p as usize] = true);
        self.reached.fill(false);
        self.missing.copy_from_slice(&self.needs);
        for i in 0..self.initial.len() {
            self.reach(self.initial[i]);
        }
        while let Some(proposition) = self.stack.pop() {
            for &operator in self.relaxation.needed_by.get(proposition) {
                let missing = &mut self.missing[operator as usize];
                *missing -= 1;
                if *missing == 0 {
                    self.relaxation.effects.get(operator).iter().for_each(|&e| self.reach(e));
                }
            }
        }
        without.iter().for_each(|&p| self.forbidden[p as usize] = false);
        self.reached[self.relaxation.goal as usize]
    }

    fn reach(&mut self, proposition: Proposition) {
        let i = proposition as usize;
        if !self.reached[i] && !self.forbidden[i] {
            self.reached[i] = true;
            self.stack.push(proposition);
        }
    }

    /// After an exploration, the operators that add one of the propositions and were applicable.
    fn first_achievers(&self, added_by: &AddedBy, of: &[Proposition]) -> Vec<u32> {
        let adders = of.iter().flat_map(|&p| added_by.get(p));
        let mut first: Vec<u32> =
            adders.copied().filter(|&o| self.missing[o as usize] == 0).collect();
        first.sort_unstable();
        first.dedup();
        first
    }
}

type AddedBy = crate::heuristics::relaxation::Lists;

struct Discovery<'r, 's> {
    system: &'s TransitionSystem<'s>,
    relaxation: &'r Relaxation,
    explorer: Explorer<'r>,
    added_by: AddedBy,
    true_at_first: Vec<bool>,
    /// The landmark that each proposition alone is.
    simple: BTreeMap<Proposition, u32>,
    graph: LandmarkGraph,
}

/// Landmarks with their greedy-necessary orders.
pub(super) fn landmarks(system: &TransitionSystem<'_>, relaxation: &Relaxation) -> LandmarkGraph {
    let mut explorer = Explorer::new(system, relaxation);
    if !explorer.reaches_goal(&[]) {
        return LandmarkGraph::default();
    }
    let mut true_at_first = vec![false; relaxation.propositions];
    explorer.initial.iter().for_each(|&p| true_at_first[p as usize] = true);
    let mut discovery = Discovery {
        system,
        relaxation,
        added_by: relaxation.effects.inverted(relaxation.propositions),
        explorer,
        true_at_first,
        simple: BTreeMap::new(),
        graph: LandmarkGraph::default(),
    };
    discovery.run();
    discovery.graph
}

impl Discovery<'_, '_> {
    fn run(&mut self) {
        let size = self.relaxation.operators() + self.relaxation.propositions;
        let mut work = 0;
        let goals: Vec<Proposition> = self.goals();
        goals.iter().for_each(|&p| {
            self.add_simple(p, true);
        });
        let mut at = 0;
        let mut candidates = self.candidates().into_iter().filter(|p| !goals.contains(p));
        // Landmarks first, for their first achievers; then candidates that are not landmarks yet.
        loop {
            work += size;
            if work > MAX_WORK {
                return;
            }
            if let Some(landmark) = self.graph.landmarks.get(at) {
                let any_of = landmark.any_of.clone();
                if !any_of.iter().any(|&p| self.true_at_first[p as usize]) {
                    self.explorer.reaches_goal(&any_of);
                    self.look_before(at as u32, &any_of);
                }
                at += 1;
            } else if let Some(candidate) = candidates.next() {
                if self.simple.contains_key(&candidate) {
                    continue;
                }
                if !self.explorer.reaches_goal(&[candidate]) {
                    self.add_simple(candidate, false);
                    self.look_before(at as u32, &[candidate]);
                    at += 1;
                }
            } else {
                return;
            }
        }
    }

    fn goals(&self) -> Vec<Proposition> {
        let last = self.relaxation.operators() as u32 - 1;
        let mut goals = self.relaxation.preconditions.get(last).to_vec();
        goals.retain(|&p| p != self.relaxation.always);
        goals
    }

    /// Propositions of a relaxed plan that are not true at first; those nearest to the goal first.
    fn candidates(&self) -> Vec<Proposition> {
        let mut ff = Ff::new(self.system, CostType::One);
        ff.estimate_and_prefer(self.system.init(), &mut vec![]);
        ff.relaxed_facts()
    }

    fn add_simple(&mut self, proposition: Proposition, goal: bool) -> u32 {
        if let Some(&known) = self.simple.get(&proposition) {
            return known;
        }
        let id = self.graph.landmarks.len() as u32;
        self.simple.insert(proposition, id);
        self.graph.landmarks.push(Landmark { any_of: vec![proposition], goal });
        id
    }

    /// Right after an exploration without the landmark: what must be true just before it.
    fn look_before(&mut self, landmark: u32, any_of: &[Proposition]) {
        let first = self.explorer.first_achievers(&self.added_by, any_of);
        let Some((&one, others)) = first.split_first() else { return };
        let needs = |operator: u32| self.relaxation.preconditions.get(operator);
        let in_all = |p: &&Proposition| others.iter().all(|&o| needs(o).contains(p));
        let shared: Vec<Proposition> = needs(one).iter().filter(in_all).copied().collect();
        let groups = if others.is_empty() { vec![] } else { self.alternatives(&first, &shared) };
        for proposition in shared {
            if proposition != self.relaxation.always {
                let before = self.add_simple(proposition, false);
                self.graph.greedy_necessary.push((before, landmark));
            }
        }
        for any_of in groups {
            self.add_disjunctive(any_of, landmark);
        }
    }

    /// Sets of facts of one predicate, of which every operator needs one.
    fn alternatives(&self, operators: &[u32], shared: &[Proposition]) -> Vec<Vec<Proposition>> {
        let atoms = &self.system.task().atoms;
        let mut by_predicate: BTreeMap<u32, (u32, usize, Vec<Proposition>)> = BTreeMap::new();
        for (i, &operator) in operators.iter().enumerate() {
            for &p in self.relaxation.preconditions.get(operator) {
                let Some(atom) = atoms.get(p as usize).filter(|_| !shared.contains(&p)) else {
                    continue;
                };
                let (covered, last, any_of) =
                    by_predicate.entry(atom.predicate.0).or_insert((0, usize::MAX, vec![]));
                *covered += u32::from(std::mem::replace(last, i) != i);
                if any_of.len() <= MAX_ANY_OF && !any_of.contains(&p) {
                    any_of.push(p);
                }
            }
        }
        let good = |(covered, _, mut any_of): (u32, usize, Vec<Proposition>)| {
            any_of.sort_unstable();
            let known =
                |p: &Proposition| self.true_at_first[*p as usize] || self.simple.contains_key(p);
            let useful = covered as usize == operators.len()
                && any_of.len() <= MAX_ANY_OF
                && !any_of.iter().any(known);
            useful.then_some(any_of)
        };
        by_predicate.into_values().filter_map(good).collect()
    }

    fn add_disjunctive(&mut self, any_of: Vec<Proposition>, landmark: u32) {
        let same = self.graph.landmarks.iter().position(|l| l.any_of == any_of);
        let overlaps =
            |l: &Landmark| l.any_of.len() > 1 && l.any_of.iter().any(|p| any_of.contains(p));
        let id = match same {
            Some(id) => id as u32,
            None if self.graph.landmarks.iter().any(overlaps) => return,
            None => {
                self.graph.landmarks.push(Landmark { any_of, goal: false });
                self.graph.landmarks.len() as u32 - 1
            }
        };
        if id != landmark {
            self.graph.greedy_necessary.push((id, landmark));
        }
    }
}
