//! The house: which crate may use which, and who may name what.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every room with the rooms it may use, as in ARCHITECTURE.md.
const ARROWS: [(&str, &[&str]); 13] = [
    ("vocab", &[]),
    ("scenarios", &["vocab"]),
    ("planner", &["vocab"]),
    ("inference", &["vocab"]),
    ("perception", &["vocab", "inference"]),
    ("controller", &["vocab", "inference"]),
    ("sim", &["vocab", "scenarios"]),
    ("energy", &["vocab"]),
    (
        "bench",
        &[
            "vocab",
            "scenarios",
            "planner",
            "inference",
            "perception",
            "controller",
            "sim",
            "energy",
        ],
    ),
    (
        "learn",
        &[
            "vocab",
            "scenarios",
            "planner",
            "inference",
            "perception",
            "controller",
            "sim",
            "energy",
            "bench",
        ],
    ),
    ("bridge", &["vocab"]),
    ("viewer", &["vocab", "scenarios", "inference", "sim", "energy", "bench"]),
    (
        "cli",
        &[
            "vocab",
            "scenarios",
            "planner",
            "inference",
            "perception",
            "controller",
            "sim",
            "energy",
            "learn",
            "bench",
            "bridge",
        ],
    ),
];

/// Dependencies that only one or two rooms may name.
const RESERVED: [(&str, &[&str]); 8] = [
    ("rapier", &["sim"]),
    ("parry", &["sim"]),
    ("bevy", &["viewer"]),
    ("ort", &["inference"]),
    ("ros2-client", &["bridge"]),
    ("rustdds", &["bridge"]),
    ("burn", &["learn"]),
    ("mcap", &["bench"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Names of the dependencies of a room, with those for tests only if asked for.
fn dependencies(room: &str, with_tests: bool) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(room).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    let mut kinds = vec!["dependencies", "build-dependencies"];
    if with_tests {
        kinds.push("dev-dependencies");
    }
    kinds
        .iter()
        .filter_map(|kind| manifest.get(*kind)?.as_table())
        .flat_map(|table| table.keys().cloned())
        .collect()
}

fn members() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    let members = manifest["workspace"]["members"].as_array().unwrap();
    members.iter().map(|m| m.as_str().unwrap().to_owned()).collect()
}

#[test]
fn only_the_arrows_of_the_house_are_drawn() {
    let arrows: BTreeMap<_, _> = ARROWS.into_iter().collect();
    for room in members() {
        let allowed = arrows.get(room.as_str()).unwrap_or_else(|| panic!("{room} is no room"));
        for used in dependencies(&room, false) {
            if let Some(other) = used.strip_prefix("ergon-") {
                assert!(allowed.contains(&other), "{room} must not use {other}");
            }
        }
    }
}

#[test]
fn only_their_rooms_name_the_reserved_crates() {
    for room in members() {
        for used in dependencies(&room, true) {
            for (name, rooms) in RESERVED {
                let named = used == name || used.starts_with(&format!("{name}-")) || {
                    used.starts_with(name) && used[name.len()..].starts_with(char::is_numeric)
                };
                assert!(!named || rooms.contains(&room.as_str()), "{room} must not name {used}");
            }
        }
    }
}

#[test]
fn every_room_keeps_the_lints_of_the_house() {
    for room in members() {
        let text = std::fs::read_to_string(root().join(&room).join("Cargo.toml")).unwrap();
        assert!(text.contains("[lints]\nworkspace = true"), "{room} has lints of its own");
        assert!(!text.contains("description = \"\""), "{room} says not what it is");
    }
}

#[test]
fn the_agent_cannot_name_ground_truth() {
    for room in ["vocab", "inference", "perception", "controller"] {
        let used = dependencies(room, true);
        assert!(!used.iter().any(|u| u == "ergon-sim"), "{room} could reach ground truth");
    }
}
