//! The second pass of [`super::Quality::Picture`]: pixels that show an edge get more rays.
//!
//! An edge is where the first pass left neighbours that differ, in item or in colour. So outlines,
//! creases, painted lines and the contact edges of shadows are all found the same way.

use super::lanes::{F4, LANES};
use super::paint::{Rgb4, Tones};
use super::scene::Frame;
use super::tiles::{Hits, Lists, Scattered, Span, TILE, View};

/// Rays for a pixel on an edge, in packets.
const PACKETS: usize = 4;

/// Where in a pixel the rays pass: 16 places, one in each of 16 columns and of 16 rows.
const PLACES: [[f32; LANES]; 2 * PACKETS] = [
    [0.031_25, 0.093_75, 0.156_25, 0.218_75],
    [0.531_25, 0.281_25, 0.781_25, 0.031_25],
    [0.281_25, 0.343_75, 0.406_25, 0.468_75],
    [0.906_25, 0.406_25, 0.656_25, 0.156_25],
    [0.531_25, 0.593_75, 0.656_25, 0.718_75],
    [0.843_75, 0.343_75, 0.593_75, 0.093_75],
    [0.781_25, 0.843_75, 0.906_25, 0.968_75],
    [0.968_75, 0.218_75, 0.718_75, 0.468_75],
];

/// Neighbours that differ by more than this, grey levels in any channel, have an edge between them.
const STEP: u8 = 7;

/// Linear light above this counts as this in the mean of a pixel, lest one glint whiten it.
const BRIGHTEST: f32 = 1.2;

/// Marks the pixels of `frame` that differ from a neighbour to the right or below, and those
/// neighbours. `ids` and `marks` have a value a pixel.
pub(super) fn mark(frame: &Frame, ids: &[u16], marks: &mut Vec<bool>) {
    let (width, height) = (frame.width, frame.height);
    marks.clear();
    marks.resize(ids.len(), false);
    let pixel = |i: usize| frame.rgb.get(i * 3..i * 3 + 3).unwrap_or(&[]);
    let differs = |a: usize, b: usize| {
        let far = |(x, y): (&u8, &u8)| x.abs_diff(*y) > STEP;
        ids.get(a) != ids.get(b) || pixel(a).iter().zip(pixel(b)).any(far)
    };
    let mut compare = |a: usize, b: usize| {
        if differs(a, b)
            && let Some(pair) = marks.get_mut(a..=b)
            && let [first, .., last] = pair
        {
            *first = true;
            *last = true;
        }
    };
    for row in 0..height {
        for column in 0..width {
            let here = row * width + column;
            if column + 1 < width {
                compare(here, here + 1);
            }
            if row + 1 < height {
                compare(here, here + width);
            }
        }
    }
}

/// Draws the marked pixels of a tile again.
pub(super) fn refine(
    view: &View<'_>,
    tones: &Tones,
    marks: &[bool],
    corner: (usize, usize),
    lists: &mut Lists,
    frame: &mut Frame,
) {
    let (column, row) = corner;
    let (width, height) = (frame.width, frame.height);
    let columns = column..(column + TILE).min(width);
    let rows = row..(row + TILE).min(height);
    let marked = |x: usize, y: usize| marks.get(y * width + x).copied().unwrap_or(false);
    view.list(corner, width, lists);
    for y in rows {
        for x in columns.clone() {
            if marked(x, y) {
                let color = mean(view, lists, x, y);
                let at = (y * width + x) * 3;
                if let Some(pixel) = frame.rgb.get_mut(at..at + 3) {
                    pixel.copy_from_slice(&tones.bytes(&color)[0]);
                }
            }
        }
    }
}

/// The mean of many rays through one pixel, the same in all lanes.
fn mean(view: &View<'_>, lists: &mut Lists, column: usize, row: usize) -> Rgb4 {
    let (left, top) = (F4::splat(column as f32), F4::splat(row as f32));
    let slopes: [(F4, F4); PACKETS] = std::array::from_fn(|packet| {
        let x = view.lens.slopes_x(left + F4::new(PLACES[2 * packet]));
        let y = view.lens.slopes_y(top + F4::new(PLACES[2 * packet + 1]));
        (x, y)
    });
    let mut packets = [Hits::NONE; PACKETS];
    for &index in &lists.solids {
        if let Some(solid) = view.stage.solids.get(usize::from(index)) {
            let id = F4::splat(f32::from(index));
            solid.with_depth(Scattered { slopes: &slopes, hits: &mut packets, id });
        }
    }
    let mut span = Span::EMPTY;
    for (hits, &(x, y)) in packets.iter().zip(&slopes) {
        span.include(hits.point(&view.lens, x, y), hits.found());
    }
    view.gather::<true>(span.footprint(), lists);
    let mut sum = [0.0f32; 3];
    for (hits, &(x, y)) in packets.iter().zip(&slopes) {
        let color = view.shade::<true>(*hits, hits.point(&view.lens, x, y), lists);
        for (total, channel) in sum.iter_mut().zip(color) {
            *total += channel.fast_min(F4::splat(BRIGHTEST)).to_array().iter().sum::<f32>();
        }
    }
    sum.map(|total| F4::splat(total / (PACKETS * LANES) as f32))
}
