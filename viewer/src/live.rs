//! An episode that runs in a thread of its own, tells its moments, and obeys orders.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use ergon_bench::trace::{told_event, told_facts, told_plan};
use ergon_bench::{
    Cast, Context, EpisodeRecord, Hands, Method, Networks, Opening, Setup, Touch, Watcher,
    run_episode_with_hands,
};
use ergon_energy::Ledger;
use ergon_sim::Simulator;
use ergon_vocab::{
    Atom, Clock, Command, Event, Facts, Literal, Observer, StepRecord, Symbols, Truth,
};
use nalgebra::Vector3;

use crate::{Moment, Narration, Setting, ViewerError, moment};

/// Moments that may wait to be shown before the episode waits for them.
const AHEAD: usize = 256;

/// What a person wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// Wait before the next control step.
    Pause,
    /// Go on.
    Run,
    /// Execute so many control steps and wait again. Further orders are heard after them.
    Step(u32),
    /// Simulated seconds a second; `None` for as fast as possible.
    Speed(Option<f64>),
    /// Give a body (its place in the setting) a velocity, m/s.
    Push {
        /// The body.
        body: usize,
        /// Its velocity, base frame.
        velocity: Vector3<f64>,
    },
    /// Hold a body and draw it towards a place, until it is let go.
    Drag {
        /// The body.
        body: usize,
        /// Where its centre shall be, base frame, m.
        to: Vector3<f64>,
    },
    /// Let go.
    LetGo,
    /// What shall lie on what in the end, by names.
    Goal(Vec<(String, String)>),
}

/// What an episode needs to begin.
#[derive(Clone)]
pub struct Play {
    /// Scenario and domain.
    pub setup: Arc<Setup>,
    /// The seed.
    pub seed: u64,
    /// How the agent acts.
    pub method: Method,
    /// Its networks, where it has some.
    pub networks: Option<Networks>,
    /// Whether there are pictures where the method does without.
    pub cameras: bool,
    /// Simulated seconds a second; `None` for as fast as possible.
    pub speed: Option<f64>,
    /// Whether it waits for an order before its first step.
    pub paused: bool,
}

/// What an episode tells.
#[derive(Debug)]
pub enum Tidings {
    /// It begins.
    Begun(Arc<Setting>),
    /// The scene after a control step.
    Moment(Box<Moment>),
    /// It is over; the judge's verdict, or why it could not begin.
    Ended(Box<Result<EpisodeRecord, ViewerError>>),
}

/// An episode in its thread. It ends when this is dropped.
pub struct LiveRun {
    orders: Sender<Order>,
    tidings: Option<Receiver<Tidings>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl LiveRun {
    /// Begins an episode.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub fn start<C>(play: Play, clock: C) -> Result<Self, ViewerError>
    where
        C: Clock + Clone + Send + Sync + 'static,
    {
        let (orders, heard) = channel();
        let (told, tidings) = sync_channel(AHEAD);
        let stop = Arc::new(AtomicBool::new(false));
        let flag = stop.clone();
        let thread = std::thread::Builder::new()
            .name("episode".into())
            .spawn(move || perform(&play, &clock, &flag, heard, &told))
            .map_err(|e| ViewerError::Bug(format!("no thread for the episode: {e}")))?;
        Ok(Self { orders, tidings: Some(tidings), stop, thread: Some(thread) })
    }

    /// Gives an order. One that comes after the end is not heard.
    pub fn order(&self, order: Order) {
        self.orders.send(order).ok();
    }

    /// What was told since this was last asked, without waiting.
    pub fn news(&self) -> Vec<Tidings> {
        self.tidings.iter().flat_map(|t| t.try_iter().take(2 * AHEAD)).collect()
    }

    /// The next that is told; waits for it. `None` after the end.
    pub fn next(&self) -> Option<Tidings> {
        self.tidings.as_ref()?.recv().ok()
    }
}

impl Drop for LiveRun {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Both ends, so that neither waiting for an order nor for a listener lasts.
        self.tidings = None;
        self.order(Order::Run);
        if let Some(thread) = self.thread.take() {
            // A panic in there was told by its own message.
            thread.join().ok();
        }
    }
}

/// The thread.
fn perform<C: Clock + Clone + Send + Sync>(
    play: &Play,
    clock: &C,
    stop: &AtomicBool,
    orders: Receiver<Order>,
    told: &SyncSender<Tidings>,
) {
    let context = Context {
        method: play.method,
        clock,
        stop,
        networks: play.networks.as_ref(),
        instructed: None,
        cameras: play.cameras,
    };
    let mut reporter = Reporter::new(told);
    let mut visitor = Visitor::new(orders, clock, stop, play);
    let watchers: Vec<&mut dyn Watcher> = vec![&mut reporter];
    let result =
        run_episode_with_hands(&play.setup, play.seed, context, watchers, Some(&mut visitor));
    reporter.flush();
    let result = result.map(|episode| episode.record).map_err(ViewerError::from);
    // Nobody may be listening any more.
    told.send(Tidings::Ended(Box::new(result))).ok();
}

/// Tells the moments of an episode.
struct Reporter<'a> {
    told: &'a SyncSender<Tidings>,
    setting: Option<Arc<Setting>>,
    symbols: Symbols,
    opening: Option<(Setup, Cast, u64, Method)>,
    narration: Arc<Narration>,
    /// The truth of each atom when facts were last taken in.
    truths: Vec<(Atom, Truth)>,
    cost: Option<Ledger>,
    /// A moment that awaits what is sensed and believed at its time.
    waiting: Option<Moment>,
}

impl<'a> Reporter<'a> {
    fn new(told: &'a SyncSender<Tidings>) -> Self {
        Self {
            told,
            setting: None,
            symbols: Symbols::default(),
            opening: None,
            narration: Arc::default(),
            truths: Vec::new(),
            cost: None,
            waiting: None,
        }
    }

    fn send(&self, tidings: Tidings) {
        // Nobody may be listening any more; the stage is told to stop by other means.
        self.told.send(tidings).ok();
    }

    /// Tells the moment that waits.
    fn flush(&mut self) {
        if let Some(mut moment) = self.waiting.take() {
            moment.told = self.narration.clone();
            moment.cost.clone_from(&self.cost);
            self.send(Tidings::Moment(Box::new(moment)));
        }
    }

    fn hear_facts(&mut self, step: u64, facts: &Facts) {
        let truths: Vec<_> = facts.iter().map(|(atom, e)| (atom.clone(), e.truth)).collect();
        if truths != self.truths {
            let told = told_facts(step, facts, &self.symbols);
            Arc::make_mut(&mut self.narration).hear_facts(&told);
            self.truths = truths;
        }
    }
}

impl Observer for Reporter<'_> {
    fn on_event(&mut self, time_secs: f64, event: &Event) {
        let narration = Arc::make_mut(&mut self.narration);
        if let Event::Planned { plan, replans } = event {
            narration.hear_plan(&told_plan(plan, *replans, &self.symbols));
        }
        narration.hear_event(time_secs, &told_event(time_secs, event, &self.symbols));
    }

    fn on_step(&mut self, record: StepRecord<'_>) {
        self.hear_facts(record.observation.step, &record.belief.facts);
        if let (Some(moment), Some(setting)) = (&mut self.waiting, &self.setting) {
            moment.pictures.clone_from(&record.observation.images);
            moment.seen = moment::seen(record.belief, setting);
        }
        self.flush();
    }
}

impl Watcher for Reporter<'_> {
    fn on_begin(&mut self, opening: &Opening<'_>) {
        self.symbols = opening.cast.task.symbols().clone();
        let Opening { setup, cast, seed, method } = *opening;
        self.opening = Some((setup.clone(), cast.clone(), seed, method));
    }

    fn on_moment(&mut self, simulator: &Simulator) {
        self.flush();
        if let Some((setup, cast, seed, method)) = self.opening.take() {
            let setting = Setting::new(&setup, &cast, seed, &method.to_string(), simulator);
            let setting = Arc::new(setting);
            self.setting = Some(setting.clone());
            self.send(Tidings::Begun(setting));
        }
        self.waiting = Some(Moment::new(simulator, self.narration.clone()));
    }

    fn on_cost(&mut self, ledger: &Ledger) {
        self.cost = Some(ledger.clone());
    }
}

/// Does what is ordered, and keeps the pace.
struct Visitor<'a> {
    orders: Receiver<Order>,
    clock: &'a dyn Clock,
    stop: &'a AtomicBool,
    speed: Option<f64>,
    paused: bool,
    /// Control steps that are executed although it is paused.
    steps: u32,
    /// When the next control step is due.
    due: Duration,
    drag: Option<(usize, Vector3<f64>)>,
    goal: Option<Vec<(String, String)>>,
}

impl<'a> Visitor<'a> {
    fn new(
        orders: Receiver<Order>,
        clock: &'a dyn Clock,
        stop: &'a AtomicBool,
        play: &Play,
    ) -> Self {
        let Play { speed, paused, .. } = *play;
        let due = clock.now();
        Self { orders, clock, stop, speed, paused, steps: 0, due, drag: None, goal: None }
    }

    /// The next order, or `None` when it is time for a control step.
    fn next_order(&mut self) -> Option<Order> {
        if self.stop.load(Ordering::Relaxed) || self.steps > 0 {
            return None;
        }
        if self.paused {
            let order = self.orders.recv();
            if order.is_err() {
                self.stop.store(true, Ordering::Relaxed);
            }
            return order.ok();
        }
        let wait = self.due.saturating_sub(self.clock.now());
        match self.orders.recv_timeout(wait) {
            Ok(order) => Some(order),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                self.stop.store(true, Ordering::Relaxed);
                None
            }
        }
    }

    fn heed(&mut self, order: Order, touches: &mut Vec<Touch>) {
        match order {
            Order::Pause => self.paused = true,
            Order::Run => self.paused = false,
            Order::Step(steps) => (self.paused, self.steps) = (true, steps),
            Order::Speed(speed) => self.speed = speed,
            Order::Push { body, velocity } => touches.push(Touch::Push { body, velocity }),
            Order::Drag { body, to } => self.drag = Some((body, to)),
            Order::LetGo => self.drag = None,
            Order::Goal(pairs) => self.goal = Some(pairs),
        }
    }

    /// Says when the step after this one is due. A pause or a slow step is not made up for.
    fn pace(&mut self) {
        let step = self.speed.map_or(0.0, |speed| 1.0 / (Command::RATE_HZ * speed.max(1e-3)));
        let now = self.clock.now();
        let step = Duration::from_secs_f64(step);
        self.due = (self.due + step).clamp(now, now + step);
    }
}

impl Hands for Visitor<'_> {
    fn reach(&mut self) -> Vec<Touch> {
        let mut touches = Vec::new();
        while let Some(order) = self.next_order() {
            self.heed(order, &mut touches);
        }
        self.steps = self.steps.saturating_sub(1);
        self.pace();
        touches.extend(self.drag.map(|(body, to)| Touch::Drag { body, to }));
        touches
    }

    fn wish(&mut self, cast: &Cast) -> Option<Vec<Literal>> {
        let pairs = self.goal.take()?;
        let symbols = cast.task.symbols();
        let on = symbols.predicate("on")?;
        let literal = |(body, below): &(String, String)| {
            let args = [symbols.object(body)?, symbols.object(below)?];
            Some(Literal { atom: Atom { predicate: on, args: args.into() }, positive: true })
        };
        pairs.iter().map(literal).collect()
    }
}
