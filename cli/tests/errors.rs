//! What the program says and returns when something is wrong: one clear error, the documented exit code,
//! no panic, no half-written file.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use support::{ergon, root};

/// Runs `ergon` and checks its exit code and that standard error says all of `words`.
fn check(arguments: &[&str], code: i32, words: &[&str]) {
    let output = ergon(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{arguments:?}: {word:?} is not in: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
    assert!(said.matches("error: ").count() <= 1, "more than one error: {said}");
}

fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

const DOMAIN: &str = "domains/hanoi/domain.pddl";

#[test]
fn wrong_scenarios_are_told_with_place_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let base = root().join("scenarios/hanoi/3.toml").canonicalize().unwrap();
    let scenario = |name: &str, text: &str| {
        file(
            &folder,
            name,
            &format!("extends = {:?}\nname = \"mine\"\n{text}", base.display().to_string()),
        )
    };
    let unknown = scenario("unknown.toml", "[placement]\njitter = 0.1\n");
    check(
        &["run", &unknown],
        31,
        &["unknown.toml:4:1", "placement.jitter", "did you mean `jitter_std`"],
    );
    let nan = scenario("nan.toml", "[placement]\njitter_std = nan\n");
    check(&["run", &nan], 31, &["nan.toml:4:1", "from 0 to 0.1 m", "NaN"]);
    let far = scenario("far.toml", "[robot]\nbase = [-1.3, 0.0, 0.912]\n");
    check(&["run", &far], 31, &["out of its reach", "hint: move it nearer"]);
    let unbound = scenario("unbound.toml", "[task.predicates]\non = \"touching\"\n");
    check(&["run", &unbound], 31, &["touching", "no geometric predicate"]);
    let skill = scenario("skill.toml", "[task.actions]\npick = [\"levitate ?d\"]\n");
    check(&["run", &skill], 31, &["levitate", "reach_pick"]);
    let goal = scenario("goal.toml", "[task]\ngoal = [\"(on c1 nowhere)\"]\n");
    check(&["run", &goal], 31, &["nowhere"]);
    let domain = scenario("domain.toml", "[task]\ndomain = \"none.pddl\"\n");
    check(&["run", &domain], 31, &["none.pddl", "cannot be read", "task.domain"]);
    check(&["run", "scenarios/none.toml"], 31, &["cannot be read", "hint:"]);
    check(&["run", &unknown, "--set", "nonsense"], 31, &["KEY=VALUE"]);
}

#[test]
fn an_unsolvable_task_is_not_achieved_and_says_why() {
    let goal = "task.goal=[\"(on c4 c1)\"]";
    let output = ergon(&["run", "scenarios/hanoi/4.toml", "--set", goal, "--plain"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("no plan leads to the goal"), "{said}");
}

#[test]
fn wrong_pddl_is_told_with_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let domain = std::fs::read_to_string(root().join(DOMAIN)).unwrap();
    let problem = "domains/hanoi/p03.pddl";
    let broken = file(&folder, "broken.pddl", &domain.replacen("(:action", "(:acton", 1));
    check(&["plan", &broken, problem], 31, &["broken.pddl:", "hint:"]);
    let open = file(&folder, "open.pddl", &domain[..domain.len() / 2]);
    check(&["plan", &open, problem], 31, &["open.pddl:"]);
    let adl = file(&folder, "adl.pddl", &domain.replacen(":strips", ":strips :preferences", 1));
    check(&["plan", &adl, problem], 34, &["adl.pddl:", ":preferences"]);
    check(&["plan", DOMAIN, "none.pddl"], 31, &["none.pddl", "cannot be read"]);
    check(&["plan", DOMAIN, problem, "--search", "magic"], 36, &["magic"]);
}

#[test]
fn damaged_traces_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("run").display().to_string();
    let short = "limits.time_secs=1.0";
    let output =
        ergon(&["run", "scenarios/hanoi/3.toml", "--set", short, "--record", &record, "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let trace = folder.path().join("run/hanoi-3-0000.mcap");
    check(&["replay", &trace.display().to_string()], 0, &[]);
    let bytes = std::fs::read(&trace).unwrap();
    let cut = folder.path().join("cut.mcap");
    std::fs::write(&cut, &bytes[..bytes.len() * 2 / 3]).unwrap();
    check(&["replay", &cut.display().to_string()], 31, &["cut.mcap", "cut off", "hint:"]);
    let junk = file(&folder, "junk.mcap", "this is no trace");
    check(&["replay", &junk], 31, &["junk.mcap"]);
    check(&["replay", "none.mcap"], 31, &["none.mcap", "cannot be read"]);
    let left: Vec<_> = std::fs::read_dir(folder.path().join("run"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|name| {
            !name.ends_with(".mcap") && !name.ends_with(".json") && !name.ends_with(".jsonl")
        })
        .collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}

#[test]
fn what_cannot_be_written_is_told_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = file(&folder, "blocked", "a file where a folder is wanted");
    let inside = format!("{blocked}/runs");
    check(
        &["run", "scenarios/hanoi/3.toml", "--record", &inside, "--plain"],
        74,
        &["cannot be written"],
    );
    let gif = format!("{blocked}/a.gif");
    check(&["run", "scenarios/hanoi/3.toml", "--gif", &gif, "--plain"], 74, &["cannot be written"]);
}

#[test]
fn the_help_of_every_command_shows_an_example() {
    for command in ["run", "plan", "validate", "ground", "lint", "replay", "bench", "doctor"] {
        let output = ergon(&[command, "--help"]);
        assert!(output.status.success());
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("Example"), "{command}: {said}");
    }
    assert_eq!(ergon(&["fly"]).status.code(), Some(2));
}
