//! The energy counters of x86 processors (RAPL), as Linux shows them under `powercap`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Label, ListFolder, Meter, MeterError, ReadText};
use crate::{Kind, Limits};

/// The folder in which Linux shows the counters.
pub const POWERCAP: &str = "/sys/class/powercap";
/// The name of the meter.
pub const METER: &str = "RAPL";
/// More than any zone draws, W: twice the 500 W of the largest processors sold, for their peaks.
pub const MAX_WATTS: f64 = 1000.0;
/// The counters move about once a millisecond (Intel SDM, volume 3, "RAPL interfaces").
const REFRESH: Duration = Duration::from_millis(1);

const REMEDY: &str = "since Linux 5.10 root alone may read the counters: run as root, or let the user \
                      read energy_uj; a virtual machine has none";

struct Zone {
    name: String,
    energy: PathBuf,
    range_uj: u64,
}

/// The meter of all processor packages and of the memory beside them.
///
/// # Errors
/// No zone is there, or one cannot be read.
pub fn open(mut read: ReadText, mut list: ListFolder) -> Result<Meter, MeterError> {
    let root = Path::new(POWERCAP);
    let mut paths = list(root).map_err(|error| unreadable(root, error))?;
    // The order of a listing is the file system's.
    paths.sort();
    let zones = paths
        .iter()
        .filter(|path| path.file_name().is_some_and(|name| is_zone(&name.to_string_lossy())))
        .filter_map(|path| zone(path, &mut read).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    if zones.is_empty() {
        return Err(unreadable(root, "no zone of a processor package"));
    }
    let names: Vec<&str> = zones.iter().map(|zone| zone.name.as_str()).collect();
    let label = Label {
        meter: METER.into(),
        kind: Kind::Measured,
        range: [1.0, 1.0],
        assumptions: format!(
            "{}: the whole machine's, all processes; nothing for disks, fans and power supply",
            names.join(", ")
        ),
    };
    let limits = |zone: &Zone| Limits {
        range_uj: Some(zone.range_uj),
        max_watts: Some(MAX_WATTS),
        refresh: REFRESH,
    };
    let limits = zones.iter().map(limits).collect();
    let energies = move || zones.iter().map(|zone| number(&zone.energy, &mut read)).collect();
    let mut meter = Meter::new(label, limits, Box::new(energies));
    // What cannot be read now will not be read later: opening fails, and another meter is chosen.
    meter.probe()?;
    Ok(meter)
}

/// `intel-rapl:0` and below, on AMD's too. `intel-rapl-mmio:0` shows the same package once more.
fn is_zone(name: &str) -> bool {
    name.starts_with("intel-rapl:")
}

/// The zone at a path if it is to be counted: packages, and memory, which is not part of them. Cores and
/// graphics are within the package; the platform (`psys`) holds the package and is not everywhere true.
fn zone(path: &Path, read: &mut ReadText) -> Result<Option<Zone>, MeterError> {
    let at = path.join("name");
    let name = read(&at).map_err(|error| unreadable(&at, error))?.trim().to_owned();
    if !name.starts_with("package") && name != "dram" {
        return Ok(None);
    }
    let range_uj = number(&path.join("max_energy_range_uj"), read)?;
    Ok(Some(Zone { name, energy: path.join("energy_uj"), range_uj }))
}

fn number(path: &Path, read: &mut ReadText) -> Result<u64, MeterError> {
    let text = read(path).map_err(|error| unreadable(path, error))?;
    let expected = || unreadable(path, format!("expected a whole number, found {:?}", text.trim()));
    text.trim().parse().map_err(|_| expected())
}

fn unreadable(path: &Path, why: impl ToString) -> MeterError {
    MeterError { what: path.display().to_string(), why: why.to_string(), remedy: REMEDY }
}
