//! Counters that wrap, gaps, clocks that jump: nothing is invented, and nothing is lost between spans.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use ergon_energy::meter::model;
use ergon_energy::meter::rapl::{self, MAX_WATTS, POWERCAP};
use ergon_energy::{Account, Baseline, Counter, Ledger, Limits, Meter, Processor, Span, Tally};
use proptest::collection::vec;
use proptest::prelude::*;

const ZONES: [(&str, &str, u64); 3] = [
    ("intel-rapl:0", "package-0", 262_143_328_850),
    ("intel-rapl:0:0", "dram", 65_712_999_613),
    ("intel-rapl:1", "package-1", 262_143_328_850),
];

/// A machine whose true energy is known, and which can refuse to be read.
#[derive(Clone, Default)]
struct Machine {
    energy_uj: Rc<RefCell<[u64; 3]>>,
    fails: Rc<Cell<bool>>,
}

impl Machine {
    fn meter(&self) -> Meter {
        let machine = self.clone();
        let read = move |path: &Path| {
            let zone = path.parent().and_then(Path::file_name).unwrap().to_string_lossy();
            let i = ZONES.iter().position(|(name, ..)| *name == zone).unwrap();
            let (_, name, range) = ZONES[i];
            match path.file_name().unwrap().to_str().unwrap() {
                "name" => Ok(name.to_owned()),
                "max_energy_range_uj" => Ok(range.to_string()),
                _ if machine.fails.get() => Err(ErrorKind::Interrupted.into()),
                _ => Ok((machine.energy_uj.borrow()[i] % range).to_string()),
            }
        };
        let zones = |_: &Path| {
            Ok(ZONES.iter().map(|(zone, ..)| PathBuf::from(POWERCAP).join(zone)).collect())
        };
        rapl::open(Box::new(read), Box::new(zones)).unwrap()
    }

    fn run(&self, millis: u64, watts: [f64; 3]) {
        for (energy, watts) in self.energy_uj.borrow_mut().iter_mut().zip(watts) {
            *energy += (watts * millis as f64 * 1e3) as u64;
        }
    }

    fn total(&self) -> u64 {
        self.energy_uj.borrow().iter().sum()
    }
}

#[derive(Clone, Debug)]
struct Stretch {
    millis: u64,
    watts: [f64; 3],
    fails: bool,
}

fn stretch(longest_ms: u64) -> impl Strategy<Value = Stretch> {
    let watts = prop::array::uniform3(0.0..MAX_WATTS);
    (1..longest_ms, watts, prop::bool::weighted(0.2)).prop_map(|(millis, watts, fails)| Stretch {
        millis,
        watts,
        fails,
    })
}

fn start(offset: [u64; 3]) -> (Machine, Meter) {
    let machine = Machine::default();
    *machine.energy_uj.borrow_mut() = offset;
    let mut meter = machine.meter();
    meter.sample(Duration::from_secs(100)).unwrap();
    (machine, meter)
}

fn offsets() -> impl Strategy<Value = [u64; 3]> {
    prop::array::uniform3(0..1_000_000_000_000u64)
}

proptest! {
    #[test]
    fn with_short_gaps_every_microjoule_is_counted(
        offset in offsets(),
        stretches in vec(stretch(20_000), 1..60),
    ) {
        let (machine, mut meter) = start(offset);
        let before = machine.total();
        let mut at = Duration::from_secs(100);
        let mut failures = 0;
        for Stretch { millis, watts, fails } in stretches {
            machine.run(millis, watts);
            at += Duration::from_millis(millis);
            // Three stretches are at most 60 s, in which the memory's counter cannot go round.
            failures = if fails && failures < 2 { failures + 1 } else { 0 };
            machine.fails.set(failures > 0);
            prop_assert_eq!(meter.sample(at).is_err(), failures > 0);
        }
        machine.fails.set(false);
        let counted = meter.sample(at).unwrap();
        prop_assert_eq!(counted.microjoules, machine.total() - before);
        prop_assert_eq!(counted.covered, at - Duration::from_secs(100));
        prop_assert_eq!(counted.coverage(), 1.0);
    }

    #[test]
    fn with_long_gaps_what_is_covered_is_exact_and_the_rest_is_left_out(
        offset in offsets(),
        stretches in vec(stretch(600_000), 1..40),
    ) {
        let (machine, mut meter) = start(offset);
        let mut at = Duration::from_secs(100);
        let (mut last, mut before) = (Tally::default(), machine.total());
        for Stretch { millis, watts, .. } in stretches {
            machine.run(millis, watts);
            at += Duration::from_millis(millis);
            let now = meter.sample(at).unwrap();
            let step = now.since(&last);
            prop_assert_eq!(step.elapsed, Duration::from_millis(millis));
            if step.covered.is_zero() {
                prop_assert_eq!(step.microjoules, 0);
                prop_assert!(millis > 60_000, "a gap of {} ms can be counted", millis);
            } else {
                prop_assert_eq!(step.covered, step.elapsed);
                prop_assert_eq!(step.microjoules, machine.total() - before);
            }
            (last, before) = (now, machine.total());
        }
    }

    #[test]
    fn a_clock_that_jumps_invents_nothing(
        stretches in vec((stretch(120_000), -300_000i64..300_000), 1..40),
    ) {
        let (machine, mut meter) = start([0; 3]);
        let mut clock: i64 = 100_000_000;
        let mut last = meter.sample(Duration::from_millis(clock as u64)).unwrap();
        for (Stretch { millis, watts, .. }, jump) in stretches {
            machine.run(millis, watts);
            let gap = millis as i64 + jump;
            clock += gap;
            let now = meter.sample(Duration::from_millis(clock as u64)).unwrap();
            prop_assert!(now.microjoules >= last.microjoules && now.covered >= last.covered);
            prop_assert!(now.microjoules <= machine.total());
            prop_assert!((0.0..=1.0).contains(&now.coverage()));
            let passed = now.since(&last).elapsed;
            prop_assert_eq!(passed, Duration::from_millis(gap.unsigned_abs()));
            if gap < 0 {
                prop_assert_eq!((now.microjoules, now.covered), (last.microjoules, last.covered));
            }
            last = now;
        }
    }

    #[test]
    fn any_readings_at_any_times_keep_the_coverage_within_bounds(
        samples in vec((any::<u64>(), prop::option::of(any::<u64>())), 0..50),
        range in prop::option::of(any::<u64>()),
        watts in prop::option::of(0.0..1e9),
    ) {
        let limits = Limits { range_uj: range, max_watts: watts, refresh: Duration::ZERO };
        let mut counter = Counter::new(limits);
        for (reading, gap) in samples {
            let gap = gap.map(Duration::from_nanos);
            let grown = counter.advance(reading, gap);
            if let (Some(grown), Some(watts), Some(gap)) = (grown, watts, gap) {
                prop_assert!(grown as f64 <= watts * gap.as_secs_f64() * 1e6 * (1.0 + 1e-9));
            }
            prop_assert!(grown.is_none_or(|grown| range.is_none_or(|range| grown <= range)));
        }
    }

    #[test]
    fn the_sum_over_spans_is_the_meter_s_total_to_the_microjoule(
        settled in vec(
            (any::<u32>(), 0..10_000_000u64, vec(0..5_000_000_000u64, 7), 0..20_000_000_000u64),
            0..20,
        ),
        watts in 0.0..200.0,
    ) {
        let meter = model::open(&Processor::default(), Box::new(Duration::default));
        let mut account = Account::new(&meter, Baseline { watts, over: Duration::ZERO });
        let mut total = 0;
        for (microjoules, covered, times, busy) in settled {
            let microjoules = u64::from(microjoules);
            total += microjoules;
            let covered = Duration::from_micros(covered);
            let counted = Tally { microjoules, elapsed: covered * 2, covered, samples: 1 };
            let mut ledger = Ledger::default();
            for ((_, span), nanos) in Span::ALL.into_iter().zip(times) {
                ledger.book(span, Duration::from_nanos(nanos));
            }
            account.settle(&counted, &ledger, Duration::from_nanos(busy));
        }
        let sum: u64 = Span::ALL.iter().map(|(_, span)| account.microjoules(*span)).sum();
        prop_assert_eq!(sum, total);
        prop_assert_eq!(account.total().joules, total as f64 * 1e-6);
        prop_assert!(account.agent().joules <= account.total().joules);
        prop_assert!((0.0..=1.0).contains(&account.total().coverage));
    }
}

fn account(baseline: f64, microjoules: u64, booked: &[(Span, u64)], busy: u64) -> [u64; 3] {
    let meter = model::open(&Processor::default(), Box::new(Duration::default));
    let baseline = Baseline { watts: baseline, over: Duration::from_secs(60) };
    let mut account = Account::new(&meter, baseline);
    let mut ledger = Ledger::default();
    booked.iter().for_each(|&(span, secs)| ledger.book(span, Duration::from_secs(secs)));
    let second = Duration::from_secs(1);
    let counted = Tally { microjoules, elapsed: second, covered: second, samples: 1 };
    account.settle(&counted, &ledger, Duration::from_secs(busy));
    [Span::Plan, Span::Act, Span::Idle].map(|span| account.microjoules(span))
}

#[test]
fn energy_is_shared_out_by_processor_time() {
    let booked = [(Span::Plan, 1), (Span::Act, 3)];
    assert_eq!(account(0.0, 800, &booked, 0), [200, 600, 0]);
    assert_eq!(account(0.0, 800, &booked, 8), [100, 300, 400], "half of the machine is others'");
    assert_eq!(account(0.0, 801, &booked, 4), [200, 600, 1], "what cannot be divided is idle");
    assert_eq!(account(0.0, 800, &[], 5), [0, 0, 800]);
    assert_eq!(account(0.0, 800, &[], 0), [0, 0, 800]);
}

#[test]
fn the_baseline_is_idle() {
    let booked = [(Span::Plan, 1), (Span::Act, 3)];
    assert_eq!(account(200e-6, 1000, &booked, 4), [200, 600, 200]);
    assert_eq!(account(5.0, 1000, &booked, 4), [0, 0, 1000], "less than the baseline was drawn");
}

#[test]
fn a_baseline_is_the_mean_power_of_the_time_that_was_covered() {
    let second = Duration::from_secs(1);
    let idle =
        Tally { microjoules: 50_000_000, elapsed: 20 * second, covered: 10 * second, samples: 4 };
    assert_eq!(Baseline::of(&idle), Some(Baseline { watts: 5.0, over: 10 * second }));
    assert_eq!(Baseline::of(&Tally::default()), None);
}

#[test]
fn the_model_counts_processor_time_and_splits_it_in_full() {
    let time = Rc::new(Cell::new(Duration::from_secs(7)));
    let clock = Rc::clone(&time);
    let mut meter = model::open(&Processor::default(), Box::new(move || clock.get()));
    let before = meter.sample(Duration::ZERO).unwrap();
    time.set(Duration::from_secs(9));
    let counted = meter.sample(Duration::from_secs(4)).unwrap().since(&before);
    let mut account = Account::new(&meter, Baseline::default());
    let mut ledger = Ledger::default();
    ledger.book(Span::Perceive, Duration::from_millis(1500));
    account.settle(&counted, &ledger, Duration::from_secs(2));
    assert_eq!((account.agent().joules, account.agent().range), (6.0, [3.0, 15.0]));
    assert_eq!(account.span(Span::Idle).joules, 2.0);
    assert_eq!(
        account.total().to_string(),
        "8.00 J estimated, 4.00 to 20.0 J (processor-time model every 4.00 s, coverage 100.0 %)"
    );
}
