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

    fn see(&self, cube: &Vector3<f64>) -> Vec<Detections> {
        let cameras = [self.true_first, self.said[1]];
        let look = |camera: &CameraModel, landmarks: &[Vector3<f64>]| {
            let (at, depth) = camera.project(cube).unwrap();
            let edge = camera.focal * EDGE_LENGTH / depth;
            let heading = -4.0 * camera.heading();
            let sighting = Sighting {
                score: 0.99,
                centre: at.into(),
                centre_std: 0.4,
                edge,
                edge_std: 0.03 * edge,
                turn: [heading.cos(), heading.sin()],
            };
            let landmark = |p: &Vector3<f64>| {
                let (at, _) = camera.project(p).unwrap();
                Landmark { score: 0.99, at: at.into(), std: 0.3 }
            };
            Detections {
                objects: vec![sighting],
                landmarks: landmarks.iter().map(landmark).collect(),
            }
        };
        vec![look(&cameras[0], &self.landmarks), look(&cameras[1], &[])]
    }

    fn watch(&mut self, cube: &Vector3<f64>, steps: usize) -> Entity {
        for _ in 0..steps {
            let found = self.see(cube);
            self.tracker.step(&self.gripper, &self.said, &found, &[0]);
        }
        self.tracker.entities(&[ObjectId(7)])[&ObjectId(7)]
    }
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
    let mut scene = Scene::new(0.0, 0.0);
    let mut cube = Vector3::new(0.5, 0.05, EDGE_LENGTH / 2.0);
    scene.watch(&cube, 20);
    scene.gripper =
        Gripper { tcp: Pose::translation(cube.x, cube.y, cube.z), opening: EDGE_LENGTH };
    scene.watch(&cube, 4);
    for _ in 0..6 {
        cube.z += 0.03;
        scene.gripper.tcp.translation.z += 0.03;
        let entity = scene.watch(&cube, 1);
        assert!(away(&entity, &cube) < 0.006, "{entity:?}");
    }
}
