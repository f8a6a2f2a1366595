//! The `ergon` command line.
#![expect(clippy::print_stderr, reason = "errors and figures for people go to standard error")]

mod agents;
mod clock;
mod commands;
mod commit;
mod exit;
mod files;
mod interrupt;
mod metered;
mod out;
mod planning;
mod progress;
mod runtime;
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
Exit codes:  0 done; 1 the task was not achieved; 2 wrong usage; 31 a file is wrong or missing;
             34 a file asks for what is not known; 70 a bug; 74 cannot write; 130 interrupted;
             those of the planner are Fast Downward's: ergon plan --help";

#[derive(Subcommand)]
enum Command {
    /// Run a scenario: one episode to watch, or many to count
    Run(commands::run::Arguments),
    /// Record demonstrations of the expert as a data set
    Collect(commands::collect::Arguments),
    /// Train the policies of perception and skills
    Train(commands::train::Arguments),
    /// Make the policies smaller and faster: eight bits instead of thirty-two
    Quantise(commands::quantise::Arguments),
    /// Run an experiment: several methods on the same episodes, with a report
    Compare(commands::compare::Arguments),
    /// Put the parts of a comparison together that were run with --shard
    Merge(commands::compare::MergeArguments),
    /// Write the report of a comparison anew
    Report(commands::compare::ReportArguments),
    /// Put a trained policy behind a socket
    Serve(commands::serve::Arguments),
    /// Run a task on a real arm through ROS 2 and ros2_control, dry unless armed
    Bridge(commands::bridge::Arguments),
    /// Be a robot: serve the simulated cell through ROS 2 as a real arm is
    SimRobot(commands::bridge::ServeArguments),
    /// Plan and execute for others in a ROS 2 graph
    Node(commands::bridge::NodeArguments),
    #[command(hide = true)]
    Supervise(commands::bridge::WatchArguments),
    /// Find a plan for a PDDL domain and problem
    Plan(commands::plan::Arguments),
    /// Check a plan against a PDDL domain and problem
    Validate(commands::validate::Arguments),
    /// Show what a PDDL domain and problem come to when grounded
    Ground(commands::ground::Arguments),
    /// Look a PDDL domain over: what is unused, empty, dead or out of reach
    Lint(commands::lint::Arguments),
    /// Learn a PDDL domain from action traces alone
    LearnDomain(commands::learn_domain::Arguments),
    /// Turn a sentence into a goal that is checked, or tell why it is none
    Goal(commands::goal::Arguments),
    /// Open a window on a scenario or a recorded trace (starts ergon-viewer)
    View(commands::view::Arguments),
    /// Execute a recorded trace again and compare every step
    Replay(commands::replay::Arguments),
    /// Measure this program's speed
    Bench(commands::bench::Arguments),
    /// Look whether this machine has what Ergon needs
    Doctor(commands::doctor::Arguments),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let result = match arguments.command {
        Command::Run(a) => commands::run::run(&a),
        Command::Collect(a) => commands::collect::run(&a),
        Command::Train(a) => commands::train::run(&a),
        Command::Quantise(a) => commands::quantise::run(&a),
        Command::Compare(a) => commands::compare::run(&a),
        Command::Merge(a) => commands::compare::merge(&a),
        Command::Report(a) => commands::compare::report(&a),
        Command::Serve(a) => commands::serve::run(&a),
        Command::Bridge(a) => commands::bridge::run(&a),
        Command::SimRobot(a) => commands::bridge::serve(&a),
        Command::Node(a) => commands::bridge::node(&a),
        Command::Supervise(a) => commands::bridge::watch(&a),
        Command::Plan(a) => commands::plan::run(&a),
        Command::Validate(a) => commands::validate::run(&a),
        Command::Ground(a) => commands::ground::run(&a),
        Command::Lint(a) => commands::lint::run(&a),
        Command::LearnDomain(a) => commands::learn_domain::run(&a),
        Command::Goal(a) => commands::goal::run(&a),
        Command::View(a) => commands::view::run(&a),
        Command::Replay(a) => commands::replay::run(&a),
        Command::Bench(a) => commands::bench::run(&a),
        Command::Doctor(a) => commands::doctor::run(&a),
    };
    let exit = result.unwrap_or_else(|failure| report(&failure));
    ExitCode::from(exit.code())
}

/// Prints help, or what is wrong with the command line.
fn usage(error: &clap::Error) -> ExitCode {
    // Nobody may be listening.
    let _unheard = error.print();
    let planner = std::env::args_os().nth(1).is_some_and(|command| command == "plan");
    ExitCode::from(match error.use_stderr() {
        false => Exit::Done.code(),
        true if planner => Exit::PlannerUsage.code(),
        true => exit::WRONG_USAGE,
    })
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
