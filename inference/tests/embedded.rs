//! The runtime that is part of the program, and files that must not end it.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod common;

use std::path::PathBuf;

use ergon_inference::{Backend, ModelError, ModelFile, Runtime};
use proptest::prelude::*;

use common::{file, graph, keeps_the_contract, manifest};

fn embedded() -> &'static Runtime {
    Runtime::start(["/nowhere/libonnxruntime.so".into()]).unwrap()
}

#[test]
fn the_embedded_runtime_keeps_the_contract() {
    let runtime = embedded();
    assert_eq!(*runtime.backend(), Backend::Embedded);
    assert!(runtime.description().starts_with("embedded"), "{}", runtime.description());
    assert!(runtime.passed_over()[0].contains("/nowhere/"), "{:?}", runtime.passed_over());
    keeps_the_contract(runtime);
}

#[test]
fn a_runtime_is_chosen_once() {
    let first = embedded();
    let second = Runtime::start(Vec::<PathBuf>::new()).unwrap();
    assert!(std::ptr::eq(first, second));
}

/// Opens and runs what the checks let through.
fn load(bytes: &[u8]) -> Result<(), ModelError> {
    let mut model = ModelFile::new(manifest(), bytes)?.open(embedded())?;
    model.run(&[&[2.0, 3.0], &[1.0, 2.0, 0.5]], &mut [Vec::new()])
}

#[test]
fn a_file_that_is_cut_off_is_refused() {
    let bytes = graph().to_bytes();
    for end in 0..bytes.len() {
        // What is cut off may be the list of operator sets at the end, without which some runtimes do.
        if let Err(e) = load(&bytes[..end]) {
            assert!(!e.to_string().is_empty() && e.hint().is_some());
        }
    }
}

proptest! {
    #[test]
    fn bytes_at_random_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(load(&bytes).is_err());
    }

    #[test]
    fn bytes_that_changed_end_nothing(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut bytes = graph().to_bytes();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Err(e) = load(&bytes) {
            prop_assert!(!e.to_string().is_empty());
        }
    }
}

/// What the graph is told to be, and what the error says.
#[track_caller]
fn check(change: impl FnOnce(&mut ergon_inference::onnx::GraphProto), says: &str) {
    let mut graph = graph();
    change(graph.graph.as_mut().unwrap());
    let error = ModelFile::new(manifest(), graph.to_bytes()).unwrap_err();
    assert_eq!(error.to_string(), says);
}

#[test]
fn a_graph_that_is_not_the_manifests_is_refused() {
    check(
        |g| g.input[0].name = "z".into(),
        "model small: input 0: expected `x` as the manifest says, found `z`",
    );
    check(
        |g| g.output.clear(),
        "model small: number of outputs: expected 1 (y) as the manifest says, found 0 ()",
    );
    check(
        |g| g.input.swap(0, 1),
        "model small: input 0: expected `x` as the manifest says, found `offset`",
    );
    check(
        |g| g.input[1].r#type = g.input[0].r#type.clone(),
        "model small: input `offset`: expected f32 [1, 3] as the manifest says, found f32 [1, 2]",
    );
    check(
        |g| g.node[0].op_type = "Mat\0Mul".into(),
        "model small: expected names without NUL, found \"Mat\\0Mul\"",
    );
    check(
        |g| g.initializer[0].dims = vec![3, 3],
        "model small: constant `w`: 24 bytes do not fit its shape [3, 3]",
    );
    check(
        |g| g.node.swap(0, 1),
        "model small: node `sum` takes `product`, which nothing before it makes",
    );
    check(|g| g.node[1].output[0] = "x".into(), "model small: the value `x` is made twice");
    check(|g| g.node.truncate(3), "model small: nothing makes the output `y`");
}

#[test]
fn a_graph_that_the_runtime_does_not_know_is_refused() {
    let mut graph = graph();
    graph.graph.as_mut().unwrap().node[0].op_type = "Guess".into();
    let error = ModelFile::new(manifest(), graph.to_bytes()).unwrap().open(embedded()).unwrap_err();
    assert!(error.to_string().contains("Guess"), "{error}");
}

#[test]
fn a_file_is_shared_by_its_clones() {
    let file = file();
    assert_eq!(file.clone().manifest(), file.manifest());
}
