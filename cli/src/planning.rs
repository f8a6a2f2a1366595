//! The seam to the planner: the one file of the command line that knows how the planner is called.

use std::{ops::ControlFlow, path::Path, sync::atomic::AtomicBool, time::Duration};

use ergon_planner::{
    Budget, Domain, GroundTask, Limits, PddlError, Problem, Reading, Report, SearchKind,
    SearchOptions, Task, TemporalOutcome,
    pddl::{self, Source},
    search::UnknownSearch,
    solve_anytime, solve_temporal,
};
use ergon_vocab::{Clock, Limit, Plan, PlanOutcome};

use crate::exit::{Exit, Failure};
use crate::files;

/// By the flag `--lenient`.
pub(crate) fn reading(lenient: bool) -> Reading {
    if lenient { Reading::Lenient } else { Reading::Strict }
}

/// Reads a domain and a problem. What a lenient reader mends is told on standard error.
pub(crate) fn read(domain: &Path, problem: &Path, lenient: bool) -> Result<Problem, Failure> {
    let names = [domain, problem].map(|p| p.display().to_string());
    let bytes = [files::read(domain)?, files::read(problem)?];
    let domain = Source::new(pddl::decode(&bytes[0], &names[0])?, &names[0]);
    let problem = Source::new(pddl::decode(&bytes[1], &names[1])?, &names[1]);
    let (_, problem, warnings) = pddl::read_task(domain, problem, reading(lenient))?;
    warnings.iter().for_each(|w| eprintln!("warning: {w}"));
    Ok(problem)
}

/// Reads a domain alone.
pub(crate) fn read_domain(domain: &Path) -> Result<Domain, Failure> {
    let name = domain.display().to_string();
    let bytes = files::read(domain)?;
    Ok(Domain::parse(pddl::decode(&bytes, &name)?, &name)?)
}

/// Whether the text is right and asks for what the planner does not know.
pub(crate) fn is_unsupported(error: &PddlError) -> bool {
    let known_elsewhere = error.got.contains(", which needs :");
    known_elsewhere || &*error.expected == "a requirement this planner knows"
}

/// A search by its name.
pub(crate) fn search(name: &str) -> Result<SearchKind, Failure> {
    name.parse().map_err(|e: UnknownSearch| {
        Failure::new(Exit::BadInput, e.to_string()).with_hint("name one of these")
    })
}

/// Searches that are raced against peers unless others are named: one that wants a good plan soon, one
/// that wants the cheapest, as far as they are there.
pub(crate) fn raced() -> Vec<String> {
    let names = SearchKind::ALL.map(SearchKind::name).into_iter();
    names.filter(|n| ["auto", "optimal"].contains(n)).map(str::to_owned).collect()
}

/// Whether a search hands out plan after plan.
pub(crate) fn is_anytime(search: SearchKind) -> bool {
    search.name() == "anytime"
}

/// What the program takes before it plans, bytes, as measured.
const PROGRAM_BYTES: u64 = 8 << 20;

/// Limits from the command line. Of the memory, the tables of a search get what the program leaves,
/// and a megabyte at least.
pub(crate) fn limits(time: Duration, memory_mib: u64, expansions: Option<u64>) -> Limits {
    Limits {
        time,
        memory_bytes: memory_mib.saturating_mul(1 << 20).saturating_sub(PROGRAM_BYTES).max(1 << 20),
        expansions: expansions.unwrap_or(u64::MAX),
    }
}

/// What came of planning.
pub(crate) struct Planned {
    /// The cheapest plan found, also where a limit ended the search for a cheaper one.
    pub(crate) best: Option<Plan>,
    pub(crate) outcome: PlanOutcome,
    pub(crate) report: Report,
}

impl Planned {
    pub(crate) fn exit(&self) -> Exit {
        let found = self.best.is_some();
        let grounding = self.report.states == 0;
        match (&self.outcome, found, grounding) {
            (PlanOutcome::Solved(_), ..) => Exit::Done,
            (PlanOutcome::Unsolvable(_), _, true) => Exit::UnsolvableGrounded,
            (PlanOutcome::Unsolvable(_), _, false) => Exit::UnsolvableSearched,
            (PlanOutcome::OutOf(Limit::Memory), true, _) => Exit::PlanThenMemory,
            (PlanOutcome::OutOf(_), true, _) => Exit::PlanThenTime,
            (PlanOutcome::OutOf(Limit::Memory), _, true) => Exit::GroundingMemory,
            (PlanOutcome::OutOf(Limit::Memory), _, false) => Exit::SearchMemory,
            (PlanOutcome::OutOf(Limit::Expansions), ..) => Exit::GaveUp,
            (PlanOutcome::OutOf(_), _, true) => Exit::GroundingTime,
            (PlanOutcome::OutOf(_), _, false) => Exit::SearchTime,
        }
    }
}

/// Plans, and hands out every plan as it is found, each cheaper than the one before.
pub(crate) fn plan(
    task: &Task,
    options: &SearchOptions,
    clock: &dyn Clock,
    cancel: &AtomicBool,
    on_plan: &mut dyn FnMut(&Plan, &Report) -> ControlFlow<()>,
) -> Planned {
    let mut best = None;
    let budget = Budget::new(options.limits).cancelled_by(cancel);
    let (outcome, report) =
        solve_anytime(task, options.search, &budget, clock, &mut |plan, report| {
            best = Some(plan.clone());
            on_plan(plan, report)
        });
    Planned { best, outcome, report }
}

/// Plans durative actions.
pub(crate) fn plan_temporal(
    problem: &Problem,
    options: &SearchOptions,
    clock: &dyn Clock,
    cancel: &AtomicBool,
) -> (TemporalOutcome, Report) {
    let budget = Budget::new(options.limits).cancelled_by(cancel);
    solve_temporal(problem, options.search, &budget, clock)
}

/// Grounds a task.
pub(crate) fn ground(task: &Task, clock: &dyn Clock) -> Result<GroundTask, Limit> {
    GroundTask::within(task, task.init(), task.values(), task.goal(), &Limits::NONE, clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_told_by_where_they_were_hit_and_whether_there_is_a_plan() {
        let exit = |limit, states, found: bool| {
            let report = Report { states, ..Report::default() };
            let best = found.then(|| Plan { steps: vec![] });
            Planned { best, outcome: PlanOutcome::OutOf(limit), report }.exit().code()
        };
        let codes = [Limit::Memory, Limit::Time, Limit::Expansions]
            .map(|limit| [exit(limit, 0, false), exit(limit, 9, false), exit(limit, 9, true)]);
        assert_eq!(codes, [[20, 22, 1], [21, 23, 2], [12, 12, 2]]);
    }
}
