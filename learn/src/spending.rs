//! What a training has cost.

use serde::{Deserialize, Serialize};

/// Time and energy spent, making the data included.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spending {
    /// Wall time, s.
    pub wall_secs: f64,
    /// Processor time of all threads, s.
    pub cpu_secs: f64,
    /// Energy, J.
    pub joules: f64,
    /// How the energy is known, such as `estimated`, and by what; empty where nothing was spent.
    pub joules_kind: String,
}

impl Spending {
    /// This and more. What is known in two ways is known the less sure way: as an estimate.
    #[must_use]
    pub fn and(&self, more: &Self) -> Self {
        let estimated = |s: &Self| s.joules_kind.starts_with("estimated");
        let kind = if more.joules_kind.is_empty() || (estimated(self) && !estimated(more)) {
            &self.joules_kind
        } else {
            &more.joules_kind
        };
        Self {
            wall_secs: self.wall_secs + more.wall_secs,
            cpu_secs: self.cpu_secs + more.cpu_secs,
            joules: self.joules + more.joules,
            joules_kind: kind.clone(),
        }
    }

    /// Whether it is such as can be spent.
    pub(crate) fn is_possible(&self) -> bool {
        [self.wall_secs, self.cpu_secs, self.joules].iter().all(|x| x.is_finite() && *x >= 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_partly_estimated_is_an_estimate() {
        let spent = |joules_kind: &str| Spending {
            wall_secs: 1.0,
            cpu_secs: 2.0,
            joules: 3.0,
            joules_kind: joules_kind.into(),
        };
        let (nothing, counted, guessed) =
            (Spending::default(), spent("measured by RAPL"), spent("estimated by a model"));
        assert_eq!(nothing.and(&counted), counted);
        assert_eq!(counted.and(&nothing), counted);
        for sum in [counted.and(&guessed), guessed.and(&counted)] {
            assert_eq!((sum.wall_secs, sum.cpu_secs, sum.joules), (2.0, 4.0, 6.0));
            assert_eq!(sum.joules_kind, guessed.joules_kind);
        }
    }
}
