//! Meters over a made-up `powercap` folder: what is counted, and what is said where nothing can be.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use ergon_energy::meter::rapl::{self, POWERCAP};
use ergon_energy::meter::{ListFolder, ProcessorTime, ReadText};
use ergon_energy::{Kind, Meter, PowerModel, Processor};

/// Files by path; a text of `denied` cannot be read.
#[derive(Clone, Default)]
struct Files(Rc<RefCell<BTreeMap<PathBuf, String>>>);

impl Files {
    fn with(files: &[(&str, &str)]) -> Self {
        let all = Self::default();
        files.iter().for_each(|(path, text)| all.set(path, text));
        all
    }

    fn set(&self, path: &str, text: &str) {
        self.0.borrow_mut().insert(path.into(), text.into());
    }

    fn zone(&self, zone: &str, name: &str, range_uj: u64) {
        self.set(&format!("{POWERCAP}/{zone}/name"), &format!("{name}\n"));
        self.set(&format!("{POWERCAP}/{zone}/max_energy_range_uj"), &format!("{range_uj}\n"));
        self.energy(zone, 0);
    }

    fn energy(&self, zone: &str, energy_uj: u64) {
        self.set(&format!("{POWERCAP}/{zone}/energy_uj"), &format!("{energy_uj}\n"));
    }

    fn read(&self) -> ReadText {
        let files = self.clone();
        Box::new(move |path| match files.0.borrow().get(path) {
            Some(text) if text == "denied" => Err(ErrorKind::PermissionDenied.into()),
            Some(text) => Ok(text.clone()),
            None => Err(ErrorKind::NotFound.into()),
        })
    }

    fn list(&self) -> ListFolder {
        let files = self.clone();
        Box::new(move |folder| {
            let files = files.0.borrow();
            let mut zones: Vec<PathBuf> = files
                .keys()
                .filter(|path| path.starts_with(folder))
                .filter_map(|path| path.parent().map(PathBuf::from))
                .collect();
            zones.dedup();
            if zones.is_empty() { Err(ErrorKind::NotFound.into()) } else { Ok(zones) }
        })
    }
}

fn second() -> ProcessorTime {
    Box::new(|| Duration::from_secs(1))
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Two packages, one with memory beside it, and everything that must not be counted twice.
fn server() -> Files {
    let files = Files::default();
    for (zone, name) in [
        ("intel-rapl:0", "package-0"),
        ("intel-rapl:0:0", "core"),
        ("intel-rapl:0:1", "uncore"),
        ("intel-rapl:0:2", "dram"),
        ("intel-rapl:1", "package-1"),
        ("intel-rapl:2", "psys"),
        ("intel-rapl-mmio:0", "package-0"),
    ] {
        files.zone(zone, name, 262_143_328_850);
    }
    files
}

#[test]
fn packages_and_memory_are_counted_once() {
    let files = server();
    let mut meter = rapl::open(files.read(), files.list()).unwrap();
    assert!(meter.label().assumptions.starts_with("package-0, dram, package-1:"));
    let before = meter.sample(secs(10)).unwrap();
    assert_eq!((before.microjoules, before.sampling_period(), before.coverage()), (0, None, 1.0));
    for (i, zone) in ["0", "0:0", "0:1", "0:2", "1", "2"].iter().enumerate() {
        files.energy(&format!("intel-rapl:{zone}"), 10u64.pow(i as u32));
    }
    files.energy("intel-rapl-mmio:0", 500_000);
    let counted = meter.sample(secs(12)).unwrap().since(&before);
    assert_eq!(counted.microjoules, 1 + 1_000 + 10_000);
    assert_eq!((counted.coverage(), counted.sampling_period()), (1.0, Some(secs(2))));
}

#[test]
fn a_gap_that_may_hide_a_turn_lowers_the_coverage_and_adds_nothing() {
    let files = server();
    let mut meter = rapl::open(files.read(), files.list()).unwrap();
    let mut at = |secs_at, energy| {
        files.energy("intel-rapl:0", energy);
        meter.sample(secs(secs_at)).unwrap()
    };
    at(0, 0);
    assert_eq!(at(10, 1_000_000).microjoules, 1_000_000);
    let after_gap = at(1010, 2_000_000);
    assert_eq!((after_gap.microjoules, after_gap.covered), (1_000_000, secs(10)));
    let after = at(1020, 2_500_000);
    assert_eq!(
        (after.microjoules, after.covered, after.elapsed),
        (1_500_000, secs(20), secs(1020))
    );
}

#[test]
fn a_failed_sample_is_made_up_for_by_the_next() {
    let files = server();
    let mut meter = rapl::open(files.read(), files.list()).unwrap();
    meter.sample(secs(0)).unwrap();
    files.energy("intel-rapl:0", 7);
    files.set(&format!("{POWERCAP}/intel-rapl:1/energy_uj"), "denied");
    assert!(meter.sample(secs(1)).is_err());
    files.energy("intel-rapl:1", 5);
    let counted = meter.sample(secs(2)).unwrap();
    assert_eq!((counted.microjoules, counted.coverage(), counted.samples), (12, 1.0, 1));
}

#[test]
fn the_best_meter_is_the_hardware_s() {
    let files = server();
    let meter = Meter::best(files.read(), files.list(), second(), None);
    assert_eq!((meter.label().kind, meter.label().meter.as_str()), (Kind::Measured, "RAPL"));
}

#[test]
fn without_counters_the_model_says_what_it_assumes_and_why_it_is_used() {
    let check = |files: Files, declared, expected: &[&str]| {
        let meter = Meter::best(files.read(), files.list(), second(), declared);
        assert_eq!(meter.label().kind, Kind::Estimated);
        for part in expected {
            let said = &meter.label().assumptions;
            assert!(said.contains(part), "{part:?} is not in {said:?}");
        }
    };
    let laptop = ("/proc/cpuinfo", "model name : 11th Gen Intel(R) Core(TM) i7-1185G7 @ 3.00GHz");
    check(Files::default(), None, &["4.0 W", "2.0 to 10.0 W", "no counter was read", POWERCAP]);
    check(Files::with(&[laptop]), None, &["3.5 W", "rated 28 W for 8 threads"]);
    let declared = Processor::declared(PowerModel { watts: 6.0, range: [5.0, 7.0] });
    check(
        Files::with(&[laptop]),
        Some(declared),
        &["6.0 W", "5.0 to 7.0 W", "declared by the user"],
    );

    let denied = server();
    denied.set(&format!("{POWERCAP}/intel-rapl:1/energy_uj"), "denied");
    check(denied, None, &["intel-rapl:1/energy_uj", "permission denied", "run as root"]);
    let garbage = server();
    garbage.set(&format!("{POWERCAP}/intel-rapl:0/max_energy_range_uj"), "much");
    check(garbage, None, &["expected a whole number, found \"much\""]);
    let platform = Files::default();
    platform.zone("intel-rapl:0", "psys", 1);
    check(platform, None, &["no zone of a processor package"]);
}

#[cfg(feature = "nvml")]
#[test]
fn without_a_driver_nvml_says_what_it_needs() {
    match ergon_energy::meter::nvml::open() {
        Ok(mut meter) => assert_eq!(meter.sample(secs(0)).unwrap().microjoules, 0),
        Err(error) => assert!(error.to_string().contains("NVIDIA's driver"), "{error}"),
    }
}
