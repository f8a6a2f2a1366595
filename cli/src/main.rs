//! The `ergon` command line.
#![expect(clippy::print_stderr, reason = "errors and figures for people go to standard error")]

mod clock;
mod commands;
mod exit;
mod files;
mod out;
mod view;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use exit::{Exit, Failure};

/// Plans robot tasks symbolically, executes them with small skills, and counts what it costs.
#[derive(Parser)]
#[command(name = "ergon", version, after_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Start with:  ergon run scenarios/hanoi/3.toml
Exit codes:  0 done; 1 the task was not achieved; 2 wrong usage; 11 proven unsolvable;
             22 out of memory, 23 out of time while planning; 31 a file is wrong or missing;
             70 a bug; 74 cannot write; 130 interrupted";

#[derive(Subcommand)]
enum Command {
    /// Run a scenario: one episode to watch, or many to count
    Run(commands::run::Arguments),
    /// Find a plan for a PDDL domain and problem
    Plan(commands::plan::Arguments),
    /// Check a plan against a PDDL domain and problem
    Validate(commands::validate::Arguments),
    /// Execute a recorded trace again and compare every step
    Replay(commands::replay::Arguments),
    /// Measure this program's speed
    Bench(commands::bench::Arguments),
    /// Look whether this machine has what Ergon needs
    Doctor(commands::doctor::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Run(a) => commands::run::run(&a),
        Command::Plan(a) => commands::plan::run(&a),
        Command::Validate(a) => commands::validate::run(&a),
        Command::Replay(a) => commands::replay::run(&a),
        Command::Bench(a) => commands::bench::run(&a),
        Command::Doctor(a) => commands::doctor::run(&a),
    };
    let exit = result.unwrap_or_else(|failure| report(&failure));
    ExitCode::from(exit as u8)
}

fn report(failure: &Failure) -> Exit {
    if failure.exit != Exit::Interrupted || !failure.message.is_empty() {
        eprintln!("error: {}", failure.message);
    }
    if let Some(hint) = &failure.hint {
        eprintln!("hint: {hint}");
    }
    failure.exit
}
