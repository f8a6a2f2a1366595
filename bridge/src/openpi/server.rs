//! The server.

use std::io;
use std::net::TcpListener;
use std::sync::atomic::AtomicBool;

use ergon_vocab::{InstructedPolicy, PolicyError};

use super::{Timing, read_request, write_reply};
use crate::link::Frame;
use crate::server::{self, Answer, Health, binary, checked};
use crate::time::Stopwatch;
use crate::{FrameError, ServerOptions, msgpack};

const HEALTH: Health = Health { path: "/healthz", content_type: "text/plain", body: "OK\n" };

/// Serves policies until `stop` is set. Each connection has a thread, and a policy of its own that
/// `open` makes there. Where the listener is bound decides who can ask; nobody is authenticated, so
/// bind to the loopback address unless everybody on the network may.
///
/// `GET /healthz` answers `OK`. A request that cannot be answered is answered with a text that says
/// why, and the connection is closed, as in the original. The step that a policy sees counts the
/// requests on its connection: nobody says how many commands were executed in between.
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
        turn: Stopwatch::start(),
        prev_total_ms: None,
    };
    server::serve(listener, &HEALTH, session, options, stop)
}

struct Session<'a, F> {
    open: F,
    options: &'a ServerOptions,
    policy: Option<Box<dyn InstructedPolicy>>,
    /// Requests answered.
    step: u64,
    turn: Stopwatch,
    prev_total_ms: Option<f64>,
}

impl<F: Fn() -> Result<Box<dyn InstructedPolicy>, PolicyError>> Session<'_, F> {
    fn begin(&mut self) -> Result<Vec<u8>, PolicyError> {
        let mut policy = (self.open)()?;
        policy.reset()?;
        self.policy = Some(policy);
        let metadata = [("policy", self.options.name.as_str().into()), ("action_dim", 7.into())];
        Ok(msgpack::write(&msgpack::map(metadata)))
    }

    fn reply(&mut self, frame: &Frame) -> Result<Vec<u8>, String> {
        let options = self.options;
        let request = binary(frame)
            .and_then(|bytes| read_request(bytes, &options.layout, &options.limits))
            .map_err(|e: FrameError| e.to_string())?;
        let policy = self.policy.as_mut().ok_or("there is no policy")?;
        let prompt = request.prompt.clone();
        let observation = options.layout.observation(request, self.step);
        let mut watch = Stopwatch::start();
        let commands = policy.infer(&observation, &prompt).and_then(checked);
        let commands = commands.map_err(|e| e.to_string())?;
        let infer_ms = watch.lap_ms();
        self.step += 1;
        Ok(write_reply(&commands, &Timing { infer_ms, prev_total_ms: self.prev_total_ms }))
    }
}

impl<F: Fn() -> Result<Box<dyn InstructedPolicy>, PolicyError>> server::Session for Session<'_, F> {
    fn greet(&mut self) -> Answer {
        let answer = self.begin().map_or_else(|e| Answer::Refuse(e.to_string()), Answer::Say);
        self.turn = Stopwatch::start();
        answer
    }

    fn answer(&mut self, frame: &Frame) -> Answer {
        let answer = self.reply(frame).map_or_else(Answer::Refuse, Answer::Say);
        self.prev_total_ms = Some(self.turn.lap_ms());
        answer
    }
}
