//! `geometry_msgs`.

use super::{messages, std_msgs::Header};

messages! {
    pub struct Vector3 { x: f64, y: f64, z: f64 }
    pub struct Quaternion { x: f64, y: f64, z: f64, w: f64 }
    pub struct Transform { translation: Vector3, rotation: Quaternion }
    pub struct TransformStamped { header: Header, child_frame_id: String, transform: Transform }
    pub struct Twist { linear: Vector3, angular: Vector3 }
}

impl From<&ergon_vocab::Pose> for Transform {
    fn from(pose: &ergon_vocab::Pose) -> Self {
        let (t, r) = (&pose.translation, &pose.rotation);
        Self {
            translation: Vector3 { x: t.x, y: t.y, z: t.z },
            rotation: Quaternion { x: r.i, y: r.j, z: r.k, w: r.w },
        }
    }
}
