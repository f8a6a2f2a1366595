//! The runtime that is part of the program, and files that must not end it.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod common;

use std::path::PathBuf;

use ergon_inference::onnx::GraphProto;
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

/// The file with these bytes as its graph.
fn load(bytes: &[u8]) -> Result<ModelFile, ModelError> {
    ModelFile::new(file().manifest().clone(), bytes)
}

#[test]
fn a_file_that_is_cut_off_is_refused() {
    let bytes = graph().to_bytes();
    assert!(load(&bytes).is_ok());
    assert!((0..bytes.len()).all(|end| load(&bytes[..end]).is_err()));
}

proptest! {
    #[test]
    fn bytes_at_random_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(load(&bytes).is_err());
        prop_assert!(ModelFile::seal(manifest(), bytes).is_err());
    }

    #[test]
    fn a_file_that_was_damaged_is_refused(at in any::<prop::sample::Index>(), change in 1..=255_u8) {
        let mut bytes = graph().to_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= change;
        prop_assert!(load(&bytes).is_err());
    }
}

/// What is changed in the graph, and what the error says.
#[track_caller]
fn check(change: impl FnOnce(&mut GraphProto), says: &str) {
    let mut graph = graph();
    change(graph.graph.as_mut().unwrap());
    let error = load(&graph.to_bytes()).unwrap_err();
    assert_eq!(error.to_string(), says);
    assert!(error.hint().is_some());
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
        |g| g.initializer[0].raw_data[0] = 1,
        "model small: digest of the graph: expected 625fff9cbf76b8ad as the manifest says, found edad3e07e58fd348",
    );
}

#[test]
fn a_graph_that_the_runtime_does_not_know_is_refused() {
    let mut graph = graph();
    graph.graph.as_mut().unwrap().node[0].op_type = "Guess".into();
    let error =
        ModelFile::seal(manifest(), graph.to_bytes()).unwrap().open(embedded()).unwrap_err();
    assert!(error.to_string().contains("Guess"), "{error}");
}

#[test]
fn a_file_is_shared_by_its_clones() {
    let file = file();
    assert_eq!(file.clone().manifest(), file.manifest());
}
