//! What went wrong on the way, by ground truth alone, whatever came of it in the end.

use std::collections::BTreeSet;

use ergon_sim::{BodyTruth, GroundTruth};
use ergon_vocab::ObjectId;

/// A body that was gripped is carried once it is this much higher than where it was taken, m.
const LIFTED: f64 = 0.01;
/// A carried body that comes to rest this much lower than where the fingers left it was dropped, m: the
/// scripted expert lets go within a few millimetres.
const DROP: f64 = 0.02;

/// Counts incidents.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Incidents {
    hands: Vec<Handling>,
    touched: bool,
    counts: Counts,
}

/// How often something went wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Carried bodies that fell.
    pub drops: u32,
    /// Carried bodies that came to rest, and stayed, where no legal state has them.
    pub misplaced: u32,
    /// Times that a link or the hand began to touch something; the fingers may.
    pub collisions: u32,
}

/// What is happening to a body.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Handling {
    #[default]
    Free,
    /// In the fingers since it was at this height, m.
    Gripped {
        from: f64,
    },
    Carried,
    /// Left by the fingers at this height, m, and not yet at rest.
    Released {
        at: f64,
    },
}

impl Incidents {
    /// Looks at the scene after a control step. `resting` are the bodies, by index, that are at rest and
    /// untouched; `placed` those, by symbol, that are where they may be.
    pub(crate) fn watch(
        &mut self,
        truth: &GroundTruth,
        symbols: impl Iterator<Item = ObjectId>,
        resting: &dyn Fn(&BodyTruth) -> bool,
        placed: &BTreeSet<ObjectId>,
    ) {
        self.counts.collisions += u32::from(truth.arm.touches && !self.touched);
        self.touched = truth.arm.touches;
        self.hands.resize(truth.bodies.len(), Handling::Free);
        for ((handling, body), symbol) in self.hands.iter_mut().zip(&truth.bodies).zip(symbols) {
            let height = body.pose.translation.z;
            let free = body.finger_contacts == [false, false];
            *handling = match *handling {
                Handling::Free if body.gripped() => Handling::Gripped { from: height },
                Handling::Gripped { .. } if free => Handling::Free,
                Handling::Gripped { from } if height - from > LIFTED => Handling::Carried,
                Handling::Carried if free => Handling::Released { at: height },
                Handling::Released { .. } if body.gripped() => Handling::Carried,
                Handling::Released { at } if resting(body) => {
                    self.counts.drops += u32::from(at - height > DROP);
                    self.counts.misplaced += u32::from(!placed.contains(&symbol));
                    Handling::Free
                }
                same => same,
            };
        }
    }

    /// What was counted.
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }
}

#[cfg(test)]
mod tests {
    use ergon_sim::ArmTruth;
    use ergon_vocab::Pose;
    use nalgebra::{Translation3, Vector3};

    use super::*;

    const NONE: [bool; 2] = [false; 2];
    const BOTH: [bool; 2] = [true; 2];

    /// One body, by height and contacts at each step; whether it ends where it may be.
    #[track_caller]
    fn check(course: &[(f64, [bool; 2])], placed: bool, expected: [u32; 2]) {
        let body = ObjectId(0);
        let placed = if placed { BTreeSet::from([body]) } else { BTreeSet::new() };
        let mut incidents = Incidents::default();
        for &(height, finger_contacts) in course {
            let truth = scene(height, finger_contacts, false);
            incidents.watch(&truth, [body].into_iter(), &|b| b.finger_contacts == NONE, &placed);
        }
        let Counts { drops, misplaced, .. } = incidents.counts();
        assert_eq!([drops, misplaced], expected);
    }

    fn scene(height: f64, finger_contacts: [bool; 2], touches: bool) -> GroundTruth {
        GroundTruth {
            time_secs: 0.0,
            bodies: vec![BodyTruth {
                object: 0,
                pose: Translation3::new(0.0, 0.0, height).into(),
                velocity: Vector3::zeros(),
                angular_velocity: Vector3::zeros(),
                changed: false,
                finger_contacts,
            }],
            buttons: Vec::new(),
            tcp: Pose::identity(),
            finger_positions: [0.04; 2],
            arm: ArmTruth { touches, ..ArmTruth::default() },
        }
    }

    #[test]
    fn a_body_that_is_set_down_is_no_drop() {
        let course =
            [(0.0, NONE), (0.0, BOTH), (0.1, BOTH), (0.003, BOTH), (0.003, NONE), (0.0, NONE)];
        check(&course, true, [0, 0]);
        check(&course, false, [0, 1]);
    }

    #[test]
    fn a_body_that_falls_is_dropped() {
        let course = [(0.0, BOTH), (0.1, BOTH), (0.1, NONE), (0.0, NONE), (0.0, NONE)];
        check(&course, true, [1, 0]);
        check(&course, false, [1, 1]);
    }

    #[test]
    fn a_body_that_was_never_lifted_is_not_carried() {
        check(&[(0.0, BOTH), (0.0, NONE), (0.0, BOTH), (0.005, BOTH), (0.0, NONE)], false, [0, 0]);
    }

    #[test]
    fn a_collision_counts_when_it_begins() {
        let mut incidents = Incidents::default();
        for touches in [false, true, true, false, true] {
            let truth = scene(0.0, NONE, touches);
            incidents.watch(&truth, [].into_iter(), &|_| true, &BTreeSet::new());
        }
        assert_eq!(incidents.counts().collisions, 2);
    }
}
