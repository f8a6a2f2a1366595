//! Graphs small enough to be computed by hand, written and run.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

mod common;

use std::f32::consts::E;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use ergon_inference::{ModelFile, Runtime};
use ergon_learn::onnx::{Conv2d, Graph, Value};

/// A graph from `x` to `y`.
fn graph(
    input: &[usize],
    output: &[usize],
    build: impl Fn(&mut Graph, &Value) -> Value,
) -> Vec<u8> {
    let mut graph = Graph::new("test");
    let x = graph.input("x", input);
    let y = build(&mut graph, &x);
    graph.output("y", &y, output);
    graph.note("made by", "a test");
    graph.finish()
}

/// What a graph makes of `x`, to within what `f32` is worth.
#[track_caller]
fn check(
    (shape, x): (&[usize], &[f32]),
    build: impl Fn(&mut Graph, &Value) -> Value,
    (out_shape, expected): (&[usize], &[f32]),
) {
    let bytes = graph(shape, out_shape, build);
    published_checker(&bytes);
    let runtime = Runtime::start(Vec::<PathBuf>::new()).unwrap();
    let manifest = common::manifest(&[("x", shape)], &[("y", out_shape)]);
    let mut model = ModelFile::seal(manifest, bytes).unwrap().open(runtime).unwrap();
    let mut outputs = [Vec::new()];
    model.run(&[x], &mut outputs).unwrap();
    let near = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-5 * b.abs().max(1.0);
    assert_eq!(outputs[0].len(), expected.len());
    assert!(outputs[0].iter().zip(expected).all(near), "{:?} is not {expected:?}", outputs[0]);
}

/// What the reference implementation of the format says, where `ERGON_ONNX_PYTHON` names a Python
/// that has it.
#[track_caller]
fn published_checker(bytes: &[u8]) {
    let Some(python) = std::env::var_os("ERGON_ONNX_PYTHON").filter(|p| !p.is_empty()) else {
        println!("skipped: ERGON_ONNX_PYTHON names no Python with the onnx package");
        return;
    };
    let script = "import sys, onnx; \
        onnx.checker.check_model(sys.stdin.buffer.read(), full_check=True)";
    let mut child =
        Command::new(python).args(["-c", script]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_picture_is_correlated() {
    let picture: Vec<f32> = (0..9).map(|i| i as f32).collect();
    let same = |g: &mut Graph, x: &Value| {
        let kernel = g.constant(&[1, 1, 3, 3], &[0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let bias = g.constant(&[1], &[0.5]);
        g.conv2d(x, &kernel, Some(&bias), Conv2d::square(3, 1))
    };
    // What is above and to the left, and a half.
    let sums = [0.5, 0.5, 1.5, 0.5, 4.5, 6.5, 3.5, 10.5, 12.5];
    check((&[1, 1, 3, 3], &picture), same, (&[1, 1, 3, 3], &sums));
    let strided = |g: &mut Graph, x: &Value| {
        let kernel = g.constant(&[1, 1, 1, 2], &[-1.0, 1.0]);
        let how = Conv2d { kernel: [1, 2], stride: [2, 1], dilation: [1, 2], ..Conv2d::default() };
        g.conv2d(x, &kernel, None, how)
    };
    check((&[1, 1, 3, 3], &picture), strided, (&[1, 1, 2, 1], &[2.0, 2.0]));
    let grouped = |g: &mut Graph, x: &Value| {
        let kernels = g.constant(&[3, 1, 1, 1], &[1.0, 10.0, 100.0]);
        g.conv2d(x, &kernels, None, Conv2d { groups: 3, ..Conv2d::default() })
    };
    check((&[1, 3, 1, 1], &[1.0, 2.0, 3.0]), grouped, (&[1, 3, 1, 1], &[1.0, 20.0, 300.0]));
}

#[test]
fn matrices_are_multiplied() {
    let weights = [1.0, 2.0, 3.0, -1.0, 0.0, 1.0];
    let expected = [-0.5, 4.0, 9.5];
    let build = |layer: fn(&mut Graph, &Value, &Value, &Value) -> Value| {
        move |g: &mut Graph, x: &Value| {
            let weights = g.constant(&[2, 3], &weights);
            let bias = g.constant(&[3], &[0.5, 0.0, 0.5]);
            layer(g, x, &weights, &bias)
        }
    };
    check((&[1, 2], &[2.0, 3.0]), build(Graph::gemm), (&[1, 3], &expected));
    check((&[1, 1, 2], &[2.0, 3.0]), build(Graph::linear), (&[1, 1, 3], &expected));
}

/// What a function of one value makes of four.
#[track_caller]
fn check_each(function: fn(&mut Graph, &Value) -> Value, expected: [f32; 4]) {
    check((&[1, 4], &[-1.0, 0.0, 1.0, 2.0]), function, (&[1, 4], &expected));
}

#[test]
fn functions_are_applied_element_by_element() {
    check_each(Graph::relu, [0.0, 0.0, 1.0, 2.0]);
    check_each(Graph::tanh, [-0.761_594, 0.0, 0.761_594, 0.964_028]);
    check_each(Graph::sigmoid, [0.268_941, 0.5, 0.731_059, 0.880_797]);
    check_each(Graph::exp, [0.367_879, 1.0, E, 7.389_056]);
    check_each(Graph::gelu, [-0.158_655, 0.0, 0.841_345, 1.9545]);
    check_each(Graph::gelu_tanh, [-0.158_808, 0.0, 0.841_192, 1.954_598]);
}

#[test]
fn numbers_are_combined_element_by_element() {
    // ((x + 3) * x - 1) / 2
    let build = |g: &mut Graph, x: &Value| {
        let [one, two, three] = [1.0, 2.0, 3.0].map(|n| g.constant(&[], &[n]));
        let sum = g.add(x, &three);
        let product = g.mul(&sum, x);
        let difference = g.sub(&product, &one);
        g.div(&difference, &two)
    };
    check((&[1, 2], &[1.0, -2.0]), build, (&[1, 2], &[1.5, -1.5]));
}

#[test]
fn axes_are_summed_up() {
    let x: (&[usize], &[f32]) = (&[1, 2, 2], &[1.0, 2.0, 3.0, 6.0]);
    check(x, |g, x| g.reduce_mean(x, &[2], false), (&[1, 2], &[1.5, 4.5]));
    check(x, |g, x| g.reduce_sum(x, &[1], true), (&[1, 1, 2], &[4.0, 8.0]));
    check(x, |g, x| g.reduce_max(x, &[1, 2], false), (&[1], &[6.0]));
    let softmax = [0.268_941, 0.731_059, 0.047_426, 0.952_574];
    check(x, |g, x| g.softmax(x, -1), (&[1, 2, 2], &softmax));
    let normed = |g: &mut Graph, x: &Value| {
        let scale = g.constant(&[2], &[1.0, 2.0]);
        let bias = g.constant(&[2], &[0.0, 10.0]);
        g.layer_norm(x, &scale, &bias, 1e-5)
    };
    check(x, normed, (&[1, 2, 2], &[-0.999_98, 11.999_96, -0.999_998, 11.999_996]));
}

#[test]
fn elements_are_picked_and_put_in_order() {
    let x: (&[usize], &[f32]) = (&[1, 2, 3], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    let turned = [0.0, 3.0, 1.0, 4.0, 2.0, 5.0];
    check(x, |g, x| g.transpose(x, &[0, 2, 1]), (&[1, 3, 2], &turned));
    check(x, |g, x| g.slice(x, 2, 1, 3), (&[1, 2, 2], &[1.0, 2.0, 4.0, 5.0]));
    check(x, |g, x| g.flatten(x, 1), (&[1, 6], x.1));
    check(x, |g, x| g.reshape(x, &[1, 3, -1]), (&[1, 3, 2], x.1));
    let doubled = |g: &mut Graph, x: &Value| {
        let head = g.slice(x, 1, 0, 1);
        g.concat(&[&head, &head], 2)
    };
    check(x, doubled, (&[1, 1, 6], &[0.0, 1.0, 2.0, 0.0, 1.0, 2.0]));
    let row = |g: &mut Graph, x: &Value| {
        let index = g.constant_i64(&[1], &[1]);
        g.gather(x, &index, 1)
    };
    check(x, row, (&[1, 1, 3], &[3.0, 4.0, 5.0]));
}

#[test]
fn words_are_looked_up_by_numbers_that_came_as_floats() {
    let lookup = |g: &mut Graph, words: &Value| {
        let table = g.constant(&[3, 2], &[0.0, 1.0, 10.0, 11.0, 20.0, 21.0]);
        let words = g.to_i64(words);
        g.gather(&table, &words, 0)
    };
    check((&[1, 2], &[2.0, 0.0]), lookup, (&[1, 2, 2], &[20.0, 21.0, 0.0, 1.0]));
}

#[test]
#[should_panic(expected = "constant_0 of shape [2]")]
fn a_constant_has_as_many_elements_as_its_shape_says() {
    Graph::new("test").constant(&[2], &[1.0]);
}
