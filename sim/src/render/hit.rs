//! Where rays enter solids, four rays at a time, in the solid's own frame.
//!
//! A ray is `origin + t * direction`. Each function returns the `t` of the first surface in front
//! of the origin and [`NOTHING`] where there is none. A solid that contains the origin is not
//! hit, so a camera inside an object looks out of it.

use glam::Vec3;

use super::lanes::{F4, V4, all, with_sign};
use super::scene::Shape;

/// The `t` of a ray that meets nothing.
pub(super) const NOTHING: f32 = 1e30;

/// Keeps divisors off zero. A ray this close to parallel is decided by the end caps alone.
const PARALLEL: f32 = 1e-12;

#[inline(always)]
fn found(mask: F4, t: F4) -> F4 {
    mask.bitselect(t, all(NOTHING))
}

/// A solid as rays from one origin see it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    /// The corners relative to the origin.
    Box {
        low: V4,
        high: V4,
    },
    Capsule {
        wall: Wall,
        half_length: F4,
    },
    Cylinder {
        wall: Wall,
        ends: Ends,
    },
    Ring {
        wall: Wall,
        hole: Wall,
        ends: Ends,
    },
}

/// A cylindrical wall around local z, without ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wall {
    origin: V4,
    radius2: F4,
}

/// Two planes across local z: their heights relative to the origin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    low: F4,
    high: F4,
}

impl Target {
    /// A shape seen from `origin`, local frame, m.
    pub(super) fn new(shape: Shape, origin: Vec3) -> Self {
        let wall = |radius: f32| Wall { origin: V4::all(origin), radius2: all(radius * radius) };
        let ends = |h: f32| Ends { low: all(-h - origin.z), high: all(h - origin.z) };
        match shape {
            Shape::Box { half } => {
                Self::Box { low: V4::all(-half - origin), high: V4::all(half - origin) }
            }
            Shape::Capsule { half_length, radius } => {
                Self::Capsule { wall: wall(radius), half_length: all(half_length) }
            }
            Shape::Cylinder { half_height, radius } => {
                Self::Cylinder { wall: wall(radius), ends: ends(half_height) }
            }
            Shape::Ring { half_height, outer, inner } => {
                Self::Ring { wall: wall(outer), hole: wall(inner), ends: ends(half_height) }
            }
        }
    }
}

/// A box, given by its corners: the last of three entries against the first of three exits.
#[inline(always)]
pub(super) fn cuboid(low: &V4, high: &V4, direction: V4) -> F4 {
    let slab = |low: F4, high: F4, d: F4| {
        let inverse = F4::ONE / d;
        let (a, b) = (low * inverse, high * inverse);
        (a.fast_min(b), a.fast_max(b))
    };
    let x = slab(low.x, high.x, direction.x);
    let y = slab(low.y, high.y, direction.y);
    let z = slab(low.z, high.z, direction.z);
    let enter = x.0.fast_max(y.0).fast_max(z.0);
    let leave = x.1.fast_min(y.1).fast_min(z.1);
    found(enter.simd_le(leave) & enter.simd_gt(F4::ZERO), enter)
}

impl Wall {
    /// The `t` of the closest approach to the axis, half the chord, and whether there is one.
    ///
    /// The chord comes from the distance at the closest approach, not from `b * b - a * c`, which
    /// loses all digits for a thin link metres away.
    #[inline(always)]
    fn cross(&self, direction: V4) -> (F4, F4, F4) {
        let V4 { x: dx, y: dy, .. } = direction;
        let inverse = F4::ONE / (dx * dx + dy * dy).fast_max(all(PARALLEL));
        let middle = -(self.origin.x * dx + self.origin.y * dy) * inverse;
        let (x, y) = (self.origin.x + dx * middle, self.origin.y + dy * middle);
        let left = self.radius2 - (x * x + y * y);
        let chord = (left.fast_max(F4::ZERO) * inverse).sqrt();
        (middle, chord, left.simd_gt(F4::ZERO))
    }

    /// Entry and exit between two ends, and whether the ray meets that cylinder at all.
    #[inline(always)]
    fn span(&self, ends: &Ends, direction: V4) -> (F4, F4, F4) {
        let (middle, chord, near) = self.cross(direction);
        let inverse = F4::ONE / direction.z;
        let (a, b) = (ends.low * inverse, ends.high * inverse);
        let enter = (middle - chord).fast_max(a.fast_min(b));
        let leave = (middle + chord).fast_min(a.fast_max(b));
        (enter, leave, near & enter.simd_le(leave))
    }
}

/// A capsule: its wall where the ray enters between the caps, the ball of the nearer cap elsewhere.
#[inline(always)]
pub(super) fn capsule(wall: &Wall, half_length: F4, direction: V4) -> F4 {
    let (middle, chord, near) = wall.cross(direction);
    if !near.any() {
        return all(NOTHING);
    }
    let on_wall = middle - chord;
    let V4 { x: ox, y: oy, z: oz } = wall.origin;
    let z = oz + direction.z * on_wall;
    let between = z.abs().simd_le(half_length);
    if (between | !near).all() {
        return found(near & on_wall.simd_gt(F4::ZERO), on_wall);
    }
    let oz = oz - with_sign(half_length, z);
    let inverse = F4::ONE / direction.dot(direction);
    let middle = -(ox * direction.x + oy * direction.y + oz * direction.z) * inverse;
    let x = ox + direction.x * middle;
    let y = oy + direction.y * middle;
    let z = oz + direction.z * middle;
    let left = wall.radius2 - (x * x + y * y + z * z);
    let on_cap = middle - (left.fast_max(F4::ZERO) * inverse).sqrt();
    let t = between.bitselect(on_wall, on_cap);
    found(near & (between | left.simd_gt(F4::ZERO)) & t.simd_gt(F4::ZERO), t)
}

/// A solid cylinder.
#[inline(always)]
pub(super) fn cylinder(wall: &Wall, ends: &Ends, direction: V4) -> F4 {
    let (enter, _, near) = wall.span(ends, direction);
    found(near & enter.simd_gt(F4::ZERO), enter)
}

/// A cylinder less the hole: a ray that enters through the hole meets the inner wall on its way
/// out of it, if it is still between the ends there.
#[inline(always)]
pub(super) fn ring(wall: &Wall, hole: &Wall, ends: &Ends, direction: V4) -> F4 {
    let (enter, leave, near) = wall.span(ends, direction);
    if !near.any() {
        return all(NOTHING);
    }
    let (middle, chord, crossed) = hole.cross(direction);
    let (hole_in, hole_out) = (middle - chord, middle + chord);
    let start = enter.fast_max(F4::ZERO);
    let inside = crossed & start.simd_ge(hole_in) & start.simd_lt(hole_out);
    let t = inside.bitselect(hole_out, enter);
    found(near & t.simd_gt(F4::ZERO) & t.simd_le(leave), t)
}
