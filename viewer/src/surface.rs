//! What is painted on surfaces, as small pictures.

use ergon_sim::render::{Material, Pattern, Shape};

/// Pixels along the longer side.
const LONGEST: usize = 768;

/// A picture of what is painted on the top of a box: width, height, and `height x width x 4` bytes, sRGB
/// with alpha. `None` for what has one colour.
pub fn paint(shape: &Shape, material: &Material) -> Option<([usize; 2], Vec<u8>)> {
    let Shape::Box { half } = shape else { return None };
    let metres = [2.0 * half.x, 2.0 * half.y];
    let a_pixel = metres[0].max(metres[1]) / LONGEST as f32;
    let size = metres.map(|m| ((m / a_pixel) as usize).max(1));
    let colour: Box<dyn Fn(f32, f32) -> [f32; 3]> = match material.pattern {
        Pattern::Grain { plank, contrast } => {
            Box::new(move |x, y| material.color.map(|c| c * wood(x, y, plank, contrast)))
        }
        Pattern::Frame { border, inner } => Box::new(move |x, y| {
            let rim = x.min(metres[0] - x).min(y.min(metres[1] - y));
            if rim < border { material.color } else { inner }
        }),
        Pattern::Plain | Pattern::Checker { .. } | Pattern::Fade { .. } => return None,
    };
    let bytes = (0..size[1]).flat_map(|row| (0..size[0]).map(move |column| (column, row)));
    let bytes = bytes.flat_map(|(column, row)| {
        let [r, g, b] = colour(column as f32 * a_pixel, row as f32 * a_pixel).map(encoded);
        [r, g, b, 255]
    });
    Some((size, bytes.collect()))
}

/// Brightness of wood, around 1: planks along x with streaks in them and a dark line between.
fn wood(x: f32, y: f32, plank: f32, contrast: f32) -> f32 {
    let (number, across) = ((y / plank).floor(), (y / plank).fract());
    let tone = dice(number as i64, 7) - 0.5;
    let streak = |scale: f32, seed: i64| {
        let (along, over) = (x * 3.0 * scale + 9.0 * tone, y * 220.0 * scale);
        noise(along, over, seed + number as i64) - 0.5
    };
    let seam = if across.min(1.0 - across) * plank < 0.0012 { 0.55 } else { 1.0 };
    let grain = 0.45 * tone + 0.55 * streak(1.0, 11) + 0.35 * streak(2.3, 23);
    (1.0 + contrast * grain) * seam
}

/// Smooth noise from 0 to 1.
fn noise(x: f32, y: f32, seed: i64) -> f32 {
    let (i, j) = (x.floor(), y.floor());
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (u, v) = (ease(x - i), ease(y - j));
    let at = |di: i64, dj: i64| dice(i as i64 + di, seed.wrapping_mul(7919) + j as i64 + dj);
    let along = |dj| at(0, dj) * (1.0 - u) + at(1, dj) * u;
    along(0) * (1.0 - v) + along(1) * v
}

/// A number from 0 to 1 that two numbers decide.
fn dice(a: i64, b: i64) -> f32 {
    let mut x = (a as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (b as u64).wrapping_mul(0xD1B5_4A32_D192_ED03);
    x ^= x >> 31;
    x = x.wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^= x >> 29;
    (x >> 40) as f32 / (1_u64 << 24) as f32
}

/// A byte of sRGB for linear light.
fn encoded(linear: f32) -> u8 {
    let c = linear.clamp(0.0, 1.0);
    let s = if c <= 0.003_130_8 { 12.92 * c } else { 1.055 * c.powf(1.0 / 2.4) - 0.055 };
    (255.0 * s).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_has_its_border_and_wood_is_not_even() {
        let half = |shape: &mut Shape, x: f32, y: f32| {
            if let Shape::Box { half } = shape {
                (half.x, half.y) = (x, y);
            }
        };
        let mut plate = Shape::Box { half: Default::default() };
        half(&mut plate, 0.1, 0.05);
        let frame = Material {
            color: [0.0; 3],
            roughness: 0.5,
            pattern: Pattern::Frame { border: 0.01, inner: [1.0; 3] },
        };
        let (size, bytes) = paint(&plate, &frame).unwrap();
        assert_eq!(size, [768, 384]);
        let pixel = |x: usize, y: usize| bytes[(y * size[0] + x) * 4];
        assert_eq!((pixel(10, 200), pixel(400, 10), pixel(400, 200)), (0, 0, 255));

        let pattern = Pattern::Grain { plank: 0.02, contrast: 0.4 };
        let wood = Material { color: [0.4; 3], roughness: 0.5, pattern };
        let (_, bytes) = paint(&plate, &wood).unwrap();
        let (least, most) = (bytes.iter().step_by(4).min(), bytes.iter().step_by(4).max());
        assert!(most.unwrap() - least.unwrap() > 30);
        assert_eq!(paint(&plate, &Material::plain([0.5; 3], 0.5)), None);
    }
}
