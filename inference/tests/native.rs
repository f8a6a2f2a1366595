//! A native ONNX Runtime, where `ORT_DYLIB_PATH` names one.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

mod common;

use ergon_inference::{Backend, Runtime};

#[test]
fn a_native_runtime_keeps_the_contract() {
    let Some(library) = std::env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty()) else {
        println!("skipped: ORT_DYLIB_PATH names no ONNX Runtime library");
        return;
    };
    let runtime = Runtime::start([library.into()]).unwrap();
    assert!(matches!(runtime.backend(), Backend::Native(_)), "{:?}", runtime.passed_over());
    common::keeps_the_contract(runtime);
}
