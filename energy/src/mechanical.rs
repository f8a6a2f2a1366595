//! Mechanical energy of an arm: joint torque times joint velocity, beside what its computers draw.

use std::time::Duration;

use thiserror::Error;

use crate::{Figure, Kind, Tally};

/// Why a sample of the joints cannot be used.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum JointsError {
    /// Torques and velocities, or two samples, are not of as many joints.
    #[error(
        "expected torques and velocities of {expected} joints, found {found}; give one of each for every joint"
    )]
    Count {
        /// As many as there are torques, or were joints in the sample before.
        expected: usize,
        /// As many as there are.
        found: usize,
    },
    /// A number is infinite or none.
    #[error("torque or velocity of joint {0} is not finite; leave such samples out")]
    NotFinite(usize),
}

/// The work that the joints of an arm have done.
///
/// Power is taken to change evenly between two samples, joint by joint, and integrated exactly. Losses of
/// motors and gears are not in it, nor what a motor draws to hold still.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mechanical {
    last: Option<(Duration, Vec<f64>)>,
    positive: f64,
    negative: f64,
    /// Times and samples; its energy stays zero.
    time: Tally,
}

impl Mechanical {
    /// Takes a sample at a time since some origin: torques in N m and velocities in rad/s, joint by joint.
    /// A clock that jumps back adds a gap of that length that is not covered, and no energy.
    ///
    /// # Errors
    /// Lengths differ or a number is not finite. Nothing has changed.
    pub fn sample(
        &mut self,
        at: Duration,
        torques: &[f64],
        velocities: &[f64],
    ) -> Result<(), JointsError> {
        let expected = self.last.as_ref().map_or(torques.len(), |(_, powers)| powers.len());
        if let Some(found) =
            [torques.len(), velocities.len()].into_iter().find(|&found| found != expected)
        {
            return Err(JointsError::Count { expected, found });
        }
        let powers: Vec<f64> = torques.iter().zip(velocities).map(|(t, v)| t * v).collect();
        if let Some(joint) = powers.iter().position(|power| !power.is_finite()) {
            return Err(JointsError::NotFinite(joint));
        }
        if let Some((last, before)) = &self.last {
            let gap = at.saturating_sub(*last);
            for (&from, &to) in before.iter().zip(&powers) {
                self.positive += positive_part(from, to) * gap.as_secs_f64();
                self.negative += positive_part(-from, -to) * gap.as_secs_f64();
            }
            let elapsed = at.abs_diff(*last);
            self.time.add(&Tally { microjoules: 0, elapsed, covered: gap, samples: 1 });
        }
        self.last = Some((at, powers));
        Ok(())
    }

    /// Work that the joints did on the arm: the integral of the positive part of torque times velocity.
    pub fn positive(&self) -> Figure {
        self.figure(self.positive, "positive part of torque x velocity; what falls back is lost")
    }

    /// Work in both directions: the integral of |torque x velocity|, as if braking cost as much as driving.
    pub fn absolute(&self) -> Figure {
        self.figure(self.positive + self.negative, "|torque x velocity|; braking costs as driving")
    }

    fn figure(&self, joules: f64, what: &str) -> Figure {
        Figure {
            joules,
            range: [joules; 2],
            // What the motors draw is more: this is computed from the joints, and no meter of power.
            kind: Kind::Estimated,
            meter: "joint torque x velocity".into(),
            sampling_secs: self.time.sampling_period().map(|period| period.as_secs_f64()),
            coverage: self.time.coverage(),
            assumptions: format!(
                "{what}; no losses of motors and gears, nothing for holding still"
            ),
        }
    }
}

/// Mean of the positive part of a power that goes evenly from one value to another.
fn positive_part(from: f64, to: f64) -> f64 {
    let (low, high) = (from.min(to), from.max(to));
    match (low >= 0.0, high <= 0.0) {
        (true, _) => (low + high) / 2.0,
        (_, true) => 0.0,
        // A triangle over the part of the time in which the power is above zero.
        _ => high * high / (2.0 * (high - low)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(samples: &[(u64, f64)], positive: f64, absolute: f64) {
        let mut arm = Mechanical::default();
        for &(secs, power) in samples {
            arm.sample(Duration::from_secs(secs), &[2.0, 0.0], &[power / 2.0, 5.0]).unwrap();
        }
        assert_eq!((arm.positive().joules, arm.absolute().joules), (positive, absolute));
    }

    #[test]
    fn power_is_integrated_by_sign() {
        check(&[(0, 3.0)], 0.0, 0.0);
        check(&[(0, 3.0), (2, 5.0)], 8.0, 8.0);
        check(&[(0, -3.0), (2, -5.0)], 0.0, 8.0);
        check(&[(0, -2.0), (4, 2.0)], 2.0, 4.0);
    }

    #[test]
    fn a_clock_that_jumps_back_adds_no_energy() {
        check(&[(5, 3.0), (1, 3.0), (3, 3.0)], 6.0, 6.0);
        let mut arm = Mechanical::default();
        for at in [4, 0, 4] {
            arm.sample(Duration::from_secs(at), &[1.0], &[1.0]).unwrap();
        }
        assert_eq!(arm.positive().coverage, 0.5);
    }

    #[test]
    fn bad_samples_are_refused_and_change_nothing() {
        let mut arm = Mechanical::default();
        arm.sample(Duration::ZERO, &[1.0], &[1.0]).unwrap();
        let before = arm.clone();
        let second = Duration::from_secs(1);
        let count = Err(JointsError::Count { expected: 1, found: 2 });
        assert_eq!(arm.sample(second, &[1.0, 2.0], &[1.0, 2.0]), count);
        assert_eq!(arm.sample(second, &[1.0], &[1.0, 2.0]), count);
        assert_eq!(arm.sample(second, &[f64::NAN], &[1.0]), Err(JointsError::NotFinite(0)));
        assert_eq!(arm, before);
    }
}
