//! The protocol of openpi's policy servers.
//!
//! The server speaks first: a map that describes it. Then each request is a map with pictures,
//! `observation/state` and `prompt`, and each reply a map with `actions`, (N, 7), and `server_timing`.
//! A text instead of a reply is the report of an error, after which the server closes. There is no
//! message that resets a policy: each connection has its own, which is reset once.

mod client;
mod frames;
mod server;

pub use client::Client;
pub use frames::{Timing, read_reply, read_request, write_reply, write_request};
pub use server::serve;

/// What an address of this protocol begins with, as in `openpi://127.0.0.1:8000`.
pub const SCHEME: &str = "openpi";
