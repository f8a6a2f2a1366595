//! Demonstrations: the expert carries out one move an episode, from anywhere, with noise on its free
//! motion, in cells whose light, colours, cameras and friction vary.

use ergon_scenarios::Scenario;
use ergon_sim::Simulator;
#[cfg(feature = "train")]
use ergon_vocab::Role;
use ergon_vocab::{Belief, Command, ObjectId, Observation, SkillCall};
use rayon::prelude::*;

use crate::dice::{Dice, Stream};
use crate::expert::{Expert, Moment, Noise, Skills, Symbols};
use crate::scenes::{VARIATION, layout};

/// One control step of a demonstration.
#[derive(Clone, Debug)]
pub struct Step {
    /// What was sensed, with the pictures of all cameras.
    pub observation: Observation,
    /// Where everything truly was: a label, which no agent sees.
    pub truth: Belief,
    /// The skill that ran.
    pub call: SkillCall,
    /// What the expert would do now; `None` where the skill has reached its end. What was executed has
    /// noise on it.
    pub command: Option<Command>,
    /// Whether the skill began here.
    pub first: bool,
}

/// A demonstration of one move: pick, then place, then press a button where there is one.
#[derive(Clone, Debug)]
pub struct Demonstration {
    /// The seed of its episode.
    pub seed: u64,
    /// In words, such as `move the red cube onto the green cube`.
    pub instruction: String,
    /// Its control steps.
    pub steps: Vec<Step>,
}

/// How near to its place's middle, and to its surface, a moved body must lie, m.
#[cfg(feature = "train")]
const WITHIN: f64 = 0.015;
#[cfg(feature = "train")]
const ON: f64 = 0.005;
/// Seeds that an episode of a data set may use up: the expert may fail.
const ATTEMPTS: u64 = 16;

/// Records the episodes of these numbers of a data set, in parallel; each depends on its number and on
/// the seed alone. One in which the expert fails at every attempt is left out.
pub fn demonstrations(
    scenario: &Scenario,
    seed: u64,
    episodes: std::ops::Range<u64>,
    noise: Noise,
) -> Vec<Demonstration> {
    let first = |episode: u64| seed.wrapping_mul(1 << 24).wrapping_add(episode * ATTEMPTS);
    episodes
        .into_par_iter()
        .filter_map(|episode| {
            let seeds = first(episode)..first(episode) + ATTEMPTS;
            seeds.into_iter().find_map(|seed| demonstrate(scenario, seed, noise))
        })
        .collect()
}

/// Records the demonstration of a seed; `None` when it fails.
pub fn demonstrate(scenario: &Scenario, seed: u64, noise: Noise) -> Option<Demonstration> {
    let (demonstration, done, _) = record(scenario, seed, noise, None)?;
    done.then_some(demonstration)
}

/// Records what others make of the move of a seed, with what the expert would have done at every step
/// of it (DAgger, Ross et al. 2011, arXiv:1011.0686), to the end or to where the expert gives up.
#[cfg(feature = "train")]
pub(crate) fn corrected(
    scenario: &Scenario,
    seed: u64,
    pilot: &mut Skills,
) -> Option<Demonstration> {
    let driving = Some(std::mem::take(pilot));
    let (demonstration, _, driven) = record(scenario, seed, Noise::NONE, driving)?;
    *pilot = driven.unwrap_or_default();
    Some(demonstration)
}

/// Whether others make the move of a seed with nobody to help: every skill comes to its own end, and the
/// body lies where it shall.
#[cfg(feature = "train")]
pub(crate) fn unaided(scenario: &Scenario, seed: u64, pilot: &mut Skills) -> bool {
    let made = on_a_move(scenario, seed, Noise::NONE, |expert, task| {
        let done = task.skills().all(|(skill, args)| expert.watch(pilot, skill, &args));
        let pressed =
            task.button.is_none() || expert.simulator.ground_truth().buttons.contains(&true);
        done && pressed && expert.sense().is_some_and(|(_, truth)| task.is_done(&truth))
    });
    made.unwrap_or(false)
}

fn record(
    scenario: &Scenario,
    seed: u64,
    noise: Noise,
    pilot: Option<Skills>,
) -> Option<(Demonstration, bool, Option<Skills>)> {
    on_a_move(scenario, seed, noise, |expert, task| {
        expert.replace_pilot(pilot);
        let mut steps = Vec::new();
        let mut record = |m: Moment<'_>| {
            steps.push(Step {
                observation: m.observation.clone(),
                truth: m.truth.clone(),
                call: m.call.clone(),
                command: m.command,
                first: m.first,
            });
        };
        let done = task.skills().all(|(skill, args)| expert.run(skill, &args, &mut record));
        let instruction = task.instruction.clone();
        (Demonstration { seed, instruction, steps }, done, expert.replace_pilot(None))
    })
}

/// A body that shall be moved to a place, and a button that shall be pressed, where there is one.
struct Task {
    instruction: String,
    body: ObjectId,
    place: ObjectId,
    button: Option<ObjectId>,
}

impl Task {
    /// The skills of the move, in their order, and what they are applied to.
    fn skills(&self) -> impl Iterator<Item = (&'static str, Vec<ObjectId>)> {
        let (one, both) = (vec![self.body], vec![self.body, self.place]);
        let pick = [("reach_pick", one.clone()), ("grasp", one)];
        let place = [("reach_place", both.clone()), ("release", both)];
        let press = self.button.map(|button| ("press", vec![button]));
        pick.into_iter().chain(place).chain(press)
    }

    /// Whether the body lies on the place.
    #[cfg(feature = "train")]
    fn is_done(&self, truth: &Belief) -> bool {
        let found = truth.entities.get(&self.body).zip(truth.entities.get(&self.place));
        found.is_some_and(|(body, place)| {
            if place.role == Role::Bin {
                return ergon_perception::predicates::within(body, place).is_true();
            }
            let apart = body.pose.translation.vector - place.pose.translation.vector;
            apart.xy().norm() < WITHIN && (body.bottom() - place.top()).abs() < ON
        })
    }
}

/// Prepares a cell that varies and an expert somewhere in it, and gives both what they shall do; `None`
/// where the scenario holds no move.
fn on_a_move<T>(
    scenario: &Scenario,
    seed: u64,
    noise: Noise,
    act: impl FnOnce(&mut Expert<'_>, &Task) -> T,
) -> Option<T> {
    let mut dice = Dice::new(seed, Stream::Expert);
    let mut scenario = Scenario { variation: VARIATION, ..scenario.clone() };
    layout::practice(&mut scenario, &mut dice);
    let scenario = &scenario;
    let instance = scenario.instance(seed);
    let goal = instance.goal.first()?.clone();
    let [body, place] = goal.args.as_slice() else { return None };
    let mut simulator = Simulator::new(scenario, &instance).ok()?;
    let cameras: Vec<_> = scenario.cameras.iter().map(|c| c.size).enumerate().collect();
    simulator.set_cameras(&cameras);
    let mut expert = Expert::new(&mut simulator, &mut dice, noise);
    let symbol = |name: &str| -> Option<ObjectId> {
        let body = instance.bodies.iter().position(|b| scenario.objects[b.object].name == name);
        let area = || scenario.areas.iter().position(|a| a.name == name);
        body.map(Symbols::body).or_else(|| area().map(|i| expert.symbols.area(i)))
    };
    let instruction = format!("move {body} onto {place}");
    let first = scenario.areas.len() + scenario.bins.len();
    let buttons = scenario.buttons.len();
    let button = (buttons > 0).then(|| expert.symbols.area(first + expert.dice.below(buttons)));
    let bins = scenario.bins.len();
    let bin =
        (bins > 0 && expert.dice.chance(0.5)).then(|| expert.symbols.area(scenario.areas.len()));
    let place = bin.or_else(|| symbol(place))?;
    let task = Task { instruction, body: symbol(body)?, place, button };
    expert.wander();
    Some(act(&mut expert, &task))
}
