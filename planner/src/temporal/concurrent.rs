//! Search over starts and ends that keeps to orders which the durations allow.
//!
//! Forward search in which every path carries a simple temporal network, as in CRIKEY (Coles, Fox,
//! Long & Smith 2008) and in the compilation with temporal constraints of Jiménez, Jonsson & Palacios
//! (2015, "Temporal planning with required concurrency using classical planning"): a state whose path
//! cannot be scheduled is dropped.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    ops::ControlFlow,
    time::Duration,
};

use ergon_vocab::{ActionId, Clock, GroundAction, Limit};

use super::{
    compile::Compiled,
    event::{Event, Phase, events},
    network::Ticks,
    plan::TemporalPlan,
    schedule::Schedule,
};
use crate::{
    Budget, GroundTask, Report, Task,
    heuristics::{CostType, Ff, Heuristic},
    search::{OperatorId, Scratch, TransitionSystem},
};

/// How the search ended.
pub(super) enum Ending {
    /// The receiver of plans wanted no more.
    Stopped,
    /// Nothing is left. States with less time left than others like them have been left out.
    Exhausted,
    /// A limit was hit.
    OutOf(Limit),
}

/// Estimates first, then how long the path takes; of equals the first.
type Key = (u32, Ticks, u32);

struct Node {
    state: Box<[u64]>,
    parent: u32,
    by: OperatorId,
}

/// Path times by which states with the same facts compare: the time each running action has run,
/// and the length of the path where short plans are wanted.
type Ages = Vec<Ticks>;

/// A problem split into starts and ends, and how far to search.
pub(super) struct Concurrent<'c> {
    pub(super) task: &'c Task,
    pub(super) split: &'c Compiled,
    pub(super) budget: Budget<'c>,
    pub(super) clock: &'c dyn Clock,
    /// Only plans shorter than this are of interest, ticks.
    pub(super) bound: Option<Ticks>,
}

struct Run<'s> {
    system: &'s TransitionSystem<'s>,
    ground: &'s GroundTask,
    heuristic: Ff<'s>,
    nodes: Vec<Node>,
    open: BinaryHeap<Reverse<Key>>,
    seen: BTreeMap<Box<[u64]>, Vec<Ages>>,
    scratch: Scratch,
    report: Report,
    bound: Option<Ticks>,
}

impl Concurrent<'_> {
    /// Hands out plans, each shorter than the one before.
    pub(super) fn run(
        &self,
        on_plan: &mut dyn FnMut(TemporalPlan) -> ControlFlow<()>,
    ) -> (Ending, Report) {
        let start = self.clock.now();
        let (task, limits) = (&self.split.task, &self.budget.limits);
        let ground =
            GroundTask::within(task, task.init(), task.values(), task.goal(), limits, self.clock);
        let ground = match ground {
            Ok(ground) if ground.hopeless => return (Ending::Exhausted, Report::default()),
            Ok(ground) => ground,
            Err(limit) => return (Ending::OutOf(limit), Report::default()),
        };
        let system = TransitionSystem::new(&ground);
        let mut run = Run {
            system: &system,
            ground: &ground,
            heuristic: Ff::new(&system, CostType::PlusOne),
            nodes: vec![],
            open: BinaryHeap::new(),
            seen: BTreeMap::new(),
            scratch: Scratch::default(),
            report: Report::default(),
            bound: self.bound,
        };
        run.enter(system.init().into(), 0, 0, OperatorId::MAX);
        let ending = self.search(&mut run, start, on_plan);
        run.report.states = run.nodes.len() as u64;
        run.report.search_time = self.clock.now().saturating_sub(start);
        (ending, run.report)
    }

    fn search(
        &self,
        run: &mut Run<'_>,
        start: Duration,
        on_plan: &mut dyn FnMut(TemporalPlan) -> ControlFlow<()>,
    ) -> Ending {
        while let Some(Reverse((h, guess, id))) = run.open.pop() {
            if let Some(limit) = self.halt(run, start) {
                return Ending::OutOf(limit);
            }
            let path = run.path(id);
            let Some(events) = events(self.task, self.split, &path) else { continue };
            run.report.evaluated += 1;
            let Some(schedule) = Schedule::of(self.task, &events) else { continue };
            let makespan = schedule.makespan(&events);
            if run.bound.is_some_and(|bound| makespan >= bound) {
                continue;
            }
            if makespan > guess {
                run.open.push(Reverse((h, makespan, id)));
                continue;
            }
            if run.system.is_goal(&run.nodes[id as usize].state) {
                run.bound = Some(makespan);
                if on_plan(schedule.plan(&events)).is_break() {
                    return Ending::Stopped;
                }
                continue;
            }
            let mut ages = ages(&events, &schedule);
            ages.extend(run.bound.map(|_| makespan));
            if run.is_new(id, ages) {
                run.expand(id, makespan);
            }
        }
        Ending::Exhausted
    }

    fn halt(&self, run: &Run<'_>, start: Duration) -> Option<Limit> {
        let limits = &self.budget.limits;
        if self.budget.is_cancelled() {
            return Some(Limit::Cancelled);
        }
        if run.report.evaluated >= limits.expansions {
            return Some(Limit::Expansions);
        }
        let node = size_of::<Node>() + 2 * 8 * run.system.words() + size_of::<Reverse<Key>>();
        let bytes = || (run.nodes.len() * node + run.ground.bytes()) as u64;
        limits.exceeded(self.clock.now().saturating_sub(start), bytes)
    }
}

impl Run<'_> {
    fn enter(&mut self, state: Box<[u64]>, makespan: Ticks, parent: u32, by: OperatorId) {
        self.report.generated += 1;
        let Some(h) = self.heuristic.estimate(&state) else {
            self.report.dead_ends += 1;
            return;
        };
        let id = self.nodes.len() as u32;
        self.nodes.push(Node { state, parent, by });
        self.open.push(Reverse((h, makespan, id)));
    }

    /// Whether no state with the same facts has been expanded that leaves as much time.
    fn is_new(&mut self, id: u32, ages: Ages) -> bool {
        let known = self.seen.entry(self.nodes[id as usize].state.clone()).or_default();
        let dominates =
            |old: &Ages| old.len() == ages.len() && old.iter().zip(&ages).all(|(o, a)| o <= a);
        if known.iter().any(dominates) {
            return false;
        }
        known.push(ages);
        true
    }

    fn expand(&mut self, id: u32, makespan: Ticks) {
        self.report.expanded += 1;
        let here = self.nodes[id as usize].state.clone();
        self.system.find_applicable(&here, &mut self.scratch);
        let applicable = std::mem::take(&mut self.scratch.applicable);
        for &operator in &applicable {
            let mut there = here.clone();
            self.system.apply(operator, &here, &mut there, &mut self.scratch);
            self.enter(there, makespan, id, operator);
        }
        self.scratch.applicable = applicable;
    }

    fn path(&self, mut id: u32) -> Vec<GroundAction> {
        let mut path = vec![];
        while self.nodes[id as usize].by != OperatorId::MAX {
            let node = &self.nodes[id as usize];
            let operator = &self.ground.operators[node.by as usize];
            let (schema, args) = (ActionId(operator.schema), operator.args.clone());
            path.push(GroundAction { schema, args });
            id = node.parent;
        }
        path.reverse();
        path
    }
}

/// How long each running action has run, in the order of the actions.
fn ages(events: &[Event], schedule: &Schedule) -> Ages {
    let now = schedule.times.iter().copied().max().unwrap_or(0);
    let running = |i: &usize| events[*i].phase == Phase::Start && schedule.ends[*i].is_none();
    let mut running: Vec<usize> = (0..events.len()).filter(running).collect();
    running.sort_by_key(|&i| (events[i].schema, &events[i].args));
    running.into_iter().map(|i| now - schedule.times[i]).collect()
}
