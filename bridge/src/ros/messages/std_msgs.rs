//! `std_msgs` and `std_srvs`.

use super::{Time, messages};

messages! {
    pub struct Header { stamp: Time, frame_id: String }
    pub struct Text { data: String }
    pub struct Bool { data: bool }
    pub struct SetBoolRequest { data: bool }
    pub struct SetBoolResponse { success: bool, message: String }
    /// A request or goal without fields has one that nobody reads.
    pub struct Empty { structure_needs_at_least_one_member: u8 }
}
