//! What robots say of their joints, read with suspicion.

use thiserror::Error;

use super::segment::JointState;

/// The most joints of a message.
const MOST_JOINTS: usize = 1024;

/// Why a message about joints is not used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum StateError {
    /// There are too many joints.
    #[error("the joint states hold {0} joints; at most {MOST_JOINTS} are read")]
    TooMany(usize),
    /// There is not one number a name.
    #[error("the joint states hold {names} names and {numbers} {what}")]
    Shape {
        /// Number of names.
        names: usize,
        /// Positions or velocities.
        what: &'static str,
        /// Number of them.
        numbers: usize,
    },
    /// Some of the arm's joints are there and one is not.
    #[error("the joint states lack joint {0:?}")]
    Missing(String),
    /// A number is infinite or not a number.
    #[error("the joint states hold a number that is not finite for joint {0:?}")]
    NotFinite(String),
}

/// Which joints to look for in messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateMap {
    /// The arm's joints, in the robot's order.
    pub arm: Vec<String>,
    /// The gripper's joint.
    pub finger: Option<String>,
}

/// What one message said; robots may tell of arm and gripper in messages of their own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The arm's joints, in the robot's order.
    pub joints: Option<JointState>,
    /// Position of the gripper's joint, in its unit.
    pub finger: Option<f64>,
}

impl StateMap {
    /// Reads a message, whatever the order of its joints. Velocities may be left out, as some drivers do;
    /// they are then 0.
    ///
    /// # Errors
    /// The message is not usable.
    pub fn read(
        &self,
        names: &[String],
        positions: &[f64],
        velocities: &[f64],
    ) -> Result<Reading, StateError> {
        if names.len() > MOST_JOINTS {
            return Err(StateError::TooMany(names.len()));
        }
        let shape = |what, numbers| StateError::Shape { names: names.len(), what, numbers };
        if positions.len() != names.len() {
            return Err(shape("positions", positions.len()));
        }
        if !velocities.is_empty() && velocities.len() != names.len() {
            return Err(shape("velocities", velocities.len()));
        }
        let of = |name: &String| -> Result<Option<(f64, f64)>, StateError> {
            let Some(i) = names.iter().position(|n| n == name) else { return Ok(None) };
            let (position, velocity) = (positions[i], velocities.get(i).copied().unwrap_or(0.0));
            match position.is_finite() && velocity.is_finite() {
                true => Ok(Some((position, velocity))),
                false => Err(StateError::NotFinite(name.clone())),
            }
        };
        let found = self.arm.iter().map(of).collect::<Result<Vec<_>, _>>()?;
        let finger =
            self.finger.as_ref().map(of).transpose()?.flatten().map(|(position, _)| position);
        if found.iter().all(Option::is_none) {
            return Ok(Reading { joints: None, finger });
        }
        let mut joints = JointState::default();
        for (name, state) in self.arm.iter().zip(found) {
            let (position, velocity) = state.ok_or_else(|| StateError::Missing(name.clone()))?;
            joints.positions.push(position);
            joints.velocities.push(velocity);
        }
        Ok(Reading { joints: Some(joints), finger })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn map() -> StateMap {
        StateMap { arm: vec!["a".into(), "b".into()], finger: Some("f".into()) }
    }

    fn names(text: &str) -> Vec<String> {
        text.chars().map(String::from).collect()
    }

    #[test]
    fn joints_are_found_by_name_in_any_order() {
        let reading = map().read(&names("fxba"), &[0.04, 9.0, 2.0, 1.0], &[]).unwrap();
        let joints = reading.joints.unwrap();
        assert_eq!(joints.positions, [1.0, 2.0]);
        assert_eq!(reading.finger, Some(0.04));
        let alone = map().read(&names("f"), &[0.01], &[0.0]).unwrap();
        assert_eq!(alone, Reading { joints: None, finger: Some(0.01) });
    }

    #[test]
    fn unusable_messages_are_told_apart() {
        let read = |n, p: &[f64], v: &[f64]| map().read(&names(n), p, v).unwrap_err();
        assert_eq!(read("a", &[1.0], &[]), StateError::Missing("b".into()));
        assert_eq!(read("ab", &[1.0, f64::NAN], &[]), StateError::NotFinite("b".into()));
        assert_eq!(
            read("ab", &[1.0, 1.0], &[0.0, f64::INFINITY]),
            StateError::NotFinite("b".into())
        );
        assert!(matches!(read("ab", &[1.0], &[]), StateError::Shape { what: "positions", .. }));
        assert!(matches!(read("ab", &[1.0, 1.0], &[0.0]), StateError::Shape { .. }));
        let many = vec!["a".to_owned(); 2000];
        assert_eq!(map().read(&many, &[], &[]).unwrap_err(), StateError::TooMany(2000));
    }

    proptest! {
        #[test]
        fn what_is_read_is_finite(n in "[abfx]{0,6}", p in proptest::collection::vec(any::<f64>(), 0..6)) {
            if let Ok(Reading { joints: Some(joints), .. }) = map().read(&names(&n), &p, &[]) {
                prop_assert!(joints.positions.iter().all(|x| x.is_finite()));
                prop_assert_eq!(joints.velocities.len(), 2);
            }
        }
    }
}
