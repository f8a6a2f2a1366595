//! What a method needs from files or from a server.

use std::path::Path;

use ergon_bench::{Instructed, LocalPolicy, Method, Networks, PolicySource};
use ergon_bridge::{ClientOptions, Endpoint, Layout, openpi, vla_eval};
use ergon_vocab::{InstructedPolicy, PolicyError};

use crate::exit::{Exit, Failure};
use crate::runtime;

/// What the task is called to servers that ask for a name.
const TASK: &str = "hanoi";
/// Folder of the policy that is told in words, where none is named.
const VLA: &str = "vla";

/// What a method is run with.
#[derive(Default)]
pub(crate) struct Agents {
    pub(crate) networks: Option<Networks>,
    policy: Option<Box<dyn PolicySource>>,
    replan_steps: usize,
}

impl Agents {
    /// Loads what a method needs: its networks from a folder of policies or from the one there that `policy`
    /// names; a policy that is told in words from its folder there or from the address of a server.
    pub(crate) fn load(
        method: Method,
        policies: &Path,
        policy: Option<&str>,
        replan_steps: usize,
    ) -> Result<Self, Failure> {
        let networks = match method.has_networks() {
            true => Some(Networks::load(&policies.join(policy.unwrap_or("")), runtime::start()?)?),
            false => None,
        };
        let policy: Option<Box<dyn PolicySource>> = match (method.is_instructed(), policy) {
            (false, _) => None,
            (true, Some(address)) if address.contains("://") => {
                Some(Box::new(Server::parse(address)?))
            }
            (true, name) => {
                let folder = policies.join(name.unwrap_or(VLA));
                Some(Box::new(LocalPolicy::load(&folder, runtime::start()?)?))
            }
        };
        Ok(Self { networks, policy, replan_steps })
    }

    pub(crate) fn instructed(&self) -> Option<Instructed<'_>> {
        let replan_steps = self.replan_steps;
        self.policy.as_deref().map(|source| Instructed { source, replan_steps })
    }
}

/// A policy server, by the protocol that it speaks; every episode has a connection of its own.
enum Server {
    OpenPi(Endpoint),
    VlaEval(Endpoint),
}

impl Server {
    fn parse(address: &str) -> Result<Self, Failure> {
        let server = match address.starts_with(vla_eval::SCHEME) {
            true => Endpoint::parse(vla_eval::SCHEME, address).map(Self::VlaEval),
            false => Endpoint::parse(openpi::SCHEME, address).map(Self::OpenPi),
        };
        server.map_err(|e| {
            Failure::new(Exit::BadInput, e.to_string())
                .with_hint("write openpi://HOST:PORT or vla-eval://HOST:PORT")
        })
    }
}

impl PolicySource for Server {
    fn open(&self) -> Result<Box<dyn InstructedPolicy>, PolicyError> {
        let failed = |e: ergon_bridge::Error| PolicyError(e.to_string());
        Ok(match self {
            Self::OpenPi(endpoint) => {
                let options = ClientOptions::new(Layout::openpi());
                Box::new(openpi::Client::connect(endpoint.clone(), options).map_err(failed)?)
            }
            Self::VlaEval(endpoint) => {
                let options = ClientOptions::new(Layout::vla_eval());
                Box::new(
                    vla_eval::Client::connect(endpoint.clone(), options, TASK).map_err(failed)?,
                )
            }
        })
    }
}
