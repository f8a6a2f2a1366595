//! Shadows of convex solids under one distant lamp, without rays.
//!
//! In the lamp frame the lamp shines along -z, so a solid darkens a point when the point's (x, y)
//! lies in the solid's outline and the solid is above it. The outlines are exact: three strips
//! for a box, a rounded segment for a capsule, two half ellipses and a strip for a cylinder. A
//! point outside a convex solid but inside its outline is either wholly above or wholly below it,
//! so comparing z with the middle of the chord decides; no offset against self shadow is needed.

use glam::Vec3;

use super::lanes::{F4, V4, all, ease, unit};
use super::scene::Shape;
use super::solid::{Solid, reach};

/// Points this far, m, inside a touching solid or a ring's own wall still count as outside.
const SKIN: f32 = 5e-4;

/// A region of the lamp's plane and the lowest height, m, that something in it must top.
#[derive(Clone, Copy, Debug)]
pub(super) struct Footprint {
    pub(super) low: [f32; 2],
    pub(super) high: [f32; 2],
    pub(super) floor: f32,
    /// Greatest height of a point, m.
    pub(super) ceiling: f32,
}

/// A linear function on the lamp's plane, in all lanes.
#[derive(Clone, Copy, Debug)]
struct Plane {
    x: F4,
    y: F4,
    at_origin: F4,
}

impl Plane {
    fn new(x: f32, y: f32, at_origin: f32) -> Self {
        Self { x: all(x), y: all(y), at_origin: all(at_origin) }
    }

    #[inline(always)]
    fn at(&self, p: V4) -> F4 {
        p.x * self.x + p.y * self.y + self.at_origin
    }
}

/// An outline on the lamp's plane.
#[derive(Clone, Copy, Debug)]
enum Outline {
    /// A box: its outline is where three strips overlap, each given by the distance from its
    /// middle line, m, and half its width, m; its chord is where three slabs overlap, each given
    /// by its middle height over the plane, m, and half its height, m.
    Strips { strips: [(Plane, F4); 3], slabs: [(Plane, F4); 3] },
    /// A capsule: from `start`, along `step`, rounded. `share` says how far along the step,
    /// `side` is the strip it lies in.
    Segment { start: V4, step: V4, share: Plane, side: (Plane, F4), radius: F4, radius2: F4 },
    /// A cylinder, perhaps with a hole (`inner` 0 for none).
    Round { round: Round, inner: f32 },
}

/// A cylinder seen along the lamp's direction.
#[derive(Clone, Copy, Debug)]
struct Round {
    centre: Vec3,
    /// Unit direction of the axis on the plane, and its share of the axis: sine and cosine of
    /// the angle between axis and lamp.
    along: [f32; 2],
    sine: f32,
    cosine: f32,
    half_height: f32,
    radius: f32,
}

/// One solid as the lamp sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caster {
    /// Its place in the list of solids, whose lit side it does not shadow.
    id: F4,
    outline: Outline,
    low: [f32; 2],
    high: [f32; 2],
    bottom: f32,
    top: f32,
}

impl Caster {
    /// What a placed shape casts: axes and centre in the lamp frame, m.
    pub(super) fn new(id: f32, shape: Shape, axes: &[Vec3; 3], centre: Vec3) -> Self {
        let reach = reach(shape, axes);
        let outline = match shape {
            Shape::Box { half } => strips(axes, centre, half),
            Shape::Capsule { half_length, radius } => {
                let half = axes[2] * half_length;
                segment(centre - half, half * 2.0, radius)
            }
            Shape::Cylinder { half_height, radius } => {
                Outline::Round { round: round(axes[2], centre, half_height, radius), inner: 0.0 }
            }
            Shape::Ring { half_height, outer, inner } => {
                Outline::Round { round: round(axes[2], centre, half_height, outer), inner }
            }
        };
        Self {
            id: all(id),
            outline,
            low: [centre.x - reach.x, centre.y - reach.y],
            high: [centre.x + reach.x, centre.y + reach.y],
            bottom: centre.z - reach.z,
            top: centre.z + reach.z,
        }
    }

    /// Whether any point over `footprint` may be darkened, for a lamp of the given softness.
    #[inline]
    pub(super) fn reaches(&self, footprint: &Footprint, softness: f32) -> bool {
        let drop = self.top - footprint.floor;
        let blur = softness * drop;
        drop > 0.0
            && self.low[0] - blur <= footprint.high[0]
            && self.high[0] + blur >= footprint.low[0]
            && self.low[1] - blur <= footprint.high[1]
            && self.high[1] + blur >= footprint.low[1]
            && self.slants_over(footprint, blur)
    }

    /// Whether the slanted sides of the outline leave part of the footprint in, or nearer to the
    /// outline than `blur`, m.
    #[inline]
    fn slants_over(&self, footprint: &Footprint, blur: f32) -> bool {
        let [left, bottom] = footprint.low;
        let [right, top] = footprint.high;
        let x = F4::new([left, right, left, right]);
        let corners = V4::new(x, F4::new([bottom, bottom, top, top]), F4::ZERO);
        let misses = |(line, half): &(Plane, F4)| {
            let (at, half) = (line.at(corners), *half + all(blur));
            at.simd_gt(half).all() || at.simd_lt(-half).all()
        };
        match &self.outline {
            Outline::Strips { strips, .. } => !strips.iter().any(misses),
            Outline::Segment { side, .. } => !misses(side),
            Outline::Round { .. } => true,
        }
    }

    /// Share of the lamp that this caster hides from points with the given ids, 0 to 1.
    ///
    /// `softness` is the tangent of the lamp's radius, `blur` the least half width of a shadow's
    /// border, m; without `SOFT` borders are sharp and neither is read.
    #[inline(always)]
    pub(super) fn hides<const SOFT: bool>(&self, p: V4, ids: F4, softness: f32, blur: F4) -> F4 {
        // A convex solid does not shadow its own lit side; a ring does.
        let own = if self.is_ring() { F4::ZERO } else { ids.simd_eq(self.id) };
        if own.all() {
            return F4::ZERO;
        }
        let distance = self.distance::<SOFT>(p);
        let inside = distance.simd_lt(F4::ZERO);
        if !SOFT && !inside.any() {
            return F4::ZERO;
        }
        // Beside the outline there is no chord; what stands for its middle must stay a height
        // that the solid has, or the border of the shadow would widen without bound.
        let height = self.height(p).fast_max(all(self.bottom)).fast_min(all(self.top));
        let above = height - p.z;
        let below = above.simd_gt(F4::ZERO) & !own;
        if SOFT {
            let border = above.fast_max(F4::ZERO) * all(softness) + blur;
            below & ease(unit(all(0.5) - all(0.5) * distance / border))
        } else {
            below & inside & F4::ONE
        }
    }

    #[inline(always)]
    fn is_ring(&self) -> bool {
        matches!(self.outline, Outline::Round { inner, .. } if inner > 0.0)
    }

    /// Signed distance to the outline, m, negative inside. Without `SOFT` only the sign is right.
    #[inline(always)]
    fn distance<const SOFT: bool>(&self, p: V4) -> F4 {
        match &self.outline {
            Outline::Strips { strips: [a, b, c], .. } => {
                let strip = |(line, half): &(Plane, F4)| line.at(p).abs() - *half;
                strip(a).fast_max(strip(b)).fast_max(strip(c))
            }
            Outline::Segment { start, step, share, radius, radius2, .. } => {
                let s = unit(share.at(p));
                let x = p.x - start.x - step.x * s;
                let y = p.y - start.y - step.y * s;
                let square = x * x + y * y;
                if SOFT { square.sqrt() - *radius } else { square - *radius2 }
            }
            Outline::Round { round, inner } if *inner <= 0.0 => round.chord(p).distance,
            Outline::Round { round, inner } => round.ring_distance(p, *inner),
        }
    }

    /// Height, m, of the solid's part over (x, y): the middle of the chord, but its end for a
    /// ring, less the skin that keeps its wall from shadowing itself.
    #[inline(always)]
    fn height(&self, p: V4) -> F4 {
        match &self.outline {
            Outline::Strips { slabs: [a, b, c], .. } => {
                let slab = |(middle, half): &(Plane, F4)| {
                    let middle = middle.at(p);
                    (middle - *half, middle + *half)
                };
                let (a, b, c) = (slab(a), slab(b), slab(c));
                let (low, high) =
                    (a.0.fast_max(b.0).fast_max(c.0), a.1.fast_min(b.1).fast_min(c.1));
                (low + high) * all(0.5)
            }
            Outline::Segment { start, step, share, .. } => start.z + step.z * unit(share.at(p)),
            Outline::Round { round, inner } => {
                let chord = round.chord(p);
                let middle = (chord.low + chord.high) * all(0.5);
                let height = if *inner > 0.0 { chord.high - all(SKIN) } else { middle };
                height + all(round.centre.z)
            }
        }
    }
}

/// A vertical line against a cylinder.
struct Chord {
    /// Signed distance from the line to the outline, m, negative inside.
    distance: F4,
    /// Heights of its two ends, m over the centre.
    low: F4,
    high: F4,
    /// Heights where it crosses the planes of the flat ends, m over the centre.
    ends: [F4; 2],
    /// Where it passes the axis: along the axis' direction on the plane, and across, m.
    along: F4,
    across: F4,
}

impl Round {
    #[inline(always)]
    fn chord(&self, p: V4) -> Chord {
        let (x, y) = (p.x - all(self.centre.x), p.y - all(self.centre.y));
        let along = x * all(self.along[0]) + y * all(self.along[1]);
        let across = (y * all(self.along[0]) - x * all(self.along[1])).abs();
        let (sine, cosine) = (all(self.sine), all(self.cosine));
        let half = (all(self.radius * self.radius) - across * across).fast_max(F4::ZERO).sqrt();
        let beyond = along.abs() - sine * all(self.half_height) - cosine.abs() * half;
        let (flat, steep) = (1.0 / self.sine.max(1e-4), 1.0 / away_from_zero(self.cosine));
        let axis = along * cosine * all(flat);
        let end = |h: f32| (all(h) - along * sine) * all(steep);
        let (a, b) = (end(-self.half_height), end(self.half_height));
        Chord {
            distance: (across - all(self.radius)).fast_max(beyond),
            low: (axis - half * all(flat)).fast_max(a.fast_min(b)),
            high: (axis + half * all(flat)).fast_min(a.fast_max(b)),
            ends: [a, b],
            along,
            across,
        }
    }

    /// Signed distance to what is dark below a ring, m.
    ///
    /// Light that keeps within the hole's radius from the point, or from where it leaves the hole
    /// below, up to the hole's mouth has passed through.
    #[inline(always)]
    fn ring_distance(&self, p: V4, inner: f32) -> F4 {
        let chord = self.chord(p);
        let start = p.z - all(self.centre.z) + all(SKIN);
        let radial = |z: F4| {
            let z = z.fast_max(start);
            let r = chord.along * all(self.cosine) - z * all(self.sine);
            (chord.across * chord.across + r * r).sqrt()
        };
        let hole = radial(chord.ends[0]).fast_max(radial(chord.ends[1]));
        chord.distance.fast_max(all(inner) - hole)
    }
}

fn away_from_zero(x: f32) -> f32 {
    if x.abs() < 1e-4 { 1e-4 } else { x }
}

fn round(axis: Vec3, centre: Vec3, half_height: f32, radius: f32) -> Round {
    let sine = (axis.x * axis.x + axis.y * axis.y).sqrt();
    let along = if sine > 1e-6 { [axis.x / sine, axis.y / sine] } else { [1.0, 0.0] };
    Round { centre, along, sine, cosine: axis.z, half_height, radius }
}

fn segment(start: Vec3, step: Vec3, radius: f32) -> Outline {
    let flat = step.x * step.x + step.y * step.y;
    // Seen end on, every point is nearest to the start: any height between the ends would do.
    let scale = if flat > 1e-12 { 1.0 / flat } else { 0.0 };
    let (x, y) = (step.x * scale, step.y * scale);
    let length = flat.sqrt();
    let across = if scale > 0.0 { [-step.y / length, step.x / length] } else { [0.0, 1.0] };
    let middle = -(across[0] * start.x + across[1] * start.y);
    Outline::Segment {
        side: (Plane::new(across[0], across[1], middle), all(radius)),
        start: V4::all(start),
        step: V4::all(step),
        share: Plane::new(x, y, -(x * start.x + y * start.y)),
        radius: all(radius),
        radius2: all(radius * radius),
    }
}

/// The slabs of a box, as heights over the lamp's plane, and the strips where two overlap.
fn strips(axes: &[Vec3; 3], centre: Vec3, half: Vec3) -> Outline {
    let slab = |axis: Vec3, h: f32| {
        let steep = 1.0 / away_from_zero(axis.z);
        let (x, y) = (-axis.x * steep, -axis.y * steep);
        [x, y, centre.z - x * centre.x - y * centre.y, h * steep.abs()]
    };
    let slabs = [slab(axes[0], half.x), slab(axes[1], half.y), slab(axes[2], half.z)];
    let strip = |i: usize, j: usize| {
        let (a, b) = (slabs[i], slabs[j]);
        let (x, y) = (a[0] - b[0], a[1] - b[1]);
        // Height differences into distances on the plane.
        let scale = 1.0 / (x * x + y * y).sqrt().max(1e-12);
        (Plane::new(x * scale, y * scale, (a[2] - b[2]) * scale), all((a[3] + b[3]) * scale))
    };
    Outline::Strips {
        strips: [strip(0, 1), strip(1, 2), strip(2, 0)],
        slabs: slabs.map(|[x, y, at, half]| (Plane::new(x, y, at), all(half))),
    }
}

/// The casters of a scene and those of them that matter for one tile.
#[derive(Debug, Default)]
pub(super) struct Casters {
    pub(super) list: Vec<Caster>,
    pub(super) softness: f32,
}

impl Casters {
    /// Writes to `chosen` the casters that may darken points over `footprint`.
    pub(super) fn choose(&self, footprint: &Footprint, chosen: &mut Vec<u16>) {
        chosen.clear();
        for (caster, index) in self.list.iter().zip(0u16..) {
            if caster.reaches(footprint, self.softness) {
                chosen.push(index);
            }
        }
    }

    /// Share of the lamp that reaches four points, 0 to 1.
    #[inline(always)]
    pub(super) fn lit<const SOFT: bool>(&self, chosen: &[u16], p: V4, ids: F4, blur: F4) -> F4 {
        let mut dark = F4::ZERO;
        for &index in chosen {
            if let Some(caster) = self.list.get(usize::from(index)) {
                dark = dark.fast_max(caster.hides::<SOFT>(p, ids, self.softness, blur));
            }
        }
        F4::ONE - dark
    }
}

/// A caster keeps the solid's frame, so it can be made from one that is drawn.
impl From<(&Solid, f32)> for Caster {
    fn from((solid, id): (&Solid, f32)) -> Self {
        Self::new(id, solid.shape, &solid.axes, solid.centre)
    }
}
