//! Networks in eight bits say nearly what they say in thirty-two.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod common;

use ergon_inference::{Manifest, ModelFile, Runtime};
use ergon_learn::onnx::{Conv2d, Graph, QuantiseError, Value, quantise};

/// The native runtime where `ORT_DYLIB_PATH` names one, else the embedded.
fn runtime() -> &'static Runtime {
    let library = std::env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty());
    Runtime::start(library.map(Into::into)).unwrap()
}

fn manifest() -> Manifest {
    common::manifest(&[("image", &[1, 3, 16, 16])], &[("map", &[1, 2, 8, 8]), ("summary", &[1, 5])])
}

/// Numbers in -1..1 that look like no pattern.
fn noise(seed: u32, count: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(747_796_405).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// A convolution with weights of noise.
fn layer(g: &mut Graph, x: &Value, shape: [usize; 4], how: Conv2d) -> Value {
    let fan_in: usize = shape[1..].iter().product();
    let scale = (6.0 / fan_in as f32).sqrt();
    let weights: Vec<f32> =
        noise(fan_in as u32, shape.iter().product()).iter().map(|w| w * scale).collect();
    let weights = g.constant(&shape, &weights);
    let bias = g.constant(&[shape[0]], &noise(9, shape[0]));
    g.conv2d(x, &weights, Some(&bias), how)
}

/// Convolutions with and without rectifier, in groups, around a sum; one that is an output.
fn file() -> ModelFile {
    let mut g = Graph::new("test");
    let image = g.input("image", &[1, 3, 16, 16]);
    let x = layer(&mut g, &image, [16, 3, 3, 3], Conv2d::square(3, 2));
    let x = g.relu(&x);
    let grouped = Conv2d { groups: 16, ..Conv2d::square(3, 1) };
    let y = layer(&mut g, &x, [16, 1, 3, 3], grouped);
    let x = g.add(&x, &y);
    let x = layer(&mut g, &x, [8, 16, 1, 1], Conv2d::default());
    let x = g.relu(&x);
    let map = layer(&mut g, &x, [2, 8, 1, 1], Conv2d::default());
    g.output("map", &map, &[1, 2, 8, 8]);
    let mean = g.reduce_mean(&x, &[2, 3], false);
    let weights = g.constant(&[8, 5], &noise(3, 40));
    let bias = g.constant(&[5], &noise(4, 5));
    let summary = g.gemm(&mean, &weights, &bias);
    g.output("summary", &summary, &[1, 5]);
    ModelFile::seal(manifest(), g.finish()).unwrap()
}

fn run(file: &ModelFile, image: &[f32]) -> [Vec<f32>; 2] {
    let mut outputs = [Vec::new(), Vec::new()];
    file.open(runtime()).unwrap().run(&[image], &mut outputs).unwrap();
    outputs
}

#[test]
fn eight_bits_say_nearly_the_same() {
    let file = file();
    let samples: Vec<_> = (0..20).map(|seed| vec![noise(seed, 768)]).collect();
    let small = quantise(&file, runtime(), &samples).unwrap();
    assert!(small.len() < file.onnx().len());
    let small = ModelFile::seal(manifest(), small).unwrap();
    for seed in 100..110 {
        let image = noise(seed, 768);
        for (exact, rounded) in run(&file, &image).iter().zip(run(&small, &image)) {
            let scale = exact.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
            let error =
                exact.iter().zip(&rounded).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
            assert!(error > 0.0 && error < 0.04 * scale, "{error} of {scale}");
        }
    }
}

#[test]
fn a_network_without_convolutions_stays_as_it_is() {
    let mut g = Graph::new("test");
    let x = g.input("x", &[1, 2]);
    let y = g.relu(&x);
    g.output("y", &y, &[1, 2]);
    let manifest = common::manifest(&[("x", &[1, 2])], &[("y", &[1, 2])]);
    let file = ModelFile::seal(manifest, g.finish()).unwrap();
    assert_eq!(quantise(&file, runtime(), &[vec![vec![1.0, 2.0]]]).unwrap(), file.onnx());
}

#[test]
fn ranges_need_samples() {
    let error = quantise(&file(), runtime(), &[]).unwrap_err();
    assert_eq!(error, QuantiseError::NoSamples);
}
