//! `ergon learn-domain`.

use std::path::{Path, PathBuf};

use ergon_planner::{
    Domain, PlanFile, Problem, SearchOptions, Task,
    induction::{Learned, Options, Refusal, Traces, learn},
    pddl, solve, validate,
};
use ergon_vocab::PlanOutcome;

use crate::clock::WallClock;
use crate::exit::{Exit, Failure};
use crate::files;
use crate::out::say;
use crate::planning;

/// How many suspicious lines are told.
const SUSPECTS: usize = 10;

#[derive(clap::Args)]
#[command(after_help = "\
Example:  ergon learn-domain domains/hanoi/walks.txt --out learned.pddl \\
              --against domains/hanoi/domain.pddl domains/hanoi/p05.pddl

A trace is an action a line, as in a plan file, such as `(pick c1 left)`; a blank line ends it, and
`; world NAME` begins one in which names stand for other objects. docs/domain-learning.md tells what
is assumed. Exit code 1: nothing was learned, or the check failed.")]
pub(crate) struct Arguments {
    /// Action traces
    traces: PathBuf,
    /// Write the learned domain (PDDL) to this file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Name of the learned domain [default: learned]
    #[arg(long, value_name = "NAME", default_value = "learned", hide_default_value = true)]
    name: String,
    /// Check it: solve the problem with the learned domain, and validate the plan in this domain
    #[arg(long, num_args = 2, value_names = ["DOMAIN", "PROBLEM"])]
    against: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let file = arguments.traces.display().to_string();
    let bytes = files::read(&arguments.traces)?;
    let traces = Traces::parse(pddl::decode(&bytes, &file)?, &file)?;
    let learned = learn(&traces, &Options::default()).map_err(|r| refused(&file, &r))?;
    let text = learned.domain(&arguments.name);
    Domain::parse(&text, "the learned domain").map_err(|e| wrong_name(&arguments.name, &e))?;
    say!("{}", learned.to_string().trim_end());
    files::write(&arguments.out, text.as_bytes())?;
    say!("domain        {}", arguments.out.display());
    match &arguments.against[..] {
        [domain, problem] => check(&learned, domain, problem),
        _ => Ok(Exit::Done),
    }
}

fn wrong_name(name: &str, error: &pddl::PddlError) -> Failure {
    Failure::new(Exit::BadInput, format!("--name {name}: {error}")).with_hint("use a PDDL name")
}

fn refused(file: &str, refusal: &Refusal) -> Failure {
    let mut message = format!("{file}: {refusal}");
    if let Refusal::Noisy { suspects, .. } = refusal {
        for suspect in suspects.iter().take(SUSPECTS) {
            message += &format!(
                "\n  line {}, {}, breaks {} of them",
                suspect.line, suspect.action, suspect.broken
            );
        }
    }
    Failure::new(Exit::NotAchieved, message).with_hint(refusal.hint())
}

/// Plans with the learned domain and lets the validator judge the plan in the hand-written one.
fn check(learned: &Learned, domain: &Path, problem: &Path) -> Result<Exit, Failure> {
    let truth = planning::read(domain, problem, false)?;
    let told = learned.tell(&truth).map_err(|unfit| {
        Failure::new(Exit::NotAchieved, format!("{}: {unfit}", problem.display()))
            .with_hint("learn from longer traces, or leave out --against")
    })?;
    let domain = Domain::parse(&told.domain, "the learned domain")?;
    let task = Problem::parse(&told.problem, "the problem in its words", &domain)?;
    let solved = solve(&Task::new(&task), &SearchOptions::default(), &WallClock::new());
    let PlanOutcome::Solved(plan) = solved.0 else {
        say!("check         failed: the learned domain has no plan for {}", problem.display());
        return Ok(Exit::NotAchieved);
    };
    let plan = PlanFile::of(&plan, task.symbols());
    let verdict = validate(&truth, &plan);
    if !told.borrowed.is_empty() {
        say!("borrowed      {}, only to tell the goal", told.borrowed.join(", "));
    }
    let steps = plan.steps.len();
    say!("check         {steps} steps for {} by the learned domain: {verdict}", problem.display());
    Ok(if verdict.is_valid() { Exit::Done } else { Exit::NotAchieved })
}
