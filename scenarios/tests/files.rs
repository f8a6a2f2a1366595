//! Every scenario file of the repository loads, and every mistake is told with its place.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::path::{Path, PathBuf};

use ergon_scenarios::{Goal, Override, Scenario, ScenarioError};
use expect_test::{Expect, expect};
use proptest::prelude::*;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("hanoi")
}

fn read(path: &Path) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}

fn load(name: &str, overrides: &[&str]) -> Result<Scenario, ScenarioError> {
    let overrides: Vec<_> = overrides.iter().map(|o| Override((*o).into())).collect();
    Scenario::load(&folder().join(name), &overrides, &read)
}

fn show(error: &ScenarioError) -> String {
    let text = format!("error: {error}\nhint: {}", error.hint);
    text.replace(&folder().display().to_string(), "hanoi")
}

/// The base file with one line replaced.
fn check_mistake(from: &str, to: &str, expected: Expect) {
    let text = std::fs::read_to_string(folder().join("base.toml")).unwrap();
    assert!(text.contains(from), "{from:?} is not in base.toml");
    let error = Scenario::parse(&text.replacen(from, to, 1), "base.toml").unwrap_err();
    expected.assert_eq(&show(&error));
}

#[test]
fn all_files_load_and_their_resolved_text_loads_to_the_same_scenario() {
    let mut count = 0;
    let folders = ["assembly", "hanoi", "nuts", "pattern", "sorting", "stacking", "stove"]
        .map(|name| folder().with_file_name(name));
    for entry in folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap()) {
        let path = entry.unwrap().path();
        let scenario = Scenario::load(&path, &[], &read).unwrap_or_else(|e| panic!("{}", show(&e)));
        let again = Scenario::parse(&scenario.source, "resolved").unwrap();
        assert_eq!(again, scenario, "{}", path.display());
        count += 1;
    }
    assert!(count >= 26, "found {count} scenario files");
}

#[test]
fn places_are_in_the_base_frame() {
    let scenario = load("4.toml", &[]).unwrap();
    let left = &scenario.areas[0];
    assert!((left.centre.x - 0.56).abs() < 1e-12);
    assert!((left.centre.z - (0.8 - 0.912)).abs() < 1e-12);
    assert!((scenario.objects[3].mass - 0.166_375).abs() < 1e-9);
    assert_eq!(scenario.task.goal, Goal::Tower("right".into()));
}

#[test]
fn three_of_four_are_drawn_and_stand_on_each_other() {
    let scenario = load("3.toml", &[]).unwrap();
    let mut sets = std::collections::BTreeSet::new();
    for seed in 0..50 {
        let instance = scenario.instance(seed);
        assert_eq!(instance.bodies.len(), 3);
        sets.insert(instance.bodies.iter().map(|b| b.object).collect::<Vec<_>>());
        let heights: Vec<f64> = instance.bodies.iter().map(|b| b.pose.translation.z).collect();
        assert!(heights.windows(2).all(|w| w[0] > w[1]), "the smallest is on top: {heights:?}");
        let x: Vec<f64> = instance.bodies.iter().map(|b| b.pose.translation.x).collect();
        assert!(x.iter().all(|&v| v == x[0]), "one stack shares its jitter");
        assert_eq!(instance, scenario.instance(seed));
    }
    assert_eq!(sets.len(), 4, "all four selections occur");
}

#[test]
fn random_placement_reaches_all_areas_and_never_starts_solved() {
    let scenario = load("3-random.toml", &[]).unwrap();
    let right = scenario.areas[2].centre.y;
    let mut areas = [false; 3];
    for seed in 0..200 {
        let instance = scenario.instance(seed);
        let at =
            |y: f64| scenario.areas.iter().position(|a| (a.centre.y - y).abs() < 0.08).unwrap();
        instance.bodies.iter().for_each(|b| areas[at(b.pose.translation.y)] = true);
        let all_right = instance.bodies.iter().all(|b| (b.pose.translation.y - right).abs() < 0.08);
        assert!(!all_right, "seed {seed} starts solved");
    }
    assert_eq!(areas, [true; 3]);
}

#[test]
fn scattered_bodies_lie_apart_on_the_table() {
    let scenario = load("../stacking/5.toml", &[]).unwrap();
    let [xs, ys] = scenario.placement.scatter.unwrap();
    let mut tight = 0;
    for seed in 0..100 {
        let bodies = scenario.instance(seed).bodies;
        assert_eq!(bodies.len(), 5);
        for (i, body) in bodies.iter().enumerate() {
            let at = body.pose.translation.vector;
            assert!((xs[0]..=xs[1]).contains(&at.x) && (ys[0]..=ys[1]).contains(&at.y));
            let away = |other: nalgebra::Vector3<f64>| (at - other).xy().norm();
            let near = bodies[..i].iter().any(|b| away(b.pose.translation.vector) < 0.1)
                || scenario.areas.iter().any(|a| away(a.centre) < 0.11);
            tight += usize::from(near);
        }
    }
    assert_eq!(tight, 0, "there is room for all");
}

#[test]
fn bins_are_kept_free_and_say_what_they_take() {
    let scenario = load("../sorting/colour.toml", &[]).unwrap();
    assert_eq!(scenario.bins[0].takes.kinds, ["warm"]);
    assert_eq!(scenario.bins[0].bars().count(), 4);
    for seed in 0..100 {
        let instance = scenario.instance(seed);
        assert_eq!(instance.goal.len(), 5);
        assert_eq!(
            (instance.goal[0].predicate.as_str(), &*instance.goal[0].args),
            ("sorted", &["c1".to_owned()][..])
        );
        for body in instance.bodies {
            let at = body.pose.translation.vector;
            let near = |b: &ergon_scenarios::Bin| {
                let out = (at - b.centre).xy().abs() - b.size / 2.0;
                out.max() < 0.05
            };
            assert!(!scenario.bins.iter().any(near), "seed {seed}");
        }
    }
    let mistakes = [
        ("task.goal='any state'", "needs an [[area]]"),
        (
            "bin=[{name='b', type='bin', centre=[0.1, 0.0], size=[0.2, 0.2], kinds=['lukewarm']}]",
            "lukewarm",
        ),
        (
            "bin=[{name='b', type='bin', centre=[0.9, 0.0], size=[0.2, 0.2]}]",
            "does not lie on the table",
        ),
    ];
    for (wrong, word) in mistakes {
        let error = load("../sorting/colour.toml", &[wrong]).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn a_domain_brings_its_own_names() {
    let scenario = load("../stacking/3.toml", &[]).unwrap();
    let types: Vec<&str> = scenario.objects.iter().map(|o| o.type_name.as_str()).collect();
    assert_eq!(types, ["cube"; 5]);
    assert_eq!(scenario.areas[0].type_name, "platform");
    assert!(!scenario.task.actions.contains_key("retrieve"), "it is gone with its domain");
    let error = load("../stacking/3.toml", &["task.types.ring=nut"]).unwrap_err();
    assert!(error.to_string().contains("types.ring"), "{error}");
    let mistakes = [
        ("placement.random_placement=true", "expected either"),
        ("task.goal='any move'", "stacks"),
        ("placement.scatter_x=[-0.5, 0.1]", "beyond the table"),
    ];
    for (wrong, word) in mistakes {
        let error = load("../stacking/3.toml", &[wrong]).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn areas_for_a_body_to_stand_on_are_refused_where_none_is_scattered() {
    let object = "object=[{name='c', type='disk', size=[0.04, 0.04, 0.04], colour='red', \
                  density=1000, friction=1.0, on=['left']}]";
    let error = load("5.toml", &[object]).unwrap_err();
    assert!(error.to_string().contains("scatter_x"), "{error}");
}

#[test]
fn a_disturbance_moves_no_block() {
    let plain = load("3.toml", &[]).unwrap();
    let knocked = load("3-knock.toml", &[]).unwrap();
    assert_eq!(plain.instance(7).bodies, knocked.instance(7).bodies);
    assert_eq!(knocked.instance(7).disturbances.len(), 1);
}

#[test]
fn overrides_win() {
    let scenario = load("3.toml", &["placement.jitter_std=0.02", "placement.at=middle"]).unwrap();
    assert_eq!(scenario.placement.jitter_std, 0.02);
    assert_eq!(scenario.placement.at, 1);
    let error = load("3.toml", &["placement.jitter=0.02"]).unwrap_err();
    expect![[r#"
        error: --set placement.jitter=0.02:1:11: placement.jitter: unknown key
        hint: did you mean `jitter_std`?"#]]
    .assert_eq(&show(&error));
}

#[test]
fn a_missing_file_is_named() {
    let error = load("six.toml", &[]).unwrap_err();
    expect![[r#"
        error: hanoi/six.toml: cannot be read: No such file or directory (os error 2)
        hint: check the path; `ergon run scenarios/hanoi/3.toml` is one that works"#]]
    .assert_eq(&show(&error));
}

#[test]
fn an_unknown_key_is_told_with_its_neighbour() {
    check_mistake(
        "joint_noise_std",
        "joint_noise_sdt",
        expect![[r#"
            error: base.toml:34:1: robot.joint_noise_sdt: unknown key
            hint: did you mean `joint_noise_std`?"#]],
    );
}

#[test]
fn a_missing_key_is_told() {
    check_mistake(
        "friction = 1.0\n\n[[area]]",
        "\n[[area]]",
        expect![[r#"
            error: base.toml:36:2: table.friction: missing; expected a number from 0 to 5
            hint: add `friction = ...`; docs/scenarios.md describes every key"#]],
    );
}

#[test]
fn not_a_number_is_refused() {
    check_mistake(
        "density = 1000",
        "density = nan",
        expect![[r#"
            error: base.toml:66:1: object[0].density: expected a number from 1 to 25000 kg/m3, found NaN
            hint: "#]],
    );
}

#[test]
fn a_wrong_type_is_told() {
    check_mistake(
        "jitter_std = 0.01",
        "jitter_std = \"wide\"",
        expect![[r#"
            error: base.toml:95:1: placement.jitter_std: expected a number from 0 to 0.1 m, found the text "wide"
            hint: "#]],
    );
}

#[test]
fn an_unknown_area_is_told() {
    check_mistake(
        "at = \"left\"",
        "at = \"lefd\"",
        expect![[r#"
            error: base.toml:94:1: placement.at: expected the name of an area, found "lefd"
            hint: did you mean `left`?"#]],
    );
}

#[test]
fn broken_toml_is_told() {
    check_mistake(
        "version = 1",
        "version = = 1",
        expect![[r#"
            error: base.toml:4:11: not valid TOML: extra `=`, expected nothing
            hint: see https://toml.io for the syntax"#]],
    );
}

#[test]
fn a_newer_version_is_refused() {
    check_mistake(
        "version = 1",
        "version = 2",
        expect![[r#"
            error: base.toml:4:1: version: expected 1, found 2
            hint: this version of ergon reads format 1 only"#]],
    );
}

#[test]
fn a_circle_of_extends_ends() {
    let read = |_: &Path| Ok("extends = \"a.toml\"\n".to_owned());
    let error = Scenario::load(Path::new("a.toml"), &[], &read).unwrap_err();
    assert!(error.message.contains("circle"), "{error}");
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _outcome = Scenario::parse(&text, "any.toml").is_ok();
    }

    #[test]
    fn no_damaged_file_makes_the_reader_panic(at in 0usize..2000, junk in "[\\[\\]{}=\",.0-9a-z\n-]{0,6}") {
        let text = std::fs::read_to_string(folder().join("base.toml")).unwrap();
        let at = text.char_indices().map(|(i, _)| i).nth(at % text.chars().count()).unwrap();
        let damaged = format!("{}{junk}{}", &text[..at], &text[at..]);
        if let Err(error) = Scenario::parse(&damaged, "any.toml") {
            prop_assert!(error.line > 0, "{error}");
        }
    }

    #[test]
    fn every_seed_gives_finite_poses_over_the_table(seed: u64) {
        let scenario = load("3-random.toml", &[]).unwrap();
        for body in scenario.instance(seed).bodies {
            prop_assert!(body.pose.translation.vector.iter().all(|x| x.is_finite()));
            prop_assert!(body.pose.translation.z > scenario.table.top.z);
        }
    }
}
