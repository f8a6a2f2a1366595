//! How to turn the hand: along the faces of a body, away from its neighbours.

use std::f64::consts::{FRAC_PI_2, PI};

use ergon_vocab::{Belief, Entity, ObjectId};
use nalgebra::{Rotation2, Vector2, Vector3};

/// Distance of an open finger's middle from the hand's middle, m.
const FINGER_OUT: f64 = 0.0475;
/// Radius around a finger's middle that must be free, m.
const FINGER_ROOM: f64 = 0.014;
/// Half length of the hand along the fingers' direction, m, and how far it hangs over the tool.
const HAND_HALF: f64 = 0.10;
const HAND_ABOVE_TOOL: f64 = 0.037;
/// Free room around the fingers that is as good as any more, m.
const ENOUGH: f64 = 0.01;
/// The hand is not turned further than this from straight ahead, rad, to stay off the joint limits.
const MOST_TURN: f64 = 1.9;

/// The hand's turn about the vertical when its tool points down, rad.
pub(crate) fn hand_yaw(belief: &Belief) -> f64 {
    let x = belief.gripper.tcp.rotation * Vector3::x();
    x.y.atan2(x.x)
}

/// The turn of the hand, among those of `faces` plus quarter turns, that leaves the fingers room and
/// needs the least motion; fingers at `tool`, neighbours all bodies but `ignore`.
pub(crate) fn best_yaw(
    belief: &Belief,
    faces: f64,
    tool: &Vector3<f64>,
    ignore: &[ObjectId],
) -> f64 {
    let now = hand_yaw(belief);
    let others: Vec<&Entity> =
        belief.bodies().filter(|(id, _)| !ignore.contains(id)).map(|(_, e)| e).collect();
    let score = |yaw: f64| room(&others, tool, yaw).min(ENOUGH) - 1e-3 * (yaw - now).abs();
    (-2..=2)
        .map(|quarter| wrapped(faces) + f64::from(quarter) * FRAC_PI_2)
        .filter(|yaw| yaw.abs() <= MOST_TURN)
        .max_by(|a, b| score(*a).total_cmp(&score(*b)))
        .unwrap_or(now)
}

/// An angle brought into (-pi/4, pi/4] by quarter turns.
fn wrapped(angle: f64) -> f64 {
    angle - (angle / FRAC_PI_2).round() * FRAC_PI_2
}

/// The angle next to `to` that equals `angle` up to half turns.
pub(crate) fn nearest_half_turn(angle: f64, to: f64) -> f64 {
    angle - ((angle - to) / PI).round() * PI
}

/// Free room around fingers and hand with the tool at a place, m; negative where they would overlap a
/// neighbour.
fn room(others: &[&Entity], tool: &Vector3<f64>, yaw: f64) -> f64 {
    // The fingers close along the hand's y axis, which lies across its turn.
    let along = Vector2::new(-yaw.sin(), yaw.cos());
    let mut least = f64::INFINITY;
    for other in others.iter().filter(|e| e.top() > tool.z - 0.01) {
        for side in [-1.0, 1.0] {
            let finger = tool.xy() + along * (side * FINGER_OUT);
            least = least.min(distance(&finger, other) - FINGER_ROOM);
            if other.top() > tool.z + HAND_ABOVE_TOOL {
                let end = tool.xy() + along * (side * HAND_HALF);
                least = least.min(distance(&end, other) - FINGER_ROOM);
            }
        }
    }
    least
}

/// Horizontal distance of a point from a box, m.
fn distance(point: &Vector2<f64>, entity: &Entity) -> f64 {
    let away = point - entity.pose.translation.vector.xy();
    let local = Rotation2::new(-entity.yaw()) * away;
    let outside = local.abs() - Vector2::repeat(0.5 * entity.size.max());
    Vector2::new(outside.x.max(0.0), outside.y.max(0.0)).norm()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ergon_vocab::{Facts, Gripper, Pose, Role};
    use nalgebra::UnitQuaternion;

    use super::*;

    fn cube(x: f64, y: f64) -> Entity {
        Entity::exact(Role::Body, Pose::translation(x, y, 0.02), Vector3::repeat(0.04))
    }

    fn belief(neighbour: Entity) -> Belief {
        let down = UnitQuaternion::from_axis_angle(&Vector3::x_axis(), PI);
        Belief {
            entities: BTreeMap::from([(ObjectId(0), cube(0.5, 0.0)), (ObjectId(1), neighbour)]),
            gripper: Gripper {
                tcp: Pose::from_parts(Vector3::new(0.5, 0.0, 0.2).into(), down),
                opening: 0.08,
            },
            facts: Facts::default(),
        }
    }

    #[test]
    fn the_hand_turns_away_from_a_neighbour() {
        let tool = Vector3::new(0.5, 0.0, 0.02);
        let free = best_yaw(&belief(cube(0.5, 0.3)), 0.1, &tool, &[ObjectId(0)]);
        assert!((free - 0.1).abs() < 1e-9, "the nearest face: {free}");
        let beside = best_yaw(&belief(cube(0.5, 0.06)), 0.0, &tool, &[ObjectId(0)]);
        assert!((beside.abs() - FRAC_PI_2).abs() < 1e-9, "across the neighbour: {beside}");
    }
}
