//! `ergon train`: from nothing to trained policies.

use std::path::PathBuf;

#[cfg(feature = "train")]
mod course;
#[cfg(feature = "train")]
mod curve;
#[cfg(feature = "train")]
mod spent;
#[cfg(feature = "train")]
mod vla;
#[cfg(feature = "train")]
mod work;

use crate::exit::{Exit, Failure};

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Part {
    /// Detector and gauge: from pictures to objects
    Perception,
    /// The policy of the skills
    Skills,
    /// Both
    All,
    /// The baseline: one network from pictures and an instruction to commands
    Vla,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Without {
    /// Noise on the expert's motion (DART)
    Noise,
    /// Rounds in which the policy drives and the expert corrects (DAgger); as many demonstrations take
    /// their place
    Corrections,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Head {
    /// All commands of an answer at once
    Direct,
    /// Flow matching
    Flow,
}

#[derive(clap::Args)]
#[command(after_help = "\
Training needs a build with it:
Example:  cargo run --release --features train -- train all --out policies")]
pub(crate) struct Arguments {
    /// What to train
    #[arg(value_enum)]
    part: Part,
    /// Folder in which each policy gets a folder of its own
    #[arg(long, value_name = "DIR", default_value = "policies")]
    out: PathBuf,
    /// Decides everything that is drawn
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Cell for perception: its objects, areas and cameras
    #[arg(long, value_name = "SCENARIO", default_value = "scenarios/hanoi/7.toml")]
    cell: PathBuf,
    /// Scenario of one move, which is demonstrated
    #[arg(long, value_name = "SCENARIO", default_value = "scenarios/hanoi/practice.toml")]
    moves: PathBuf,
    /// Leave a part of the skills' training out, to see what it is worth; may be repeated
    #[arg(long, value_name = "PART")]
    without: Vec<Without>,
    /// As little as shows that every part works
    #[arg(long)]
    tiny: bool,
    /// Leave out networks that are already in the folder, and go on where a training was interrupted
    #[arg(long)]
    resume: bool,
    /// Teach the baseline what a planner tells it, subtask by subtask, instead of the whole task
    #[arg(long)]
    guided: bool,
    /// How the baseline makes commands: at once, or out of noise by flow matching
    #[arg(long, value_enum, default_value_t = Head::Direct)]
    head: Head,
    /// How long to train the baseline; how many batches that is on this machine is tried out first
    #[arg(long, value_name = "MINUTES", default_value_t = 120.0)]
    minutes: f64,
    /// How many batches to train the baseline for, instead of minutes
    #[arg(long, value_name = "BATCHES")]
    steps: Option<usize>,
    /// Scenario of which half of the baseline's episodes are
    #[arg(long, value_name = "SCENARIO", default_value = "scenarios/hanoi/3.toml")]
    towers: PathBuf,
    /// Scenario of which the other half are
    #[arg(long, value_name = "SCENARIO", default_value = "scenarios/hanoi/3-random.toml")]
    others: PathBuf,
    /// File in which the baseline's episodes are kept, to be recorded once
    #[arg(long, value_name = "FILE", default_value = "runs/vla-episodes.bin")]
    episodes: PathBuf,
}

#[cfg(feature = "train")]
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    work::run(arguments)
}

#[cfg(not(feature = "train"))]
pub(crate) fn run(_: &Arguments) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Unsupported, "this build of ergon cannot train")
        .with_hint("cargo run --release --features train -- train all"))
}
