//! `ergon bridge`.

use std::cell::RefCell;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use ergon_bench::trace::{Notes, TraceWriter};
use ergon_bench::{Context, EpisodeRecord, FieldTask, Setup, Watcher, find_policies, run_field};
use ergon_bridge::robot::{ArmPort, Driver, DriverSettings, DryArm, Stop};
use ergon_bridge::ros::{Heart, RosArm, RosError};
use ergon_controller::{Enveloped, Report};
use ergon_planner::PlanFile;
use ergon_scenarios::GoalLiteral;
use ergon_vocab::{Outcome, Robot};

use super::Arguments;
use super::files::RobotFiles;
use crate::agents::Agents;
use crate::clock::WallClock;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::out::say;
use crate::view::PlainView;

/// How long controllers and joint states are waited for at the beginning.
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) fn no_ros(error: RosError) -> Failure {
    Failure::new(Exit::BadInput, error.to_string())
        .with_hint("domain, namespace and network are under [ros] in the robot file")
}

/// What an episode on a robot needs, read once.
pub(super) struct Field {
    pub(super) robot: RobotFiles,
    pub(super) setup: Setup,
    pub(super) agents: Agents,
    settings: DriverSettings,
    pub(super) pressed: Arc<AtomicBool>,
}

/// What an episode is for, where it is not what the scenario says.
#[derive(Clone, Copy, Default)]
pub(super) struct Wish<'a> {
    pub(super) goal: Option<&'a [GoalLiteral]>,
    /// The plan to begin with.
    pub(super) plan: Option<&'a PlanFile>,
}

impl Field {
    pub(super) fn read(arguments: &Arguments) -> Result<Self, Failure> {
        let robot = RobotFiles::read(&arguments.robot)?;
        let mut setup = Setup::load(&arguments.scenario, &[])?;
        robot.place(&mut setup)?;
        let method = arguments.method;
        if method.is_instructed() || (method.sees() && !arguments.arm) {
            let message = format!("method {method} is of no use here");
            return Err(Failure::new(Exit::BadInput, message).with_hint(
                "scripted, or with --arm neuro-symbolic, learned-perception or learned-skills",
            ));
        }
        let settings = robot.driver(arguments.speed, method.sees())?;
        let folder = arguments.policies.clone();
        let folder = folder.unwrap_or_else(|| find_policies(&arguments.scenario));
        let agents = Agents::load(method, &folder, None, 0)?;
        Ok(Self { robot, setup, agents, settings, pressed: Arc::default() })
    }

    /// Runs one episode on the arm, or on one that is imagined where the arm is.
    pub(super) fn run(
        &self,
        arguments: &Arguments,
        wish: Wish<'_>,
        stop: &AtomicBool,
        watchers: Vec<&mut dyn Watcher>,
    ) -> Result<Report, Failure> {
        let heart = match arguments.arm {
            true => Some(Supervised::start(arguments, stop)?),
            false => None,
        };
        let heart = RefCell::new(heart);
        let report = self.run_supervised(&heart, (arguments, wish), stop, watchers);
        // However it ended, this process is there to have called its own motion off.
        if let Some(heart) = heart.borrow_mut().as_mut() {
            heart.stop();
        }
        report
    }

    fn run_supervised(
        &self,
        heart: &RefCell<Option<Supervised>>,
        (arguments, wish): (&Arguments, Wish<'_>),
        stop: &AtomicBool,
        watchers: Vec<&mut dyn Watcher>,
    ) -> Result<Report, Failure> {
        let beat = || match heart.borrow_mut().as_mut().is_none_or(Supervised::beat) {
            false => Some(Stop::Unsupervised),
            true => self.pressed.load(Ordering::Relaxed).then_some(Stop::Pressed),
        };
        let mut file = self.robot.file.clone();
        if !arguments.method.sees() {
            file.cameras.clear();
        }
        let mut arm = RosArm::open(&file, &self.robot.chain, beat).map_err(no_ros)?;
        let begin = await_robot(&mut arm, arguments.arm, stop)?;
        if arguments.method.sees() {
            self.check_cameras(&mut arm, stop)?;
        }
        match arguments.arm {
            true => self.drive(arm, (arguments, wish), stop, watchers),
            false => self.drive(begin, (arguments, wish), stop, watchers),
        }
    }

    /// Waits until every camera's driver has said how it sees, and compares.
    fn check_cameras(&self, arm: &mut RosArm<'_>, stop: &AtomicBool) -> Result<(), Failure> {
        let end = arm.now() + PATIENCE;
        let told = self.robot.file.cameras.iter().zip(&self.robot.calibrations);
        for (camera, calibration) in told.filter(|(camera, _)| !camera.info.is_empty()) {
            let name = &camera.name;
            let wrong = |message: String, hint: &str| {
                Failure::new(Exit::BadInput, format!("camera {name}: {message}")).with_hint(hint)
            };
            let told = loop {
                let sensed = arm.sensed();
                if let Some((_, told)) = sensed.intrinsics.iter().find(|(n, _)| n == name) {
                    break *told;
                }
                if stop.load(Ordering::Relaxed) {
                    return Err(called_off());
                }
                if arm.now() > end {
                    let topic = self.robot.file.full_name(&camera.info);
                    let message = format!("nothing on {topic} within {} s", PATIENCE.as_secs());
                    return Err(wrong(message, "leave info out where there is none"));
                }
                arm.wait(Duration::from_millis(20));
            };
            if let Some(why) = calibration.file.contradiction(&told) {
                return Err(wrong(why, "ergon doctor --robot ROBOT.toml shows all cameras"));
            }
        }
        Ok(())
    }

    fn drive<P: ArmPort>(
        &self,
        port: P,
        (arguments, wish): (&Arguments, Wish<'_>),
        stop: &AtomicBool,
        watchers: Vec<&mut dyn Watcher>,
    ) -> Result<Report, Failure> {
        let clock = WallClock::new();
        let context = Context {
            method: arguments.method,
            clock: &clock,
            stop,
            networks: self.agents.networks.as_ref(),
            instructed: None,
            cameras: false,
        };
        let envelope = self.robot.envelope(&self.settings, arguments.speed);
        let notes = RefCell::new(Vec::new());
        let note = |what: String| notes.borrow_mut().push(what);
        let driver = Driver::new(port, self.settings.clone(), note);
        let pressed = || self.pressed.load(Ordering::Relaxed);
        let told = |what: &str| note(format!("envelope: {what}"));
        let robot: &mut dyn Robot = &mut Enveloped::new(driver, envelope, pressed, told);
        let cameras = match arguments.method.sees() {
            true => self.robot.cameras.as_slice(),
            false => &[],
        };
        let (setup, seed, Wish { goal, plan }) = (&self.setup, arguments.seed, wish);
        let task = FieldTask { setup, seed, goal, plan, cameras };
        Ok(run_field(&task, context, robot, &notes, watchers)?)
    }
}

/// Waits for the robot; an imagined arm where it is.
fn await_robot(
    arm: &mut RosArm<'_>,
    controllers: bool,
    stop: &AtomicBool,
) -> Result<DryArm, Failure> {
    let end = arm.now() + PATIENCE;
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(called_off());
        }
        let served = !controllers || arm.has_controllers();
        let sensed = arm.sensed();
        if let (true, Some((joints, _)), Some((finger, _))) = (served, sensed.joints, sensed.finger)
        {
            return Ok(DryArm::new(joints.positions, finger));
        }
        if arm.now() > end {
            let what = match served {
                true => "no joint states of arm and gripper",
                false => "the controllers of arm and gripper do not answer",
            };
            let message = format!("{what} within {} s", PATIENCE.as_secs());
            return Err(Failure::new(Exit::BadInput, message)
                .with_hint("ergon doctor --robot ROBOT.toml says what is there"));
        }
        arm.wait(Duration::from_millis(20));
    }
}

fn called_off() -> Failure {
    Failure::new(Exit::Interrupted, "called off before the robot was there")
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let field = Field::read(arguments)?;
    let stop = interrupt::flag()?;
    listen_to_keys(&field.pressed);
    if arguments.arm {
        say!("{} is armed: Enter stops it, `go` and Enter lets it go on", field.robot.file.name);
    } else {
        say!("dry run: nothing is sent; --arm moves {}", field.robot.file.name);
    }
    let (mut view, mut trace) = (PlainView::default(), trace(arguments)?);
    let mut watchers: Vec<&mut dyn Watcher> = vec![&mut view];
    watchers.extend(trace.as_mut().map(|(_, trace)| trace as &mut dyn Watcher));
    let report = field.run(arguments, Wish::default(), &stop, watchers)?;
    if let Some((path, trace)) = trace {
        let record = record(&field, arguments, &report);
        trace.finish(&record).map_err(|e| Failure::write(&path, e))?;
        say!("\nwrote {}", path.display());
    }
    say!("\noutcome           {:?}", report.outcome);
    say!("control steps     {}", report.steps);
    say!(
        "actions           {}, retries {}, new plans {}",
        report.actions,
        report.retries,
        report.replans
    );
    if stop.load(Ordering::Relaxed) {
        return Err(Failure::new(Exit::Interrupted, "interrupted"));
    }
    Ok(if report.outcome == Outcome::Solved { Exit::Done } else { Exit::NotAchieved })
}

/// A trace, where one is wanted.
fn trace(arguments: &Arguments) -> Result<Option<(PathBuf, TraceWriter)>, Failure> {
    let Some(folder) = &arguments.record else { return Ok(None) };
    std::fs::create_dir_all(folder).map_err(|e| Failure::write(folder, e))?;
    let path = folder.join(format!("bridge-{:04}.mcap", arguments.seed));
    let trace = TraceWriter::create(&path, Notes::RosString);
    trace.map(|trace| Some((path.clone(), trace))).map_err(|e| Failure::write(&path, e))
}

/// What the episode came to. Nobody judges in the field: what only the simulator knows is nought.
fn record(field: &Field, arguments: &Arguments, report: &Report) -> EpisodeRecord {
    let (outcome, reason) = match &report.outcome {
        Outcome::Solved => ("solved", "no judge watched"),
        Outcome::Unsolvable(why) => ("unsolvable", why.as_str()),
        Outcome::GaveUp(why) => ("gave-up", why.as_str()),
    };
    EpisodeRecord {
        scenario: field.setup.scenario.name.clone(),
        method: arguments.method.to_string(),
        seed: arguments.seed,
        success: false,
        success_reference: false,
        goal_share: 0.0,
        outcome: outcome.into(),
        reason: reason.into(),
        steps: report.steps,
        time_secs: 0.0,
        first_plan: None,
        actions: report.actions,
        retries: report.retries,
        replans: report.replans,
        disturbances: Vec::new(),
        violations: Vec::new(),
        drops: 0,
        misplaced: 0,
        collisions: 0,
        work_joules: 0.0,
        digest: String::new(),
    }
}

/// Enter presses the emergency stop, `go` and Enter releases it.
pub(super) fn listen_to_keys(pressed: &Arc<AtomicBool>) {
    let pressed = Arc::clone(pressed);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let go = line.trim() == "go";
            pressed.store(!go, Ordering::Relaxed);
            say!("           emergency stop {}", if go { "released" } else { "pressed" });
        }
    });
}

/// The supervisor's process.
struct Supervised {
    process: Child,
    heart: Heart<ChildStdin>,
}

impl Supervised {
    fn start(arguments: &Arguments, stop: &AtomicBool) -> Result<Self, Failure> {
        let failed = |e: std::io::Error| {
            Failure::new(Exit::Bug, format!("the supervisor cannot be started: {e}"))
        };
        let program = std::env::current_exe().map_err(failed)?;
        let mut process = Command::new(program)
            .arg("supervise")
            .arg(&arguments.robot)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let (Some(pipe), Some(said)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(Failure::new(Exit::Bug, "the supervisor has no pipes"));
        };
        let mut supervised = Self { process, heart: Heart::new(pipe) };
        let up = supervised.comes_up(said, stop);
        if up.is_err() {
            // It has nothing to call off yet, and may be waiting for controllers.
            let _gone = supervised.process.kill().and_then(|()| supervised.process.wait());
        }
        up.map(|()| supervised)
    }

    /// Waits until the supervisor is in the graph.
    fn comes_up(&mut self, said: ChildStdout, stop: &AtomicBool) -> Result<(), Failure> {
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            // It ends by itself when it cannot join, which ends this reading with nothing read.
            let _read = BufReader::new(said).read_line(&mut line);
            // Nobody waits any more when all was called off.
            let _heard = sender.send(line);
        });
        loop {
            match lines.recv_timeout(Duration::from_millis(20)) {
                Ok(line) if line.trim() == "ready" => return Ok(()),
                Err(RecvTimeoutError::Timeout) if stop.load(Ordering::Relaxed) => {
                    return Err(called_off());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Ok(_) | Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::new(Exit::BadInput, "the supervisor does not come up")
                        .with_hint("see its own message above"));
                }
            }
        }
    }

    fn beat(&mut self) -> bool {
        self.heart.beat()
    }

    fn stop(&mut self) {
        self.heart.stop();
        // Its verdict is of no interest any more.
        let _ended = self.process.wait();
    }
}
