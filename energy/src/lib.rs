//! The ledger of joules: what an episode's work cost, by span, and how that is known.
//!
//! Processor seconds are counted and come first. Joules are estimated from them by a declared model,
//! [`PowerModel`], and say so wherever they appear; counters of the hardware are not read yet.

use std::collections::BTreeMap;
use std::time::Duration;

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Span {
    /// Searching for a plan.
    Plan,
    /// From observation to belief.
    Perceive,
    /// Skills and the executive's own decisions.
    Act,
    /// Physics. Not part of the agent: on a real arm it falls away.
    Simulate,
}

impl Span {
    /// All spans with their names.
    pub const ALL: [(&'static str, Self); 4] = [
        ("plan", Self::Plan),
        ("perceive", Self::Perceive),
        ("act", Self::Act),
        ("simulate", Self::Simulate),
    ];

    /// Whether the span belongs to the agent, and not to the world that the simulator plays.
    pub fn is_agent(self) -> bool {
        self != Self::Simulate
    }
}

/// Processor time by span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger(BTreeMap<Span, Duration>);

impl Ledger {
    /// Books processor time on a span.
    pub fn book(&mut self, span: Span, time: Duration) {
        *self.0.entry(span).or_default() += time;
    }

    /// Adds another ledger's bookings.
    pub fn add(&mut self, other: &Self) {
        other.0.iter().for_each(|(&span, &time)| self.book(span, time));
    }

    /// Processor time of a span.
    pub fn time(&self, span: Span) -> Duration {
        self.0.get(&span).copied().unwrap_or_default()
    }

    /// Processor time of all spans of the agent.
    pub fn agent_time(&self) -> Duration {
        self.0.iter().filter(|(span, _)| span.is_agent()).map(|(_, time)| *time).sum()
    }

    /// Processor time of all spans.
    pub fn total(&self) -> Duration {
        self.0.values().sum()
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_over_spans_is_the_total() {
        let mut ledger = Ledger::default();
        for (i, (_, span)) in Span::ALL.iter().enumerate() {
            ledger.book(*span, Duration::from_millis(10 + i as u64));
            ledger.book(*span, Duration::from_millis(1));
        }
        let sum: Duration = Span::ALL.iter().map(|(_, span)| ledger.time(*span)).sum();
        assert_eq!(sum, ledger.total());
        assert_eq!(ledger.total() - ledger.agent_time(), ledger.time(Span::Simulate));
        let mut twice = ledger.clone();
        twice.add(&ledger);
        assert_eq!(twice.total(), ledger.total() * 2);
    }

    #[test]
    fn an_estimate_keeps_its_range() {
        let estimate = PowerModel::default().estimate(Duration::from_millis(2500));
        assert_eq!(estimate, Estimate { joules: 10.0, range: [5.0, 25.0] });
    }
}
