//! Plan repair: as much of the old plan as is no worse than planning anew (plan stability, Fox,
//! Gerevini, Long & Serina 2006, "Plan stability: replanning versus plan repair").
//!
//! The search is the caller's; here it is decided what to search for and which result to take.

use std::cmp::Reverse;

use ergon_vocab::{Limit, Literal, Plan, PlanStep, State};

use super::{Monitor, eliminate_redundant};

/// How far the execution of a plan has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The step of that index is the next to begin.
    Before(usize),
    /// The step of that index is under way and will be completed. Its effects are not yet in the
    /// state.
    During(usize),
}

/// A plan that leads from the present state to the goal, with as much of the old plan as does no
/// harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// The plan. If an action is under way it is the first.
    pub plan: Plan,
    /// How it differs from the rest of the old plan.
    pub kind: RepairKind,
}

/// What a repair has made of the old plan, the action under way left aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepairKind {
    /// The rest of the old plan works as it is.
    Kept,
    /// Another tail of the old plan works.
    TailReused {
        /// Where it begins in the old plan; the number of steps if nothing is left to do.
        from: usize,
    },
    /// New steps, then a tail of the old plan.
    Prefixed {
        /// Number of new steps.
        steps: usize,
        /// Where the tail begins in the old plan.
        from: usize,
    },
    /// Nothing of the old plan is left.
    Replanned,
}

/// How a repair ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RepairOutcome {
    /// With a plan.
    Repaired(Repair),
    /// Proven: no plan exists. The text says what was found out, for people.
    Unsolvable(String),
    /// A limit was hit before either was known.
    OutOf(Limit),
}

/// States on the way back to the old plan that are searched for.
const BRIDGES: usize = 2;

/// An old plan beside the present state.
pub(crate) struct Mender<'p> {
    old: &'p Plan,
    goal: &'p [Literal],
    running: Option<&'p PlanStep>,
    /// The step that follows by the old plan.
    next: usize,
    /// The state once the action under way has ended.
    pub(crate) state: State,
    monitor: Monitor,
    /// Cost of the tail from each step on; `None` if a step in it is forbidden.
    tail_costs: Vec<Option<u64>>,
    /// The cheapest rest of a plan found so far, with its cost.
    best: Option<(u64, Plan)>,
}

impl<'p> Mender<'p> {
    /// Looks at the old plan. `weigh` tells the present cost of a step, `None` if it is forbidden.
    pub(crate) fn new(
        old: &'p Plan,
        progress: Progress,
        state: &State,
        goal: &'p [Literal],
        weigh: &impl Fn(&PlanStep) -> Option<u64>,
    ) -> Self {
        let (running, next) = match progress {
            Progress::Before(step) => (None, step.min(old.steps.len())),
            Progress::During(step) => (old.steps.get(step), (step + 1).min(old.steps.len())),
        };
        let mut state = state.clone();
        if let Some(step) = running {
            step.apply(&mut state);
        }
        let mut tail_costs = vec![Some(0u64)];
        let mut sum = Some(0u64);
        for step in old.steps.iter().rev() {
            sum = sum.and_then(|sum| Some(sum.saturating_add(weigh(step)?)));
            tail_costs.push(sum);
        }
        tail_costs.reverse();
        let monitor = Monitor::new(old, goal);
        let mut mender = Self { old, goal, running, next, state, monitor, tail_costs, best: None };
        let tail = mender.monitor.shortest_tail(&mender.state);
        if let Some((from, cost)) = tail.and_then(|from| Some((from, mender.tail_costs[from]?))) {
            mender.best = Some((cost, Plan { steps: old.steps[from..].to_vec() }));
        }
        mender
    }

    /// Whether a rest of a plan is known, and no other can be cheaper.
    pub(crate) fn is_settled(&self) -> bool {
        self.best.as_ref().is_some_and(|(cost, _)| *cost == 0)
    }

    /// Whether a rest of a plan is known.
    pub(crate) fn is_solved(&self) -> bool {
        self.best.is_some()
    }

    /// Whether the best rest known is all of the old plan.
    pub(crate) fn is_all_old(&self) -> bool {
        self.best.as_ref().is_some_and(|(_, plan)| self.common_tail(plan) == plan.steps.len())
    }

    /// Tails of the old plan that are worth a search for a way to them, best first: those of which
    /// the fewest literals are missing, and of these the shortest. Each with its condition and what
    /// a way there may cost to be of use.
    pub(crate) fn bridges(&self) -> Vec<(usize, Vec<Literal>)> {
        let missing = self.monitor.missing(&self.state);
        let mut tails: Vec<(u32, Reverse<usize>)> = (self.monitor.sound_from()
            ..self.old.steps.len())
            .filter(|&from| missing[from] > 0 && self.is_of_use(from))
            .map(|from| (missing[from], Reverse(from)))
            .collect();
        tails.sort_unstable();
        let conditions = tails.into_iter().take(BRIDGES).filter_map(|(_, Reverse(from))| {
            let condition = self.monitor.condition(from)?;
            Some((from, condition))
        });
        conditions.collect()
    }

    /// Whether a tail may be part of a plan that is no worse than the best known.
    pub(crate) fn is_of_use(&self, from: usize) -> bool {
        match (&self.best, self.tail_costs[from]) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some((best, _)), Some(cost)) => cost <= *best,
        }
    }

    /// Takes note of a way from the state to the condition of a tail.
    pub(crate) fn add_bridge(
        &mut self,
        way: Plan,
        from: usize,
        weigh: &impl Fn(&PlanStep) -> Option<u64>,
    ) {
        let mut plan = way;
        plan.steps.extend_from_slice(&self.old.steps[from..]);
        self.add(eliminate_redundant(&plan, &self.state, self.goal), weigh);
    }

    /// Takes note of a way from the state to the goal.
    pub(crate) fn add(&mut self, plan: Plan, weigh: &impl Fn(&PlanStep) -> Option<u64>) {
        let cost = plan.steps.iter().try_fold(0u64, |sum, s| Some(sum.saturating_add(weigh(s)?)));
        let Some(cost) = cost else { return };
        let kept = |plan: &Plan| self.common_tail(plan);
        let better = match &self.best {
            None => true,
            Some((best, old)) => (cost, Reverse(kept(&plan))) < (*best, Reverse(kept(old))),
        };
        if better {
            self.best = Some((cost, plan));
        }
    }

    /// Number of last steps that a plan has in common with the old one.
    fn common_tail(&self, plan: &Plan) -> usize {
        let pairs = self.old.steps.iter().rev().zip(plan.steps.iter().rev());
        pairs.take_while(|(a, b)| a.action == b.action).count()
    }

    /// The best plan found.
    pub(crate) fn finish(self) -> Option<Repair> {
        let (_, rest) = self.best.as_ref()?;
        let kept = self.common_tail(rest);
        let (steps, from) = (rest.steps.len() - kept, self.old.steps.len() - kept);
        let kind = match (steps, kept) {
            (0, _) if from == self.next => RepairKind::Kept,
            (0, _) => RepairKind::TailReused { from },
            (_, 0) => RepairKind::Replanned,
            _ => RepairKind::Prefixed { steps, from },
        };
        let running = self.running.cloned();
        let rest = self.best.map(|(_, plan)| plan.steps).unwrap_or_default();
        Some(Repair { plan: Plan { steps: running.into_iter().chain(rest).collect() }, kind })
    }
}
