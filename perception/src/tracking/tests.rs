//! Sightings that are made from a known scene, and what the tracker makes of them.

use ergon_vocab::corners;
use nalgebra::{Rotation3, Vector2};

use super::*;

const EDGE_LENGTH: f64 = 0.045;

/// A camera at `eye` that looks at `target`.
fn camera(eye: Vector3<f64>, target: Vector3<f64>) -> CameraModel {
    let forward = (target - eye).normalize();
    let right = forward.cross(&Vector3::z()).normalize();
    let axes = nalgebra::Matrix3::from_columns(&[right, forward.cross(&right), forward]);
    let turn = UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(axes));
    CameraModel::new(Pose::from_parts(eye.into(), turn), 0.8, [128, 128])
}

/// A scene of one cube on a table at height 0, seen by two cameras.
struct Scene {
    said: [CameraModel; 2],
    true_first: CameraModel,
    landmarks: Vec<Vector3<f64>>,
    tracker: Tracker,
    gripper: Gripper,
}

impl Scene {
    /// The first camera is `shift` m and `turn` rad from where it is said to be.
    fn new(shift: f64, turn: f64) -> Self {
        let first = camera(Vector3::new(1.06, 0.0, 0.44), Vector3::new(0.51, 0.0, -0.1));
        let second = camera(Vector3::new(0.45, 0.05, 0.4), Vector3::new(0.5, 0.05, 0.0));
        let off = Pose::from_parts(
            Vector3::new(shift, 0.0, 0.0).into(),
            UnitQuaternion::from_scaled_axis(Vector3::new(0.0, turn, 0.0)),
        );
        let areas = [-0.18, 0.02, 0.22];
        let landmarks: Vec<_> = areas
            .iter()
            .flat_map(|y| corners(&Vector3::new(0.56, *y, 0.0), &Vector2::new(0.22, 0.12)))
            .collect();
        let tcp = Pose::translation(0.4, 0.0, 0.35);
        Self {
            said: [first, second],
            true_first: CameraModel { base_from_camera: first.base_from_camera * off, ..first },
            tracker: Tracker::new(2, vec![None], landmarks.clone(), 0.0),
            landmarks,
            gripper: Gripper { tcp, opening: 0.08 },
        }
    }

    /// A cube between the fingers, which have felt it for a while.
    fn holding(cube: &Vector3<f64>) -> Self {
        let mut scene = Self::new(0.0, 0.0);
        scene.watch(cube, 20);
        let tcp = Pose::translation(cube.x, cube.y, cube.z);
        scene.gripper = Gripper { tcp, opening: EDGE_LENGTH };
        scene.watch(cube, 4);
        scene
    }

    /// Cubes as both cameras see them, those from `hidden` on the first one only.
    fn see(&self, cubes: &[Vector3<f64>], hidden: usize) -> Vec<Detections> {
        let sighting = |camera: &CameraModel, cube: &Vector3<f64>, score: f64| {
            let (at, depth) = camera.project(cube).unwrap();
            let edge = camera.focal * EDGE_LENGTH / depth;
            let heading = -4.0 * camera.heading();
            Sighting {
                score,
                centre: at.into(),
                centre_std: 0.4,
                edge,
                edge_std: 0.03 * edge,
                turn: [heading.cos(), heading.sin()],
            }
        };
        let landmark = |p: &Vector3<f64>| {
            let (at, _) = self.true_first.project(p).unwrap();
            Landmark { score: 0.99, at: at.into(), std: 0.3 }
        };
        let first = cubes.iter().map(|cube| sighting(&self.true_first, cube, 0.99)).collect();
        let score = |index: usize| if index < hidden { 0.99 } else { 0.4 };
        let numbered = cubes.iter().enumerate();
        let second = numbered.map(|(i, cube)| sighting(&self.said[1], cube, score(i))).collect();
        let landmarks = self.landmarks.iter().map(landmark).collect();
        vec![
            Detections { objects: first, landmarks },
            Detections { objects: second, landmarks: Vec::new() },
        ]
    }

    fn watch(&mut self, cube: &Vector3<f64>, steps: usize) -> Entity {
        self.watch_all(&[*cube], 1, steps)[&ObjectId(0)]
    }

    fn watch_all(
        &mut self,
        cubes: &[Vector3<f64>],
        hidden: usize,
        steps: usize,
    ) -> BTreeMap<ObjectId, Entity> {
        let classes: Vec<usize> = (0..cubes.len()).collect();
        for _ in 0..steps {
            let found = self.see(cubes, hidden);
            self.tracker.step(&self.gripper, &self.said, &found, &classes);
        }
        self.tracker.entities(&[ObjectId(0), ObjectId(1), ObjectId(2)])
    }
}

/// A stack of three cubes, the highest first.
fn tower() -> [Vector3<f64>; 3] {
    [2.5, 1.5, 0.5].map(|layer| Vector3::new(0.5, 0.12, layer * EDGE_LENGTH))
}

fn away(entity: &Entity, cube: &Vector3<f64>) -> f64 {
    (entity.pose.translation.vector - cube).norm()
}

#[test]
fn a_cube_that_is_seen_is_where_it_is_seen() {
    let cube = Vector3::new(0.5, 0.12, EDGE_LENGTH / 2.0);
    let entity = Scene::new(0.0, 0.0).watch(&cube, 40);
    assert!(away(&entity, &cube) < 0.002, "{entity:?}");
    assert!((entity.size.x - EDGE_LENGTH).abs() < 0.002, "{entity:?}");
    assert!(entity.yaw().abs() < 0.02, "{entity:?}");
    // The same views over and over make it no surer than a few of them.
    assert!(entity.position_std < 0.006, "{entity:?}");
}

#[test]
fn landmarks_tell_where_a_camera_truly_is() {
    let cube = Vector3::new(0.55, -0.15, EDGE_LENGTH / 2.0);
    let mut scene = Scene::new(0.008, 0.03);
    let entity = scene.watch(&cube, 40);
    assert!(away(&entity, &cube) < 0.004, "{entity:?}");
}

#[test]
fn a_flat_body_lies_where_its_height_tells() {
    let mut scene = Scene::new(0.0, 0.0);
    scene.tracker = Tracker::new(2, vec![Some(0.02)], scene.landmarks.clone(), 0.0);
    let disc = Vector3::new(0.5, 0.12, 0.01);
    let entity = scene.watch(&disc, 40);
    assert!(away(&entity, &disc) < 0.002, "{entity:?}");
    assert_eq!(entity.size.z, 0.02);
    assert!(entity.bottom().abs() < 0.002, "{entity:?}");
}

#[test]
fn a_cube_that_was_knocked_away_is_found_anew() {
    let mut scene = Scene::new(0.0, 0.0);
    scene.watch(&Vector3::new(0.5, 0.12, EDGE_LENGTH / 2.0), 20);
    let cube = Vector3::new(0.58, -0.1, EDGE_LENGTH / 2.0);
    let entity = scene.watch(&cube, 20);
    assert!(away(&entity, &cube) < 0.003, "{entity:?}");
}

#[test]
fn a_cube_between_the_fingers_moves_with_them() {
    let mut cube = Vector3::new(0.5, 0.05, EDGE_LENGTH / 2.0);
    let mut scene = Scene::holding(&cube);
    for _ in 0..6 {
        cube.z += 0.03;
        scene.gripper.tcp.translation.z += 0.03;
        let entity = scene.watch(&cube, 1);
        assert!(away(&entity, &cube) < 0.006, "{entity:?}");
    }
}

#[test]
fn what_the_fingers_hide_of_a_held_cube_does_not_move_it() {
    let mut cube = Vector3::new(0.5, 0.05, EDGE_LENGTH / 2.0);
    let mut scene = Scene::holding(&cube);
    for _ in 0..10 {
        let way = Vector3::new(0.0, 0.02, 0.01);
        cube += way;
        scene.gripper.tcp.translation.vector += way;
        // Both cameras see that half of it which the fingers leave.
        let entity = scene.watch(&(cube + Vector3::x() * 0.008), 1);
        assert!(away(&entity, &cube) < 0.004, "{entity:?} at {cube:?}");
    }
    // And what they feel cannot be elsewhere, whatever is seen there.
    let entity = scene.watch(&(cube + Vector3::x() * 0.15), 10);
    assert!(away(&entity, &cube) < 0.006, "{entity:?} at {cube:?}");
}

#[test]
fn a_cube_that_the_hand_cannot_have_lifted_lies_where_it_seems_afloat() {
    let afloat = Vector3::new(0.5, 0.12, EDGE_LENGTH / 2.0 + 0.02);
    let believed_with = |tool: Pose| {
        let mut scene = Scene::new(0.0, 0.0);
        scene.gripper.tcp = tool;
        // Seen from many places, there is little doubt of its height.
        for step in 0..40 {
            let eye = Vector3::new(0.3 + 0.01 * f64::from(step), 0.05, 0.4);
            scene.said[1] = camera(eye, Vector3::new(0.5, 0.12, 0.0));
            scene.watch(&afloat, 1);
        }
        scene.watch(&afloat, 1)
    };
    let below_the_hand = believed_with(Pose::translation(0.5, 0.1, 0.2));
    assert!(below_the_hand.bottom() > 0.015, "{below_the_hand:?}");
    let elsewhere = believed_with(Pose::translation(0.4, 0.0, 0.35));
    assert!(elsewhere.bottom().abs() < 0.002, "{elsewhere:?}");
}

#[test]
fn one_camera_tells_where_a_stack_stands() {
    let mut scene = Scene::new(0.0, 0.0);
    scene.tracker = Tracker::new(2, vec![None; 3], scene.landmarks.clone(), 0.0);
    let found = scene.watch_all(&tower(), 1, 10);
    for (entity, cube) in found.values().zip(&tower()) {
        assert!(away(entity, cube) < 0.012, "{entity:?} at {cube:?}");
    }
}

#[test]
fn a_support_that_proves_wrong_leaves_no_trace() {
    let mut scene = Scene::new(0.0, 0.0);
    scene.tracker = Tracker::new(2, vec![None; 3], scene.landmarks.clone(), 0.0);
    let tower = tower();
    let both: Vec<usize> = (0..3).collect();
    for _ in 0..10 {
        // Of the lowest cube nothing is seen at first: the next one seems to lie on the table.
        let mut found = scene.see(&tower, 1);
        found[0].objects[2].score = 0.0;
        scene.tracker.step(&scene.gripper, &scene.said, &found, &both);
    }
    let found = scene.watch_all(&tower, 1, 10);
    for (entity, cube) in found.values().zip(&tower) {
        assert!(away(entity, cube) < 0.012, "{entity:?} at {cube:?}");
    }
}
