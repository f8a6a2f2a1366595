//! Plans of durative actions.

use std::sync::atomic::AtomicBool;

use ergon_planner::{Problem, SearchOptions, TemporalOutcome, TemporalPlan};
use ergon_vocab::{Clock, Limit};
use serde_json::json;

use super::{Arguments, Format};
use crate::exit::{Exit, Failure};
use crate::out::say;
use crate::{files, planning};

pub(super) fn run(
    arguments: &Arguments,
    problem: &Problem,
    options: &SearchOptions,
    clock: &dyn Clock,
    cancel: &AtomicBool,
) -> Result<Exit, Failure> {
    if arguments.format() == Format::Ff || arguments.explain.is_asked() {
        return Err(Failure::new(
            Exit::Unsupported,
            "--format ff, --why, --svg and --dot are for plans without durations",
        )
        .with_hint("use --format ipc or json for domains with :durative-actions"));
    }
    let (outcome, report) = planning::plan_temporal(problem, options, clock, cancel);
    if let TemporalOutcome::Solved(plan) = &outcome {
        let text = plan.file(problem.symbols()).to_string();
        match &arguments.plan_file {
            Some(path) => files::write(path, text.as_bytes())?,
            None if arguments.format() == Format::Ipc => crate::out::text(format_args!("{text}")),
            None => {}
        }
    }
    if arguments.format() == Format::Json {
        say!("{}", as_json(problem, &outcome));
    } else if let TemporalOutcome::Solved(_) = outcome {
        eprintln!("found a plan of {outcome}: {} states expanded", report.expanded);
    } else {
        eprintln!("error: {outcome} ({} states expanded)", report.expanded);
    }
    Ok(match outcome {
        TemporalOutcome::Solved(_) => Exit::Done,
        TemporalOutcome::Unsolvable(_) => Exit::UnsolvableSearched,
        TemporalOutcome::Unknown(_) | TemporalOutcome::OutOf(Limit::Expansions) => Exit::GaveUp,
        TemporalOutcome::OutOf(Limit::Memory) => Exit::SearchMemory,
        TemporalOutcome::OutOf(_) => Exit::SearchTime,
    })
}

fn as_json(problem: &Problem, outcome: &TemporalOutcome) -> serde_json::Value {
    let steps = |plan: &TemporalPlan| -> Vec<serde_json::Value> {
        let step = |s: &ergon_planner::TemporalStep| {
            let action = problem.symbols().show_action(&s.action).to_string();
            json!({ "start_secs": s.start, "action": action, "duration_secs": s.duration })
        };
        plan.steps.iter().map(step).collect()
    };
    match outcome {
        TemporalOutcome::Solved(plan) => json!({
            "status": "solved",
            "plan": { "steps": steps(plan), "makespan_secs": plan.makespan() },
        }),
        TemporalOutcome::Unsolvable(why) => json!({ "status": "unsolvable", "reason": why }),
        TemporalOutcome::Unknown(why) => json!({ "status": "unknown", "reason": why }),
        TemporalOutcome::OutOf(limit) => {
            json!({ "status": "out-of", "reason": format!("{limit:?}").to_lowercase() })
        }
    }
}
