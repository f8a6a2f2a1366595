use ergon_bench::planner::{Order, supervise};
use serde_json::json;

use crate::clock::WallClock;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::out::say;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The run, as JSON
    order: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let order: Order = serde_json::from_str(&arguments.order)
        .map_err(|e| Failure::new(Exit::BadInput, format!("the order is not understood: {e}")))?;
    let stop = interrupt::flag()?;
    let measurement = supervise(&order, &stop, &WallClock::new()).map_err(|e| {
        let program = order.command.first().cloned().unwrap_or_default();
        Failure::new(Exit::BadInput, format!("{program}: cannot be run: {e}"))
    })?;
    say!("{}", json!(measurement));
    Ok(Exit::Done)
}
