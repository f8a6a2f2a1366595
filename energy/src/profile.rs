//! Projections of counted work onto other hardware, from profiles whose every constant has its source.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Figure, Kind};

/// Work of a run's networks, as counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Multiply-accumulates.
    pub macs: u64,
    /// Bytes of weights read, once for each inference.
    pub weight_bytes: u64,
    /// Bytes of activations written and read.
    pub activation_bytes: u64,
    /// How long the run takes at the robot's pace, in which the hardware stands by.
    pub time: Duration,
}

/// A number of a profile.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    /// The value that is reckoned with, in `unit`.
    pub value: f64,
    /// The range in which the truth is taken to lie, in `unit`.
    pub range: [f64; 2],
    /// The unit, which the key prescribes.
    pub unit: String,
    /// Who says so, and how the value follows from it.
    pub source: String,
}

/// Hardware onto which work is projected: the contents of `energy/profiles/*.toml`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// What hardware is meant, and what is left out.
    pub scope: String,
    /// Energy of a multiply-accumulate, pJ/MAC.
    pub per_mac: Constant,
    /// Energy to bring a byte of weights to where it is used, pJ/byte.
    pub per_weight_byte: Constant,
    /// Energy to write or read a byte of activations, pJ/byte.
    pub per_activation_byte: Constant,
    /// Power while it waits for work, W, drawn all the time.
    pub standby: Constant,
    /// Power usage effectiveness of the data centre, 1: what the building draws for each watt of the
    /// hardware. Absent where there is no data centre.
    pub pue: Option<Constant>,
}

/// What is wrong with a profile.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{profile}: {}{message}; {remedy}", show_place(.line, .key))]
pub struct ProfileError {
    /// The file, as it was named.
    pub profile: String,
    /// 1-based; 0 where the error has no place.
    pub line: usize,
    /// The key; empty where the text as a whole is wrong.
    pub key: &'static str,
    /// What was expected and what was found.
    pub message: String,
    /// What to do about it.
    pub remedy: &'static str,
}

fn show_place(line: &usize, key: &str) -> String {
    match (line, key) {
        (0, "") => String::new(),
        (0, key) => format!("{key}: "),
        (line, _) => format!("line {line}: "),
    }
}

const SHIPPED: [(&str, &str); 4] = [
    ("data-centre-gpu.toml", include_str!("../profiles/data-centre-gpu.toml")),
    ("edge-npu.toml", include_str!("../profiles/edge-npu.toml")),
    ("analog-crossbar.toml", include_str!("../profiles/analog-crossbar.toml")),
    ("laptop-cpu.toml", include_str!("../profiles/laptop-cpu.toml")),
];

impl Profile {
    /// The profiles that come with the crate.
    ///
    /// # Errors
    /// One of them is not as it should be: a bug, which the tests look for.
    pub fn shipped() -> Result<Vec<Self>, ProfileError> {
        SHIPPED.iter().map(|(file, text)| Self::parse(text, file)).collect()
    }

    /// Reads a profile.
    ///
    /// # Errors
    /// The text is not TOML, a key is missing or unknown, a constant has another unit than its key
    /// prescribes, a value outside its range, a negative one, or no source.
    pub fn parse(text: &str, file: &str) -> Result<Self, ProfileError> {
        let profile: Self = toml::from_str(text).map_err(|error| ProfileError {
            profile: file.into(),
            line: error.span().map_or(0, |span| line_of(text, span.start)),
            key: "",
            message: error.message().into(),
            remedy: "see the profiles in energy/profiles for what is expected",
        })?;
        let pue = profile.pue.iter().map(|pue| ("pue", pue, "1", 1.0));
        let constants = [
            ("per_mac", &profile.per_mac, "pJ/MAC", 0.0),
            ("per_weight_byte", &profile.per_weight_byte, "pJ/byte", 0.0),
            ("per_activation_byte", &profile.per_activation_byte, "pJ/byte", 0.0),
            ("standby", &profile.standby, "W", 0.0),
        ];
        for (key, constant, unit, least) in constants.into_iter().chain(pue) {
            constant.check(unit, least).map_err(|(message, remedy)| ProfileError {
                profile: file.into(),
                line: 0,
                key,
                message,
                remedy,
            })?;
        }
        Ok(profile)
    }

    /// What some work would cost on this hardware. Always a projection, whatever the work was counted on.
    pub fn project(&self, work: &Work) -> Figure {
        let at = |pick: fn(&Constant) -> f64| {
            let picojoules = pick(&self.per_mac) * work.macs as f64
                + pick(&self.per_weight_byte) * work.weight_bytes as f64
                + pick(&self.per_activation_byte) * work.activation_bytes as f64;
            let standby = pick(&self.standby) * work.time.as_secs_f64();
            self.pue.as_ref().map_or(1.0, pick) * (picojoules * 1e-12 + standby)
        };
        let pue = self.pue.as_ref().map_or(String::new(), |pue| format!(", PUE {}", pue.value));
        Figure {
            joules: at(|constant| constant.value),
            range: [at(|constant| constant.range[0]), at(|constant| constant.range[1])],
            kind: Kind::Projected,
            meter: format!("profile {}", self.name),
            sampling_secs: None,
            coverage: 1.0,
            assumptions: format!(
                "{} MAC at {} pJ, {} bytes of weights at {} pJ, {} of activations at {} pJ, {} W standby \
                 for {:.1} s{pue}; {}",
                work.macs,
                self.per_mac.value,
                work.weight_bytes,
                self.per_weight_byte.value,
                work.activation_bytes,
                self.per_activation_byte.value,
                self.standby.value,
                work.time.as_secs_f64(),
                self.scope
            ),
        }
    }
}

impl Constant {
    fn check(&self, unit: &str, least: f64) -> Result<(), (String, &'static str)> {
        let [low, high] = self.range;
        let ordered = least <= low && low <= self.value && self.value <= high && high.is_finite();
        if self.unit != unit {
            let message = format!("expected the unit {unit:?}, found {:?}", self.unit);
            return Err((message, "convert value and range"));
        }
        if !ordered {
            let message = format!(
                "expected {least} <= range[0] <= value <= range[1], found value {} in {low} to {high}",
                self.value
            );
            return Err((message, "correct value or range"));
        }
        if self.source.trim().is_empty() {
            return Err(("expected a source, found none".into(), "say who published the value"));
        }
        Ok(())
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
}
