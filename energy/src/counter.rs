//! A cumulative counter of energy that may start over.

use std::time::Duration;

/// What is known of a counter beside its readings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// µJ at which the counter starts over at zero; `None` where it never does.
    pub range_uj: Option<u64>,
    /// The most power that what it counts can draw, W; `None` where any growth is believed.
    ///
    /// It decides how long a gap between two readings may be: where the counter could have gone round
    /// once more unseen, the difference means nothing.
    pub max_watts: Option<f64>,
    /// The time between two updates of the counter: so much energy may appear late.
    pub refresh: Duration,
}

impl Limits {
    /// A counter that never starts over and whose growth is always believed.
    pub const NONE: Self = Self { range_uj: None, max_watts: None, refresh: Duration::ZERO };

    /// The most that the counter can have grown in a time, µJ.
    fn most(&self, gap: Duration) -> u128 {
        let seconds = gap.saturating_add(self.refresh).as_secs_f64();
        // Casting saturates, so that boundless power gives the largest number.
        self.max_watts.map_or(u128::MAX, |watts| (watts * seconds * 1e6) as u128)
    }
}

/// A counter of energy, from which growth is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Counter {
    limits: Limits,
    last: Option<u64>,
}

impl Counter {
    /// A counter that was not read yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, last: None }
    }

    /// Takes a reading in µJ, and returns the growth since the one before, µJ.
    ///
    /// `gap` is the time since then, `None` where it is unknown. The answer is `None` where the growth
    /// cannot be known: at the first reading, after an unknown time, after a gap in which the counter may
    /// have gone round once more, and after more growth than the power allows, which is a counter that
    /// was set back. Nothing is ever guessed.
    ///
    /// The hardware starts over one unit (some 60 µJ) past the largest value it shows, which is
    /// neglected.
    pub fn advance(&mut self, reading_uj: u64, gap: Option<Duration>) -> Option<u64> {
        let last = self.last.replace(reading_uj)?;
        let most = self.limits.most(gap?);
        let grown = match self.limits.range_uj {
            Some(range) if last > range || reading_uj > range => return None,
            Some(range) if reading_uj < last => range - last + reading_uj,
            _ => reading_uj.checked_sub(last)?,
        };
        let another_turn = |range| u128::from(grown) + u128::from(range) <= most;
        let ambiguous = self.limits.range_uj.is_some_and(another_turn);
        (u128::from(grown) <= most && !ambiguous).then_some(grown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits =
        Limits { range_uj: Some(1_000_000), max_watts: Some(1.0), refresh: Duration::ZERO };

    fn check(limits: Limits, from: u64, to: u64, gap_ms: u64, expected: Option<u64>) {
        let mut counter = Counter::new(limits);
        assert_eq!(counter.advance(from, None), None);
        let gap = Some(Duration::from_millis(gap_ms));
        assert_eq!(counter.advance(to, gap), expected, "{from} to {to} in {gap_ms} ms");
    }

    #[test]
    fn growth_is_read_across_a_wrap() {
        check(LIMITS, 100, 400, 10, Some(300));
        check(LIMITS, 999_900, 200, 10, Some(300));
    }

    #[test]
    fn growth_is_unknown_where_another_turn_was_possible() {
        check(LIMITS, 0, 300_000, 1299, Some(300_000));
        check(LIMITS, 0, 300_000, 1300, None);
        check(LIMITS, 900_000, 200_000, 1300, None);
    }

    #[test]
    fn more_than_the_power_allows_is_a_counter_set_back() {
        check(LIMITS, 500_000, 0, 10, None);
        check(LIMITS, 0, 20_000, 10, None);
        check(Limits { refresh: Duration::from_millis(10), ..LIMITS }, 0, 20_000, 10, Some(20_000));
    }

    #[test]
    fn a_counter_without_limits_only_ever_grows() {
        check(Limits::NONE, 5, u64::MAX, 0, Some(u64::MAX - 5));
        check(Limits::NONE, 5, 4, 1000, None);
    }

    #[test]
    fn readings_past_the_range_are_not_believed() {
        check(LIMITS, 1_000_001, 5, 10, None);
        check(LIMITS, 5, 1_000_001, 10, None);
    }
}
