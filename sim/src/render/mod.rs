//! The camera of the simulator: colour, depth and labels of a scene of boxes, capsules, cylinders
//! and rings, computed on one thread without a graphics processor.
//!
//! Rays meet solids analytically, four at a time, inside each solid's bounds on the image; what
//! is seen is shaded once, with shadows from the solids' outlines as the lamp sees them. Equal
//! input gives equal bytes on every machine with IEEE 754 arithmetic: there are no threads, no
//! platform mathematics, and no operation whose rounding is left open.
//!
//! The renderer accepts anything. Items without volume or with a pose that is not finite are not
//! drawn, a camera without a finite pose sees the backdrop, and an item that contains the camera
//! is invisible to it.
//!
//! Lengths are in m, angles in rad, world z points up, colours are linear light unless they are
//! bytes.

mod hit;
mod lanes;
mod lens;
mod paint;
mod refine;
mod scene;
mod shadow;
mod solid;
#[cfg(test)]
mod tests;
mod tiles;

pub use scene::{Camera, Frame, Item, Light, Material, Pattern, Pose, Quality, Shape};

use lanes::{LANES, all};
use lens::Lens;
use paint::{Studio, Tones};
use tiles::{ACROSS, Hits, Lists, Stage, TILE, Tile, View, index_of};

/// Draws frames. Keeps its buffers, so from the second frame of a size on it does not allocate.
#[derive(Debug)]
pub struct Renderer {
    quality: Quality,
    tones: Tones,
    stage: Stage,
    lists: Lists,
    /// Place in the stage of what each pixel shows; filled for [`Quality::Picture`] only.
    ids: Vec<u16>,
    /// Pixels on an edge; filled for [`Quality::Picture`] only.
    marks: Vec<bool>,
}

impl Renderer {
    /// A renderer with empty buffers.
    pub fn new(quality: Quality) -> Self {
        Self {
            quality,
            tones: Tones::new(),
            stage: Stage::default(),
            lists: Lists::default(),
            ids: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// Draws `items` into `out`, which takes the camera's size.
    ///
    /// Of two items at the same depth the one that comes closer to the camera elsewhere is shown.
    pub fn render(&mut self, items: &[Item], light: &Light, camera: &Camera, out: &mut Frame) {
        out.resize(camera.width, camera.height);
        let Some(lens) = Lens::new(camera, light) else {
            self.clear(light, out);
            return;
        };
        let soft = self.quality == Quality::Picture;
        let softness = if soft { softness(light) } else { 0.0 };
        self.stage.set(items, &lens, softness);
        let view = View { stage: &self.stage, lens, studio: Studio::new(light, &lens) };
        if soft {
            self.ids.clear();
            self.ids.resize(out.depth.len(), u16::MAX);
        }
        let mut canvas = Canvas { out, tones: &self.tones, ids: &mut self.ids };
        for corner in corners(camera) {
            if soft {
                canvas.draw::<true>(&view, corner, &mut self.lists);
            } else {
                canvas.draw::<false>(&view, corner, &mut self.lists);
            }
        }
        if soft {
            refine::mark(out, &self.ids, &mut self.marks);
            for corner in corners(camera) {
                refine::refine(&view, &self.tones, &self.marks, corner, &mut self.lists, out);
            }
        }
    }

    /// What a camera without a pose sees: the backdrop at eye level.
    fn clear(&self, light: &Light, out: &mut Frame) {
        let color = self.tones.bytes(&light.horizon.map(all))[0];
        for pixel in out.rgb.chunks_exact_mut(3) {
            pixel.copy_from_slice(&color);
        }
        out.depth.fill(0.0);
        out.segment.fill(0);
    }
}

/// Tangent of the lamp's radius; nothing sensible is wider than a third of a right angle.
fn softness(light: &Light) -> f32 {
    if (0.0..0.5).contains(&light.softness) { libm::tanf(light.softness) } else { 0.0 }
}

/// First pixels (column, row) of the tiles of an image.
fn corners(camera: &Camera) -> impl Iterator<Item = (usize, usize)> + use<> {
    let (width, height) = (camera.width, camera.height);
    let rows = (0..height).step_by(TILE);
    rows.flat_map(move |row| (0..width).step_by(TILE).map(move |column| (column, row)))
}

/// The frame while it is being drawn.
struct Canvas<'a> {
    out: &'a mut Frame,
    tones: &'a Tones,
    ids: &'a mut [u16],
}

impl Canvas<'_> {
    /// Draws the tile whose first pixel is `corner`.
    fn draw<const SOFT: bool>(
        &mut self,
        view: &View<'_>,
        corner: (usize, usize),
        lists: &mut Lists,
    ) {
        let (column, row) = corner;
        view.list(corner, self.out.width, lists);
        let mut tile = Tile::new(&view.lens, column, row);
        tile.look(view.stage, &lists.solids);
        let footprint = tile.place(&view.lens);
        view.gather::<SOFT>(footprint, lists);
        for (packet, (hits, point)) in tile.hits.iter().zip(&tile.points).enumerate() {
            let (x, y) = (column + packet % ACROSS * LANES, row + packet / ACROSS);
            if x >= self.out.width || y >= self.out.height {
                continue;
            }
            let color = view.shade::<SOFT>(*hits, *point, lists);
            self.write::<SOFT>(view, (x, y), *hits, &self.tones.bytes(&color));
        }
    }

    /// Stores up to four pixels of a row, as many as the image has left.
    #[inline(always)]
    fn write<const SOFT: bool>(
        &mut self,
        view: &View<'_>,
        (x, y): (usize, usize),
        hits: Hits,
        bytes: &[[u8; 3]; LANES],
    ) {
        let at = y * self.out.width + x;
        let depths = (hits.found() & hits.depth).to_array();
        let ids = hits.id.to_array();
        let labels = ids.map(|id| view.stage.label(id));
        store(&mut self.out.rgb, at * 3, bytes.as_flattened(), (self.out.width - x) * 3);
        store(&mut self.out.depth, at, &depths, self.out.width - x);
        store(&mut self.out.segment, at, &labels, self.out.width - x);
        if SOFT {
            store(self.ids, at, &ids.map(|id| index_of(id) as u16), self.out.width - x);
        }
    }
}

/// Copies `values`, or as many of them as there is `room` for, to `out[at..]`.
#[inline(always)]
fn store<T: Copy>(out: &mut [T], at: usize, values: &[T], room: usize) {
    // Two branches, so that the frequent one copies a constant number of bytes.
    if room >= values.len() {
        if let Some(out) = out.get_mut(at..at + values.len()) {
            out.copy_from_slice(values);
        }
    } else if let (Some(out), Some(values)) = (out.get_mut(at..at + room), values.get(..room)) {
        out.copy_from_slice(values);
    }
}
