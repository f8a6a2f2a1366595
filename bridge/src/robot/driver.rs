//! From the agent's commands to short joint motions, and from joint states to observations.

use std::time::Duration;

use ergon_vocab::{CameraImage, Command, Observation, Pose, Robot, RobotError};
use nalgebra::UnitQuaternion;

use super::chain::Chain;
use super::goal::{self, GoalError};
use super::port::{ArmPort, Oddity, Progress, Sensed, along};
use super::segment::{JointState, Pace, Segment, flowing, rest_to_rest};

/// How often a waiting driver looks, s.
const TICK: Duration = Duration::from_millis(5);
/// A control step.
const STEP: Duration = Duration::from_millis(50);
/// Change of a joint below which nothing is sent, rad.
const STILL: f64 = 1e-5;
/// How much longer than it should a motion may take, s.
const GRACE: Duration = Duration::from_secs(1);
/// How long nothing more is told of what is odd.
const ODDITY: Duration = Duration::from_secs(1);

/// How one motion follows another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handover {
    /// Each motion ends at rest before the next goes out: slower, and right for every controller.
    Finish,
    /// The next motion replaces the one under way, as `joint_trajectory_controller` allows.
    Preempt,
}

/// What the driver is told of the robot.
#[derive(Clone, Debug, PartialEq)]
pub struct DriverSettings {
    /// The arm's kinematics.
    pub chain: Chain,
    /// How fast its joints may be moved.
    pub pace: Pace,
    /// How one motion follows another.
    pub handover: Handover,
    /// Age at which what was sensed is of no use any more.
    pub stale: Duration,
    /// How long to wait for the robot to become fit again.
    pub patience: Duration,
    /// How far the arm may be from where it was told to be, rad.
    pub tracking: f64,
    /// Cameras whose pictures must be fresh, by name.
    pub cameras: Vec<String>,
    /// The gripper.
    pub gripper: GripperSettings,
}

/// What the driver is told of the gripper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GripperSettings {
    /// Position of its joint when open, in its unit.
    pub open: f64,
    /// Position of its joint when closed on nothing, in its unit.
    pub closed: f64,
    /// Distance between the pads for each unit that the joint is from [`GripperSettings::closed`], m.
    pub opening_per_unit: f64,
    /// Force with which it closes, N.
    pub effort: f64,
}

/// A motion that was sent.
struct Sent {
    from: JointState,
    segment: Segment,
    at: Duration,
}

/// A [`Robot`] behind an [`ArmPort`].
///
/// It commands nothing before it has sensed a fresh state, and when anything is amiss it calls off what
/// is under way, forgets it, and goes on from what it measures.
pub struct Driver<'a, P: ArmPort> {
    port: P,
    settings: DriverSettings,
    report: Box<dyn FnMut(String) + 'a>,
    begun: Option<Duration>,
    posture: Vec<f64>,
    steps: u64,
    /// When the last command came.
    asked: Duration,
    sent: Option<Sent>,
    gripper: Option<bool>,
    /// How many oddities were told of, and when.
    odd: (u64, Option<Duration>),
}

impl<'a, P: ArmPort> Driver<'a, P> {
    /// A driver; `report` is told of what it does of its own accord.
    pub fn new(port: P, settings: DriverSettings, report: impl FnMut(String) + 'a) -> Self {
        Self {
            port,
            settings,
            report: Box::new(report),
            begun: None,
            posture: Vec::new(),
            steps: 0,
            asked: Duration::ZERO,
            sent: None,
            gripper: None,
            odd: (0, None),
        }
    }

    /// The port.
    pub fn port(&mut self) -> &mut P {
        &mut self.port
    }

    /// Calls off what is under way and forgets it.
    fn hold(&mut self, why: String) -> RobotError {
        self.port.cancel();
        self.sent = None;
        RobotError::Held(why)
    }

    /// All that was sensed, if the robot is fit to move.
    fn fit(&mut self) -> Result<Sensed, String> {
        let sensed = self.port.sensed();
        let now = self.port.now();
        self.tell_oddity(&sensed, now);
        let stale = self.settings.stale;
        if let Some(stop) = sensed.stopped {
            return Err(stop.to_string());
        }
        if let Some(who) = &sensed.other_commander {
            return Err(format!("{who} commands the arm too"));
        }
        let old = |at: Duration| now.saturating_sub(at) > stale;
        let because = || sensed.complaint.as_ref().map_or(String::new(), |why| format!(" ({why})"));
        let Some((_, at)) = &sensed.joints else {
            return Err(format!("no joint states were heard yet{}", because()));
        };
        if old(*at) {
            let age = now.saturating_sub(*at).as_millis();
            return Err(format!("the joint states are {age} ms old{}", because()));
        }
        for name in &self.settings.cameras {
            let picture = sensed.images.iter().find(|(image, _)| image.camera == *name);
            let unseen = sensed.unseen.iter().find(|(camera, _)| camera == name);
            let because = unseen.map_or(String::new(), |(_, why)| format!(" ({why})"));
            match picture {
                None => return Err(format!("camera {name} shows nothing yet{because}")),
                Some((_, at)) if old(*at) => {
                    let age = now.saturating_sub(*at).as_millis();
                    return Err(format!("the picture of camera {name} is {age} ms old{because}"));
                }
                Some(_) => {}
            }
        }
        Ok(sensed)
    }

    /// Tells of what is odd, at most once a second: what is wrong with one message is with the next.
    fn tell_oddity(&mut self, sensed: &Sensed, now: Duration) {
        let (told, at) = self.odd;
        let Oddity { count, what } = &sensed.oddity;
        if *count > told && at.is_none_or(|at| now.saturating_sub(at) > ODDITY) {
            self.odd = (*count, Some(now));
            (self.report)(format!("clocks: {what}"));
        }
    }

    /// What is sensed as soon as the robot is fit.
    fn fresh(&mut self) -> Result<Sensed, RobotError> {
        let end = self.port.now() + self.settings.patience;
        loop {
            let why = match self.fit() {
                Ok(sensed) => return Ok(sensed),
                Err(why) => why,
            };
            if self.port.now() >= end {
                let waited = self.settings.patience.as_secs_f64();
                self.port.cancel();
                return Err(RobotError::Stopped(format!("{why}; waited {waited:.1} s")));
            }
            self.port.wait(TICK);
        }
    }

    /// What is sensed after `since`, if the robot stays fit until then.
    fn after(&mut self, since: Option<Duration>) -> Result<Sensed, RobotError> {
        loop {
            let sensed = self.fit().map_err(|why| self.hold(why))?;
            if sensed.joints.as_ref().map(|(_, at)| *at) > since {
                return Ok(sensed);
            }
            self.port.wait(TICK);
        }
    }

    fn observation(&mut self, sensed: &Sensed) -> Observation {
        let now = self.port.now();
        let begun = *self.begun.get_or_insert(now);
        let joints = sensed.joints.as_ref().map(|(joints, _)| joints.clone()).unwrap_or_default();
        let tool = self.settings.chain.forward(&joints.positions);
        let gripper = &self.settings.gripper;
        let finger = sensed.finger.map_or(gripper.open, |(finger, _)| finger);
        let opening = (finger - gripper.closed) * gripper.opening_per_unit;
        Observation {
            step: self.steps,
            time_secs: now.saturating_sub(begun).as_secs_f64(),
            images: sensed.images.iter().map(|(image, _)| CameraImage::clone(image)).collect(),
            ee_position: tool.translation.vector,
            ee_orientation: tool.rotation.scaled_axis(),
            finger_positions: [opening / 2.0; 2],
            joint_positions: joints.positions,
            joint_velocities: joints.velocities,
        }
    }

    /// Where the arm has been told to be now: on the motion under way, else where it is measured.
    fn commanded(&mut self, measured: &JointState) -> JointState {
        let now = self.port.now();
        let Some(sent) = &self.sent else { return JointState::at_rest(measured.positions.clone()) };
        let elapsed = now.saturating_sub(sent.at).as_secs_f64();
        let silent = now.saturating_sub(self.asked).as_secs_f64();
        if self.settings.handover == Handover::Preempt
            && silent > sent.segment.secs() + STEP.as_secs_f64()
        {
            let late = 1e3 * (silent - STEP.as_secs_f64());
            (self.report)(format!("no command for {late:.0} ms: the arm came to rest"));
        }
        along(&sent.from, &sent.segment, elapsed)
    }

    /// The motion from where the arm is told to be towards joint positions.
    fn motion(&self, from: &JointState, to: &[f64]) -> Segment {
        let DriverSettings { chain, pace, handover, .. } = &self.settings;
        let step = STEP.as_secs_f64();
        if *handover == Handover::Finish {
            return rest_to_rest(&from.positions, to, pace, step);
        }
        // As far as the arm can still come to rest within its limits; stopping at once always is.
        let towards = |share: f64| {
            let way = from.positions.iter().zip(to).map(|(a, b)| a + (b - a) * share);
            flowing(from, &way.collect::<Vec<_>>(), pace, step)
        };
        let fits = |segment: &Segment| {
            chain.joints.iter().zip(segment.end()).all(|(joint, &q)| joint.allows(q))
        };
        let shares = [1.0, 0.5, 0.25].into_iter().map(towards);
        shares.into_iter().find(fits).unwrap_or_else(|| towards(0.0))
    }

    /// The motion of one command, checked.
    fn plan(&mut self, command: &Command, measured: &JointState) -> Result<Sent, GoalError> {
        let from = self.commanded(measured);
        let chain = self.settings.chain.clone();
        let tool = chain.forward(&from.positions);
        let turn = UnitQuaternion::new(command.rotation * Command::ROTATION_SCALE);
        let at = tool.translation.vector + command.translation * Command::TRANSLATION_SCALE;
        let target = Pose::from_parts(at.into(), turn * tool.rotation);
        // Out of reach, as near as one gets.
        let (to, _) = chain.approach(&from.positions, &target, &self.posture);
        let segment = self.motion(&from, &to);
        let pace = &self.settings.pace;
        let away = self.settings.tracking;
        goal::check(&segment, &from, &measured.positions, away, &chain, pace)?;
        Ok(Sent { from, segment, at: self.port.now() })
    }

    /// Opens or closes the gripper, if the command asks for another thing than the last one.
    fn grip(&mut self, command: f64) {
        let close = command > 0.0;
        if command == 0.0 || self.gripper == Some(close) {
            return;
        }
        let gripper = &self.settings.gripper;
        let position = if close { gripper.closed } else { gripper.open };
        self.port.grip(position, gripper.effort);
        self.gripper = Some(close);
    }

    /// Waits until a motion is over, or until the next one is due, and stops everything that is amiss.
    fn follow(&mut self, begin: Duration, sent: bool, secs: f64) -> Result<(), RobotError> {
        let due = begin + STEP;
        let end = begin + Duration::from_secs_f64(secs) + GRACE;
        loop {
            if let Err(why) = self.fit() {
                return Err(self.hold(why));
            }
            if let Progress::Failed(why) = self.port.grip_progress() {
                self.gripper = None;
                return Err(self.hold(format!("the gripper: {why}")));
            }
            let now = self.port.now();
            let waits = self.settings.handover == Handover::Finish && sent;
            match self.port.progress() {
                Progress::Failed(why) => return Err(self.hold(why)),
                Progress::Running if waits && now >= end => {
                    return Err(self.hold("no result of the motion in time".into()));
                }
                Progress::Running if waits => {}
                _ if now >= due => return Ok(()),
                _ => {}
            }
            // The next command is due on time, whatever the tick.
            let left = due.saturating_sub(now);
            self.port.wait(if left.is_zero() { TICK } else { TICK.min(left) });
        }
    }
}

impl<P: ArmPort> Robot for Driver<'_, P> {
    fn observe(&mut self) -> Result<Observation, RobotError> {
        let sensed = self.fresh()?;
        if let (true, Some((joints, _))) = (self.posture.is_empty(), &sensed.joints) {
            self.posture.clone_from(&joints.positions);
        }
        Ok(self.observation(&sensed))
    }

    fn step(&mut self, command: &Command) -> Result<Observation, RobotError> {
        let command = command.clamped()?;
        if self.begun.is_none() {
            return Err(self.hold("no state was sensed before the command".into()));
        }
        let begin = self.port.now();
        let sensed = self.fit().map_err(|why| self.hold(why))?;
        let Some((measured, _)) = sensed.joints else {
            return Err(self.hold("no joint states".into()));
        };
        let sent = self.plan(&command, &measured);
        self.asked = begin;
        let sent = sent.map_err(|why| self.hold(format!("not sent: {why}")))?;
        self.grip(command.gripper);
        let end = sent.segment.end().iter().zip(&sent.from.positions);
        let moves = end.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) > STILL
            || sent.from.velocities.iter().any(|v| *v != 0.0);
        let secs = sent.segment.secs();
        if moves {
            self.port.send(&sent.segment);
            self.sent = Some(sent);
        }
        self.follow(begin, moves, secs)?;
        self.steps += 1;
        let since = match self.settings.handover {
            Handover::Finish if moves => Some(self.port.now()),
            Handover::Finish | Handover::Preempt => None,
        };
        let sensed = self.after(since)?;
        Ok(self.observation(&sensed))
    }
}

impl<P: ArmPort> Drop for Driver<'_, P> {
    /// Whatever ends the agent ends the motion too.
    fn drop(&mut self) {
        self.port.cancel();
    }
}
