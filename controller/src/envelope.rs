//! The safety envelope: a robot around a robot that keeps commands within limits.
//!
//! It is software and no certified safety function. It guards the simulator as it guards an arm: it sees
//! observations and commands and nothing else.

use ergon_vocab::{Command, Observation, Robot, RobotError};
use nalgebra::Vector3;

/// A control step, s.
const STEP_SECS: f64 = 1.0 / Command::RATE_HZ;
/// Share of a speed limit beyond which a measured speed stops everything.
const OVERSPEED: f64 = 1.2;
/// How far beyond its limits a joint may be measured, rad.
const OVERTRAVEL: f64 = 0.02;

/// What an arm may do.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// Where the tool may be: least x, y, z, base frame, m.
    pub workspace_min: Vector3<f64>,
    /// Where the tool may be: greatest x, y, z, base frame, m.
    pub workspace_max: Vector3<f64>,
    /// Highest speed of the tool, m/s.
    pub tool_speed: f64,
    /// Highest turning speed of the tool, rad/s.
    pub tool_turn: f64,
    /// Highest acceleration of the tool, m/s^2.
    pub tool_acceleration: f64,
    /// Share of the commanded speed that is used, above 0 and up to 1.
    pub speed_scale: f64,
    /// Lowest and highest position of each joint, rad, in the robot's order; empty for no check.
    pub joint_limits: Vec<[f64; 2]>,
    /// Highest speed of each joint, rad/s, in the robot's order; empty for no check.
    pub joint_speeds: Vec<f64>,
}

/// A robot that keeps within an [`Envelope`].
///
/// Nothing is commanded before a fresh state was sensed, nor while `stop` says so, nor when a joint is
/// measured out of its limits. A command that would leave the workspace, or be too fast or too sudden,
/// is cut to what is allowed. Each such thing is told to `report`, once as long as it lasts.
pub struct Enveloped<R, S, N> {
    inner: R,
    envelope: Envelope,
    stop: S,
    report: N,
    /// The last observation's tool position and time.
    last: Option<(Vector3<f64>, f64)>,
    /// Tool velocity that was commanded last, m/s.
    velocity: Vector3<f64>,
    /// What was told last.
    told: String,
}

impl<R: Robot, S: FnMut() -> bool, N: FnMut(&str)> Enveloped<R, S, N> {
    /// Guards a robot. `stop` says whether the emergency stop is pressed.
    pub fn new(inner: R, envelope: Envelope, stop: S, report: N) -> Self {
        let (last, velocity, told) = (None, Vector3::zeros(), String::new());
        Self { inner, envelope, stop, report, last, velocity, told }
    }

    /// The robot inside.
    pub fn inner(&mut self) -> &mut R {
        &mut self.inner
    }

    fn tell(&mut self, what: &str) {
        if self.told != what {
            what.clone_into(&mut self.told);
            (self.report)(what);
        }
    }

    fn remember(&mut self, observation: &Observation) -> Result<(), RobotError> {
        if !observation.is_finite() {
            self.last = None;
            return Err(RobotError::Held("a sensed number is not finite".into()));
        }
        self.last = Some((observation.ee_position, observation.time_secs));
        self.joints(observation).map_err(|why| {
            self.velocity = Vector3::zeros();
            RobotError::Held(why)
        })
    }

    /// What is wrong with the measured joints.
    fn joints(&self, observation: &Observation) -> Result<(), String> {
        let positions = observation.joint_positions.iter().zip(&self.envelope.joint_limits);
        for (i, (&q, &[lower, upper])) in positions.enumerate() {
            if q < lower - OVERTRAVEL || q > upper + OVERTRAVEL {
                return Err(format!("joint {} is at {q:.3} rad, out of {lower} to {upper}", i + 1));
            }
        }
        let speeds = observation.joint_velocities.iter().zip(&self.envelope.joint_speeds);
        for (i, (&v, &most)) in speeds.enumerate() {
            if v.abs() > most * OVERSPEED {
                return Err(format!("joint {} moves at {v:.2} rad/s, beyond {most}", i + 1));
            }
        }
        Ok(())
    }

    /// The command within the envelope, from where the tool is.
    fn within(&mut self, command: &Command, at: &Vector3<f64>) -> Command {
        let limits = self.envelope.clone();
        let scale = Command::TRANSLATION_SCALE / STEP_SECS;
        let mut velocity = command.translation * (scale * limits.speed_scale);
        let mut cut = None;
        if velocity.norm() > limits.tool_speed {
            velocity *= limits.tool_speed / velocity.norm();
            cut = Some("too fast: the command is slowed down");
        }
        let change = velocity - self.velocity;
        let most = limits.tool_acceleration * STEP_SECS;
        if change.norm() > most {
            velocity = self.velocity + change * (most / change.norm());
            cut = Some("too sudden: the command is smoothed");
        }
        for i in 0..3 {
            // What is outside may come back in, and go no further out.
            let least = (limits.workspace_min[i] - at[i]).min(0.0) / STEP_SECS;
            let most = (limits.workspace_max[i] - at[i]).max(0.0) / STEP_SECS;
            let kept = velocity[i].clamp(least, most);
            if kept != velocity[i] {
                velocity[i] = kept;
                cut = Some("the command would leave the workspace: it is cut");
            }
        }
        let turn = command.rotation * (Command::ROTATION_SCALE / STEP_SECS * limits.speed_scale);
        let share = (limits.tool_turn / turn.norm()).min(1.0);
        match cut {
            Some(what) => self.tell(what),
            None => self.told.clear(),
        }
        self.velocity = velocity;
        Command {
            translation: velocity / scale,
            rotation: turn * (share * STEP_SECS / Command::ROTATION_SCALE),
            gripper: command.gripper,
        }
    }
}

impl<R: Robot, S: FnMut() -> bool, N: FnMut(&str)> Robot for Enveloped<R, S, N> {
    fn observe(&mut self) -> Result<Observation, RobotError> {
        let observation = self.inner.observe()?;
        self.velocity = Vector3::zeros();
        self.remember(&observation)?;
        Ok(observation)
    }

    fn step(&mut self, command: &Command) -> Result<Observation, RobotError> {
        if (self.stop)() {
            (self.last, self.velocity) = (None, Vector3::zeros());
            return Err(RobotError::Held("the emergency stop is pressed".into()));
        }
        let Some((at, time_secs)) = self.last.take() else {
            return Err(RobotError::Held("no fresh state was sensed before the command".into()));
        };
        let command = self.within(&command.clamped()?, &at);
        let result = self.inner.step(&command);
        if result.is_err() {
            self.velocity = Vector3::zeros();
        }
        let observation = result?;
        if observation.time_secs <= time_secs {
            return Err(RobotError::Held("the robot's state is not new".into()));
        }
        self.remember(&observation)?;
        Ok(observation)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use proptest::prelude::*;

    use super::*;

    fn envelope() -> Envelope {
        Envelope {
            workspace_min: Vector3::new(0.2, -0.4, 0.0),
            workspace_max: Vector3::new(0.8, 0.4, 0.6),
            tool_speed: 0.5,
            tool_turn: 2.0,
            tool_acceleration: 4.0,
            speed_scale: 1.0,
            joint_limits: vec![[-1.0, 1.0]],
            joint_speeds: vec![1.0],
        }
    }

    /// A tool that goes exactly where it is told.
    #[derive(Clone)]
    struct Point(Observation);

    impl Point {
        fn at(position: Vector3<f64>) -> Self {
            let joints = vec![0.0];
            Self(Observation {
                ee_position: position,
                joint_positions: joints.clone(),
                joint_velocities: joints,
                ..Observation::default()
            })
        }
    }

    impl Robot for Point {
        fn observe(&mut self) -> Result<Observation, RobotError> {
            Ok(self.0.clone())
        }

        fn step(&mut self, command: &Command) -> Result<Observation, RobotError> {
            self.0.ee_position += command.translation * Command::TRANSLATION_SCALE;
            self.0.time_secs += STEP_SECS;
            self.observe()
        }
    }

    fn middle() -> Vector3<f64> {
        Vector3::new(0.5, 0.0, 0.3)
    }

    fn push(x: f64) -> Command {
        Command::from_array([x, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    }

    fn held<T: std::fmt::Debug>(result: Result<T, RobotError>) -> String {
        match result {
            Err(RobotError::Held(why)) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_is_commanded_before_a_state_or_while_stopped() {
        let pressed = Cell::new(false);
        let mut robot = Enveloped::new(Point::at(middle()), envelope(), || pressed.get(), |_| {});
        assert!(held(robot.step(&push(0.1))).contains("no fresh state"));
        robot.observe().unwrap();
        robot.step(&push(0.1)).unwrap();
        pressed.set(true);
        assert!(held(robot.step(&push(0.1))).contains("emergency stop"));
        pressed.set(false);
        assert!(held(robot.step(&push(0.1))).contains("no fresh state"), "nothing is resumed");
        robot.observe().unwrap();
        robot.step(&push(0.1)).unwrap();
    }

    #[test]
    fn what_is_measured_out_of_limits_holds() {
        let mut point = Point::at(middle());
        point.0.joint_positions = vec![1.1];
        let mut robot = Enveloped::new(point, envelope(), || false, |_| {});
        assert!(held(robot.observe()).contains("joint 1 is at 1.100 rad"));
        let mut point = Point::at(middle());
        point.0.joint_velocities = vec![-1.5];
        let mut robot = Enveloped::new(point, envelope(), || false, |_| {});
        assert!(held(robot.observe()).contains("moves at -1.50 rad/s"));
        let mut point = Point::at(middle());
        point.0.ee_position.x = f64::NAN;
        let mut robot = Enveloped::new(point, envelope(), || false, |_| {});
        assert!(held(robot.observe()).contains("not finite"));
    }

    #[test]
    fn interventions_are_told_once_while_they_last() {
        let told = RefCell::new(Vec::new());
        let report = |what: &str| told.borrow_mut().push(what.to_owned());
        let mut robot = Enveloped::new(Point::at(middle()), envelope(), || false, report);
        robot.observe().unwrap();
        for _ in 0..40 {
            robot.step(&push(1.0)).unwrap();
        }
        let told = told.borrow();
        assert!(told.len() <= 4 && told.iter().any(|t| t.contains("workspace")), "{told:?}");
    }

    proptest! {
        #[test]
        fn the_tool_stays_inside_and_within_its_pace(
            commands in proptest::collection::vec(proptest::array::uniform3(-1.0..1.0f64), 1..60),
            scale in 0.1..1.0f64,
        ) {
            let limits = Envelope { speed_scale: scale, ..envelope() };
            let mut robot = Enveloped::new(Point::at(middle()), limits.clone(), || false, |_| {});
            let mut at = robot.observe().unwrap().ee_position;
            for [x, y, z] in commands {
                let command = Command::from_array([x, y, z, 0.0, 0.0, 0.0, 0.0]);
                let now = robot.step(&command).unwrap().ee_position;
                for i in 0..3 {
                    prop_assert!(now[i] >= limits.workspace_min[i] - 1e-9);
                    prop_assert!(now[i] <= limits.workspace_max[i] + 1e-9);
                }
                prop_assert!((now - at).norm() <= limits.tool_speed * STEP_SECS + 1e-9);
                at = now;
            }
        }
    }
}
