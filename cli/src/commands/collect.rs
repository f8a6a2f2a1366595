//! `ergon collect`: demonstrations as a data set.

use std::path::PathBuf;

#[cfg(feature = "lerobot")]
mod work;

use crate::exit::{Exit, Failure};

#[derive(clap::Args)]
#[command(after_help = "\
Collecting needs a build with it:
Example:  cargo run --release --features lerobot -- collect --episodes 50 --out runs/moves
A trace (MCAP) of the expert without noise:
          ergon run scenarios/hanoi/move.toml --method scripted --record runs/traces")]
pub(crate) struct Arguments {
    /// Scenario of one move, which is demonstrated
    #[arg(default_value = "scenarios/hanoi/move.toml")]
    scenario: PathBuf,
    /// Number of demonstrations
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    episodes: u64,
    /// Decides everything that is drawn
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Folder of the data set (LeRobot 3.0); one that was begun is gone on with
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Leave the expert's motion undisturbed
    #[arg(long)]
    without_noise: bool,
}

#[cfg(feature = "lerobot")]
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    work::run(arguments)
}

#[cfg(not(feature = "lerobot"))]
pub(crate) fn run(_: &Arguments) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Unsupported, "this build of ergon cannot write data sets")
        .with_hint("cargo run --release --features lerobot -- collect --out runs/moves"))
}
