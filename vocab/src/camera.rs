//! Cameras: the pinhole model, from points to pixels and back, and where a robot's cameras are.

use crate::Pose;
use nalgebra::{Point3, Vector2, Vector3};

/// A pinhole camera with square pixels and its principal point in the middle of the picture, as in
/// Hartley and Zisserman, chapter 6. Axes: x right, y down, z into the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CameraModel {
    /// The camera in the base frame.
    pub base_from_camera: Pose,
    /// Focal length, pixels.
    pub focal: f64,
    /// Width and height, pixels.
    pub size: [usize; 2],
}

impl CameraModel {
    /// A camera with a vertical field of view in rad and a picture of `[width, height]` pixels.
    pub fn new(base_from_camera: Pose, fov_y: f64, size: [usize; 2]) -> Self {
        let focal = size[1] as f64 / (2.0 * (fov_y / 2.0).tan());
        Self { base_from_camera, focal, size }
    }

    fn centre(&self) -> Vector2<f64> {
        Vector2::new(self.size[0] as f64, self.size[1] as f64) / 2.0
    }

    /// Where a point of the base frame appears: column and row in pixels from the top left corner, and
    /// its depth along the optical axis, m. `None` for a point beside or behind the camera.
    pub fn project(&self, point: &Vector3<f64>) -> Option<(Vector2<f64>, f64)> {
        let local = self.base_from_camera.inverse() * Point3::from(*point);
        if local.z <= 1e-6 {
            return None;
        }
        Some((self.centre() + local.coords.xy() * (self.focal / local.z), local.z))
    }

    /// The point of the base frame that appears at a pixel with a depth along the optical axis, m.
    pub fn unproject(&self, pixel: &Vector2<f64>, depth: f64) -> Vector3<f64> {
        let across = (pixel - self.centre()) * (depth / self.focal);
        (self.base_from_camera * Point3::new(across.x, across.y, depth)).coords
    }

    /// Direction of the picture's right, about the vertical of the base frame, rad.
    pub fn heading(&self) -> f64 {
        let right = self.base_from_camera.rotation * Vector3::x();
        right.y.atan2(right.x)
    }

    /// The point at a height (base frame, m) that appears at a pixel; `None` when the ray misses it.
    pub fn on_plane(&self, pixel: &Vector2<f64>, height: f64) -> Option<Vector3<f64>> {
        let eye = self.base_from_camera.translation.vector;
        let ray = self.unproject(pixel, 1.0) - eye;
        let share = (height - eye.z) / ray.z;
        (share.is_finite() && share > 0.0).then(|| eye + ray * share)
    }
}

/// What a camera is fixed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mount {
    /// The cell; its frame is the base frame.
    Cell,
    /// The tool; its frame is that of the tool centre point.
    Tool,
}

/// A camera as the agent is told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct CameraSpec {
    /// Its name in observations.
    pub name: String,
    /// What it is fixed to.
    pub mount: Mount,
    /// Its pose in the mount's frame; x right, y down, z into the picture.
    pub mount_from_camera: Pose,
    /// Vertical field of view, rad.
    pub fov_y: f64,
    /// Width and height of its pictures, pixels.
    pub size: [usize; 2],
}

impl CameraSpec {
    /// The camera's model while the tool is at `tcp`.
    pub fn model(&self, tcp: &Pose) -> CameraModel {
        let base_from_camera = match self.mount {
            Mount::Cell => self.mount_from_camera,
            Mount::Tool => tcp * self.mount_from_camera,
        };
        CameraModel::new(base_from_camera, self.fov_y, self.size)
    }
}

/// The corners of a flat rectangle, in the order of a walk around it, from its middle and its extents
/// along x and y, m.
pub fn corners(centre: &Vector3<f64>, size: &Vector2<f64>) -> [Vector3<f64>; 4] {
    let half = size / 2.0;
    [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
        .map(|(x, y)| centre + Vector3::new(x * half.x, y * half.y, 0.0))
}

#[cfg(test)]
mod tests {
    use nalgebra::UnitQuaternion;
    use proptest::prelude::*;

    use super::*;

    fn overhead() -> CameraModel {
        let down = UnitQuaternion::new(Vector3::x() * std::f64::consts::PI);
        let pose = Pose::from_parts(Vector3::new(0.5, 0.0, 1.0).into(), down);
        CameraModel::new(pose, std::f64::consts::FRAC_PI_2, [100, 100])
    }

    #[test]
    fn the_optical_axis_meets_the_middle_of_the_picture() {
        let (pixel, depth) = overhead().project(&Vector3::new(0.5, 0.0, 0.2)).unwrap();
        assert!((pixel - Vector2::new(50.0, 50.0)).norm() < 1e-9);
        assert!((depth - 0.8).abs() < 1e-12);
        assert_eq!(overhead().project(&Vector3::new(0.5, 0.0, 1.5)), None);
    }

    proptest! {
        #[test]
        fn unprojecting_undoes_projecting(x in 0.0..1.0, y in -0.5..0.5, z in -0.2..0.8) {
            let point = Vector3::new(x, y, z);
            let (pixel, depth) = overhead().project(&point).unwrap();
            prop_assert!((overhead().unproject(&pixel, depth) - point).norm() < 1e-9);
            let on_plane = overhead().on_plane(&pixel, z).unwrap();
            prop_assert!((on_plane - point).norm() < 1e-9);
        }
    }
}
