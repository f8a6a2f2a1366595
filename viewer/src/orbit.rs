//! From where the scene is looked at.

use ergon_vocab::Pose;
use nalgebra::{Matrix3, Rotation3, Translation3, UnitQuaternion, Vector3};

use crate::hand::Ray;
use crate::{Moment, Setting};

/// Field of view of the free camera from top to bottom, rad.
const FOV: f64 = 0.72;
/// How near and how far the free camera may be, m.
const DISTANCES: [f64; 2] = [0.25, 6.0];
/// How low and how high it may look from, rad.
const PITCHES: [f64; 2] = [-0.05, 1.55];

/// What one looks through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eye {
    /// A camera that moves around the scene.
    Free,
    /// A camera of the scenario, by its place.
    Camera(usize),
}

/// The viewer's eye. The free one circles around a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Orbit {
    /// What one looks through.
    pub eye: Eye,
    target: Vector3<f64>,
    /// Where from, about the vertical, rad; 0 is from +x.
    yaw: f64,
    pitch: f64,
    distance: f64,
}

/// A camera: where it is (x right, y down, z forward), and its field of view from top to bottom, rad.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lens {
    /// The camera in the base frame.
    pub base_from_camera: Pose,
    /// Field of view, rad.
    pub fov_y: f64,
}

impl Orbit {
    /// The whole of the table and of the arm, from the right.
    pub fn new(setting: &Setting) -> Self {
        let target = setting.table + Vector3::new(-0.14, 0.0, 0.13);
        Self { eye: Eye::Free, target, yaw: -0.72, pitch: 0.44, distance: 2.1 }
    }

    /// Turns around the scene by angles, rad.
    pub fn turn(&mut self, yaw: f64, pitch: f64) {
        self.eye = Eye::Free;
        self.yaw += yaw;
        self.pitch = (self.pitch + pitch).clamp(PITCHES[0], PITCHES[1]);
    }

    /// Moves sideways and up, in shares of the picture's height.
    pub fn pan(&mut self, right: f64, up: f64) {
        self.eye = Eye::Free;
        let high = 2.0 * self.distance * (FOV / 2.0).tan();
        let turn = self.free().rotation;
        self.target += (turn * Vector3::x()) * (right * high) - (turn * Vector3::y()) * (up * high);
    }

    /// Comes nearer (a factor below 1) or goes away.
    pub fn zoom(&mut self, factor: f64) {
        self.eye = Eye::Free;
        self.distance = (self.distance * factor).clamp(DISTANCES[0], DISTANCES[1]);
    }

    /// What is looked through at a moment.
    pub fn lens(&self, setting: &Setting, moment: &Moment) -> Lens {
        let fixed = match self.eye {
            Eye::Free => None,
            Eye::Camera(index) => setting.cameras.get(index),
        };
        match fixed {
            Some(spec) => Lens {
                base_from_camera: spec.model(&moment.tcp).base_from_camera,
                fov_y: spec.fov_y,
            },
            None => Lens { base_from_camera: self.free(), fov_y: FOV },
        }
    }

    fn free(&self) -> Pose {
        let (yaw, pitch) = (self.yaw.sin_cos(), self.pitch.sin_cos());
        let back = Vector3::new(yaw.1 * pitch.1, yaw.0 * pitch.1, pitch.0);
        let (forward, right) = (-back, Vector3::new(-yaw.0, yaw.1, 0.0));
        let axes = Matrix3::from_columns(&[right, forward.cross(&right), forward]);
        let turn = UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(axes));
        Pose::from_parts(Translation3::from(self.target + back * self.distance), turn)
    }
}

impl Lens {
    /// The ray through a point of the picture: `at` from its top left corner, in shares of its width and
    /// height; `aspect` is width over height.
    pub fn ray(&self, at: [f64; 2], aspect: f64) -> Ray {
        let half = (self.fov_y / 2.0).tan();
        let local =
            Vector3::new((2.0 * at[0] - 1.0) * half * aspect, (2.0 * at[1] - 1.0) * half, 1.0);
        let direction = (self.base_from_camera.rotation * local).normalize();
        Ray { origin: self.base_from_camera.translation.vector, direction }
    }
}

#[cfg(test)]
mod tests {
    use ergon_vocab::CameraModel;
    use nalgebra::Vector2;

    use super::*;

    fn orbit() -> Orbit {
        let target = Vector3::new(0.4, 0.1, 0.2);
        Orbit { eye: Eye::Free, target, yaw: 0.7, pitch: 0.4, distance: 2.0 }
    }

    #[test]
    fn the_middle_of_the_picture_is_what_one_circles_around() {
        let mut orbit = orbit();
        for _ in 0..5 {
            orbit.turn(0.9, -0.2);
            orbit.zoom(0.8);
            let lens = Lens { base_from_camera: orbit.free(), fov_y: FOV };
            let ray = lens.ray([0.5, 0.5], 1.6);
            let to = orbit.target - ray.origin;
            assert!((to.norm() - orbit.distance).abs() < 1e-9);
            assert!(ray.direction.angle(&to) < 1e-6);
            // The horizon stays level.
            assert!((lens.base_from_camera.rotation * Vector3::x()).z.abs() < 1e-9);
        }
    }

    #[test]
    fn rays_are_those_of_a_pinhole_camera() {
        let pose = orbit().free();
        let lens = Lens { base_from_camera: pose, fov_y: FOV };
        let model = CameraModel::new(pose, FOV, [160, 100]);
        let ray = lens.ray([0.25, 0.9], 1.6);
        let (pixel, _) = model.project(&(ray.origin + ray.direction * 1.7)).unwrap();
        assert!((pixel - Vector2::new(40.0, 90.0)).norm() < 1e-6, "{pixel}");
    }

    #[test]
    fn panning_moves_the_scene_with_the_pointer() {
        let mut orbit = orbit();
        let before = Lens { base_from_camera: orbit.free(), fov_y: FOV };
        let at = orbit.target;
        orbit.pan(-0.25, 0.0);
        let after = orbit.free().inverse() * nalgebra::Point3::from(at);
        // A quarter of the height to the right.
        assert!((after.x / after.z - 0.5 * (before.fov_y / 2.0).tan()).abs() < 1e-6);
    }
}
