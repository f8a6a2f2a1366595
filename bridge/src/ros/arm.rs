//! An arm with ros2_control, driven.

use std::sync::Arc;
use std::time::Duration;

use ergon_vocab::{CameraImage, Image};
use ros2_client::Subscription;

use super::line::Line;
use super::messages::control_msgs::{
    FollowJointTrajectoryFeedbackPrefix as Feedback, FollowJointTrajectoryGoal as Goal,
    FollowJointTrajectoryResult, GripperCommandGoal, GripperCommandResult,
    ParallelGripperCommandFeedback, ParallelGripperCommandGoal, ParallelGripperCommandResult,
};
use super::messages::std_msgs::{Bool, Header};
use super::messages::trajectory_msgs::{JointTrajectory, JointTrajectoryPoint};
use super::messages::{Time, rosgraph_msgs, sensor_msgs};
use super::wire::{MOST_AT_ONCE, RosError, Wire, best_effort, reliable};
use crate::Limits;
use crate::robot::{
    ArmPort, Chain, GripperKind, Intrinsics, JointState, Made, Oddity, Progress, Reading,
    RobotFile, Segment, Sensed, Stamps, StateMap, Stop, ToldClock,
};
use crate::time::{Stopwatch, pause, unix_secs};

type GripLine = Line<GripperCommandGoal, GripperCommandResult, GripperCommandResult>;
type ParallelLine =
    Line<ParallelGripperCommandGoal, ParallelGripperCommandResult, ParallelGripperCommandFeedback>;

enum Grip {
    /// It is not known yet which action the robot serves.
    Sought,
    Command(GripLine),
    Parallel(ParallelLine, String),
}

impl Grip {
    fn open(wire: &mut Wire, file: &RobotFile, kind: GripperKind) -> Result<Self, RosError> {
        let action = file.full_name(&file.gripper.action);
        Ok(match kind {
            GripperKind::Auto => Self::Sought,
            GripperKind::GripperCommand => {
                let kind = ("control_msgs", "GripperCommand");
                Self::Command(Line::new(wire.action_client(&action, kind)?, |_| Ok(())))
            }
            GripperKind::ParallelGripperCommand => {
                let kind = ("control_msgs", "ParallelGripperCommand");
                let line = Line::new(wire.action_client(&action, kind)?, |_| Ok(()));
                Self::Parallel(line, file.gripper.joint.clone())
            }
        })
    }
}

/// Which of the two actions is in the graph under the gripper's name. `topics` are names and types, as
/// DDS has them.
fn served_kind(topics: &[(String, String)], file: &RobotFile) -> Option<GripperKind> {
    let feedback = format!("rt{}/_action/feedback", file.full_name(&file.gripper.action));
    let (_, kind) = topics.iter().find(|(name, _)| *name == feedback)?;
    match kind {
        kind if kind.contains("::ParallelGripperCommand_") => {
            Some(GripperKind::ParallelGripperCommand)
        }
        kind if kind.contains("::GripperCommand_") => Some(GripperKind::GripperCommand),
        _ => None,
    }
}

struct Camera {
    name: String,
    pictures: Subscription<sensor_msgs::Image>,
    infos: Option<Subscription<sensor_msgs::CameraInfo>>,
    /// Whether its pictures are rectified, by the name of their topic.
    rectified: bool,
}

/// What messages are stamped by, and the stamps of each stream of them.
struct Stamping {
    /// The robot's own clock, where it is not this machine's.
    clock: Option<(Subscription<rosgraph_msgs::Clock>, ToldClock)>,
    /// Whether stamps are read at all.
    read: bool,
    limit: Duration,
    joints: Stamps,
    /// Grippers may be told of in messages of their own.
    finger: Stamps,
    cameras: Vec<Stamps>,
}

impl Stamping {
    fn open(wire: &mut Wire, file: &RobotFile) -> Result<Self, RosError> {
        let kind = ("rosgraph_msgs", "Clock");
        let clock = match file.ros.use_sim_time && file.watch.stamps {
            true => {
                Some((wire.subscription("/clock", kind, best_effort(1))?, ToldClock::default()))
            }
            false => None,
        };
        Ok(Self {
            clock,
            read: file.watch.stamps,
            limit: Duration::from_secs_f64(file.watch.stale_secs),
            joints: Stamps::default(),
            finger: Stamps::default(),
            cameras: vec![Stamps::default(); file.cameras.len()],
        })
    }

    /// Hears the robot's own clock; by how much it went back, s, if it did.
    fn hear(&mut self, now: Duration) -> Option<f64> {
        let (topic, clock) = self.clock.as_mut()?;
        let mut back = None;
        for _ in 0..MOST_AT_ONCE {
            let Ok(Some((message, _))) = topic.take() else { break };
            // What is no time is no news of the clock, which then stands still.
            if let Ok(secs) = message.clock.stamp().secs() {
                back = clock.hear(secs.unwrap_or(0.0), now).or(back);
            }
        }
        if back.is_some() {
            let all = [&mut self.joints, &mut self.finger].into_iter().chain(&mut self.cameras);
            all.for_each(Stamps::forget);
        }
        back
    }

    /// When a message of a stream was made.
    fn made(&mut self, of: Stream, header: &Header, now: Duration) -> Result<Made, String> {
        let told = self.clock.as_ref().map(|(_, clock)| *clock);
        let stamps = match of {
            Stream::Joints => Some(&mut self.joints),
            Stream::Finger => Some(&mut self.finger),
            Stream::Camera(index) => self.cameras.get_mut(index),
        };
        let unstamped = Made { at: now, age_secs: None };
        let Some(stamps) = stamps.filter(|_| self.read) else { return Ok(unstamped) };
        let clock = || told.map_or_else(|| Ok(unix_secs()), |clock| clock.read(now));
        stamps.made(header.stamp.stamp(), clock, now, self.limit)
    }
}

/// Messages that are stamped one after another.
#[derive(Clone, Copy)]
enum Stream {
    Joints,
    Finger,
    Camera(usize),
}

/// The [`ArmPort`] to a robot behind ROS 2.
pub struct RosArm<'a> {
    wire: Wire,
    file: RobotFile,
    clock: Stopwatch,
    names: Vec<String>,
    map: StateMap,
    states: Subscription<sensor_msgs::JointState>,
    cameras: Vec<Camera>,
    stops: Option<Subscription<Bool>>,
    stamping: Stamping,
    arm: Line<Goal, FollowJointTrajectoryResult, Feedback>,
    grip: Grip,
    sensed: Sensed,
    pressed: bool,
    beat: Box<dyn FnMut() -> Option<Stop> + 'a>,
    before_send: Box<dyn FnMut() + 'a>,
}

impl<'a> RosArm<'a> {
    /// Joins the graph and looks for a robot. `beat` is called whenever time passes, and says whether
    /// something here forbids all motion.
    ///
    /// # Errors
    /// The network cannot be used.
    pub fn open(
        file: &RobotFile,
        chain: &Chain,
        beat: impl FnMut() -> Option<Stop> + 'a,
    ) -> Result<Self, RosError> {
        let mut wire = Wire::open(&file.ros, "ergon_bridge")?;
        let full = |name: &str| file.full_name(name);
        let states = wire.subscription(
            &full(&file.arm.states),
            ("sensor_msgs", "JointState"),
            best_effort(10),
        )?;
        let mut cameras = Vec::new();
        for camera in &file.cameras {
            let (topic, kind) = (full(&camera.image), ("sensor_msgs", "Image"));
            let pictures = wire.subscription(&topic, kind, best_effort(2))?;
            let infos = match camera.info.as_str() {
                "" => None,
                topic => {
                    let kind = ("sensor_msgs", "CameraInfo");
                    Some(wire.subscription(&full(topic), kind, best_effort(2))?)
                }
            };
            let rectified =
                topic.rsplit('/').next().is_some_and(|last| last.starts_with("image_rect"));
            cameras.push(Camera { name: camera.name.clone(), pictures, infos, rectified });
        }
        let stops = match file.watch.stop.as_str() {
            "" => None,
            topic => Some(wire.subscription(&full(topic), ("std_msgs", "Bool"), reliable(10))?),
        };
        let stamping = Stamping::open(&mut wire, file)?;
        let kind = ("control_msgs", "FollowJointTrajectory");
        let arm = Line::new(wire.action_client(&full(&file.arm.action), kind)?, moved);
        let grip = Grip::open(&mut wire, file, file.gripper.kind)?;
        Ok(Self {
            wire,
            file: file.clone(),
            clock: Stopwatch::start(),
            names: chain.joints.iter().map(|j| j.name.clone()).collect(),
            map: file.state_map(chain),
            states,
            cameras,
            stops,
            stamping,
            arm,
            grip,
            sensed: Sensed::default(),
            pressed: false,
            beat: Box::new(beat),
            before_send: Box::new(|| {}),
        })
    }

    /// Has something done right before each motion goes out, for those who measure.
    pub fn before_send(&mut self, done: impl FnMut() + 'a) {
        self.before_send = Box::new(done);
    }

    /// Waits until the arm's and the gripper's controllers are there; false if they are not in time.
    pub fn await_controllers(&mut self, patience: Duration) -> bool {
        let end = self.clock.elapsed() + patience;
        while self.clock.elapsed() < end {
            if self.has_controllers() {
                return true;
            }
            self.wait(Duration::from_millis(50));
        }
        false
    }

    /// Names and types of the topics that were discovered so far, services and actions among them.
    pub fn topics(&self) -> Vec<(String, String)> {
        self.wire.topics()
    }

    /// Whether the arm's and the gripper's controllers are there. Which action the gripper serves is
    /// looked for here, where the robot file leaves it open.
    pub fn has_controllers(&mut self) -> bool {
        if matches!(self.grip, Grip::Sought)
            && let Some(kind) = served_kind(&self.topics(), &self.file)
        {
            // What cannot be opened is not there.
            self.grip = Grip::open(&mut self.wire, &self.file, kind).unwrap_or(Grip::Sought);
        }
        let node = self.wire.node();
        let served = |status: usize| status > 0;
        let gripper = match &self.grip {
            Grip::Sought => 0,
            Grip::Command(line) => line.client().status_subscription().get_publisher_count(node),
            Grip::Parallel(line, _) => {
                line.client().status_subscription().get_publisher_count(node)
            }
        };
        served(self.arm.client().status_subscription().get_publisher_count(node)) && served(gripper)
    }

    /// Calls off all motions of whoever commands them: what the supervisor does.
    pub fn cancel_everything(&mut self) {
        self.arm.cancel_all();
        match &mut self.grip {
            Grip::Sought => {}
            Grip::Command(line) => line.cancel_all(),
            Grip::Parallel(line, _) => line.cancel_all(),
        }
    }

    /// Reads what came in.
    fn poll(&mut self) {
        let now = self.clock.elapsed();
        if let Some(back) = self.stamping.hear(now) {
            // The simulation began anew: what was heard of the old one says nothing of this one.
            let what =
                format!("/clock went back by {back:.3} s; what was heard before is forgotten");
            self.sensed.joints = None;
            self.sensed.finger = None;
            self.sensed.images.clear();
            self.sensed.complaint = Some(what.clone());
            self.odd(what);
        }
        self.read_states(now);
        self.read_pictures(now);
        self.read_intrinsics();
        for _ in 0..MOST_AT_ONCE {
            let Some(Ok(Some((message, _)))) = self.stops.as_ref().map(Subscription::take) else {
                break;
            };
            self.pressed = message.data;
        }
        self.arm.poll(now);
        match &mut self.grip {
            Grip::Sought => {}
            Grip::Command(line) => line.poll(now),
            Grip::Parallel(line, _) => line.poll(now),
        }
        self.sensed.stopped = (self.beat)().or(self.pressed.then_some(Stop::Pressed));
        self.sensed.other_commander = self.arm.other().cloned();
    }

    fn read_states(&mut self, now: Duration) {
        // A backlog begins with what has become old meanwhile; what is wrong with its end is worth a word.
        let mut odd = None;
        for _ in 0..MOST_AT_ONCE {
            let message = match self.states.take() {
                Ok(Some((message, _))) => message,
                Ok(None) => break,
                Err(e) => {
                    self.sensed.complaint = Some(format!("joint states cannot be read: {e:?}"));
                    break;
                }
            };
            let read = self.map.read(&message.name, &message.position, &message.velocity);
            match read.map_err(|why| why.to_string()) {
                Ok(reading) => odd = self.take_reading(reading, &message.header, now),
                Err(why) => self.sensed.complaint = Some(why),
            }
        }
        odd.into_iter().for_each(|what| self.odd(what));
    }

    /// Takes what a message said of the joints, unless its stamp makes it useless; then why.
    fn take_reading(&mut self, reading: Reading, header: &Header, now: Duration) -> Option<String> {
        let Reading { joints, finger } = reading;
        let arm = joints.is_some();
        if !arm && finger.is_none() {
            return None;
        }
        let of = if arm { Stream::Joints } else { Stream::Finger };
        let made = match self.stamping.made(of, header, now) {
            Ok(made) => made,
            Err(why) => {
                let why = format!("{} {why}", if arm { "joint states" } else { "gripper states" });
                self.sensed.complaint = Some(why.clone());
                return Some(why);
            }
        };
        if let Some(joints) = joints {
            self.sensed.joints = Some((joints, made.at));
            self.sensed.stamp_age_secs = made.age_secs;
            self.sensed.complaint = None;
        }
        if let Some(finger) = finger {
            self.sensed.finger = Some((finger, made.at));
        }
        None
    }

    fn odd(&mut self, what: String) {
        self.sensed.oddity = Oddity { count: self.sensed.oddity.count + 1, what };
    }

    fn read_intrinsics(&mut self) {
        for camera in &self.cameras {
            let mut newest = None;
            for _ in 0..MOST_AT_ONCE {
                let Some(Ok(Some((message, _)))) = camera.infos.as_ref().map(Subscription::take)
                else {
                    break;
                };
                newest = Some(intrinsics(&message, camera.rectified));
            }
            let Some(newest) = newest else { continue };
            match self.sensed.intrinsics.iter_mut().find(|(name, _)| *name == camera.name) {
                Some((_, place)) => *place = newest,
                None => self.sensed.intrinsics.push((camera.name.clone(), newest)),
            }
        }
    }

    fn read_pictures(&mut self, now: Duration) {
        for index in 0..self.cameras.len() {
            let camera = &self.cameras[index];
            let mut newest = None;
            for _ in 0..MOST_AT_ONCE {
                let Ok(Some((message, _))) = camera.pictures.take() else { break };
                newest = Some(message);
            }
            let Some(message) = newest else { continue };
            let name = camera.name.clone();
            self.sensed.unseen.retain(|(camera, _)| *camera != name);
            let made = self.stamping.made(Stream::Camera(index), &message.header, now);
            if let Err(why) = &made {
                self.odd(format!("pictures of camera {name} {why}"));
            }
            match made.and_then(|made| Ok((picture(&message)?, made.at))) {
                Ok((image, at)) => self.take_picture(CameraImage { camera: name, image }, at),
                Err(why) => self.sensed.unseen.push((name, why)),
            }
        }
    }

    fn take_picture(&mut self, picture: CameraImage, at: Duration) {
        let picture = Arc::new(picture);
        let known = &mut self.sensed.images;
        match known.iter_mut().find(|(image, _)| image.camera == picture.camera) {
            Some(place) => *place = (picture, at),
            None => known.push((picture, at)),
        }
    }
}

/// How a camera sees. Of rectified pictures the projection matrix tells, of others the intrinsic one.
fn intrinsics(message: &sensor_msgs::CameraInfo, rectified: bool) -> Intrinsics {
    let (k, p) = (&message.k, &message.p);
    let (focal, middle) = match rectified {
        true => ([p[0], p[5]], [p[2], p[6]]),
        false => ([k[0], k[4]], [k[2], k[5]]),
    };
    let bent =
        message.d.iter().map(|d| d.abs()).fold(0.0, |a, b| if b > a || b.is_nan() { b } else { a });
    Intrinsics {
        size: [message.width as usize, message.height as usize],
        focal,
        middle,
        distortion: if rectified { 0.0 } else { bent },
    }
}

/// What the result of a motion says.
fn moved(result: &FollowJointTrajectoryResult) -> Result<(), String> {
    match result.error_code {
        0 => Ok(()),
        code => Err(format!("error {code} {:?}", result.error_string)),
    }
}

/// A picture as RGB.
fn picture(message: &sensor_msgs::Image) -> Result<Image, String> {
    let (width, height) = (message.width as usize, message.height as usize);
    if width * height > Limits::default().pixels {
        return Err(format!("{width} x {height} pixels are too many"));
    }
    let (channels, order) = match message.encoding.as_str() {
        "rgb8" => (3, [0, 1, 2]),
        "bgr8" => (3, [2, 1, 0]),
        "rgba8" => (4, [0, 1, 2]),
        "bgra8" => (4, [2, 1, 0]),
        "mono8" => (1, [0, 0, 0]),
        other => {
            return Err(format!("expected rgb8, bgr8, rgba8, bgra8 or mono8, found {other:?}"));
        }
    };
    let step = message.step as usize;
    if step < width * channels || message.data.len() < step * height {
        return Err("the picture has fewer bytes than it says".into());
    }
    let mut rgb = Vec::with_capacity(width * height * 3);
    for row in message.data.chunks_exact(step.max(1)).take(height) {
        for pixel in row[..width * channels].chunks_exact(channels) {
            rgb.extend(order.map(|i| pixel[i]));
        }
    }
    Image::new(width, height, rgb).map_err(|e| e.to_string())
}

/// A motion as a message.
pub(crate) fn trajectory(names: &[String], segment: &Segment) -> JointTrajectory {
    let point = |p: &crate::robot::Point| JointTrajectoryPoint {
        positions: p.state.positions.clone(),
        velocities: p.state.velocities.clone(),
        time_from_start: Time::from_secs(p.at_secs),
        ..JointTrajectoryPoint::default()
    };
    JointTrajectory {
        joint_names: names.to_vec(),
        points: segment.points.iter().map(point).collect(),
        ..JointTrajectory::default()
    }
}

/// A message as a motion, its joints in the order of `order`. Velocities that are left out are 0.
pub(crate) fn segment(message: &JointTrajectory, order: &[usize]) -> Segment {
    let sorted = |numbers: &[f64]| -> Vec<f64> {
        order.iter().map(|&i| numbers.get(i).copied().unwrap_or(f64::NAN)).collect()
    };
    let point = |p: &JointTrajectoryPoint| crate::robot::Point {
        at_secs: p.time_from_start.secs(),
        state: JointState {
            positions: sorted(&p.positions),
            velocities: match p.velocities.is_empty() {
                true => vec![0.0; order.len()],
                false => sorted(&p.velocities),
            },
        },
    };
    Segment { points: message.points.iter().map(point).collect() }
}

impl ArmPort for RosArm<'_> {
    fn now(&self) -> Duration {
        self.clock.elapsed()
    }

    fn wait(&mut self, time: Duration) {
        pause(time);
        self.poll();
    }

    fn sensed(&mut self) -> Sensed {
        self.poll();
        self.sensed.clone()
    }

    fn send(&mut self, segment: &Segment) {
        (self.before_send)();
        let goal = Goal {
            trajectory: trajectory(&self.names, segment),
            goal_time_tolerance: Time::from_secs(1.0),
            ..Goal::default()
        };
        self.arm.send(goal, self.clock.elapsed());
    }

    fn progress(&mut self) -> Progress {
        self.arm.poll(self.clock.elapsed());
        self.arm.progress()
    }

    fn cancel(&mut self) {
        self.arm.cancel();
    }

    fn grip(&mut self, position: f64, effort: f64) {
        let now = self.clock.elapsed();
        match &mut self.grip {
            Grip::Sought => {}
            Grip::Command(line) => {
                line.send(GripperCommandGoal { position, max_effort: effort }, now);
            }
            Grip::Parallel(line, joint) => {
                let command = sensor_msgs::JointState {
                    name: vec![joint.clone()],
                    position: vec![position],
                    effort: vec![effort],
                    ..sensor_msgs::JointState::default()
                };
                line.send(ParallelGripperCommandGoal { command }, now);
            }
        }
    }

    fn grip_progress(&mut self) -> Progress {
        match &self.grip {
            Grip::Sought => Progress::Failed("no gripper's action was found".into()),
            Grip::Command(line) => line.progress(),
            Grip::Parallel(line, _) => line.progress(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(encoding: &str, step: u32, data: Vec<u8>) -> Result<Image, String> {
        let message = sensor_msgs::Image {
            height: 1,
            width: 2,
            encoding: encoding.into(),
            step,
            data,
            ..sensor_msgs::Image::default()
        };
        picture(&message)
    }

    #[test]
    fn pictures_become_rgb_whatever_their_order() {
        let rgb = Image::new(2, 1, vec![1, 2, 3, 4, 5, 6]).unwrap();
        assert_eq!(image("rgb8", 7, vec![1, 2, 3, 4, 5, 6, 99]), Ok(rgb.clone()));
        assert_eq!(image("bgr8", 6, vec![3, 2, 1, 6, 5, 4]), Ok(rgb));
        assert!(image("rgb8", 6, vec![1, 2, 3]).unwrap_err().contains("fewer bytes"));
        assert!(image("rgb8", 3, vec![0; 6]).unwrap_err().contains("fewer bytes"));
        assert!(image("yuv422", 4, vec![0; 4]).unwrap_err().contains("found \"yuv422\""));
    }

    #[test]
    fn rectified_pictures_have_the_projection_matrix() {
        let message = sensor_msgs::CameraInfo {
            width: 8,
            height: 6,
            d: vec![0.1, -0.3],
            k: [5.0, 0.0, 4.0, 0.0, 5.5, 3.0, 0.0, 0.0, 1.0],
            p: [6.0, 0.0, 4.5, 0.0, 0.0, 6.5, 3.5, 0.0, 0.0, 0.0, 1.0, 0.0],
            ..sensor_msgs::CameraInfo::default()
        };
        let raw = intrinsics(&message, false);
        assert_eq!((raw.focal, raw.middle, raw.distortion), ([5.0, 5.5], [4.0, 3.0], 0.3));
        let rectified = intrinsics(&message, true);
        assert_eq!(rectified.focal, [6.0, 6.5]);
        assert_eq!((rectified.middle, rectified.distortion), ([4.5, 3.5], 0.0));
        assert_eq!(raw.size, [8, 6]);
    }

    #[test]
    fn the_grippers_action_is_recognised_by_its_type() {
        let text = include_str!("../../../robots/panda-sim.toml");
        let file = RobotFile::parse(text, "r.toml").unwrap();
        let kind = |name: &str| {
            let topics = [
                (
                    "rt/arm_controller/follow_joint_trajectory/_action/feedback",
                    "FollowJointTrajectory",
                ),
                ("rt/gripper_controller/gripper_cmd/_action/feedback", name),
            ];
            let topics = topics.map(|(topic, kind)| {
                (topic.to_owned(), format!("control_msgs::action::dds_::{kind}_FeedbackMessage_"))
            });
            served_kind(&topics, &file)
        };
        assert_eq!(kind("GripperCommand"), Some(GripperKind::GripperCommand));
        assert_eq!(kind("ParallelGripperCommand"), Some(GripperKind::ParallelGripperCommand));
        assert_eq!(kind("Fibonacci"), None);
        assert_eq!(served_kind(&[], &file), None);
    }

    #[test]
    fn motions_become_messages_and_come_back_sorted() {
        let names = ["a".to_owned(), "b".to_owned()];
        let sent = crate::robot::flowing(
            &JointState::at_rest(vec![0.0, 1.0]),
            &[0.1, 0.9],
            &crate::robot::Pace { velocity: vec![1.0; 2], acceleration: vec![5.0; 2] },
            0.05,
        );
        let mut message = trajectory(&names, &sent);
        let back = segment(&message, &[0, 1]);
        assert_eq!(back.points[1].state, sent.points[1].state);
        assert!((back.points[1].at_secs - sent.points[1].at_secs).abs() < 1e-8);
        let turned = segment(&message, &[1, 0]);
        assert_eq!(turned.points[0].state.positions[0], sent.points[0].state.positions[1]);
        message.points[0].positions.pop();
        assert!(segment(&message, &[0, 1]).points[0].state.positions[1].is_nan());
    }
}
