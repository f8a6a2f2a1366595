use std::path::{Path, PathBuf};
use std::time::Duration;

use console::Term;
use ergon_bench::{Setup, measure_simulator};

use crate::exit::{Exit, Failure};
use crate::metered::Metered;
use crate::out::say;

/// Slowest simulator with which work is a pleasure, times real time.
const PLEASANT: f64 = 5.0;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:  ergon doctor
           ergon doctor --robot robots/panda-sim.toml")]
pub(crate) struct Arguments {
    /// Look instead whether a robot is there with all that its file names, and check its cameras
    #[arg(long, value_name = "ROBOT")]
    robot: Option<PathBuf>,
}

/// What was found: good, or worse with what to do.
struct Finding {
    what: &'static str,
    found: String,
    remedy: Option<&'static str>,
    /// Whether Ergon cannot work without it.
    vital: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    if let Some(robot) = &arguments.robot {
        return super::bridge::examine(robot);
    }
    let findings = [processor(), scenario(), simulator(), terminal(), energy(), folder()];
    for finding in &findings {
        let mark = match (&finding.remedy, finding.vital) {
            (None, _) => "ok  ",
            (Some(_), false) => "note",
            (Some(_), true) => "BAD ",
        };
        say!("{mark}  {:<12} {}", finding.what, finding.found);
        if let Some(remedy) = finding.remedy {
            say!("      {:<12} {remedy}", "");
        }
    }
    let broken = findings.iter().any(|f| f.vital && f.remedy.is_some());
    Ok(if broken { Exit::NotAchieved } else { Exit::Done })
}

fn processor() -> Finding {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Finding { what: "processor", found: format!("{cores} cores"), remedy: None, vital: false }
}

fn scenario() -> Finding {
    match Setup::load(Path::new("scenarios/hanoi/3.toml"), &[]) {
        Ok(setup) => Finding {
            what: "scenarios",
            found: format!("{}: {}", setup.scenario.name, setup.scenario.description),
            remedy: None,
            vital: true,
        },
        Err(error) => Finding {
            what: "scenarios",
            found: error.to_string(),
            remedy: Some(
                "run ergon from the root of the repository, or name scenario files by their path",
            ),
            vital: true,
        },
    }
}

fn simulator() -> Finding {
    let speed = Setup::load(Path::new("scenarios/hanoi/3.toml"), &[])
        .and_then(|setup| measure_simulator(&setup.scenario, &[84], 100));
    let factor = speed.ok().and_then(|rows| rows.first().map(|r| r.real_time_factor));
    match factor {
        Some(factor) => Finding {
            what: "simulator",
            found: format!("{factor:.0} times real time with an 84-pixel camera, one thread"),
            remedy: (factor < PLEASANT).then_some("build with --release"),
            vital: false,
        },
        None => Finding {
            what: "simulator",
            found: "not measured".into(),
            remedy: Some("it needs scenarios/hanoi/3.toml"),
            vital: false,
        },
    }
}

fn terminal() -> Finding {
    let term = Term::stdout();
    let (rows, columns) = term.size();
    let live = term.is_term() && columns >= 100 && rows >= 27;
    Finding {
        what: "terminal",
        found: match term.is_term() {
            true => format!("{columns} x {rows} characters"),
            false => "standard output is no terminal: decisions come as plain lines".into(),
        },
        remedy: (term.is_term() && !live).then_some("the live view needs 100 x 27 characters"),
        vital: false,
    }
}

fn energy() -> Finding {
    let label = Metered::open(Duration::ZERO).map(|metered| metered.label());
    let found = match label {
        Ok(label) => format!("joules are {}; {}: {}", label.kind, label.name, label.assumptions),
        Err(failure) => failure.message,
    };
    Finding { what: "energy", found, remedy: None, vital: false }
}

fn folder() -> Finding {
    let writable = tempfile::tempfile_in(".").is_ok();
    Finding {
        what: "folder",
        found: if writable { "can be written" } else { "cannot be written" }.into(),
        remedy: (!writable)
            .then_some("results need a folder that can be written: name one with --record, --gif"),
        vital: false,
    }
}
