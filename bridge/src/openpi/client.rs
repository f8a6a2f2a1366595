//! The client.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use ergon_vocab::{Command, InstructedPolicy, Observation, PolicyError};

use super::{read_reply, write_request};
use crate::caller::{Caller, Talk, binary, description};
use crate::link::Link;
use crate::{ClientOptions, Endpoint, Error, msgpack};

/// A policy behind an openpi server.
///
/// ```no_run
/// use ergon_bridge::{ClientOptions, Endpoint, Layout, openpi};
///
/// let endpoint = Endpoint::parse(openpi::SCHEME, "openpi://127.0.0.1:8000")?;
/// let policy = openpi::Client::connect(endpoint, ClientOptions::new(Layout::openpi()))?;
/// println!("{}", policy.metadata());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Client {
    caller: Caller,
    server: Server,
}

/// What the server said of itself.
#[derive(Debug, Default)]
struct Server(String);

impl Talk for Server {
    fn greet(&mut self, link: &mut Link<'_>, options: &ClientOptions) -> Result<(), Error> {
        let frame = link.receive("send its metadata", options.connect_timeout)?;
        self.0 = description(&msgpack::read(binary(&frame)?, &options.limits)?)?;
        Ok(())
    }
}

impl Client {
    /// Connects and reads what the server says of itself.
    ///
    /// # Errors
    /// The server cannot be reached in the attempts that the options allow, or is none of openpi's.
    pub fn connect(endpoint: Endpoint, options: ClientOptions) -> Result<Self, Error> {
        let mut client = Self { caller: Caller::new(endpoint, options), server: Server::default() };
        client.caller.call(&mut client.server, |_, _, _| Ok(()))?;
        Ok(client)
    }

    /// What the server said of itself when it was last connected to, for people.
    pub fn metadata(&self) -> &str {
        &self.server.0
    }

    /// How many components of actions lay outside of [-1, 1] and were cut so far. Counts on, so that
    /// it can be kept when the client has become an [`InstructedPolicy`].
    pub fn cuts(&self) -> Arc<AtomicU64> {
        self.caller.cuts()
    }
}

impl InstructedPolicy for Client {
    /// The protocol has no message for this; a server resets its policy when a client connects.
    fn reset(&mut self) -> Result<(), PolicyError> {
        Ok(())
    }

    fn infer(
        &mut self,
        observation: &Observation,
        instruction: &str,
    ) -> Result<Vec<Command>, PolicyError> {
        let request = self.caller.options.layout.request(observation, instruction)?;
        let request = write_request(&request);
        let chunk = self.caller.call(&mut self.server, |_, link, options| {
            link.send(request.clone(), options.answer_timeout)?;
            let frame = link.receive("answer", options.answer_timeout)?;
            Ok(read_reply(binary(&frame)?, &options.limits)?)
        })?;
        Ok(self.caller.count(chunk))
    }
}
