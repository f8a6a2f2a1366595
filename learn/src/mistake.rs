//! Beliefs as perception may give them: a little wrong.

use ergon_vocab::{Belief, Entity, ObjectId, Role};
use nalgebra::{UnitQuaternion, Vector3};

use crate::dice::Dice;

/// How wrong the believed places of a whole execution may be, standard deviation, m; and from one step
/// to the next.
const OFFSET: f64 = 0.0025;
const JITTER: f64 = 0.0004;
/// How wrong a believed turn and a believed edge may be, standard deviations, rad and m.
const TURN: f64 = 0.03;
const EDGE: f64 = 0.001;

/// How an execution's beliefs are wrong.
#[derive(Clone, Debug)]
pub(crate) struct Mistake(Vec<(ObjectId, Vector3<f64>, f64, f64)>);

impl Mistake {
    pub(crate) fn new(truth: &Belief, dice: &mut Dice) -> Self {
        let draw = |(id, _): (ObjectId, &Entity)| {
            let offset = Vector3::from_fn(|_, _| dice.normal(OFFSET));
            (id, offset, dice.normal(TURN), dice.normal(EDGE))
        };
        Self(truth.bodies().map(draw).collect())
    }

    /// The belief of one step; only the arguments of the skill are believed wrongly.
    pub(crate) fn applied(&self, truth: &Belief, args: &[ObjectId], dice: &mut Dice) -> Belief {
        let mut belief = truth.clone();
        for (id, offset, turn, edge) in &self.0 {
            let Some(entity) = belief.entities.get_mut(id) else { continue };
            debug_assert_eq!(entity.role, Role::Body);
            // What is not handled matters less: it is where it is.
            if !args.contains(id) {
                continue;
            }
            let jitter = Vector3::from_fn(|_, _| dice.normal(JITTER));
            entity.pose.translation.vector += offset + jitter;
            entity.pose.rotation =
                UnitQuaternion::from_axis_angle(&Vector3::z_axis(), *turn) * entity.pose.rotation;
            entity.size.add_scalar_mut(*edge);
        }
        belief
    }
}
