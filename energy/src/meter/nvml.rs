//! The energy counters of NVIDIA GPUs (Volta and later), read from the driver.

use std::time::Duration;

use nvml_wrapper::Nvml;
use nvml_wrapper::error::NvmlError;

use super::{Label, Meter, MeterError};
use crate::{Kind, Limits};

/// The name of the meter.
pub const METER: &str = "NVML";
/// The driver updates its counters every 20 to 100 ms, by model.
const REFRESH: Duration = Duration::from_millis(100);
/// A GPU's power exceeds its enforced limit for moments only.
const PEAK: f64 = 1.5;

/// The meter of all GPUs that the driver shows.
///
/// # Errors
/// There is no driver, no GPU, or one that counts no energy.
pub fn open() -> Result<Meter, MeterError> {
    let nvml = Nvml::init().map_err(|error| failed(&error))?;
    let count = nvml.device_count().map_err(|error| failed(&error))?;
    if count == 0 {
        return Err(failed(&NvmlError::NotFound));
    }
    let mut names = Vec::new();
    let mut limits = Vec::new();
    for index in 0..count {
        let device = nvml.device_by_index(index).map_err(|error| failed(&error))?;
        names.push(device.name().map_err(|error| failed(&error))?);
        // Without a known limit any growth is believed.
        let watts = device.enforced_power_limit().ok().map(|mw| PEAK * f64::from(mw) * 1e-3);
        limits.push(Limits { range_uj: None, max_watts: watts, refresh: REFRESH });
    }
    let label = Label {
        meter: METER.into(),
        kind: Kind::Measured,
        range: [1.0, 1.0],
        assumptions: format!("{}: the whole boards', all processes", names.join(", ")),
    };
    let read = move || (0..count).map(|index| microjoules(&nvml, index)).collect();
    let mut meter = Meter::new(label, limits, Box::new(read));
    meter.probe()?;
    Ok(meter)
}

fn microjoules(nvml: &Nvml, index: u32) -> Result<u64, MeterError> {
    let millijoules = nvml.device_by_index(index).and_then(|gpu| gpu.total_energy_consumption());
    Ok(millijoules.map_err(|error| failed(&error))?.saturating_mul(1000))
}

fn failed(error: &NvmlError) -> MeterError {
    MeterError {
        what: METER.into(),
        why: error.to_string(),
        remedy: "energy counters need NVIDIA's driver and a GPU of Volta or later",
    }
}
