//! The declared model: processor time of this process times watts. It estimates, and says so.

use super::{Label, Meter, ProcessorTime};
use crate::{Figure, Kind, Limits, Processor, Tally};
use std::time::Duration;

/// The name of the meter.
pub const METER: &str = "processor-time model";

/// A declared power model: watts for one busy hardware thread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerModel {
    /// Watts for one busy hardware thread.
    pub watts: f64,
    /// The range in which the truth is taken to lie, W.
    pub range: [f64; 2],
}

impl Default for PowerModel {
    /// 4 W for an unknown processor, as `CodeCarbon` 3 assumes, in the range of 2 W (a server's share) to
    /// 10 W (a laptop's).
    fn default() -> Self {
        Self { watts: 4.0, range: [2.0, 10.0] }
    }
}

/// Joules that were estimated, never measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate, J.
    pub joules: f64,
    /// The range in which the truth is taken to lie, J.
    pub range: [f64; 2],
}

impl PowerModel {
    /// The energy of some processor time.
    pub fn estimate(&self, time: Duration) -> Estimate {
        let seconds = time.as_secs_f64();
        Estimate { joules: self.watts * seconds, range: self.range.map(|w| w * seconds) }
    }
}

impl Processor {
    /// How the model knows: what it assumes of this processor.
    pub fn label(&self) -> Label {
        let PowerModel { watts, range: [low, high] } = self.power;
        Label {
            meter: METER.into(),
            kind: Kind::Estimated,
            range: [low / watts, high / watts],
            assumptions: format!(
                "{watts:.1} W a busy hardware thread, range {low:.1} to {high:.1} W ({}); \
                 nothing for idling, memory, fans and power supply",
                self.source
            ),
        }
    }

    /// The energy of some processor time that was counted in full, as an estimated figure.
    pub fn figure(&self, time: Duration) -> Figure {
        let tally = Tally { elapsed: time, covered: time, ..Tally::default() };
        tally.figure(microjoules(self.power.watts, time), &self.label())
    }
}

fn microjoules(watts: f64, time: Duration) -> u64 {
    (watts * time.as_secs_f64() * 1e6).round() as u64
}

/// A meter that multiplies the processor time of this process with the watts of the model.
pub fn open(processor: &Processor, mut time: ProcessorTime) -> Meter {
    let watts = processor.power.watts;
    let read = Box::new(move || Ok(vec![microjoules(watts, time())]));
    Meter::new(processor.label(), vec![Limits::NONE], read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_keeps_its_range() {
        let estimate = PowerModel::default().estimate(Duration::from_millis(2500));
        assert_eq!(estimate, Estimate { joules: 10.0, range: [5.0, 25.0] });
        let figure = Processor::default().figure(Duration::from_millis(2500));
        assert_eq!((figure.joules, figure.range), (10.0, [5.0, 25.0]));
        assert_eq!((figure.kind, figure.coverage), (Kind::Estimated, 1.0));
    }
}
