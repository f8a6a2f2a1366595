//! A run that is watched and disturbed by the orders and gestures that the window gives.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ergon_bench::trace::{Notes, Trace, TraceWriter};
use ergon_bench::{Context, EpisodeRecord, Method, Setup, run_episode};
use ergon_viewer::hand::{Hand, Ray, Target, target};
use ergon_viewer::orbit::Orbit;
use ergon_viewer::{
    Kind, LiveRun, Moment, Order, Play, Playback, Setting, Tidings, Timeline, WallClock,
};
use ergon_vocab::dummy::StoppedClock;
use nalgebra::Vector3;

fn setup(name: &str) -> Setup {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/hanoi").join(name);
    Setup::load(&file, &[]).unwrap()
}

/// A run of the expert that waits for its first order.
fn play(name: &str, seed: u64) -> Play {
    Play {
        setup: Arc::new(setup(name)),
        seed,
        method: Method::Scripted,
        networks: None,
        cameras: false,
        speed: None,
        paused: true,
    }
}

/// A run with what was told of it so far.
struct Watched {
    run: LiveRun,
    setting: Arc<Setting>,
    moment: Moment,
}

impl Watched {
    fn start(play: Play) -> Self {
        let run = LiveRun::start(play, WallClock::new()).unwrap();
        let Some(Tidings::Begun(setting)) = run.next() else { panic!("it did not begin") };
        let Some(Tidings::Moment(moment)) = run.next() else { panic!("there is no scene") };
        Self { run, setting, moment: *moment }
    }

    /// Executes control steps; then it waits.
    fn step(&mut self, steps: u32) {
        let until = self.moment.step + u64::from(steps);
        self.run.order(Order::Step(steps));
        while self.moment.step < until {
            let Some(Tidings::Moment(moment)) = self.run.next() else { panic!("it ended early") };
            self.moment = *moment;
        }
    }

    /// Runs to the end.
    fn finish(mut self) -> (EpisodeRecord, Moment) {
        self.run.order(Order::Run);
        loop {
            match self.run.next().unwrap() {
                Tidings::Moment(moment) => self.moment = *moment,
                Tidings::Ended(result) => return ((*result).unwrap(), self.moment),
                Tidings::Begun(_) => panic!("it began twice"),
            }
        }
    }

    fn centre(&self, body: usize) -> Vector3<f64> {
        self.moment.poses[self.setting.bodies[body].solid].translation.vector
    }

    /// The pointer on a body, in the view that the window opens with.
    fn pointer(&self, at: Vector3<f64>) -> Ray {
        let lens = Orbit::new(&self.setting).lens(&self.setting, &self.moment);
        let origin = lens.base_from_camera.translation.vector;
        Ray { origin, direction: (at - origin).normalize() }
    }

    /// A body that the mouse can reach and that the arm is not at.
    fn free_body(&self) -> usize {
        let seen = |&body: &usize| {
            let ray = self.pointer(self.centre(body));
            target(&self.setting, &self.moment, &ray) == Some(Target::Body(body))
        };
        let tool = self.moment.tcp.translation.vector;
        let away = |body: usize| (self.centre(body) - tool).norm();
        let bodies = (0..self.setting.bodies.len()).filter(seen);
        bodies.max_by(|&a, &b| away(a).total_cmp(&away(b))).unwrap()
    }
}

#[test]
fn a_block_knocked_by_the_mouse_is_brought_back() {
    let mut watched = Watched::start(play("3.toml", 2));
    watched.step(60);
    let body = watched.free_body();
    let name = watched.setting.bodies[body].name.clone();
    let mut hand = Hand::default();
    let ray = watched.pointer(watched.centre(body));
    assert!(hand.press(&watched.setting, &watched.moment, &ray));
    let order = hand.release().unwrap();
    assert!(matches!(order, Order::Push { body: hit, .. } if hit == body));
    watched.run.order(order);

    let (record, last) = watched.finish();
    assert!(record.success, "{record:?}");
    assert_eq!(record.disturbances.len(), 1);
    assert!(record.disturbances[0].contains(&format!("hits {name}")), "{record:?}");
    assert!(record.replans + record.retries > 0, "it noticed nothing: {record:?}");
    assert!(last.told.log.iter().any(|line| line.kind == Kind::Disturbance));
}

#[test]
fn a_block_dragged_by_the_mouse_is_brought_back() {
    let mut watched = Watched::start(play("3.toml", 2));
    watched.step(60);
    let body = watched.free_body();
    let before = watched.centre(body);
    let mut hand = Hand::default();
    let ray = watched.pointer(before);
    assert!(hand.press(&watched.setting, &watched.moment, &ray));
    for share in 1..=20 {
        let aside = Vector3::new(0.10, 0.0, 0.06) * (f64::from(share) / 20.0);
        // The first moves are so small that they still belong to a click.
        if let Some(order) = hand.moved(&watched.pointer(before + aside)) {
            watched.run.order(order);
        }
        watched.step(1);
    }
    assert_eq!(hand.release(), Some(Order::LetGo));
    let moved = (watched.centre(body) - before).norm();
    assert!(moved > 0.04, "it was dragged by {moved} m only");
    watched.run.order(Order::LetGo);

    let (record, _) = watched.finish();
    assert!(record.success, "{record:?}");
    assert_eq!(record.disturbances.len(), 1, "one drag is told once: {record:?}");
}

#[test]
fn a_new_goal_is_planned_for_and_reached() {
    let mut watched = Watched::start(play("3.toml", 0));
    watched.step(50);
    let mut bodies = watched.setting.bodies.clone();
    bodies.sort_by(|a, b| b.size.x.total_cmp(&a.size.x));
    let below = ["middle".to_owned()].into_iter().chain(bodies.iter().map(|b| b.name.clone()));
    let goal: Vec<_> = bodies.iter().map(|b| b.name.clone()).zip(below).collect();
    watched.run.order(Order::Goal(goal));

    let (record, last) = watched.finish();
    assert!(record.success, "{record:?}");
    assert!(record.disturbances[0].contains("the goal is now"), "{record:?}");
    assert!(last.told.log.iter().any(|l| l.kind == Kind::Replan && l.text.contains("new goal")));
    let top = last.told.facts.iter().any(|f| {
        f.atom == format!("(on {} middle)", bodies[0].name) && f.truth == ergon_viewer::Truth::True
    });
    assert!(top, "{:?}", last.told.facts);
}

#[test]
fn watching_changes_nothing_and_orders_repeat() {
    let (record, _) = Watched::start(play("move.toml", 3)).finish();
    let (stop, clock) = (AtomicBool::new(false), StoppedClock::default());
    let context = Context {
        method: Method::Scripted,
        clock: &clock,
        stop: &stop,
        networks: None,
        instructed: None,
        cameras: false,
    };
    let unwatched = run_episode(&setup("move.toml"), 3, context, Vec::new()).unwrap().record;
    assert_eq!(record, unwatched);

    let pushed = || {
        let mut watched = Watched::start(play("move.toml", 3));
        watched.step(10);
        let velocity = Vector3::new(0.2, 0.1, 0.0);
        watched.run.order(Order::Push { body: watched.free_body(), velocity });
        watched.finish().0
    };
    let (first, second) = (pushed(), pushed());
    assert_ne!(first.digest, record.digest);
    assert_eq!(first, second);
}

#[test]
fn a_run_that_nobody_wants_any_more_ends() {
    let mut watched = Watched::start(play("3.toml", 0));
    watched.step(3);
    // It waits for an order; this returns only because it is told to stop.
    drop(watched);
}

#[test]
fn a_trace_shows_what_the_run_showed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("knock.mcap");
    let (stop, clock) = (AtomicBool::new(false), StoppedClock::default());
    let context = Context {
        method: Method::Scripted,
        clock: &clock,
        stop: &stop,
        networks: None,
        instructed: None,
        cameras: true,
    };
    let mut writer = TraceWriter::create(&file, Notes::Json).unwrap();
    let episode = run_episode(&setup("3-knock.toml"), 4, context, vec![&mut writer]).unwrap();
    writer.finish(&episode.record).unwrap();
    let trace = Trace::read(&std::fs::read(&file).unwrap()).unwrap();
    let timeline = Arc::new(Timeline::of_trace(trace, None).unwrap());
    assert_eq!(timeline.warning, None);

    let (record, live) = Watched::start(play("3-knock.toml", 4)).finish();
    let last = timeline.moment(usize::MAX);
    assert_eq!(record.digest, episode.record.digest);
    assert_eq!((last.step, &last.poses), (live.step, &live.poses));
    assert_eq!(last.told.log, live.told.log);
    assert_eq!(last.told.plan, live.told.plan);
    assert_eq!(last.told.facts, live.told.facts);

    let early = timeline.moment(10);
    assert_eq!(early.pictures.len(), 2);
    jump(timeline);
}

/// The marks are found one after the other, forwards and backwards.
fn jump(timeline: Arc<Timeline>) {
    let disturbance =
        timeline.marks().iter().find(|m| m.kind == Kind::Disturbance).unwrap().time_secs;
    let mut playback = Playback::new(vec![timeline.clone(), timeline]);
    playback.to_next_mark();
    assert_eq!(playback.at_secs(), disturbance);
    playback.to_next_mark();
    assert!(playback.at_secs() > disturbance);
    playback.to_previous_mark();
    assert_eq!(playback.at_secs(), disturbance);
    playback.step(-1);
    assert!((disturbance - playback.at_secs() - 0.05).abs() < 1e-9);
    let moments = playback.moments();
    assert_eq!(moments[0].step, moments[1].step);
    playback.toggle();
    playback.advance(1e6);
    assert_eq!((playback.at_secs(), playback.playing), (playback.end_secs(), false));
}
