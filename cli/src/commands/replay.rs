use std::path::PathBuf;

use crate::exit::{Exit, Failure};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Trace (MCAP) that `ergon run --record` wrote
    trace: PathBuf,
}

pub(crate) fn run(_: &Arguments) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Bug, "not wired yet"))
}
