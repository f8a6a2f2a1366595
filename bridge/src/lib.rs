//! Policies behind sockets, and real arms behind ROS 2.
//!
//! [`robot`] is what an arm with ros2_control needs, as far as no wire is involved; `ros`, with the
//! feature `ros2`, is the wire.
//!
//! [`openpi`] and [`vla_eval`] are two protocols between a robot's controller and a policy server, each
//! with both ends: a `Client` that is an [`InstructedPolicy`](ergon_vocab::InstructedPolicy), and
//! `serve`, which puts any such policy behind a socket. Both are msgpack with numpy's arrays over
//! WebSocket; they differ in what is said. A [`Layout`] says how the peer names and measures what the
//! robot senses.
//!
//! Peers are not trusted: [`Limits`] bound what a frame may hold, and every wait has an end. Nothing
//! is encrypted and nobody is authenticated, as in the originals: serve on the loopback address, or
//! where everybody who can connect may ask.

mod array;
mod caller;
mod chunk;
mod endpoint;
mod error;
mod layout;
mod limits;
mod link;
mod msgpack;
pub mod openpi;
mod picture;
mod resize;
pub mod robot;
#[cfg(feature = "ros2")]
pub mod ros;
mod server;
mod time;
pub mod vla_eval;

pub use caller::ClientOptions;
pub use chunk::Chunk;
pub use endpoint::Endpoint;
pub use error::{EndpointError, Error, FrameError};
pub use layout::{Layout, Request};
pub use limits::Limits;
pub use server::{Event, ServerOptions};
