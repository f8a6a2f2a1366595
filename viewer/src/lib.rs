//! The window: an episode live or from a trace, to be watched, scrubbed and disturbed.
//!
//! Two halves. This one knows no window: a [`Setting`] is what stays the same while something is shown, a
//! [`Moment`] what is shown at one time. Moments come from a [`LiveRun`], which obeys [`Order`]s, or from a
//! [`Timeline`], which a [`Playback`] moves along. [`panels`] turns a moment into lines of text, [`layout`]
//! says where they go, [`hand`] turns the mouse into orders. The other half, `window`, draws all that with
//! bevy, on a screen or into a file, and is compiled with the feature of its name only.

pub mod annotate;
mod clock;
mod error;
pub mod hand;
pub mod layout;
mod live;
mod moment;
mod narration;
pub mod orbit;
pub mod panels;
mod playback;
pub mod session;
pub mod surface;
mod timeline;
#[cfg(feature = "window")]
pub mod window;

pub use clock::WallClock;
pub use error::ViewerError;
pub use live::{LiveRun, Order, Play, Tidings};
pub use moment::{Body, Moment, Place, Seen, Setting, Solid};
pub use narration::{Fact, Kind, Line, Narration, Skill, Step, Truth};
pub use playback::Playback;
pub use timeline::{Mark, Timeline};
