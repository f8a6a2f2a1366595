//! The robot file, `ROBOT.toml`: what an integrator tells of an arm, its wires and its limits.

use std::collections::BTreeMap;
use std::time::Duration;

use ergon_vocab::{FileError, Place};
use serde::{Deserialize, Serialize};

use super::chain::Chain;
use super::driver::{DriverSettings, GripperSettings, Handover};
use super::segment::{LONGEST_SECS, Pace};
use super::states::StateMap;

/// The version of the format.
const VERSION: u32 = 1;
/// The longest robot file, bytes.
const LONGEST_FILE: usize = 1 << 20;
const MOST_JOINTS: usize = 64;
/// How far a place of the task may be from the arm's base along each axis, m.
const FARTHEST: f64 = 10.0;

/// Where on the network robots are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// On this machine alone.
    #[default]
    Loopback,
    /// On every network of this machine.
    All,
}

/// The ROS 2 distribution whose messages a served robot speaks; a robot that is driven may be of any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Distro {
    /// Humble Hawksbill.
    Humble,
    /// Jazzy Jalisco.
    Jazzy,
    /// Kilted Kaiju and later.
    #[default]
    Kilted,
}

/// `[ros]`: how the robot is reached.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RosFile {
    /// Domain id.
    pub domain: u16,
    /// Namespace that stands before names which do not begin with a slash.
    pub namespace: String,
    /// Where robots are looked for.
    pub network: Network,
    /// Whose messages a served robot speaks.
    pub distro: Distro,
    /// Whether the robot stamps by the clock on `/clock`, as simulators do.
    pub use_sim_time: bool,
}

/// `[arm]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArmFile {
    /// Path of the robot description, relative to the robot file; empty where it is read from a topic.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub urdf: String,
    /// Topic on which the robot tells its description (`std_msgs/String`, latched); empty where it is a
    /// file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The link that is the base frame.
    pub base: String,
    /// The link that is the tool centre point.
    pub tool: String,
    /// Topic of the joint states.
    #[serde(default = "joint_states")]
    pub states: String,
    /// The action `FollowJointTrajectory`.
    pub action: String,
    /// How one motion follows another.
    #[serde(default = "preempt")]
    pub handover: HandoverFile,
    /// Highest acceleration of each joint, rad/s^2 (m/s^2); one number stands for all.
    pub acceleration: OneOrMany,
    /// Share of the description's velocity limits that is used, up to 1.
    #[serde(default = "tenth")]
    pub velocity_scale: f64,
}

/// How one motion follows another, as a robot file says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HandoverFile {
    /// See [`Handover::Finish`].
    Finish,
    /// See [`Handover::Preempt`].
    Preempt,
}

/// A number for all joints, or one for each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// For all.
    One(f64),
    /// For each.
    Many(Vec<f64>),
}

fn joint_states() -> String {
    "/joint_states".into()
}

fn preempt() -> HandoverFile {
    HandoverFile::Preempt
}

fn tenth() -> f64 {
    0.1
}

/// Which action a gripper serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GripperKind {
    /// Whichever the robot serves; `GripperCommand` where it is served from here.
    #[default]
    Auto,
    /// `control_msgs/action/GripperCommand`.
    GripperCommand,
    /// `control_msgs/action/ParallelGripperCommand`.
    ParallelGripperCommand,
}

/// `[gripper]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GripperFile {
    /// The action.
    pub action: String,
    /// Which action that is.
    #[serde(default)]
    pub kind: GripperKind,
    /// Its joint among the joint states.
    pub joint: String,
    /// Position of the joint when open, in its unit.
    pub open: f64,
    /// Position of the joint when closed on nothing, in its unit.
    pub closed: f64,
    /// Distance between the pads for each unit of the joint, m.
    pub opening_per_unit: f64,
    /// Force with which it closes, N.
    pub effort: f64,
}

/// `[limits]`: the safety envelope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsFile {
    /// Where the tool may be: least x, y, z, base frame, m.
    pub workspace_min: [f64; 3],
    /// Where the tool may be: greatest x, y, z, base frame, m.
    pub workspace_max: [f64; 3],
    /// Highest speed of the tool, m/s.
    pub tool_speed: f64,
    /// Highest turning speed of the tool, rad/s.
    pub tool_turn: f64,
    /// Highest acceleration of the tool, m/s^2.
    pub tool_acceleration: f64,
}

/// `[watch]`: what counts as too late.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WatchFile {
    /// Age at which a joint state or a picture is of no use any more, s.
    pub stale_secs: f64,
    /// How long to wait for the robot to become fit again, s.
    pub patience_secs: f64,
    /// Silence of the bridge after which its supervisor calls all motions off, s.
    pub silence_secs: f64,
    /// How far the arm may be from where it was told to be, rad.
    pub tracking: f64,
    /// Topic of the emergency stop (`std_msgs/Bool`); empty for none.
    pub stop: String,
    /// Whether messages are as old as their stamps say; otherwise, as long ago as they arrived.
    pub stamps: bool,
}

impl Default for WatchFile {
    fn default() -> Self {
        Self {
            stale_secs: 0.2,
            patience_secs: 10.0,
            silence_secs: 0.5,
            tracking: 0.1,
            stop: "/estop".into(),
            stamps: true,
        }
    }
}

/// `[[camera]]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CameraEntry {
    /// Its name, as the policies know it.
    pub name: String,
    /// Topic of its pictures (`sensor_msgs/Image`).
    pub image: String,
    /// Topic of its intrinsics (`sensor_msgs/CameraInfo`), which its calibration file must agree with;
    /// empty for none.
    #[serde(default)]
    pub info: String,
    /// Path of its calibration file, relative to the robot file.
    pub calibration: String,
}

/// `[symbols.NAME]`: where a place of the task is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SymbolPlace {
    /// Its middle, on its top face, base frame, m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<[f64; 3]>,
    /// The name in tf of a frame whose origin is there, in place of `position`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub frame: String,
}

/// A robot file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RobotFile {
    /// The version of the format, 1.
    pub version: u32,
    /// What the robot is called.
    pub name: String,
    /// How it is reached.
    #[serde(default)]
    pub ros: RosFile,
    /// Its arm.
    pub arm: ArmFile,
    /// Its gripper.
    pub gripper: GripperFile,
    /// The safety envelope.
    pub limits: LimitsFile,
    /// What counts as too late.
    #[serde(default)]
    pub watch: WatchFile,
    /// Its cameras.
    #[serde(default, rename = "camera")]
    pub cameras: Vec<CameraEntry>,
    /// Where places of the task are, by name; those of the scenario that are not named here are where
    /// the scenario says.
    #[serde(default)]
    pub symbols: BTreeMap<String, SymbolPlace>,
}

/// What is wrong with a value, and what to do.
type Problem = (String, String, &'static str);

impl RobotFile {
    /// Reads the text of a robot file; `file` is its name in errors.
    ///
    /// # Errors
    /// The text is not TOML, something is missing, unknown or of the wrong type, or a number makes no
    /// sense.
    pub fn parse(text: &str, file: &str) -> Result<Self, FileError> {
        if text.len() > LONGEST_FILE {
            let message = format!("expected at most {LONGEST_FILE} bytes, found {}", text.len());
            return Err(error(text, file, None, "", message, "it is no robot file"));
        }
        let parsed: Self = toml::from_str(text).map_err(|e| {
            let at = e.span().map(|span| span.start);
            let hint = "docs/real-robot.md describes every key";
            error(text, file, at, "", e.message().replace('\n', ", "), hint)
        })?;
        match parsed.problem() {
            None => Ok(parsed),
            Some((key, message, hint)) => {
                Err(error(text, file, place(text, &key), &key, message, hint))
            }
        }
    }

    /// The first value that makes no sense.
    fn problem(&self) -> Option<Problem> {
        if self.version != VERSION {
            let message = format!("expected {VERSION}, found {}", self.version);
            return Some(("version".into(), message, "this version of ergon reads format 1 only"));
        }
        self.numbers()
            .or_else(|| self.names())
            .or_else(|| self.description())
            .or_else(|| self.workspace())
    }

    /// The description is a file or a topic, and never both: they would differ one day.
    fn description(&self) -> Option<Problem> {
        let found = match (self.arm.urdf.is_empty(), self.arm.description.is_empty()) {
            (true, true) => "neither",
            (false, false) => "both",
            _ => return None,
        };
        let message = format!("expected urdf (a file) or description (a topic), found {found}");
        let hint = "urdf = \"arm.urdf\", or description = \"/robot_description\"";
        Some(("arm.urdf".into(), message, hint))
    }

    fn numbers(&self) -> Option<Problem> {
        let (arm, gripper, limits, watch) = (&self.arm, &self.gripper, &self.limits, &self.watch);
        let accelerations = match &arm.acceleration {
            OneOrMany::One(a) => std::slice::from_ref(a),
            OneOrMany::Many(all) => all,
        };
        let all = accelerations.iter().map(|&a| ("arm.acceleration", a, 0.01, 1000.0));
        let single = [
            ("ros.domain", f64::from(self.ros.domain), 0.0, 232.0),
            ("arm.velocity_scale", arm.velocity_scale, 0.001, 1.0),
            ("gripper.open", gripper.open, -10.0, 10.0),
            ("gripper.closed", gripper.closed, -10.0, 10.0),
            ("gripper.effort", gripper.effort, 0.0, 1000.0),
            ("limits.tool_speed", limits.tool_speed, 0.001, 3.0),
            ("limits.tool_turn", limits.tool_turn, 0.001, 10.0),
            ("limits.tool_acceleration", limits.tool_acceleration, 0.01, 100.0),
            ("watch.stale_secs", watch.stale_secs, 0.01, LONGEST_SECS),
            ("watch.patience_secs", watch.patience_secs, 0.0, 3600.0),
            ("watch.silence_secs", watch.silence_secs, 0.1, LONGEST_SECS),
            ("watch.tracking", watch.tracking, 0.001, 1.0),
            ("gripper.opening_per_unit", gripper.opening_per_unit, -1.0, 10.0),
        ];
        let wrong = all.chain(single).find(|(_, x, min, max)| !(min..=max).contains(&x));
        let (key, found, min, max) = wrong?;
        let message = format!("expected a number from {min} to {max}, found {found}");
        Some((key.into(), message, "units are metres, radians, seconds and newtons"))
    }

    fn names(&self) -> Option<Problem> {
        let mut names = vec![
            ("arm.states", &self.arm.states),
            ("arm.action", &self.arm.action),
            ("gripper.action", &self.gripper.action),
        ];
        for camera in &self.cameras {
            names.push(("camera", &camera.image));
        }
        let optional = [
            ("watch.stop", &self.watch.stop),
            ("ros.namespace", &self.ros.namespace),
            ("arm.description", &self.arm.description),
        ];
        let optional = optional.into_iter().chain(self.cameras.iter().map(|c| ("camera", &c.info)));
        names.extend(optional.filter(|(_, name)| !name.is_empty()));
        let (key, found) = names.into_iter().find(|(_, name)| !is_ros_name(name))?;
        let message = format!("expected a ROS name such as /joint_states, found {found:?}");
        let hint =
            "letters, digits and underscores, in parts that begin with a letter, joined by /";
        Some((key.into(), message, hint))
    }

    fn workspace(&self) -> Option<Problem> {
        let (min, max) = (&self.limits.workspace_min, &self.limits.workspace_max);
        let fits = |i: usize| min[i] < max[i] && min[i] >= -10.0 && max[i] <= 10.0;
        if !(0..3).all(fits) {
            let message = format!("expected each to exceed workspace_min {min:?}, found {max:?}");
            return Some((
                "limits.workspace_max".into(),
                message,
                "in metres, from the arm's base",
            ));
        }
        if self.gripper.opening_per_unit == 0.0 || self.gripper.open == self.gripper.closed {
            let message = "expected the pads to move with the joint, found that they do not".into();
            return Some(("gripper".into(), message, "check open, closed and opening_per_unit"));
        }
        let placed = |p: &SymbolPlace| p.position.is_some() == p.frame.is_empty();
        if let Some((name, _)) = self.symbols.iter().find(|(_, p)| !placed(p)) {
            let message = "expected position or frame (a name in tf), and not both".into();
            return Some((format!("symbols.{name}"), message, "frame = \"place_a\""));
        }
        let far = |p: &SymbolPlace| p.position.is_some_and(|at| !is_near(&at));
        let (name, place) = self.symbols.iter().find(|(_, p)| far(p))?;
        let found = place.position.unwrap_or_default();
        let message = format!("expected metres from the arm's base, found {found:?}");
        Some((format!("symbols.{name}"), message, "at most 10 m"))
    }

    /// A ROS name with the namespace before it, where it does not begin with a slash.
    pub fn full_name(&self, name: &str) -> String {
        let space = self.ros.namespace.trim_matches('/');
        match name.strip_prefix('/') {
            Some(_) => name.to_owned(),
            None if space.is_empty() => format!("/{name}"),
            None => format!("/{space}/{name}"),
        }
    }

    /// Which joints to look for in messages.
    pub fn state_map(&self, chain: &Chain) -> StateMap {
        StateMap {
            arm: chain.joints.iter().map(|j| j.name.clone()).collect(),
            finger: Some(self.gripper.joint.clone()),
        }
    }

    /// What the driver is told. `speed` scales the velocities once more, up to 1; `cameras` says whether
    /// the agent needs pictures.
    ///
    /// # Errors
    /// The accelerations are not one for each joint, or the chain has too many joints; `file` is the
    /// file's name in the error.
    pub fn driver(
        &self,
        chain: Chain,
        speed: f64,
        cameras: bool,
        file: &str,
    ) -> Result<DriverSettings, FileError> {
        let dof = chain.dof();
        let acceleration = match &self.arm.acceleration {
            OneOrMany::One(a) => vec![*a; dof],
            OneOrMany::Many(all) => all.clone(),
        };
        if acceleration.len() != dof || dof > MOST_JOINTS {
            let message =
                format!("expected one number for {dof} joints, found {}", acceleration.len());
            return Err(error(
                "",
                file,
                None,
                "arm.acceleration",
                message,
                "one number stands for all",
            ));
        }
        let scale = self.arm.velocity_scale * speed.clamp(0.0, 1.0);
        let velocity = chain.joints.iter().map(|j| j.velocity * scale).collect();
        let gripper = &self.gripper;
        Ok(DriverSettings {
            pace: Pace { velocity, acceleration },
            handover: match self.arm.handover {
                HandoverFile::Finish => Handover::Finish,
                HandoverFile::Preempt => Handover::Preempt,
            },
            stale: Duration::from_secs_f64(self.watch.stale_secs),
            patience: Duration::from_secs_f64(self.watch.patience_secs),
            tracking: self.watch.tracking,
            cameras: match cameras {
                true => self.cameras.iter().map(|c| c.name.clone()).collect(),
                false => Vec::new(),
            },
            gripper: GripperSettings {
                open: gripper.open,
                closed: gripper.closed,
                opening_per_unit: gripper.opening_per_unit,
                effort: gripper.effort,
            },
            chain,
        })
    }
}

/// Whether a place is where an arm on the base could be.
pub fn is_near(position: &[f64; 3]) -> bool {
    position.iter().all(|x| x.abs() <= FARTHEST)
}

fn is_ros_name(name: &str) -> bool {
    let begins = |part: &str| part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let fits = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let parts = name.strip_prefix('/').unwrap_or(name);
    name.len() <= 200 && parts.split('/').all(|part| begins(part) && fits(part))
}

fn error(
    text: &str,
    file: &str,
    offset: Option<usize>,
    key: &str,
    message: impl Into<String>,
    hint: &str,
) -> FileError {
    let place = offset.map_or_else(|| Place::whole(file), |at| Place::in_text(file, text, at));
    FileError::new(&place, key, message).with_hint(hint)
}

/// Where the value of a dotted key stands.
fn place(text: &str, key: &str) -> Option<usize> {
    let table = toml::de::DeTable::parse(text).ok()?;
    let mut parts = key.split('.');
    let mut value = table.get_ref().get(parts.next()?)?;
    for part in parts {
        match value.get_ref().get(part) {
            Some(inner) => value = inner,
            None => break,
        }
    }
    Some(value.span().start)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::robot::testbed::chain;

    const FILES: [&str; 2] = [
        include_str!("../../../robots/panda-sim.toml"),
        include_str!("../../../robots/check-arm.toml"),
    ];

    fn refused(from: &str, to: &str) -> String {
        assert!(FILES[0].contains(from), "{from}");
        RobotFile::parse(&FILES[0].replacen(from, to, 1), "r.toml").unwrap_err().to_string()
    }

    #[test]
    fn the_files_of_the_repository_are_read_and_read_back() {
        for text in FILES {
            let file = RobotFile::parse(text, "r.toml").unwrap();
            let settings = file.driver(chain(), 1.0, true, "r.toml").unwrap();
            assert_eq!(settings.pace.velocity.len(), 7);
            let again = toml::to_string(&file).unwrap();
            assert_eq!(RobotFile::parse(&again, "again").unwrap(), file);
        }
    }

    #[test]
    fn errors_name_place_key_and_expectation() {
        let cases = [
            ("version = 1", "version = 2", "r.toml:5:11: version: expected 1, found 2"),
            ("tool_speed = ", "tool_spede = ", "unknown field `tool_spede`"),
            (
                "tool_speed = 1.0",
                "tool_speed = -1",
                "limits.tool_speed: expected a number from 0.001",
            ),
            ("tool_speed = 1.0", "tool_speed = nan", "limits.tool_speed: expected a number"),
            ("\"/estop\"", "\"e stop\"", "watch.stop: expected a ROS name"),
            ("workspace_min = [0.", "workspace_min = [9.", "limits.workspace_max: expected each"),
            ("[gripper]", "[griper]", "unknown field `griper`"),
            (
                "urdf = \"panda.urdf\"\n",
                "",
                "expected urdf (a file) or description (a topic), found neither",
            ),
            (
                "[arm]",
                "[arm]\ndescription = \"d\"",
                "arm.urdf: expected urdf (a file) or description",
            ),
            (
                "urdf = \"panda.urdf\"",
                "description = \"/a b\"",
                "arm.description: expected a ROS name",
            ),
        ];
        for (from, to, expected) in cases {
            let text = refused(from, to);
            assert!(text.contains(expected), "{text}\nexpected {expected}");
        }
        let file = RobotFile::parse(FILES[0], "r.toml").unwrap();
        let mut few = file.clone();
        few.arm.acceleration = OneOrMany::Many(vec![1.0; 3]);
        let text = few.driver(chain(), 1.0, false, "r.toml").unwrap_err().to_string();
        assert!(text.contains("expected one number for 7 joints, found 3"), "{text}");
    }

    #[test]
    fn a_place_is_a_position_or_a_frame() {
        let with = |place: &str| {
            let text = format!("{}\n[symbols.a]\n{place}\n", FILES[0]);
            RobotFile::parse(&text, "r.toml").map_err(|e| e.to_string())
        };
        assert_eq!(with("frame = 'a'").unwrap().symbols["a"].frame, "a");
        let file = with("position = [0.5, 0.0, 0.1]").unwrap();
        assert_eq!(RobotFile::parse(&toml::to_string(&file).unwrap(), "again").unwrap(), file);
        for none in ["", "frame = ''", "frame = 'a'\nposition = [0.5, 0.0, 0.1]"] {
            let text = with(none).unwrap_err();
            assert!(text.contains("symbols.a: expected position or frame"), "{text}");
        }
        assert!(with("position = [50.0, 0.0, 0.1]").unwrap_err().contains("expected metres"));
    }

    #[test]
    fn the_description_may_be_a_topic() {
        let text =
            FILES[0].replacen("urdf = \"panda.urdf\"", "description = \"/robot_description\"", 1);
        let file = RobotFile::parse(&text, "r.toml").unwrap();
        assert_eq!(
            (file.arm.urdf.as_str(), file.arm.description.as_str()),
            ("", "/robot_description")
        );
        assert_eq!(RobotFile::parse(&toml::to_string(&file).unwrap(), "again").unwrap(), file);
    }

    #[test]
    fn names_stand_in_the_namespace_unless_they_begin_with_a_slash() {
        let mut file = RobotFile::parse(FILES[0], "r.toml").unwrap();
        file.ros.namespace = "left/".into();
        assert_eq!(file.full_name("states"), "/left/states");
        assert_eq!(file.full_name("/states"), "/states");
        file.ros.namespace.clear();
        assert_eq!(file.full_name("states"), "/states");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,300}", cut in 0usize..2000, insert in "[\\[\\]=\".a-z0-9\n-]{0,8}") {
            let _any = RobotFile::parse(&text, "r.toml").map_err(|e| e.to_string());
            let cut = FILES[0].char_indices().map(|(i, _)| i).nth(cut).unwrap_or(0);
            let changed = format!("{}{insert}{}", &FILES[0][..cut], &FILES[0][cut..]);
            if let Err(e) = RobotFile::parse(&changed, "r.toml") {
                prop_assert!(e.to_string().starts_with("r.toml"));
            }
        }
    }
}
