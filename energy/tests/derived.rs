//! What follows from figures, and projections onto other hardware.

use std::time::Duration;

use ergon_energy::{
    BreakEven, Cost, Counts, Derived, Figure, Kind, Processor, Profile, Repayment, Work,
};
use proptest::prelude::*;

fn joules(joules: f64) -> Figure {
    Figure { joules, range: [joules; 2], ..Processor::default().figure(Duration::ZERO) }
}

fn cost(training: f64, per_success: f64) -> Cost {
    let per_success = per_success.is_finite().then(|| joules(per_success));
    Cost { training: joules(training), per_success }
}

#[test]
fn failed_episodes_are_paid_for_by_the_successful_ones() {
    let counts = Counts { steps: 1000, moves: 50, episodes: 10, successes: 4 };
    let derived = Derived::of(&joules(1000.0), &counts);
    let each = [derived.per_step, derived.per_move, derived.per_episode, derived.per_success];
    assert_eq!(each.map(|figure| figure.unwrap().joules), [1.0, 20.0, 100.0, 250.0]);
    assert_eq!(derived.successes_per_kwh, Some(14_400.0));

    let none = Derived::of(&joules(1000.0), &Counts { successes: 0, ..counts });
    assert_eq!((none.per_success, none.successes_per_kwh), (None, Some(0.0)));
    assert_eq!(Derived::of(&joules(0.0), &counts).successes_per_kwh, None);
}

#[test]
fn training_is_repaid_by_cheaper_successes() {
    let never = f64::INFINITY;
    let check = |first, second, expected| {
        assert_eq!(Repayment::of(&first, &second, []).break_even, expected);
    };
    check(cost(100.0, 1.0), cost(0.0, 11.0), BreakEven::From(10));
    check(cost(101.0, 1.0), cost(0.0, 11.0), BreakEven::From(11));
    check(cost(1.0, 1.0), cost(100.0, 2.0), BreakEven::Always);
    check(cost(5.0, 1.0), cost(5.0, 1.0), BreakEven::Always);
    check(cost(0.0, 11.0), cost(100.0, 1.0), BreakEven::Until(10));
    check(cost(100.0, 2.0), cost(0.0, 1.0), BreakEven::Never);
    check(cost(100.0, 2.0), cost(0.0, 2.0), BreakEven::Never);
    check(cost(100.0, 2.0), cost(0.0, never), BreakEven::From(1));
    check(cost(0.0, never), cost(100.0, 2.0), BreakEven::Until(0));
    check(cost(100.0, never), cost(0.0, never), BreakEven::Never);
}

#[test]
fn a_curve_begins_with_the_training() {
    let repayment = Repayment::of(&cost(3.0, 1.0), &cost(9.0, f64::INFINITY), [0, 2]);
    let curve: Vec<_> =
        repayment.curve.iter().map(|p| (p.successes, p.first_joules, p.second_joules)).collect();
    assert_eq!(curve, [(0, 3.0, 9.0), (2, 5.0, f64::INFINITY)]);
    assert_eq!(repayment.kind, Kind::Estimated);
}

proptest! {
    #[test]
    fn at_the_break_even_the_costs_cross(
        training in prop::array::uniform2(0..1_000_000u32),
        each in prop::array::uniform2(1..10_000u32),
        watts in prop::sample::select(vec![0.5, 2.0, 4.0]),
    ) {
        // Powers of two, so that scaling by the watts is exact.
        let [first, second] =
            [0, 1].map(|i| cost(watts * f64::from(training[i]), watts * f64::from(each[i])));
        let [unscaled, other] = [0, 1].map(|i| cost(f64::from(training[i]), f64::from(each[i])));
        let no_more = |n: u64| first.joules(n) <= second.joules(n);
        let repayment = Repayment::of(&first, &second, []);
        match repayment.break_even {
            BreakEven::Always => prop_assert!(no_more(0) && no_more(1_000_000_000)),
            BreakEven::From(n) => prop_assert!(no_more(n) && !no_more(n - 1)),
            BreakEven::Until(n) => prop_assert!(no_more(n) && !no_more(n + 1)),
            BreakEven::Never => prop_assert!(!no_more(0) && !no_more(1_000_000_000)),
        }
        prop_assert_eq!(repayment.break_even, Repayment::of(&unscaled, &other, []).break_even);
    }
}

#[test]
fn every_shipped_profile_reads_and_projects() {
    let profiles = Profile::shipped().unwrap();
    assert_eq!(profiles.len(), 4);
    let work = Work {
        macs: 1_000_000_000,
        weight_bytes: 1_000_000,
        activation_bytes: 1_000_000,
        time: Duration::from_secs(1),
    };
    for profile in &profiles {
        let figure = profile.project(&work);
        assert_eq!(figure.kind, Kind::Projected);
        assert!(figure.to_string().contains("projected"), "{figure}");
        let [low, high] = figure.range;
        assert!(0.0 < low && low < figure.joules && figure.joules < high, "{figure}");
        assert_eq!(profile.project(&Work::default()).joules, 0.0);
    }
}

const PROFILE: &str = r#"name = "test"
scope = "nothing"
per_mac = { value = 2.0, range = [1.0, 3.0], unit = "pJ/MAC", source = "s" }
per_weight_byte = { value = 10.0, range = [10.0, 10.0], unit = "pJ/byte", source = "s" }
per_activation_byte = { value = 20.0, range = [20.0, 20.0], unit = "pJ/byte", source = "s" }
standby = { value = 0.5, range = [0.5, 0.5], unit = "W", source = "s" }
pue = { value = 1.5, range = [1.0, 2.0], unit = "1", source = "s" }
"#;

#[test]
fn a_projection_is_the_sum_of_its_parts_times_pue() {
    let profile = Profile::parse(PROFILE, "test.toml").unwrap();
    let terabyte = 1_000_000_000_000;
    let work = Work {
        macs: terabyte,
        weight_bytes: terabyte,
        activation_bytes: terabyte,
        time: Duration::from_secs(4),
    };
    let figure = profile.project(&work);
    assert_eq!((figure.joules, figure.range), (51.0, [33.0, 70.0]));
    for part in ["2 pJ", "PUE 1.5", "0.5 W standby for 4.0 s", "nothing"] {
        assert!(figure.assumptions.contains(part), "{}", figure.assumptions);
    }
}

#[test]
fn errors_name_key_expectation_and_remedy() {
    let check = |from: &str, to: &str, expected: &str| {
        assert!(PROFILE.contains(from), "{from}");
        let error = Profile::parse(&PROFILE.replacen(from, to, 1), "test.toml").unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    check(
        "unit = \"pJ/MAC\"",
        "unit = \"J\"",
        "test.toml: per_mac: expected the unit \"pJ/MAC\", found \"J\"; convert value and range",
    );
    check(
        "value = 2.0, range = [1.0, 3.0]",
        "value = 4.0, range = [1.0, 3.0]",
        "test.toml: per_mac: expected 0 <= range[0] <= value <= range[1], found value 4 in 1 to 3; \
         correct value or range",
    );
    check(
        "range = [1.0, 2.0]",
        "range = [0.9, 2.0]",
        "test.toml: pue: expected 1 <= range[0] <= value <= range[1], found value 1.5 in 0.9 to 2; \
         correct value or range",
    );
    check(
        "unit = \"W\", source = \"s\"",
        "unit = \"W\", source = \" \"",
        "test.toml: standby: expected a source, found none; say who published the value",
    );
    let bad = [
        ("scope = \"nothing\"", ""),
        ("scope", "scop"),
        ("value = 2.0", "value = \"2\""),
        ("value = 2.0", "valeu = 2.0"),
        (", source = \"s\"", ""),
        ("name =", "name"),
        ("value = 2.0", "value = nan"),
        ("[1.0, 3.0]", "[1.0, inf]"),
    ];
    for (from, to) in bad {
        let error = Profile::parse(&PROFILE.replacen(from, to, 1), "test.toml").unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("test.toml: ") && text.contains("; "), "{text}");
    }
    let unknown = Profile::parse(&PROFILE.replacen("valu", "vale", 1), "test.toml").unwrap_err();
    assert_eq!(unknown.line, 3, "{unknown}");
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(?s).{0,200}", cut in 0..PROFILE.len()) {
        drop(Profile::parse(&text, "test.toml"));
        drop(Profile::parse(&format!("{}{text}", &PROFILE[..cut]), "test.toml"));
    }

    #[test]
    fn no_text_makes_the_processor_s_readers_panic(text in "(?s).{0,200}") {
        drop(Processor::parse(&text));
        ergon_energy::busy_time(&text);
        ergon_energy::busy_time(&format!("cpu {text}"));
    }
}
