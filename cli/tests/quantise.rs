//! The agent's networks in eight bits, from the command line.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::path::Path;

use support::ergon;

#[test]
fn networks_in_eight_bits_are_smaller_and_still_move_a_block() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().display().to_string();
    let scenario = "scenarios/hanoi/move.toml";
    let made = ergon(&["quantise", "--out", &out, "--scenario", scenario, "--episodes", "1"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for name in ["detector", "gauge", "skills"] {
        let size = |folder: &Path| std::fs::metadata(folder.join("policy.onnx")).unwrap().len();
        let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
        assert!(size(&folder.path().join(name)) < size(&policies.join(name)), "{name}");
        let manifest = std::fs::read_to_string(folder.path().join(name).join("policy.toml"));
        assert!(manifest.unwrap().contains("then cargo run --release -- quantise"));
    }
    let run = ergon(&["run", scenario, "--policies", &out, "--plain"]);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
}
