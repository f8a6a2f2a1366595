//! ROS 2 messages as plain structs, a file a package. The order of the fields is the order on the wire.

#![allow(
    missing_docs,
    reason = "the fields are those of the interface definitions of each package"
)]

use crate::robot::Stamp;

pub mod control_msgs;
pub mod ergon_msgs;
pub mod geometry_msgs;
pub mod plansys2_msgs;
pub mod rosgraph_msgs;
pub mod sensor_msgs;
pub mod std_msgs;
pub mod tf2_msgs;
pub mod trajectory_msgs;

/// Declares messages.
macro_rules! messages {
    ($($(#[$meta:meta])* pub struct $name:ident { $($field:ident: $kind:ty),* $(,)? })*) => { $(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $name { $(pub $field: $kind),* }

        impl ros2_client::Message for $name {}
    )* }
}

pub(crate) use messages;

messages! {
    /// A moment or a length of time, s and ns.
    pub struct Time { sec: i32, nanosec: u32 }
}

impl Time {
    /// A length of time, or a time since 1970, s.
    pub fn from_secs(secs: f64) -> Self {
        let whole = secs.floor();
        Self { sec: whole as i32, nanosec: ((secs - whole) * 1e9) as u32 }
    }

    /// As a stamp.
    pub fn stamp(&self) -> Stamp {
        Stamp { sec: self.sec, nanosec: self.nanosec }
    }

    /// As seconds.
    pub fn secs(&self) -> f64 {
        f64::from(self.sec) + f64::from(self.nanosec) * 1e-9
    }
}
