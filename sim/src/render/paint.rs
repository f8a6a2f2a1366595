//! Colours: what a pattern shows at a point, how lamp and room light it, what the backdrop is,
//! and how linear light becomes bytes.

use glam::Vec3;

use super::lanes::{F4, LANES, V4, all, ease, floor, mix, unit};
use super::lens::{Lens, unit_or};
use super::scene::{Light, Material, Pattern, Shape};

/// Linear light, RGB, of four rays.
pub(super) type Rgb4 = [F4; 3];

/// Share of light that a dielectric mirrors when seen straight on.
const MIRRORED: f32 = 0.04;

/// Strength of the lamp's highlight against its diffuse light.
const HIGHLIGHT: f32 = 0.9;

/// Linear light that maps to white; the curve below bends from `KNEE` on.
const WHITE: f32 = 2.0;
const KNEE: f32 = 0.62;

/// Steps of the tone table; at the dark end one is two thirds of a grey level.
const TONES: usize = 8192;

fn sound(color: [f32; 3]) -> [f32; 3] {
    color.map(|c| if (0.0..=4.0).contains(&c) { c } else { 0.5 })
}

/// The pattern of a material, with divisions done.
#[derive(Clone, Copy, Debug)]
enum Painting {
    Plain,
    Checker { per_field: f32, contrast: f32 },
    Grain { per_plank: f32, contrast: f32 },
    Frame { rim: Rim, border: f32, inner: [f32; 3] },
    Fade { inner: f32, per_width: f32 },
}

/// Where the rim of a plate is, m.
#[derive(Clone, Copy, Debug)]
enum Rim {
    Rectangle(f32, f32),
    Circle(f32),
}

/// A material with its constants worked out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint {
    color: Rgb4,
    /// Fourth power of the roughness, as the highlight wants it.
    pub(super) lobe: F4,
    painting: Painting,
}

/// What the lights need to know of four surface points.
pub(super) struct Surface {
    pub(super) normal: V4,
    pub(super) albedo: Rgb4,
    pub(super) lobe: F4,
    /// Share of the backdrop in the final colour.
    pub(super) gone: F4,
}

impl Surface {
    pub(super) const EMPTY: Self =
        Self { normal: V4::ZERO, albedo: [F4::ZERO; 3], lobe: F4::ONE, gone: F4::ONE };
}

impl Paint {
    /// Values that make no sense (not finite, out of range) become harmless ones.
    pub(super) fn new(material: &Material, shape: Shape) -> Self {
        let within = |v: f32, low: f32, high: f32| if v >= low { v.min(high) } else { low };
        let painting = match material.pattern {
            Pattern::Plain => Painting::Plain,
            Pattern::Checker { size, contrast } => Painting::Checker {
                per_field: 1.0 / within(size, 1e-4, 1e4),
                contrast: within(contrast, 0.0, 1.0),
            },
            Pattern::Grain { plank, contrast } => Painting::Grain {
                per_plank: 1.0 / within(plank, 1e-4, 1e4),
                contrast: within(contrast, 0.0, 1.0),
            },
            Pattern::Frame { border, inner } => Painting::Frame {
                rim: match shape {
                    Shape::Box { half } => Rim::Rectangle(half.x, half.y),
                    Shape::Capsule { radius, .. }
                    | Shape::Cylinder { radius, .. }
                    | Shape::Ring { outer: radius, .. } => Rim::Circle(radius),
                },
                border: within(border, 0.0, 1e4),
                inner: sound(inner),
            },
            Pattern::Fade { inner, outer } => {
                let inner = within(inner, 0.0, 1e4);
                Painting::Fade { inner, per_width: 1.0 / within(outer - inner, 1e-3, 1e4) }
            }
        };
        let roughness = within(material.roughness, 0.12, 1.0);
        let lobe = roughness * roughness * roughness * roughness;
        Self { color: sound(material.color).map(all), lobe: all(lobe), painting }
    }

    /// Albedo at local points `p` seen by pixels that are `footprint` m wide there, and the
    /// share of the backdrop.
    #[inline(always)]
    pub(super) fn look(&self, p: V4, footprint: F4) -> (Rgb4, F4) {
        let plain = self.color;
        match self.painting {
            Painting::Plain => (plain, F4::ZERO),
            Painting::Checker { per_field, contrast } => {
                let shade = checker(p, per_field, footprint);
                let tone = F4::ONE - all(contrast) * shade;
                (plain.map(|c| c * tone), F4::ZERO)
            }
            Painting::Grain { per_plank, contrast } => {
                let tone = F4::ONE + all(contrast) * wood(p, per_plank, footprint);
                // Darker wood is redder.
                let [r, g, b] = plain;
                ([r * (all(0.35) + all(0.65) * tone), g * tone, b * tone * tone], F4::ZERO)
            }
            Painting::Frame { rim, border, inner } => {
                let inside = match rim {
                    Rim::Rectangle(x, y) => (all(x) - p.x.abs()).fast_min(all(y) - p.y.abs()),
                    Rim::Circle(radius) => all(radius) - (p.x * p.x + p.y * p.y).sqrt(),
                };
                let share = unit((inside - all(border)) / footprint + all(0.5));
                (std::array::from_fn(|i| mix(plain[i], all(inner[i]), share)), F4::ZERO)
            }
            Painting::Fade { inner, per_width } => {
                let around = (p.x * p.x + p.y * p.y).sqrt();
                (plain, ease(unit((around - all(inner)) * all(per_width))))
            }
        }
    }
}

/// 1 on dark fields, 0 on light ones, in between where a pixel sees both.
#[inline(always)]
fn checker(p: V4, per_field: f32, footprint: F4) -> F4 {
    let sharpness = all(1.0) / (footprint * all(per_field)).fast_max(all(1e-3));
    let wave = |c: F4| {
        // A triangle wave of period two fields, cut off at +-1, is a filtered square wave.
        let u = c * all(0.5 * per_field);
        let triangle = (u - floor(u) - all(0.5)).abs() - all(0.25);
        (triangle * all(4.0) * sharpness).fast_max(all(-1.0)).fast_min(F4::ONE)
    };
    all(0.5) - all(0.5) * wave(p.x) * wave(p.y)
}

/// A triangle wave between -1 and 1 of period 1.
#[inline(always)]
fn triangle(u: F4) -> F4 {
    (u - floor(u) - all(0.5)).abs() * all(4.0) - F4::ONE
}

/// Tone of planks along x, about -1 to 1: each has its own, with wandering streaks and dark seams.
#[inline(always)]
fn wood(p: V4, per_plank: f32, footprint: F4) -> F4 {
    let per_plank = all(per_plank);
    let v = (p.y + p.z) * per_plank;
    let plank = floor(v);
    let within = v - plank;
    let width = footprint * per_plank;
    // Multiples of the golden ratio and of the root of two scatter evenly over 0 .. 1.
    let spread = plank * all(0.618_034);
    let own = spread - floor(spread);
    let shift = plank * all(std::f32::consts::SQRT_2);
    let u = p.x * per_plank * all(0.21) + shift;
    let drift = ease(triangle(u) * all(0.5) + all(0.5));
    let wander = triangle(u * all(2.7) + within * all(0.35));
    let streak = |frequency: f32, bend: F4| {
        let visible = unit(F4::ONE - width * all(frequency * 1.4));
        if !visible.simd_gt(F4::ZERO).any() {
            return F4::ZERO;
        }
        triangle(within * all(frequency) + bend) * visible
    };
    let fine = streak(7.3, drift * all(1.9) + own)
        + streak(17.0, drift * all(3.1) + wander * all(0.3)) * all(0.7)
        + streak(41.0, drift * all(5.0) + wander) * all(0.45);
    let seam_width = width.fast_max(all(0.022));
    let edge = within.fast_min(F4::ONE - within);
    let seam = unit(F4::ONE - edge / seam_width) * (all(0.022) / seam_width);
    (own - all(0.5)) * all(0.9) + wander * all(0.12) + fine * all(0.28) - seam * all(2.2)
}

/// Lamp and room in the lamp frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Studio {
    up: V4,
    key: Rgb4,
    /// Room light on a surface that faces sideways, and half the step from ground to sky.
    room: Rgb4,
    room_step: Rgb4,
    fill_direction: V4,
    fill: Rgb4,
    horizon: Rgb4,
    /// From the horizon to the zenith and to the nadir.
    rise: Rgb4,
    fall: Rgb4,
}

impl Studio {
    pub(super) fn new(light: &Light, lens: &Lens) -> Self {
        let [sky, ground, horizon] = [light.sky, light.ground, light.horizon].map(sound);
        let [zenith, nadir] = [light.zenith, light.nadir].map(sound);
        let each = |f: &dyn Fn(usize) -> f32| [all(f(0)), all(f(1)), all(f(2))];
        Self {
            up: V4::all(lens.up),
            key: sound(light.color).map(all),
            room: each(&|i| 0.5 * (sky[i] + ground[i])),
            room_step: each(&|i| 0.5 * (sky[i] - ground[i])),
            fill_direction: V4::all(lens.direction(unit_or(light.fill_direction, Vec3::Z))),
            fill: sound(light.fill).map(all),
            horizon: horizon.map(all),
            rise: each(&|i| zenith[i] - horizon[i]),
            fall: each(&|i| nadir[i] - horizon[i]),
        }
    }

    /// World z in the lamp frame.
    #[inline(always)]
    pub(super) fn up(&self) -> V4 {
        self.up
    }

    /// What is seen along rays that rise by `elevation` (its sine) when nothing is in the way.
    #[inline(always)]
    pub(super) fn backdrop(&self, elevation: F4) -> Rgb4 {
        let above = unit(elevation * all(1.6));
        let below = unit(elevation * all(-1.5));
        let (above, below) = (ease(above), ease(below));
        std::array::from_fn(|i| self.horizon[i] + self.rise[i] * above + self.fall[i] * below)
    }

    /// Light from a surface towards the camera.
    ///
    /// `towards` is the unit vector to the camera, `lit` the share of the lamp that arrives,
    /// `open` the share of the room that is not hidden by things close by.
    #[inline(always)]
    pub(super) fn reflected(&self, surface: &Surface, towards: V4, lit: F4, open: F4) -> Rgb4 {
        let n = surface.normal;
        let lamp = n.z.fast_max(F4::ZERO) * lit;
        let rise = n.dot(self.up);
        let fill = n.dot(self.fill_direction).fast_max(F4::ZERO) * open;
        let facing = n.dot(towards).fast_max(F4::ZERO);

        // Highlight: GGX lobe with the half vector's length worked out, as the lamp is +z.
        let half = (all(2.0) + towards.z + towards.z).fast_max(all(1e-3));
        let along = n.z + n.dot(towards);
        let width = surface.lobe;
        let core = along * along * (width - F4::ONE) + half;
        let lobe = width * half * half / (core * core * half.fast_max(all(0.4)));
        let highlight = lamp * (lobe * all(HIGHLIGHT * MIRRORED)).fast_min(all(3.0));

        // The room's mirror image: soft boxes above, dark ground below, stronger at the rim.
        let grazing = F4::ONE - facing;
        let grazing2 = grazing * grazing;
        let fresnel = all(MIRRORED) + all(0.5) * grazing2 * grazing2 * grazing;
        let mirrored = (facing + facing) * rise - towards.dot(self.up);
        let gloss = (F4::ONE - width) * (F4::ONE - width);
        let room = fresnel * gloss * open * unit(all(0.35) + all(0.9) * mirrored);

        std::array::from_fn(|i| {
            let ambient = (self.room[i] + self.room_step[i] * rise) * open;
            let diffuse = ambient + self.fill[i] * fill + self.key[i] * lamp;
            surface.albedo[i] * diffuse + self.key[i] * highlight + self.horizon[i] * room
        })
    }
}

/// Linear light to sRGB bytes, with a shoulder so that highlights do not clip to flat patches.
#[derive(Clone, Debug)]
pub(super) struct Tones {
    table: Box<[u8; TONES]>,
}

impl Tones {
    pub(super) fn new() -> Self {
        let mut table = Box::new([0; TONES]);
        for (i, byte) in table.iter_mut().enumerate() {
            let linear = (i as f32 + 0.5) * (WHITE / TONES as f32);
            *byte = (srgb(shoulder(linear)) * 255.0 + 0.5) as u8;
        }
        Self { table }
    }

    /// Bytes of four pixels, RGB each.
    #[inline(always)]
    pub(super) fn bytes(&self, color: &Rgb4) -> [[u8; 3]; LANES] {
        let index = color.map(|c| {
            let scaled = c * all(TONES as f32 / WHITE);
            let held = scaled.fast_max(F4::ZERO).fast_min(all((TONES - 1) as f32));
            held.fast_trunc_int().to_array()
        });
        std::array::from_fn(|lane| {
            std::array::from_fn(|i| self.table[index[i][lane] as usize & (TONES - 1)])
        })
    }
}

/// Straight up to `KNEE`, then bends to reach 1 at `WHITE` with slope 0.
fn shoulder(linear: f32) -> f32 {
    if linear <= KNEE {
        return linear;
    }
    let s = ((linear - KNEE) / (WHITE - KNEE)).min(1.0);
    let exponent = (WHITE - KNEE) / (1.0 - KNEE);
    KNEE + (1.0 - KNEE) * (1.0 - libm::powf(1.0 - s, exponent))
}

/// The transfer function of IEC 61966-2-1, 0 to 1.
fn srgb(linear: f32) -> f32 {
    if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * libm::powf(linear, 1.0 / 2.4) - 0.055
    }
}
