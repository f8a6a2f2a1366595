//! Goals as they are checked before they go out, and as a server checks them that comes in.
//!
//! The rules are those by which `joint_trajectory_controller` rejects a goal, and the limits of the
//! robot, judged from the points alone: nothing that made the goal is trusted here.

use thiserror::Error;

use super::chain::Chain;
use super::segment::{JointState, LONGEST_SECS, Pace, Segment, peaks};

/// Rounding that is forgiven, as a share of a limit.
const ROUNDING: f64 = 1e-3;
/// The most points of a goal.
pub(crate) const MOST_POINTS: usize = 10_000;

/// Why a goal does not go out.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum GoalError {
    /// The names are not those of the arm, each once.
    #[error("the goal names {found:?}; expected each of {expected:?} once")]
    Names {
        /// The arm's.
        expected: Vec<String>,
        /// The goal's.
        found: Vec<String>,
    },
    /// There are no points, or too many.
    #[error("the goal has {0} points; expected 1 to {MOST_POINTS}")]
    Points(usize),
    /// A point has not one number a joint.
    #[error("point {point} has {found} {what}; expected {expected}, one for each joint")]
    Shape {
        /// Index of the point.
        point: usize,
        /// Positions or velocities.
        what: &'static str,
        /// Numbers wanted.
        expected: usize,
        /// Numbers there are.
        found: usize,
    },
    /// A number is infinite or not a number.
    #[error("point {0} holds a number that is not finite")]
    NotFinite(usize),
    /// Times do not increase.
    #[error("point {0} is not after the one before it")]
    Times(usize),
    /// The motion does not end at rest.
    #[error("the goal does not end at rest: joint {joint} at {velocity:.4} rad/s")]
    NotAtRest {
        /// The joint.
        joint: String,
        /// Its velocity at the end, rad/s or m/s.
        velocity: f64,
    },
    /// It takes too long.
    #[error("the goal takes {0:.2} s; at most {LONGEST_SECS} s are sent")]
    TooLong(f64),
    /// It begins elsewhere than the arm is.
    #[error(
        "the goal begins {away:.4} rad from where joint {joint} is; at most {most} are allowed"
    )]
    Start {
        /// The joint.
        joint: String,
        /// The distance, rad or m.
        away: f64,
        /// What is allowed, rad or m.
        most: f64,
    },
    /// A joint would leave its limits.
    #[error(
        "point {point} brings joint {joint} to {position:.4}; its limits are {lower} to {upper}"
    )]
    Position {
        /// Index of the point.
        point: usize,
        /// The joint.
        joint: String,
        /// Where to, rad or m.
        position: f64,
        /// Its lower limit.
        lower: f64,
        /// Its upper limit.
        upper: f64,
    },
    /// A joint would move too fast.
    #[error(
        "on the way to point {point} joint {joint} reaches {speed:.3} rad/s; at most {most:.3} are allowed"
    )]
    Speed {
        /// Index of the point.
        point: usize,
        /// The joint.
        joint: String,
        /// Speed, rad/s or m/s.
        speed: f64,
        /// What is allowed.
        most: f64,
    },
    /// A joint would be accelerated too much.
    #[error(
        "on the way to point {point} joint {joint} reaches {acceleration:.2} rad/s^2; at most {most:.2} are allowed"
    )]
    Acceleration {
        /// Index of the point.
        point: usize,
        /// The joint.
        joint: String,
        /// Acceleration, rad/s^2 or m/s^2.
        acceleration: f64,
        /// What is allowed.
        most: f64,
    },
}

/// A place for each of the goal's joints among the arm's: `order[i]` is the goal's index of the arm's
/// joint `i`.
///
/// # Errors
/// The names are not those of the arm, each once.
pub fn order<S: AsRef<str>>(arm: &[S], goal: &[String]) -> Result<Vec<usize>, GoalError> {
    let find = |name: &S| goal.iter().position(|g| g == name.as_ref());
    let order: Option<Vec<usize>> = arm.iter().map(find).collect();
    match order {
        Some(order) if goal.len() == arm.len() => Ok(order),
        _ => Err(GoalError::Names {
            expected: arm.iter().map(|name| name.as_ref().to_owned()).collect(),
            found: goal.iter().take(64).cloned().collect(),
        }),
    }
}

/// Checks what `joint_trajectory_controller` asks of any goal for `dof` joints.
///
/// # Errors
/// What it would reject.
pub fn well_formed(segment: &Segment, names: &[String]) -> Result<(), GoalError> {
    if segment.points.is_empty() || segment.points.len() > MOST_POINTS {
        return Err(GoalError::Points(segment.points.len()));
    }
    let mut before = 0.0;
    for (point, p) in segment.points.iter().enumerate() {
        let shapes = [("positions", &p.state.positions), ("velocities", &p.state.velocities)];
        for (what, numbers) in shapes {
            let (expected, found) = (names.len(), numbers.len());
            if found != expected {
                return Err(GoalError::Shape { point, what, expected, found });
            }
            if numbers.iter().any(|x| !x.is_finite()) || !p.at_secs.is_finite() {
                return Err(GoalError::NotFinite(point));
            }
        }
        if p.at_secs <= before {
            return Err(GoalError::Times(point));
        }
        before = p.at_secs;
    }
    let last = segment.points.last().map(|p| p.state.velocities.as_slice()).unwrap_or_default();
    match last.iter().position(|v| *v != 0.0) {
        Some(i) => Err(GoalError::NotAtRest { joint: names[i].clone(), velocity: last[i] }),
        None => Ok(()),
    }
}

/// Checks a goal against all that the arm's controller rejects and all that the robot allows.
///
/// `from` is where the goal begins, `measured` where the arm is, and `most_away` how far apart these may
/// be, rad or m.
///
/// # Errors
/// The first rule that the goal breaks.
pub fn check(
    segment: &Segment,
    from: &JointState,
    measured: &[f64],
    most_away: f64,
    chain: &Chain,
    pace: &Pace,
) -> Result<(), GoalError> {
    let names: Vec<String> = chain.joints.iter().map(|j| j.name.clone()).collect();
    well_formed(segment, &names)?;
    if segment.secs() > LONGEST_SECS * (1.0 + ROUNDING) {
        return Err(GoalError::TooLong(segment.secs()));
    }
    for ((joint, begin), is) in names.iter().zip(&from.positions).zip(measured) {
        let away = (begin - is).abs();
        if away.is_nan() || away > most_away {
            return Err(GoalError::Start { joint: joint.clone(), away, most: most_away });
        }
    }
    let (mut at, mut before) = (from, 0.0);
    for (point, p) in segment.points.iter().enumerate() {
        for i in 0..names.len() {
            way(point, i, (at, &p.state, p.at_secs - before), chain, pace)?;
        }
        (at, before) = (&p.state, p.at_secs);
    }
    Ok(())
}

/// Checks joint `i` on the way from one state to another.
fn way(
    point: usize,
    i: usize,
    (from, to, secs): (&JointState, &JointState, f64),
    chain: &Chain,
    pace: &Pace,
) -> Result<(), GoalError> {
    let limits = &chain.joints[i];
    let joint = limits.name.clone();
    let position = to.positions[i];
    if !limits.allows(position) {
        let (lower, upper) = (limits.lower, limits.upper);
        return Err(GoalError::Position { point, joint, position, lower, upper });
    }
    let (speed, acceleration) = peaks(from, to, secs, i);
    let most = pace.velocity[i];
    if speed > most * (1.0 + ROUNDING) {
        return Err(GoalError::Speed { point, joint, speed, most });
    }
    let most = pace.acceleration[i];
    if acceleration > most * (1.0 + ROUNDING) {
        return Err(GoalError::Acceleration { point, joint, acceleration, most });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::robot::segment::{Point, flowing, rest_to_rest};
    use crate::robot::testbed::{HOME, chain};

    fn pace() -> Pace {
        Pace { velocity: vec![1.0; 7], acceleration: vec![5.0; 7] }
    }

    fn good() -> Segment {
        let to = HOME.map(|q| q + 0.05);
        rest_to_rest(&HOME, &to, &pace(), 0.05)
    }

    fn verdict(segment: &Segment) -> Result<(), GoalError> {
        let from = JointState::at_rest(HOME.to_vec());
        check(segment, &from, &HOME, 0.01, &chain(), &pace())
    }

    fn broken(change: impl FnOnce(&mut Segment)) -> String {
        let mut segment = good();
        change(&mut segment);
        verdict(&segment).unwrap_err().to_string()
    }

    #[test]
    fn a_good_goal_passes() {
        assert_eq!(verdict(&good()), Ok(()));
    }

    #[test]
    fn every_rule_has_its_refusal() {
        let cases: [(&str, String); 9] = [
            ("0 points", broken(|s| s.points.clear())),
            ("has 6 positions", broken(|s| s.points[0].state.positions.truncate(6))),
            ("has 6 velocities", broken(|s| s.points[0].state.velocities.truncate(6))),
            ("not finite", broken(|s| s.points[0].state.positions[2] = f64::NAN)),
            ("not after", broken(|s| s.points.push(s.points[0].clone()))),
            ("not end at rest", broken(|s| s.points[0].state.velocities[1] = 0.01)),
            ("takes 9.00 s", broken(|s| s.points[0].at_secs = 9.0)),
            ("its limits are", broken(|s| s.points[0].state.positions[3] = 0.2)),
            ("rad/s; at most", broken(|s| s.points[0].at_secs = 0.03)),
        ];
        for (expected, text) in cases {
            assert!(text.contains(expected), "{text}: {expected}");
        }
        let jerk = Segment {
            points: vec![Point {
                at_secs: 0.2,
                state: JointState::at_rest(HOME.map(|q| q + 0.05).to_vec()),
            }],
        };
        assert!(verdict(&jerk).unwrap_err().to_string().contains("rad/s^2"));
        let from = JointState::at_rest(HOME.to_vec());
        let elsewhere = HOME.map(|q| q + 0.02);
        let away = check(&good(), &from, &elsewhere, 0.01, &chain(), &pace()).unwrap_err();
        assert!(away.to_string().contains("begins 0.0200 rad"), "{away}");
    }

    #[test]
    fn joints_come_in_any_order_but_all_of_them() {
        let arm = ["a", "b", "c"];
        let names = |n: &[&str]| n.iter().map(|&s| s.to_owned()).collect::<Vec<_>>();
        assert_eq!(order(&arm, &names(&["c", "a", "b"])), Ok(vec![1, 2, 0]));
        for wrong in [&["a", "b"][..], &["a", "b", "d"], &["a", "b", "c", "c"], &["a", "a", "b"]] {
            assert!(order(&arm, &names(wrong)).is_err(), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_planned_passes(
            ways in proptest::collection::vec(-0.3..0.3f64, 7),
            speeds in proptest::collection::vec(-0.2..0.2f64, 7),
        ) {
            let to: Vec<f64> = HOME.iter().zip(&ways).map(|(q, d)| q + d).collect();
            prop_assert_eq!(verdict(&rest_to_rest(&HOME, &to, &pace(), 0.05)), Ok(()));
            let from = JointState { positions: HOME.to_vec(), velocities: speeds };
            let segment = flowing(&from, &to, &pace(), 0.05);
            prop_assert_eq!(check(&segment, &from, &HOME, 0.01, &chain(), &pace()), Ok(()));
        }
    }
}
