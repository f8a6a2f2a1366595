//! Temporal planning: plans of durative actions (PDDL 2.1, level 3; Fox & Long 2003).
//!
//! Three attempts, the cheapest first:
//!
//! 1. Every durative action becomes one instant action. The classical planner finds a sequence of
//!    them, and the schedule lets what need not wait run at once. Most robot tasks end here.
//! 2. Every durative action becomes two, its start and its end. Plans in which one action must run
//!    while another does (*required concurrency*; Cushing, Kambhampati, Mausam & Weld 2007) are found
//!    too. The classical planner knows nothing of durations; where they do not allow the order it
//!    found,
//! 3. a search over starts and ends drops orders that the durations do not allow.
//!
//! Where short plans are wanted, the third search then looks for a shorter one for a while. Every
//! plan has passed [`validate`](crate::validate()). What is missing: plans that need happenings at the
//! very same moment, plans in which an action overlaps itself with the same arguments, and changes at
//! given times from outside.

mod compile;
mod concurrent;
mod event;
mod footprint;
mod network;
mod plan;
mod regress;
mod schedule;
#[cfg(test)]
mod tests;

use std::{ops::ControlFlow, time::Duration};

use ergon_vocab::{Clock, GroundAction, Limit, Plan, PlanOutcome};

pub use plan::{TemporalOutcome, TemporalPlan, TemporalStep};

use self::{
    compile::{Compiled, compress, split},
    concurrent::{Concurrent, Ending},
    event::events,
    footprint::mentions_duration,
    network::{Ticks, in_ticks},
    schedule::Schedule,
};
use crate::{
    Budget, Limits, Report, SearchKind, Task, Verdict,
    model::{Comparator, Direction, Expression, Problem, Schema},
    solve::solve_anytime,
    validate::validate,
};

/// States looked at in search of a shorter plan.
const IMPROVEMENT: u64 = 2_000;

/// Solves a problem with durative actions. `search` is that of the classical planner in the first two
/// attempts. Without a metric short plans are preferred; they need not be the shortest.
///
/// ```
/// use ergon_planner::{Budget, Domain, Problem, SearchKind, TemporalOutcome, solve_temporal, validate};
/// use ergon_vocab::dummy::StoppedClock;
///
/// let domain = "(define (domain arms) (:requirements :typing :durative-actions)
///     (:types arm cube) (:predicates (free ?a - arm) (moved ?c - cube))
///     (:durative-action move :parameters (?a - arm ?c - cube) :duration (= ?duration 5)
///         :condition (at start (free ?a))
///         :effect (and (at start (not (free ?a))) (at end (free ?a)) (at end (moved ?c)))))";
/// let problem = "(define (problem two) (:domain arms) (:objects left right - arm c d - cube)
///     (:init (free left) (free right)) (:goal (and (moved c) (moved d))))";
/// let domain = Domain::parse(domain, "domain.pddl")?;
/// let problem = Problem::parse(problem, "problem.pddl", &domain)?;
///
/// let (search, budget, clock) = (SearchKind::Auto, Budget::default(), StoppedClock::default());
/// let (outcome, _) = solve_temporal(&problem, search, &budget, &clock);
/// let TemporalOutcome::Solved(plan) = outcome else { panic!("{outcome}") };
/// assert_eq!((plan.makespan(), plan.total_duration()), (5.0, 10.0));
/// assert!(validate(&problem, &plan.file(problem.symbols())).is_valid());
/// # Ok::<(), ergon_planner::PddlError>(())
/// ```
pub fn solve_temporal(
    problem: &Problem,
    search: SearchKind,
    budget: &Budget<'_>,
    clock: &dyn Clock,
) -> (TemporalOutcome, Report) {
    let task = Task::new(problem);
    let mut solver = Solver {
        problem,
        task: &task,
        search,
        budget: *budget,
        clock,
        start: clock.now(),
        best: None,
        report: Report::default(),
    };
    let outcome = solver.solve();
    (outcome, solver.report)
}

struct Solver<'s> {
    problem: &'s Problem,
    task: &'s Task,
    search: SearchKind,
    budget: Budget<'s>,
    clock: &'s dyn Clock,
    start: Duration,
    /// The best plan so far and the value of its metric.
    best: Option<(f64, TemporalPlan)>,
    report: Report,
}

impl Solver<'_> {
    fn solve(&mut self) -> TemporalOutcome {
        let whole = compress(self.problem, self.task);
        let mut limit = self.classical(&whole).err();
        let halves = split(self.problem, self.task);
        if self.best.is_none() && !self.budget.is_cancelled() {
            match self.classical(&halves) {
                Err(Attempt::Unsolvable(why)) if self.is_exact() => {
                    return TemporalOutcome::Unsolvable(why);
                }
                other => limit = other.err().or(limit),
            }
        }
        if self.best.is_none() {
            match self.concurrent(&halves, None, u64::MAX) {
                Ending::OutOf(limit) => return TemporalOutcome::OutOf(limit),
                Ending::Exhausted | Ending::Stopped => {}
            }
        } else if self.wants_short() {
            self.shorten(&halves);
        }
        match (self.best.take(), limit) {
            (Some((_, plan)), _) => TemporalOutcome::Solved(plan),
            (None, Some(Attempt::OutOf(limit))) => TemporalOutcome::OutOf(limit),
            (None, _) => TemporalOutcome::Unknown(
                "no order of starts and ends that was tried can be scheduled with these durations"
                    .into(),
            ),
        }
    }

    /// Runs the classical planner on half of what is left of the budget.
    fn classical(&mut self, compiled: &Compiled) -> Result<(), Attempt> {
        let left = self.left();
        let half = Limits { time: left.time / 2, expansions: left.expansions.div_ceil(2), ..left };
        let budget = Budget { limits: half, ..self.budget };
        let mut last = None;
        let (outcome, report) =
            solve_anytime(&compiled.task, self.search, &budget, self.clock, &mut |plan, _| {
                self.consider_path(compiled, plan);
                last = Some(plan.clone());
                ControlFlow::Continue(())
            });
        self.count(&report);
        match outcome {
            PlanOutcome::Solved(plan) => {
                if last.as_ref() != Some(&plan) {
                    self.consider_path(compiled, &plan);
                }
                Ok(())
            }
            PlanOutcome::Unsolvable(why) => Err(Attempt::Unsolvable(why)),
            PlanOutcome::OutOf(limit) => Err(Attempt::OutOf(limit)),
        }
    }

    fn consider_path(&mut self, compiled: &Compiled, plan: &Plan) {
        let path: Vec<GroundAction> = plan.steps.iter().map(|s| s.action.clone()).collect();
        if let Some(events) = events(self.task, compiled, &path)
            && let Some(schedule) = Schedule::of(self.task, &events)
        {
            self.consider(schedule.plan(&events));
        }
    }

    /// Keeps a plan if it is valid and better than the best so far. Returns whether it is valid.
    fn consider(&mut self, plan: TemporalPlan) -> bool {
        let file = plan.file(self.problem.symbols());
        let Verdict::Valid { cost } = validate(self.problem, &file) else { return false };
        let cost = match self.problem.metric().map(|m| m.direction) {
            Some(Direction::Maximize) => -cost,
            _ => cost,
        };
        let better = |(known, best): &(f64, TemporalPlan)| {
            (cost, plan.makespan()) < (*known, best.makespan())
        };
        if self.best.as_ref().is_none_or(better) {
            self.best = Some((cost, plan));
        }
        true
    }

    /// Searches over starts and ends for plans shorter than a bound, if there is one, else for any.
    fn concurrent(&mut self, split: &Compiled, bound: Option<Ticks>, most: u64) -> Ending {
        let left = self.left();
        let limits = Limits { expansions: left.expansions.min(most), ..left };
        let budget = Budget { limits, ..self.budget };
        let (task, clock) = (self.task, self.clock);
        let search = Concurrent { task, split, budget, clock, bound };
        let (ending, report) =
            search.run(&mut |plan| match self.consider(plan) && bound.is_none() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            });
        self.count(&report);
        ending
    }

    /// Looks for a shorter plan.
    fn shorten(&mut self, split: &Compiled) {
        let Some((_, best)) = &self.best else { return };
        let longest = best.steps.iter().filter_map(|s| s.duration).fold(0.0, f64::max);
        let bound = in_ticks(best.makespan()).map(|ticks| ticks.round() as Ticks);
        // A plan no longer than one of its actions is short enough.
        if best.makespan() > longest {
            self.concurrent(split, bound, IMPROVEMENT);
        }
    }

    /// Whether the length of the plan is what counts.
    fn wants_short(&self) -> bool {
        self.problem.metric().is_none_or(|metric| {
            metric.direction == Direction::Minimize && metric.expression == Expression::TotalTime
        })
    }

    /// Whether starts and ends without times do all that the original problem can: where a duration
    /// may be chosen and an effect depends on it, they do less.
    fn is_exact(&self) -> bool {
        self.task.schemas().iter().all(|schema| match schema {
            Schema::Instant { .. } => true,
            Schema::Durative(durative) => {
                !mentions_duration(durative)
                    || durative.duration.iter().any(|c| c.comparator == Comparator::Equal)
            }
        })
    }

    /// What is left of the budget.
    fn left(&self) -> Limits {
        let limits = self.budget.limits;
        let spent = self.clock.now().saturating_sub(self.start);
        Limits {
            time: limits.time.saturating_sub(spent),
            expansions: limits.expansions.saturating_sub(self.report.expanded),
            ..limits
        }
    }

    fn count(&mut self, report: &Report) {
        let total = &mut self.report;
        total.expanded += report.expanded;
        total.generated += report.generated;
        total.evaluated += report.evaluated;
        total.reopened += report.reopened;
        total.dead_ends += report.dead_ends;
        total.states += report.states;
        total.peak_bytes = total.peak_bytes.max(report.peak_bytes);
        total.operators = total.operators.max(report.operators);
        total.atoms = total.atoms.max(report.atoms);
        total.ground_time += report.ground_time;
        total.search_time += report.search_time;
    }
}

/// Why an attempt found no plan.
enum Attempt {
    Unsolvable(String),
    OutOf(Limit),
}
