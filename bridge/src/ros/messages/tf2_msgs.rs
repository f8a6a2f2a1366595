//! `tf2_msgs`.

use super::{geometry_msgs::TransformStamped, messages};

messages! {
    pub struct TFMessage { transforms: Vec<TransformStamped> }
}
