//! From a robot description (URDF) to a chain of joints.

use ergon_vocab::Pose;
use nalgebra::{Translation3, Unit, UnitQuaternion, Vector3};
use roxmltree::{Document, Node, ParsingOptions};
use thiserror::Error;

use super::chain::{Chain, Joint, JointKind};

/// The longest description that is read, bytes, and the most XML nodes in it.
pub(crate) const LONGEST: usize = 4 << 20;
const MOST_NODES: u32 = 200_000;
/// The most joints between base and tool.
const MOST_JOINTS: usize = 64;

/// Why a description gives no chain.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the robot description {0}")]
pub struct UrdfError(String);

type Result<T> = std::result::Result<T, UrdfError>;

fn bad<T>(message: impl Into<String>) -> Result<T> {
    Err(UrdfError(message.into()))
}

impl Chain {
    /// The chain from link `base` to link `tool` of a URDF text.
    ///
    /// # Errors
    /// The text is no URDF, has no such chain, or a joint of it has no usable axis or limits.
    pub fn from_urdf(text: &str, base: &str, tool: &str) -> Result<Self> {
        if text.len() > LONGEST {
            return bad(format!("is longer than {LONGEST} bytes"));
        }
        let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
        let document = Document::parse_with_options(text, options)
            .map_err(|e| UrdfError(format!("is not XML: {e}")))?;
        let root = document.root_element();
        if !root.has_tag_name("robot") {
            return bad(format!("should be a <robot>, and is a <{}>", root.tag_name().name()));
        }
        let mut joints = Vec::new();
        let mut fixed = Pose::identity();
        for node in path(root, base, tool)? {
            fixed *= origin(node)?;
            if let Some(joint) = joint(node, fixed)? {
                joints.push(joint);
                fixed = Pose::identity();
            }
        }
        if joints.is_empty() {
            return bad(format!("has no moving joint between {base:?} and {tool:?}"));
        }
        Ok(Self { joints, last_from_tool: fixed })
    }
}

/// The joints from one link to another, in order.
fn path<'a>(root: Node<'a, 'a>, base: &str, tool: &str) -> Result<Vec<Node<'a, 'a>>> {
    let joints: Vec<_> = root.children().filter(|n| n.has_tag_name("joint")).collect();
    let mut way = Vec::new();
    let mut link = tool.to_owned();
    while link != base {
        let Some(&node) = joints.iter().find(|&&j| end(j, "child") == Some(link.as_str())) else {
            return bad(format!(
                "does not lead from {base:?} to {tool:?}: no joint has {link:?} as child"
            ));
        };
        if way.len() == MOST_JOINTS {
            return bad(format!(
                "has more than {MOST_JOINTS} joints between {base:?} and {tool:?}"
            ));
        }
        way.push(node);
        link = end(node, "parent").unwrap_or_default().to_owned();
    }
    way.reverse();
    Ok(way)
}

/// The link at one end of a joint.
fn end<'a>(joint: Node<'a, 'a>, side: &str) -> Option<&'a str> {
    joint.children().find(|n| n.has_tag_name(side))?.attribute("link")
}

fn name<'a>(joint: Node<'a, 'a>) -> &'a str {
    joint.attribute("name").unwrap_or("without a name")
}

/// Where a joint is in the frame of its parent link.
fn origin(joint: Node<'_, '_>) -> Result<Pose> {
    let Some(origin) = joint.children().find(|n| n.has_tag_name("origin")) else {
        return Ok(Pose::identity());
    };
    let zero = || Ok(Vector3::zeros());
    let of = |key| origin.attribute(key).map_or_else(zero, |text| vector(name(joint), key, text));
    let (xyz, rpy) = (of("xyz")?, of("rpy")?);
    let turned = UnitQuaternion::from_euler_angles(rpy.x, rpy.y, rpy.z);
    Ok(Pose::from_parts(Translation3::from(xyz), turned))
}

fn vector(joint: &str, key: &str, text: &str) -> Result<Vector3<f64>> {
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|w| w.parse().ok()).collect();
    match numbers[..] {
        [x, y, z] if numbers.iter().all(|n: &f64| n.abs() < 1e3) => Ok(Vector3::new(x, y, z)),
        _ => bad(format!("has {key}={text:?} in joint {joint:?}; expected three numbers")),
    }
}

/// The joint as it moves; `None` for one that does not.
fn joint(node: Node<'_, '_>, previous_from_joint: Pose) -> Result<Option<Joint>> {
    let name = name(node).to_owned();
    let kind = match node.attribute("type") {
        Some("fixed") => return Ok(None),
        Some("revolute") => JointKind::Revolute,
        Some("continuous") => JointKind::Continuous,
        Some("prismatic") => JointKind::Prismatic,
        other => {
            let found = other.unwrap_or("none");
            return bad(format!(
                "has joint {name:?} of type {found:?}; expected revolute, continuous, prismatic or fixed"
            ));
        }
    };
    let axis = node.children().find(|n| n.has_tag_name("axis")).and_then(|n| n.attribute("xyz"));
    let axis = axis.map_or(Ok(Vector3::x()), |text| vector(&name, "axis", text))?;
    let Some(axis) = Unit::try_new(axis, 1e-6) else {
        return bad(format!("has joint {name:?} with an axis of length 0"));
    };
    let limit = node.children().find(|n| n.has_tag_name("limit"));
    let number = |key: &str| -> Option<f64> {
        limit?.attribute(key)?.trim().parse().ok().filter(|x: &f64| x.is_finite())
    };
    let velocity = number("velocity").filter(|v| *v > 0.0);
    let Some(velocity) = velocity else {
        return bad(format!("has joint {name:?} without a velocity limit above 0"));
    };
    let (lower, upper) = match kind {
        JointKind::Continuous => (f64::NEG_INFINITY, f64::INFINITY),
        _ => (number("lower").unwrap_or(0.0), number("upper").unwrap_or(0.0)),
    };
    if lower >= upper {
        return bad(format!("has joint {name:?} with no room between lower and upper limit"));
    }
    Ok(Some(Joint { name, kind, previous_from_joint, axis, lower, upper, velocity }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::robot::testbed::{HOME, URDF};

    fn refused(text: &str) -> String {
        Chain::from_urdf(text, "panda_link0", "panda_hand_tcp").unwrap_err().to_string()
    }

    #[test]
    fn a_description_gives_the_joints_on_the_way_to_the_tool() {
        let chain = Chain::from_urdf(URDF, "panda_link0", "panda_hand_tcp").unwrap();
        let names: Vec<_> = chain.joints.iter().map(|j| j.name.as_str()).collect();
        assert_eq!(names[0], "panda_joint1");
        assert_eq!(chain.dof(), HOME.len());
        assert_eq!(chain.joints[3].upper, -0.0698);
        // The stretched arm has the published length.
        let height = 0.333 + 0.316 + 0.384 - 0.107 - 0.1034;
        let tool = chain.forward(&[0.0; 7]).translation.vector;
        assert!((tool - Vector3::new(0.088, 0.0, height)).norm() < 1e-6, "{tool}");
    }

    #[test]
    fn what_is_wrong_with_a_description_is_told() {
        assert!(refused("<robot").contains("is not XML"));
        assert!(refused("<sdf/>").contains("should be a <robot>"));
        assert!(refused("<robot/>").contains("no joint has \"panda_hand_tcp\" as child"));
        let cases = [
            (r#"velocity="2.175""#, r#"velocity="0""#, "velocity limit above 0"),
            (r#"xyz="0 0 1""#, r#"xyz="0 0 0""#, "axis of length 0"),
            (r#"lower="-2.8973""#, r#"lower="3""#, "no room"),
            (r#"type="revolute""#, r#"type="planar""#, "of type \"planar\""),
            ("0.333", "NaN", "three numbers"),
        ];
        for (from, to, expected) in cases {
            assert!(URDF.contains(from), "{from}");
            let text = refused(&URDF.replace(from, to));
            assert!(text.contains(expected), "{text}");
        }
        let circle = URDF.replace(r#"parent link="panda_link0""#, r#"parent link="panda_link1""#);
        assert!(refused(&circle).contains("more than 64 joints"));
    }
}
