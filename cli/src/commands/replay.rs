use std::path::PathBuf;

use ergon_bench::trace::{ReplayReport, Trace, replay};
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::files;
use crate::out::say;

#[derive(clap::Args)]
#[command(after_help = "\
Example:  ergon run scenarios/hanoi/3.toml --record runs/demo
          ergon replay runs/demo/hanoi-3-0000.mcap")]
pub(crate) struct Arguments {
    /// Trace (MCAP) that `ergon run --record` wrote
    trace: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let name = arguments.trace.display();
    let bytes = files::read(&arguments.trace)?;
    let trace = Trace::read(&bytes).map_err(|e| {
        let failure = Failure::new(Exit::BadInput, format!("{name}: {e}"));
        match e.hint() {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    })?;
    if !arguments.json {
        say!("{}, method {}, seed {}", trace.scenario, trace.method, trace.seed);
    }
    let mut told = 0;
    let report = replay(&trace, &mut |_, events| {
        for event in events.get(told..).unwrap_or_default().iter().filter(|_| !arguments.json) {
            if let Some(line) = line(&event.value) {
                say!("{:7.2} s  {line}", event.time_secs);
            }
        }
        told = events.len();
    })?;
    Ok(tell(arguments, &report))
}

/// An event of a trace in words; `None` for those that a reader need not see.
fn line(event: &serde_json::Value) -> Option<String> {
    let text = |key: &str| event.get(key).and_then(|v| v.as_str()).unwrap_or_default();
    Some(match text("event") {
        "action-started" => text("action").to_owned(),
        "disturbance" => format!("!!  {}", text("reason")),
        "replan" => format!("    plan again: {}", text("reason")),
        "retry" => format!("    once more: {}", text("reason")),
        "finished" => format!("the agent ended: {} {}", text("outcome"), text("reason")),
        _ => return None,
    })
}

fn tell(arguments: &Arguments, report: &ReplayReport) -> Exit {
    let (identical, words) = match report {
        ReplayReport::Identical { steps } => (
            true,
            format!("identical: {steps} control steps executed again, every state the same bits"),
        ),
        ReplayReport::Differs { step, recorded, replayed } => (
            false,
            format!(
                "different from step {step} on: recorded {recorded:016x}, replayed {replayed:016x}"
            ),
        ),
        ReplayReport::Stopped { step, reason } => {
            (false, format!("the simulator stopped at step {step}: {reason}"))
        }
    };
    if arguments.json {
        say!("{}", json!({ "identical": identical, "report": words }));
    } else {
        say!("\n{words}");
    }
    if identical { Exit::Done } else { Exit::NotAchieved }
}
