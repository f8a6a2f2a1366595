//! Items made ready for one camera: where they lie on the image, how rays meet them, which way
//! their surface faces.

use glam::Vec3;

use super::hit::{self, Target};
use super::lanes::{F4, V4, all, unit, with_sign};
use super::lens::{FARTHEST, Lens};
use super::scene::{Item, Shape};

/// Width of the rounded edge that boxes and cylinders pretend to have, m. It bends normals only;
/// it is what catches the light along the edges of a real part.
const BEVEL: f32 = 0.0022;

/// Keeps the square of a length off zero where only its direction matters.
const TINY: f32 = 1e-24;

/// Nothing closer than this, m, is projected; bounds of what reaches there are the whole image.
const NEAR: f32 = 0.01;

/// A rectangle of image slopes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) x: [f32; 2],
    pub(super) y: [f32; 2],
}

/// One item in the lamp frame, with what the camera needs of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Solid {
    /// The item in the caller's list.
    pub(super) item: usize,
    pub(super) shape: Shape,
    /// Local axes in the lamp frame.
    pub(super) axes: [Vec3; 3],
    /// Local origin in the lamp frame, m.
    pub(super) centre: Vec3,
    /// Both in all lanes.
    pub(super) axes4: [V4; 3],
    centre4: V4,
    /// Half sizes along the lamp axes, m.
    pub(super) reach: Vec3,
    /// The shape as seen by the camera, and the camera's axes (right, down, forward), local frame.
    target: Target,
    gaze: [V4; 3],
    /// The image slopes it may cover.
    window: Window,
    /// A lower bound of its depth, m; infinite where it has no part before the camera.
    pub(super) nearest: f32,
    /// Plane through the camera and a capsule's axis, in camera coordinates, and how far from it
    /// a ray may pass and still meet the capsule.
    strip: (Vec3, f32),
    /// What its normals are made of.
    pub(super) rounding: Rounding,
}

impl Solid {
    /// `None` for what has no volume or no finite pose.
    pub(super) fn new(index: usize, item: &Item, lens: &Lens) -> Option<Self> {
        let shape = checked(item.shape)?;
        let (axes, centre) = lens.place(&item.pose)?;
        let local = |v: Vec3| Vec3::new(axes[0].dot(v), axes[1].dot(v), axes[2].dot(v));
        let extent = extent(shape);
        let mut solid = Self {
            item: index,
            shape,
            axes,
            centre,
            reach: reach(shape, &axes),
            axes4: axes.map(V4::all),
            centre4: V4::all(centre),
            target: Target::new(shape, -local(centre)),
            gaze: [lens.right, lens.down, lens.forward].map(|axis| V4::all(local(axis))),
            window: Window {
                x: [f32::NEG_INFINITY, f32::INFINITY],
                y: [f32::NEG_INFINITY, f32::INFINITY],
            },
            nearest: 0.0,
            strip: (Vec3::ZERO, 0.0),
            rounding: Rounding::new(shape),
        };
        let visible = match shape {
            Shape::Capsule { half_length, radius } => {
                solid.bound_capsule(lens, half_length, radius)
            }
            Shape::Box { .. } | Shape::Cylinder { .. } | Shape::Ring { .. } => {
                solid.bound_corners(lens, extent)
            }
        };
        // No point of the image is closer than the solid is to the camera in any direction.
        let eye = local(centre).abs();
        let gap = (eye - extent).max(Vec3::ZERO);
        let bound = 0.999 * gap.dot(gap).sqrt() / lens.longest;
        solid.nearest = if visible { solid.nearest.max(bound) } else { f32::INFINITY };
        Some(solid)
    }

    /// Whether some part lies before the camera; it may still be outside the image.
    pub(super) fn is_ahead(&self) -> bool {
        self.nearest < f32::INFINITY
    }

    /// Whether any pixel of `window` may show this solid.
    #[inline]
    pub(super) fn meets(&self, window: &Window) -> bool {
        let (x, y, own) = (window.x, window.y, &self.window);
        if own.x[0] > x[1] || own.x[1] < x[0] || own.y[0] > y[1] || own.y[1] < y[0] {
            return false;
        }
        let (plane, reach) = self.strip;
        let away = plane.x * (x[0] + x[1]) + plane.y * (y[0] + y[1]) + 2.0 * plane.z;
        let spread = plane.x.abs() * (x[1] - x[0]) + plane.y.abs() * (y[1] - y[0]);
        away.abs() <= 2.0 * reach + spread
    }

    /// Gives `visit` the depth along rays of slopes it asks for; [`hit::NOTHING`] where missed.
    ///
    /// The shape is looked at once, so that the loop over a tile inside `visit` is one per shape.
    #[inline(always)]
    pub(super) fn with_depth<V: Visit>(&self, visit: V) {
        let [right, down, forward] = &self.gaze;
        let ray = |x: F4, y: F4| *forward + *down * y + *right * x;
        match &self.target {
            Target::Box { low, high } => visit.visit(|x, y| hit::cuboid(low, high, ray(x, y))),
            Target::Capsule { wall, half_length } => {
                visit.visit(|x, y| hit::capsule(wall, *half_length, ray(x, y)));
            }
            Target::Cylinder { wall, ends } => {
                visit.visit(|x, y| hit::cylinder(wall, ends, ray(x, y)));
            }
            Target::Ring { wall, hole, ends } => {
                visit.visit(|x, y| hit::ring(wall, hole, ends, ray(x, y)));
            }
        }
    }

    /// A lamp-frame point in the local frame.
    #[inline(always)]
    pub(super) fn local(&self, point: V4) -> V4 {
        (point - self.centre4).along(&self.axes4)
    }

    /// Outward normal, lamp frame, of a surface point in the local frame.
    #[inline(always)]
    pub(super) fn normal(&self, p: V4) -> V4 {
        self.rounding.normal(p).spanned_by(&self.axes4)
    }

    /// How much of the half space over `normal` this solid hides from a point close to it, 0 to 1.
    ///
    /// Not an integral: a falloff with the distance to the nearest point of the solid, scaled by
    /// whether the surface looks that way. Point and normal in the lamp frame, `range` in m.
    #[inline(always)]
    pub(super) fn crowding(&self, point: V4, normal: V4, range: f32) -> F4 {
        let p = self.local(point);
        let held = |c: F4, h: f32| c.fast_max(all(-h)).fast_min(all(h));
        let (nearest, thickness) = match self.shape {
            Shape::Box { half } => {
                (V4::new(held(p.x, half.x), held(p.y, half.y), held(p.z, half.z)), 0.0)
            }
            Shape::Capsule { half_length, radius } => {
                (V4::new(F4::ZERO, F4::ZERO, held(p.z, half_length)), radius)
            }
            Shape::Cylinder { half_height, radius } => (turned(p, half_height, 0.0, radius), 0.0),
            Shape::Ring { half_height, outer, inner } => {
                (turned(p, half_height, inner, outer), 0.0)
            }
        };
        let towards = nearest - p;
        let length = towards.dot(towards).fast_max(all(1e-12)).sqrt();
        let facing = towards.spanned_by(&self.axes4).dot(normal) / length;
        let gap = (length - all(thickness)).fast_max(F4::ZERO);
        let close = unit(F4::ONE - gap * all(1.0 / range));
        close * close * unit(all(0.5) + all(0.5) * facing)
    }

    /// Bounds from the eight corners around a box or cylinder.
    fn bound_corners(&mut self, lens: &Lens, extent: Vec3) -> bool {
        let mut window =
            Window { x: [f32::INFINITY, f32::NEG_INFINITY], y: [f32::INFINITY, f32::NEG_INFINITY] };
        let (mut before, mut behind) = (false, false);
        let mut nearest = f32::INFINITY;
        for corner in 0..8 {
            let sign = |bit: usize| if corner & bit == 0 { -1.0 } else { 1.0 };
            let offset = self.axes[0] * (sign(1) * extent.x)
                + self.axes[1] * (sign(2) * extent.y)
                + self.axes[2] * (sign(4) * extent.z);
            let seen = lens.seen(self.centre + offset);
            if seen.z < NEAR {
                behind = true;
                continue;
            }
            before = true;
            nearest = nearest.min(seen.z);
            let (x, y) = (seen.x / seen.z, seen.y / seen.z);
            window.x = [window.x[0].min(x), window.x[1].max(x)];
            window.y = [window.y[0].min(y), window.y[1].max(y)];
        }
        if before && !behind {
            self.window = window;
            self.nearest = nearest;
        }
        before
    }

    /// Bounds from the tangents to the two end balls, which enclose the rest, and the strip
    /// along the axis.
    fn bound_capsule(&mut self, lens: &Lens, half_length: f32, radius: f32) -> bool {
        let ends = [-half_length, half_length].map(|z| lens.seen(self.centre + self.axes[2] * z));
        let nearest = ends[0].z.min(ends[1].z) - radius;
        if nearest < NEAR {
            return ends[0].z.max(ends[1].z) + radius > NEAR;
        }
        let tangents = |across: f32, depth: f32| {
            let reach = radius * (across * across + depth * depth - radius * radius).sqrt();
            let scale = 1.0 / (depth * depth - radius * radius);
            [(across * depth - reach) * scale, (across * depth + reach) * scale]
        };
        let both = |a: [f32; 2], b: [f32; 2]| [a[0].min(b[0]), a[1].max(b[1])];
        self.window = Window {
            x: both(tangents(ends[0].x, ends[0].z), tangents(ends[1].x, ends[1].z)),
            y: both(tangents(ends[0].y, ends[0].z), tangents(ends[1].y, ends[1].z)),
        };
        self.nearest = nearest;
        let across = ends[0].cross(ends[1]);
        let length = across.dot(across).sqrt();
        if length > 1e-6 {
            self.strip = (across / length, radius / nearest);
        }
        true
    }
}

/// The part of a shape beyond its core. A normal points from the core to the surface point, so it
/// is square to flat faces and turns over on rounded edges.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rounding {
    /// The core is a box of these half sizes.
    Box { core: V4 },
    /// The core is a segment on local z.
    Segment { half_length: F4, per_radius: F4 },
    /// The core is a cylinder, or a pipe between two radii: `reach` to either side of `middle`.
    Turned { half_height: F4, middle: F4, reach: F4 },
}

impl Rounding {
    fn new(shape: Shape) -> Self {
        let bevel = BEVEL.min(0.3 * thinnest(shape));
        let turned = |half_height: f32, middle: f32, reach: f32| Self::Turned {
            half_height: all(half_height - bevel),
            middle: all(middle),
            reach: all(reach - bevel),
        };
        match shape {
            Shape::Box { half } => Self::Box { core: V4::all(half - bevel) },
            Shape::Capsule { half_length, radius } => {
                Self::Segment { half_length: all(half_length), per_radius: all(1.0 / radius) }
            }
            Shape::Cylinder { half_height, radius } => turned(half_height, 0.0, radius),
            Shape::Ring { half_height, outer, inner } => {
                turned(half_height, 0.5 * (outer + inner), 0.5 * (outer - inner))
            }
        }
    }

    /// Unit normal of a surface point, both in the local frame.
    #[inline(always)]
    pub(super) fn normal(&self, p: V4) -> V4 {
        let beyond = |c: F4, core: F4| (c.abs() - core).fast_max(F4::ZERO);
        match self {
            Self::Box { core } => {
                let (x, y, z) = (beyond(p.x, core.x), beyond(p.y, core.y), beyond(p.z, core.z));
                let n = V4::new(with_sign(x, p.x), with_sign(y, p.y), with_sign(z, p.z));
                n * (F4::ONE / n.dot(n).fast_max(all(TINY)).sqrt())
            }
            Self::Segment { half_length, per_radius } => {
                let z = with_sign(beyond(p.z, *half_length), p.z);
                V4::new(p.x, p.y, z) * *per_radius
            }
            Self::Turned { half_height, middle, reach } => {
                let around = (p.x * p.x + p.y * p.y).sqrt();
                let side = around - *middle;
                let (out, up) = (beyond(side, *reach), beyond(p.z, *half_height));
                let scale = F4::ONE / (out * out + up * up).fast_max(all(TINY)).sqrt();
                let out = with_sign(out, side) * scale / around.fast_max(all(1e-12));
                V4::new(p.x * out, p.y * out, with_sign(up, p.z) * scale)
            }
        }
    }
}

/// A use of a solid's depth function.
pub(super) trait Visit {
    /// `depth` maps horizontal and vertical slopes to depths, m.
    fn visit(self, depth: impl Fn(F4, F4) -> F4);
}

/// The nearest point to `p` in a body of revolution with radii from `inner` to `outer`.
#[inline(always)]
fn turned(p: V4, half_height: f32, inner: f32, outer: f32) -> V4 {
    let around = (p.x * p.x + p.y * p.y).fast_max(all(1e-18)).sqrt();
    let scale = around.fast_max(all(inner)).fast_min(all(outer)) / around;
    let z = p.z.fast_max(all(-half_height)).fast_min(all(half_height));
    V4::new(p.x * scale, p.y * scale, z)
}

/// The shape if it has volume and sane sizes.
fn checked(shape: Shape) -> Option<Shape> {
    let sane = |size: f32| size > 1e-6 && size < FARTHEST;
    match shape {
        Shape::Box { half } => (sane(half.x) && sane(half.y) && sane(half.z)).then_some(shape),
        Shape::Capsule { half_length, radius } => {
            (sane(radius) && (0.0..FARTHEST).contains(&half_length)).then_some(shape)
        }
        Shape::Cylinder { half_height, radius } => {
            (sane(half_height) && sane(radius)).then_some(shape)
        }
        Shape::Ring { half_height, outer, inner } if !sane(inner) => {
            // A ring without a hole is a cylinder; one with a nonsense hole is nothing.
            let closed = (0.0..1.0).contains(&inner) && sane(half_height) && sane(outer);
            closed.then_some(Shape::Cylinder { half_height, radius: outer })
        }
        Shape::Ring { half_height, outer, inner } => {
            (sane(half_height) && sane(outer) && sane(outer - inner)).then_some(shape)
        }
    }
}

/// Half sizes of a placed shape along the axes of the frame it is placed in, m.
pub(super) fn reach(shape: Shape, axes: &[Vec3; 3]) -> Vec3 {
    if let Shape::Capsule { half_length, radius } = shape {
        return (axes[2] * half_length).abs() + Vec3::splat(radius);
    }
    let e = extent(shape);
    (axes[0] * e.x).abs() + (axes[1] * e.y).abs() + (axes[2] * e.z).abs()
}

/// Half sizes of the box around a shape, m.
fn extent(shape: Shape) -> Vec3 {
    match shape {
        Shape::Box { half } => half,
        Shape::Capsule { half_length, radius } => Vec3::new(radius, radius, half_length + radius),
        Shape::Cylinder { half_height, radius } => Vec3::new(radius, radius, half_height),
        Shape::Ring { half_height, outer, .. } => Vec3::new(outer, outer, half_height),
    }
}

/// The smallest half size of a shape, m.
fn thinnest(shape: Shape) -> f32 {
    match shape {
        Shape::Box { half } => half.x.min(half.y).min(half.z),
        Shape::Capsule { radius, .. } => radius,
        Shape::Cylinder { half_height, radius } => half_height.min(radius),
        Shape::Ring { half_height, outer, inner } => half_height.min(0.5 * (outer - inner)),
    }
}
