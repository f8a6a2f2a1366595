//! Manifests: what is refused and what is said, and that what is written reads back.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeMap;

use ergon_inference::{
    ElementType, FORMAT_VERSION, Kind, Manifest, Normalisation, TensorSpec, Training,
};
use proptest::prelude::*;
use serde::Deserialize;

const POLICY: &str = include_str!("common/policy.toml");

const REST: &str = r#"
[normalisation.state]
mean = [0.5, 1.0]
std = [1.0, 2.0]

[parameters]
grid = [32, 32]
threshold = 0.5

[training]
command = "ergon learn"
seed = 7
commit = "84a189e"
demonstrations = 100
frames = 20000
wall_secs = 60.5
cpu_secs = 118.0
joules = 472.0
joules_kind = "estimated: 4 W a busy thread"
data_hash = "00000000000000aa"
"#;

/// The manifest with `from` replaced by `to`, and what the error and its hint say.
#[track_caller]
fn check(from: &str, to: &str, says: &str) {
    let text = format!("{POLICY}{REST}");
    assert!(text.contains(from));
    let error = Manifest::parse(&text.replacen(from, to, 1), "policy.toml").unwrap_err();
    let hint = error.hint().map(|hint| format!(" ({hint})")).unwrap_or_default();
    assert_eq!(format!("{error}{hint}"), says);
}

#[test]
fn an_error_says_where_and_what_and_what_to_do() {
    check(
        "version = 1",
        "version = 2",
        "policy.toml:1:11: version: expected 1, found 2 (this version of ergon reads format 1 only)",
    );
    check(
        "version = 1",
        "",
        "policy.toml: version: expected 1, found none (this version of ergon reads format 1 only)",
    );
    check(
        "kind = \"skills\"",
        "kind = \"skill\"",
        "policy.toml:3:8: kind: unknown variant `skill`, expected one of `detector`, `skills`, `vla`",
    );
    check(
        "0123456789abcdef",
        "0123456789ABCDEF",
        "policy.toml:4:10: digest: expected 16 hexadecimal digits, found \"0123456789ABCDEF\" (it is written when a network is exported)",
    );
    check(
        "kind = \"skills\"",
        "kind = \"skills\"\ncontrol_hz = 0",
        "policy.toml:4:14: control_hz: expected a finite rate above 0 Hz, found 0 (leave it out where none matters)",
    );
    check(
        "unit = \"m\"",
        "units = \"m\"",
        "policy.toml:10:1: input[0].units: unknown field `units`, expected one of `name`, `shape`, `dtype`, `unit`, `range`, `description`",
    );
    check(
        "shape = [1, 2]",
        "shape = [2, 2]",
        "policy.toml:8:9: input[0].shape: expected a shape that begins with a batch of 1, found [2, 2] (networks run on one sample at a time)",
    );
    check(
        "shape = [1, 2]",
        "shape = [1, 9000, 9000]",
        "policy.toml:8:9: input[0].shape: expected 1 to 67108864 elements, found [1, 9000, 9000]",
    );
    check(
        "name = \"offset\"",
        "name = \"x\"",
        "policy.toml:14:8: input[1].name: the name `x` is given twice (inputs and outputs share their names)",
    );
}

#[test]
fn an_error_about_a_number_says_what_would_do() {
    check(
        "range = [0, 1e9]",
        "range = [0, inf]",
        "policy.toml:25:9: output[0].range: expected a finite low and high, found 0 and inf (leave it out where there are no bounds)",
    );
    check(
        "std = [1.0, 2.0]",
        "std = [1.0, 0.0]",
        "policy.toml:30:13: normalisation.state.std[1]: expected a finite number above 0, found 0 (write 1 for what never changes)",
    );
    check(
        "threshold = 0.5",
        "threshold = nan",
        "policy.toml:34:13: parameters.threshold: expected a finite number, found NaN",
    );
    check(
        "joules = 472.0",
        "joules = -1.0",
        "policy.toml:44:10: training.joules: expected a finite number that is not negative, found -1",
    );
}

#[test]
fn text_that_is_not_toml_is_refused() {
    let error = Manifest::parse("version = [", "policy.toml").unwrap_err();
    assert!(error.to_string().starts_with("policy.toml:1:"), "{error}");
    assert_eq!(error.hint(), Some("the file is not TOML"));
}

#[test]
fn the_settings_of_a_kind_are_typed() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Detector {
        grid: [usize; 2],
        threshold: f64,
    }
    let manifest = Manifest::parse(&format!("{POLICY}{REST}"), "policy.toml").unwrap();
    let detector: Detector = manifest.parameters().unwrap();
    assert_eq!(detector, Detector { grid: [32, 32], threshold: 0.5 });
    #[derive(Debug, Deserialize)]
    struct Other {
        #[expect(dead_code, reason = "it is missing")]
        chunk: usize,
    }
    let error = manifest.parameters::<Other>().unwrap_err();
    assert_eq!(error.to_string(), "small: parameters: missing field `chunk`");
    assert!(error.hint().is_some());
}

fn name() -> impl Strategy<Value = String> {
    "[a-z]{1,4}|[ -~äπ]{1,6}"
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), -1e3..1e3, any::<f64>().prop_filter("finite", |x| x.is_finite())]
}

fn tensors() -> impl Strategy<Value = Vec<TensorSpec>> {
    let tensor =
        (prop::collection::vec(1_usize..9, 0..4), any::<String>(), prop::option::of(number()));
    prop::collection::vec(tensor, 1..4).prop_map(|tensors| {
        let spec =
            |(i, (shape, text, low)): (usize, (Vec<usize>, String, Option<f64>))| TensorSpec {
                name: format!("t{i}"),
                shape: std::iter::once(1).chain(shape).collect(),
                dtype: ElementType::F32,
                unit: text.chars().take(2).collect(),
                range: low.map(|low| [low, low.max(0.0)]),
                description: text,
            };
        tensors.into_iter().enumerate().map(spec).collect()
    })
}

fn value() -> impl Strategy<Value = toml::Value> {
    let leaf = prop_oneof![
        any::<String>().prop_map(toml::Value::from),
        any::<i64>().prop_map(toml::Value::from),
        number().prop_map(toml::Value::from),
        any::<bool>().prop_map(toml::Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(toml::Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|t| toml::Value::Table(t.into_iter().collect())),
        ]
    })
}

fn training() -> impl Strategy<Value = Training> {
    (any::<String>(), 0..=i64::MAX as u64, number()).prop_map(|(text, count, amount)| Training {
        command: text.clone(),
        seed: count,
        commit: text.clone(),
        demonstrations: count,
        frames: count / 2,
        wall_secs: amount.abs(),
        cpu_secs: amount.abs(),
        joules: amount.abs(),
        joules_kind: text,
        data_hash: String::new(),
    })
}

fn manifests() -> impl Strategy<Value = Manifest> {
    let normalisation = prop::collection::vec(number(), 1..4).prop_map(|mean| {
        let std = mean.iter().map(|x| x.abs().max(1e-9)).collect();
        Normalisation { mean, std }
    });
    (
        name(),
        tensors(),
        tensors(),
        prop::collection::btree_map(any::<String>(), normalisation, 0..3),
        prop::collection::btree_map(any::<String>(), value(), 0..4),
        prop::option::of(training()),
        prop::option::of(1e-3..1e4),
    )
        .prop_map(|(name, inputs, mut outputs, normalisation, parameters, training, hz)| {
            outputs.iter_mut().for_each(|spec| spec.name.push('o'));
            Manifest {
                version: FORMAT_VERSION,
                name,
                kind: if training.is_some() { Kind::Vla } else { Kind::Detector },
                digest: "00c0ffee00c0ffee".into(),
                control_hz: hz,
                inputs,
                outputs,
                normalisation: BTreeMap::from_iter(normalisation),
                parameters: parameters.into_iter().collect(),
                training,
            }
        })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(manifest in manifests()) {
        let text = manifest.to_text().unwrap();
        prop_assert_eq!(Manifest::parse(&text, "written").unwrap(), manifest);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,200}|[a-z0-9.=\\[\\]\"' \n-]{0,12}", at in any::<prop::sample::Index>()) {
        prop_assert!(Manifest::parse(&text, "random").is_err());
        let whole = format!("{POLICY}{REST}");
        let (before, after) = whole.split_at(at.index(whole.len()));
        match Manifest::parse(&format!("{before}{text}{after}"), "spliced") {
            Ok(manifest) => {
                let written = manifest.to_text().unwrap();
                prop_assert_eq!(Manifest::parse(&written, "written").unwrap(), manifest);
            }
            Err(e) => prop_assert!(e.to_string().starts_with("spliced:")),
        }
    }
}

#[test]
fn what_could_not_be_read_is_not_written() {
    let mut manifest = Manifest::parse(POLICY, "policy.toml").unwrap();
    manifest.outputs[0].shape.clear();
    let error = manifest.to_text().unwrap_err();
    assert!(error.to_string().starts_with("small: output[0].shape: expected"), "{error}");
}
