//! From nothing to trained policies: the recipe, and what is written of each training.

use ergon_controller::learned::{self, ACTION, FEATURES, PATCH};
use ergon_inference::{
    ElementType, FORMAT_VERSION, Kind, Manifest, ModelError, ModelFile, Runtime, TensorSpec,
    Training, digest,
};
use ergon_perception::detector::{
    DetectorParameters, LANDMARK_INPUTS, LANDMARK_OUTPUTS, OBJECT_OUTPUTS,
};
use ergon_perception::gauge;
use ergon_scenarios::Scenario;
use ergon_vocab::{CameraSpec, Command};

use crate::demonstrations::{Demonstration, corrected, demonstrate, unaided};
use crate::detector::{CAMERAS, Detector, DetectorConfig, LANDMARKS, TrainOptions};
use crate::expert::Noise;
use crate::gauge::{Gauge, GaugeOptions};
use crate::scenes::{self, Frame};
use crate::skills::{Apprentice, CHUNK, Policy, Samples, SkillOptions};
use crate::walk::Keeper;
use crate::{Spending, detector, skills};

/// How much is trained on what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    /// Decides everything that is drawn.
    pub seed: u64,
    /// Random cells in which frames are taken for detector and gauge.
    pub cells: u64,
    /// Passes of the detector over all frames.
    pub detector_epochs: usize,
    /// Batches of the gauge.
    pub gauge_steps: usize,
    /// Demonstrations of single moves by the expert, and the noise on its motion.
    pub demonstrations: usize,
    /// See `demonstrations`.
    pub noise: Noise,
    /// Rounds in which the policy drives and the expert corrects, and moves in each: they count as
    /// demonstrations.
    pub rounds: usize,
    /// See `rounds`.
    pub corrections: usize,
    /// Passes over the demonstrations before the first round, after each, and at the end.
    pub skill_epochs: [usize; 3],
    /// Moves that the policy makes by itself after the last passes, to see whether it has learnt them.
    pub trials: usize,
    /// How often the last passes are made again, at most, while it fails at one of these.
    pub extensions: usize,
}

impl Recipe {
    /// What the shipped policies are trained with.
    pub const FULL: Self = Self {
        seed: 0,
        cells: 1300,
        detector_epochs: 2,
        gauge_steps: 9000,
        demonstrations: 26,
        noise: Noise::DART,
        rounds: 4,
        corrections: 6,
        skill_epochs: [24, 10, 55],
        trials: 40,
        extensions: 1,
    };
    /// As little as shows that every part works; what it trains is of no use.
    pub const TINY: Self = Self {
        seed: 0,
        cells: 6,
        detector_epochs: 1,
        gauge_steps: 10,
        demonstrations: 2,
        noise: Noise::DART,
        rounds: 1,
        corrections: 1,
        skill_epochs: [1, 1, 1],
        trials: 1,
        extensions: 1,
    };

    /// The recipe with the expert undisturbed.
    pub fn without_noise(self) -> Self {
        Self { noise: Noise::NONE, ..self }
    }

    /// The recipe with as many demonstrations, all of them by the expert.
    pub fn without_corrections(self) -> Self {
        let demonstrations = self.demonstrations + self.rounds * self.corrections;
        let [before, between, after] = self.skill_epochs;
        let skill_epochs = [before + between * self.rounds, 0, after];
        Self { demonstrations, rounds: 0, skill_epochs, ..self }
    }
}

/// Width and height of the pictures that the detector takes, pixels.
const PIXELS: usize = 128;
/// Channels of the detector's map of features.
const CHANNELS: usize = 32;
/// Patches that the gauge measures at once: three bodies before two cameras.
const SLOTS: usize = 6;
/// Seeds of demonstrations begin here, so that no episode of an evaluation is one of them.
const FIRST_DEMONSTRATION: u64 = 1 << 32;
const FIRST_CORRECTION: u64 = 1 << 33;
const FIRST_TRIAL: u64 = 1 << 34;

/// Frames for detector and gauge.
pub fn frames(base: &Scenario, recipe: &Recipe, done: &(dyn Fn() + Sync)) -> Vec<Frame> {
    let first = recipe.seed.wrapping_mul(1 << 20);
    scenes::frames(base, &classes(base), first..first + recipe.cells, done)
}

/// The colours of a scenario's objects: what the detector tells apart.
fn classes(base: &Scenario) -> Vec<String> {
    base.objects.iter().map(|o| o.colour.clone()).collect()
}

/// The detector's shape for a cell.
pub fn detector_config(base: &Scenario) -> DetectorConfig {
    DetectorConfig { objects: base.objects.len(), pixels: PIXELS, channels: CHANNELS }
}

/// Trains the detector.
///
/// # Errors
/// Those of the keeper.
pub fn detector(
    base: &Scenario,
    frames: &[Frame],
    recipe: &Recipe,
    keeper: &mut dyn Keeper,
) -> Result<Detector, String> {
    let options =
        TrainOptions { seed: recipe.seed, epochs: recipe.detector_epochs, batch: 8, rate: 1.5e-3 };
    detector::train(frames, detector_config(base), options, keeper)
}

/// Trains the gauge.
///
/// # Errors
/// Those of the keeper.
pub fn gauge(frames: &[Frame], recipe: &Recipe, keeper: &mut dyn Keeper) -> Result<Gauge, String> {
    let options =
        GaugeOptions { seed: recipe.seed, steps: recipe.gauge_steps, batch: 64, rate: 1.5e-3 };
    crate::gauge::train(frames, options, keeper)
}

/// Records demonstrations until there are as many as the recipe asks for; those in which the expert
/// fails are left out. `done` is told of each.
pub fn demonstrations(
    scenario: &Scenario,
    recipe: &Recipe,
    done: &mut dyn FnMut(),
) -> Vec<Demonstration> {
    let first = FIRST_DEMONSTRATION + recipe.seed.wrapping_mul(1 << 20);
    let seeds = (first..first + 100 * recipe.demonstrations as u64).map(|seed| {
        let demonstration = demonstrate(scenario, seed, recipe.noise);
        demonstration.inspect(|_| done())
    });
    seeds.flatten().take(recipe.demonstrations).collect()
}

/// Trains the skills on demonstrations of the scenario's moves, to which it adds what the expert
/// corrects, until the policy makes all trial moves by itself or the recipe ends; `cameras` are those of
/// the cell, the hand's second, and `runtime` runs the policy. `tried` is told how many of the trial moves
/// were made.
///
/// # Errors
/// The policy does not run: a bug. Or those of the keeper.
pub fn skills(
    scenario: &Scenario,
    cameras: &[CameraSpec],
    demonstrations: &mut Vec<Demonstration>,
    recipe: &Recipe,
    runtime: &Runtime,
    keeper: &mut dyn Keeper,
    tried: &mut dyn FnMut(usize),
) -> Result<Policy, String> {
    let options = SkillOptions { seed: recipe.seed, batch: 64, rate: 1.5e-3 };
    let [before, between, after] = recipe.skill_epochs;
    let hand = &cameras[1];
    let pilot = |apprentice: &Apprentice| {
        let file = skills_file(&apprentice.policy(), &Circumstances::default());
        let model = file.and_then(|f| f.open(runtime)).map_err(|e| e.to_string())?;
        learned::skills(model, cameras)
    };
    let mut apprentice = Apprentice::new(options);
    apprentice = apprentice.train(&Samples::new(demonstrations, hand), before, keeper)?;
    let mut seed = FIRST_CORRECTION + recipe.seed.wrapping_mul(1 << 20);
    for _ in 0..recipe.rounds {
        let mut pilot = pilot(&apprentice)?;
        for _ in 0..recipe.corrections {
            demonstrations.extend(corrected(scenario, seed, &mut pilot));
            seed += 1;
        }
        apprentice = apprentice.train(&Samples::new(demonstrations, hand), between, keeper)?;
    }
    let samples = Samples::new(demonstrations, hand);
    for _ in 0..=recipe.extensions {
        apprentice = apprentice.train(&samples, after, keeper)?;
        let mut pilot = pilot(&apprentice)?;
        let first = FIRST_TRIAL + recipe.seed.wrapping_mul(1 << 20);
        let trials = first..first + recipe.trials as u64;
        let made = trials.filter(|&seed| unaided(scenario, seed, &mut pilot)).count();
        tried(made);
        if made == recipe.trials {
            break;
        }
    }
    Ok(apprentice.policy())
}

/// What is known of a training besides the network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Circumstances {
    /// The command line.
    pub command: String,
    /// The commit of the program.
    pub commit: String,
    /// The seed.
    pub seed: u64,
    /// Demonstrations and frames it was trained on.
    pub demonstrations: usize,
    /// See `demonstrations`.
    pub frames: usize,
    /// What it took, making the data included.
    pub spending: Spending,
    /// Hash of the data.
    pub data_hash: String,
}

impl Circumstances {
    pub(crate) fn record(&self) -> Training {
        let Spending { wall_secs, cpu_secs, joules, joules_kind } = &self.spending;
        Training {
            command: self.command.clone(),
            seed: self.seed,
            commit: self.commit.clone(),
            demonstrations: self.demonstrations as u64,
            frames: self.frames as u64,
            wall_secs: round(*wall_secs),
            cpu_secs: round(*cpu_secs),
            joules: round(*joules),
            joules_kind: joules_kind.clone(),
            data_hash: self.data_hash.clone(),
        }
    }
}

fn round(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}

/// The detector's two files.
///
/// # Errors
/// The graph is not what the manifest says: a bug.
pub fn detector_file(
    base: &Scenario,
    network: &Detector,
    circumstances: &Circumstances,
) -> Result<ModelFile, ModelError> {
    let classes = classes(base);
    let parameters = DetectorParameters {
        cameras: base.cameras.iter().take(CAMERAS).map(|c| c.name.clone()).collect(),
        typical_edge: detector::TYPICAL_EDGE,
        edge_scale: detector::EDGE_SCALE,
        classes,
    };
    let objects = parameters.classes.len();
    let inputs = vec![
        tensor(
            "pictures",
            &[1, CAMERAS, 3, PIXELS, PIXELS],
            "share of full intensity",
            Some([0.0, 1.0]),
            "pictures of the cameras, planes of red, green and blue, row 0 on top",
        ),
        tensor(
            "asked",
            &[1, LANDMARKS, LANDMARK_INPUTS],
            "",
            None,
            "for each landmark: where it should appear in the first picture, column and row from the middle in \
         half widths, and which of the four corners of a rectangle it is",
        ),
    ];
    let outputs = vec![
        tensor(
            "objects",
            &[1, CAMERAS, objects, OBJECT_OUTPUTS],
            "",
            None,
            "for each class: logit of being seen, column, row (pixels), log scale, log edge over the \
             typical one, log scale, cosine and sine of four times the turn",
        ),
        tensor(
            "landmarks",
            &[1, LANDMARKS, LANDMARK_OUTPUTS],
            "",
            None,
            "for each landmark: logit of being seen, column, row (pixels), log scale",
        ),
    ];
    let table = toml::Table::try_from(parameters).unwrap_or_default();
    let graph = detector::to_onnx(network);
    seal("detector", Kind::Detector, inputs, outputs, table, circumstances, graph)
}

/// The gauge's two files.
///
/// # Errors
/// As [`detector_file`].
pub fn gauge_file(
    base: &Scenario,
    network: &Gauge,
    circumstances: &Circumstances,
) -> Result<ModelFile, ModelError> {
    let classes = base.objects.len();
    let inputs = vec![tensor(
        "patches",
        &[1, SLOTS, gauge::planes(classes), gauge::PATCH, gauge::PATCH],
        "share of full intensity",
        Some([0.0, 1.0]),
        "patches around objects: planes of red, green and blue, one for each class, one for round things, \
         one for what is no cube",
    )];
    let outputs = vec![tensor(
        "measures",
        &[1, SLOTS, gauge::OUTPUTS],
        "",
        None,
        "logit of the object being there, column and row from the middle in half widths, log scale, log \
         edge, log scale, cosine and sine of four times the turn",
    )];
    let graph = crate::gauge::to_onnx(network, SLOTS);
    let table = toml::Table::new();
    seal("gauge", Kind::Detector, inputs, outputs, table, circumstances, graph)
}

/// The skills' two files.
///
/// # Errors
/// As [`detector_file`].
pub fn skills_file(
    network: &Policy,
    circumstances: &Circumstances,
) -> Result<ModelFile, ModelError> {
    let inputs = vec![
        tensor(
            "patch",
            &[1, 3, PATCH, PATCH],
            "share of full intensity",
            Some([0.0, 1.0]),
            "patch of the hand camera's picture around the target",
        ),
        tensor("features", &[1, FEATURES], "", None, "skill, target, proprioception"),
    ];
    let outputs = vec![
        tensor(
            "actions",
            &[1, CHUNK, ACTION],
            "signed square root of the share of the command's scale",
            None,
            "commands of this and the next control steps: translation, rotation, gripper",
        ),
        tensor("done", &[1, 1], "", Some([0.0, 1.0]), "probability that the skill is at its end"),
    ];
    let graph = skills::to_onnx(network);
    let table = toml::Table::new();
    seal("skills", Kind::Skills, inputs, outputs, table, circumstances, graph)
}

pub(crate) fn tensor(
    name: &str,
    shape: &[usize],
    unit: &str,
    range: Option<[f64; 2]>,
    description: &str,
) -> TensorSpec {
    let (name, unit, description) = (name.into(), unit.into(), description.into());
    TensorSpec { name, shape: shape.to_vec(), dtype: ElementType::F32, unit, range, description }
}

fn seal(
    name: &str,
    kind: Kind,
    inputs: Vec<TensorSpec>,
    outputs: Vec<TensorSpec>,
    parameters: toml::Table,
    circumstances: &Circumstances,
    graph: Vec<u8>,
) -> Result<ModelFile, ModelError> {
    let manifest = Manifest {
        version: FORMAT_VERSION,
        name: name.into(),
        kind,
        digest: String::new(),
        control_hz: Some(Command::RATE_HZ),
        inputs,
        outputs,
        normalisation: std::collections::BTreeMap::new(),
        parameters,
        training: Some(circumstances.record()),
    };
    ModelFile::seal(manifest, graph)
}

/// A hash of frames.
pub fn hash_frames(frames: &[Frame]) -> String {
    let bytes = frames.iter().flat_map(|f| &f.views).flat_map(|v| v.picture.data().iter().copied());
    digest(bytes)
}

/// A hash of demonstrations.
pub fn hash_demonstrations(demonstrations: &[Demonstration]) -> String {
    let steps = demonstrations.iter().flat_map(|d| &d.steps);
    let bytes = steps.flat_map(|s| {
        let command = s.command.map_or([0.0; ACTION], |c| c.to_array());
        let pictures = s.observation.images.iter().flat_map(|i| i.image.data().iter().copied());
        command.into_iter().flat_map(f64::to_le_bytes).chain(pictures)
    });
    digest(bytes)
}
