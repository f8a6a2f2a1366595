//! A WebSocket on which every wait has an end.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tungstenite::protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode};
use tungstenite::{HandshakeError, Message, WebSocket};

use crate::time::Deadline;
use crate::{Endpoint, Error};

/// How often a wait looks whether it should stop.
const TICK: Duration = Duration::from_millis(50);
/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_millis(500);
/// The longest reason of a close frame, bytes.
const REASON_BYTES: usize = 123;

/// A TCP stream whose reads and writes end by a deadline, also if the peer drips.
#[derive(Debug)]
pub(crate) struct Stream<'a> {
    tcp: TcpStream,
    /// Bytes that were read already and are read again.
    unread: Vec<u8>,
    deadline: Deadline,
    stop: Option<&'a AtomicBool>,
}

impl<'a> Stream<'a> {
    pub(crate) fn new(
        tcp: TcpStream,
        patience: Duration,
        stop: Option<&'a AtomicBool>,
    ) -> io::Result<Self> {
        // A listener that polls may hand this on to what it accepts.
        tcp.set_nonblocking(false)?;
        tcp.set_nodelay(true)?;
        Ok(Self { tcp, unread: Vec::new(), deadline: Deadline::after(patience), stop })
    }

    pub(crate) fn unread(&mut self, bytes: Vec<u8>) {
        self.unread = bytes;
    }

    fn until_done<T>(
        &mut self,
        mut attempt: impl FnMut(&mut TcpStream, Duration) -> io::Result<T>,
    ) -> io::Result<T> {
        loop {
            if self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
                return Err(ErrorKind::ConnectionAborted.into());
            }
            let left = self.deadline.left().ok_or(ErrorKind::TimedOut)?;
            match attempt(&mut self.tcp, left.min(TICK)) {
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.unread.is_empty() {
            let size = self.unread.len().min(buffer.len());
            buffer[..size].copy_from_slice(&self.unread[..size]);
            self.unread.drain(..size);
            return Ok(size);
        }
        self.until_done(|tcp, time| {
            tcp.set_read_timeout(Some(time))?;
            tcp.read(buffer)
        })
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.until_done(|tcp, time| {
            tcp.set_write_timeout(Some(time))?;
            tcp.write(bytes)
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

/// What a peer says.
#[derive(Debug)]
pub(crate) enum Frame {
    Binary(tungstenite::Bytes),
    Text(String),
}

/// A WebSocket after its handshake.
#[derive(Debug)]
pub(crate) struct Link<'a> {
    socket: WebSocket<Stream<'a>>,
    frame_bytes: usize,
}

impl<'a> Link<'a> {
    /// Connects within `patience` for each address of the host; the system's search for the host's
    /// addresses is not bounded.
    pub(crate) fn connect(
        endpoint: &Endpoint,
        patience: Duration,
        frame_bytes: usize,
    ) -> Result<Self, Error> {
        let unreachable = |reason| Error::Unreachable { endpoint: endpoint.to_string(), reason };
        let addresses = (endpoint.host.as_str(), endpoint.port).to_socket_addrs();
        let mut failure = ErrorKind::AddrNotAvailable.into();
        let mut open = None;
        for address in addresses.map_err(unreachable)? {
            match TcpStream::connect_timeout(&address, patience.max(Duration::from_millis(1))) {
                Ok(tcp) => {
                    open = Some(tcp);
                    break;
                }
                Err(error) => failure = error,
            }
        }
        let tcp = open.ok_or_else(|| unreachable(failure))?;
        let stream = Stream::new(tcp, patience, None).map_err(unreachable)?;
        let url = format!("ws://{endpoint}/");
        match tungstenite::client::client_with_config(url, stream, Some(config(frame_bytes))) {
            Ok((socket, _)) => Ok(Self { socket, frame_bytes }),
            Err(HandshakeError::Failure(error)) => {
                Err(failed(error, "answer the handshake", patience, frame_bytes))
            }
            Err(HandshakeError::Interrupted(_)) => {
                Err(Error::TimedOut { what: "answer the handshake", patience })
            }
        }
    }

    /// Answers the handshake of a client, all of whose request has been read before.
    pub(crate) fn accept(stream: Stream<'a>, frame_bytes: usize) -> Result<Self, Error> {
        match tungstenite::accept_with_config(stream, Some(config(frame_bytes))) {
            Ok(socket) => Ok(Self { socket, frame_bytes }),
            Err(error) => Err(Error::NoWebSocket(error.to_string())),
        }
    }

    /// Waits for the next message.
    pub(crate) fn receive(
        &mut self,
        what: &'static str,
        patience: Duration,
    ) -> Result<Frame, Error> {
        self.socket.get_mut().deadline = Deadline::after(patience);
        loop {
            match self.socket.read() {
                Ok(Message::Binary(bytes)) => return Ok(Frame::Binary(bytes)),
                Ok(Message::Text(text)) => return Ok(Frame::Text(text.to_string())),
                Ok(Message::Close(frame)) => {
                    let reason = frame.map_or_else(String::new, |frame| {
                        format!(" ({} {})", u16::from(frame.code), frame.reason)
                    });
                    return Err(Error::Lost(format!("the peer closed it{reason}")));
                }
                Ok(_) => {}
                Err(error) => return Err(failed(error, what, patience, self.frame_bytes)),
            }
        }
    }

    pub(crate) fn send(&mut self, bytes: Vec<u8>, patience: Duration) -> Result<(), Error> {
        self.say(Message::binary(bytes), patience)
    }

    pub(crate) fn send_text(&mut self, text: String, patience: Duration) -> Result<(), Error> {
        self.say(Message::text(text), patience)
    }

    fn say(&mut self, message: Message, patience: Duration) -> Result<(), Error> {
        self.socket.get_mut().deadline = Deadline::after(patience);
        let sent = self.socket.send(message);
        sent.map_err(|error| failed(error, "take a message", patience, self.frame_bytes))
    }

    /// Closes the connection with a reason and waits a moment for the peer to agree, so that it reads
    /// what was said last. Whether it does changes nothing here.
    pub(crate) fn close(mut self, code: CloseCode, reason: &str) {
        let end =
            (0..=reason.len().min(REASON_BYTES)).rev().find(|&at| reason.is_char_boundary(at));
        let reason = reason[..end.unwrap_or(0)].to_owned().into();
        let stream = self.socket.get_mut();
        stream.deadline = Deadline::after(FAREWELL);
        stream.stop = None;
        let mut state = self.socket.close(Some(CloseFrame { code, reason }));
        while state.is_ok() {
            state = self.socket.read().map(|_| ());
        }
    }
}

fn config(frame_bytes: usize) -> WebSocketConfig {
    WebSocketConfig::default().max_message_size(Some(frame_bytes)).max_frame_size(Some(frame_bytes))
}

/// What an error of the socket means.
fn failed(
    error: tungstenite::Error,
    what: &'static str,
    patience: Duration,
    frame_bytes: usize,
) -> Error {
    use tungstenite::Error as Ws;
    use tungstenite::error::ProtocolError;
    match error {
        Ws::Io(e) if e.kind() == ErrorKind::TimedOut => Error::TimedOut { what, patience },
        Ws::Io(e) if e.kind() == ErrorKind::ConnectionAborted => Error::Stopped,
        Ws::Io(e) => Error::Lost(e.to_string()),
        Ws::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            Error::Lost("the peer is gone".to_owned())
        }
        Ws::ConnectionClosed | Ws::AlreadyClosed => Error::Lost("it is closed".to_owned()),
        Ws::Capacity(_) => Error::TooLarge(frame_bytes),
        Ws::Http(_) | Ws::HttpFormat(_) | Ws::Url(_) | Ws::AttackAttempt => {
            Error::NoWebSocket(error.to_string())
        }
        Ws::Protocol(e) if what == "answer the handshake" => Error::NoWebSocket(e.to_string()),
        error => Error::Broken(error.to_string()),
    }
}
