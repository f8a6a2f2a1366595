//! Where to look from: over what is in doubt, so that the hand's camera has it before its lens.
//!
//! Sightings from where a body was seen before err as they did before; a new view tells more (active
//! perception, Bajcsy 1988).

use ergon_vocab::{Atom, Belief, CameraSpec, Command, Entity, Mount, ObjectId, Pose};
use nalgebra::{Point3, UnitQuaternion, Vector3};

/// Least height of the tool from which the scene lies open to the cameras, base frame, m, and how far
/// it keeps above the highest body.
const LOOKOUT: f64 = 0.25;
const CLEARANCE: f64 = 0.08;
/// The highest that it looks from, m: what is believed to be higher may be in the hand, and rise with it.
const HIGHEST: f64 = 0.42;
/// How near the tool must come to where it looks from, m.
const ARRIVED: f64 = 0.015;
/// How far beside a body the camera looks from at every look but the first, m: from near by, what lies
/// under another body shows its sides.
const ASIDE: f64 = 0.09;
/// How near to where it looks from the tool is, to the side, when it comes down to it, m.
const BESIDE: f64 = 0.03;
/// How far from the axis of its base, at most, an arm that stretches can still hold its tool upright, m.
const REACH: f64 = 0.7;
/// Tilt of the tool at which it is put upright, rad: skills are learnt with a tool that points down.
const TILTED: f64 = 0.1;
/// Share of the way that one command goes, and the largest command.
const GAIN: f64 = 0.4;
const SPEED: f64 = 0.5;

/// The next command on the way to where a body is looked at from for the `look`th time, the hand's camera
/// above it, at later looks nearer and to one side after another, the tool upright; `None` when it is there.
/// Without a body, or without a camera on the tool, the tool just rises; without any camera it stays.
pub(crate) fn towards(
    belief: &Belief,
    body: Option<ObjectId>,
    look: u32,
    cameras: &[CameraSpec],
    gripper: f64,
) -> Option<Command> {
    if cameras.is_empty() {
        return None;
    }
    let tcp = &belief.gripper.tcp;
    let standing = belief.bodies().map(|(_, e)| e).filter(|e| !in_hand(tcp, e));
    let highest = standing.map(Entity::top).fold(f64::NEG_INFINITY, f64::max);
    let camera = cameras.iter().find(|c| c.mount == Mount::Tool);
    let place =
        body.and_then(|b| belief.entities.get(&b)).map(|e| e.pose.translation.vector + aside(look));
    let across = camera.zip(place).and_then(|(c, p)| across(tcp, &c.mount_from_camera, &p));
    let near = look > 0 && across.is_some() && highest.is_finite();
    let clear = (highest + CLEARANCE).min(HIGHEST);
    let rise = if near { clear } else { LOOKOUT.max(clear) } - tcp.translation.z;
    let mut way = Vector3::new(0.0, 0.0, rise.max(0.0));
    // Up first, then across: nothing that stands is swept away.
    if way.z < CLEARANCE / 2.0 {
        way += across.unwrap_or_default();
    }
    if near && way.xy().norm() < BESIDE {
        way.z = rise;
    }
    let way = within_reach(tcp, way);
    let tilt = tilt(tcp);
    if way.norm() < ARRIVED && tilt.norm() < TILTED {
        return None;
    }
    let mut command = Command::hold(gripper);
    command.translation = way.map(|d| (GAIN * d / Command::TRANSLATION_SCALE).clamp(-SPEED, SPEED));
    if tilt.norm() >= TILTED {
        command.rotation = tilt.map(|a| (GAIN * a / Command::ROTATION_SCALE).clamp(-SPEED, SPEED));
    }
    Some(command)
}

/// The way, shortened so that it ends where the arm reaches.
fn within_reach(tcp: &Pose, way: Vector3<f64>) -> Vector3<f64> {
    let from = tcp.translation.vector.xy();
    let to = from + way.xy();
    if to.norm() <= REACH {
        return way;
    }
    let level = to * (REACH / to.norm()) - from;
    Vector3::new(level.x, level.y, way.z)
}

/// The rotation that puts the tool upright, pointing down, base frame, rad.
fn tilt(tcp: &Pose) -> Vector3<f64> {
    let pointing = tcp.rotation * Vector3::z();
    let upright = UnitQuaternion::rotation_between(&pointing, &-Vector3::z());
    upright.map_or_else(Vector3::zeros, |r| r.scaled_axis())
}

/// Whether a body is so near the tool that it moves with it.
fn in_hand(tcp: &Pose, body: &Entity) -> bool {
    (body.pose.translation.vector - tcp.translation.vector).norm() < body.size.max() * 0.75
}

fn aside(look: u32) -> Vector3<f64> {
    let radius = if look == 0 { 0.0 } else { ASIDE };
    let (sine, cosine) = (f64::from(look) * 2.0).sin_cos();
    Vector3::new(radius * cosine, radius * sine, 0.0)
}

/// How far the tool must move level, so that the optical axis of its camera meets a place, m; `None`
/// for a camera that does not look down.
fn across(tcp: &Pose, tool_from_camera: &Pose, place: &Vector3<f64>) -> Option<Vector3<f64>> {
    let camera = tcp * tool_from_camera;
    let axis = camera.rotation * Vector3::z();
    let from = camera * Point3::origin();
    let share = (place.z - from.z) / axis.z;
    let met = from.coords + axis * share;
    (share.is_finite() && share > 0.0).then(|| Vector3::new(place.x - met.x, place.y - met.y, 0.0))
}

/// The bodies out of the hand that atoms name, each once; without any, all of them, the least known size
/// first.
pub(crate) fn doubtful<'a>(
    atoms: impl Iterator<Item = &'a Atom>,
    belief: &Belief,
) -> Vec<ObjectId> {
    let tcp = &belief.gripper.tcp;
    let known: Vec<_> = belief.bodies().filter(|(_, e)| !in_hand(tcp, e)).collect();
    let mut named = Vec::new();
    for arg in atoms.flat_map(|a| a.args.iter().copied()) {
        if known.iter().any(|(body, _)| *body == arg) && !named.contains(&arg) {
            named.push(arg);
        }
    }
    if named.is_empty() {
        let mut all = known;
        all.sort_by(|(_, a), (_, b)| b.size_std.total_cmp(&a.size_std));
        named.extend(all.into_iter().map(|(body, _)| body));
    }
    named
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::f64::consts::{FRAC_PI_4, PI};

    use ergon_vocab::{Facts, Gripper, PredicateId, Role};

    use super::*;

    const FOV: f64 = FRAC_PI_4;

    fn hand_camera() -> CameraSpec {
        let tilt = UnitQuaternion::from_axis_angle(&Vector3::y_axis(), -0.2);
        CameraSpec {
            name: "wrist".into(),
            mount: Mount::Tool,
            mount_from_camera: Pose::from_parts(Vector3::new(0.05, 0.0, -0.1).into(), tilt),
            fov_y: FOV,
            size: [100, 100],
        }
    }

    fn belief(tool: Vector3<f64>, body: Vector3<f64>) -> Belief {
        let down = UnitQuaternion::from_axis_angle(&Vector3::x_axis(), PI);
        let place = Pose::from_parts(body.into(), UnitQuaternion::identity());
        let cube = Entity::exact(Role::Body, place, Vector3::repeat(0.04));
        Belief {
            entities: BTreeMap::from([(ObjectId(0), cube)]),
            gripper: Gripper { tcp: Pose::from_parts(tool.into(), down), opening: 0.08 },
            facts: Facts::default(),
        }
    }

    #[test]
    fn the_tool_rises_and_ends_where_its_camera_has_the_body_in_the_middle() {
        let body = Vector3::new(0.6, 0.2, 0.02);
        let mut tool = Vector3::new(0.4, -0.1, 0.05);
        let mut steps = 0;
        while let Some(command) =
            towards(&belief(tool, body), Some(ObjectId(0)), 0, &[hand_camera()], 1.0)
        {
            if command.translation.xy().norm() > 0.0 {
                assert!(tool.z > 0.2, "it moves across at {} m", tool.z);
            }
            assert!((command.translation.amax(), command.gripper) <= (SPEED, 1.0));
            tool += command.translation * Command::TRANSLATION_SCALE;
            steps += 1;
            assert!(steps < 60, "it does not arrive: {tool:?}");
        }
        let there = belief(tool, body);
        let (pixel, _) = hand_camera().model(&there.gripper.tcp).project(&body).unwrap();
        assert!((pixel - nalgebra::Vector2::new(50.0, 50.0)).norm() < 8.0, "{pixel}");
    }

    #[test]
    fn the_tool_stays_where_it_can_be_upright_and_is_put_upright() {
        let far = Vector3::new(0.6, 0.6, 0.02);
        let mut there = belief(Vector3::new(0.4, 0.4, 0.3), far);
        let lean = UnitQuaternion::from_axis_angle(&Vector3::y_axis(), 0.6);
        there.gripper.tcp.rotation = lean * there.gripper.tcp.rotation;
        let mut steps = 0;
        while let Some(command) = towards(&there, Some(ObjectId(0)), 0, &[hand_camera()], 1.0) {
            let tcp = &mut there.gripper.tcp;
            tcp.translation.vector += command.translation * Command::TRANSLATION_SCALE;
            let turn = UnitQuaternion::from_scaled_axis(command.rotation * Command::ROTATION_SCALE);
            tcp.rotation = turn * tcp.rotation;
            steps += 1;
            assert!(steps < 60, "it does not arrive: {tcp:?}");
        }
        let tcp = &there.gripper.tcp;
        assert!(tcp.translation.vector.xy().norm() < REACH + ARRIVED, "{tcp:?}");
        assert!((tcp.rotation * Vector3::z()).z < -0.99, "{tcp:?}");
    }

    #[test]
    fn later_looks_come_near_and_to_the_side_but_down_only_there() {
        let body = Vector3::new(0.5, 0.1, 0.02);
        let mut tool = Vector3::new(0.4, -0.2, LOOKOUT);
        let mut steps = 0;
        while let Some(command) =
            towards(&belief(tool, body), Some(ObjectId(0)), 1, &[hand_camera()], 1.0)
        {
            assert!(command.translation.z == 0.0 || (tool - body).xy().norm() < 0.2, "{tool}");
            tool += command.translation * Command::TRANSLATION_SCALE;
            steps += 1;
            assert!(steps < 60, "it does not arrive: {tool:?}");
        }
        assert!(tool.z < 0.04 + CLEARANCE + ARRIVED, "{tool}");
        assert!((tool - body).xy().norm() > ASIDE / 2.0, "{tool}");
    }

    #[test]
    fn without_a_camera_on_the_tool_it_only_rises() {
        let there = belief(Vector3::new(0.4, -0.1, LOOKOUT), Vector3::new(0.6, 0.2, 0.02));
        assert_eq!(towards(&there, Some(ObjectId(0)), 0, &[], 0.0), None);
        let low = belief(Vector3::new(0.4, -0.1, 0.1), Vector3::new(0.6, 0.2, 0.02));
        let command = towards(&low, None, 0, &[hand_camera()], 0.0).unwrap();
        assert!(command.translation.z > 0.0 && command.translation.xy().norm() == 0.0);
    }

    #[test]
    fn what_is_named_is_in_doubt_and_else_all_that_is_there() {
        let there = belief(Vector3::new(0.0, 0.0, 0.3), Vector3::zeros());
        let atom = |args: &[u32]| Atom {
            predicate: PredicateId(0),
            args: args.iter().map(|&i| ObjectId(i)).collect(),
        };
        let named = [atom(&[7, 0]), atom(&[0])];
        assert_eq!(doubtful(named.iter(), &there), [ObjectId(0)]);
        assert_eq!(doubtful([].iter(), &there), [ObjectId(0)]);
        let held = belief(Vector3::zeros(), Vector3::zeros());
        assert_eq!(doubtful(named.iter(), &held), []);
    }
}
