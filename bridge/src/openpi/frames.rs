//! Requests and replies as bytes.

use ergon_vocab::Command;
use rmpv::ValueRef;

use crate::array::{self, Dialect};
use crate::layout::read_state;
use crate::{Chunk, FrameError, Layout, Limits, Request, chunk, msgpack, picture};

const STATE: &str = "observation/state";
const PROMPT: &str = "prompt";

/// How long a server took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// For the policy, ms.
    pub infer_ms: f64,
    /// For the turn before this one, waiting for the request included, ms; none at first.
    pub prev_total_ms: Option<f64>,
}

/// The frame of a request.
pub fn write_request(request: &Request) -> Vec<u8> {
    let state = array::f32_bytes(request.state);
    let dialect = Dialect::OpenPi;
    let images = request.images.iter().map(|(key, i)| (key.as_str(), picture::write(dialect, i)));
    msgpack::write(&msgpack::map(images.chain([
        (STATE, array::write(dialect, "<f4", &[8], &state)),
        (PROMPT, request.prompt.as_str().into()),
    ])))
}

/// Reads a request: the pictures that the layout knows, so far as they are there, and the rest.
///
/// # Errors
/// The frame is none, or holds more than the limits allow.
pub fn read_request(bytes: &[u8], layout: &Layout, limits: &Limits) -> Result<Request, FrameError> {
    let map = msgpack::read(bytes, limits)?;
    let state = read_state(STATE, msgpack::get(&map, STATE)?)?;
    let prompt = msgpack::get(&map, PROMPT)?;
    let prompt = msgpack::text(PROMPT, prompt)?.to_owned();
    let images = layout.read_images(&map, limits)?;
    Ok(Request { images, state, prompt })
}

/// The frame of a reply.
pub fn write_reply(commands: &[Command], timing: &Timing) -> Vec<u8> {
    let actions = chunk::bytes(commands);
    let mut times = vec![("infer_ms", ValueRef::F64(timing.infer_ms))];
    times.extend(timing.prev_total_ms.map(|ms| ("prev_total_ms", ValueRef::F64(ms))));
    msgpack::write(&msgpack::map([
        ("actions", chunk::write(Dialect::OpenPi, &actions)),
        ("server_timing", msgpack::map(times)),
    ]))
}

/// Reads the actions of a reply.
///
/// # Errors
/// The frame is none, its actions are not finite floats of shape (N, 7), or it holds more than the
/// limits allow.
pub fn read_reply(bytes: &[u8], limits: &Limits) -> Result<Chunk, FrameError> {
    let map = msgpack::read(bytes, limits)?;
    Chunk::read(msgpack::get(&map, "actions")?, limits)
}
