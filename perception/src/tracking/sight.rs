//! How a camera that is not quite where it is said to be sees a point.

use ergon_vocab::{CameraModel, Pose};
use nalgebra::{Matrix3, RowVector3, Translation3, UnitQuaternion, Vector3};

/// How far a camera truly is from where it is said to be: translation, m, and rotation vector, rad,
/// in the frame of where it is said to be.
pub(crate) type Correction = [f64; 6];

/// A point in a picture with its derivatives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sight {
    /// Column and row, pixels.
    pub(crate) pixel: [f64; 2],
    /// Depth along the optical axis, m.
    pub(crate) depth: f64,
    /// Derivatives of column, row and depth by the point, base frame.
    pub(crate) by_point: [RowVector3<f64>; 3],
    /// And by the correction.
    pub(crate) by_correction: [[f64; 6]; 3],
}

/// A camera with its correction.
pub(crate) fn corrected(camera: &CameraModel, correction: &Correction) -> CameraModel {
    let [x, y, z, a, b, c] = *correction;
    let shift = Pose::from_parts(
        Translation3::new(x, y, z),
        UnitQuaternion::from_scaled_axis(Vector3::new(a, b, c)),
    );
    CameraModel { base_from_camera: camera.base_from_camera * shift, ..*camera }
}

/// Where a point appears, `None` behind the camera.
pub(crate) fn sight(
    camera: &CameraModel,
    correction: &Correction,
    point: &Vector3<f64>,
) -> Option<Sight> {
    let true_camera = corrected(camera, correction);
    let (pixel, depth) = true_camera.project(point)?;
    let rotation = true_camera.base_from_camera.rotation.inverse().to_rotation_matrix();
    let local = (true_camera.base_from_camera.inverse() * nalgebra::Point3::from(*point)).coords;
    let f = camera.focal;
    // Rows: column, row, depth by the local point.
    let by_local = [
        RowVector3::new(f / local.z, 0.0, -f * local.x / (local.z * local.z)),
        RowVector3::new(0.0, f / local.z, -f * local.y / (local.z * local.z)),
        RowVector3::new(0.0, 0.0, 1.0),
    ];
    let by_point = by_local.map(|row| row * rotation.matrix());
    // local = exp(-r) (q - t): to first order around the present correction.
    let turn = true_camera.base_from_camera.rotation.inverse() * camera.base_from_camera.rotation;
    let by_shift = turn.to_rotation_matrix();
    let cross: Matrix3<f64> = local.cross_matrix();
    let by_correction = by_local.map(|row| {
        let (shift, turned) = (-(row * by_shift.matrix()), row * cross);
        [shift[0], shift[1], shift[2], turned[0], turned[1], turned[2]]
    });
    Some(Sight { pixel: [pixel.x, pixel.y], depth, by_point, by_correction })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_those_of_differences() {
        let down = UnitQuaternion::new(Vector3::new(2.5, 0.3, -0.2));
        let pose = Pose::from_parts(Vector3::new(0.9, 0.1, 0.6).into(), down);
        let camera = CameraModel::new(pose, 0.8, [128, 128]);
        let correction = [0.004, -0.006, 0.003, 0.01, -0.02, 0.015];
        let point = pose * nalgebra::Point3::new(0.05, -0.08, 0.7);
        let point = point.coords;
        let here = sight(&camera, &correction, &point).unwrap();
        let numbers = |s: &Sight| [s.pixel[0], s.pixel[1], s.depth];
        let h = 1e-6;
        for axis in 0..3 {
            let mut moved = point;
            moved[axis] += h;
            let there = sight(&camera, &correction, &moved).unwrap();
            for k in 0..3 {
                let slope = (numbers(&there)[k] - numbers(&here)[k]) / h;
                assert!((slope - here.by_point[k][axis]).abs() < 1e-2, "{slope}");
            }
        }
        for axis in 0..6 {
            let mut moved = correction;
            moved[axis] += h;
            let there = sight(&camera, &moved, &point).unwrap();
            for k in 0..3 {
                let slope = (numbers(&there)[k] - numbers(&here)[k]) / h;
                let expected = here.by_correction[k][axis];
                // The rotation's derivative is exact at no correction only.
                assert!((slope - expected).abs() < 0.03 * slope.abs() + 3.0, "{slope} {expected}");
            }
        }
    }
}
