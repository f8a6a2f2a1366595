//! Meters: what reads energy, and how well.

pub mod model;
#[cfg(feature = "nvml")]
pub mod nvml;
pub mod rapl;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use crate::{Counter, Figure, Kind, Limits, Processor};

/// Reads the text of a file.
pub type ReadText = Box<dyn FnMut(&Path) -> io::Result<String>>;
/// Lists the paths in a folder.
pub type ListFolder = Box<dyn FnMut(&Path) -> io::Result<Vec<PathBuf>>>;
/// Processor time of this process, all threads, since it began.
pub type ProcessorTime = Box<dyn FnMut() -> Duration>;

/// Why a meter cannot be had or read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{what}: {why}; {remedy}")]
pub struct MeterError {
    /// The file, folder or device that was to be read.
    pub what: String,
    /// What is wrong with it.
    pub why: String,
    /// What to do about it.
    pub remedy: &'static str,
}

/// How a meter knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The meter's name.
    pub meter: String,
    /// Whether it measures or estimates.
    pub kind: Kind,
    /// The range in which the truth is taken to lie, in parts of the figure.
    pub range: [f64; 2],
    /// What the figure includes and rests on.
    pub assumptions: String,
}

/// What a meter has counted since its first sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Energy counted in the covered time, µJ. Nothing is added for time that was not covered.
    pub microjoules: u64,
    /// Time that passed, with every jump of the clock backwards counted as a gap of that length.
    pub elapsed: Duration,
    /// The part of it of which the energy is known.
    pub covered: Duration,
    /// Samples after the first.
    pub samples: u32,
}

impl Tally {
    /// What was counted since an earlier tally of the same meter.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            microjoules: self.microjoules.saturating_sub(earlier.microjoules),
            elapsed: self.elapsed.saturating_sub(earlier.elapsed),
            covered: self.covered.saturating_sub(earlier.covered),
            samples: self.samples.saturating_sub(earlier.samples),
        }
    }

    /// Adds what was counted in another time.
    pub fn add(&mut self, other: &Self) {
        self.microjoules = self.microjoules.saturating_add(other.microjoules);
        self.elapsed = self.elapsed.saturating_add(other.elapsed);
        self.covered = self.covered.saturating_add(other.covered);
        self.samples = self.samples.saturating_add(other.samples);
    }

    /// The covered part of the time, in [0, 1]; 1 where no time passed.
    pub fn coverage(&self) -> f64 {
        match self.elapsed.is_zero() {
            true => 1.0,
            false => self.covered.as_secs_f64() / self.elapsed.as_secs_f64(),
        }
    }

    /// Mean time between two samples; `None` before the second.
    pub fn sampling_period(&self) -> Option<Duration> {
        self.elapsed.checked_div(self.samples)
    }

    /// Mean power in the covered time, W; `None` where there is none.
    pub fn watts(&self) -> Option<f64> {
        let seconds = self.covered.as_secs_f64();
        (seconds > 0.0).then(|| self.microjoules as f64 * 1e-6 / seconds)
    }

    /// Some of the counted energy as a figure.
    pub fn figure(&self, microjoules: u64, label: &Label) -> Figure {
        let joules = microjoules as f64 * 1e-6;
        Figure {
            joules,
            range: label.range.map(|part| part * joules),
            kind: label.kind,
            meter: label.meter.clone(),
            sampling_secs: self.sampling_period().map(|period| period.as_secs_f64()),
            coverage: self.coverage(),
            assumptions: label.assumptions.clone(),
        }
    }
}

/// Reads all counters of a meter, µJ, always as many and in the same order.
pub(crate) type ReadCounters = Box<dyn FnMut() -> Result<Vec<u64>, MeterError>>;

/// Counters that are read together.
pub struct Meter {
    label: Label,
    read: ReadCounters,
    counters: Vec<Counter>,
    last: Option<Duration>,
    total: Tally,
}

impl Meter {
    pub(crate) fn new(label: Label, limits: Vec<Limits>, read: ReadCounters) -> Self {
        let counters = limits.into_iter().map(Counter::new).collect();
        Self { label, read, counters, last: None, total: Tally::default() }
    }

    /// The best meter of a machine: the counters of its processors, else the declared model, which then
    /// says among its assumptions why no counter is read.
    ///
    /// The model is that of the declared processor, or of the one that `/proc/cpuinfo` names.
    pub fn best(
        mut read: ReadText,
        list: ListFolder,
        time: ProcessorTime,
        declared: Option<Processor>,
    ) -> Self {
        let processor = declared.unwrap_or_else(|| Processor::read(&mut read));
        rapl::open(read, list).unwrap_or_else(|error| {
            let mut meter = model::open(&processor, time);
            meter.label.assumptions += &format!("; no counter was read: {error}");
            meter
        })
    }

    /// Whether the counters can be read.
    pub(crate) fn probe(&mut self) -> Result<(), MeterError> {
        (self.read)().map(drop)
    }

    /// How the meter knows.
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// Reads the meter at a time since some origin, and returns all that was counted since the first
    /// sample. An account is the difference of two: [`Tally::since`].
    ///
    /// Samples are needed at the begin and end of what is to be counted, and at least every minute
    /// between, lest a counter go round twice.
    ///
    /// # Errors
    /// A counter cannot be read. The meter is as before, and the next sample makes up for it.
    pub fn sample(&mut self, at: Duration) -> Result<Tally, MeterError> {
        let readings = (self.read)()?;
        let last = self.last.replace(at);
        let gap = last.and_then(|last| at.checked_sub(last));
        // Every counter takes its reading, also after one whose growth is unknown.
        let grown: Vec<Option<u64>> =
            self.counters.iter_mut().zip(readings).map(|(c, uj)| c.advance(uj, gap)).collect();
        // Where one is unknown all are left out, so that the joules are those of the covered time.
        let grown = grown.into_iter().try_fold(0u64, |sum, grown| Some(sum.saturating_add(grown?)));
        let Some(last) = last else { return Ok(self.total) };
        self.total.add(&Tally {
            microjoules: grown.unwrap_or(0),
            elapsed: at.abs_diff(last),
            covered: grown.and(gap).unwrap_or_default(),
            samples: 1,
        });
        Ok(self.total)
    }
}
