//! A small vision-language-action policy (VLA): from the pictures of all cameras, proprioception and an
//! instruction in words to the commands of the next control steps, by one network.
//!
//! It is told nothing else: no fact, no target, no skill. Training and running both come through here
//! for what goes in, so that they cannot differ.

use std::collections::BTreeMap;

use ergon_inference::{Kind, Model, TensorSpec};
use ergon_vocab::{Command, Image, InstructedPolicy, Observation, PolicyError};

use crate::learned::ACTION;

/// Width and height of the pictures that the network is given, pixels.
pub const PIXELS: usize = 128;
/// Words of an instruction that the network is given; what is longer is cut.
pub const WORDS: usize = 10;
/// Numbers of proprioception: position (m), axis times angle (rad), fingers (m).
pub const PROPRIOCEPTION: usize = 8;
/// Name of the normalisation of proprioception in the manifest.
pub const NORMALISED: &str = "proprioception";
/// The keys of the manifest's parameters: names of cameras, and words in the order of their numbers.
pub const CAMERAS: &str = "cameras";
/// See [`CAMERAS`].
pub const VOCABULARY: &str = "vocabulary";

/// What a policy is told that does the whole task by itself, as in the reference experiment (Duggan et
/// al., ICRA 2026, arXiv:2602.19260).
pub const PLAY: &str = "Play Towers of Hanoi.";

/// What a policy is told that a planner guides, in the reference's words: to take a block.
pub fn pick(colour: &str) -> String {
    format!("Pick the {colour} block.")
}

/// See [`pick`]: to set the block down on another.
pub fn place_on(colour: &str, below: &str) -> String {
    format!("Place the {colour} block on top of the {below} block.")
}

/// See [`pick`]: to set the block down in an area.
pub fn place_in(colour: &str, area: &str) -> String {
    format!("Place the {colour} block in the {area} area.")
}

/// The words that a policy knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary(Vec<String>);

impl Vocabulary {
    /// The number of no word, after the last one.
    pub const NOTHING: usize = 0;
    /// The number of a word that is not known.
    pub const UNKNOWN: usize = 1;
    /// The number of the first known word.
    const FIRST: usize = 2;

    /// All words of some texts, in alphabetical order.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut all: Vec<String> = texts.into_iter().flat_map(words).collect();
        all.sort_unstable();
        all.dedup();
        Self(all)
    }

    /// The words in the order of their numbers.
    pub fn words(&self) -> &[String] {
        &self.0
    }

    /// How many numbers there are.
    pub fn numbers(&self) -> usize {
        self.0.len() + Self::FIRST
    }

    /// The numbers of an instruction's first words. Case and punctuation do not count.
    pub fn numbers_of(&self, instruction: &str) -> [usize; WORDS] {
        let mut numbers = [Self::NOTHING; WORDS];
        for (number, word) in numbers.iter_mut().zip(words(instruction)) {
            let known = self.0.iter().position(|w| *w == word);
            *number = known.map_or(Self::UNKNOWN, |at| at + Self::FIRST);
        }
        numbers
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split(|c: char| !c.is_alphanumeric());
    parts.filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// A square picture of [`PIXELS`] x [`PIXELS`], each pixel the mean of the area that it covers.
///
/// # Errors
/// The picture is no square, or has fewer pixels; the text says so.
pub fn shrunk(picture: &Image) -> Result<Image, String> {
    let (width, height) = (picture.width(), picture.height());
    if width != height || width < PIXELS {
        return Err(format!(
            "expected square pictures of at least {PIXELS} pixels a side, found {width} x {height}"
        ));
    }
    let spans: Vec<Vec<(usize, f64)>> = (0..PIXELS).map(|i| covered(i, width)).collect();
    let area = (width * width) as f64;
    let mean = |at: usize| {
        let (channel, columns, rows) = (at % 3, &spans[at / 3 % PIXELS], &spans[at / 3 / PIXELS]);
        let value = |row: usize, column: usize| {
            f64::from(picture.data()[3 * (row * width + column) + channel])
        };
        let along = |&(row, share): &(usize, f64)| -> f64 {
            share * columns.iter().map(|&(column, s)| s * value(row, column)).sum::<f64>()
        };
        (rows.iter().map(along).sum::<f64>() / area + 0.5) as u8
    };
    let data = (0..3 * PIXELS * PIXELS).map(mean).collect();
    Image::new(PIXELS, PIXELS, data).map_err(|e| e.to_string())
}

/// The pixels out of `width` that one of [`PIXELS`] covers, with how much of each, in parts of a
/// [`PIXELS`]th, so that all are whole numbers.
fn covered(index: usize, width: usize) -> Vec<(usize, f64)> {
    let (from, to) = (index * width, (index + 1) * width);
    let share = |pixel: usize| to.min((pixel + 1) * PIXELS) - from.max(pixel * PIXELS);
    (from / PIXELS..to.div_ceil(PIXELS)).map(|pixel| (pixel, share(pixel) as f64)).collect()
}

/// What the arm senses of itself: position, axis times angle, fingers.
///
/// The hand points down, half a turn from the base frame, where axis and angle may jump to the opposite
/// axis; of the two ways to write the turn, the one is taken whose largest component is positive.
pub fn proprioception(observation: &Observation) -> [f64; PROPRIOCEPTION] {
    let mut turn = observation.ee_orientation;
    let angle = turn.norm();
    let largest = turn.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs()));
    if largest.is_some_and(|x| x < 0.0) && angle > std::f64::consts::FRAC_PI_2 {
        turn *= 1.0 - std::f64::consts::TAU / angle;
    }
    let (p, f) = (observation.ee_position, observation.finger_positions);
    [p.x, p.y, p.z, turn.x, turn.y, turn.z, f[0], f[1]]
}

/// The policy network with its buffers.
pub struct Vla {
    model: Model,
    cameras: Vec<String>,
    vocabulary: Vocabulary,
    mean: Vec<f64>,
    std: Vec<f64>,
    pictures: Vec<f32>,
    outputs: [Vec<f32>; 1],
}

impl Vla {
    /// A policy from its network.
    ///
    /// # Errors
    /// The network is no VLA, or its tensors and settings are not those of one; the text says which.
    pub fn new(model: Model) -> Result<Self, String> {
        let manifest = model.manifest();
        let name = &manifest.name;
        if manifest.kind != Kind::Vla {
            return Err(format!(
                "{name}: expected a VLA, found a network of kind {:?}",
                manifest.kind
            ));
        }
        let parameters: BTreeMap<String, Vec<String>> =
            manifest.parameters().map_err(|e| e.to_string())?;
        let list = |key: &str| {
            let list = parameters.get(key).filter(|l| !l.is_empty()).cloned();
            list.ok_or_else(|| format!("{name}: the parameters have no {key}"))
        };
        let (cameras, vocabulary) = (list(CAMERAS)?, Vocabulary(list(VOCABULARY)?));
        let shapes = |specs: &[TensorSpec]| -> Vec<Vec<usize>> {
            specs.iter().map(|s| s.shape.clone()).collect()
        };
        let (inputs, outputs) = (shapes(&manifest.inputs), shapes(&manifest.outputs));
        let seen = vec![1, cameras.len(), 3, PIXELS, PIXELS];
        let fits = inputs == [seen.clone(), vec![1, WORDS], vec![1, PROPRIOCEPTION]]
            && matches!(&outputs[..], [actions] if actions.len() == 3 && actions[2] == ACTION);
        if !fits {
            return Err(format!(
                "{name}: expected inputs {seen:?}, (1, {WORDS}) and (1, {PROPRIOCEPTION}) and an \
                 output (1, steps, {ACTION}), found {inputs:?} and {outputs:?}"
            ));
        }
        let normalised = manifest.normalisation.get(NORMALISED);
        let normalised = normalised.filter(|n| n.mean.len() == PROPRIOCEPTION);
        let Some(normalised) = normalised.cloned() else {
            return Err(format!("{name}: expected {PROPRIOCEPTION} means under {NORMALISED}"));
        };
        let pictures = vec![0.0; seen.iter().product()];
        let (mean, std) = (normalised.mean, normalised.std);
        Ok(Self { model, cameras, vocabulary, mean, std, pictures, outputs: [Vec::new()] })
    }

    /// Names of the cameras whose pictures it needs.
    pub fn cameras(&self) -> &[String] {
        &self.cameras
    }

    /// Control steps of an answer.
    pub fn steps(&self) -> usize {
        self.model.manifest().outputs[0].shape[1]
    }

    fn decide(&mut self, observation: &Observation, text: &str) -> Result<Vec<Command>, String> {
        for (camera, out) in
            self.cameras.iter().zip(self.pictures.chunks_exact_mut(3 * PIXELS * PIXELS))
        {
            let picture = observation.images.iter().find(|i| i.camera == *camera);
            let picture = picture
                .ok_or_else(|| format!("the policy needs the picture of a camera {camera:?}"))?;
            shrunk(&picture.image).map_err(|e| format!("camera {camera:?}: {e}"))?.planes(out);
        }
        let numbers = self.vocabulary.numbers_of(text).map(|n| n as f32);
        let sensed = proprioception(observation);
        let standard = |i: usize| ((sensed[i] - self.mean[i]) / self.std[i]) as f32;
        let sensed: [f32; PROPRIOCEPTION] = std::array::from_fn(standard);
        let inputs: [&[f32]; 3] = [&self.pictures, &numbers, &sensed];
        self.model.run(&inputs, &mut self.outputs).map_err(|e| e.to_string())?;
        Ok(self.outputs[0].chunks_exact(ACTION).map(command).collect())
    }
}

/// A command from the signed square roots of its components, which is what the policy gives.
fn command(roots: &[f32]) -> Command {
    let mut action = [0.0; ACTION];
    for (to, from) in action.iter_mut().zip(roots) {
        let root = f64::from(*from);
        *to = (root * root.abs()).clamp(-1.0, 1.0);
    }
    action[ACTION - 1] = if action[ACTION - 1] > 0.0 { 1.0 } else { -1.0 };
    Command::from_array(action)
}

impl InstructedPolicy for Vla {
    fn reset(&mut self) -> Result<(), PolicyError> {
        // It goes by what it sees now and remembers nothing.
        Ok(())
    }

    fn infer(
        &mut self,
        observation: &Observation,
        instruction: &str,
    ) -> Result<Vec<Command>, PolicyError> {
        if !observation.is_finite() {
            return Err(PolicyError("the observation has a number that is not finite".into()));
        }
        self.decide(observation, instruction).map_err(PolicyError)
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::Vector3;

    use super::*;

    #[test]
    fn words_are_told_apart_by_letters_alone() {
        let vocabulary = Vocabulary::of([PLAY, &pick("red"), &place_on("red", "blue")]);
        let numbers = vocabulary.numbers_of("  PICK the, red \u{1F9F1} block?!");
        assert_eq!(numbers, vocabulary.numbers_of(&pick("red")));
        assert_ne!(numbers, vocabulary.numbers_of(&pick("blue")));
        assert_eq!(vocabulary.numbers_of("")[0], Vocabulary::NOTHING);
        assert_eq!(vocabulary.numbers_of("Pick nothing")[1], Vocabulary::UNKNOWN);
        let longest = vocabulary.numbers_of(&place_on("red", "blue"));
        assert!(longest.iter().all(|n| *n < vocabulary.numbers() && *n != Vocabulary::UNKNOWN));
    }

    #[test]
    fn a_picture_is_shrunk_to_means() {
        let side = 2 * PIXELS;
        let data = (0..side * side * 3).map(|i| (i / 3 % 2 * 10 + i / 3 / side % 2 * 20) as u8);
        let small = shrunk(&Image::new(side, side, data.collect()).unwrap()).unwrap();
        assert!(small.data().iter().all(|x| *x == 15));
        // As openpi's clients send them: a pixel covers three and a half, and the mean stays.
        let even = Image::new(224, 224, vec![77; 224 * 224 * 3]).unwrap();
        assert!(shrunk(&even).unwrap().data().iter().all(|x| *x == 77));
        assert!(shrunk(&Image::new(3, 3, vec![0; 27]).unwrap()).is_err());
    }

    #[test]
    fn the_hand_that_points_down_turns_without_a_jump() {
        let pi = std::f64::consts::PI;
        let at = |turn: Vector3<f64>| {
            let observation = Observation { ee_orientation: turn, ..Default::default() };
            proprioception(&observation)
        };
        let (a, b) = (at(Vector3::x() * (pi - 0.01)), at(Vector3::x() * (0.01 - pi)));
        assert!((a[3] - b[3]).abs() < 0.03, "{a:?} {b:?}");
    }

    #[test]
    fn small_roots_are_small_motions_and_the_gripper_has_two_states() {
        let command = command(&[0.1, -0.1, 2.0, 0.0, 0.0, 0.0, -0.2]);
        let expected = [0.01, -0.01, 1.0, 0.0, 0.0, 0.0, -1.0];
        let near = |(a, b): (f64, f64)| (a - b).abs() < 1e-6;
        assert!(command.to_array().into_iter().zip(expected).all(near));
    }
}
