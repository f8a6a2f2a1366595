//! The other end of a motion: how a joint trajectory controller follows one.

use super::goal::{GoalError, well_formed};
use super::port::along;
use super::segment::{JointState, Segment};

/// Follows trajectories as `joint_trajectory_controller` does: cubic splines from where the arm is told
/// to be, a new trajectory replacing the one under way, holding still when called off.
#[derive(Clone, Debug, PartialEq)]
pub struct Follower {
    names: Vec<String>,
    commanded: JointState,
    motion: Option<(JointState, Segment, f64)>,
}

impl Follower {
    /// Standing still at some positions. Shapes (dof,).
    pub fn new(names: Vec<String>, positions: Vec<f64>) -> Self {
        Self { names, commanded: JointState::at_rest(positions), motion: None }
    }

    /// Sets out on a trajectory.
    ///
    /// # Errors
    /// It is not well formed; what was under way goes on.
    pub fn accept(&mut self, segment: Segment) -> Result<(), GoalError> {
        well_formed(&segment, &self.names)?;
        self.motion = Some((self.commanded.clone(), segment, 0.0));
        Ok(())
    }

    /// Stops where it is.
    pub fn hold(&mut self) {
        self.motion = None;
        self.commanded = JointState::at_rest(std::mem::take(&mut self.commanded.positions));
    }

    /// Lets time pass; whether a motion came to its end.
    pub fn advance(&mut self, secs: f64) -> bool {
        let Some((from, segment, at)) = &mut self.motion else { return false };
        *at += secs;
        self.commanded = along(from, segment, *at);
        let ended = *at >= segment.secs();
        if ended {
            self.motion = None;
        }
        ended
    }

    /// Whether a motion is under way.
    pub fn moves(&self) -> bool {
        self.motion.is_some()
    }

    /// Where the arm is told to be.
    pub fn commanded(&self) -> &JointState {
        &self.commanded
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::robot::segment::Point;

    fn follower() -> Follower {
        Follower::new(vec!["a".into()], vec![0.0])
    }

    fn to(position: f64, at_secs: f64) -> Segment {
        Segment { points: vec![Point { at_secs, state: JointState::at_rest(vec![position]) }] }
    }

    #[test]
    fn a_motion_ends_where_it_should_and_the_next_begins_there() {
        let mut follower = follower();
        follower.accept(to(1.0, 1.0)).unwrap();
        assert!(!follower.advance(0.5));
        assert!((follower.commanded().positions[0] - 0.5).abs() < 1e-9);
        assert!((follower.commanded().velocities[0] - 1.5).abs() < 1e-9);
        // The next one takes over in mid-motion, without a jump.
        follower.accept(to(1.0, 1.0)).unwrap();
        assert!(!follower.advance(1e-6));
        assert!((follower.commanded().velocities[0] - 1.5).abs() < 1e-3);
        assert!(follower.advance(1.0));
        assert_eq!(follower.commanded(), &JointState::at_rest(vec![1.0]));
        assert!(!follower.advance(1.0));
    }

    #[test]
    fn what_is_refused_changes_nothing_and_holding_stops() {
        let mut follower = follower();
        follower.accept(to(1.0, 1.0)).unwrap();
        follower.advance(0.5);
        assert!(follower.accept(to(f64::NAN, 1.0)).is_err());
        assert!(follower.moves());
        follower.hold();
        assert_eq!(follower.commanded().velocities, [0.0]);
        assert!(!follower.moves() && !follower.advance(1.0));
    }
}
