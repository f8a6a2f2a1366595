//! Splits what a meter counted over the spans of work.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::{Figure, Label, Ledger, Meter, Span, Tally};

/// The power that a machine draws with nothing of ours running, measured before.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Baseline {
    /// Mean power, W; 0 where none was measured.
    pub watts: f64,
    /// The covered time over which it was measured.
    pub over: Duration,
}

impl Baseline {
    /// The baseline out of what a meter counted while the machine idled; `None` where it counted nothing.
    pub fn of(idle: &Tally) -> Option<Self> {
        idle.watts().map(|watts| Self { watts, over: idle.covered })
    }

    fn microjoules(&self, time: Duration) -> u64 {
        (self.watts * time.as_secs_f64() * 1e6) as u64
    }
}

/// Energy by span. Its sum over all spans is the meter's total, to the microjoule.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    label: Label,
    baseline: Baseline,
    spans: BTreeMap<Span, u64>,
    total: Tally,
}

impl Account {
    /// An empty account of what a meter counts. Without a measured baseline give `Baseline::default()`.
    pub fn new(meter: &Meter, baseline: Baseline) -> Self {
        let spans = BTreeMap::new();
        Self { label: meter.label().clone(), baseline, spans, total: Tally::default() }
    }

    /// Splits the energy counted in a time over the work done in it.
    ///
    /// The baseline's share is idle. What is above it is shared out by processor time: each span gets
    /// its part of `busy`, and what no span claims is idle, too. `busy` is all the processor time that
    /// the meter saw: the process's own for the model ([`crate::meter::ProcessorTime`]), the machine's
    /// for counters of the hardware ([`crate::busy_time`]). With less than was booked, as with zero,
    /// the spans take all.
    pub fn settle(&mut self, counted: &Tally, work: &Ledger, busy: Duration) {
        self.total.add(counted);
        let idle = self.baseline.microjoules(counted.covered).min(counted.microjoules);
        let active = counted.microjoules - idle;
        let whole = busy.max(work.total()).as_nanos();
        let mut left = counted.microjoules;
        for (span, time) in work.iter() {
            // Rounded down, so that the parts never exceed the whole; the rest is idle.
            let part = (u128::from(active) * time.as_nanos()).checked_div(whole).unwrap_or(0);
            let part = u64::try_from(part).unwrap_or(active).min(left);
            left -= part;
            self.book(span, part);
        }
        self.book(Span::Idle, left);
    }

    fn book(&mut self, span: Span, microjoules: u64) {
        let booked = self.spans.entry(span).or_default();
        *booked = booked.saturating_add(microjoules);
    }

    /// What the meter counted in all.
    pub fn total(&self) -> Figure {
        self.figure(self.total.microjoules)
    }

    /// The part of a span.
    pub fn span(&self, span: Span) -> Figure {
        self.figure(self.microjoules(span))
    }

    /// The part of the running agent: planning, perceiving and acting.
    pub fn agent(&self) -> Figure {
        let agent = self.spans.keys().filter(|span| span.is_agent());
        self.figure(agent.map(|&span| self.microjoules(span)).sum())
    }

    /// The part of a span, µJ.
    pub fn microjoules(&self, span: Span) -> u64 {
        self.spans.get(&span).copied().unwrap_or(0)
    }

    /// What the meter counted, with its time and coverage.
    pub fn tally(&self) -> &Tally {
        &self.total
    }

    /// The baseline that counts as idle.
    pub fn baseline(&self) -> Baseline {
        self.baseline
    }

    fn figure(&self, microjoules: u64) -> Figure {
        self.total.figure(microjoules, &self.label)
    }
}
