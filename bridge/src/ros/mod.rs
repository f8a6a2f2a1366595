//! ROS 2 over DDS, without a ROS installation.
//!
//! [`RosArm`] drives an arm with ros2_control, [`serve_arm`] puts a simulated one where a real one would
//! be, [`serve_agent`] offers planning and execution to others, [`Told`] is what a robot tells
//! of itself, and [`examine`] looks whether a robot is there with all it should have. [`messages`] are the
//! interfaces as plain structs.
//!
//! Everything is polled from the caller's own thread; one more thread keeps the graph.

mod agent;
mod arm;
mod examine;
mod execute;
mod line;
pub mod messages;
mod plansys2;
mod serve;
mod supervise;
mod told;
mod wire;

pub use agent::{Agent, AgentEvent, Answer, Execution, serve_agent};
pub use arm::RosArm;
pub use examine::{Finding, examine};
pub use serve::{ServedArm, ServedCamera, serve_arm};
pub use supervise::{Heart, Watch, supervise};
pub use told::{Told, Wanted};
pub use wire::{RosError, Wire};
