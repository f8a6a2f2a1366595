//! The driver against an arm that misbehaves, in a time of its own: what `bridge/tests/peers/ros2`
//! does to the whole program with a real ROS 2 on the other side.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use ergon_vocab::{Command, Robot, RobotError};

use super::driver::{Driver, DriverSettings, Handover};
use super::file::RobotFile;
use super::port::{ArmPort, DryArm, Oddity, Progress, Sensed, Stop};
use super::segment::{LONGEST_SECS, Segment};
use super::testbed::{HOME, chain};

/// What is wrong with the arm.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Fault {
    #[default]
    None,
    /// No joint state comes any more.
    Silent,
    /// Every joint state is stamped as one of long ago.
    Misstamped,
    /// Every motion is refused.
    Rejects,
    /// Every motion is broken off after a while, s.
    Aborts(f64),
    /// No result ever comes.
    Mute,
    /// The emergency stop is pressed.
    Stopped,
    /// The supervisor is gone.
    Unsupervised,
    /// Somebody else commands the arm.
    Contested,
    /// The arm is not where it was told to be.
    Astray,
    /// Every other motion and every other joint state is lost on the way.
    Lossy,
}

#[derive(Default)]
struct World {
    fault: Fault,
    cancels: u32,
    sent: Vec<Segment>,
    gripped: Vec<f64>,
}

/// A dry arm with a fault that can be switched while it is driven.
struct Faulty {
    arm: DryArm,
    world: Rc<RefCell<World>>,
    silent_since: Option<Duration>,
    sent_at: Duration,
    /// Counts what a lossy network may lose.
    turn: u32,
    lost: bool,
    heard: Option<Sensed>,
}

impl ArmPort for Faulty {
    fn now(&self) -> Duration {
        self.arm.now()
    }

    fn wait(&mut self, time: Duration) {
        self.arm.wait(time);
    }

    fn sensed(&mut self) -> Sensed {
        let fault = self.world.borrow().fault;
        let mut sensed = self.arm.sensed();
        let now = self.arm.now();
        self.turn += 1;
        if let (Fault::Lossy, 1, Some(heard)) = (fault, self.turn % 2, &self.heard) {
            return heard.clone();
        }
        self.heard = Some(sensed.clone());
        self.silent_since = match fault {
            Fault::Silent | Fault::Misstamped => self.silent_since.or(Some(now)),
            _ => None,
        };
        if let (Some(since), Some((_, at))) = (self.silent_since, &mut sensed.joints) {
            *at = since;
        }
        if fault == Fault::Misstamped {
            let what = "joint states stamped 5.000 s before they came".to_owned();
            sensed.complaint = Some(what.clone());
            sensed.oddity = Oddity { count: self.turn.into(), what };
        }
        if let (Fault::Astray, Some((joints, _))) = (fault, &mut sensed.joints) {
            joints.positions[0] += 0.5;
        }
        sensed.stopped = match fault {
            Fault::Stopped => Some(Stop::Pressed),
            Fault::Unsupervised => Some(Stop::Unsupervised),
            _ => None,
        };
        sensed.other_commander = (fault == Fault::Contested).then(|| "somebody".into());
        sensed
    }

    fn send(&mut self, segment: &Segment) {
        self.sent_at = self.arm.now();
        self.world.borrow_mut().sent.push(segment.clone());
        let fault = self.world.borrow().fault;
        self.lost = fault == Fault::Lossy && self.world.borrow().sent.len().is_multiple_of(2);
        if fault != Fault::Rejects && !self.lost {
            self.arm.send(segment);
        }
    }

    fn progress(&mut self) -> Progress {
        let after = (self.arm.now() - self.sent_at).as_secs_f64();
        match self.world.borrow().fault {
            Fault::Rejects => Progress::Failed("rejected".into()),
            Fault::Aborts(secs) if after >= secs => {
                self.arm.cancel();
                Progress::Failed("aborted".into())
            }
            Fault::Mute => Progress::Running,
            _ if self.lost && after < 1.0 => Progress::Running,
            _ if self.lost => Progress::Failed("the controller does not answer".into()),
            _ => self.arm.progress(),
        }
    }

    fn cancel(&mut self) {
        self.world.borrow_mut().cancels += 1;
        self.arm.cancel();
    }

    fn grip(&mut self, position: f64, effort: f64) {
        self.world.borrow_mut().gripped.push(position);
        self.arm.grip(position, effort);
    }

    fn grip_progress(&mut self) -> Progress {
        self.arm.grip_progress()
    }
}

fn settings(handover: Handover) -> DriverSettings {
    let file = RobotFile::parse(include_str!("../../../robots/panda-sim.toml"), "r.toml").unwrap();
    DriverSettings { handover, ..file.driver(chain(), 1.0, false, "r.toml").unwrap() }
}

type Told = Rc<RefCell<Vec<String>>>;

fn driver(handover: Handover) -> (Driver<'static, Faulty>, Rc<RefCell<World>>, Told) {
    let world = Rc::new(RefCell::new(World::default()));
    let arm = DryArm::new(HOME.to_vec(), 0.04);
    let port = Faulty {
        arm,
        world: Rc::clone(&world),
        silent_since: None,
        sent_at: Duration::ZERO,
        turn: 0,
        lost: false,
        heard: None,
    };
    let told = Told::default();
    let keep = Rc::clone(&told);
    let driver = Driver::new(port, settings(handover), move |what| keep.borrow_mut().push(what));
    (driver, world, told)
}

fn push(x: f64, y: f64) -> Command {
    Command::from_array([x, y, 0.0, 0.0, 0.0, 0.0, -1.0])
}

fn held<T: std::fmt::Debug>(result: Result<T, RobotError>) -> String {
    match result {
        Err(RobotError::Held(why)) => why,
        other => panic!("expected that it holds, got {other:?}"),
    }
}

const BOTH: [Handover; 2] = [Handover::Finish, Handover::Preempt];

#[test]
fn the_tool_goes_where_it_is_told() {
    for handover in BOTH {
        let (mut driver, world, _) = driver(handover);
        let begin = driver.observe().unwrap();
        for _ in 0..20 {
            driver.step(&push(0.2, -0.1)).unwrap();
        }
        let mut end = driver.step(&push(0.0, 0.0)).unwrap();
        for _ in 0..20 {
            end = driver.step(&push(0.0, 0.0)).unwrap();
        }
        let way = end.ee_position - begin.ee_position;
        // In a flow the joints blend from step to step, and the tool cuts corners.
        let near = if handover == Handover::Finish { 1e-3 } else { 5e-3 };
        let off = way - nalgebra::Vector3::new(0.2, -0.1, 0.0);
        assert!(off.norm() < near, "{handover:?}: {off}");
        let world = world.borrow();
        assert!(world.sent.iter().all(|s| s.secs() <= LONGEST_SECS));
        assert_eq!(world.gripped, [0.04], "the same command to the gripper goes out once");
    }
}

#[test]
fn nothing_goes_out_before_a_state_was_sensed() {
    let (mut driver, world, _) = driver(Handover::Finish);
    assert!(held(driver.step(&push(0.1, 0.0))).contains("no state was sensed"));
    assert!(world.borrow().sent.is_empty());
}

#[test]
fn each_fault_holds_with_its_reason_and_is_recovered_from() {
    let faults = [
        (Fault::Silent, "ms old"),
        (Fault::Misstamped, "ms old (joint states stamped 5.000 s before they came)"),
        (Fault::Rejects, "rejected"),
        (Fault::Aborts(0.02), "aborted"),
        (Fault::Stopped, "the emergency stop is pressed"),
        (Fault::Unsupervised, "the supervisor is gone"),
        (Fault::Contested, "somebody commands the arm too"),
        (Fault::Astray, "not sent: the goal begins"),
    ];
    for handover in BOTH {
        for (fault, expected) in faults {
            let (mut driver, world, _) = driver(handover);
            driver.observe().unwrap();
            for _ in 0..5 {
                driver.step(&push(0.3, 0.0)).unwrap();
            }
            world.borrow_mut().fault = fault;
            let begin = driver.port().now();
            let why = (0..20).find_map(|_| driver.step(&push(0.3, 0.0)).err());
            let Some(RobotError::Held(why)) = why else { panic!("{fault:?}: {why:?}") };
            assert!(why.contains(expected), "{handover:?} {fault:?}: {why}");
            let took = (driver.port().now() - begin).as_secs_f64();
            assert!(took < 0.5, "{handover:?} {fault:?} was seen after {took} s");
            assert!(world.borrow().cancels > 0, "{fault:?}: nothing was called off");
            world.borrow_mut().fault = Fault::None;
            let from = driver.observe().unwrap().ee_position;
            for _ in 0..10 {
                driver.step(&push(0.3, 0.0)).unwrap();
            }
            let to = driver.observe().unwrap().ee_position;
            assert!(to.x - from.x > 0.05, "{handover:?} {fault:?}: it does not go on");
        }
    }
}

#[test]
fn what_is_odd_is_told_and_not_with_every_message() {
    let (mut driver, world, told) = driver(Handover::Finish);
    driver.observe().unwrap();
    world.borrow_mut().fault = Fault::Misstamped;
    let end = driver.port().now() + Duration::from_secs(3);
    while driver.port().now() < end {
        let _held = driver.step(&push(0.0, 0.0));
        driver.port().wait(Duration::from_millis(5));
    }
    let odd = told.borrow().iter().filter(|what| what.starts_with("clocks: joint states")).count();
    assert_eq!(odd, 3);
}

#[test]
fn half_of_everything_lost_is_slow_and_not_wrong() {
    let (mut driver, world, _) = driver(Handover::Finish);
    let begin = driver.observe().unwrap().ee_position;
    world.borrow_mut().fault = Fault::Lossy;
    let (mut moved, mut holds) = (0, 0);
    for _ in 0..40 {
        match driver.step(&push(0.1, 0.0)) {
            Ok(_) => moved += 1,
            Err(RobotError::Held(why)) => {
                assert!(why.contains("does not answer"), "{why}");
                holds += 1;
                driver.observe().unwrap();
            }
            Err(why) => panic!("{why}"),
        }
    }
    assert_eq!((moved, holds), (20, 20));
    let way = driver.observe().unwrap().ee_position - begin;
    assert!((way.x - 0.1).abs() < 2e-3, "only what arrived was done: {way}");
}

#[test]
fn a_result_that_never_comes_is_not_waited_for() {
    let (mut driver, world, _) = driver(Handover::Finish);
    driver.observe().unwrap();
    world.borrow_mut().fault = Fault::Mute;
    let begin = driver.port().now();
    assert!(held(driver.step(&push(0.5, 0.0))).contains("no result"));
    assert!((driver.port().now() - begin).as_secs_f64() < LONGEST_SECS + 1.5);
}

#[test]
fn a_robot_that_stays_unfit_is_given_up_with_the_reason() {
    let (mut driver, world, _) = driver(Handover::Finish);
    driver.observe().unwrap();
    world.borrow_mut().fault = Fault::Stopped;
    let Err(RobotError::Stopped(why)) = driver.observe() else { panic!("it goes on") };
    assert!(why.contains("emergency stop") && why.contains("10.0 s"), "{why}");
}

#[test]
fn an_arm_without_commands_comes_to_rest_and_goes_on_smoothly() {
    let (mut driver, _, told) = driver(Handover::Preempt);
    driver.observe().unwrap();
    for _ in 0..5 {
        driver.step(&push(0.3, 0.0)).unwrap();
    }
    driver.port().wait(Duration::from_secs(1));
    let rest = driver.observe().unwrap();
    assert!(rest.joint_velocities.iter().all(|v| v.abs() < 1e-9), "{rest:?}");
    driver.step(&push(0.3, 0.0)).unwrap();
    assert!(told.borrow().iter().any(|t| t.contains("came to rest")), "{:?}", told.borrow());
}

#[test]
fn an_arm_that_is_told_to_stay_has_its_commands() {
    let (mut driver, _, told) = driver(Handover::Preempt);
    driver.observe().unwrap();
    for x in [0.3, 0.3, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.3] {
        driver.step(&push(x, 0.0)).unwrap();
    }
    assert_eq!(*told.borrow(), Vec::<String>::new());
}

#[test]
fn whoever_drops_the_driver_stops_the_arm() {
    let (mut driver, world, _) = driver(Handover::Preempt);
    driver.observe().unwrap();
    driver.step(&push(0.5, 0.0)).unwrap();
    let before = world.borrow().cancels;
    drop(driver);
    assert!(world.borrow().cancels > before);
}

#[test]
fn out_of_reach_the_target_does_not_wind_up() {
    let (mut driver, _, _) = driver(Handover::Preempt);
    driver.observe().unwrap();
    for _ in 0..80 {
        driver.step(&push(1.0, 0.0)).unwrap();
    }
    let far = driver.observe().unwrap().ee_position.x;
    for _ in 0..10 {
        driver.step(&push(-1.0, 0.0)).unwrap();
    }
    assert!(driver.observe().unwrap().ee_position.x < far - 0.1);
}
