//! `rosgraph_msgs`.

use super::{Time, messages};

messages! {
    pub struct Clock { clock: Time }
}
