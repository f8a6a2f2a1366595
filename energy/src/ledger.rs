//! Processor time by span.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Span;

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

    /// Every booked span with its processor time, in the order of [`Span::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Span, Duration)> {
        self.0.iter().map(|(&span, &time)| (span, time))
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
        let agent = [Span::Plan, Span::Perceive, Span::Act].map(|span| ledger.time(span));
        assert_eq!(ledger.agent_time(), agent.into_iter().sum());
        let mut twice = ledger.clone();
        twice.add(&ledger);
        assert_eq!(twice.total(), ledger.total() * 2);
    }

    #[test]
    fn spans_are_listed_in_their_order() {
        assert!(Span::ALL.is_sorted_by_key(|(_, span)| *span));
    }
}
