//! Landmarks: what every plan must make true, and the heuristic that counts what is left of it.

mod discover;
mod orders;

use crate::{
    heuristics::{
        Estimator, Heuristic, Properties,
        relaxation::{CostType, Proposition, Relaxation},
    },
    search::{OperatorId, TransitionSystem},
};

/// A landmark of a task: in every plan one of the propositions is true at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Landmark {
    /// Ascending; one for most.
    pub(crate) any_of: Vec<Proposition>,
    /// Whether it must be true in the end.
    pub(crate) goal: bool,
}

/// Landmarks and the orders between them, as indices.
#[derive(Clone, Debug, Default)]
pub(crate) struct LandmarkGraph {
    pub(crate) landmarks: Vec<Landmark>,
    /// `(a, b)`: a is true immediately before b is made true for the first time.
    pub(crate) greedy_necessary: Vec<(u32, u32)>,
    /// `(a, b)`: a plan that makes b true before a has to make b true again.
    pub(crate) reasonable: Vec<(u32, u32)>,
}

impl LandmarkGraph {
    /// Finds landmarks of the initial state; fewer where that takes much work.
    pub(crate) fn of(system: &TransitionSystem<'_>, relaxation: &Relaxation) -> Self {
        let mut graph = discover::landmarks(system, relaxation);
        orders::add_reasonable(&mut graph, system, relaxation);
        graph
    }
}

/// Number of landmarks that a state has still to make true or to make true again, given the way by
/// which it was reached.
#[derive(Clone, Debug)]
pub struct LandmarkCount<'s> {
    system: &'s TransitionSystem<'s>,
    relaxation: Relaxation,
    graph: LandmarkGraph,
    /// For each landmark, those that need it to be true right before.
    needed_by: Vec<Vec<u32>>,
    /// For each landmark, those that had better be reached before.
    better_before: Vec<Vec<u32>>,
    words: usize,
    /// A bit for each landmark, set if it is part of the goal.
    goals: Vec<u64>,
    /// For each state, a bit for each landmark that has been reached on all ways to it.
    past: Vec<u64>,
    known: Vec<bool>,
    /// The state looked at last, and the truth of each landmark in it.
    looked_at: Option<u32>,
    holds: Vec<u64>,
    /// Buffers.
    now: Vec<u64>,
    fresh: Vec<u64>,
}

impl<'s> LandmarkCount<'s> {
    /// For a transition system. Finds the landmarks first.
    pub fn new(system: &'s TransitionSystem<'s>) -> Self {
        let relaxation = Relaxation::new(system, CostType::One);
        let graph = LandmarkGraph::of(system, &relaxation);
        let count = graph.landmarks.len();
        let (mut needed_by, mut better_before) = (vec![vec![]; count], vec![vec![]; count]);
        for &(a, b) in &graph.greedy_necessary {
            needed_by[a as usize].push(b);
        }
        for &(a, b) in &graph.reasonable {
            better_before[b as usize].push(a);
        }
        let words = count.div_ceil(64).max(1);
        let mut goals = vec![0; words];
        for i in (0..count).filter(|&i| graph.landmarks[i].goal) {
            goals[i / 64] |= 1 << (i % 64);
        }
        let mut heuristic = Self {
            system,
            relaxation,
            graph,
            needed_by,
            better_before,
            words,
            goals,
            past: vec![],
            known: vec![],
            looked_at: None,
            holds: vec![0; words],
            now: vec![0; words],
            fresh: vec![0; words],
        };
        heuristic.look(system.init());
        heuristic.enter(0);
        heuristic
    }

    /// Number of landmarks found.
    pub fn len(&self) -> usize {
        self.graph.landmarks.len()
    }

    /// Whether no landmark was found.
    pub fn is_empty(&self) -> bool {
        self.graph.landmarks.is_empty()
    }

    /// Notes which landmarks hold in a state.
    fn look(&mut self, state: &[u64]) {
        self.holds.fill(0);
        for (i, landmark) in self.graph.landmarks.iter().enumerate() {
            let mut any = landmark.any_of.iter();
            if any.any(|&p| self.relaxation.is_true(p, self.system, state)) {
                self.holds[i / 64] |= 1 << (i % 64);
            }
        }
    }

    /// Notes which landmarks hold in a state of the search, unless that has just been done.
    fn look_at(&mut self, id: u32, state: &[u64]) {
        if self.looked_at.replace(id) != Some(id) {
            self.look(state);
        }
    }

    /// Sets what is past in the state looked at, where `now` is what was past before.
    fn enter(&mut self, id: u32) {
        let at = id as usize * self.words;
        if self.known.len() <= id as usize {
            self.known.resize(id as usize + 1, false);
            self.past.resize(at + self.words, 0);
        }
        let Self { now, fresh, holds, better_before, .. } = self;
        for ((now, fresh), holds) in now.iter_mut().zip(&mut *fresh).zip(&*holds) {
            *fresh = holds & !*now;
            *now |= holds;
        }
        // A landmark that had better wait for another does not count until the other has been.
        for i in ones(fresh.iter().copied()) {
            if better_before[i].iter().any(|&earlier| !bit(now, earlier as usize)) {
                now[i / 64] &= !(1 << (i % 64));
            }
        }
        let known = std::mem::replace(&mut self.known[id as usize], true);
        let past = &mut self.past[at..at + self.words];
        for (past, &now) in past.iter_mut().zip(&self.now) {
            *past = if known { *past & now } else { now };
        }
    }

    fn count(&self, id: u32) -> u32 {
        let past = &self.past[id as usize * self.words..][..self.words];
        let reached: u32 = past.iter().map(|word| word.count_ones()).sum();
        let lost = || past.iter().zip(&self.holds).map(|(past, holds)| past & !holds);
        let goals = lost().zip(&self.goals).map(|(lost, goals)| (lost & goals).count_ones());
        let again: u32 = goals.sum();
        let others = ones(lost().zip(&self.goals).map(|(lost, goals)| lost & !goals));
        let needed = |&i: &usize| self.needed_by[i].iter().any(|&next| !bit(past, next as usize));
        self.graph.landmarks.len() as u32 - reached + again + others.filter(needed).count() as u32
    }
}

fn bit(words: &[u64], i: usize) -> bool {
    words[i / 64] >> (i % 64) & 1 == 1
}

/// The positions of the bits that are set.
fn ones(words: impl Iterator<Item = u64>) -> impl Iterator<Item = usize> {
    words.enumerate().flat_map(|(at, word)| {
        let rest = std::iter::successors(Some(word), |rest| Some(rest & rest.wrapping_sub(1)));
        rest.take_while(|&rest| rest != 0).map(move |rest| at * 64 + rest.trailing_zeros() as usize)
    })
}

impl Heuristic for LandmarkCount<'_> {
    fn properties(&self) -> Properties {
        Properties {
            name: "landmarks",
            paper: "Richter, Helmert & Westphal 2008, Landmarks revisited",
            admissible: false,
            consistent: false,
            safe: true,
        }
    }

    /// Without a way that led to the state: only what holds now is past.
    fn estimate(&mut self, state: &[u64]) -> Option<u32> {
        self.looked_at = None;
        self.look(state);
        let holds = self.holds.iter().map(|w| w.count_ones()).sum::<u32>();
        Some(self.graph.landmarks.len() as u32 - holds)
    }

    fn table_bytes(&self) -> usize {
        let lists = self.needed_by.iter().chain(&self.better_before);
        let orders: usize = lists.map(|list| size_of_val(list) + size_of_val(&**list)).sum();
        let graph = &self.graph;
        self.relaxation.bytes()
            + orders
            + graph.landmarks.len() * size_of::<Landmark>()
            + (graph.greedy_necessary.len() + graph.reasonable.len()) * size_of::<(u32, u32)>()
    }
}

impl Estimator for LandmarkCount<'_> {
    fn estimate_and_prefer(&mut self, state: &[u64], _: &mut Vec<OperatorId>) -> Option<u32> {
        self.estimate(state)
    }

    fn estimate_and_prefer_at(
        &mut self,
        id: u32,
        state: &[u64],
        _: &mut Vec<OperatorId>,
    ) -> Option<u32> {
        self.look_at(id, state);
        Some(self.count(id))
    }

    fn transition(&mut self, from: u32, to: u32, state: &[u64]) {
        self.look_at(to, state);
        self.now.copy_from_slice(&self.past[from as usize * self.words..][..self.words]);
        self.enter(to);
    }

    fn bytes(&self) -> usize {
        self.past.capacity() * size_of::<u64>() + self.known.capacity()
    }
}
