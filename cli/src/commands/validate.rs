use std::path::PathBuf;

use ergon_planner::{PlanFile, Verdict, pddl, validate};
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::files;
use crate::out::say;
use crate::planning;

#[derive(clap::Args)]
#[command(
    after_help = "Example:  ergon plan domains/hanoi/domain.pddl domains/hanoi/p03.pddl --plan-file plan.txt
          ergon validate domains/hanoi/domain.pddl domains/hanoi/p03.pddl plan.txt"
)]
pub(crate) struct Arguments {
    /// PDDL domain
    domain: PathBuf,
    /// PDDL problem
    problem: PathBuf,
    /// Plan in the format of the international planning competition
    plan: PathBuf,
    /// Warn of mistakes in the files that can be guessed away, instead of refusing them
    #[arg(long)]
    lenient: bool,
    /// Print the verdict as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let problem = planning::read(&arguments.domain, &arguments.problem, arguments.lenient)?;
    let name = arguments.plan.display().to_string();
    let bytes = files::read(&arguments.plan)?;
    let plan = PlanFile::parse(pddl::decode(&bytes, &name)?, &name)?;
    let verdict = validate(&problem, &plan);
    if arguments.json {
        let cost = match &verdict {
            Verdict::Valid { cost } => Some(cost),
            Verdict::Invalid(_) => None,
        };
        say!(
            "{}",
            json!({ "valid": verdict.is_valid(), "cost": cost, "verdict": verdict.to_string() })
        );
    } else {
        say!("{verdict}");
    }
    Ok(if verdict.is_valid() { Exit::Done } else { Exit::NotAchieved })
}
