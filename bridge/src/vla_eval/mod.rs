//! The protocol of vla-eval's model servers, version 1.
//!
//! Every message has a kind, a payload, a number and a time. The client says hello and is answered so;
//! then come episodes: `episode_start`, any number of `observation`s, each answered by an `action` with
//! the same number, and `episode_end`. Errors are messages too, and the connection stays open.

mod client;
mod messages;
mod server;

pub use client::Client;
pub use messages::{Body, Message, VERSION};
pub use server::serve;

/// What an address of this protocol begins with, as in `vla-eval://127.0.0.1:8000`.
pub const SCHEME: &str = "vla-eval";
