//! The picture, tile by tile: find what is seen, choose the casters that matter there, shade.

use glam::Vec3;

use super::hit::NOTHING;
use super::lanes::{F4, LANES, V4, all};
use super::lens::Lens;
use super::paint::{Paint, Rgb4, Studio, Surface};
use super::scene::Item;
use super::shadow::{Caster, Casters, Footprint};
use super::solid::{Solid, Visit, Window};

/// Tile side in pixels. Small tiles see few items and few casters.
pub(super) const TILE: usize = 8;
/// Packets in a row of a tile.
pub(super) const ACROSS: usize = TILE / LANES;
const PACKETS: usize = TILE * ACROSS;

/// The id of rays that meet nothing; real ids count from 0.
pub(super) const NOBODY: f32 = -1.0;

/// Solids within this distance, m, darken each other's ambient light.
const CROWDED: f32 = 0.10;

/// A scene made ready for one camera and one lamp.
#[derive(Debug, Default)]
pub(super) struct Stage {
    /// All sound items, nearest first. Those behind the camera come last.
    pub(super) solids: Vec<Solid>,
    /// Of the same length and order.
    pub(super) paints: Vec<Paint>,
    /// Labels of the solids.
    pub(super) labels: Vec<u8>,
    /// How many of the solids have a part before the camera.
    pub(super) ahead: usize,
    pub(super) casters: Casters,
}

impl Stage {
    /// Replaces the scene. At most `u16::MAX` items are kept.
    pub(super) fn set(&mut self, items: &[Item], lens: &Lens, softness: f32) {
        self.solids.clear();
        let placed = items.iter().take(usize::from(u16::MAX)).enumerate();
        self.solids.extend(placed.filter_map(|(i, item)| Solid::new(i, item, lens)));
        // Unstable sorting does not allocate; the index makes the order unique.
        self.solids
            .sort_unstable_by(|a, b| a.nearest.total_cmp(&b.nearest).then(a.item.cmp(&b.item)));
        self.ahead = self.solids.partition_point(Solid::is_ahead);
        self.paints.clear();
        self.labels.clear();
        self.casters.list.clear();
        self.casters.softness = softness;
        for (id, solid) in self.solids.iter().enumerate() {
            let item = &items[solid.item];
            self.labels.push(item.segment);
            self.paints.push(Paint::new(&item.material, solid.shape));
            if item.casts_shadow {
                self.casters.list.push(Caster::from((solid, id as f32)));
            }
        }
    }

    /// The label of a solid by its id, 0 for [`NOBODY`].
    #[inline(always)]
    pub(super) fn label(&self, id: f32) -> u8 {
        self.labels.get(index_of(id)).copied().unwrap_or(0)
    }

    /// Writes to `list` the solids that pixels of `window` may show.
    pub(super) fn list(&self, window: &Window, list: &mut Vec<u16>) {
        list.clear();
        for (solid, id) in self.solids.iter().take(self.ahead).zip(0u16..) {
            if solid.meets(window) {
                list.push(id);
            }
        }
    }

    /// The same for a window within another, whose list is `wide`.
    pub(super) fn shorten(&self, window: &Window, wide: &[u16], list: &mut Vec<u16>) {
        list.clear();
        for &id in wide {
            if self.solids.get(usize::from(id)).is_some_and(|solid| solid.meets(window)) {
                list.push(id);
            }
        }
    }
}

/// The place an id stands for; beyond any list for [`NOBODY`].
#[inline(always)]
pub(super) fn index_of(id: f32) -> usize {
    (id as i32) as usize
}

/// Everything that is constant while a picture is drawn.
pub(super) struct View<'a> {
    pub(super) stage: &'a Stage,
    pub(super) lens: Lens,
    pub(super) studio: Studio,
}

/// Lists that are refilled for each tile.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub(super) row: Vec<u16>,
    pub(super) solids: Vec<u16>,
    pub(super) casters: Vec<u16>,
    pub(super) crowd: Vec<u16>,
}

/// Nearest hits of four rays.
#[derive(Clone, Copy)]
pub(super) struct Hits {
    /// Depth, m.
    pub(super) depth: F4,
    /// Place in [`Stage::solids`], or [`NOBODY`].
    pub(super) id: F4,
}

impl Hits {
    pub(super) const NONE: Self =
        Self { depth: F4::new([NOTHING; LANES]), id: F4::new([NOBODY; LANES]) };

    /// The lanes that met something.
    #[inline(always)]
    pub(super) fn found(&self) -> F4 {
        self.depth.simd_lt(all(NOTHING))
    }

    /// The points on rays of the given slopes, lamp frame, m; at depth 1 where nothing was met.
    #[inline(always)]
    pub(super) fn point(&self, lens: &Lens, x: F4, y: F4) -> V4 {
        lens.rays(x, y) * self.found().bitselect(self.depth, F4::ONE)
    }

    /// Keeps the nearer of these hits and those of solid `id` at `depth`.
    #[inline(always)]
    fn meet(&mut self, depth: F4, id: F4) {
        let closer = depth.simd_lt(self.depth);
        self.depth = closer.bitselect(depth, self.depth);
        self.id = closer.bitselect(id, self.id);
    }
}

/// Nearest hits of rays that need not be neighbours.
pub(super) struct Scattered<'a> {
    pub(super) slopes: &'a [(F4, F4)],
    pub(super) hits: &'a mut [Hits],
    pub(super) id: F4,
}

impl Visit for Scattered<'_> {
    #[inline(always)]
    fn visit(self, depth: impl Fn(F4, F4) -> F4) {
        for (&(x, y), hits) in self.slopes.iter().zip(self.hits) {
            hits.meet(depth(x, y), self.id);
        }
    }
}

/// A tile that meets solid `id`.
struct Covered<'a> {
    tile: &'a mut Tile,
    id: F4,
}

impl Visit for Covered<'_> {
    #[inline(always)]
    fn visit(self, depth: impl Fn(F4, F4) -> F4) {
        let Tile { hits, x, y, .. } = self.tile;
        for (y, row) in y.iter().zip(hits.as_chunks_mut::<ACROSS>().0) {
            for (x, hits) in x.iter().zip(row) {
                hits.meet(depth(*x, *y), self.id);
            }
        }
    }
}

/// The hits of a tile, row by row.
pub(super) struct Tile {
    pub(super) hits: [Hits; PACKETS],
    /// The points they met, lamp frame, m; depth 1 stands in where there is none.
    pub(super) points: [V4; PACKETS],
    x: [F4; ACROSS],
    y: [F4; TILE],
}

impl Tile {
    /// The tile whose first pixel is (column, row), with nothing seen yet.
    pub(super) fn new(lens: &Lens, column: usize, row: usize) -> Self {
        let lanes = F4::new([0.5, 1.5, 2.5, 3.5]);
        Self {
            hits: [Hits::NONE; PACKETS],
            points: [V4::ZERO; PACKETS],
            x: std::array::from_fn(|i| lens.slopes_x(lanes + all((column + i * LANES) as f32))),
            y: std::array::from_fn(|i| all(lens.slope_y((row + i) as f32 + 0.5))),
        }
    }

    /// Finds what the tile's rays meet first among the listed solids.
    pub(super) fn look(&mut self, stage: &Stage, list: &[u16]) {
        let mut farthest = f32::INFINITY;
        for &index in list {
            let Some(solid) = stage.solids.get(usize::from(index)) else { continue };
            if solid.nearest > farthest {
                break; // Sorted by depth: all others lie behind what is already seen.
            }
            solid.with_depth(Covered { tile: self, id: all(f32::from(index)) });
            let deepest = self.hits.iter().fold(F4::ZERO, |d, hits| d.fast_max(hits.depth));
            farthest = deepest.to_array().into_iter().fold(0.0, f32::max);
        }
    }

    /// Works out the points; gives the part of the lamp's plane they lie on, `None` without hits.
    pub(super) fn place(&mut self, lens: &Lens) -> Option<Footprint> {
        let mut span = Span::EMPTY;
        let Self { hits, points, x, y } = self;
        let rows = hits.as_chunks::<ACROSS>().0.iter().zip(points.as_chunks_mut::<ACROSS>().0);
        for ((hits, points), y) in rows.zip(y) {
            for ((hits, point), x) in hits.iter().zip(points).zip(x.iter()) {
                *point = hits.point(lens, *x, *y);
                span.include(*point, hits.found());
            }
        }
        span.footprint()
    }
}

const HIGHEST: F4 = F4::new([f32::MAX; LANES]);
const LOWEST: F4 = F4::new([f32::MIN; LANES]);

/// Bounds of points in the lamp frame, lane by lane.
pub(super) struct Span {
    low: V4,
    high: V4,
}

impl Span {
    pub(super) const EMPTY: Self = Self {
        low: V4 { x: HIGHEST, y: HIGHEST, z: HIGHEST },
        high: V4 { x: LOWEST, y: LOWEST, z: LOWEST },
    };

    #[inline(always)]
    pub(super) fn include(&mut self, p: V4, mask: F4) {
        let low = V4::select(mask, p, self.low);
        let high = V4::select(mask, p, self.high);
        self.low = V4::new(
            self.low.x.fast_min(low.x),
            self.low.y.fast_min(low.y),
            self.low.z.fast_min(low.z),
        );
        self.high = V4::new(
            self.high.x.fast_max(high.x),
            self.high.y.fast_max(high.y),
            self.high.z.fast_max(high.z),
        );
    }

    pub(super) fn footprint(&self) -> Option<Footprint> {
        let least = |v: F4| v.to_array().into_iter().fold(f32::INFINITY, f32::min);
        let most = |v: F4| v.to_array().into_iter().fold(f32::NEG_INFINITY, f32::max);
        let footprint = Footprint {
            low: [least(self.low.x), least(self.low.y)],
            high: [most(self.high.x), most(self.high.y)],
            floor: least(self.low.z),
            ceiling: most(self.high.z),
        };
        (footprint.low[0] <= footprint.high[0]).then_some(footprint)
    }
}

impl View<'_> {
    /// The image slopes of a row of tiles that is `width` pixels wide.
    pub(super) fn window(&self, (column, row): (usize, usize), width: usize) -> Window {
        let (column, row) = (column as f32, row as f32);
        Window {
            x: [self.lens.slope_x(column), self.lens.slope_x(column + width as f32)],
            y: [self.lens.slope_y(row), self.lens.slope_y(row + TILE as f32)],
        }
    }

    /// Fills `lists.solids` for a tile of an image of the given width. Tiles come row by row; the
    /// first one of a row makes the list the others are drawn from.
    pub(super) fn list(&self, corner: (usize, usize), width: usize, lists: &mut Lists) {
        if corner.0 == 0 {
            self.stage.list(&self.window(corner, width.max(TILE)), &mut lists.row);
        }
        self.stage.shorten(&self.window(corner, TILE), &lists.row, &mut lists.solids);
    }

    /// Chooses the casters, and for pictures the crowding solids, that matter on a footprint.
    pub(super) fn gather<const SOFT: bool>(&self, footprint: Option<Footprint>, lists: &mut Lists) {
        lists.casters.clear();
        lists.crowd.clear();
        let Some(footprint) = footprint else { return };
        self.stage.casters.choose(&footprint, &mut lists.casters);
        if SOFT {
            let low = Vec3::new(footprint.low[0], footprint.low[1], footprint.floor) - CROWDED;
            let high = Vec3::new(footprint.high[0], footprint.high[1], footprint.ceiling) + CROWDED;
            let close = |s: &Solid| {
                (s.centre - s.reach).cmple(high).all() && (s.centre + s.reach).cmpge(low).all()
            };
            let solids = self.stage.solids.iter().zip(0u16..);
            lists.crowd.extend(solids.filter(|(s, _)| close(s)).map(|(_, id)| id));
        }
    }

    /// Linear light from four points, lamp frame, m, that rays from the camera met.
    #[inline(always)]
    pub(super) fn shade<const SOFT: bool>(&self, hits: Hits, point: V4, lists: &Lists) -> Rgb4 {
        let towards = point * (all(-1.0) / point.dot(point).sqrt());
        let elevation = -towards.dot(self.studio.up());
        let met = hits.found();
        if !met.any() {
            return self.studio.backdrop(elevation);
        }
        let pixel = (met & hits.depth) * all(self.lens.pitch);
        let surface = self.surface(hits.id, point, towards, pixel);
        let mut lit = F4::ZERO;
        if surface.normal.z.simd_gt(F4::ZERO).any() {
            lit = self.stage.casters.lit::<SOFT>(&lists.casters, point, hits.id, pixel);
        }
        let mut open = F4::ONE;
        if SOFT {
            open = self.open(&lists.crowd, hits.id, point, surface.normal);
        }
        let color = self.studio.reflected(&surface, towards, lit, open);
        let gone = met.bitselect(surface.gone, F4::ONE);
        if !gone.simd_gt(F4::ZERO).any() {
            return color;
        }
        let backdrop = self.studio.backdrop(elevation);
        std::array::from_fn(|i| color[i] + (backdrop[i] - color[i]) * gone)
    }

    /// The surfaces that four rays met. Mostly all four met the same.
    #[inline(always)]
    fn surface(&self, ids: F4, point: V4, towards: V4, pixel: F4) -> Surface {
        let lanes = ids.to_array();
        if ids.simd_eq(all(lanes[0])).all() {
            return self.surface_of(lanes[0], point, towards, pixel);
        }
        self.mixed_surface(ids, point, towards, pixel)
    }

    /// The surfaces of four rays that met different items.
    #[inline(never)]
    fn mixed_surface(&self, ids: F4, point: V4, towards: V4, pixel: F4) -> Surface {
        let lanes = ids.to_array();
        let mut surface = Surface::EMPTY;
        for (lane, &id) in lanes.iter().enumerate() {
            if lanes[..lane].contains(&id) {
                continue;
            }
            let own = ids.simd_eq(all(id));
            let one = self.surface_of(id, point, towards, pixel);
            surface.normal = V4::select(own, one.normal, surface.normal);
            for (a, b) in surface.albedo.iter_mut().zip(one.albedo) {
                *a = own.bitselect(b, *a);
            }
            surface.lobe = own.bitselect(one.lobe, surface.lobe);
            surface.gone = own.bitselect(one.gone, surface.gone);
        }
        surface
    }

    #[inline(always)]
    fn surface_of(&self, id: f32, point: V4, towards: V4, pixel: F4) -> Surface {
        let index = index_of(id);
        let (Some(solid), Some(paint)) =
            (self.stage.solids.get(index), self.stage.paints.get(index))
        else {
            return Surface::EMPTY;
        };
        let p = solid.local(point);
        let normal = solid.normal(p);
        let facing = normal.dot(towards).fast_max(all(0.08));
        let (albedo, gone) = paint.look(p, pixel / facing);
        Surface { normal, albedo, lobe: paint.lobe, gone }
    }

    /// Share of the room's light that solids close by leave to four points.
    #[inline(always)]
    fn open(&self, crowd: &[u16], ids: F4, point: V4, normal: V4) -> F4 {
        let mut open = F4::ONE;
        for &index in crowd {
            if let Some(solid) = self.stage.solids.get(usize::from(index)) {
                let own = ids.simd_eq(all(f32::from(index)));
                let hidden = solid.crowding(point, normal, CROWDED);
                open *= F4::ONE - (!own & hidden);
            }
        }
        open
    }
}
