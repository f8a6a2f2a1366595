//! Comparisons that are interrupted, resumed, split and merged.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::fs;
use std::path::Path;

use support::{ergon, root};

fn succeed(arguments: &[&str]) {
    let output = ergon(arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
}

/// An experiment with the expert alone, which needs no networks, in a folder of its own; a point of the
/// training curve whose policy is not there is left out.
fn experiment(folder: &Path) -> String {
    let root = root().canonicalize().unwrap();
    let scenario = root.join("scenarios/hanoi/move.toml");
    let text = format!(
        "version = 1\nname = \"small\"\ntitle = \"Small\"\nseed = 5\npolicies = {:?}\n\
         [[task]]\nname = \"move\"\nscenario = {scenario:?}\n\
         [[method]]\nname = \"expert\"\nmethod = \"scripted\"\nepisodes = 5\n\
         [[method]]\nname = \"hasty expert\"\nmethod = \"scripted\"\nepisodes = 3\ntime_secs = 1.0\n\
         [[method]]\nname = \"early\"\nmethod = \"vla\"\npolicy = \"not-there\"\nepisodes = 3\n\
         curve = true\n",
        root.join("policies")
    );
    let path = folder.join("small.toml");
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn what_was_cut_off_goes_on_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let file = experiment(folder.path());
    let (whole, cut) = (folder.path().join("whole"), folder.path().join("cut"));
    let out = |run: &Path| run.display().to_string();
    succeed(&["compare", &file, "--out", &out(&whole)]);
    let episodes = read(&whole, "episodes.jsonl");
    assert_eq!(episodes.lines().count(), 8);
    assert_eq!(episodes.matches("\"success\":true").count(), 5);

    // As a kill in the middle of a line leaves it.
    let journal = read(&whole, "journal.jsonl");
    let third = journal.match_indices('\n').nth(2).unwrap().0;
    fs::create_dir(&cut).unwrap();
    fs::write(cut.join("experiment.toml"), read(&whole, "experiment.toml")).unwrap();
    fs::write(cut.join("journal.jsonl"), &journal[..third + 40]).unwrap();
    succeed(&["compare", &file, "--out", &out(&cut)]);
    assert_eq!(read(&cut, "episodes.jsonl"), episodes);
    assert_eq!(read(&cut, "journal.jsonl").lines().count(), 8);

    let (half, other, merged) =
        (folder.path().join("half"), folder.path().join("other"), folder.path().join("merged"));
    succeed(&["compare", &file, "--shard", "0/2", "--out", &out(&half)]);
    succeed(&["compare", &file, "--shard", "1/2", "--jobs", "1", "--out", &out(&other)]);
    succeed(&["merge", &out(&other), &out(&half), "--out", &out(&merged)]);
    assert_eq!(read(&merged, "episodes.jsonl"), episodes);
}

#[test]
fn what_is_wrong_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = experiment(folder.path());
    let run = folder.path().join("run");
    fs::create_dir(&run).unwrap();
    fs::write(run.join("experiment.toml"), "another").unwrap();
    for (arguments, code, told) in [
        (vec!["compare", file.as_str(), "--out", run.to_str().unwrap()], 31, "another experiment"),
        (vec!["compare", file.as_str(), "--shard", "4/4"], 2, "I from 0 to N - 1"),
        (vec!["compare", "nowhere.toml"], 31, "cannot be read"),
        (vec!["report", folder.path().to_str().unwrap()], 31, "cannot be read"),
    ] {
        let output = ergon(&arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.contains(told), "{arguments:?}: {error}");
    }
}

#[test]
fn one_method_alone_is_run_and_the_rest_goes_on_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = experiment(folder.path());
    let run = folder.path().join("run");
    let out = run.display().to_string();
    let unknown = ergon(&["compare", &file, "--out", &out, "--only", "nobody"]);
    assert_eq!(unknown.status.code(), Some(31));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("it has: expert, hasty expert"));
    assert!(!run.exists());
    succeed(&["compare", &file, "--out", &out, "--only", "hasty expert"]);
    assert_eq!(read(&run, "episodes.jsonl").lines().count(), 3);
    succeed(&["compare", &file, "--out", &out]);
    assert_eq!(read(&run, "episodes.jsonl").lines().count(), 8);
    let begun = read(&run, "episodes.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("episodes = 5", "episodes = 6")).unwrap();
    succeed(&["compare", &file, "--out", &out]);
    let grown = read(&run, "episodes.jsonl");
    assert_eq!(grown.lines().count(), 9);
    assert!(begun.lines().all(|line| grown.contains(line)));
    assert!(read(&run, "circumstances.json").contains("\"hasty expert\": ["));
}
