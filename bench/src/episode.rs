//! One episode from its seed to its record.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use ergon_controller::{Executive, Report, scripted};
use ergon_energy::{Ledger, Span};
use ergon_perception::{Cell, OraclePerceiver, PixelPerceiver};
use ergon_planner::{SearchOptions, Session};
use ergon_sim::Simulator;
use ergon_vocab::{
    Atom, CameraSpec, Clock, Command, Event, ObjectId, Observer, Outcome, Perceiver, Robot, Skill,
    StepRecord,
};

use crate::instructed::{Chunks, Instructed, guided, play};
use crate::meter::{Books, Metered};
use crate::stage::Stage;
use crate::{Cast, EpisodeRecord, Hands, Method, Networks, Opening, Setup, SetupError, Watcher};

/// Control steps that the judge waits after the agent has ended.
const VERDICT_STEPS: u32 = 20;

/// What an episode needs from outside.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// How the agent acts.
    pub method: Method,
    /// The planner's clock.
    pub clock: &'a (dyn Clock + Sync),
    /// Ends the episode when it becomes true.
    pub stop: &'a AtomicBool,
    /// The trained networks, for methods that use them.
    pub networks: Option<&'a Networks>,
    /// The policy that is told what to do, for methods that use one.
    pub instructed: Option<Instructed<'a>>,
    /// Whether observations carry the pictures of the scenario's cameras even where the method does
    /// without.
    pub cameras: bool,
}

/// An episode that was run.
#[derive(Clone, Debug)]
pub struct Episode {
    /// What it came to; the same on every machine.
    pub record: EpisodeRecord,
    /// What it cost on this machine. Watching it is booked with the simulator.
    pub ledger: Ledger,
}

/// Runs one episode. The same setup, method and seed give the same record.
///
/// # Errors
/// The episode cannot begin; what goes wrong later is part of its record.
pub fn run_episode(
    setup: &Setup,
    seed: u64,
    context: Context<'_>,
    watchers: Vec<&mut dyn Watcher>,
) -> Result<Episode, SetupError> {
    run_episode_with_hands(setup, seed, context, watchers, None)
}

/// The same with someone who may reach into the scene. What comes of it follows from what they do, too.
///
/// # Errors
/// As [`run_episode`].
pub fn run_episode_with_hands(
    setup: &Setup,
    seed: u64,
    context: Context<'_>,
    mut watchers: Vec<&mut dyn Watcher>,
    hands: Option<&mut dyn Hands>,
) -> Result<Episode, SetupError> {
    let instance = setup.scenario.instance(seed);
    let cast = setup.cast(&instance)?;
    let cell = cast.cell(&setup.scenario, &instance);
    let unfit = |message| SetupError::Networks { scenario: setup.scenario.name.clone(), message };
    let agent = Agent::new(context, &cast, cell).map_err(unfit)?;
    let mut simulator = Simulator::new(&setup.scenario, &instance).map_err(|source| {
        SetupError::Sim { scenario: setup.scenario.name.clone(), seed, source }
    })?;
    if context.cameras || context.method.sees() {
        let sizes: Vec<_> = setup.scenario.cameras.iter().map(|c| c.size).enumerate().collect();
        simulator.set_cameras(&sizes);
    }
    let opening = Opening { setup, cast: &cast, seed, method: context.method };
    watchers.iter_mut().for_each(|w| w.on_begin(&opening));
    let watchers = watchers.into_iter().map(|w| -> &mut dyn Watcher { w }).collect();
    let hands = hands.map(|h| -> &mut dyn Hands { h });
    let mut stage = Stage::new(simulator, &cast, watchers, hands, context.stop);

    let books = Books::open();
    let mut log = Log { stage: stage.clone(), books: &books, first_plan: None };
    let report = act(&opening, agent, context.clock, &stage, &mut log);
    let ledger = books.so_far();
    stage.calm();
    for _ in 0..VERDICT_STEPS {
        // A robot that has stopped has nothing more to show to the judge.
        if stage.step(&Command::hold(0.0)).is_err() {
            break;
        }
    }
    let first_plan = log.first_plan;
    let record = record(&opening, report, first_plan, &stage);
    Ok(Episode { record, ledger })
}

/// The parts of an agent that depend on its method.
pub(crate) struct Agent {
    pub(crate) skills: BTreeMap<String, Box<dyn Skill>>,
    /// `None` for the oracle, which the stage feeds.
    pub(crate) perceiver: Option<PixelPerceiver>,
    /// What it sees by.
    pub(crate) cameras: Vec<CameraSpec>,
    /// What it is told and by what policy, for methods that are.
    chunks: Option<Chunks>,
    colours: Vec<(ObjectId, String)>,
}

impl Agent {
    pub(crate) fn new(context: Context<'_>, cast: &Cast, cell: Cell) -> Result<Self, String> {
        let method = context.method;
        let cameras = if method.perceives() { cell.cameras.clone() } else { Vec::new() };
        let colours = cell.bodies.iter().map(|b| (b.id, b.colour.clone())).collect();
        let networks = || context.networks.ok_or("this method needs trained networks".to_owned());
        let skills = match method {
            _ if method.is_instructed() => BTreeMap::new(),
            _ if method.has_learned_skills() => networks()?.skills(&cell)?,
            _ => scripted::skills(),
        };
        let policy = || context.instructed.ok_or("this method needs an instructed policy");
        let chunks = match method.is_instructed() {
            true => Some(Chunks::open(policy()?).map_err(|e| e.to_string())?),
            false => None,
        };
        let perceiver = match method.perceives() {
            true => Some(networks()?.perceiver(cast.grounder.clone(), cell)?),
            false => None,
        };
        Ok(Self { skills, perceiver, cameras, chunks, colours })
    }
}

/// Lets the agent act until it ends, and books what its parts cost.
fn act(
    opening: &Opening<'_>,
    agent: Agent,
    clock: &(dyn Clock + Sync),
    stage: &Stage<'_>,
    log: &mut Log<'_>,
) -> Report {
    let ledger = &log.books.ledger;
    let mut robot = Metered { inner: stage.clone(), span: Span::Simulate, ledger };
    let mut observer = Metered { inner: log, span: Span::Simulate, ledger };
    match (opening.method, agent) {
        (Method::Vla, Agent { chunks: Some(mut chunks), .. }) => {
            let limit = opening.setup.budgets().time_secs;
            let solved = || stage.judge().verdict().strict;
            play(&mut chunks, &mut robot, &mut observer, limit, &solved)
        }
        (_, agent) => execute(opening, agent, clock, stage, (&mut robot, &mut observer), ledger),
    }
}

/// Lets the executive act until it ends.
fn execute(
    opening: &Opening<'_>,
    agent: Agent,
    clock: &(dyn Clock + Sync),
    stage: &Stage<'_>,
    (robot, observer): (&mut dyn Robot, &mut dyn Observer),
    ledger: &RefCell<Ledger>,
) -> Report {
    let cast = opening.cast;
    let session = Session::new(cast.task.clone(), SearchOptions::default(), Borrowed(clock));
    let Agent { skills, perceiver, cameras, chunks, colours } = agent;
    let perceiver: Box<dyn Perceiver + '_> = match perceiver {
        Some(pixels) => Box::new(pixels),
        None => Box::new(OraclePerceiver::new(cast.grounder.clone(), || stage.true_entities())),
    };
    let mut executive = Executive {
        planner: &mut Metered { inner: session, span: Span::Plan, ledger },
        perceiver: &mut Metered { inner: perceiver, span: Span::Perceive, ledger },
        skills,
        bindings: cast.bindings.clone(),
        goal: cast.goal.clone(),
        goals: &mut stage.clone(),
        budgets: opening.setup.budgets(),
        cameras,
    };
    let Some(chunks) = chunks else { return executive.run(robot, observer) };
    let (skills, mut guide) = guided(chunks, cast.task.symbols(), &colours, observer);
    executive.bindings = executive.bindings.last_only();
    executive.skills = skills;
    executive.run(robot, &mut guide)
}

fn record(
    opening: &Opening<'_>,
    report: Report,
    first_plan: Option<usize>,
    stage: &Stage<'_>,
) -> EpisodeRecord {
    let verdict = stage.judge().verdict();
    let (outcome, reason) = match report.outcome {
        Outcome::Solved => ("solved", String::new()),
        Outcome::Unsolvable(reason) => ("unsolvable", reason),
        Outcome::GaveUp(reason) => ("gave-up", reason),
    };
    let symbols = opening.cast.task.symbols();
    let violation =
        |(time, atom): &(f64, Atom)| format!("{time:.2} s: {}", symbols.show_atom(atom));
    EpisodeRecord {
        scenario: opening.setup.scenario.name.clone(),
        method: opening.method.to_string(),
        seed: opening.seed,
        success: verdict.strict,
        success_reference: verdict.reference,
        goal_share: verdict.goal_share,
        outcome: outcome.into(),
        reason,
        steps: report.steps,
        time_secs: report.steps as f64 / Command::RATE_HZ,
        first_plan,
        actions: report.actions,
        retries: report.retries,
        replans: report.replans,
        disturbances: stage.disturbances(),
        violations: verdict.violations.iter().map(violation).collect(),
        drops: verdict.incidents.drops,
        misplaced: verdict.incidents.misplaced,
        collisions: verdict.incidents.collisions,
        work_joules: stage.work().joules,
        digest: format!("{:016x}", stage.digest()),
    }
}

/// Remembers the length of the first plan and passes everything on to the stage's watchers.
struct Log<'a> {
    stage: Stage<'a>,
    books: &'a Books,
    first_plan: Option<usize>,
}

impl Observer for Log<'_> {
    fn on_event(&mut self, time_secs: f64, event: &Event) {
        if let Event::Planned { plan, .. } = event {
            self.first_plan.get_or_insert(plan.steps.len());
        }
        self.stage.on_event(time_secs, event);
    }

    fn on_step(&mut self, record: StepRecord<'_>) {
        self.stage.tell_cost(|| self.books.so_far());
        self.stage.on_step(record);
    }
}

/// A clock behind a reference.
pub(crate) struct Borrowed<'a>(pub(crate) &'a (dyn Clock + Sync));

impl Clock for Borrowed<'_> {
    fn now(&self) -> Duration {
        self.0.now()
    }
}
