//! What the clients of both protocols share: a connection that is made anew when it was lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ergon_vocab::Command;
use tungstenite::protocol::frame::coding::CloseCode;

use crate::link::{Frame, Link};
use crate::time::pause;
use crate::{Chunk, Endpoint, Error, FrameError, Layout, Limits};

/// The longest pause between two attempts.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(5);

/// How a client asks and how long it waits.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientOptions {
    /// How the server names and measures things.
    pub layout: Layout,
    /// For the connection, for the handshake, and for the server's first frame, each.
    pub connect_timeout: Duration,
    /// From a request to its answer; the first one may compile a network.
    pub answer_timeout: Duration,
    /// How often a request is tried, on a new connection each time, if the connection is refused or
    /// lost; at least once. What the server answers is never asked again.
    pub attempts: u32,
    /// The pause before the second attempt; each further one doubles, up to 5 s.
    pub back_off: Duration,
    /// What is taken from the server.
    pub limits: Limits,
}

impl ClientOptions {
    /// For a layout: 10 s to connect, 60 s to answer, four attempts within 1.4 s.
    pub fn new(layout: Layout) -> Self {
        Self {
            layout,
            connect_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(60),
            attempts: 4,
            back_off: Duration::from_millis(200),
            limits: Limits::default(),
        }
    }
}

/// A connection that is made anew when it was lost.
#[derive(Debug)]
pub(crate) struct Caller {
    endpoint: Endpoint,
    pub(crate) options: ClientOptions,
    link: Option<Link<'static>>,
    cuts: Arc<AtomicU64>,
}

/// What a protocol says on a connection.
pub(crate) trait Talk {
    /// The first words on a new connection.
    fn greet(&mut self, link: &mut Link<'_>, options: &ClientOptions) -> Result<(), Error>;
}

impl Caller {
    pub(crate) fn new(endpoint: Endpoint, options: ClientOptions) -> Self {
        Self { endpoint, options, link: None, cuts: Arc::default() }
    }

    /// Connects if it is not connected, and has a conversation.
    pub(crate) fn call<P: Talk, T>(
        &mut self,
        protocol: &mut P,
        mut talk: impl FnMut(&mut P, &mut Link<'_>, &ClientOptions) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut back_off = self.options.back_off;
        let mut attempt = 1;
        loop {
            // A link on which anything failed is dropped: a late answer would pass for the next one.
            let link = self.link.take();
            let outcome = link.map_or_else(|| self.open(protocol), Ok).and_then(|mut link| {
                let said = talk(protocol, &mut link, &self.options)?;
                Ok((link, said))
            });
            match outcome {
                Ok((link, said)) => {
                    self.link = Some(link);
                    return Ok(said);
                }
                Err(error) if error.may_pass() && attempt < self.options.attempts => {
                    pause(back_off);
                    back_off = (2 * back_off).min(LONGEST_BACK_OFF);
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn open<P: Talk>(&self, protocol: &mut P) -> Result<Link<'static>, Error> {
        let options = &self.options;
        let frame_bytes = options.limits.frame_bytes;
        let mut link = Link::connect(&self.endpoint, options.connect_timeout, frame_bytes)?;
        protocol.greet(&mut link, options)?;
        Ok(link)
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.link.is_some()
    }

    pub(crate) fn cuts(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.cuts)
    }

    /// Counts what was cut of a chunk.
    pub(crate) fn count(&self, chunk: Chunk) -> Vec<Command> {
        self.cuts.fetch_add(chunk.cut, Ordering::Relaxed);
        chunk.commands
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        if let Some(link) = self.link.take() {
            link.close(CloseCode::Normal, "");
        }
    }
}

/// The bytes of a frame; in both protocols a text is a server's report of an error.
pub(crate) fn binary(frame: &Frame) -> Result<&[u8], Error> {
    match frame {
        Frame::Binary(bytes) => Ok(bytes),
        Frame::Text(text) => Err(Error::Peer(excerpt(text))),
    }
}

/// The end of a report, where a Python traceback says what happened.
pub(crate) fn excerpt(text: &str) -> String {
    const CHARS: usize = 600;
    let text = text.trim();
    let start = text.char_indices().rev().nth(CHARS - 1).map_or(0, |(at, _)| at);
    let last = text.lines().next_back().unwrap_or_default();
    if last == text {
        return text[start..].to_owned();
    }
    format!("{}\n{}", last.chars().take(CHARS).collect::<String>(), &text[start..])
}

/// What a peer says of itself, for people.
pub(crate) fn description(value: &rmpv::ValueRef<'_>) -> Result<String, FrameError> {
    match value {
        rmpv::ValueRef::Map(_) => Ok(value.to_string().chars().take(4000).collect()),
        other => Err(FrameError::entry("the first frame", "a map", crate::msgpack::kind(other))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_begins_with_the_line_that_says_what_happened() {
        assert_eq!(excerpt("boom"), "boom");
        let report = format!("Traceback:\n{}\nValueError: boom\n", "é".repeat(2000));
        let excerpt = excerpt(&report);
        assert!(excerpt.starts_with("ValueError: boom\n"), "{excerpt}");
        assert!(excerpt.chars().count() < 700);
    }
}
