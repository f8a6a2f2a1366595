//! The stage on which an episode plays: the simulator with the judge and the watchers around it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ergon_energy::{Figure, Ledger, Mechanical};
use ergon_sim::Simulator;
use ergon_vocab::{
    Command, Entity, Event, GoalSource, Literal, ObjectId, Observation, Observer, Robot,
    RobotError, StepRecord,
};
use nalgebra::Vector3;

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

    /// What the episode has cost so far, told with every step that the agent takes.
    fn on_cost(&mut self, _: &Ledger) {}
}

/// What a hand does to the scene before a control step. Bodies are counted in the instance's order.
#[derive(Clone, Debug, PartialEq)]
pub enum Touch {
    /// Gives a body a velocity, m/s.
    Push {
        /// The body.
        body: usize,
        /// Its velocity, base frame.
        velocity: Vector3<f64>,
    },
    /// Draws a body towards a place.
    Drag {
        /// The body.
        body: usize,
        /// Where its centre shall be, base frame, m.
        to: Vector3<f64>,
    },
}

/// Someone who reaches into the scene while an episode runs, and may want something else. What they do is
/// told to the watchers as a disturbance; without them an episode follows from its seed alone.
pub trait Hands {
    /// Asked before each control step. It may wait, which is how an episode is paused.
    fn reach(&mut self) -> Vec<Touch>;

    /// What the agent shall achieve from now on, where that changed since this was last asked.
    fn wish(&mut self, cast: &Cast) -> Option<Vec<Literal>>;
}

/// What robot and observer share.
struct Scene<'a> {
    simulator: Simulator,
    judge: Judge,
    work: Mechanical,
    cast: &'a Cast,
    watchers: Vec<&'a mut dyn Watcher>,
    hands: Option<&'a mut dyn Hands>,
    /// The body that a hand drags.
    dragged: Option<usize>,
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
        hands: Option<&'a mut dyn Hands>,
        stop: &'a AtomicBool,
    ) -> Self {
        let (judge, work) = (Judge::new(), Mechanical::default());
        let disturbances = Vec::new();
        let dragged = None;
        let scene =
            Scene { simulator, judge, work, cast, watchers, hands, dragged, disturbances, stop };
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
        let mut scene = self.0.borrow_mut();
        scene.simulator.calm();
        scene.hands = None;
    }

    pub(crate) fn judge(&self) -> Judge {
        self.0.borrow().judge.clone()
    }

    /// What disturbed the scene, with its time.
    pub(crate) fn disturbances(&self) -> Vec<String> {
        self.0.borrow().disturbances.clone()
    }

    /// Tells the watchers, if there are any, what the episode has cost so far.
    pub(crate) fn tell_cost(&self, so_far: impl FnOnce() -> Ledger) {
        let watchers = &mut self.0.borrow_mut().watchers;
        if !watchers.is_empty() {
            let ledger = so_far();
            watchers.iter_mut().for_each(|w| w.on_cost(&ledger));
        }
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

    /// Lets the hands do what they want to.
    fn touch(&mut self) {
        let Some(hands) = &mut self.hands else { return };
        let touches = hands.reach();
        let mut dragged = None;
        for touch in touches {
            match touch {
                Touch::Push { body, velocity } => self.simulator.push(body, &velocity),
                Touch::Drag { body, to } => {
                    self.simulator.drag(body, &to, self.dragged != Some(body));
                    dragged = Some(body);
                }
            }
        }
        self.dragged = dragged;
    }

    /// Tells the watchers of something from outside, and remembers it.
    fn disturbed(&mut self, text: String) {
        let time = self.simulator.time_secs();
        self.disturbances.push(format!("{time:.2} s: {text}"));
        let event = Event::Disturbance(text);
        self.watchers.iter_mut().for_each(|w| w.on_event(time, &event));
    }
}

impl GoalSource for Stage<'_> {
    fn new_goal(&mut self) -> Option<Vec<Literal>> {
        let scene = &mut *self.0.borrow_mut();
        let goal = scene.hands.as_mut()?.wish(scene.cast)?;
        scene.judge.set_goal(goal.clone());
        let symbols = scene.cast.task.symbols();
        let shown: Vec<_> = goal.iter().map(|l| symbols.show_literal(l)).collect();
        scene.disturbed(format!("the goal is now {}", shown.join(" ")));
        Some(goal)
    }
}

impl Robot for Stage<'_> {
    fn observe(&mut self) -> Result<Observation, RobotError> {
        self.0.borrow_mut().simulator.observe()
    }

    fn step(&mut self, command: &Command) -> Result<Observation, RobotError> {
        let scene = &mut *self.0.borrow_mut();
        scene.touch();
        // Whoever waits in there may have been told to stop.
        if scene.stop.load(Ordering::Relaxed) {
            return Err(RobotError::Stopped("interrupted".into()));
        }
        let observation = scene.simulator.step(command)?;
        for text in scene.simulator.take_disturbances() {
            scene.disturbed(text);
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
