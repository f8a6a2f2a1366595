//! Messages as bytes.

use ergon_vocab::Command;
use rmpv::ValueRef;

use crate::array::{self, Dialect};
use crate::layout::read_state;
use crate::{Chunk, FrameError, Layout, Limits, Request, chunk, msgpack, picture};

/// The version of the protocol.
pub const VERSION: u64 = 1;

const DIALECT: Dialect = Dialect::VlaEval;
/// The convention of pictures, in the protocol's words.
const PICTURE: &str = "rgb_hwc_uint8";

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// An answer has the number of what it answers.
    pub seq: u64,
    /// Time since 1970 at which it was sent, s.
    pub timestamp: f64,
    /// What it says.
    pub body: Body,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A client's hello.
    ClientHello {
        /// What is evaluated; may be empty.
        benchmark: String,
    },
    /// A server's hello. Actions are always steps of the tool with the gripper's closing positive.
    ServerHello {
        /// What the policy is called.
        model_server: String,
        /// Names of the pictures it wants.
        cameras: Vec<String>,
    },
    /// An episode begins.
    EpisodeStart {
        /// Name of the task; may be empty.
        task: String,
    },
    /// The policy is asked.
    Observation(Request),
    /// The answer.
    Action(Chunk),
    /// An episode is over.
    EpisodeEnd {
        /// Observations in it.
        steps: u64,
    },
    /// Something cannot be done, and why.
    Error(String),
}

impl Message {
    /// The bytes of the message.
    pub fn write(&self) -> Vec<u8> {
        match &self.body {
            Body::ClientHello { benchmark } => {
                self.pack("hello", hello([("benchmark", benchmark.as_str().into())]))
            }
            Body::ServerHello { model_server, cameras } => {
                self.pack("hello", server_hello(model_server, cameras))
            }
            Body::EpisodeStart { task } => {
                let task = msgpack::map([("name", task.as_str().into())]);
                self.pack("episode_start", msgpack::map([("task", task)]))
            }
            Body::Observation(request) => self.pack_observation(request),
            Body::Action(chunk) => self.pack_action(&chunk.commands),
            Body::EpisodeEnd { steps } => {
                let entries = [("metrics", msgpack::map([])), ("steps", (*steps).into())];
                self.pack("episode_end", msgpack::map(entries))
            }
            Body::Error(text) => {
                self.pack("error", msgpack::map([("error", text.as_str().into())]))
            }
        }
    }

    /// Reads a message; of an observation the pictures that the layout knows, so far as they are there.
    ///
    /// # Errors
    /// The bytes are no message of this version of the protocol, or hold more than the limits allow.
    pub fn read(bytes: &[u8], layout: &Layout, limits: &Limits) -> Result<Self, FrameError> {
        let map = msgpack::read(bytes, limits)?;
        let kind = msgpack::text("type", msgpack::get(&map, "type")?)?;
        let payload = msgpack::get(&map, "payload")?;
        let body = match kind {
            "hello" => read_hello(payload)?,
            "episode_start" => {
                let name =
                    msgpack::find(payload, "task").and_then(|task| msgpack::find(task, "name"));
                let task = name.map_or(Ok(""), |name| msgpack::text("task name", name))?;
                Body::EpisodeStart { task: task.to_owned() }
            }
            "observation" => Body::Observation(read_observation(payload, layout, limits)?),
            "action" => Body::Action(Chunk::read(msgpack::get(payload, "actions")?, limits)?),
            "episode_end" => Body::EpisodeEnd {
                steps: msgpack::find(payload, "steps").and_then(ValueRef::as_u64).unwrap_or(0),
            },
            "error" => {
                let text = msgpack::find(payload, "error");
                Body::Error(text.map_or_else(|| payload.to_string(), shown))
            }
            _ => return Err(FrameError::entry("type", "a message of vla-eval", "another one")),
        };
        let number = |key| msgpack::get(&map, key);
        let seq = number("seq")?.as_u64();
        let seq =
            seq.ok_or_else(|| FrameError::entry("seq", "a whole number", "something else"))?;
        let timestamp = match *number("timestamp")? {
            ValueRef::F64(time) => time,
            _ => 0.0,
        };
        Ok(Self { seq, timestamp, body })
    }

    fn pack(&self, kind: &str, payload: ValueRef<'_>) -> Vec<u8> {
        msgpack::write(&msgpack::map([
            ("type", kind.into()),
            ("payload", payload),
            ("seq", self.seq.into()),
            ("timestamp", ValueRef::F64(self.timestamp)),
        ]))
    }

    fn pack_observation(&self, request: &Request) -> Vec<u8> {
        let state = array::f32_bytes(request.state);
        let images = request.images.iter();
        let images = images.map(|(key, image)| (key.as_str(), picture::write(DIALECT, image)));
        let entries = [
            ("images", msgpack::map(images)),
            ("task_description", request.prompt.as_str().into()),
            ("state", array::write(DIALECT, "<f4", &[8], &state)),
        ];
        self.pack("observation", msgpack::map(entries))
    }

    /// A single command goes as (7,): benchmarks take one at a time.
    fn pack_action(&self, commands: &[Command]) -> Vec<u8> {
        let bytes = chunk::bytes(commands);
        let actions = match commands {
            [_] => array::write(DIALECT, "<f4", &[7], &bytes),
            _ => chunk::write(DIALECT, &bytes),
        };
        self.pack("action", msgpack::map([("actions", actions)]))
    }
}

/// What both sides say of themselves, and more.
fn hello<'a>(more: impl IntoIterator<Item = (&'a str, ValueRef<'a>)>) -> ValueRef<'a> {
    let version = env!("CARGO_PKG_VERSION");
    let common = [("harness_version", version.into()), ("protocol_version", VERSION.into())];
    msgpack::map(common.into_iter().chain(more))
}

fn server_hello<'a>(model_server: &'a str, cameras: &'a [String]) -> ValueRef<'a> {
    let part = |name: &'a str, dims: u64, format: &'a str| {
        msgpack::map([("name", name.into()), ("dims", dims.into()), ("format", format.into())])
    };
    let pictures = cameras.iter().map(|key| (key.as_str(), part("image", 0, PICTURE)));
    let senses = pictures.chain([
        ("state", part("state", 8, "eef_pos3_axisangle3_gripper2")),
        ("language", part("language", 0, "language")),
    ]);
    let wanted = [
        ("send_state", ValueRef::Boolean(true)),
        ("send_wrist_image", ValueRef::Boolean(cameras.len() > 1)),
    ];
    hello([
        ("model_server", model_server.into()),
        ("capabilities", msgpack::map([])),
        (
            "action_spec",
            msgpack::map([
                ("position", part("position", 3, "delta_xyz")),
                ("rotation", part("rotation", 3, "axis_angle")),
                ("gripper", part("gripper", 1, "binary_close_positive")),
            ]),
        ),
        ("observation_spec", msgpack::map(senses)),
        ("observation_params", msgpack::map(wanted)),
    ])
}

fn read_hello(payload: &ValueRef<'_>) -> Result<Body, FrameError> {
    let version = msgpack::get(payload, "protocol_version")?;
    if version.as_u64() != Some(VERSION) {
        let got: String = version.to_string().chars().take(32).collect();
        return Err(FrameError::entry("protocol_version", VERSION.to_string(), got));
    }
    let text = |key| msgpack::find(payload, key).map(|value| msgpack::text(key, value));
    let Some(model_server) = text("model_server") else {
        let benchmark = text("benchmark").unwrap_or(Ok(""))?.to_owned();
        return Ok(Body::ClientHello { benchmark });
    };
    let mut cameras = Vec::new();
    if let Some(ValueRef::Map(senses)) = msgpack::find(payload, "observation_spec") {
        for (key, spec) in senses {
            let format = msgpack::find(spec, "format").map(|f| msgpack::text("format", f));
            if format == Some(Ok(PICTURE)) {
                cameras.push(msgpack::text("observation_spec", key)?.to_owned());
            }
        }
    }
    Ok(Body::ServerHello { model_server: model_server?.to_owned(), cameras })
}

fn read_observation(
    payload: &ValueRef<'_>,
    layout: &Layout,
    limits: &Limits,
) -> Result<Request, FrameError> {
    let prompt = msgpack::get(payload, "task_description")?;
    let prompt = msgpack::text("task_description", prompt)?.to_owned();
    // The protocol's own LIBERO benchmark says `states`.
    let state = msgpack::find(payload, "states");
    let state = state.map_or_else(|| msgpack::get(payload, "state"), Ok)?;
    let images = msgpack::find(payload, "images");
    let images = images.map_or(Ok(Vec::new()), |images| layout.read_images(images, limits))?;
    Ok(Request { images, state: read_state("state", state)?, prompt })
}

/// A value of a peer as text.
fn shown(value: &ValueRef<'_>) -> String {
    msgpack::text("error", value).map_or_else(|_| value.to_string(), str::to_owned)
}
