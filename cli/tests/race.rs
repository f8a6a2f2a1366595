//! `ergon bench planner`: rows, reports, going on, limits, and no process left behind.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use support::ergon;

fn race(out: &Path, more: &[&str]) -> Output {
    let out = out.display().to_string();
    ergon(&[&["bench", "planner", "--out", &out], more].concat())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn rows(out: &Path) -> Vec<Vec<String>> {
    let table = std::fs::read_to_string(out.join("runs.tsv")).unwrap();
    table.lines().skip(2).map(|l| l.split('\t').map(str::to_owned).collect()).collect()
}

#[test]
fn a_race_without_peers_is_run_reported_and_not_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere").display().to_string();
    let more = ["--level", "easy", "--configurations", "auto,astar-blind", "--peers", &nowhere];
    let output = race(folder.path(), &more);
    let said = text(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("note: fast-downward:lama-first is left out"), "{said}");
    assert!(text(&output.stdout).contains("| ergon `astar-blind` | 6 of 6 | 6 of 6 |"), "{said}");
    let found = rows(folder.path());
    assert_eq!(found.len(), 12);
    assert!(found.iter().all(|r| r[5] == "solved" && r[15] == "true"), "{found:?}");
    let costs: Vec<&str> = found.iter().map(|r| &*r[12]).collect();
    let expected = ["14", "14", "30", "30", "62", "62", "6", "6", "11", "11", "10", "10"];
    assert_eq!(costs, expected, "turns are taken instance by instance");
    for name in ["report.md", "cactus.svg"] {
        assert!(folder.path().join(name).exists(), "{name} is missing");
    }
    assert!(race(folder.path(), &more).status.success());
    assert_eq!(rows(folder.path()), found, "a run was made again");
}

#[test]
fn runs_end_at_their_limits() {
    let folder = tempfile::tempdir().unwrap();
    let more = [
        "--level",
        "hard",
        "--configurations",
        "astar-lmcut",
        "--against",
        "none",
        "--time",
        "0.3",
    ];
    let output = race(folder.path(), &more);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for row in rows(folder.path()) {
        assert_eq!(row[5], "time", "{row:?}");
        assert!(row[6].parse::<f64>().unwrap() >= 0.25, "{row:?}");
    }
    let mixed = race(folder.path(), &["--level", "hard", "--against", "none", "--time", "9"]);
    assert_eq!(mixed.status.code(), Some(31), "{}", text(&mixed.stderr));
}

#[test]
fn wrong_suites_and_planners_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let check = |more: &[&str], words: &str| {
        let output = race(folder.path(), more);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(31), "{said}");
        assert!(said.contains(words) && said.contains("hint: "), "{said}");
    };
    check(&["--suite", "none.tsv"], "none.tsv");
    check(&["--domain", "chess"], "no instance is left");
    check(&["--against", "deep-thought:42"], "deep-thought:42");
    check(&["--configurations", "magic"], "magic");
}

/// A supervisor of a shell script, and the file where the script may write.
fn supervisor(folder: &Path, script: &str) -> Command {
    let order = serde_json::json!({
        "command": ["sh", "-c", script],
        "folder": folder,
        "stdout": folder.join("stdout"),
        "stderr": folder.join("stderr"),
        "cpu_secs": 60.0,
        "memory_bytes": 1 << 30,
    });
    let mut command = Command::new(env!("CARGO_BIN_EXE_ergon"));
    command.args(["bench", "supervise", &order.to_string()]).stdout(Stdio::piped());
    command
}

#[test]
fn a_run_is_measured_with_its_children_and_has_its_memory_limited() {
    let folder = tempfile::tempdir().unwrap();
    let burn = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done";
    let script = format!("ulimit -v; ({burn}); exit 7");
    let output = supervisor(folder.path(), &script).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let measured: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(measured["code"], 7);
    assert!(measured["cpu_secs"].as_f64().unwrap() > 0.02, "{measured}");
    assert_eq!(std::fs::read_to_string(folder.path().join("stdout")).unwrap(), "1048576\n");
}

fn lives(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

#[test]
fn nothing_of_a_run_outlives_its_supervisor() {
    let folder = tempfile::tempdir().unwrap();
    let script = "sleep 600 & echo $! > child; echo $$ > shell; wait";
    let run = supervisor(folder.path(), script).spawn().unwrap();
    let read = |name| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    while !read("shell").ends_with('\n') {
        std::thread::yield_now();
    }
    let kill = |pid: &str| Command::new("kill").args(["-TERM", pid]).status().unwrap().success();
    assert!(lives(read("child").trim()) && lives(read("shell").trim()));
    assert!(kill(&run.id().to_string()));
    run.wait_with_output().unwrap();
    assert!(!lives(read("child").trim()) && !lives(read("shell").trim()));
}
