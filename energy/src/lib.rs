//! The ledger of joules: what work cost, by span, and how that is known.
//!
//! Processor seconds are counted and come first ([`Ledger`]). A [`Meter`] counts energy: from counters of
//! the hardware where they can be read, else from processor seconds by a declared model, which says
//! `estimated` wherever it appears. An [`Account`] splits what a meter counted over the spans. Every
//! [`Figure`] carries its meter, sampling period and coverage; time that no meter saw lowers the coverage
//! and is never filled in. [`Derived`] and [`Repayment`] follow from figures; a [`Profile`] carries counted
//! work over to other hardware, as a projection.
//!
//! The crate touches no file and no clock: what reads them is handed in. Only the `nvml` feature loads a
//! library, the driver's.
//!
//! ```
//! use std::time::Duration;
//! use ergon_energy::{Account, Baseline, Ledger, Meter, Span};
//!
//! # let now = || Duration::from_secs(3);
//! # let process_time = || Duration::from_secs(1);
//! # let list = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
//! # let read_to_string = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
//! let mut meter = Meter::best(Box::new(read_to_string), Box::new(list), Box::new(process_time), None);
//! let mut account = Account::new(&meter, Baseline::default());
//!
//! let (before, busy_before) = (meter.sample(now())?, process_time());
//! let mut ledger = Ledger::default();
//! // ... an episode, which books processor time on spans ...
//! ledger.book(Span::Plan, Duration::from_millis(20));
//! let counted = meter.sample(now())?.since(&before);
//! account.settle(&counted, &ledger, process_time() - busy_before);
//!
//! println!("{}", account.agent());
//! # Ok::<(), ergon_energy::MeterError>(())
//! ```

mod account;
mod counter;
mod cpu;
mod derived;
mod figure;
mod ledger;
mod mechanical;
pub mod meter;
mod profile;
mod span;

pub use account::{Account, Baseline};
pub use counter::{Counter, Limits};
pub use cpu::{CPUINFO, Processor, STAT, busy_time};
pub use derived::{BreakEven, Cost, Counts, Derived, Point, Repayment};
pub use figure::{Figure, Kind};
pub use ledger::Ledger;
pub use mechanical::{JointsError, Mechanical};
pub use meter::model::{Estimate, PowerModel};
pub use meter::{Label, Meter, MeterError, Tally};
pub use profile::{Constant, Profile, ProfileError, Work};
pub use span::Span;
