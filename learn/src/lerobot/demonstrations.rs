//! Demonstrations as episodes of a data set.

use ergon_controller::learned::SKILLS;
use ergon_vocab::{CameraSpec, Command};

use super::spec::{DatasetSpec, Feature, Frame, Kind, Value};
use crate::demonstrations::Demonstration;

/// Names of a command's numbers: translation and rotation of the tool in the base frame, each as a share
/// of [`Command::TRANSLATION_SCALE`] m or [`Command::ROTATION_SCALE`] rad a step, and the gripper, -1 open
/// and 1 closed.
const ACTION: [&str; 7] = ["dx", "dy", "dz", "droll", "dpitch", "dyaw", "gripper"];
/// Names of what the robot feels of its hand: the tool in the base frame (m, and axis times angle, rad)
/// and the distance of each finger pad from the hand's middle (m).
const TOOL: [&str; 8] = ["x", "y", "z", "rx", "ry", "rz", "left_finger", "right_finger"];

impl DatasetSpec {
    /// The data set of demonstrations in a cell with these cameras and an arm of so many joints.
    pub fn of_demonstrations(cameras: &[CameraSpec], joints: usize) -> Self {
        let picture = |camera: &CameraSpec| {
            let [width, height] = camera.size;
            let name = format!("observation.images.{}", camera.name);
            Feature::new(name, Kind::Image { height, width })
        };
        let state = Feature::new("observation.state", Kind::Floats(TOOL.len())).named(TOOL);
        let angles = Feature::new("observation.joint_positions", Kind::Floats(joints))
            .named((1..=joints).map(|i| format!("joint{i}")));
        let action = Feature::new("action", Kind::Floats(ACTION.len())).named(ACTION);
        let skill = Feature::new("skill_index", Kind::Ints(1));
        let features = cameras.iter().map(picture).chain([state, angles, action, skill]).collect();
        Self { robot_type: "panda".into(), fps: Command::RATE_HZ as u32, features }
    }
}

impl Demonstration {
    /// Its control steps as frames of [`DatasetSpec::of_demonstrations`]. The action is what the expert
    /// would do, without the noise that was on its motion; the skill is its index in [`SKILLS`].
    pub fn frames(&self) -> Vec<Frame> {
        let frames = self.steps.iter().filter_map(|step| {
            // The moment at which a skill ends is that at which the next one begins.
            let command = step.command?.clamped().ok()?;
            let skill = SKILLS.iter().position(|s| *s == step.call.skill)?;
            let o = &step.observation;
            let hand =
                o.ee_position.iter().chain(o.ee_orientation.iter()).chain(&o.finger_positions);
            let pictures = o.images.iter().map(|i| Value::Image(i.image.clone()));
            let rest = [
                Value::Floats(hand.map(|x| *x as f32).collect()),
                Value::Floats(o.joint_positions.iter().map(|x| *x as f32).collect()),
                Value::Floats(command.to_array().map(|x| x as f32).to_vec()),
                Value::Ints(vec![skill as i64]),
            ];
            Some(Frame { values: pictures.chain(rest).collect() })
        });
        frames.collect()
    }
}
