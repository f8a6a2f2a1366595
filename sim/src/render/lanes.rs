//! Four rays at a time: the vector type the whole renderer computes in.
//!
//! What does not change from ray to ray is kept in all lanes (as [`F4`] or [`V4`]) from the start:
//! the baseline instruction set needs two instructions to spread a number, none to use a spread one.
//!
//! Only operations that IEEE 754 rounds correctly are used (no fused multiply-add, no reciprocal
//! estimates), so every machine gets the same bits.

use std::ops::{Add, Mul, Sub};

use glam::Vec3;
use wide::f32x4;

/// Four numbers, one a ray.
pub(super) type F4 = f32x4;

/// Rays in a packet.
pub(super) const LANES: usize = 4;

/// The same number in all lanes.
#[inline(always)]
pub(super) fn all(value: f32) -> F4 {
    F4::splat(value)
}

/// `x` held to 0 .. 1.
#[inline(always)]
pub(super) fn unit(x: F4) -> F4 {
    x.fast_max(F4::ZERO).fast_min(F4::ONE)
}

/// The cubic from 0 to 1 with flat ends, of an `x` within 0 .. 1.
#[inline(always)]
pub(super) fn ease(x: F4) -> F4 {
    x * x * (all(3.0) - (x + x))
}

/// `a` where `s` is 0, `b` where it is 1.
#[inline(always)]
pub(super) fn mix(a: F4, b: F4, s: F4) -> F4 {
    a + (b - a) * s
}

/// Largest whole number not above `x`, for `x` within a million of 0.
///
/// Without SSE 4.1 the library's `floor` is four calls into the C library.
#[inline(always)]
pub(super) fn floor(x: F4) -> F4 {
    let x = x.fast_max(all(-1e6)).fast_min(all(1e6));
    let whole = F4::from_i32x4(x.fast_trunc_int());
    whole - (whole.simd_gt(x) & F4::ONE)
}

/// `magnitude` (not negative) with the sign of `sign`.
#[inline(always)]
pub(super) fn with_sign(magnitude: F4, sign: F4) -> F4 {
    magnitude | (sign & all(-0.0))
}

/// Four vectors, one a ray.
#[derive(Clone, Copy, Debug)]
pub(super) struct V4 {
    pub(super) x: F4,
    pub(super) y: F4,
    pub(super) z: F4,
}

impl V4 {
    pub(super) const ZERO: Self = Self { x: F4::ZERO, y: F4::ZERO, z: F4::ZERO };

    #[inline(always)]
    pub(super) fn new(x: F4, y: F4, z: F4) -> Self {
        Self { x, y, z }
    }

    #[inline(always)]
    pub(super) fn all(v: Vec3) -> Self {
        Self { x: all(v.x), y: all(v.y), z: all(v.z) }
    }

    #[inline(always)]
    pub(super) fn dot(self, o: Self) -> F4 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }

    /// The components of `self` along three axes.
    #[inline(always)]
    pub(super) fn along(self, axes: &[Self; 3]) -> Self {
        Self { x: self.dot(axes[0]), y: self.dot(axes[1]), z: self.dot(axes[2]) }
    }

    /// The vector whose components along three axes are `self`: undoes [`V4::along`].
    #[inline(always)]
    pub(super) fn spanned_by(self, axes: &[Self; 3]) -> Self {
        axes[0] * self.x + axes[1] * self.y + axes[2] * self.z
    }

    /// `a` in the lanes of `mask`, `b` in the others.
    #[inline(always)]
    pub(super) fn select(mask: F4, a: Self, b: Self) -> Self {
        Self {
            x: mask.bitselect(a.x, b.x),
            y: mask.bitselect(a.y, b.y),
            z: mask.bitselect(a.z, b.z),
        }
    }
}

impl Add for V4 {
    type Output = Self;
    #[inline(always)]
    fn add(self, o: Self) -> Self {
        Self { x: self.x + o.x, y: self.y + o.y, z: self.z + o.z }
    }
}

impl Sub for V4 {
    type Output = Self;
    #[inline(always)]
    fn sub(self, o: Self) -> Self {
        Self { x: self.x - o.x, y: self.y - o.y, z: self.z - o.z }
    }
}

impl Mul<F4> for V4 {
    type Output = Self;
    #[inline(always)]
    fn mul(self, s: F4) -> Self {
        Self { x: self.x * s, y: self.y * s, z: self.z * s }
    }
}
