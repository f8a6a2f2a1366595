//! The baseline from made-up episodes: training, going on, export, and the policy at work.
#![cfg(feature = "train")]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod common;

use std::path::{Path, PathBuf};

use burn::tensor::{Device, Int, Tensor, TensorData};
use ergon_bench::Setup;
use ergon_controller::vla::{self, PIXELS, PROPRIOCEPTION, Vla, Vocabulary, WORDS};
use ergon_inference::{ModelFile, Runtime};
use ergon_learn::checkpoint::Checkpoint;
use ergon_learn::training::Circumstances;
use ergon_learn::vla::{
    CHUNK, Episode, HeadKind, Recorded, Recording, Samples, Trainee, VlaOptions, to_onnx, vla_file,
};
use ergon_learn::{Noise, Spending};
use ergon_vocab::{CameraImage, Image, InstructedPolicy, Observation};
use proptest::prelude::*;

const ACTION: usize = 7;
const PICTURE: usize = 3 * PIXELS * PIXELS;
const OPTIONS: VlaOptions =
    VlaOptions { seed: 3, steps: 6, batch: 4, rate: 1e-3, head: HeadKind::Direct };

/// Episodes in which the brightness of the pictures tells the command.
fn episodes() -> Vec<Episode> {
    let episode = |seed: u64| {
        let steps = 12 + 3 * seed as usize;
        let level = |step: usize| ((seed as usize * 5 + step) % 11) as f32 / 10.0;
        let picture = |step: usize| {
            let at = move |i: usize| (level(step) * 200.0) as u8 + (i % 7) as u8;
            (0..2 * PICTURE).map(at)
        };
        Episode {
            seed,
            instructions: vec![vla::pick("red"), vla::place_in("red", "left")],
            subtasks: (0..steps).map(|i| u16::from(2 * i >= steps)).collect(),
            proprioception: (0..steps).map(|i| [level(i) + 0.1; PROPRIOCEPTION]).collect(),
            actions: (0..steps).map(|i| [2.0 * level(i) - 1.0; ACTION]).collect(),
            pictures: (0..steps).step_by(4).flat_map(picture).collect(),
        }
    };
    (0..3).map(episode).collect()
}

fn vocabulary() -> Vocabulary {
    Vocabulary::of([vla::PLAY, &vla::pick("red"), &vla::place_in("red", "left")])
}

fn cameras() -> Vec<String> {
    vec!["agent".into(), "wrist".into()]
}

fn policy(trainee: &Trainee, samples: &Samples<'_>) -> ModelFile {
    vla_file(&trainee.network(), samples, &cameras(), &Circumstances::default()).unwrap()
}

#[test]
fn a_training_that_was_interrupted_ends_with_the_same_bytes() {
    [HeadKind::Direct, HeadKind::Flow].into_iter().for_each(check_resume);
}

fn check_resume(head: HeadKind) {
    let options = VlaOptions { head, ..OPTIONS };
    let episodes = episodes();
    let samples = Samples::new(&episodes, 2, vocabulary(), true);
    let mut whole = Trainee::new(options, &samples);
    let mut first = Trainee::new(options, &samples);
    (0..OPTIONS.steps / 2).for_each(|_| assert!(first.learn(&samples).loss.is_finite()));
    let checkpoint = Checkpoint { state: first.state().unwrap(), ..Checkpoint::default() };
    let bytes = checkpoint.to_bytes().unwrap();
    let state = Checkpoint::from_bytes(&bytes).unwrap().state;
    let mut second = Trainee::resumed(options, &samples, &state).unwrap();
    assert_eq!(second.step(), OPTIONS.steps / 2);
    while !second.is_done() {
        second.learn(&samples);
    }
    while !whole.is_done() {
        whole.learn(&samples);
    }
    assert_eq!(to_onnx(&second.network()), to_onnx(&whole.network()));
    let wrong = Samples::new(&episodes, 1, vocabulary(), true);
    assert!(Trainee::resumed(options, &wrong, &state).is_err());
}

fn spending() -> Spending {
    Spending { wall_secs: 3.0, cpu_secs: 0.5, joules: 2.0, joules_kind: "estimated".into() }
}

#[test]
fn a_checkpoint_is_read_whole_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deep/checkpoint.bin");
    assert_eq!(Checkpoint::read(&file).unwrap(), None);
    let checkpoint = Checkpoint {
        training: "a\ntraining".into(),
        losses: vec![0.5, 0.25],
        spending: spending(),
        ..Checkpoint::default()
    };
    checkpoint.write(&file).unwrap();
    assert_eq!(Checkpoint::read(&file).unwrap(), Some(checkpoint));
    assert_eq!(std::fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
    let bytes = std::fs::read(&file).unwrap();
    assert!((0..bytes.len()).all(|n| Checkpoint::from_bytes(&bytes[..n]).is_err()));
}

#[test]
fn the_exported_graph_computes_what_the_network_does() {
    [HeadKind::Direct, HeadKind::Flow].into_iter().for_each(check_export);
}

fn check_export(head: HeadKind) {
    let options = VlaOptions { head, ..OPTIONS };
    let episodes = episodes();
    let samples = Samples::new(&episodes, 2, vocabulary(), false);
    let trainee = Trainee::new(options, &samples);
    let runtime = Runtime::start(Vec::<PathBuf>::new()).unwrap();
    let mut model = policy(&trainee, &samples).open(runtime).unwrap();
    let mut state = 1_u32;
    let mut draw = |n: usize| -> Vec<f32> {
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32
        };
        (0..n).map(|_| next()).collect()
    };
    let pictures = draw(2 * PICTURE);
    let sensed: Vec<f32> = draw(PROPRIOCEPTION).iter().map(|x| 4.0 * x - 2.0).collect();
    let words = vocabulary().numbers_of("Place the purple block in the left area.");
    let mut outputs = [Vec::new()];
    model.run(&[&pictures, &words.map(|n| n as f32), &sensed], &mut outputs).unwrap();
    let device = Device::flex();
    let float = |data: Vec<f32>, shape: &[usize]| TensorData::new(data, shape.to_vec());
    let words: Vec<i32> = words.iter().map(|n| *n as i32).collect();
    let words = Tensor::<2, Int>::from_data(TensorData::new(words, [1, WORDS]), &device);
    let answer = trainee.network().forward(
        Tensor::from_data(float(pictures, &[1, 2, 3, PIXELS, PIXELS]), &device),
        words,
        Tensor::from_data(float(sensed, &[1, PROPRIOCEPTION]), &device),
    );
    let answer: Vec<f32> = answer.into_data().try_to_vec().unwrap();
    assert_eq!(answer.len(), CHUNK * ACTION);
    let furthest = answer.iter().zip(&outputs[0]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(furthest < 1e-4, "{furthest}");
}

#[test]
fn a_tiny_training_learns_and_its_policy_answers() {
    [HeadKind::Direct, HeadKind::Flow].into_iter().for_each(check_learning);
}

fn check_learning(head: HeadKind) {
    let episodes = episodes();
    let samples = Samples::new(&episodes, 2, vocabulary(), false);
    let options = VlaOptions { steps: 40, batch: 8, head, ..OPTIONS };
    let mut trainee = Trainee::new(options, &samples);
    let losses: Vec<f32> = (0..options.steps).map(|_| trainee.learn(&samples).loss).collect();
    let mean = |part: &[f32]| part.iter().sum::<f32>() / part.len() as f32;
    assert!(mean(&losses[35..]) < 0.8 * mean(&losses[..5]), "{losses:?}");
    let runtime = Runtime::start(Vec::<PathBuf>::new()).unwrap();
    let mut policy = Vla::new(policy(&trainee, &samples).open(runtime).unwrap()).unwrap();
    assert_eq!((policy.steps(), policy.cameras()), (CHUNK, &cameras()[..]));
    let image = |camera: &str| CameraImage {
        camera: camera.into(),
        image: Image::new(128, 128, vec![90; 128 * 128 * 3]).unwrap(),
    };
    let mut observation = Observation::default();
    let refused = policy.infer(&observation, vla::PLAY).unwrap_err();
    assert!(refused.to_string().contains("\"agent\""), "{refused}");
    observation.images = vec![image("wrist"), image("agent")];
    policy.reset().unwrap();
    let commands = policy.infer(&observation, vla::PLAY).unwrap();
    assert_eq!(commands.len(), CHUNK);
    assert!(commands.iter().all(|c| c.clamped().unwrap() == *c && c.gripper.abs() == 1.0));
    assert_eq!(policy.infer(&observation, vla::PLAY).unwrap(), commands);
}

#[test]
fn a_network_of_another_kind_is_no_vla() {
    let mut graph = ergon_learn::onnx::Graph::new("test");
    let x = graph.input("x", &[1, 1]);
    graph.output("y", &x, &[1, 1]);
    let manifest = common::manifest(&[("x", &[1, 1])], &[("y", &[1, 1])]);
    let runtime = Runtime::start(Vec::<PathBuf>::new()).unwrap();
    let model = ModelFile::seal(manifest, graph.finish()).unwrap().open(runtime).unwrap();
    assert!(Vla::new(model).err().unwrap().contains("expected a VLA"));
}

#[test]
fn recorded_episodes_are_read_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/hanoi");
    let [towers, others] =
        ["3.toml", "3-random.toml"].map(|name| Setup::load(&folder.join(name), &[]).unwrap());
    let recording =
        Recording { towers: &towers, others: &others, seed: 0, episodes: 3, noise: Noise::MILD };
    let recorded = Recorded { episodes: episodes(), spending: spending() };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("episodes.bin");
    assert!(Recorded::read(&file, &recording).unwrap().is_none());
    recorded.write(&file, &recording).unwrap();
    let read = Recorded::read(&file, &recording).unwrap().unwrap();
    assert_eq!(read, recorded);
    assert_eq!(read.hash(), recorded.hash());
    let other = Recording { seed: 1, ..recording };
    assert!(Recorded::read(&file, &other).unwrap().is_none());
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
    assert!(Recorded::read(&file, &recording).is_err());
}

proptest! {
    #[test]
    fn any_text_has_numbers_of_words(text in "\\PC*", other in "[a-z ]{0,80}") {
        let vocabulary = vocabulary();
        for text in [text, other] {
            let numbers = vocabulary.numbers_of(&text);
            prop_assert_eq!(numbers, vocabulary.numbers_of(&text));
            prop_assert!(numbers.iter().all(|n| *n < vocabulary.numbers()));
            // Words come first, then nothing.
            let words = numbers.iter().take_while(|n| **n != Vocabulary::NOTHING).count();
            prop_assert!(numbers[words..].iter().all(|n| *n == Vocabulary::NOTHING));
        }
    }
}
