use std::path::PathBuf;
use std::time::Duration;

use ergon_planner::{Limits, PlanFile, Report, SearchKind, SearchOptions, Task, solve};
use ergon_vocab::{Limit, PlanOutcome};
use serde_json::json;

use super::read_pddl;
use crate::clock::WallClock;
use crate::exit::{Exit, Failure};
use crate::files;
use crate::out::say;

#[derive(clap::Args)]
#[command(after_help = "Example:  ergon plan domains/hanoi/domain.pddl domains/hanoi/p03.pddl")]
pub(crate) struct Arguments {
    /// PDDL domain
    domain: PathBuf,
    /// PDDL problem
    problem: PathBuf,
    /// How to search: auto, astar-blind, astar-hmax, astar-lmcut
    #[arg(long, default_value = "auto")]
    search: SearchKind,
    /// Stop after this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300.0)]
    time: f64,
    /// Stop at this much memory for the search
    #[arg(long, value_name = "MEGABYTES", default_value_t = 4096)]
    memory: u64,
    /// Write the plan to this file instead of the terminal
    #[arg(long, value_name = "FILE")]
    plan_file: Option<PathBuf>,
    /// Print plan and figures as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let time = Duration::try_from_secs_f64(arguments.time).map_err(|_| {
        Failure::new(Exit::BadInput, format!("--time: expected seconds, found {}", arguments.time))
            .with_hint("write a number of at least 0, such as --time 60")
    })?;
    let task = Task::new(&read_pddl(&arguments.domain, &arguments.problem)?);
    let limits =
        Limits { time, memory_bytes: arguments.memory.saturating_mul(1 << 20), ..Limits::NONE };
    let options = SearchOptions { search: arguments.search, limits };
    let (outcome, report) = solve(&task, &options, &WallClock::new());
    let exit = match &outcome {
        PlanOutcome::Solved(_) => Exit::Done,
        PlanOutcome::Unsolvable(_) => Exit::Unsolvable,
        PlanOutcome::OutOf(Limit::Memory) => Exit::OutOfMemory,
        PlanOutcome::OutOf(Limit::Time | Limit::Expansions) => Exit::OutOfTime,
    };
    if let PlanOutcome::Solved(plan) = &outcome {
        let text = PlanFile::of(plan, task.symbols()).to_string();
        if let Some(path) = &arguments.plan_file {
            files::write(path, text.as_bytes())?;
        } else if !arguments.json {
            crate::out::text(format_args!("{text}"));
        }
    }
    if arguments.json {
        say!("{}", as_json(&task, &outcome, &report));
    } else {
        describe(&outcome, &report);
    }
    Ok(exit)
}

fn describe(outcome: &PlanOutcome, report: &Report) {
    let millis = |d: Duration| d.as_secs_f64() * 1e3;
    let effort = format!(
        "{} states expanded, {:.1} ms grounding, {:.1} ms search",
        report.expanded,
        millis(report.ground_time),
        millis(report.search_time)
    );
    match outcome {
        PlanOutcome::Solved(plan) => {
            eprintln!("found an optimal plan of {} steps: {effort}", plan.steps.len());
        }
        PlanOutcome::Unsolvable(why) => eprintln!("error: no plan exists: {why} ({effort})"),
        PlanOutcome::OutOf(limit) => {
            eprintln!("error: the search ran out of {limit:?} ({effort})");
            eprintln!("hint: raise --time or --memory, or try another --search");
        }
    }
}

fn as_json(task: &Task, outcome: &PlanOutcome, report: &Report) -> serde_json::Value {
    let (status, plan, reason) = match outcome {
        PlanOutcome::Solved(plan) => {
            let show =
                |s: &ergon_vocab::PlanStep| task.symbols().show_action(&s.action).to_string();
            let steps: Vec<_> = plan.steps.iter().map(show).collect();
            ("solved", json!({ "steps": steps, "cost": plan.cost() }), None)
        }
        PlanOutcome::Unsolvable(why) => ("unsolvable", json!(null), Some(why.clone())),
        PlanOutcome::OutOf(limit) => {
            ("out-of", json!(null), Some(format!("{limit:?}").to_lowercase()))
        }
    };
    json!({
        "status": status,
        "plan": plan,
        "reason": reason,
        "expanded": report.expanded,
        "generated": report.generated,
        "operators": report.operators,
        "atoms": report.atoms,
        "peak_bytes": report.peak_bytes,
        "ground_secs": report.ground_time.as_secs_f64(),
        "search_secs": report.search_time.as_secs_f64(),
    })
}
