//! The camera as an affine map from image slopes to rays, in the lamp frame.
//!
//! All rendering happens in the *lamp frame*: origin at the camera, z towards the lamp. There a
//! hit point is `ray * depth`, the cosine to the lamp is the normal's z, and a shadow is a
//! question about x and y alone.

use glam::{Quat, Vec3};

use super::lanes::{F4, V4, all};
use super::scene::{Camera, Light, Pose};

/// Coordinates beyond this, m, are taken for a fault of the caller: `f32` could not resolve a
/// pixel there, and their squares must stay finite.
pub(super) const FARTHEST: f32 = 1e5;

/// World axes to lamp axes and image to rays.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lens {
    /// The camera in the world, m.
    eye: Vec3,
    /// The lamp axes in the world.
    axes: [Vec3; 3],
    /// Camera axes in the lamp frame.
    pub(super) right: Vec3,
    pub(super) down: Vec3,
    pub(super) forward: Vec3,
    /// The same in all lanes.
    spread: [V4; 3],
    /// World z in the lamp frame.
    pub(super) up: Vec3,
    /// Length of the longest ray that reaches depth 1 within the image.
    pub(super) longest: f32,
    /// Slope from one pixel to the next.
    pub(super) pitch: f32,
    /// Image centre, pixels.
    centre: [f32; 2],
}

impl Lens {
    /// `None` where the camera has no finite pose or no positive field of view below pi.
    pub(super) fn new(camera: &Camera, light: &Light) -> Option<Self> {
        let axes = lamp_axes(light.direction);
        let camera_axes = columns(camera.world_from_camera.rotation)?;
        let eye = checked(camera.world_from_camera.translation)?;
        let in_lamp = |v: Vec3| Vec3::new(axes[0].dot(v), axes[1].dot(v), axes[2].dot(v));
        // libm, not std: the platform's tangent may differ in the last bit.
        let slope = libm::tanf(camera.fov_y * 0.5);
        let pitch = 2.0 * slope / camera.height as f32;
        let aspect = camera.width as f32 / camera.height as f32;
        let longest = (1.0 + slope * slope * (1.0 + aspect * aspect)).sqrt();
        let sane = camera.fov_y > 0.0 && camera.fov_y < std::f32::consts::PI && longest.is_finite();
        sane.then(|| Self {
            eye,
            axes,
            right: in_lamp(camera_axes[0]),
            down: in_lamp(camera_axes[1]),
            forward: in_lamp(camera_axes[2]),
            spread: camera_axes.map(|a| V4::all(in_lamp(a))),
            up: in_lamp(Vec3::Z),
            longest,
            pitch,
            centre: [camera.width as f32 * 0.5, camera.height as f32 * 0.5],
        })
    }

    /// A world direction in the lamp frame.
    pub(super) fn direction(&self, v: Vec3) -> Vec3 {
        Vec3::new(self.axes[0].dot(v), self.axes[1].dot(v), self.axes[2].dot(v))
    }

    /// A pose in the lamp frame: its axes and its centre, m. `None` where it is not finite.
    pub(super) fn place(&self, pose: &Pose) -> Option<([Vec3; 3], Vec3)> {
        let axes = columns(pose.rotation)?;
        let centre = checked(pose.translation)? - self.eye;
        Some((axes.map(|a| self.direction(a)), self.direction(centre)))
    }

    /// Camera coordinates (right, down, forward) of a lamp-frame vector.
    pub(super) fn seen(&self, v: Vec3) -> Vec3 {
        Vec3::new(self.right.dot(v), self.down.dot(v), self.forward.dot(v))
    }

    /// Horizontal slope of an image column; 0.5 is the middle of the first pixel.
    pub(super) fn slope_x(&self, column: f32) -> f32 {
        (column - self.centre[0]) * self.pitch
    }

    /// Vertical slope of an image row, downwards.
    pub(super) fn slope_y(&self, row: f32) -> f32 {
        (row - self.centre[1]) * self.pitch
    }

    /// Ray directions in the lamp frame, of length 1 along the optical axis.
    #[inline(always)]
    pub(super) fn rays(&self, x: F4, y: F4) -> V4 {
        let [right, down, forward] = &self.spread;
        *forward + *down * y + *right * x
    }

    /// The slopes of four columns.
    #[inline(always)]
    pub(super) fn slopes_x(&self, columns: F4) -> F4 {
        (columns - all(self.centre[0])) * all(self.pitch)
    }

    /// The slopes of four rows.
    #[inline(always)]
    pub(super) fn slopes_y(&self, rows: F4) -> F4 {
        (rows - all(self.centre[1])) * all(self.pitch)
    }
}

/// `v` of unit length, or `fallback` where it has no direction.
pub(super) fn unit_or(v: Vec3, fallback: Vec3) -> Vec3 {
    let length = v.dot(v).sqrt();
    if length.is_finite() && length > 1e-12 { v / length } else { fallback }
}

fn checked(v: Vec3) -> Option<Vec3> {
    let inside = |c: f32| c.abs() < FARTHEST;
    (inside(v.x) && inside(v.y) && inside(v.z)).then_some(v)
}

/// A right-handed frame whose z points along `towards`.
fn lamp_axes(towards: Vec3) -> [Vec3; 3] {
    let z = unit_or(towards, Vec3::Z);
    let side = if z.x.abs() < 0.7 { Vec3::X } else { Vec3::Y };
    let x = unit_or(side.cross(z), Vec3::X);
    [x, z.cross(x), z]
}

/// The axes of a rotation, spelled out: glam's own sums run in an order that depends on the
/// machine's vector unit.
fn columns(rotation: Quat) -> Option<[Vec3; 3]> {
    let (x, y, z, w) = (rotation.x, rotation.y, rotation.z, rotation.w);
    let norm = x * x + y * y + z * z + w * w;
    if !(norm.is_finite() && norm > 1e-12) {
        return None;
    }
    let s = 2.0 / norm;
    let (xx, yy, zz) = (x * x * s, y * y * s, z * z * s);
    let (xy, xz, yz) = (x * y * s, x * z * s, y * z * s);
    let (wx, wy, wz) = (w * x * s, w * y * s, w * z * s);
    Some([
        Vec3::new(1.0 - (yy + zz), xy + wz, xz - wy),
        Vec3::new(xy - wz, 1.0 - (xx + zz), yz + wx),
        Vec3::new(xz + wy, yz - wx, 1.0 - (xx + yy)),
    ])
}
