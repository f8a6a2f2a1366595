//! What the servers of both protocols share: accepting, threads, limits, health, farewell.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use ergon_vocab::{Command, PolicyError};
use tungstenite::protocol::frame::coding::CloseCode;

use crate::link::{Frame, Link, Stream};
use crate::time::pause;
use crate::{Error, FrameError, Layout, Limits};

/// How often the server looks for new connections and whether it should stop.
const POLL: Duration = Duration::from_millis(10);
/// The longest head of an HTTP request, bytes.
const HEAD_BYTES: usize = 8192;

/// What a server tells the program that runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A client speaks the protocol.
    Connected(SocketAddr),
    /// A client left.
    Left(SocketAddr),
    /// A connection ended with an error, which the client was told where that was possible.
    Failed(SocketAddr, String),
    /// A connection was refused since there are as many as allowed, or as threads can be had.
    Refused(SocketAddr),
}

/// How a server serves.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// How clients name and measure things.
    pub layout: Layout,
    /// What the policy is called.
    pub name: String,
    /// Commands of a chunk that are executed before the policy is asked again, where the protocol hands
    /// out one at a time (vla-eval's); in openpi's the client decides.
    pub execute: usize,
    /// Connections at a time; each has a thread and a policy.
    pub max_connections: usize,
    /// From a connection to the end of its handshake.
    pub handshake_timeout: Duration,
    /// From an answer to the end of the next request.
    pub idle_timeout: Duration,
    /// For a message to be taken by the client.
    pub write_timeout: Duration,
    /// What is taken from clients.
    pub limits: Limits,
    /// Called with what happens, from several threads.
    pub report: fn(&Event),
}

impl ServerOptions {
    /// For a layout: 8 connections, 5 s for the handshake, 10 minutes for a request, 10 s to write,
    /// whole chunks executed, nothing reported.
    pub fn new(layout: Layout) -> Self {
        Self {
            layout,
            name: "ergon".to_owned(),
            execute: usize::MAX,
            max_connections: 8,
            handshake_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(600),
            write_timeout: Duration::from_secs(10),
            limits: Limits::default(),
            report: |_| {},
        }
    }
}

/// The answer to a plain HTTP request.
pub(crate) struct Health {
    pub(crate) path: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) body: &'static str,
}

/// One side of a conversation.
pub(crate) trait Session {
    /// What is said before anything is asked.
    fn greet(&mut self) -> Answer;
    /// What is said to a message.
    fn answer(&mut self, frame: &Frame) -> Answer;
}

/// What a session says.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A message.
    Say(Vec<u8>),
    /// Nothing.
    Silence,
    /// The report of an error, and farewell.
    Refuse(String),
}

/// Serves until `stop` is set, then says farewell to every client and returns.
pub(crate) fn serve<S: Session>(
    listener: &TcpListener,
    health: &Health,
    open: impl Fn() -> S + Sync,
    options: &ServerOptions,
    stop: &AtomicBool,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let open_connections = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        while !stop.load(Ordering::Relaxed) {
            let (tcp, peer) = match listener.accept() {
                Ok(accepted) => accepted,
                Err(e) if is_fatal(&e) => {
                    stop.store(true, Ordering::Relaxed);
                    return Err(e);
                }
                Err(_) => {
                    pause(POLL);
                    continue;
                }
            };
            if open_connections.fetch_add(1, Ordering::Relaxed) >= options.max_connections {
                open_connections.fetch_sub(1, Ordering::Relaxed);
                refuse(tcp);
                (options.report)(&Event::Refused(peer));
                continue;
            }
            let (open, open_connections) = (&open, &open_connections);
            let spawned = std::thread::Builder::new().spawn_scoped(scope, move || {
                // A policy that panics takes its own connection with it, not the others.
                let talk = || attend(tcp, peer, health, open, options, stop);
                let ended = catch_unwind(AssertUnwindSafe(talk));
                open_connections.fetch_sub(1, Ordering::Relaxed);
                let error = match ended {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => "the policy panicked".to_owned(),
                };
                (options.report)(&Event::Failed(peer, error));
            });
            if spawned.is_err() {
                open_connections.fetch_sub(1, Ordering::Relaxed);
                (options.report)(&Event::Refused(peer));
            }
        }
        Ok(())
    })
}

/// Whether accepting will not get better by itself; a client that is gone already, and too many open
/// files, pass.
fn is_fatal(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::NotConnected)
}

/// Everything on one connection.
fn attend<S: Session>(
    tcp: TcpStream,
    peer: SocketAddr,
    health: &Health,
    open: impl Fn() -> S,
    options: &ServerOptions,
    stop: &AtomicBool,
) -> Result<(), Error> {
    let lost = |e: io::Error| Error::Lost(e.to_string());
    let mut stream = Stream::new(tcp, options.handshake_timeout, Some(stop)).map_err(lost)?;
    let head = read_head(&mut stream).map_err(lost)?;
    if let Some(response) = plain_response(&head, health) {
        return stream.write_all(response.as_bytes()).map_err(lost);
    }
    stream.unread(head);
    let mut link = Link::accept(stream, options.limits.frame_bytes)?;
    (options.report)(&Event::Connected(peer));
    let ended = converse(&mut link, &mut open(), options);
    let (code, reason) = match &ended {
        // As the original says it.
        Err(Error::Refused(_)) => {
            (CloseCode::Error, "Internal server error. Traceback included in previous frame.")
        }
        Err(Error::Stopped) => (CloseCode::Away, "The server stops."),
        Err(Error::TimedOut { .. }) => (CloseCode::Away, "The client took too long."),
        Err(Error::TooLarge(_)) => (CloseCode::Size, "The message is larger than the limit."),
        Err(Error::Broken(_)) => (CloseCode::Protocol, "This is no WebSocket message."),
        _ => (CloseCode::Normal, ""),
    };
    link.close(code, reason);
    if let Ok(()) | Err(Error::Lost(_) | Error::Stopped) = ended {
        (options.report)(&Event::Left(peer));
        return Ok(());
    }
    ended
}

fn converse(
    link: &mut Link<'_>,
    session: &mut impl Session,
    options: &ServerOptions,
) -> Result<(), Error> {
    let mut answer = session.greet();
    loop {
        match answer {
            Answer::Say(bytes) => link.send(bytes, options.write_timeout)?,
            Answer::Silence => {}
            Answer::Refuse(reason) => {
                link.send_text(reason.clone(), options.write_timeout)?;
                return Err(Error::Refused(reason));
            }
        }
        answer = session.answer(&link.receive("ask", options.idle_timeout)?);
    }
}

/// Reads the head of an HTTP request. The library for WebSocket answers no plain request, so that the
/// head is looked at before it is handed over.
fn read_head(stream: &mut Stream<'_>) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut part = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let size = stream.read(&mut part)?;
        if size == 0 || head.len() + size > HEAD_BYTES {
            return Err(io::Error::new(ErrorKind::InvalidData, "expected an HTTP request"));
        }
        head.extend_from_slice(&part[..size]);
    }
    Ok(head)
}

/// The answer to a request that wants no WebSocket.
fn plain_response(head: &[u8], health: &Health) -> Option<String> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let path = head.split_whitespace().nth(1).unwrap_or_default();
    let (status, content_type, body) = if path == health.path {
        ("200 OK", health.content_type, health.body)
    } else if !head.contains("upgrade: websocket") {
        ("426 Upgrade Required", "text/plain", "This is a WebSocket server.\n")
    } else {
        return None;
    };
    Some(response(status, content_type, body))
}

fn response(status: &str, content_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
}

/// Tells a client that there are too many. Whether it listens changes nothing.
fn refuse(tcp: TcpStream) {
    let text = response("503 Service Unavailable", "text/plain", "Too many connections.\n");
    if let Ok(mut stream) = Stream::new(tcp, POLL, None) {
        stream.write_all(text.as_bytes()).unwrap_or_default();
    }
}

/// What a policy promises: at least one command, all of them finite.
pub(crate) fn checked(commands: Vec<Command>) -> Result<Vec<Command>, PolicyError> {
    let error = |text: &str| Err(PolicyError(text.to_owned()));
    if commands.is_empty() {
        return error("the policy gave no command");
    }
    if commands.iter().any(|command| command.clamped().is_err()) {
        return error("the policy gave a command that is not finite");
    }
    Ok(commands)
}

/// The bytes of a message.
pub(crate) fn binary(frame: &Frame) -> Result<&[u8], FrameError> {
    match frame {
        Frame::Binary(bytes) => Ok(bytes),
        Frame::Text(_) => Err(FrameError::entry("the message", "a binary frame", "a text frame")),
    }
}
