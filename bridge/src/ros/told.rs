//! What a robot tells of itself, asked for once, at the beginning: its description and its frames.

use std::time::Duration;

use ergon_vocab::Pose;
use ros2_client::Subscription;
use ros2_client::qos::History;

use super::examine::Finding;
use super::messages::geometry_msgs::TransformStamped;
use super::messages::std_msgs::Text;
use super::messages::tf2_msgs::TFMessage;
use super::wire::{MOST_AT_ONCE, RosError, Wire, best_effort, latched};
use crate::robot::{FrameError, Frames, LONGEST_DESCRIPTION, RobotFile};
use crate::time::{Stopwatch, pause};

const TICK: Duration = Duration::from_millis(10);
/// How long is listened on when all that was wanted is there: for a second description.
const SETTLE: Duration = Duration::from_millis(300);
/// How many descriptions are kept until they are read.
const DESCRIPTIONS_KEPT: usize = 4;
/// How many messages of frames are kept until they are read, as tf2's own listener does.
const FRAMES_KEPT: usize = 100;

/// A frame that is looked for, and the one that it should be fixed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The frame that it should be fixed to: the arm's base or its tool.
    pub to: String,
    /// The frame.
    pub frame: String,
}

/// What a robot told of itself.
#[derive(Default)]
pub struct Told {
    description: Option<String>,
    /// Why the last description that came was not taken.
    refused: Option<String>,
    frames: Frames,
    /// Why the last frame that was not taken was not.
    odd: Option<String>,
}

/// Where it is told.
struct Topics {
    description: Option<Subscription<Text>>,
    fixed: Option<Subscription<TFMessage>>,
    moving: Option<Subscription<TFMessage>>,
}

impl Topics {
    fn open(wire: &mut Wire, file: &RobotFile, frames: bool) -> Result<Self, RosError> {
        let description = match file.arm.description.as_str() {
            "" => None,
            topic => {
                let kind = ("std_msgs", "String");
                // Room for what a second robot says.
                let qos = latched().history(History::KeepLast { depth: DESCRIPTIONS_KEPT });
                Some(wire.subscription(&file.full_name(topic), kind, qos)?)
            }
        };
        let (mut fixed, mut moving) = (None, None);
        if frames {
            let kind = ("tf2_msgs", "TFMessage");
            // Each node that tells of fixed frames keeps one message for those who come late.
            let qos = latched().history(History::KeepLast { depth: FRAMES_KEPT });
            fixed = Some(wire.subscription("/tf_static", kind, qos)?);
            moving = Some(wire.subscription("/tf", kind, best_effort(FRAMES_KEPT))?);
        }
        Ok(Self { description, fixed, moving })
    }
}

impl Told {
    /// Joins the graph and listens until the robot has told all of itself that its file leaves to it and
    /// all `wanted` frames are there, at most for `patience`. Where nothing is left to it, nothing is
    /// listened to.
    ///
    /// # Errors
    /// The network cannot be used.
    pub fn listen(
        file: &RobotFile,
        wanted: &[Wanted],
        patience: Duration,
    ) -> Result<Self, RosError> {
        let mut told = Self::default();
        if file.arm.description.is_empty() && wanted.is_empty() {
            return Ok(told);
        }
        let mut wire = Wire::open(&file.ros, "ergon_reader")?;
        let topics = Topics::open(&mut wire, file, !wanted.is_empty())?;
        let clock = Stopwatch::start();
        let mut end = patience;
        let mut settled = false;
        while clock.elapsed() < end {
            told.poll(&topics);
            if !settled && told.has_all(file, wanted) {
                settled = true;
                end = end.min(clock.elapsed() + SETTLE);
            }
            pause(TICK);
        }
        Ok(told)
    }

    fn poll(&mut self, topics: &Topics) {
        for _ in 0..MOST_AT_ONCE {
            let Some(Ok(Some((message, _)))) = topics.description.as_ref().map(Subscription::take)
            else {
                break;
            };
            self.hear(message.data);
        }
        for (topic, moving) in [(&topics.fixed, false), (&topics.moving, true)] {
            for _ in 0..MOST_AT_ONCE {
                let Some(Ok(Some((message, _)))) = topic.as_ref().map(Subscription::take) else {
                    break;
                };
                self.hear_frames(&message, moving);
            }
        }
    }

    fn has_all(&self, file: &RobotFile, wanted: &[Wanted]) -> bool {
        let described = file.arm.description.is_empty() || self.description.is_some();
        described && wanted.iter().all(|w| self.look_up(file, &w.to, &w.frame).is_ok())
    }

    fn look_up(&self, file: &RobotFile, to: &str, frame: &str) -> Result<Pose, FrameError> {
        self.frames.fixed((&file.arm.base, &file.arm.tool), to, frame)
    }

    fn hear_frames(&mut self, message: &TFMessage, moving: bool) {
        for TransformStamped { header, child_frame_id, transform } in &message.transforms {
            let (t, r) = (&transform.translation, &transform.rotation);
            let names = (header.frame_id.as_str(), child_frame_id.as_str());
            let heard = self.frames.hear(names, [t.x, t.y, t.z], [r.x, r.y, r.z, r.w], moving);
            if let Err(why) = heard {
                self.odd = Some(why.to_string());
            }
        }
    }

    /// Where a frame is in the one that it should be fixed to.
    ///
    /// # Errors
    /// It is not there, or not fixed to that, and what to do.
    pub fn find(&self, file: &RobotFile, to: &str, frame: &str) -> Result<Pose, Finding> {
        self.look_up(file, to, frame).map_err(|why| {
            let remedy = match why {
                FrameError::Moving { .. } => "what hangs on the hand has mount = \"tool\"",
                _ => "does a node tell of it on /tf_static or /tf? ros2 run tf2_ros tf2_echo BASE FRAME",
            };
            let odd = self.odd.as_ref().map_or(String::new(), |odd| format!(" (not taken: {odd})"));
            Finding {
                what: format!("frame {frame}"),
                found: format!("{why}{odd}"),
                remedy: Some(remedy.into()),
            }
        })
    }

    /// Hears a description. An empty one says nothing yet; two that differ are of two robots, and it is
    /// not known which of them is this one.
    fn hear(&mut self, text: String) {
        if text.trim().is_empty() {
            return;
        }
        if text.len() > LONGEST_DESCRIPTION {
            let found = text.len();
            self.refused = Some(format!("{found} bytes; at most {LONGEST_DESCRIPTION} are read"));
            return;
        }
        match &self.description {
            Some(known) if *known != text => {
                self.refused = Some("two different descriptions".into());
            }
            _ => self.description = Some(text),
        }
    }

    /// The robot's description.
    ///
    /// # Errors
    /// None came that can be used, and what to do.
    pub fn description(&self, file: &RobotFile) -> Result<&str, Finding> {
        let topic = file.full_name(&file.arm.description);
        match (&self.description, &self.refused) {
            (_, Some(why)) => Err(Finding {
                what: "description".into(),
                found: format!("{why} on {topic}"),
                remedy: Some("name the topic of this arm alone, or a file: arm.urdf".into()),
            }),
            (None, None) => Err(Finding {
                what: "description".into(),
                found: format!("nothing on {topic}, domain {}", file.ros.domain),
                remedy: Some("start the robot_state_publisher, or name a file: arm.urdf".into()),
            }),
            (Some(text), None) => Ok(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::robot::testbed::URDF;

    fn file() -> RobotFile {
        let text = include_str!("../../../robots/panda-sim.toml");
        let topic =
            text.replacen("urdf = \"panda.urdf\"", "description = \"robot_description\"", 1);
        RobotFile::parse(&topic, "r.toml").unwrap()
    }

    fn heard(texts: &[&str]) -> Result<String, String> {
        let mut told = Told::default();
        texts.iter().for_each(|text| told.hear((*text).to_owned()));
        told.description(&file()).map(str::to_owned).map_err(|finding| finding.found)
    }

    #[test]
    fn one_description_is_taken_and_two_are_not() {
        assert_eq!(heard(&["", URDF, URDF, " "]).unwrap(), URDF);
        assert_eq!(heard(&[""]).unwrap_err(), "nothing on /robot_description, domain 7");
        let two = heard(&[URDF, "<robot/>"]).unwrap_err();
        assert_eq!(two, "two different descriptions on /robot_description");
        let long = " ".repeat(LONGEST_DESCRIPTION) + "x";
        assert!(heard(&[&long]).unwrap_err().contains("at most 4194304 are read"));
    }

    #[test]
    fn a_file_that_leaves_nothing_to_the_robot_asks_for_nothing() {
        let text = include_str!("../../../robots/panda-sim.toml");
        let file = RobotFile::parse(text, "r.toml").unwrap();
        // No patience: nothing is waited for and no network joined.
        let told = Told::listen(&file, &[], Duration::ZERO).unwrap();
        assert!(told.description.is_none() && told.frames.is_empty());
    }

    fn transform(parent: &str, child: &str, x: f64, w: f64) -> TransformStamped {
        let mut message = TransformStamped::default();
        message.header.frame_id = parent.into();
        message.child_frame_id = child.into();
        message.transform.translation.x = x;
        message.transform.rotation.w = w;
        message
    }

    #[test]
    fn frames_are_found_and_what_is_wrong_with_them_is_told() {
        let (file, mut told) = (file(), Told::default());
        let fixed = vec![
            transform("panda_link0", "eye", 0.5, 1.0),
            transform("panda_hand_tcp", "wrist", 0.1, 1.0),
        ];
        told.hear_frames(&TFMessage { transforms: fixed }, false);
        let find = |told: &Told, frame| told.find(&file, "panda_link0", frame);
        assert_eq!(find(&told, "eye").unwrap().translation.x, 0.5);
        let finding = find(&told, "wrist").unwrap_err();
        assert!(finding.found.contains("they hang on"), "{finding:?}");
        let moving = vec![
            transform("panda_link0", "panda_hand_tcp", 0.4, 1.0),
            transform("panda_link0", "broken", 0.4, 0.0),
        ];
        told.hear_frames(&TFMessage { transforms: moving }, true);
        assert_eq!(told.find(&file, "panda_hand_tcp", "wrist").unwrap().translation.x, 0.1);
        let finding = find(&told, "wrist").unwrap_err();
        assert_eq!(finding.remedy.as_deref(), Some("what hangs on the hand has mount = \"tool\""));
        let finding = find(&told, "broken").unwrap_err();
        assert!(finding.found.contains("known eye, panda_hand_tcp, panda_link0"), "{finding:?}");
        assert!(finding.found.contains("expected a unit quaternion"), "{finding:?}");
        let wanted = |frame: &str| Wanted { to: "panda_link0".into(), frame: frame.into() };
        assert!(!told.has_all(&file, &[wanted("eye")]), "there is no description yet");
        told.hear(URDF.into());
        assert!(told.has_all(&file, &[wanted("eye")]) && !told.has_all(&file, &[wanted("wrist")]));
    }

    proptest! {
        #[test]
        fn whatever_is_heard_is_one_text_or_a_reason(texts in proptest::collection::vec("[ab ]{0,3}", 0..5)) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            match heard(&texts) {
                Ok(text) => prop_assert!(texts.contains(&text.as_str())),
                Err(found) => prop_assert!(!found.is_empty()),
            }
        }
    }
}
