//! A simulated arm where a real one would be: the topics and actions of ros2_control.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ergon_vocab::{CameraImage, CameraSpec, Mount};
use ros2_client::{Message, Publisher, Subscription};

use super::arm::segment;
use super::line::{Desk, End};
use super::messages::control_msgs::{
    FollowJointTrajectoryFeedback, FollowJointTrajectoryFeedbackJazzy,
    FollowJointTrajectoryFeedbackPrefix as Prefix, FollowJointTrajectoryGoal,
    FollowJointTrajectoryResult, GripperCommandGoal, GripperCommandResult, PATH_TOLERANCE_VIOLATED,
    ParallelGripperCommandFeedback, ParallelGripperCommandGoal, ParallelGripperCommandResult,
};
use super::messages::geometry_msgs::TransformStamped;
use super::messages::std_msgs::{Bool, Header, Text};
use super::messages::tf2_msgs::TFMessage;
use super::messages::trajectory_msgs::JointTrajectoryPoint;
use super::messages::{Time, sensor_msgs};
use super::wire::{RosError, Wire, latched, reliable};
use crate::robot::{Chain, Distro, Follower, GripperKind, JointState, RobotFile, order};
use crate::time::{Stopwatch, pause, unix_secs};

/// How often a waiting server looks for requests.
const TICK: Duration = Duration::from_millis(2);
/// Ticks between feedbacks and pictures.
const SELDOM: u64 = 3;
/// Change of the gripper's joint in a tick below which it stands still, and for how many ticks.
const STILL: f64 = 1e-4;
const STILL_TICKS: u32 = 6;
/// Distance from its goal at which the gripper has reached it, in its unit.
const REACHED: f64 = 1e-3;

/// An arm that is moved from here.
pub trait ServedArm {
    /// Length of a tick, s.
    fn tick_secs(&self) -> f64;

    /// Positions and velocities of the joints.
    fn joints(&self) -> JointState;

    /// Position of the gripper's joint, in its unit.
    fn finger(&self) -> f64;

    /// Lets a tick pass, in which the joints go to `positions` and the gripper closes or opens.
    ///
    /// # Errors
    /// The arm is broken; the text says how.
    fn tick(&mut self, positions: &[f64], closing: bool) -> Result<(), String>;

    /// The pictures of its cameras.
    ///
    /// # Errors
    /// They cannot be taken; the text says why.
    fn pictures(&mut self) -> Result<Vec<CameraImage>, String>;
}

/// A camera of a served arm, with its topics.
#[derive(Clone, Debug, PartialEq)]
pub struct ServedCamera {
    /// Where it is and how it sees.
    pub spec: CameraSpec,
    /// Topic of its pictures.
    pub image: String,
    /// Topic of its intrinsics.
    pub info: String,
}

/// Serves an arm until `stop`, in real time. `report` is told of goals.
///
/// # Errors
/// The network cannot be used, or the arm broke.
pub fn serve_arm(
    (file, chain, urdf): (&RobotFile, &Chain, &str),
    cameras: &[ServedCamera],
    arm: &mut dyn ServedArm,
    stop: &AtomicBool,
    report: &mut dyn FnMut(&str),
) -> Result<(), RosError> {
    match file.ros.distro {
        Distro::Kilted => Cell::<FollowJointTrajectoryFeedback>::open(file, chain, urdf, cameras)?
            .run(arm, stop, report),
        Distro::Humble | Distro::Jazzy => {
            Cell::<FollowJointTrajectoryFeedbackJazzy>::open(file, chain, urdf, cameras)?
                .run(arm, stop, report)
        }
    }
}

impl From<Prefix> for FollowJointTrajectoryFeedback {
    fn from(start: Prefix) -> Self {
        Self { start, ..Self::default() }
    }
}

impl From<Prefix> for FollowJointTrajectoryFeedbackJazzy {
    fn from(start: Prefix) -> Self {
        Self { start, ..Self::default() }
    }
}

enum Grip {
    Command(Desk<GripperCommandGoal, GripperCommandResult, GripperCommandResult>),
    Parallel(
        Desk<
            ParallelGripperCommandGoal,
            ParallelGripperCommandResult,
            ParallelGripperCommandFeedback,
        >,
    ),
}

/// Where the gripper goes.
struct Fingers {
    desk: Grip,
    goal: f64,
    closing: bool,
    still: u32,
    before: f64,
}

struct Eye {
    name: String,
    pictures: Publisher<sensor_msgs::Image>,
    infos: Publisher<sensor_msgs::CameraInfo>,
    info: sensor_msgs::CameraInfo,
}

struct Cell<F: Message + 'static> {
    wire: Wire,
    file: RobotFile,
    chain: Chain,
    names: Vec<String>,
    states: Publisher<sensor_msgs::JointState>,
    frames: Publisher<TFMessage>,
    eyes: Vec<Eye>,
    stops: Subscription<Bool>,
    /// Kept, so that those who come late are served.
    _description: Publisher<Text>,
    _fixed_frames: Publisher<TFMessage>,
    arm: Desk<FollowJointTrajectoryGoal, FollowJointTrajectoryResult, F>,
    fingers: Fingers,
    pressed: bool,
}

fn header(frame: &str) -> Header {
    Header { stamp: Time::from_secs(unix_secs()), frame_id: frame.to_owned() }
}

impl<F: Message + Clone + From<Prefix> + 'static> Cell<F> {
    fn open(
        file: &RobotFile,
        chain: &Chain,
        urdf: &str,
        cameras: &[ServedCamera],
    ) -> Result<Self, RosError> {
        let mut wire = Wire::open(&file.ros, "ergon_sim_robot")?;
        let full = |name: &str| file.full_name(name);
        let description =
            wire.publisher(&full("/robot_description"), ("std_msgs", "String"), latched())?;
        let said = description.publish(Text { data: urdf.to_owned() });
        said.map_err(|e| RosError::new("publishing the robot description", format!("{e:?}")))?;
        let fixed = wire.publisher("/tf_static", ("tf2_msgs", "TFMessage"), latched())?;
        let transforms = cameras.iter().map(|camera| fixed_frame(camera, file)).collect();
        let said = fixed.publish(TFMessage { transforms });
        said.map_err(|e| RosError::new("publishing /tf_static", format!("{e:?}")))?;
        let gripper = full(&file.gripper.action);
        let desk = match file.gripper.kind {
            GripperKind::Auto | GripperKind::GripperCommand => {
                let kind = ("control_msgs", "GripperCommand");
                Grip::Command(Desk::new(wire.action_server(&gripper, kind)?))
            }
            GripperKind::ParallelGripperCommand => {
                let kind = ("control_msgs", "ParallelGripperCommand");
                Grip::Parallel(Desk::new(wire.action_server(&gripper, kind)?))
            }
        };
        let stop = if file.watch.stop.is_empty() { "/estop" } else { &file.watch.stop };
        let states = ("sensor_msgs", "JointState");
        let follow = ("control_msgs", "FollowJointTrajectory");
        Ok(Self {
            states: wire.publisher(&full(&file.arm.states), states, reliable(10))?,
            frames: wire.publisher("/tf", ("tf2_msgs", "TFMessage"), reliable(10))?,
            eyes: cameras.iter().map(|c| eye(&mut wire, file, c)).collect::<Result<_, _>>()?,
            stops: wire.subscription(&full(stop), ("std_msgs", "Bool"), reliable(10))?,
            arm: Desk::new(wire.action_server(&full(&file.arm.action), follow)?),
            fingers: Fingers {
                desk,
                goal: file.gripper.open,
                closing: false,
                still: 0,
                before: 0.0,
            },
            names: chain.joints.iter().map(|j| j.name.clone()).collect(),
            _description: description,
            _fixed_frames: fixed,
            file: file.clone(),
            chain: chain.clone(),
            pressed: false,
            wire,
        })
    }

    fn run(
        &mut self,
        arm: &mut dyn ServedArm,
        stop: &AtomicBool,
        report: &mut dyn FnMut(&str),
    ) -> Result<(), RosError> {
        let broke = |why: String| RosError::new("the simulated arm", why);
        let mut follower = Follower::new(self.names.clone(), arm.joints().positions);
        let tick = arm.tick_secs();
        let clock = Stopwatch::start();
        let mut due = Duration::ZERO;
        let mut ticks = 0u64;
        while !stop.load(Ordering::Relaxed) {
            self.hear(&mut follower, report);
            if clock.elapsed() < due {
                pause(TICK.min(due.saturating_sub(clock.elapsed())));
                continue;
            }
            // A machine that is too slow falls behind and does not hurry after.
            due = (due + Duration::from_secs_f64(tick)).max(clock.elapsed());
            let ended = follower.advance(tick);
            arm.tick(&follower.commanded().positions, self.fingers.closing).map_err(broke)?;
            self.tell(arm)?;
            if ticks.is_multiple_of(SELDOM) {
                self.feedback(&follower, &arm.joints());
                // Pictures take longer than all the rest.
                if self.is_watched() {
                    self.show(arm.pictures().map_err(broke)?)?;
                }
            }
            if ended {
                self.arm.end(End::Succeeded, FollowJointTrajectoryResult::default());
            }
            self.fingers.watch(arm.finger());
            ticks += 1;
        }
        Ok(())
    }

    /// Takes goals, calls off, and answers.
    fn hear(&mut self, follower: &mut Follower, report: &mut dyn FnMut(&str)) {
        while let Ok(Some((message, _))) = self.stops.take() {
            if message.data != self.pressed {
                report(if message.data { "emergency stop" } else { "emergency stop released" });
            }
            self.pressed = message.data;
        }
        let aborted = |why: &str| FollowJointTrajectoryResult {
            error_code: PATH_TOLERANCE_VIOLATED,
            error_string: why.to_owned(),
        };
        if self.pressed && follower.moves() {
            follower.hold();
            self.arm.end(End::Aborted, aborted("stopped"));
        }
        let (names, pressed) = (&self.names, self.pressed);
        let accept = |goal: &FollowJointTrajectoryGoal| {
            let accepted = match order(names, &goal.trajectory.joint_names) {
                Err(e) => Err(e.to_string()),
                Ok(_) if pressed => Err("the emergency stop is pressed".into()),
                Ok(order) => {
                    follower.accept(segment(&goal.trajectory, &order)).map_err(|e| e.to_string())
                }
            };
            if let Err(why) = &accepted {
                report(&format!("goal rejected: {why}"));
            }
            accepted.is_ok()
        };
        let replaced = || aborted("replaced by another goal");
        self.arm.take(accept, replaced);
        if self.arm.called_off() {
            follower.hold();
            report("goal cancelled");
            self.arm.end(End::Canceled, FollowJointTrajectoryResult::default());
        }
        self.arm.answer();
        self.fingers.hear(&self.file);
    }

    fn tell(&mut self, arm: &dyn ServedArm) -> Result<(), RosError> {
        let joints = arm.joints();
        let tool = self.chain.forward(&joints.positions);
        let mut name = self.names.clone();
        name.push(self.file.gripper.joint.clone());
        let (mut position, mut velocity) = (joints.positions, joints.velocities);
        position.push(arm.finger());
        velocity.push(0.0);
        let header = header("");
        let frame = TransformStamped {
            header: Header { stamp: header.stamp.clone(), frame_id: self.file.arm.base.clone() },
            child_frame_id: self.file.arm.tool.clone(),
            transform: (&tool).into(),
        };
        let state =
            sensor_msgs::JointState { header, name, position, velocity, effort: Vec::new() };
        let failed = |what: &str, e: String| RosError::new(format!("publishing {what}"), e);
        self.states.publish(state).map_err(|e| failed("joint states", format!("{e:?}")))?;
        let frames = TFMessage { transforms: vec![frame] };
        self.frames.publish(frames).map_err(|e| failed("/tf", format!("{e:?}")))
    }

    fn feedback(&self, follower: &Follower, actual: &JointState) {
        if !self.arm.busy() {
            return;
        }
        let point = |state: &JointState| JointTrajectoryPoint {
            positions: state.positions.clone(),
            velocities: state.velocities.clone(),
            ..JointTrajectoryPoint::default()
        };
        let desired = follower.commanded();
        let off = desired.positions.iter().zip(&actual.positions).map(|(d, a)| d - a);
        let error =
            JointTrajectoryPoint { positions: off.collect(), ..JointTrajectoryPoint::default() };
        self.arm.feedback(F::from(Prefix {
            header: header(""),
            joint_names: self.names.clone(),
            desired: point(desired),
            actual: point(actual),
            error,
        }));
    }

    fn is_watched(&self) -> bool {
        let node = self.wire.node();
        self.eyes.iter().any(|eye| {
            eye.pictures.get_subscription_count(node) + eye.infos.get_subscription_count(node) > 0
        })
    }

    fn show(&mut self, pictures: Vec<CameraImage>) -> Result<(), RosError> {
        for CameraImage { camera, image } in pictures {
            let Some(eye) = self.eyes.iter_mut().find(|eye| eye.name == camera) else { continue };
            let header = header(&camera);
            let message = sensor_msgs::Image {
                header: header.clone(),
                height: image.height() as u32,
                width: image.width() as u32,
                encoding: "rgb8".into(),
                is_bigendian: 0,
                step: 3 * image.width() as u32,
                data: image.data().to_vec(),
            };
            let failed = |e: String| RosError::new(format!("publishing camera {camera}"), e);
            eye.pictures.publish(message).map_err(|e| failed(format!("{e:?}")))?;
            eye.info.header = header;
            eye.infos.publish(eye.info.clone()).map_err(|e| failed(format!("{e:?}")))?;
        }
        Ok(())
    }
}

impl Fingers {
    fn hear(&mut self, file: &RobotFile) {
        let goal = match &mut self.desk {
            Grip::Command(desk) => {
                let fits = |goal: &GripperCommandGoal| goal.position.is_finite();
                desk.take(fits, GripperCommandResult::default).map(|goal| goal.position)
            }
            Grip::Parallel(desk) => {
                let first =
                    |goal: &ParallelGripperCommandGoal| goal.command.position.first().copied();
                let fits =
                    |goal: &ParallelGripperCommandGoal| first(goal).is_some_and(f64::is_finite);
                let taken = desk.take(fits, ParallelGripperCommandResult::default);
                taken.and_then(|goal| first(&goal))
            }
        };
        if let Some(goal) = goal {
            let middle = (file.gripper.open + file.gripper.closed) / 2.0;
            self.closing = (goal < middle) == (file.gripper.closed < middle);
            (self.goal, self.still) = (goal, 0);
        }
        match &mut self.desk {
            Grip::Command(desk) => {
                if desk.called_off() {
                    desk.end(End::Canceled, GripperCommandResult::default());
                }
                desk.answer();
            }
            Grip::Parallel(desk) => {
                if desk.called_off() {
                    desk.end(End::Canceled, ParallelGripperCommandResult::default());
                }
                desk.answer();
            }
        }
    }

    /// Ends the goal once the fingers stand still.
    fn watch(&mut self, finger: f64) {
        let still = (finger - self.before).abs() < STILL;
        self.still = if still { self.still + 1 } else { 0 };
        self.before = finger;
        let reached_goal = (finger - self.goal).abs() < REACHED;
        if !reached_goal && self.still < STILL_TICKS {
            return;
        }
        let stalled = !reached_goal;
        match &mut self.desk {
            Grip::Command(desk) => {
                let (position, effort) = (finger, 0.0);
                desk.end(
                    End::Succeeded,
                    GripperCommandResult { position, effort, stalled, reached_goal },
                );
            }
            Grip::Parallel(desk) => {
                let position = vec![finger];
                let state =
                    sensor_msgs::JointState { position, ..sensor_msgs::JointState::default() };
                let result = ParallelGripperCommandResult { state, stalled, reached_goal };
                desk.end(End::Succeeded, result);
            }
        }
    }
}

fn eye(wire: &mut Wire, file: &RobotFile, camera: &ServedCamera) -> Result<Eye, RosError> {
    let [width, height] = camera.spec.size;
    let focal = height as f64 / (2.0 * (camera.spec.fov_y / 2.0).tan());
    let (x, y) = (width as f64 / 2.0, height as f64 / 2.0);
    let image = file.full_name(&camera.image);
    let info = file.full_name(&camera.info);
    Ok(Eye {
        name: camera.spec.name.clone(),
        pictures: wire.publisher(&image, ("sensor_msgs", "Image"), reliable(2))?,
        infos: wire.publisher(&info, ("sensor_msgs", "CameraInfo"), reliable(2))?,
        info: sensor_msgs::CameraInfo {
            width: width as u32,
            height: height as u32,
            distortion_model: "plumb_bob".into(),
            d: vec![0.0; 5],
            k: [focal, 0.0, x, 0.0, focal, y, 0.0, 0.0, 1.0],
            r: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
            p: [focal, 0.0, x, 0.0, 0.0, focal, y, 0.0, 0.0, 0.0, 1.0, 0.0],
            ..sensor_msgs::CameraInfo::default()
        },
    })
}

/// Where a camera is, for `/tf_static`.
fn fixed_frame(camera: &ServedCamera, file: &RobotFile) -> TransformStamped {
    let parent = match camera.spec.mount {
        Mount::Cell => &file.arm.base,
        Mount::Tool => &file.arm.tool,
    };
    TransformStamped {
        header: header(parent),
        child_frame_id: camera.spec.name.clone(),
        transform: (&camera.spec.mount_from_camera).into(),
    }
}
