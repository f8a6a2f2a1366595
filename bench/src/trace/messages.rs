//! The ROS 2 messages that a trace uses: their definitions, as MCAP's `ros2msg` schemas want them
//! (each dependency after a line of 80 equals signs), and how they are written and read.

use ergon_vocab::Pose;
use nalgebra::{Quaternion, Translation3, UnitQuaternion};

use super::cdr::{CdrReader, CdrWriter};

/// Name and definition of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Definition {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

macro_rules! dependency {
    ($name:literal) => {
        concat!(
            "================================================================================\nMSG: ",
            $name,
            "\n"
        )
    };
}

macro_rules! header {
    () => {
        concat!(
            dependency!("std_msgs/Header"),
            "builtin_interfaces/Time stamp\nstring frame_id\n",
            dependency!("builtin_interfaces/Time"),
            "int32 sec\nuint32 nanosec\n",
        )
    };
}

pub(super) const JOINT_STATE: Definition = Definition {
    name: "sensor_msgs/msg/JointState",
    text: concat!(
        "std_msgs/Header header\nstring[] name\nfloat64[] position\nfloat64[] velocity\n",
        "float64[] effort\n",
        header!(),
    ),
};

pub(super) const TF: Definition = Definition {
    name: "tf2_msgs/msg/TFMessage",
    text: concat!(
        "geometry_msgs/TransformStamped[] transforms\n",
        dependency!("geometry_msgs/TransformStamped"),
        "std_msgs/Header header\nstring child_frame_id\ngeometry_msgs/Transform transform\n",
        dependency!("geometry_msgs/Transform"),
        "geometry_msgs/Vector3 translation\ngeometry_msgs/Quaternion rotation\n",
        dependency!("geometry_msgs/Vector3"),
        "float64 x\nfloat64 y\nfloat64 z\n",
        dependency!("geometry_msgs/Quaternion"),
        "float64 x\nfloat64 y\nfloat64 z\nfloat64 w\n",
        header!(),
    ),
};

pub(super) const COMPRESSED_IMAGE: Definition = Definition {
    name: "sensor_msgs/msg/CompressedImage",
    text: concat!("std_msgs/Header header\nstring format\nuint8[] data\n", header!()),
};

pub(super) const STRING: Definition =
    Definition { name: "std_msgs/msg/String", text: "string data\n" };

/// `std_msgs/Header`.
fn header(cdr: &mut CdrWriter, time_ns: u64, frame: &str) {
    const SECOND: u64 = 1_000_000_000;
    cdr.i32(i32::try_from(time_ns / SECOND).unwrap_or(i32::MAX));
    cdr.u32((time_ns % SECOND) as u32);
    cdr.string(frame);
}

/// Joints that are sensed at one moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Joints<'a> {
    pub(super) names: Vec<&'a str>,
    /// Rad or m. As many as names.
    pub(super) positions: Vec<f64>,
    /// Rad/s or m/s. As many as names, or none where they are not known.
    pub(super) velocities: Vec<f64>,
}

pub(super) fn joint_state(time_ns: u64, frame: &str, joints: &Joints<'_>) -> Vec<u8> {
    let mut cdr = CdrWriter::new();
    header(&mut cdr, time_ns, frame);
    cdr.sequence(&joints.names, |cdr, name| cdr.string(name));
    cdr.f64s(&joints.positions);
    cdr.f64s(&joints.velocities);
    cdr.f64s(&[]);
    cdr.finish()
}

/// Transforms from `parent` to each named child: `parent_from_child`.
pub(super) fn tf(time_ns: u64, parent: &str, children: &[(String, Pose)]) -> Vec<u8> {
    let mut cdr = CdrWriter::new();
    cdr.sequence(children, |cdr, (child, pose)| {
        header(cdr, time_ns, parent);
        cdr.string(child);
        let (t, r) = (&pose.translation, &pose.rotation);
        [t.x, t.y, t.z, r.i, r.j, r.k, r.w].into_iter().for_each(|number| cdr.f64(number));
    });
    cdr.finish()
}

/// The children of a transform message, to the same bits as they were written.
pub(super) fn read_tf(bytes: &[u8]) -> Option<Vec<(String, Pose)>> {
    CdrReader::new(bytes)?.sequence(|cdr| {
        read_header(cdr)?;
        let child = cdr.string()?.to_owned();
        let mut number = || cdr.f64().filter(|x| x.is_finite());
        let translation = Translation3::new(number()?, number()?, number()?);
        let [i, j, k, w] = [number()?, number()?, number()?, number()?];
        // Not normalised anew: that could change the last bit, and with it a replayed command.
        let rotation = UnitQuaternion::new_unchecked(Quaternion::new(w, i, j, k));
        Some((child, Pose::from_parts(translation, rotation)))
    })
}

pub(super) fn compressed_image(time_ns: u64, camera: &str, png: &[u8]) -> Vec<u8> {
    let mut cdr = CdrWriter::new();
    header(&mut cdr, time_ns, camera);
    cdr.string("png");
    cdr.bytes(png);
    cdr.finish()
}

/// Camera and PNG file of a picture message.
pub(super) fn read_compressed_image(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let mut cdr = CdrReader::new(bytes)?;
    let camera = read_header(&mut cdr)?;
    (cdr.string()? == "png").then_some(())?;
    Some((camera, cdr.bytes()?))
}

pub(super) fn string(text: &str) -> Vec<u8> {
    let mut cdr = CdrWriter::new();
    cdr.string(text);
    cdr.finish()
}

pub(super) fn read_string(bytes: &[u8]) -> Option<&str> {
    CdrReader::new(bytes)?.string()
}

/// The frame of a header; its time is the message's own.
fn read_header<'a>(cdr: &mut CdrReader<'a>) -> Option<&'a str> {
    cdr.i32()?;
    cdr.u32()?;
    cdr.string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_joint_state_has_the_bytes_that_ros_expects() {
        let joints = Joints { names: vec!["a"], positions: vec![1.0], velocities: vec![] };
        let bytes = joint_state(1_500_000_000, "base", &joints);
        let expected = [
            &[0, 1, 0, 0][..],                        // encapsulation
            &[1, 0, 0, 0],                            // sec
            &500_000_000_u32.to_le_bytes(),           // nanosec
            &[5, 0, 0, 0, b'b', b'a', b's', b'e', 0], // frame_id
            &[0, 0, 0],                               // padding to 4
            &[1, 0, 0, 0, 2, 0, 0, 0, b'a', 0],       // name
            &[0, 0],                                  // padding to 4
            &[1, 0, 0, 0],                            // position
            &[0, 0, 0, 0],                            // padding from 36 to 40
            &[0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
            &[0, 0, 0, 0], // velocity
            &[0, 0, 0, 0], // effort
        ]
        .concat();
        assert_eq!(bytes, expected);
    }

    #[test]
    fn transforms_read_back_to_the_same_bits() {
        let pose = Pose::new(
            nalgebra::Vector3::new(0.1, -0.2, 0.3),
            nalgebra::Vector3::new(0.3, 1.0, -0.7),
        );
        let children = vec![("truth/c1".to_owned(), pose), ("truth/c2".to_owned(), pose)];
        assert_eq!(read_tf(&tf(7, "base", &children)), Some(children));
        assert_eq!(read_tf(&tf(7, "base", &[])), Some(vec![]));
    }

    #[test]
    fn pictures_and_strings_read_back() {
        let bytes = compressed_image(3, "wrist", &[1, 2, 3]);
        assert_eq!(read_compressed_image(&bytes), Some(("wrist", &[1, 2, 3][..])));
        assert_eq!(read_string(&string("{}")), Some("{}"));
        assert_eq!(read_string(&[0, 1, 0]), None);
    }
}
