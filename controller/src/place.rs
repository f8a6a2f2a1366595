//! Where exactly a body is put.

use ergon_vocab::{Belief, Entity, ObjectId, Pose, Role};
use nalgebra::{Translation3, Vector2, Vector3};

/// Distance of the places within a bin from each other, m: a cube and a finger on its far side fit between
/// two others.
const PITCH: f64 = 0.1;
/// Distance of the outermost places from the border, m: room for an open finger, or for a cube that lies
/// askew.
const MARGIN: f64 = 0.055;
/// What is put within this distance of a rod is put over it, m.
const ROD_REACH: f64 = 0.03;
/// A place is free when no other body's middle is nearer to it than this, m.
const FREE: f64 = 0.085;

/// What a body is put on: the place itself, over a rod where one stands there, the floor of its hollow or,
/// in a bin, a free part of it, that which is nearest to the tool. It stays the nearest while the tool goes
/// there.
///
/// # Errors
/// Body or place were never seen.
pub(crate) fn destination(
    belief: &Belief,
    body: ObjectId,
    place: ObjectId,
) -> Result<Entity, String> {
    let held = belief.entities.get(&body).ok_or("the object was never seen")?;
    let place = *belief.entities.get(&place).ok_or("the place was never seen")?;
    if place.role != Role::Bin {
        let mut pose = place.pose;
        // A rod that stands out of the place is where the hole goes.
        let rod = belief.entities.values().find(|e| {
            let out = e.rod > 0.0 && e.top() + e.rod > place.top() + 1e-6;
            out && e.horizontal_distance(&place) < ROD_REACH
        });
        if let Some(rod) = rod {
            let at = rod.pose.translation;
            (pose.translation.x, pose.translation.y) = (at.x, at.y);
        }
        pose.translation.z += place.rest(held) - place.top();
        return Ok(Entity { pose, ..place });
    }
    let tool = belief.gripper.tcp.translation.vector;
    let others: Vec<Vector2<f64>> = belief
        .bodies()
        .filter(|(id, _)| *id != body)
        .map(|(_, e)| e.pose.translation.vector.xy())
        .collect();
    let room = |at: &Vector3<f64>| {
        others.iter().map(|o| (o - at.xy()).norm()).fold(f64::INFINITY, f64::min)
    };
    let worth = |at: &Vector3<f64>| (room(at).min(FREE), -(tool - at).xy().norm());
    let best = spots(&place)
        .max_by(|a, b| {
            let (a, b) = (worth(a), worth(b));
            a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
        })
        .unwrap_or(place.pose.translation.vector);
    let pose = Pose::from_parts(Translation3::from(best), place.pose.rotation);
    let size = Vector3::new(PITCH.min(place.size.x), PITCH.min(place.size.y), 0.0);
    Ok(Entity { role: Role::Area, pose, size, ..place })
}

/// How far a rod or the rim of a hollow stands up where a body is to be put, over the height of a place
/// there, m; 0 where none does.
pub(crate) fn rod_over(belief: &Belief, body: ObjectId, at: &Vector3<f64>) -> f64 {
    let others = belief.entities.iter().filter(|(id, _)| **id != body).map(|(_, e)| e);
    others
        .filter(|e| e.rod > 0.0 || e.hollow.is_some())
        .filter(|e| (e.pose.translation.vector - at).xy().norm() < ROD_REACH)
        .map(|e| e.top() + e.rod - at.z)
        .fold(0.0, f64::max)
}

/// A held body and what lies in it, which goes where it goes.
pub(crate) fn carried(belief: &Belief, body: ObjectId) -> Vec<ObjectId> {
    let pan = belief.entities.get(&body).and_then(|e| Some((e, e.hollow?)));
    let inside = |other: &Entity| {
        pan.is_some_and(|(pan, hollow)| {
            let above = other.pose.translation.z > pan.bottom();
            above && other.horizontal_distance(pan) < hollow.width / 2.0
        })
    };
    let others = belief.bodies().filter(|(id, e)| *id != body && inside(e)).map(|(id, _)| id);
    [body].into_iter().chain(others).collect()
}

/// The places within a bin, base frame, m: a grid around its middle.
fn spots(bin: &Entity) -> impl Iterator<Item = Vector3<f64>> {
    let count = |extent: f64| 1 + ((extent - 2.0 * MARGIN).max(0.0) / PITCH) as usize;
    let [columns, rows] = [count(bin.size.x), count(bin.size.y)];
    let offset = |i: usize, n: usize| PITCH * (i as f64 - (n - 1) as f64 / 2.0);
    let pose = bin.pose;
    (0..columns).flat_map(move |i| {
        (0..rows).map(move |j| {
            let local = Vector3::new(offset(i, columns), offset(j, rows), 0.0);
            pose.translation.vector + pose.rotation * local
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ergon_vocab::{Facts, Gripper};

    use super::*;

    const BIN: ObjectId = ObjectId(9);
    const HELD: ObjectId = ObjectId(0);

    fn belief(tool: [f64; 2], bodies: &[[f64; 2]]) -> Belief {
        let cube = |at: &[f64; 2]| {
            Entity::exact(Role::Body, Pose::translation(at[0], at[1], 0.02), Vector3::repeat(0.04))
        };
        let mut entities: BTreeMap<_, _> =
            bodies.iter().enumerate().map(|(i, at)| (ObjectId(i as u32), cube(at))).collect();
        let size = Vector3::new(0.22, 0.22, 0.0);
        entities.insert(BIN, Entity::exact(Role::Bin, Pose::translation(0.5, 0.0, 0.0), size));
        let gripper = Gripper { tcp: Pose::translation(tool[0], tool[1], 0.2), opening: 0.04 };
        Belief { entities, gripper, facts: Facts::default() }
    }

    fn spot(belief: &Belief) -> [f64; 2] {
        let place = destination(belief, HELD, BIN).unwrap().pose.translation;
        [place.x, place.y].map(|x| (x * 1000.0).round() / 1000.0)
    }

    #[test]
    fn the_free_place_nearest_to_the_tool_is_taken() {
        assert_eq!(spot(&belief([0.4, -0.2], &[[0.4, -0.2]])), [0.45, -0.05]);
        let one_there = [[0.4, -0.2], [0.455, -0.045]];
        assert_eq!(spot(&belief([0.4, -0.2], &one_there)), [0.55, -0.05]);
    }

    #[test]
    fn it_stays_the_nearest_on_the_way() {
        let to = [0.45, -0.05];
        for share in [0.0, 0.3, 0.6, 0.9, 1.0] {
            let at = [0.1 + share * (to[0] - 0.1), 0.3 + share * (to[1] - 0.3)];
            let there = belief(at, &[at, [0.45, 0.05], [0.55, 0.05]]);
            assert_eq!(spot(&there), to, "{share}");
        }
    }

    #[test]
    fn a_full_bin_has_its_roomiest_place() {
        let full = [[0.3, 0.3], [0.45, -0.05], [0.45, 0.05], [0.55, 0.05], [0.53, -0.09]];
        assert_eq!(spot(&belief([0.3, 0.3], &full)), [0.55, -0.05]);
    }

    #[test]
    fn other_places_are_what_they_are() {
        let there = belief([0.4, 0.0], &[[0.4, 0.0], [0.5, 0.1]]);
        let on = destination(&there, HELD, ObjectId(1)).unwrap();
        assert_eq!(on, there.entities[&ObjectId(1)]);
        assert!(destination(&there, HELD, ObjectId(7)).is_err());
    }
}
