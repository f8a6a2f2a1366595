//! `ergon lint`.

use std::path::PathBuf;

use ergon_planner::{Lint, lint};
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::out::say;
use crate::planning;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:  ergon lint domains/hanoi/domain.pddl
           ergon lint domains/hanoi/domain.pddl domains/hanoi/p03.pddl

Exit codes: 0 nothing found, 1 something found, 31 a file is wrong or missing")]
pub(crate) struct Arguments {
    /// PDDL domain
    domain: PathBuf,
    /// PDDL problem: what is empty, dead or out of reach shows only with one
    problem: Option<PathBuf>,
    /// Warn of mistakes in the files that can be guessed away, instead of refusing them
    #[arg(long, requires = "problem")]
    lenient: bool,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let found: Vec<Lint> = match &arguments.problem {
        Some(problem) => {
            let problem = planning::read(&arguments.domain, problem, arguments.lenient)?;
            lint(problem.domain(), Some(&problem))
        }
        None => lint(&planning::read_domain(&arguments.domain)?, None),
    };
    if arguments.json {
        let one =
            |l: &Lint| json!({ "code": l.code.name(), "place": l.place, "message": l.message });
        say!("{}", json!(found.iter().map(one).collect::<Vec<_>>()));
    } else {
        found.iter().for_each(|lint| say!("{lint}"));
    }
    Ok(if found.is_empty() { Exit::Done } else { Exit::NotAchieved })
}
