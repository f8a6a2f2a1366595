//! Geometric predicates, one a file. Each judges believed geometry and gives evidence; margins are
//! distances to the threshold in metres. A margin that the uncertainty of its measurement could explain
//! makes the verdict unknown.

mod astray;
mod changed;
mod clear;
mod copied;
mod counterpart;
mod grasped;
mod gripper_empty;
mod matches;
mod on;
mod smaller;
mod sorted;
mod within;

use std::collections::BTreeMap;

use ergon_vocab::{Entity, Evidence, Gripper, ObjectId, Role};

use crate::thresholds::{CENTRED, SIGMAS, SIZE_STEP};

pub use astray::astray;
pub use changed::changed;
pub use clear::clear;
pub use copied::copied;
pub use counterpart::counterpart;
pub use grasped::grasped;
pub use gripper_empty::gripper_empty;
pub use matches::matches;
pub use on::on;
pub use smaller::smaller;
pub use sorted::sorted;
pub use within::within;

/// The geometry that predicates look at.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// Things by symbol.
    pub entities: &'a BTreeMap<ObjectId, Entity>,
    /// The gripper.
    pub gripper: &'a Gripper,
}

/// The evidence of a measurement of the positions of two things.
fn of_positions(slack: f64, a: &Entity, b: &Entity) -> Evidence {
    Evidence::from_slack(slack).doubted(SIGMAS * a.position_std.hypot(b.position_std))
}

/// One of these holds at least: not all of them do not.
fn any(verdicts: impl Iterator<Item = Evidence>) -> Evidence {
    let none = Evidence::from_slack(f64::INFINITY);
    verdicts.map(Evidence::negated).fold(none, Evidence::and).negated()
}

/// `a` is properly placed at `b`: within a bin, on anything else.
fn placed(a: &Entity, b: &Entity) -> Evidence {
    if b.role == Role::Bin { within(a, b) } else { on(a, b) }
}

/// A geometric predicate by name, so that scenario files can bind PDDL predicates to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// [`on()`].
    On,
    /// [`astray()`].
    Astray,
    /// [`changed()`].
    Changed,
    /// [`clear()`].
    Clear,
    /// [`copied()`].
    Copied,
    /// [`counterpart()`].
    Counterpart,
    /// [`grasped()`].
    Grasped,
    /// [`gripper_empty()`].
    GripperEmpty,
    /// [`matches()`].
    Matches,
    /// [`smaller()`].
    Smaller,
    /// [`sorted()`].
    Sorted,
    /// [`within()`].
    Within,
}

impl Predicate {
    /// All predicates with their names.
    pub const ALL: [(&'static str, Self); 12] = [
        ("on", Self::On),
        ("astray", Self::Astray),
        ("changed", Self::Changed),
        ("clear", Self::Clear),
        ("copied", Self::Copied),
        ("counterpart", Self::Counterpart),
        ("grasped", Self::Grasped),
        ("gripper_empty", Self::GripperEmpty),
        ("matches", Self::Matches),
        ("smaller", Self::Smaller),
        ("sorted", Self::Sorted),
        ("within", Self::Within),
    ];

    /// The predicate of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(n, _)| *n == name).map(|(_, p)| *p)
    }

    /// Number of its arguments.
    pub fn arity(self) -> usize {
        match self {
            Self::GripperEmpty => 0,
            Self::Changed | Self::Clear | Self::Copied | Self::Grasped | Self::Sorted => 1,
            Self::On
            | Self::Astray
            | Self::Counterpart
            | Self::Matches
            | Self::Smaller
            | Self::Within => 2,
        }
    }

    /// Judges it for some things; unknown when one of them was never seen or the number of arguments
    /// is not its [`Predicate::arity`].
    pub fn judge(self, args: &[ObjectId], scene: &Scene<'_>) -> Evidence {
        let entity = |id: &ObjectId| scene.entities.get(id);
        let verdict = match (self, args) {
            (Self::GripperEmpty, []) => Some(gripper_empty(scene)),
            (Self::Changed, [a]) => entity(a).map(changed),
            (Self::Clear, [a]) => clear(*a, scene),
            (Self::Copied, [a]) => entity(a).map(|a| copied(a, scene)),
            (Self::Counterpart, [a, b]) => {
                entity(a).zip(entity(b)).map(|(a, b)| counterpart(a, b, scene))
            }
            (Self::Grasped, [a]) => entity(a).map(|a| grasped(a, scene.gripper)),
            // Nothing lies on itself, seen or not.
            (Self::On | Self::Astray, [a, b]) if a == b => Some(Evidence::from_slack(-CENTRED)),
            (Self::On, [a, b]) => entity(a).zip(entity(b)).map(|(a, b)| on(a, b)),
            (Self::Within, [a, b]) => entity(a).zip(entity(b)).map(|(a, b)| within(a, b)),
            (Self::Matches, [a, b]) => entity(a).zip(entity(b)).map(|(a, b)| matches(a, b)),
            (Self::Sorted, [a]) => entity(a).map(|a| sorted(a, scene)),
            (Self::Smaller, [a, b]) if a == b => Some(Evidence::from_slack(-SIZE_STEP)),
            (Self::Smaller, [a, b]) => entity(a).zip(entity(b)).map(|(a, b)| smaller(a, b)),
            (Self::Astray, [a, b]) => astray(*a, *b, scene),
            _ => None,
        };
        verdict.unwrap_or(Evidence::UNKNOWN)
    }
}

#[cfg(test)]
pub(crate) mod testbed {
    use ergon_vocab::Pose;
    use nalgebra::{UnitQuaternion, Vector3};

    use super::*;

    pub(crate) const TABLE: ObjectId = ObjectId(0);
    pub(crate) const LEFT: ObjectId = ObjectId(1);
    pub(crate) const RIGHT: ObjectId = ObjectId(2);
    pub(crate) const SMALL: ObjectId = ObjectId(3);
    pub(crate) const LARGE: ObjectId = ObjectId(4);
    pub(crate) const BIN: ObjectId = ObjectId(5);

    /// A table at height 0, two areas, a cube of 4 cm and one of 5 cm where the test puts them.
    pub(crate) struct Bed {
        pub(crate) entities: BTreeMap<ObjectId, Entity>,
        pub(crate) gripper: Gripper,
    }

    fn entity(role: Role, at: [f64; 3], size: [f64; 3]) -> Entity {
        let at = Vector3::from(at);
        Entity::exact(role, Pose::from_parts(at.into(), UnitQuaternion::identity()), size.into())
    }

    impl Bed {
        /// With a bin where the left area is.
        pub(crate) fn with_bin(mut self) -> Self {
            self.entities.remove(&LEFT);
            self.entities.insert(BIN, entity(Role::Bin, [0.5, -0.2, 0.0], [0.2, 0.2, 0.0]));
            self
        }

        pub(crate) fn new(small: [f64; 3], large: [f64; 3]) -> Self {
            let flat = [0.2, 0.12, 0.0];
            let down = UnitQuaternion::new(Vector3::x() * std::f64::consts::PI);
            Self {
                entities: BTreeMap::from([
                    (TABLE, entity(Role::Surface, [0.5, 0.0, 0.0], [0.8, 0.8, 0.0])),
                    (LEFT, entity(Role::Area, [0.5, -0.2, 0.0], flat)),
                    (RIGHT, entity(Role::Area, [0.5, 0.2, 0.0], flat)),
                    (SMALL, entity(Role::Body, small, [0.04; 3])),
                    (LARGE, entity(Role::Body, large, [0.05; 3])),
                ]),
                gripper: Gripper {
                    tcp: Pose::from_parts(Vector3::new(0.4, 0.0, 0.3).into(), down),
                    opening: 0.08,
                },
            }
        }

        /// The small cube between the closed pads, where the gripper is.
        pub(crate) fn holding_small() -> Self {
            let mut bed = Self::new([0.4, 0.0, 0.3], [0.5, 0.2, 0.025]);
            bed.gripper.opening = 0.04;
            bed
        }

        pub(crate) fn holds(&self, predicate: Predicate, args: &[ObjectId]) -> bool {
            let scene = Scene { entities: &self.entities, gripper: &self.gripper };
            predicate.judge(args, &scene).is_true()
        }
    }
}
