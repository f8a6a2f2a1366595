//! The machine's meter, and what it says of some episodes.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use ergon_bench::Episode;
use ergon_bench::comparison::{Cost, MeterLabel};
use ergon_energy::{Account, Baseline, Kind, Ledger, Meter, Span, Tally, busy_time};
use ergon_vocab::Clock;

use crate::clock::{CpuClock, WallClock};
use crate::exit::{Exit, Failure};

/// The kernel's account of processor time.
const STAT: &str = "/proc/stat";

/// The best meter that this machine has.
pub(crate) struct Metered {
    meter: Meter,
    baseline: Baseline,
    clock: WallClock,
    before: Tally,
    busy: Duration,
}

impl Metered {
    /// Opens it, and watches the idle machine for some time where it reads counters.
    pub(crate) fn open(idle: Duration) -> Result<Self, Failure> {
        let read = Box::new(|path: &Path| std::fs::read_to_string(path));
        let list = Box::new(|path: &Path| {
            std::fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect()
        });
        let meter = Meter::best(read, list, Box::new(|| CpuClock.now()), None);
        let (clock, before) = (WallClock::new(), Tally::default());
        let baseline = Baseline::default();
        let mut metered = Self { meter, baseline, clock, before, busy: Duration::ZERO };
        metered.begin()?;
        if metered.meter.label().kind == Kind::Measured {
            metered.clock.wait_until(metered.clock.now() + idle);
            let idle = metered.sample()?.since(&metered.before);
            metered.baseline = Baseline::of(&idle).unwrap_or_default();
        }
        Ok(metered)
    }

    pub(crate) fn label(&self) -> MeterLabel {
        let label = self.meter.label();
        MeterLabel {
            name: label.meter.clone(),
            kind: label.kind.to_string(),
            range: label.range,
            assumptions: label.assumptions.clone(),
        }
    }

    fn sample(&mut self) -> Result<Tally, Failure> {
        let now = self.clock.now();
        self.meter.sample(now).map_err(|e| Failure::new(Exit::BadInput, e.to_string()))
    }

    /// All the processor time that the meter sees.
    fn busy(&self) -> Duration {
        match self.meter.label().kind {
            Kind::Measured => {
                let stat = std::fs::read_to_string(STAT).ok();
                stat.and_then(|s| busy_time(&s)).unwrap_or_default()
            }
            _ => CpuClock.now(),
        }
    }

    /// Some episodes are about to run.
    pub(crate) fn begin(&mut self) -> Result<(), Failure> {
        self.before = self.sample()?;
        self.busy = self.busy();
        Ok(())
    }

    /// What has been counted since [`Metered::begin`], split over the work done since then.
    pub(crate) fn settle(&mut self, work: &Ledger) -> Result<Account, Failure> {
        let counted = self.sample()?.since(&self.before);
        let busy = self.busy().saturating_sub(self.busy);
        let mut account = Account::new(&self.meter, self.baseline);
        account.settle(&counted, work, busy);
        Ok(account)
    }

    /// What these episodes cost, which have run since [`Metered::begin`].
    pub(crate) fn end(&mut self, episodes: &[Episode]) -> Result<Vec<Cost>, Failure> {
        let mut all = Ledger::default();
        episodes.iter().for_each(|e| all.add(&e.ledger));
        let account = self.settle(&all)?;
        Ok(episodes.iter().map(|e| cost(&e.ledger, &all, &account)).collect())
    }
}

/// An episode's part of an account, by its processor time.
fn cost(own: &Ledger, all: &Ledger, account: &Account) -> Cost {
    let mut cost = Cost { processor_secs: BTreeMap::new(), microjoules: BTreeMap::new() };
    for (name, span) in Span::ALL {
        let (time, whole) = (own.time(span), all.time(span));
        if time.is_zero() {
            continue;
        }
        let share = u128::from(account.microjoules(span)) * time.as_nanos() / whole.as_nanos();
        cost.processor_secs.insert(name.to_owned(), time.as_secs_f64());
        cost.microjoules.insert(name.to_owned(), u64::try_from(share).unwrap_or(u64::MAX));
    }
    cost
}
