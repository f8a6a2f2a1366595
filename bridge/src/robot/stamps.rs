//! When messages were made, by their own stamps and a clock.

use std::time::Duration;

/// How long a clock of others may stand still before nothing is judged by it.
const CLOCK_STILL: Duration = Duration::from_secs(1);
/// What to do when two clocks disagree.
const REMEDY: &str =
    "set the clocks of the robot and of this machine by one server (NTP), or watch.stamps = false";

/// The stamp of a message, s and ns since the origin of the robot's clock, as `builtin_interfaces/Time`
/// has it; 0 for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Whole seconds.
    pub sec: i32,
    /// Nanoseconds beyond them, below 1e9.
    pub nanosec: u32,
}

impl Stamp {
    /// In seconds; `None` where the message is not stamped.
    ///
    /// # Errors
    /// It is before the clock's origin, or has more nanoseconds than a second.
    pub fn secs(self) -> Result<Option<f64>, String> {
        match self {
            Self { sec: 0, nanosec: 0 } => Ok(None),
            Self { sec, nanosec } if sec < 0 || nanosec >= 1_000_000_000 => {
                Err(format!("stamped {sec} s and {nanosec} ns, which is no time"))
            }
            Self { sec, nanosec } => Ok(Some(f64::from(sec) + f64::from(nanosec) * 1e-9)),
        }
    }
}

/// When a message was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Made {
    /// By the port's clock; never later than it arrived.
    pub at: Duration,
    /// How old its stamp was when it arrived, s; `None` where it is not stamped.
    pub age_secs: Option<f64>,
}

/// The stamps of one stream of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stamps {
    last: Option<f64>,
}

impl Stamps {
    /// When a message was made that arrived at `arrived`, by the port's clock. `clock` reads the clock
    /// that the robot stamps by, s; `limit` is the age at which messages are of no use. A message without
    /// a stamp counts as made when it arrived.
    ///
    /// # Errors
    /// The message is of no use: its stamp is older than the limit, ahead of the clock by more than the
    /// limit, before that of the message before it, or no time; or the clock cannot be read.
    pub fn made(
        &mut self,
        stamp: Stamp,
        clock: impl FnOnce() -> Result<f64, String>,
        arrived: Duration,
        limit: Duration,
    ) -> Result<Made, String> {
        let Some(stamp) = stamp.secs()? else { return Ok(Made { at: arrived, age_secs: None }) };
        let last = self.last.replace(stamp);
        let clock = clock().map_err(|why| format!("cannot be told to be fresh: {why}"))?;
        let (age, limit) = (clock - stamp, limit.as_secs_f64());
        if age > limit {
            return Err(format!("stamped {age:.3} s before they came; {REMEDY}"));
        }
        if age < -limit {
            let ahead = -age;
            return Err(format!("stamped {ahead:.3} s ahead of the clock; {REMEDY}"));
        }
        // One that was overtaken on its way is of no use; the next is measured against it, so that a
        // clock that was set back costs one message.
        if let Some(back) = last.map(|last| last - stamp).filter(|back| *back > 0.0) {
            return Err(format!("stamped {back:.3} s before the one that came before"));
        }
        let since = Duration::try_from_secs_f64(age.max(0.0)).unwrap_or(Duration::ZERO);
        Ok(Made { at: arrived.saturating_sub(since), age_secs: Some(age) })
    }

    /// Forgets the last stamp.
    pub fn forget(&mut self) {
        self.last = None;
    }
}

/// A clock that somebody else tells, such as a simulator's `/clock`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ToldClock {
    told: Option<f64>,
    /// When it last went on, by the port's clock.
    moved: Duration,
}

impl ToldClock {
    /// Hears a time, s, at `arrived` by the port's clock. By how much it went back, s, if it did: a
    /// simulation began anew, and what was heard before is of another world.
    pub fn hear(&mut self, secs: f64, arrived: Duration) -> Option<f64> {
        let last = self.told.replace(secs);
        if last != Some(secs) {
            self.moved = arrived;
        }
        last.map(|last| last - secs).filter(|back| *back > 0.0)
    }

    /// The time, s, as it was told last.
    ///
    /// # Errors
    /// None was told yet, or the clock stands still.
    pub fn read(&self, now: Duration) -> Result<f64, String> {
        let Some(told) = self.told else {
            return Err("nothing on /clock, which use_sim_time asks for".into());
        };
        let still = now.saturating_sub(self.moved);
        match still > CLOCK_STILL {
            true => Err(format!("/clock has stood still for {:.1} s", still.as_secs_f64())),
            false => Ok(told),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: Duration = Duration::from_millis(200);
    const ARRIVED: Duration = Duration::from_secs(50);

    fn stamp(secs: f64) -> Stamp {
        Stamp { sec: secs as i32, nanosec: ((secs - secs.floor()) * 1e9) as u32 }
    }

    fn made(stamps: &mut Stamps, secs: f64) -> Result<Duration, String> {
        stamps.made(stamp(secs), || Ok(100.0), ARRIVED, LIMIT).map(|made| made.at)
    }

    #[test]
    fn a_message_is_as_old_as_its_stamp_and_never_younger_than_its_arrival() {
        let mut stamps = Stamps::default();
        let at = made(&mut stamps, 99.9).unwrap();
        assert!(((ARRIVED - at).as_secs_f64() - 0.1).abs() < 1e-6, "{at:?}");
        // A clock a little ahead makes nothing younger.
        assert_eq!(made(&mut stamps, 100.1).unwrap(), ARRIVED);
        let none = stamps.made(Stamp::default(), || Err("unread".into()), ARRIVED, LIMIT);
        assert_eq!(none, Ok(Made { at: ARRIVED, age_secs: None }));
    }

    #[test]
    fn stamps_that_make_no_sense_are_told_apart() {
        let mut stamps = Stamps::default();
        let mut check = |secs, expected: &str| {
            let why = made(&mut stamps, secs).unwrap_err();
            assert!(why.contains(expected), "{why}");
        };
        check(99.7, "0.300 s before they came");
        check(101.0, "1.000 s ahead of the clock");
        check(100.0, "1.000 s before the one that came before");
        assert!(made(&mut stamps, 100.01).is_ok());
        for wrong in [Stamp { sec: -1, nanosec: 0 }, Stamp { sec: 1, nanosec: 1_000_000_000 }] {
            let why = stamps.made(wrong, || Ok(1.0), ARRIVED, LIMIT).unwrap_err();
            assert!(why.contains("which is no time"), "{why}");
        }
        let unread = stamps.made(stamp(100.0), || Err("no clock".into()), ARRIVED, LIMIT);
        assert_eq!(unread, Err("cannot be told to be fresh: no clock".into()));
    }

    #[test]
    fn a_clock_that_stands_still_is_none_and_one_that_goes_back_says_by_how_much() {
        let mut clock = ToldClock::default();
        let secs = Duration::from_secs;
        assert!(clock.read(secs(0)).unwrap_err().contains("nothing on /clock"));
        assert_eq!(clock.hear(5.0, secs(1)), None);
        assert_eq!(clock.hear(5.0, secs(2)), None);
        assert_eq!(clock.read(secs(2)), Ok(5.0));
        assert!(clock.read(secs(3)).unwrap_err().contains("stood still for 2.0 s"));
        assert_eq!(clock.hear(2.0, secs(3)), Some(3.0));
        assert_eq!(clock.read(secs(3)), Ok(2.0));
    }

    proptest! {
        #[test]
        fn what_is_taken_is_fresh(
            sec in any::<i32>(), nanosec in any::<u32>(), off in -1.0..1.0, last in any::<f64>(),
        ) {
            let mut stamps = Stamps { last: Some(last) };
            let clock = f64::from(sec) + off;
            let read = stamps.made(Stamp { sec, nanosec }, || Ok(clock), ARRIVED, LIMIT);
            if let Ok(Made { at, age_secs }) = read {
                prop_assert!(at <= ARRIVED && ARRIVED - at <= LIMIT);
                prop_assert!(age_secs.is_none_or(|age| age.abs() <= LIMIT.as_secs_f64()));
            }
        }
    }
}
