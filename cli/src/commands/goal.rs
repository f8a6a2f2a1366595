//! `ergon goal`.

use std::path::PathBuf;

use ergon_bench::{Setup, Spoken};
use ergon_planner::{
    Limits, PlanFile, Problem, SearchOptions, Task,
    execution::why_not,
    goal_text::{Goal, interpret},
    solve, validate,
};
use ergon_scenarios::Override;
use ergon_vocab::{Literal, PlanOutcome};

use crate::clock::WallClock;
use crate::exit::{Exit, Failure};
use crate::files;
use crate::out::say;

#[derive(clap::Args)]
#[command(after_help = "\
Example:  ergon goal \"put the whole tower on the right, red on top of green\" \\
              --scenario scenarios/hanoi/4.toml

What can be meant in two ways, is not there or cannot be is refused with the reason, exit code 1.")]
pub(crate) struct Arguments {
    /// What shall be, in words: where things stand in the end
    sentence: String,
    /// Scenario file that tells what there is
    #[arg(long, value_name = "FILE")]
    scenario: PathBuf,
    /// Seed of the episode
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Change a value of the scenario, such as `placement.at=\"middle\"`; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// Write the problem (PDDL): first state and goal
    #[arg(long, value_name = "FILE")]
    problem: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let overrides: Vec<Override> = arguments.overrides.iter().cloned().map(Override).collect();
    let setup = Setup::load(&arguments.scenario, &overrides)?;
    let spoken = Spoken::of(&setup, arguments.seed)?;
    let goal = interpret(&arguments.sentence, &spoken.scene).map_err(|refusal| {
        Failure::new(Exit::NotAchieved, refusal.reason).with_hint(refusal.hint)
    })?;
    let literals = literals(&spoken, &goal)?;
    let problem = spoken.problem.with_goal(literals.clone()).map_err(bug)?;
    let steps = plan(&problem, &literals)?;
    if let Some(path) = &arguments.problem {
        files::write(path, problem.to_string().as_bytes())?;
    }
    say!("understood    {}", goal.meaning);
    say!("goal          {}", goal.literals(&spoken.predicate));
    say!("plan          {steps} steps, valid");
    Ok(Exit::Done)
}

fn literals(spoken: &Spoken, goal: &Goal) -> Result<Vec<Literal>, Failure> {
    let literal = |(thing, support): &(String, String)| {
        let atom = spoken.problem.atom(&spoken.predicate, &[thing, support]).map_err(bug)?;
        Ok(Literal { atom, positive: true })
    };
    goal.on.iter().map(literal).collect()
}

/// How many steps a plan takes that the validator passes.
fn plan(problem: &Problem, goal: &[Literal]) -> Result<usize, Failure> {
    let task = Task::new(problem);
    let clock = WallClock::new();
    match solve(&task, &SearchOptions::default(), &clock).0 {
        PlanOutcome::Solved(plan) => {
            let file = PlanFile::of(&plan, problem.symbols());
            let verdict = validate(problem, &file);
            match verdict.is_valid() {
                true => Ok(plan.steps.len()),
                false => Err(Failure::new(Exit::Bug, format!("a plan does not hold: {verdict}"))),
            }
        }
        PlanOutcome::Unsolvable(_) => {
            let evidence = why_not(&task, task.init(), goal, &Limits::default(), &clock);
            let reason = evidence.map_or_else(|_| String::new(), |e| format!(": {e}"));
            Err(Failure::new(Exit::NotAchieved, format!("no plan leads there{reason}"))
                .with_hint("ask for something else, or for less of it"))
        }
        PlanOutcome::OutOf(limit) => {
            Err(Failure::new(Exit::NotAchieved, format!("planning ran out of {limit:?}"))
                .with_hint("ask for less"))
        }
    }
}

fn bug(error: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Bug, format!("the goal does not fit the domain: {error}"))
}
