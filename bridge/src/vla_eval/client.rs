//! The client.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use ergon_vocab::{Command, InstructedPolicy, Observation, PolicyError};

use super::{Body, Message};
use crate::caller::{Caller, Talk, binary, excerpt};
use crate::link::Link;
use crate::time::unix_secs;
use crate::{Chunk, ClientOptions, Endpoint, Error, FrameError, Request};

/// A policy behind a model server of vla-eval.
#[derive(Debug)]
pub struct Client {
    caller: Caller,
    talk: Episodes,
}

/// Where in the conversation a client is.
#[derive(Debug)]
struct Episodes {
    benchmark: String,
    model_server: String,
    seq: u64,
    /// Observations of the episode that the server knows of.
    steps: Option<u64>,
}

impl Talk for Episodes {
    fn greet(&mut self, link: &mut Link<'_>, options: &ClientOptions) -> Result<(), Error> {
        // A new connection knows of no episode.
        self.steps = None;
        let hello = Body::ClientHello { benchmark: self.benchmark.clone() };
        self.say(link, options, hello)?;
        let frame = link.receive("say hello", options.connect_timeout)?;
        match Message::read(binary(&frame)?, &options.layout, &options.limits)?.body {
            Body::ServerHello { model_server, .. } => self.model_server = model_server,
            Body::Error(text) => return Err(Error::Peer(excerpt(&text))),
            _ => return Err(FrameError::entry("type", "hello", "another message").into()),
        }
        Ok(())
    }
}

impl Episodes {
    fn say(
        &mut self,
        link: &mut Link<'_>,
        options: &ClientOptions,
        body: Body,
    ) -> Result<(), Error> {
        self.seq += 1;
        let message = Message { seq: self.seq, timestamp: unix_secs(), body };
        link.send(message.write(), options.answer_timeout)
    }

    fn ask(
        &mut self,
        link: &mut Link<'_>,
        options: &ClientOptions,
        request: &Request,
    ) -> Result<Chunk, Error> {
        if self.steps.is_none() {
            self.say(link, options, Body::EpisodeStart { task: request.prompt.clone() })?;
        }
        self.steps = Some(self.steps.unwrap_or(0) + 1);
        self.say(link, options, Body::Observation(request.clone()))?;
        let frame = link.receive("answer", options.answer_timeout)?;
        let message = Message::read(binary(&frame)?, &options.layout, &options.limits)?;
        match message.body {
            Body::Action(chunk) if message.seq == self.seq => Ok(chunk),
            Body::Action(_) => {
                let got = message.seq.to_string();
                Err(FrameError::entry("seq", self.seq.to_string(), got).into())
            }
            Body::Error(text) => Err(Error::Peer(excerpt(&text))),
            _ => Err(FrameError::entry("type", "action", "another message").into()),
        }
    }
}

impl Client {
    /// Connects and says hello; `benchmark` says for what.
    ///
    /// # Errors
    /// The server cannot be reached in the attempts that the options allow, or is none of vla-eval's.
    pub fn connect(
        endpoint: Endpoint,
        options: ClientOptions,
        benchmark: &str,
    ) -> Result<Self, Error> {
        let talk = Episodes {
            benchmark: benchmark.to_owned(),
            model_server: String::new(),
            seq: 0,
            steps: None,
        };
        let mut client = Self { caller: Caller::new(endpoint, options), talk };
        client.caller.call(&mut client.talk, |_, _, _| Ok(()))?;
        Ok(client)
    }

    /// What the server called itself when it was last connected to.
    pub fn model_server(&self) -> &str {
        &self.talk.model_server
    }

    /// How many components of actions lay outside of [-1, 1] and were cut so far. Counts on, so that
    /// it can be kept when the client has become an [`InstructedPolicy`].
    pub fn cuts(&self) -> Arc<AtomicU64> {
        self.caller.cuts()
    }
}

impl InstructedPolicy for Client {
    fn reset(&mut self) -> Result<(), PolicyError> {
        let Some(steps) = self.talk.steps.filter(|_| self.caller.is_connected()) else {
            return Ok(());
        };
        self.caller.call(&mut self.talk, |talk, link, options| {
            // On a connection that is made anew, the episode is over already.
            if talk.steps.take().is_some() {
                talk.say(link, options, Body::EpisodeEnd { steps })?;
            }
            Ok(())
        })?;
        Ok(())
    }

    fn infer(
        &mut self,
        observation: &Observation,
        instruction: &str,
    ) -> Result<Vec<Command>, PolicyError> {
        let request = self.caller.options.layout.request(observation, instruction)?;
        let chunk = self
            .caller
            .call(&mut self.talk, |talk, link, options| talk.ask(link, options, &request))?;
        Ok(self.caller.count(chunk))
    }
}
