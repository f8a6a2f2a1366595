//! `ergon bench`.

mod methods;
mod perception;
#[cfg(target_os = "linux")]
mod planner;
mod sim;
#[cfg(target_os = "linux")]
mod supervise;

use crate::exit::{Exit, Failure};

#[derive(clap::Args)]
#[command(after_help = "\
Examples:  ergon bench planner
           ergon bench sim
           ergon bench methods scenarios/hanoi/3.toml
           ergon bench sim --peer python3      (a Python that has robosuite)")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Control steps a second of the simulator, on one thread, with and without a camera
    Sim(sim::Arguments),
    /// All methods on the same episodes in one table, with and without new plans
    Methods(methods::Arguments),
    /// What the agent perceives beside what is true
    Perception(perception::Arguments),
    /// The planner on a suite of instances, beside other planners where they are installed
    #[cfg(target_os = "linux")]
    Planner(planner::Arguments),
    /// One measured run of a command; what `planner` starts for each run
    #[cfg(target_os = "linux")]
    #[command(hide = true)]
    Supervise(supervise::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.what {
        What::Sim(a) => sim::run(a),
        What::Methods(a) => methods::run(a),
        What::Perception(a) => perception::run(a),
        #[cfg(target_os = "linux")]
        What::Planner(a) => planner::run(a),
        #[cfg(target_os = "linux")]
        What::Supervise(a) => supervise::run(a),
    }
}
