//! Whole episodes of the scripted expert, with noise on its free motion.

use ergon_bench::{Cast, Setup};
use ergon_controller::learned::{ACTION, SKILLS};
use ergon_controller::vla::{self, PIXELS, PROPRIOCEPTION, Vocabulary};
use ergon_perception::gripper_of;
use ergon_planner::{SearchKind, SearchOptions, solve_from};
use ergon_scenarios::Instance;
use ergon_sim::Simulator;
use ergon_sim::render::{Frame as Picture, Quality, Renderer};
use ergon_vocab::dummy::StoppedClock;
use ergon_vocab::{GroundAction, Image, ObjectId, PlanOutcome, Robot, SkillCall};
use rayon::prelude::*;

use crate::dice::{Dice, Stream};
use crate::expert::{Expert, Moment, Noise, Symbols};

/// A picture is kept of every so many control steps; actions are kept of all.
pub(super) const EVERY: usize = 4;
/// Bytes of a picture.
pub(super) const PICTURE: usize = 3 * PIXELS * PIXELS;
/// Seeds begin here, so that no episode of an evaluation is one of them.
const FIRST_SEED: u64 = 1 << 34;
/// Seeds that an episode may use up: the expert may fail.
const ATTEMPTS: u64 = 8;

/// Actions after which an episode is given up: the longest game takes 14.
const MOST_ACTIONS: usize = 30;

/// What is recorded.
#[derive(Clone, Copy, Debug)]
pub struct Recording<'a> {
    /// Every second episode is of this scenario: full towers.
    pub towers: &'a Setup,
    /// The others are of this one: the same game from any legal state.
    pub others: &'a Setup,
    /// Decides all episodes.
    pub seed: u64,
    /// Number of episodes.
    pub episodes: u64,
    /// Noise on the expert's motion.
    pub noise: Noise,
}

impl Recording<'_> {
    /// Names of the cameras, in the order of their pictures.
    pub fn cameras(&self) -> Vec<String> {
        self.towers.scenario.cameras.iter().map(|c| c.name.clone()).collect()
    }

    /// The words of all instructions that there may be.
    pub fn vocabulary(&self) -> Vocabulary {
        let scenario = &self.towers.scenario;
        let colours = || scenario.objects.iter().map(|o| o.colour.as_str());
        let mut texts = vec![vla::PLAY.to_owned()];
        for colour in colours() {
            texts.push(vla::pick(colour));
            texts.extend(colours().map(|below| vla::place_on(colour, below)));
            texts.extend(scenario.areas.iter().map(|a| vla::place_in(colour, &a.name)));
        }
        Vocabulary::of(texts.iter().map(String::as_str))
    }
}

/// An episode, one element a control step where nothing else is said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Episode {
    /// Its seed.
    pub seed: u64,
    /// What a planner-guided policy is told, subtask by subtask.
    pub instructions: Vec<String>,
    /// Index into `instructions`.
    pub subtasks: Vec<u16>,
    /// See [`vla::proprioception`].
    pub proprioception: Vec<[f32; PROPRIOCEPTION]>,
    /// What the expert would do; what was executed has noise on it.
    pub actions: Vec<[f32; ACTION]>,
    /// The pictures of all cameras at every fourth control step: u8, H x W x 3, RGB, row 0 on top.
    pub pictures: Vec<u8>,
}

/// Records episodes in parallel; each depends on its number and the recording alone. One in which the
/// expert fails at every attempt is left out. `done` is told of each.
pub fn record(recording: &Recording<'_>, done: &(dyn Fn() + Sync)) -> Vec<Episode> {
    let first = FIRST_SEED.wrapping_add(recording.seed.wrapping_mul(1 << 20));
    let episode = |number: u64| {
        let setup = if number.is_multiple_of(2) { recording.towers } else { recording.others };
        let seeds = (0..ATTEMPTS).map(|i| first + number * ATTEMPTS + i);
        let episode = seeds.into_iter().find_map(|seed| attempt(setup, seed, recording.noise));
        done();
        episode
    };
    (0..recording.episodes).into_par_iter().filter_map(episode).collect()
}

/// The episode of a seed; none where the expert does not get through. It plans anew after every action,
/// since noise may have undone what the last plan went by.
fn attempt(setup: &Setup, seed: u64, noise: Noise) -> Option<Episode> {
    let instance = setup.scenario.instance(seed);
    let cast = Cast::new(setup, &instance, &SKILLS).ok()?;
    let mut simulator = Simulator::new(&setup.scenario, &instance).ok()?;
    let script = Script { setup, cast: &cast, instance: &instance };
    let mut dice = Dice::new(seed, Stream::Expert);
    let mut expert = Expert::new(&mut simulator, &mut dice, noise);
    let mut diary = Diary::new(seed);
    for _ in 0..MOST_ACTIONS {
        let plan = plan(&cast, expert.simulator)?;
        let Some(action) = plan.first() else { return diary.close(setup.scenario.cameras.len()) };
        diary.episode.instructions.push(script.instruction(action)?);
        for call in cast.bindings.calls(action) {
            let args = script.expert_args(&call, &expert.symbols)?;
            if !expert.run(&call.skill, &args, &mut |moment| diary.write(&moment)) {
                break;
            }
        }
    }
    None
}

/// A shortest plan from what truly holds, by which only the expert goes; empty at the goal.
fn plan(cast: &Cast, simulator: &mut Simulator) -> Option<Vec<GroundAction>> {
    let observation = simulator.observe().ok()?;
    let entities = cast.entities(&simulator.ground_truth());
    let state = cast.grounder.ground(&entities, &gripper_of(&observation)).leaning().state();
    let options = SearchOptions { search: SearchKind::AstarLmcut, ..SearchOptions::default() };
    let clock = StoppedClock::default();
    match solve_from(&cast.task, &state, &cast.goal, &options, &clock).0 {
        PlanOutcome::Solved(plan) => Some(plan.steps.into_iter().map(|s| s.action).collect()),
        _ => None,
    }
}

/// What the symbols of an episode are called.
struct Script<'a> {
    setup: &'a Setup,
    cast: &'a Cast,
    instance: &'a Instance,
}

/// What a symbol stands for.
enum Thing {
    Body(usize),
    Area(usize),
}

impl Script<'_> {
    fn thing(&self, id: ObjectId) -> Option<Thing> {
        if let Some(body) = self.cast.body_ids().position(|b| b == id) {
            return Some(Thing::Body(body));
        }
        let name = self.cast.task.symbols().object_name(id);
        self.setup.scenario.areas.iter().position(|a| a.name == *name).map(Thing::Area)
    }

    fn colour(&self, body: usize) -> &str {
        &self.setup.scenario.objects[self.instance.bodies[body].object].colour
    }

    /// What a policy is told that shall carry out an action of a plan.
    fn instruction(&self, action: &GroundAction) -> Option<String> {
        let name = self.cast.task.symbols().action_name(action.schema);
        let Thing::Body(body) = self.thing(*action.args.first()?)? else { return None };
        let colour = self.colour(body);
        match (name, self.thing(*action.args.get(1)?)?) {
            ("pick" | "retrieve", _) => Some(vla::pick(colour)),
            ("place", Thing::Body(below)) => Some(vla::place_on(colour, self.colour(below))),
            ("place", Thing::Area(area)) => {
                Some(vla::place_in(colour, &self.setup.scenario.areas[area].name))
            }
            _ => None,
        }
    }

    /// The arguments of a skill in the expert's symbols.
    fn expert_args(&self, call: &SkillCall, symbols: &Symbols) -> Option<Vec<ObjectId>> {
        let symbol = |id: &ObjectId| match self.thing(*id)? {
            Thing::Body(body) => Some(Symbols::body(body)),
            Thing::Area(area) => Some(symbols.area(area)),
        };
        call.args.iter().map(symbol).collect()
    }
}

/// Writes down what the expert sees and does.
struct Diary {
    episode: Episode,
    renderer: Renderer,
    picture: Picture,
}

impl Diary {
    fn new(seed: u64) -> Self {
        Self {
            episode: Episode { seed, ..Episode::default() },
            renderer: Renderer::new(Quality::Sensor),
            picture: Picture::default(),
        }
    }

    /// The episode, if anything was done and all of it was seen.
    fn close(self, cameras: usize) -> Option<Episode> {
        let Episode { actions, pictures, .. } = &self.episode;
        let seen = pictures.len() == actions.len().div_ceil(EVERY) * cameras * PICTURE;
        (seen && !actions.is_empty()).then_some(self.episode)
    }

    fn write(&mut self, moment: &Moment<'_>) {
        // At its end a skill commands nothing, and the next one begins in the same place.
        let Some(command) = moment.command else { return };
        if self.episode.actions.len().is_multiple_of(EVERY) {
            (0..moment.simulator.scenario().cameras.len())
                .for_each(|camera| self.photograph(moment.simulator, camera));
        }
        let episode = &mut self.episode;
        episode.subtasks.push((episode.instructions.len() - 1) as u16);
        episode.proprioception.push(vla::proprioception(moment.observation).map(|x| x as f32));
        episode.actions.push(command.to_array().map(|x| x as f32));
    }

    /// The picture that an observation would carry.
    fn photograph(&mut self, simulator: &Simulator, index: usize) {
        let Some(camera) = simulator.true_camera(index) else { return };
        simulator.render(&camera, camera.size, &mut self.renderer, &mut self.picture);
        let [width, height] = camera.size;
        let picture = Image::new(width, height, self.picture.rgb.clone());
        if let Some(small) = picture.ok().and_then(|p| vla::shrunk(&p).ok()) {
            self.episode.pictures.extend_from_slice(small.data());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn setup(name: &str) -> Setup {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/hanoi");
        Setup::load(&folder.join(name), &[]).unwrap()
    }

    #[test]
    fn episodes_are_whole_games_and_the_same_for_the_same_seed() {
        let (towers, others) = (setup("3.toml"), setup("3-random.toml"));
        let noise = Noise::MILD;
        let recording = Recording { towers: &towers, others: &others, seed: 0, episodes: 2, noise };
        let episodes = record(&recording, &|| ());
        assert_eq!(episodes.len(), 2);
        assert_eq!(episodes, record(&recording, &|| ()));
        // Seven moves at least, each a pick and a place.
        assert!(episodes[0].instructions.len() >= 14);
        let vocabulary = recording.vocabulary();
        for episode in &episodes {
            let steps = episode.actions.len();
            assert_eq!(episode.pictures.len(), steps.div_ceil(EVERY) * 2 * PICTURE);
            assert!(episode.subtasks.is_sorted());
            for text in &episode.instructions {
                assert!(!vocabulary.numbers_of(text).contains(&Vocabulary::UNKNOWN), "{text}");
            }
        }
    }
}
