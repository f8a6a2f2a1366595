//! From nothing to an agent that acts, with as little training as shows that every part works.
#![cfg(feature = "train")]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use support::ergon;

#[test]
fn a_tiny_training_makes_policies_that_the_agent_runs() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().display().to_string();
    let trained = ergon(&["train", "all", "--tiny", "--out", &out]);
    let told = String::from_utf8_lossy(&trained.stdout);
    assert!(trained.status.success(), "{told}{}", String::from_utf8_lossy(&trained.stderr));
    assert!(told.contains("of 1 trial moves made without help"), "{told}");
    for name in ["detector", "gauge", "skills"] {
        let manifest = folder.path().join(name).join("policy.toml");
        let manifest: toml::Table = std::fs::read_to_string(manifest).unwrap().parse().unwrap();
        let record = manifest["training"].as_table().unwrap();
        assert!(record["command"].as_str().unwrap().contains("train"), "{name}: {record:?}");
        assert!(record["cpu_secs"].as_float().unwrap() > 0.0, "{name}: {record:?}");
        assert!(folder.path().join(name).join("loss.svg").exists(), "{name}");
    }
    // So little training is of no use: the agent runs and fails.
    let limit = ["--set", "limits.time_secs=2", "--plain"];
    let run =
        ergon(&[&["run", "scenarios/hanoi/move.toml", "--policies", &out], &limit[..]].concat());
    assert!(matches!(run.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&run.stderr));
}
