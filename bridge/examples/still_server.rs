//! Serves a policy that stays where it is:  `still_server openpi|vla-eval PORT [COMMANDS]`
//!
//! Port 0 takes a free one. Each answer has as many commands as are asked for, 10 by default.
#![expect(clippy::print_stdout, reason = "an example says what happens")]

use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::AtomicBool;

use ergon_bridge::{Layout, ServerOptions, openpi, vla_eval};
use ergon_vocab::{Command, InstructedPolicy, Observation, PolicyError};

struct Still(usize);

impl InstructedPolicy for Still {
    fn reset(&mut self) -> Result<(), PolicyError> {
        Ok(())
    }

    fn infer(&mut self, _: &Observation, _: &str) -> Result<Vec<Command>, PolicyError> {
        Ok(vec![Command::hold(-1.0); self.0])
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = "usage: still_server openpi|vla-eval PORT [COMMANDS]";
    let [protocol, port, more @ ..] = arguments.as_slice() else { return Err(usage.into()) };
    let commands = more.first().map_or(Ok(10), |n| n.parse())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.parse()?))?;
    println!("listening at {protocol}://{}", listener.local_addr()?);
    let open = || Ok(Box::new(Still(commands)) as Box<dyn InstructedPolicy>);
    let options = |layout| ServerOptions {
        name: "still".to_owned(),
        report: |event| println!("{event:?}"),
        ..ServerOptions::new(layout)
    };
    let stop = AtomicBool::new(false);
    match protocol.as_str() {
        openpi::SCHEME => openpi::serve(&listener, open, &options(Layout::openpi()), &stop)?,
        vla_eval::SCHEME => vla_eval::serve(&listener, open, &options(Layout::vla_eval()), &stop)?,
        _ => return Err(usage.into()),
    }
    Ok(())
}
