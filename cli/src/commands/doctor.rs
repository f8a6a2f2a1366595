use crate::exit::{Exit, Failure};

#[derive(clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_: &Arguments) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Bug, "not wired yet"))
}
