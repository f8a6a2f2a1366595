//! The stage on which an episode plays: the simulator with the judge and the watchers around it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ergon_energy::{Figure, Mechanical};
use ergon_sim::Simulator;
use ergon_vocab::{
    Command, Entity, Event, ObjectId, Observation, Observer, Robot, RobotError, StepRecord,
};

use crate::{Cast, Judge, Method, Setup};

/// What is known when an episode begins.
#[derive(Clone, Copy)]
pub struct Opening<'a> {
    /// Scenario and domain.
    pub setup: &'a Setup,
    /// The symbols of the episode.
    pub cast: &'a Cast,
    /// The seed.
    pub seed: u64,
    /// How the agent acts.
    pub method: Method,
}

/// Watches an episode from outside: the agent's decisions and the simulated scene.
pub trait Watcher: Observer {
    /// The episode is about to begin.
    fn on_begin(&mut self, opening: &Opening<'_>);

    /// The scene has settled, or a control step was executed.
    fn on_moment(&mut self, simulator: &Simulator);
}

/// What robot and observer share.
struct Scene<'a> {
    simulator: Simulator,
    judge: Judge,
    work: Mechanical,
    cast: &'a Cast,
    watchers: Vec<&'a mut dyn Watcher>,
    disturbances: Vec<String>,
    stop: &'a AtomicBool,
}

/// The stage. Its handles are cheap to clone and all speak of the same scene.
#[derive(Clone)]
pub(crate) struct Stage<'a>(Rc<RefCell<Scene<'a>>>);

impl<'a> Stage<'a> {
    pub(crate) fn new(
        simulator: Simulator,
        cast: &'a Cast,
        watchers: Vec<&'a mut dyn Watcher>,
        stop: &'a AtomicBool,
    ) -> Self {
        let (judge, work) = (Judge::new(), Mechanical::default());
        let disturbances = Vec::new();
        let scene = Scene { simulator, judge, work, cast, watchers, disturbances, stop };
        let stage = Self(Rc::new(RefCell::new(scene)));
        stage.0.borrow_mut().moment();
        stage
    }

    /// Where everything truly is: what the oracle perceiver is fed with.
    pub(crate) fn true_entities(&self) -> BTreeMap<ObjectId, Entity> {
        let scene = self.0.borrow();
        scene.cast.entities(&scene.simulator.ground_truth())
    }

    /// The agent has ended: from now on the scene is left alone.
    pub(crate) fn calm(&self) {
        self.0.borrow_mut().simulator.calm();
    }

    pub(crate) fn judge(&self) -> Judge {
        self.0.borrow().judge.clone()
    }

    /// What disturbed the scene, with its time.
    pub(crate) fn disturbances(&self) -> Vec<String> {
        self.0.borrow().disturbances.clone()
    }

    /// Work of the arm's joints so far.
    pub(crate) fn work(&self) -> Figure {
        self.0.borrow().work.positive()
    }

    pub(crate) fn digest(&self) -> u64 {
        self.0.borrow().simulator.digest()
    }
}

impl Scene<'_> {
    fn moment(&mut self) {
        let truth = self.simulator.ground_truth();
        self.judge.watch(self.cast, &truth);
        let time = Duration::from_secs_f64(truth.time_secs);
        let sample = self.work.sample(time, &truth.arm.torques, &truth.arm.velocities);
        debug_assert_eq!(sample, Ok(()), "the simulator's joints are finite and always as many");
        for watcher in self.watchers.iter_mut() {
            watcher.on_moment(&self.simulator);
        }
    }
}

impl Robot for Stage<'_> {
    fn observe(&mut self) -> Result<Observation, RobotError> {
        self.0.borrow_mut().simulator.observe()
    }

    fn step(&mut self, command: &Command) -> Result<Observation, RobotError> {
        let scene = &mut *self.0.borrow_mut();
        if scene.stop.load(Ordering::Relaxed) {
            return Err(RobotError::Stopped("interrupted".into()));
        }
        let observation = scene.simulator.step(command)?;
        for text in scene.simulator.take_disturbances() {
            let time = scene.simulator.time_secs();
            scene.disturbances.push(format!("{time:.2} s: {text}"));
            let event = Event::Disturbance(text);
            scene.watchers.iter_mut().for_each(|w| w.on_event(time, &event));
        }
        scene.moment();
        Ok(observation)
    }
}

impl Observer for Stage<'_> {
    fn on_event(&mut self, time_secs: f64, event: &Event) {
        let mut scene = self.0.borrow_mut();
        scene.watchers.iter_mut().for_each(|w| w.on_event(time_secs, event));
    }

    fn on_step(&mut self, record: StepRecord<'_>) {
        let mut scene = self.0.borrow_mut();
        scene.watchers.iter_mut().for_each(|w| w.on_step(record));
    }
}
