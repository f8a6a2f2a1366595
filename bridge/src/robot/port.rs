//! The port to an arm's controllers, whatever the wire.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ergon_vocab::CameraImage;

use super::calibration::Intrinsics;
use super::segment::{JointState, Segment, between};

/// Why nothing may move, however fit the robot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The emergency stop is pressed, here or in the graph.
    Pressed,
    /// The process that would call the motions off is gone.
    Unsupervised,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pressed => "the emergency stop is pressed",
            Self::Unsupervised => "the supervisor is gone, and nothing moves without one",
        })
    }
}

/// Something that is not as it should be and alone keeps nothing from moving.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Oddity {
    /// How many there were until now, this one included.
    pub count: u64,
    /// What.
    pub what: String,
}

/// What is known of the robot at a moment, each with the time at which it was made by the port's clock:
/// by its stamp where it has one, and otherwise when it arrived.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sensed {
    /// The arm's joints.
    pub joints: Option<(JointState, Duration)>,
    /// Position of the gripper's joint, in its unit.
    pub finger: Option<(f64, Duration)>,
    /// The newest picture of each camera, in the robot file's order.
    pub images: Vec<(Arc<CameraImage>, Duration)>,
    /// What the cameras' drivers say of how they see, by the camera's name.
    pub intrinsics: Vec<(String, Intrinsics)>,
    /// Why nothing may move.
    pub stopped: Option<Stop>,
    /// Who else commands the arm.
    pub other_commander: Option<String>,
    /// What was wrong with the last message that could not be used.
    pub complaint: Option<String>,
    /// What was wrong with the last picture of a camera, by the camera's name.
    pub unseen: Vec<(String, String)>,
    /// How old the stamp of the last joint states was when they arrived, s; `None` where they are not
    /// stamped.
    pub stamp_age_secs: Option<f64>,
    /// What was last wrong with stamps and clocks.
    pub oddity: Oddity,
}

/// How it stands with the last goal that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// None was sent, or it was called off.
    Idle,
    /// It is under way.
    Running,
    /// It ended where it should.
    Done,
    /// The controller refused it, or broke it off, or was not heard of; the text says which and why.
    Failed(String),
}

/// An arm with a gripper as its controllers offer it. Nothing here blocks but [`ArmPort::wait`].
pub trait ArmPort {
    /// Time since an arbitrary origin.
    fn now(&self) -> Duration;

    /// Lets time pass.
    fn wait(&mut self, time: Duration);

    /// The newest of all that was heard.
    fn sensed(&mut self) -> Sensed;

    /// Sends a motion of the arm, in place of any before it.
    fn send(&mut self, segment: &Segment);

    /// How it stands with the arm's last motion.
    fn progress(&mut self) -> Progress;

    /// Calls off all motions of the arm.
    fn cancel(&mut self);

    /// Sends the gripper to a position of its joint, in its unit, with at most a force in N.
    fn grip(&mut self, position: f64, effort: f64);

    /// How it stands with the gripper's last motion.
    fn grip_progress(&mut self) -> Progress;
}

impl<P: ArmPort + ?Sized> ArmPort for Box<P> {
    fn now(&self) -> Duration {
        (**self).now()
    }

    fn wait(&mut self, time: Duration) {
        (**self).wait(time);
    }

    fn sensed(&mut self) -> Sensed {
        (**self).sensed()
    }

    fn send(&mut self, segment: &Segment) {
        (**self).send(segment);
    }

    fn progress(&mut self) -> Progress {
        (**self).progress()
    }

    fn cancel(&mut self) {
        (**self).cancel();
    }

    fn grip(&mut self, position: f64, effort: f64) {
        (**self).grip(position, effort);
    }

    fn grip_progress(&mut self) -> Progress {
        (**self).grip_progress()
    }
}

/// An arm that does exactly what it is told, in a time of its own: the dry run, and the dummy of the
/// port.
#[derive(Clone, Debug)]
pub struct DryArm {
    now: Duration,
    from: JointState,
    motion: Option<(Segment, Duration)>,
    finger: f64,
    finger_goal: f64,
    /// What was sent, for those who want to see it.
    pub sent: Vec<Segment>,
    /// Where the gripper was sent.
    pub gripped: Vec<f64>,
}

/// Speed of the dry arm's gripper, units of its joint a second.
const FINGER_SPEED: f64 = 0.15;

impl DryArm {
    /// An arm that stands still, with its gripper at a position.
    pub fn new(positions: Vec<f64>, finger: f64) -> Self {
        Self {
            now: Duration::ZERO,
            from: JointState::at_rest(positions),
            motion: None,
            finger,
            finger_goal: finger,
            sent: Vec::new(),
            gripped: Vec::new(),
        }
    }

    fn joints(&self) -> JointState {
        match &self.motion {
            Some((segment, since)) => along(&self.from, segment, (self.now - *since).as_secs_f64()),
            None => self.from.clone(),
        }
    }
}

/// Where a motion has come to, `at` s after its beginning.
pub(crate) fn along(from: &JointState, segment: &Segment, at: f64) -> JointState {
    let (mut begin, mut before) = (from, 0.0);
    for point in &segment.points {
        if at < point.at_secs {
            return between(begin, &point.state, point.at_secs - before, at - before);
        }
        (begin, before) = (&point.state, point.at_secs);
    }
    begin.clone()
}

impl ArmPort for DryArm {
    fn now(&self) -> Duration {
        self.now
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        let most = FINGER_SPEED * time.as_secs_f64();
        self.finger += (self.finger_goal - self.finger).clamp(-most, most);
    }

    fn sensed(&mut self) -> Sensed {
        Sensed {
            joints: Some((self.joints(), self.now)),
            finger: Some((self.finger, self.now)),
            ..Sensed::default()
        }
    }

    fn send(&mut self, segment: &Segment) {
        self.from = self.joints();
        self.motion = Some((segment.clone(), self.now));
        self.sent.push(segment.clone());
    }

    fn progress(&mut self) -> Progress {
        match &self.motion {
            None => Progress::Idle,
            Some((segment, since)) if (self.now - *since).as_secs_f64() < segment.secs() => {
                Progress::Running
            }
            Some(_) => Progress::Done,
        }
    }

    fn cancel(&mut self) {
        self.from = JointState::at_rest(self.joints().positions);
        self.motion = None;
    }

    fn grip(&mut self, position: f64, _: f64) {
        self.finger_goal = position;
        self.gripped.push(position);
    }

    fn grip_progress(&mut self) -> Progress {
        let there = (self.finger - self.finger_goal).abs() < 1e-9;
        if there { Progress::Done } else { Progress::Running }
    }
}
