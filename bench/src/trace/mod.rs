//! Traces: one episode as an MCAP file that Foxglove and Rerun open, read back, and played again.
//!
//! [`TraceWriter`] watches an episode and writes it. [`Trace`] is what such a file holds.
//! [`replay`] runs its commands through a new simulator and compares every state with the recorded
//! one; [`ReplayRobot`] gives an agent the recorded senses in place of a robot.
//!
//! Sensors and transforms travel as standard ROS 2 messages in CDR, all else as JSON, either with
//! a JSON schema or, for `ros2 bag`, as strings ([`Notes`]). All times are simulated. Topics under
//! `/truth` are ground truth, for the judge and for replay; no agent reads them.

mod cdr;
mod channels;
mod container;
mod error;
mod messages;
mod notes;
pub mod picture;
mod read;
mod replay;
mod robot;
mod sink;
mod writer;

pub use channels::Notes;
pub use error::{TraceError, TraceWriteError};
pub use notes::{Actor, told_event, told_facts, told_plan};
pub use read::{RecordedCommand, Trace, TraceEvent};
pub use replay::{ReplayReport, replay};
pub use robot::ReplayRobot;
pub use writer::TraceWriter;

/// Version of the trace format; a reader refuses others.
pub const FORMAT_VERSION: &str = "1";

/// Name of the metadata record that makes an MCAP file a trace.
const METADATA: &str = "ergon";
/// Name of the metadata record that tells how the episode ended.
const RECORD_METADATA: &str = "ergon.record";
/// Attachment: the scenario with all it extends.
const SCENARIO_FILE: &str = "scenario.toml";
/// Attachment: the domain.
const DOMAIN_FILE: &str = "domain.pddl";
/// The frame of all poses: the foot of the arm.
const BASE_FRAME: &str = "base";

/// A time of the episode as nanoseconds, the unit of MCAP; 0 where it is negative or not a number.
fn nanoseconds(time_secs: f64) -> u64 {
    // The cast saturates, so that no number is out of range.
    (time_secs * 1e9).round() as u64
}
