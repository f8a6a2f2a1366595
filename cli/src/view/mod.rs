//! What a person sees of an episode while it runs.

mod live;
mod picture;
mod plain;

pub(crate) use live::LiveView;
pub(crate) use plain::PlainView;
#[cfg(feature = "ros2")]
pub(crate) use plain::describe;
