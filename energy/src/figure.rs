//! A figure of energy with how it is known.

use std::fmt;

use serde::Serialize;

/// How a figure is known, from the best to the weakest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A counter of the hardware was read.
    Measured,
    /// A model was applied to what was counted on this machine.
    Estimated,
    /// What was counted on this machine was carried over to other hardware.
    Projected,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Measured => "measured",
            Self::Estimated => "estimated",
            Self::Projected => "projected",
        })
    }
}

/// Joules, and how they are known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// The energy, J. Nothing is added for time that was not covered.
    pub joules: f64,
    /// The range in which the truth is taken to lie, J, as far as the meter's assumptions go: of what was
    /// not covered, `coverage` tells.
    pub range: [f64; 2],
    /// How it is known.
    pub kind: Kind,
    /// What read or computed it.
    pub meter: String,
    /// Mean time between two samples, s; `None` where nothing was sampled.
    pub sampling_secs: Option<f64>,
    /// The part of the time, or of the work, of which the energy is known, in [0, 1].
    pub coverage: f64,
    /// What the figure includes and rests on.
    pub assumptions: String,
}

impl Figure {
    /// The figure times a factor, such as one over the number of steps.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self {
            joules: self.joules * factor,
            range: self.range.map(|joules| joules * factor),
            ..self.clone()
        }
    }

    /// The figure shared out evenly over some things; `None` where there are none.
    pub fn per(&self, count: u64) -> Option<Self> {
        (count > 0).then(|| self.scaled(1.0 / count as f64))
    }

    /// The sum with a figure of the same kind; `None` for another, as kinds are not mixed.
    ///
    /// Errors are taken to go the same way, so that the ranges add up. The coverage is the lesser.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        let both = |a: &str, b: &str, between: &str| match a == b {
            true => a.to_owned(),
            false => format!("{a}{between}{b}"),
        };
        (self.kind == other.kind).then(|| Self {
            joules: self.joules + other.joules,
            range: [self.range[0] + other.range[0], self.range[1] + other.range[1]],
            kind: self.kind,
            meter: both(&self.meter, &other.meter, " + "),
            sampling_secs: self
                .sampling_secs
                .zip(other.sampling_secs)
                .map_or(self.sampling_secs.or(other.sampling_secs), |(a, b)| Some(a.max(b))),
            coverage: self.coverage.min(other.coverage),
            assumptions: both(&self.assumptions, &other.assumptions, "; "),
        })
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [low, high] = self.range;
        write!(f, "{} J {}", significant(self.joules), self.kind)?;
        if low < high {
            write!(f, ", {} to {} J", significant(low), significant(high))?;
        }
        write!(f, " ({}", self.meter)?;
        if let Some(seconds) = self.sampling_secs {
            write!(f, " every {} s", significant(seconds))?;
        }
        write!(f, ", coverage {:.1} %)", 100.0 * self.coverage)
    }
}

/// A number with three significant digits, or all its whole ones.
fn significant(x: f64) -> String {
    let magnitude = match x == 0.0 || !x.is_finite() {
        true => 0,
        false => x.abs().log10().floor() as i32,
    };
    format!("{x:.*}", usize::try_from(2 - magnitude).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(kind: Kind, joules: f64) -> Figure {
        Figure {
            joules,
            range: [joules / 2.0, joules * 2.5],
            kind,
            meter: "test".into(),
            sampling_secs: Some(0.5),
            coverage: 0.875,
            assumptions: String::new(),
        }
    }

    #[test]
    fn kinds_are_not_mixed() {
        let [measured, estimated] = [Kind::Measured, Kind::Estimated].map(|k| figure(k, 4.0));
        assert_eq!(measured.plus(&estimated), None);
        assert_eq!(measured.plus(&measured), Some(figure(Kind::Measured, 8.0)));
    }

    #[test]
    fn a_figure_says_how_it_is_known() {
        assert_eq!(
            figure(Kind::Estimated, 4.0).to_string(),
            "4.00 J estimated, 2.00 to 10.0 J (test every 0.500 s, coverage 87.5 %)"
        );
        assert_eq!(significant(12345.6), "12346");
        assert_eq!(significant(0.0012345), "0.00123");
    }
}
