//! From episodes to tensors.

use burn::tensor::{Device, Int, Tensor, TensorData};
use ergon_controller::learned::{ACTION, to_root};
use ergon_controller::vla::{self, PIXELS, PROPRIOCEPTION, Vocabulary, WORDS};
use ergon_inference::Normalisation;
use rayon::prelude::*;

use super::episodes::{EVERY, Episode, PICTURE};
use super::model::{CHUNK, KEYFRAME};
use crate::dice::Dice;

/// A quantity that varies less than this, in its unit, is standardised as if it varied so much.
const LEAST_SPREAD: f64 = 1e-3;
/// Over so many control steps of a chunk the weight of a command falls to a half: the first ones are
/// executed, the last ones mostly not.
const HALVED: f32 = 12.0;
/// A keyframe that is missed by so much, m and rad, counts as much as a whole command.
const MISSED: [f64; KEYFRAME] = [0.05, 0.05, 0.05, 0.25, 0.25, 0.25];

/// What a policy is taught, one sample for each moment with pictures.
pub struct Samples<'a> {
    episodes: &'a [Episode],
    cameras: usize,
    vocabulary: Vocabulary,
    guided: bool,
    normalisation: Normalisation,
    /// Episode and control step of each sample.
    moments: Vec<(u32, u32)>,
    /// At each control step of each episode, the next one at which the gripper is told otherwise; the
    /// last one where it never is.
    keyframes: Vec<Vec<u32>>,
}

impl<'a> Samples<'a> {
    /// The samples of episodes. Where a planner guides, instructions are the subtasks', and no command
    /// beyond the end of a subtask is taught; else all is one instruction.
    pub fn new(
        episodes: &'a [Episode],
        cameras: usize,
        vocabulary: Vocabulary,
        guided: bool,
    ) -> Self {
        let moments = episodes.iter().enumerate().flat_map(|(number, episode)| {
            let steps = (0..episode.actions.len()).step_by(EVERY);
            steps.map(move |step| (number as u32, step as u32))
        });
        let moments = moments.collect();
        let normalisation = normalisation(episodes);
        let keyframes = episodes.iter().map(keyframes).collect();
        Self { episodes, cameras, vocabulary, guided, normalisation, moments, keyframes }
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.moments.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.moments.is_empty()
    }

    /// Number of cameras.
    pub fn cameras(&self) -> usize {
        self.cameras
    }

    /// The words that are known.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// How proprioception is standardised.
    pub fn normalisation(&self) -> &Normalisation {
        &self.normalisation
    }

    /// Whether a planner guides.
    pub fn guided(&self) -> bool {
        self.guided
    }

    fn instruction(&self, episode: &'a Episode, step: usize) -> &'a str {
        match self.guided {
            true => &episode.instructions[usize::from(episode.subtasks[step])],
            false => vla::PLAY,
        }
    }

    /// The control steps from this one on that belong to the same instruction.
    fn taught(&self, episode: &Episode, step: usize) -> usize {
        let most = CHUNK.min(episode.actions.len() - step);
        let own = episode.subtasks[step];
        let later = &episode.subtasks[step..step + most];
        match self.guided {
            true => later.iter().take_while(|s| **s == own).count(),
            false => most,
        }
    }

    fn pictures(&self, episode: &'a Episode, step: usize) -> &'a [u8] {
        let length = self.cameras * PICTURE;
        &episode.pictures[step / EVERY * length..][..length]
    }

    /// The next keyframe, and whether it belongs to the same instruction.
    fn keyframe(&self, episode: usize, step: usize) -> (usize, bool) {
        let subtasks = &self.episodes[episode].subtasks;
        let next = self.keyframes[episode][step] as usize;
        (next, !self.guided || subtasks[next] == subtasks[step])
    }

    fn standard(&self, episode: &Episode, step: usize) -> [f32; PROPRIOCEPTION] {
        let Normalisation { mean, std } = &self.normalisation;
        let sensed = &episode.proprioception[step];
        std::array::from_fn(|i| ((f64::from(sensed[i]) - mean[i]) / std[i]) as f32)
    }

    /// The chosen samples; the dice vary brightness and colour. The picture is not moved: at this size a
    /// pixel is more than a grasp may be off.
    pub(super) fn batch(&self, chosen: &[u32], dice: &mut Dice, device: &Device) -> Batch {
        let n = chosen.len();
        let moments: Vec<(&Episode, usize)> = chosen
            .iter()
            .map(|&i| self.moments[i as usize])
            .map(|(episode, step)| (&self.episodes[episode as usize], step as usize))
            .collect();
        let gains: Vec<[f32; 3]> = (0..n * self.cameras).map(|_| gain(dice)).collect();
        let length = self.cameras * PICTURE;
        let mut pictures = vec![0.0f32; n * length];
        let lit = gains.par_chunks(self.cameras);
        pictures.par_chunks_mut(length).zip(&moments).zip(lit).for_each(
            |((out, (episode, step)), gains)| {
                let pictures = self.pictures(episode, *step).chunks_exact(PICTURE);
                let outs = out.chunks_exact_mut(PICTURE);
                pictures
                    .zip(outs)
                    .zip(gains)
                    .for_each(|((from, to), gain)| lighten(from, gain, to));
            },
        );
        let words: Vec<i32> = moments
            .iter()
            .flat_map(|(e, step)| self.vocabulary.numbers_of(self.instruction(e, *step)))
            .map(|n| n as i32)
            .collect();
        let sensed: Vec<f32> =
            moments.iter().flat_map(|(e, step)| self.standard(e, *step)).collect();
        let mut roots = vec![0.0f32; n * CHUNK * ACTION];
        let mut weights = vec![0.0f32; n * CHUNK];
        let outs = roots.chunks_exact_mut(CHUNK * ACTION).zip(weights.chunks_exact_mut(CHUNK));
        for ((episode, step), (roots, weights)) in moments.iter().zip(outs) {
            let taught = self.taught(episode, *step);
            let actions = episode.actions[*step..*step + taught].as_flattened();
            roots.iter_mut().zip(actions).for_each(|(to, a)| *to = to_root(f64::from(*a)) as f32);
            for (k, weight) in weights[..taught].iter_mut().enumerate() {
                *weight = HALVED / (HALVED + k as f32);
            }
        }
        let (keyframes, keyed) = self.keyframes(chosen);
        let [side, cameras] = [PIXELS, self.cameras];
        let tensor = |data, shape: &[usize]| TensorData::new(data, shape.to_vec());
        Batch {
            pictures: Tensor::from_data(tensor(pictures, &[n, cameras, 3, side, side]), device),
            words: Tensor::from_data(TensorData::new(words, [n, WORDS]), device),
            proprioception: Tensor::from_data(tensor(sensed, &[n, PROPRIOCEPTION]), device),
            roots: Tensor::from_data(tensor(roots, &[n, CHUNK, ACTION]), device),
            weights: Tensor::from_data(tensor(weights, &[n, CHUNK, 1]), device),
            keyframes: Tensor::from_data(tensor(keyframes, &[n, KEYFRAME]), device),
            keyed: Tensor::from_data(tensor(keyed, &[n, KEYFRAME]), device),
        }
    }

    /// The keyframes of the chosen samples, and how much each number counts.
    fn keyframes(&self, chosen: &[u32]) -> (Vec<f32>, Vec<f32>) {
        let (mut keyframes, mut keyed) = (Vec::new(), Vec::new());
        for &i in chosen {
            let (episode, step) = self.moments[i as usize];
            let (next, known) = self.keyframe(episode as usize, step as usize);
            let sensed = self.standard(&self.episodes[episode as usize], next);
            keyframes.extend_from_slice(&sensed[..KEYFRAME]);
            let counts =
                |(missed, std): (&f64, &f64)| if known { (std / missed) as f32 } else { 0.0 };
            keyed.extend(MISSED.iter().zip(&self.normalisation.std).map(counts));
        }
        (keyframes, keyed)
    }
}

/// See [`Samples::keyframes`].
fn keyframes(episode: &Episode) -> Vec<u32> {
    let closed = |step: usize| episode.actions[step][ACTION - 1] > 0.0;
    let mut next = episode.actions.len().saturating_sub(1);
    let mut all = vec![0; episode.actions.len()];
    for step in (0..all.len()).rev() {
        all[step] = next as u32;
        if step > 0 && closed(step) != closed(step - 1) {
            next = step;
        }
    }
    all
}

/// Samples as tensors.
pub(super) struct Batch {
    /// Shape (n, cameras, 3, pixels, pixels), 0 to 1.
    pub(super) pictures: Tensor<5>,
    /// Numbers of words. Shape (n, words).
    pub(super) words: Tensor<2, Int>,
    /// Standardised. Shape (n, proprioception).
    pub(super) proprioception: Tensor<2>,
    /// Signed square roots of the commands. Shape (n, chunk, action).
    pub(super) roots: Tensor<3>,
    /// Weight of each command; 0 beyond the end of what the instruction covers. Shape (n, chunk, 1).
    pub(super) weights: Tensor<3>,
    /// Standardised. Shape (n, keyframe).
    pub(super) keyframes: Tensor<2>,
    /// How much each number of a keyframe counts. Shape (n, keyframe).
    pub(super) keyed: Tensor<2>,
}

fn gain(dice: &mut Dice) -> [f32; 3] {
    let all = dice.between(0.85, 1.15);
    [0, 1, 2].map(|_| (all * dice.between(0.95, 1.05)) as f32)
}

/// A picture as planes, times a gain a channel.
fn lighten(picture: &[u8], gain: &[f32; 3], out: &mut [f32]) {
    for (channel, plane) in out.chunks_exact_mut(PIXELS * PIXELS).enumerate() {
        let gain = gain[channel] / 255.0;
        for (value, pixel) in plane.iter_mut().zip(picture.chunks_exact(3)) {
            *value = (f32::from(pixel[channel]) * gain).min(1.0);
        }
    }
}

/// Mean and spread of proprioception over all control steps.
fn normalisation(episodes: &[Episode]) -> Normalisation {
    let steps = || episodes.iter().flat_map(|e| &e.proprioception);
    let count = steps().count().max(1) as f64;
    let mean_of = |f: &dyn Fn(&[f32; PROPRIOCEPTION], usize) -> f64| -> Vec<f64> {
        (0..PROPRIOCEPTION).map(|i| steps().map(|s| f(s, i)).sum::<f64>() / count).collect()
    };
    let mean = mean_of(&|s, i| f64::from(s[i]));
    let variance = mean_of(&|s, i| (f64::from(s[i]) - mean[i]).powi(2));
    let std = variance.into_iter().map(|v| v.sqrt().max(LEAST_SPREAD)).collect();
    Normalisation { mean, std }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::dice::Stream;

    /// Ten steps, the last four of another subtask.
    fn episode() -> Episode {
        Episode {
            seed: 0,
            instructions: vec![vla::pick("red"), vla::place_in("red", "left")],
            subtasks: (0..10).map(|i| u16::from(i >= 6)).collect(),
            proprioception: (0..10).map(|i| [i as f32; PROPRIOCEPTION]).collect(),
            actions: (0..10).map(|i| [i as f32 / 10.0; ACTION]).collect(),
            pictures: vec![128; 3 * 2 * PICTURE],
        }
    }

    #[track_caller]
    fn check(guided: bool, sample: u32, taught: usize, told: &str) {
        let episodes = [episode()];
        let vocabulary =
            Vocabulary::of([vla::PLAY, &vla::pick("red"), &vla::place_in("red", "left")]);
        let samples = Samples::new(&episodes, 2, vocabulary.clone(), guided);
        assert_eq!(samples.len(), 3);
        let mut dice = Dice::new(0, Stream::Training);
        let batch = samples.batch(&[sample], &mut dice, &Device::flex());
        let weights: Vec<f32> = batch.weights.into_data().try_to_vec().unwrap();
        assert_eq!(weights.iter().filter(|w| **w > 0.0).count(), taught);
        assert!(weights[..taught].iter().all(|w| *w > 0.0));
        let roots: Vec<f32> = batch.roots.into_data().try_to_vec().unwrap();
        let first = EVERY as f64 * f64::from(sample) / 10.0;
        assert!((f64::from(roots[0]) - first.sqrt()).abs() < 1e-6);
        let words: Vec<i32> = batch.words.into_data().convert::<i32>().try_to_vec().unwrap();
        assert_eq!(words, vocabulary.numbers_of(told).map(|n| n as i32));
    }

    #[test]
    fn a_chunk_ends_where_its_instruction_does() {
        check(false, 0, 10, vla::PLAY);
        check(false, 2, 2, vla::PLAY);
        check(true, 0, 6, &vla::pick("red"));
        check(true, 1, 2, &vla::pick("red"));
        check(true, 2, 2, &vla::place_in("red", "left"));
    }

    #[test]
    fn a_keyframe_is_where_the_gripper_is_next_told_otherwise() {
        let mut episode = episode();
        for (step, action) in episode.actions.iter_mut().enumerate() {
            action[ACTION - 1] = if (3..8).contains(&step) { 1.0 } else { -1.0 };
        }
        let expected = [3, 3, 3, 8, 8, 8, 8, 8, 9, 9];
        assert_eq!(keyframes(&episode), expected);
        let episodes = [episode];
        let samples = |guided| Samples::new(&episodes, 2, Vocabulary::of([vla::PLAY]), guided);
        assert_eq!(samples(false).keyframe(0, 4), (8, true));
        // The next keyframe belongs to what the policy is told later.
        assert_eq!(samples(true).keyframe(0, 4), (8, false));
        assert_eq!(samples(true).keyframe(0, 0), (3, true));
    }
}
