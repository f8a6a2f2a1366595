//! The server.

use std::collections::VecDeque;
use std::io;
use std::net::TcpListener;
use std::sync::atomic::AtomicBool;

use ergon_vocab::{Command, InstructedPolicy, PolicyError};

use super::{Body, Message};
use crate::link::Frame;
use crate::server::{self, Answer, Health, binary, checked};
use crate::time::unix_secs;
use crate::{Chunk, Request, ServerOptions};

const HEALTH: Health =
    Health { path: "/health", content_type: "application/json", body: "{\"status\": \"ok\"}\n" };

/// Serves policies until `stop` is set. Each connection has a thread, and a policy of its own that
/// `open` makes there. Where the listener is bound decides who can ask; nobody is authenticated, so
/// bind to the loopback address unless everybody on the network may.
///
/// Benchmarks take one command at a time, so that the commands of a chunk are handed out one by one,
/// [as many as the options say](ServerOptions::execute), as long as the instruction stays the same.
/// `GET /health` answers `{"status": "ok"}`. What cannot be answered is answered with an error.
///
/// # Errors
/// The listener cannot be listened to. What goes wrong on a connection ends that connection and is
/// [reported](ServerOptions::report).
pub fn serve(
    listener: &TcpListener,
    open: impl Fn() -> Result<Box<dyn InstructedPolicy>, PolicyError> + Sync,
    options: &ServerOptions,
    stop: &AtomicBool,
) -> io::Result<()> {
    let session = || Session {
        open: &open,
        options,
        policy: None,
        step: 0,
        prompt: String::new(),
        commands: VecDeque::new(),
    };
    server::serve(listener, &HEALTH, session, options, stop)
}

struct Session<'a, F> {
    open: F,
    options: &'a ServerOptions,
    policy: Option<Box<dyn InstructedPolicy>>,
    /// Observations of this episode.
    step: u64,
    /// The instruction that the commands follow.
    prompt: String,
    /// Commands that are still to be handed out.
    commands: VecDeque<Command>,
}

impl<F: Fn() -> Result<Box<dyn InstructedPolicy>, PolicyError>> Session<'_, F> {
    fn policy(&mut self) -> Result<&mut Box<dyn InstructedPolicy>, PolicyError> {
        let policy = match self.policy.take() {
            Some(policy) => policy,
            None => (self.open)()?,
        };
        Ok(self.policy.insert(policy))
    }

    fn start(&mut self) -> Result<(), PolicyError> {
        self.step = 0;
        self.commands.clear();
        self.policy()?.reset()
    }

    fn act(&mut self, request: Request) -> Result<Command, PolicyError> {
        if self.prompt != request.prompt {
            self.prompt.clone_from(&request.prompt);
            self.commands.clear();
        }
        if self.commands.is_empty() {
            let prompt = request.prompt.clone();
            let observation = self.options.layout.observation(request, self.step);
            let chunk = self.policy()?.infer(&observation, &prompt).and_then(checked)?;
            self.commands = chunk.into_iter().take(self.options.execute.max(1)).collect();
        }
        let command = self.commands.pop_front();
        self.step += 1;
        command.ok_or_else(|| PolicyError("the policy gave no command".to_owned()))
    }

    fn reply(&mut self, body: Body) -> Result<Option<Body>, String> {
        Ok(match body {
            Body::ClientHello { .. } => {
                self.policy().map_err(|e| e.to_string())?;
                let keys = self.options.layout.cameras.iter().map(|(key, _)| key.clone());
                let model_server = self.options.name.clone();
                Some(Body::ServerHello { model_server, cameras: keys.collect() })
            }
            Body::EpisodeStart { .. } => {
                self.start().map_err(|e| format!("episode_start_failed: {e}"))?;
                None
            }
            Body::Observation(request) => {
                let command = self.act(request).map_err(|e| format!("observation_failed: {e}"))?;
                Some(Body::Action(Chunk { commands: vec![command], cut: 0 }))
            }
            Body::EpisodeEnd { .. } | Body::Error(_) => None,
            Body::ServerHello { .. } | Body::Action(_) => {
                return Err("a server says that, not a client".to_owned());
            }
        })
    }
}

impl<F: Fn() -> Result<Box<dyn InstructedPolicy>, PolicyError>> server::Session for Session<'_, F> {
    fn greet(&mut self) -> Answer {
        Answer::Silence
    }

    fn answer(&mut self, frame: &Frame) -> Answer {
        let options = self.options;
        let message = binary(frame)
            .and_then(|bytes| Message::read(bytes, &options.layout, &options.limits))
            .map_err(|e| e.to_string());
        // What cannot be read has no number to answer to.
        let seq = message.as_ref().map_or(0, |message| message.seq);
        let body = match message.and_then(|message| self.reply(message.body)) {
            Ok(None) => return Answer::Silence,
            Ok(Some(body)) => body,
            Err(text) => Body::Error(text),
        };
        Answer::Say(Message { seq, timestamp: unix_secs(), body }.write())
    }
}
