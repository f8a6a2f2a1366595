//! `ergon serve`: a trained policy behind a socket.

use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::path::PathBuf;

use ergon_bench::{LocalPolicy, PolicySource};
use ergon_bridge::{Event, Layout, ServerOptions, openpi, vla_eval};

use crate::exit::{Exit, Failure};
use crate::out::say;
use crate::{interrupt, runtime};

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Protocol {
    /// That of Physical Intelligence's openpi
    Openpi,
    /// That of vla-eval
    VlaEval,
}

#[derive(clap::Args)]
#[command(after_help = "\
Example:  ergon serve policies/vla --port 8000
          ergon run scenarios/hanoi/3.toml --method vla --policy openpi://127.0.0.1:8000
Nothing is encrypted and nobody is authenticated: who can connect may ask.")]
pub(crate) struct Arguments {
    /// Folder of a policy that is told in words what to do
    policy: PathBuf,
    /// Port; 0 takes a free one
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// Address to listen at; the default is reached from this machine alone
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// What clients speak
    #[arg(long, value_enum, default_value_t = Protocol::Openpi)]
    protocol: Protocol,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let policy = LocalPolicy::load(&arguments.policy, runtime::start()?)?;
    let stop = interrupt::flag()?;
    let listener = TcpListener::bind((arguments.host, arguments.port)).map_err(|e| {
        let place = format!("{}:{}", arguments.host, arguments.port);
        Failure::new(Exit::BadInput, format!("cannot listen at {place}: {e}"))
            .with_hint("another program may listen there: choose another --port")
    })?;
    let failed = |e: std::io::Error| Failure::new(Exit::Bug, e.to_string());
    let place = listener.local_addr().map_err(failed)?;
    let (layout, scheme) = match arguments.protocol {
        Protocol::Openpi => (Layout::openpi(), openpi::SCHEME),
        Protocol::VlaEval => (Layout::vla_eval(), vla_eval::SCHEME),
    };
    let name = arguments.policy.file_name().map(|n| n.to_string_lossy().into_owned());
    let options =
        ServerOptions { name: name.unwrap_or_default(), report, ..ServerOptions::new(layout) };
    say!("listening at {scheme}://{place}; Ctrl-C ends it");
    let open = || policy.open();
    let served = match arguments.protocol {
        Protocol::Openpi => openpi::serve(&listener, open, &options, &stop),
        Protocol::VlaEval => vla_eval::serve(&listener, open, &options, &stop),
    };
    served.map_err(failed)?;
    Ok(Exit::Done)
}

fn report(event: &Event) {
    match event {
        Event::Connected(peer) => eprintln!("{peer}: connected"),
        Event::Left(peer) => eprintln!("{peer}: left"),
        Event::Failed(peer, why) => eprintln!("{peer}: {why}"),
        Event::Refused(peer) => eprintln!("{peer}: refused: there are as many as allowed"),
    }
}
