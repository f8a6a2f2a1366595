//! What a picture is made of: items with materials, one lamp, one camera, and the frame they fill.

use glam::{Mat3, Quat, Vec3};

/// A rigid placement: `world_from_item` or `world_from_camera`, metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// Rotation part. It need not be exactly of unit length; the renderer normalises it.
    pub rotation: Quat,
    /// Translation part, m.
    pub translation: Vec3,
}

impl Pose {
    /// The pose that changes nothing.
    pub const IDENTITY: Self = Self { rotation: Quat::IDENTITY, translation: Vec3::ZERO };

    /// A pose without rotation, translation in m.
    pub fn at(x: f32, y: f32, z: f32) -> Self {
        Self { rotation: Quat::IDENTITY, translation: Vec3::new(x, y, z) }
    }
}

/// A solid in its own frame, centred on the origin. All sizes in m.
///
/// A shape without volume (a size that is zero, negative or not finite) is not drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A cuboid of `2 * half` metres a side.
    Box {
        /// Half sizes along local x, y, z, m.
        half: Vec3,
    },
    /// All points within `radius` of a segment on local z. With `half_length` 0 a ball.
    Capsule {
        /// Half length of the segment, m.
        half_length: f32,
        /// Distance from the segment to the surface, m.
        radius: f32,
    },
    /// A solid cylinder around local z.
    Cylinder {
        /// Half height along local z, m.
        half_height: f32,
        /// Radius, m.
        radius: f32,
    },
    /// A cylinder around local z with a round hole right through.
    Ring {
        /// Half height along local z, m.
        half_height: f32,
        /// Radius of the outer wall, m.
        outer: f32,
        /// Radius of the hole, m.
        inner: f32,
    },
}

/// What is painted on a surface, as a function of the item's local coordinates.
///
/// Every pattern is filtered by the size of a pixel on the surface, so a small picture shows
/// its mean colour where a large one shows its detail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pattern {
    /// One colour.
    Plain,
    /// A chess board in local x and y.
    Checker {
        /// Side of a field, m.
        size: f32,
        /// Share of the colour taken from the dark fields, 0 to 1.
        contrast: f32,
    },
    /// Planks of wood along local x.
    Grain {
        /// Width of a plank in local y, m.
        plank: f32,
        /// How far tones of planks and streaks differ, 0 to 1.
        contrast: f32,
    },
    /// An outline along the rim of a plate, seen from local +z; the colour is the outline's.
    Frame {
        /// Width of the outline, m.
        border: f32,
        /// Linear-light albedo inside the outline, 0 to 1, RGB.
        inner: [f32; 3],
    },
    /// A ground plate that turns into the background with distance from its centre.
    Fade {
        /// Radius up to which the plate is opaque, m.
        inner: f32,
        /// Radius from which only the background is seen, m.
        outer: f32,
    },
}

/// How a surface answers light.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Material {
    /// Linear-light albedo, 0 to 1, RGB.
    pub color: [f32; 3],
    /// Width of the highlight, 0 (polished) to 1 (chalk).
    pub roughness: f32,
    /// What is painted on it.
    pub pattern: Pattern,
}

impl Material {
    /// An unpatterned material.
    pub fn plain(color: [f32; 3], roughness: f32) -> Self {
        Self { color, roughness, pattern: Pattern::Plain }
    }
}

/// One solid in the world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    /// Its shape in the item frame.
    pub shape: Shape,
    /// `world_from_item`.
    pub pose: Pose,
    /// Its surface.
    pub material: Material,
    /// The label written to [`Frame::segment`]; 0 is what the background gets.
    pub segment: u8,
    /// Whether it darkens what lies behind it, seen from the lamp.
    pub casts_shadow: bool,
}

/// A distant lamp, the light of a room around it, and the backdrop. World frame, z up.
///
/// Intensities are linear light, RGB, on a scale where 1 saturates the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Light {
    /// From the scene towards the lamp; any length but zero.
    pub direction: Vec3,
    /// Light of the lamp on a surface facing it.
    pub color: [f32; 3],
    /// Angular radius of the lamp, rad: blurs shadow borders in [`Quality::Picture`].
    pub softness: f32,
    /// Light on a surface that faces up.
    pub sky: [f32; 3],
    /// Light on a surface that faces down.
    pub ground: [f32; 3],
    /// From the scene towards the shadowless second lamp; any length but zero.
    pub fill_direction: Vec3,
    /// Light of the second lamp on a surface facing it.
    pub fill: [f32; 3],
    /// Backdrop straight above.
    pub zenith: [f32; 3],
    /// Backdrop at eye level.
    pub horizon: [f32; 3],
    /// Backdrop straight below.
    pub nadir: [f32; 3],
}

impl Default for Light {
    /// A bright studio: a warm lamp over the left shoulder of a viewer at +x who looks at the
    /// origin, a cool one opposite, a light grey backdrop.
    fn default() -> Self {
        Self {
            direction: Vec3::new(0.42, -0.50, 0.95),
            color: [0.86, 0.81, 0.73],
            softness: 0.07,
            sky: [0.36, 0.385, 0.42],
            ground: [0.19, 0.18, 0.175],
            fill_direction: Vec3::new(0.35, 0.85, 0.35),
            fill: [0.10, 0.13, 0.17],
            zenith: [0.58, 0.68, 0.81],
            horizon: [0.88, 0.90, 0.925],
            nadir: [0.76, 0.78, 0.80],
        }
    }
}

/// A pinhole camera with square pixels and its principal point in the middle of the image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// Camera axes are `OpenCV`'s: x right, y down, z forward.
    pub world_from_camera: Pose,
    /// Vertical field of view, rad, between 0 and pi.
    pub fov_y: f32,
    /// Image width, pixels.
    pub width: usize,
    /// Image height, pixels.
    pub height: usize,
}

impl Camera {
    /// A camera at `position` whose optical axis meets `target` and whose image shows `up` upwards.
    ///
    /// World frame, m; `fov_y` in rad. Where `up` lies along the axis any roll is taken.
    pub fn look_at(
        position: Vec3,
        target: Vec3,
        up: Vec3,
        fov_y: f32,
        width: usize,
        height: usize,
    ) -> Self {
        let forward = (target - position).try_normalize().unwrap_or(Vec3::NEG_Z);
        let right =
            forward.cross(up).try_normalize().unwrap_or_else(|| forward.any_orthonormal_vector());
        let down = forward.cross(right);
        let rotation = Quat::from_mat3(&Mat3::from_cols(right, down, forward));
        let world_from_camera = Pose { rotation, translation: position };
        Self { world_from_camera, fov_y, width, height }
    }
}

/// One picture: colour, depth and labels of the same pixels, row 0 on top.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// Image width, pixels.
    pub width: usize,
    /// Image height, pixels.
    pub height: usize,
    /// sRGB, u8, `height x width x 3`.
    pub rgb: Vec<u8>,
    /// Distance along the optical axis, m, `height x width`; 0 where nothing was hit.
    pub depth: Vec<f32>,
    /// [`Item::segment`] of the nearest item, `height x width`; 0 where nothing was hit.
    pub segment: Vec<u8>,
}

impl Frame {
    /// An empty frame; [`super::Renderer::render`] gives it its size.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn resize(&mut self, width: usize, height: usize) {
        let pixels = width.saturating_mul(height);
        self.width = width;
        self.height = height;
        self.rgb.resize(pixels.saturating_mul(3), 0);
        self.depth.resize(pixels, 0.0);
        self.segment.resize(pixels, 0);
    }
}

/// What a picture is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// For a policy: one sample a pixel, sharp shadows.
    Sensor,
    /// For people: smooth edges, shadows that soften with distance, darkened contacts.
    Picture,
}
