//! The channels of a trace and what is said about them in its schemas.

use super::messages::{self, Definition};

/// How the JSON channels travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notes {
    /// As JSON with a JSON schema: Foxglove shows and plots every field.
    #[default]
    Json,
    /// As JSON text in `std_msgs/msg/String`: `ros2 bag` and rosbag2's API open the file. They
    /// refuse a file whose channels differ in encoding (ros2/rosbag2, issue 1245).
    RosString,
}

/// A channel that every trace has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    JointStates,
    Tf,
    TruthTf,
    Observation,
    Command,
    Facts,
    Plan,
    Action,
    Skill,
    Events,
    Digest,
}

/// What a channel carries.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content {
    Ros(Definition),
    /// JSON: the name of its schema, and the schema.
    Json(&'static str, &'static str),
}

impl Topic {
    pub(super) const ALL: [Self; 11] = [
        Self::JointStates,
        Self::Tf,
        Self::TruthTf,
        Self::Observation,
        Self::Command,
        Self::Facts,
        Self::Plan,
        Self::Action,
        Self::Skill,
        Self::Events,
        Self::Digest,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::JointStates => "/joint_states",
            Self::Tf => "/tf",
            Self::TruthTf => "/truth/tf",
            Self::Observation => "/ergon/observation",
            Self::Command => "/ergon/command",
            Self::Facts => "/ergon/facts",
            Self::Plan => "/ergon/plan",
            Self::Action => "/ergon/action",
            Self::Skill => "/ergon/skill",
            Self::Events => "/ergon/events",
            Self::Digest => "/ergon/digest",
        }
    }

    pub(super) fn content(self) -> Content {
        match self {
            Self::JointStates => Content::Ros(messages::JOINT_STATE),
            Self::Tf | Self::TruthTf => Content::Ros(messages::TF),
            Self::Observation => Content::Json("ergon.Observation", OBSERVATION),
            Self::Command => Content::Json("ergon.Command", COMMAND),
            Self::Facts => Content::Json("ergon.Facts", FACTS),
            Self::Plan => Content::Json("ergon.Plan", PLAN),
            Self::Action => Content::Json("ergon.Action", ACTION),
            Self::Skill => Content::Json("ergon.Skill", SKILL),
            Self::Events => Content::Json("ergon.Event", EVENT),
            Self::Digest => Content::Json("ergon.Digest", DIGEST),
        }
    }

    /// Said with the channel, for people who meet the file without this code.
    pub(super) const fn note(self) -> &'static str {
        match self {
            Self::TruthTf => "true poses of the bodies, for judge and replay; no agent reads them",
            Self::Digest => "digest of the simulator's state after each step",
            _ => "",
        }
    }
}

/// The channel of a camera's pictures. Scenario names may hold `-`, ROS names may not; the frame of
/// each picture has the camera's own name.
pub(super) fn camera_topic(camera: &str) -> String {
    let name: String =
        camera.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("/camera/{name}/compressed")
}

/// Whether a topic is that of a camera.
pub(super) fn is_camera_topic(topic: &str) -> bool {
    topic.starts_with("/camera/") && topic.ends_with("/compressed")
}

const OBSERVATION: &str = r#"{
  "title": "Observation",
  "description": "Proprioception in the base frame, and the cameras that took a picture at this time.",
  "type": "object",
  "properties": {
    "step": {"type": "integer"},
    "time_secs": {"type": "number"},
    "ee_position": {"type": "array", "items": {"type": "number"}, "description": "tool centre point, m"},
    "ee_orientation": {"type": "array", "items": {"type": "number"}, "description": "axis times angle, rad"},
    "finger_positions": {"type": "array", "items": {"type": "number"}, "description": "m"},
    "joint_positions": {"type": "array", "items": {"type": "number"}, "description": "rad; empty where not known"},
    "joint_velocities": {"type": "array", "items": {"type": "number"}, "description": "rad/s; empty where not known"},
    "cameras": {"type": "array", "items": {"type": "string"}}
  }
}"#;

const COMMAND: &str = r#"{
  "title": "Command",
  "description": "The command that leads from this step to the next.",
  "type": "object",
  "properties": {
    "step": {"type": "integer"},
    "command": {"type": "array", "items": {"type": "number"}, "description": "dx dy dz droll dpitch dyaw gripper, -1 to 1; 1 is 0.05 m or 0.5 rad; gripper -1 open, 1 closed"},
    "by": {"type": "string", "enum": ["agent", "stage"]}
  }
}"#;

const FACTS: &str = r#"{
  "title": "Facts",
  "description": "What the agent believes; written when the truth of an atom changes.",
  "type": "object",
  "properties": {
    "step": {"type": "integer"},
    "facts": {
      "type": "object",
      "additionalProperties": {
        "type": "object",
        "properties": {
          "truth": {"type": "string", "enum": ["true", "false", "unknown"]},
          "margin": {"type": ["number", "string"], "description": "distance from the threshold, m; inf and NaN as text"}
        }
      }
    }
  }
}"#;

const PLAN: &str = r#"{
  "title": "Plan",
  "description": "A new plan; it replaces any former one.",
  "type": "object",
  "properties": {
    "replans": {"type": "integer", "description": "0 for the first plan"},
    "cost": {"type": "integer"},
    "steps": {
      "type": "array",
      "items": {
        "type": "object",
        "properties": {
          "action": {"type": "string"},
          "cost": {"type": "integer"},
          "preconditions": {"type": "array", "items": {"type": "string"}},
          "effects": {"type": "array", "items": {"type": "string"}}
        }
      }
    }
  }
}"#;

const ACTION: &str = r#"{
  "title": "Action",
  "description": "A step of the plan begins, or ended with its effects believed.",
  "type": "object",
  "properties": {
    "state": {"type": "string", "enum": ["started", "succeeded"]},
    "index": {"type": "integer", "description": "index into the present plan"},
    "action": {"type": "string"},
    "attempt": {"type": "integer", "description": "1 for the first"}
  }
}"#;

const SKILL: &str = r#"{
  "title": "Skill",
  "description": "A skill begins or ended.",
  "type": "object",
  "properties": {
    "state": {"type": "string", "enum": ["started", "ended"]},
    "skill": {"type": "string"},
    "args": {"type": "array", "items": {"type": "string"}},
    "steps": {"type": "integer", "description": "control steps used"},
    "failure": {"type": "string"}
  }
}"#;

const EVENT: &str = r#"{
  "title": "Event",
  "description": "A decision of the agent with its reason, or something that befell it.",
  "type": "object",
  "properties": {
    "time_secs": {"type": "number"},
    "event": {"type": "string"},
    "reason": {"type": "string"}
  }
}"#;

const DIGEST: &str = r#"{
  "title": "Digest",
  "description": "Digest of the simulator's state after this many steps, 16 hexadecimal digits.",
  "type": "object",
  "properties": {
    "step": {"type": "integer"},
    "digest": {"type": "string"}
  }
}"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_json_and_topics_are_listed_in_the_order_of_their_numbers() {
        for (index, topic) in Topic::ALL.into_iter().enumerate() {
            assert_eq!(topic as usize, index);
            if let Content::Json(_, schema) = topic.content() {
                let value: serde_json::Value = serde_json::from_str(schema).unwrap();
                assert_eq!(value["type"], "object");
            }
        }
    }

    #[test]
    fn camera_topics_are_ros_names() {
        assert_eq!(camera_topic("left-2"), "/camera/left_2/compressed");
        assert!(is_camera_topic(&camera_topic("wrist")));
    }
}
