//! What tests share.

use std::path::Path;

use ergon_scenarios::Scenario;

/// The cell of the Tower of Hanoi with five cubes.
pub(crate) fn scenario() -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/hanoi/5.toml");
    Scenario::load(&path, &[], &|p| std::fs::read_to_string(p)).unwrap()
}
