//! What a busy hardware thread of a processor draws, by the processor's name, and how busy a machine was.

use std::path::Path;
use std::time::Duration;

use crate::PowerModel;
use crate::meter::ReadText;

/// Where Linux names the processor.
pub const CPUINFO: &str = "/proc/cpuinfo";
/// Where Linux counts processor time of the whole machine.
pub const STAT: &str = "/proc/stat";

/// A processor with its declared power.
#[derive(Clone, Debug, PartialEq)]
pub struct Processor {
    /// Its name, as the processor itself gives it.
    pub name: String,
    /// Watts for a busy hardware thread; positive.
    pub power: PowerModel,
    /// Where the watts come from.
    pub source: String,
}

impl Default for Processor {
    /// A processor of which nothing is known.
    fn default() -> Self {
        Self::unknown("")
    }
}

/// Rated power and size of a processor.
struct Rating {
    /// Part of the name, as `/proc/cpuinfo` has it.
    name: &'static str,
    watts: f64,
    cores: f64,
    threads: f64,
}

const fn rating(name: &'static str, watts: f64, cores: f64, threads: f64) -> Rating {
    Rating { name, watts, cores, threads }
}

/// Rated power (TDP, base power), cores and threads from the makers' product pages: Intel's for Core and
/// Xeon, AMD's for Ryzen and EPYC.
const RATINGS: [Rating; 20] = [
    rating("Xeon(R) Platinum 8480", 350.0, 56.0, 112.0),
    rating("Xeon(R) Platinum 8380", 270.0, 40.0, 80.0),
    rating("Xeon(R) Gold 6248 ", 150.0, 20.0, 40.0),
    rating("EPYC 9654 ", 360.0, 96.0, 192.0),
    rating("EPYC 9354 ", 280.0, 32.0, 64.0),
    rating("EPYC 7763", 280.0, 64.0, 128.0),
    rating("EPYC 7742", 225.0, 64.0, 128.0),
    rating("i9-13900K", 125.0, 24.0, 32.0),
    rating("i7-12700K", 125.0, 12.0, 20.0),
    rating("i9-9900K ", 95.0, 8.0, 16.0),
    rating("i7-9700K ", 95.0, 8.0, 8.0),
    rating("i7-1185G7", 28.0, 4.0, 8.0),
    rating("i7-1165G7", 28.0, 4.0, 8.0),
    rating("i7-8550U", 15.0, 4.0, 8.0),
    rating("i5-8250U", 15.0, 4.0, 8.0),
    rating("Ryzen 9 7950X ", 170.0, 16.0, 32.0),
    rating("Ryzen 9 5950X", 105.0, 16.0, 32.0),
    rating("Ryzen 7 5800X", 105.0, 8.0, 16.0),
    rating("Ryzen 5 5600X", 65.0, 6.0, 12.0),
    rating("Ryzen 7 7840U", 28.0, 8.0, 16.0),
];

impl Processor {
    /// A processor whose watts the user declares.
    pub fn declared(power: PowerModel) -> Self {
        Self { name: String::new(), power, source: "declared by the user".into() }
    }

    /// The processor that the text of `/proc/cpuinfo` names; an unknown one where it names none.
    pub fn parse(cpuinfo: &str) -> Self {
        let name = cpuinfo
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.trim() == "model name")
            .map_or("", |(_, name)| name.trim());
        Self::named(name)
    }

    /// The processor of this machine; an unknown one where it cannot be read.
    pub fn read(read: &mut ReadText) -> Self {
        read(Path::new(CPUINFO)).map(|text| Self::parse(&text)).unwrap_or_default()
    }

    /// A processor by its name.
    ///
    /// With all threads busy each gets its share of the rated power. Real loads draw down to half of that,
    /// and a thread alone has its core, at boost clocks that draw up to twice the core's share.
    pub fn named(name: &str) -> Self {
        // Some entries end in a space, lest a name match that only begins like theirs.
        let padded = format!("{name} ");
        let Some(rating) = RATINGS.iter().find(|rating| padded.contains(rating.name)) else {
            return Self::unknown(name);
        };
        let Rating { watts, cores, threads, .. } = *rating;
        Self {
            name: name.into(),
            power: PowerModel {
                watts: watts / threads,
                range: [watts / threads / 2.0, 2.0 * watts / cores],
            },
            source: format!(
                "{name}, rated {watts} W for {threads} threads by its maker; down to half of it, up to \
                 twice a core's share"
            ),
        }
    }

    fn unknown(name: &str) -> Self {
        let name = if name.is_empty() { "unnamed" } else { name };
        Self {
            name: name.into(),
            power: PowerModel::default(),
            source: format!("unknown processor '{name}': CodeCarbon 3's constant"),
        }
    }
}

/// Processor time of the whole machine since it started, all processes and threads, from the text of
/// `/proc/stat`; `None` where it says none. To a hundredth of a second for each processor.
pub fn busy_time(stat: &str) -> Option<Duration> {
    // user nice system idle iowait irq softirq; what follows is other machines', or is in `user`.
    let ticks: Vec<u64> = stat
        .lines()
        .find_map(|line| line.strip_prefix("cpu "))?
        .split_whitespace()
        .take(7)
        .map(|ticks| ticks.parse().ok())
        .collect::<Option<_>>()?;
    let [user, nice, system, _, _, irq, softirq] = ticks[..] else { return None };
    let busy = [user, nice, system, irq, softirq].into_iter().try_fold(0, u64::checked_add)?;
    // USER_HZ is 100 on every platform that Linux runs robots on.
    Some(Duration::from_millis(busy.checked_mul(10)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, watts: f64, range: [f64; 2]) {
        let cpuinfo =
            format!("processor\t: 0\nmodel\t\t: 85\nmodel name\t: {name}\nflags\t: fpu\n");
        let power = Processor::parse(&cpuinfo).power;
        assert_eq!(power, PowerModel { watts, range }, "{name}");
    }

    #[test]
    fn a_processor_is_known_by_its_name() {
        check("Intel(R) Xeon(R) Platinum 8480+", 3.125, [1.5625, 12.5]);
        check("AMD EPYC 9654 96-Core Processor", 1.875, [0.9375, 7.5]);
        check("11th Gen Intel(R) Core(TM) i7-1185G7 @ 3.00GHz", 3.5, [1.75, 14.0]);
        check("AMD Ryzen 9 7950X 16-Core Processor", 5.3125, [2.65625, 21.25]);
    }

    #[test]
    fn an_unknown_processor_draws_the_default() {
        check("Intel(R) Xeon(R) Processor", 4.0, [2.0, 10.0]);
        check("AMD Ryzen 9 7950X3D 16-Core Processor", 4.0, [2.0, 10.0]);
        assert_eq!(Processor::parse("garbage"), Processor::default());
        assert_eq!(Processor::parse(""), Processor::default());
    }

    #[test]
    fn busy_time_leaves_idling_out() {
        let stat = "cpu  10 20 30 9999 9999 4 5 7 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n";
        assert_eq!(busy_time(stat), Some(Duration::from_millis(690)));
        for bad in ["", "cpu  1 2 3", "cpu  1 2 x 4 5 6 7", "cpu0 1 2 3 4 5 6 7"] {
            assert_eq!(busy_time(bad), None, "{bad}");
        }
    }
}
