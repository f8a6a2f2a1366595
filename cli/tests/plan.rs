//! `ergon plan` as other programs see it: exit codes, formats, signals.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use support::{ergon, root};

const DOMAIN: &str = "domains/hanoi/domain.pddl";
const P03: &str = "domains/hanoi/p03.pddl";
const P10: &str = "domains/hanoi/p10.pddl";

fn plan(problem: &str, more: &[&str]) -> Output {
    ergon(&[&["plan", DOMAIN, problem], more].concat())
}

/// Runs `ergon plan` and checks its exit code.
fn check(problem: &str, more: &[&str], code: i32) -> Output {
    let output = plan(problem, more);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{problem} {more:?}: {said}");
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The smallest problem with another goal, in a file.
fn with_goal(folder: &tempfile::TempDir, name: &str, goal: &str) -> String {
    let p03 = std::fs::read_to_string(root().join(P03)).unwrap();
    let (head, _) = p03.split_once("(:goal").unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, format!("{head}(:goal {goal}))")).unwrap();
    path.display().to_string()
}

/// Three wishes and two coins, one a wish: only a search finds that there is no plan.
fn three_wishes(folder: &tempfile::TempDir) -> [String; 2] {
    let texts = [
        "(define (domain fountain) (:predicates (coin ?c) (wish ?w) (granted ?w))
           (:action throw :parameters (?c ?w) :precondition (and (coin ?c) (wish ?w))
             :effect (and (not (coin ?c)) (granted ?w))))",
        "(define (problem three) (:domain fountain) (:objects a b x y z)
           (:init (coin a) (coin b) (wish x) (wish y) (wish z))
           (:goal (and (granted x) (granted y) (granted z))))",
    ];
    let names = ["domain.pddl", "three.pddl"].map(|name| folder.path().join(name));
    names.iter().zip(texts).for_each(|(path, text)| std::fs::write(path, text).unwrap());
    names.map(|path| path.display().to_string())
}

#[test]
fn planning_ends_with_the_codes_that_wrappers_know() {
    let folder = tempfile::tempdir().unwrap();
    check(P03, &[], 0);
    let larger_on_smaller = with_goal(&folder, "static.pddl", "(on c3 c1)");
    check(&larger_on_smaller, &[], 10);
    let [domain, problem] = three_wishes(&folder);
    assert_eq!(ergon(&["plan", &domain, &problem]).status.code(), Some(11));
    check(P10, &["--expansions", "3"], 12);
    let late = plan(P10, &["--time", "0"]);
    assert!(matches!(late.status.code(), Some(21 | 23)), "{late:?}");
    check(P10, &["--search", "astar-blind", "--memory", "1"], 22);
    check(P10, &["--search", "astar-lmcut", "--time", "0.2", "--clock", "cpu"], 23);
    check("none.pddl", &[], 31);
    check(P03, &["--search", "magic"], 36);
    check(P03, &["--time", "-1"], 36);
    check(P03, &["--plan-file", "/proc/none/plan"], 74);
    let nothing = with_goal(&folder, "nothing.pddl", "(and)");
    let output = check(&nothing, &[], 0);
    assert_eq!(text(&output.stdout), "; cost = 0 (unit cost)\n");
}

#[test]
fn the_help_tells_every_code_and_every_search() {
    let help = text(&ergon(&["plan", "--help"]).stdout);
    for code in [0, 1, 2, 10, 11, 12, 20, 21, 22, 23, 31, 34, 36, 74] {
        assert!(help.contains(&format!("{code:>2}  ")), "{code} is not in {help}");
    }
    for search in ["auto", "astar-blind", "astar-hmax", "astar-lmcut"] {
        assert!(help.contains(search), "{search} is not in {help}");
    }
}

#[test]
fn plans_are_written_and_judged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/plan.txt").display().to_string();
    let output = check(P03, &["--plan-file", &path], 0);
    assert_eq!(text(&output.stdout), "");
    assert!(text(&output.stderr).contains("14 steps"));
    assert_eq!(ergon(&["validate", DOMAIN, P03, &path]).status.code(), Some(0));
    let plan = std::fs::read_to_string(&path).unwrap();
    let (_, shorter) = plan.split_once('\n').unwrap();
    std::fs::write(&path, shorter).unwrap();
    assert_eq!(ergon(&["validate", DOMAIN, P03, &path]).status.code(), Some(1));
}

/// The steps as callers of Metric-FF cut them out: what stands between two lines, without empty lines,
/// each line's part after `: `.
fn cut_as_callers_of_ff_do(text: &str) -> Vec<String> {
    let (_, rest) = text.split_once("ff: found legal plan as follows\n").unwrap();
    let (steps, _) = rest.split_once("\ntime spent:").unwrap();
    let lines = steps.lines().filter(|l| !l.is_empty());
    lines.map(|l| l.split(": ").nth(1).unwrap().to_owned()).collect()
}

#[test]
fn callers_of_metric_ff_find_the_plan() {
    let output = check(P03, &["--format", "ff"], 0);
    let said = text(&output.stdout);
    let steps = cut_as_callers_of_ff_do(&said);
    assert_eq!((steps.len(), &*steps[0]), (14, "PICK C1 C2"));
    // ROSPlan skips to an empty line, then reads to the next.
    let mut lines = said.lines().skip_while(|l| *l != "ff: found legal plan as follows").skip(1);
    assert_eq!(lines.next(), Some(""));
    assert_eq!(lines.take_while(|l| l.len() >= 2).count(), 14);
    assert!(said.contains("\nstep    0: PICK C1 C2\n        1: PLACE C1 RIGHT\n"), "{said}");
}

#[test]
fn callers_of_metric_ff_see_that_there_is_no_plan() {
    let folder = tempfile::tempdir().unwrap();
    let [domain, problem] = three_wishes(&folder);
    let said = text(&ergon(&["plan", &domain, &problem, "--format", "ff"]).stdout);
    assert!(said.contains("unsolvable") && !said.contains("found legal plan"), "{said}");
    let never = with_goal(&folder, "never.pddl", "(on c3 c1)");
    let said = text(&check(&never, &["--format", "ff"], 10).stdout);
    assert!(said.contains("ff: goal can be simplified to FALSE"), "{said}");
}

#[test]
fn json_tells_plan_and_end() {
    let read =
        |output: &Output| -> serde_json::Value { serde_json::from_slice(&output.stdout).unwrap() };
    let solved = read(&check(P03, &["--format", "json"], 0));
    assert_eq!((&solved["status"], &solved["plan"]["cost"]), (&"solved".into(), &14.into()));
    assert_eq!(solved["plan"]["steps"][0], "(pick c1 c2)");
    let late = read(&plan(P10, &["--time", "0", "--json"]));
    assert_eq!((&late["status"], &late["plan"]), (&"out-of".into(), &serde_json::Value::Null));
}

/// Waits until a process listens for SIGTERM.
#[cfg(target_os = "linux")]
fn wait_for_listening(pid: u32) {
    let listens = || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let caught = status.lines().find_map(|l| l.strip_prefix("SigCgt:")).unwrap();
        u64::from_str_radix(caught.trim(), 16).unwrap() & (1 << 14) != 0
    };
    while !listens() {
        std::thread::yield_now();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_ends_the_search_with_the_code_for_time() {
    for signal in ["-TERM", "-INT"] {
        let ergon = Command::new(env!("CARGO_BIN_EXE_ergon"))
            .args(["plan", DOMAIN, P10, "--search", "astar-lmcut"])
            .current_dir(root())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        wait_for_listening(ergon.id());
        let pid = ergon.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        let output = ergon.wait_with_output().unwrap();
        let said = text(&output.stderr);
        assert!(matches!(output.status.code(), Some(21 | 23)), "{said}");
        assert!(!said.contains("00000000.0 ms"), "{said}");
    }
}

#[test]
fn the_ground_task_is_shown_the_same_each_time() {
    let dump = text(&ergon(&["ground", DOMAIN, P03, "--dump"]).stdout);
    let pick = "operator    (pick c1 c2) cost 1\n  holds     (on c1 c2) (free-gripper)\n";
    assert!(dump.contains("goal\n  holds     (on c1 c2) (on c2 c3) (on c3 right)\n"), "{dump}");
    assert!(dump.contains(pick), "{dump}");
    assert_eq!(dump, text(&ergon(&["ground", DOMAIN, P03, "--dump"]).stdout));
    let sizes = ergon(&["ground", DOMAIN, P03, "--json"]).stdout;
    let sizes: serde_json::Value = serde_json::from_slice(&sizes).unwrap();
    assert_eq!((&sizes["atoms"], &sizes["operators"]), (&21.into(), &24.into()));
}

#[test]
fn lint_finds_what_is_out_of_reach() {
    let folder = tempfile::tempdir().unwrap();
    let [domain, problem] = three_wishes(&folder);
    let clean = ergon(&["lint", &domain, &problem]);
    assert_eq!(clean.status.code(), Some(0), "{}", text(&clean.stdout));
    let never = with_goal(&folder, "never.pddl", "(on c3 c1)");
    let output = ergon(&["lint", DOMAIN, &never]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("unreachable-goal"), "{said}");
}

#[test]
fn plans_of_an_anytime_search_are_numbered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan").display().to_string();
    check(P03, &["--search", "anytime", "--plan-file", &path], 0);
    let last = (1..).map(|n| format!("{path}.{n}")).take_while(|p| Path::new(p).exists()).last();
    assert_eq!(ergon(&["validate", DOMAIN, P03, &last.unwrap()]).status.code(), Some(0));
    assert!(!Path::new(&path).exists());
    let streamed = text(&check(P03, &["--search", "anytime"], 0).stdout);
    assert!(streamed.starts_with("; plan 1\n(") && streamed.ends_with("; cost = 14 (unit cost)\n"));
}
