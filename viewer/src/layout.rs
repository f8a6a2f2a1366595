//! Where things go in the window.

/// A rectangle, from the top left corner of the window, in units of which the window is 720 high, or 1080
/// wide where it is narrow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// From the left.
    pub x: f32,
    /// From the top.
    pub y: f32,
    /// Its width.
    pub width: f32,
    /// Its height.
    pub height: f32,
}

impl Rect {
    fn new(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self { x, y, width, height }
    }

    /// Whether a point lies in it.
    pub fn holds(&self, [x, y]: [f32; 2]) -> bool {
        (self.x..self.x + self.width).contains(&x) && (self.y..self.y + self.height).contains(&y)
    }

    /// Where a point lies in it, in shares of its sides.
    pub fn share(&self, [x, y]: [f32; 2]) -> [f64; 2] {
        [f64::from((x - self.x) / self.width), f64::from((y - self.y) / self.height)]
    }

    /// Width over height.
    pub fn aspect(&self) -> f64 {
        f64::from(self.width / self.height)
    }
}

/// Height of a line of text, and width of a character.
pub const LINE: f32 = 17.0;
/// See [`LINE`].
pub const CHARACTER: f32 = 7.8;
/// Room under a line for the bar that tells of its progress.
pub const BAR: f32 = 5.0;
/// Size of text.
pub const FONT: f32 = 13.0;
/// Room between things.
pub const GAP: f32 = 8.0;
/// Room between the edge of a panel and what is in it.
pub const PADDING: f32 = 10.0;

const HEIGHT: f32 = 720.0;
const NARROWEST: f32 = 1080.0;
const HEADER: f32 = 38.0;
const FOOTER: f32 = 58.0;
const COLUMN: f32 = 384.0;

/// Where the parts of one episode go.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// The scene.
    pub scene: Rect,
    /// What the policy sees, on top of the scene.
    pub pictures: [Rect; 2],
    /// The plan.
    pub plan: Rect,
    /// The facts.
    pub facts: Rect,
    /// What is expected, and the skill at work.
    pub action: Rect,
    /// What it costs, where there is room for it.
    pub cost: Option<Rect>,
    /// What happened, on top of the scene.
    pub log: Rect,
}

/// Where everything goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Pixels a unit.
    pub scale: f32,
    /// The whole window.
    pub size: [f32; 2],
    /// Title and state.
    pub header: Rect,
    /// One for each episode.
    pub slots: Vec<Slot>,
    /// The bar along which one can scrub.
    pub bar: Rect,
    /// The keys.
    pub keys: Rect,
}

impl Layout {
    /// A layout for a window of so many pixels that shows one episode or two.
    pub fn new([width, height]: [f32; 2], episodes: usize) -> Self {
        let scale = (height / HEIGHT).min(width / NARROWEST).max(0.1);
        let size = [width / scale, height / scale];
        let middle = Rect::new(0.0, HEADER, size[0], size[1] - HEADER - FOOTER);
        let slots = match episodes {
            0 | 1 => vec![single(middle)],
            n => (0..n).map(|i| narrow(middle, i, n)).collect(),
        };
        let footer = size[1] - FOOTER;
        Self {
            scale,
            size,
            header: Rect::new(0.0, 0.0, size[0], HEADER),
            slots,
            bar: Rect::new(GAP, footer + 8.0, size[0] - 2.0 * GAP, 16.0),
            keys: Rect::new(GAP, footer + 30.0, size[0] - 2.0 * GAP, FOOTER - 34.0),
        }
    }

    /// Height of a panel with so many lines under its title.
    fn lines(count: usize) -> f32 {
        (count + 1) as f32 * LINE + 2.0 * PADDING + 4.0
    }
}

/// How many lines fit under the title of a panel.
pub fn rows(panel: &Rect) -> usize {
    ((panel.height - 2.0 * PADDING - 4.0) / LINE) as usize - 1
}

/// How many characters fit into a line of a panel.
pub fn columns(panel: &Rect) -> usize {
    ((panel.width - 2.0 * PADDING) / CHARACTER) as usize
}

/// The scene on the left, panels on the right.
fn single(room: Rect) -> Slot {
    let scene = Rect::new(GAP, room.y, room.width - COLUMN - 3.0 * GAP, room.height);
    let x = scene.x + scene.width + GAP;
    let (action, cost) = (Layout::lines(6) + BAR, Layout::lines(4));
    let rest = room.height - action - cost - 3.0 * GAP;
    let plan = (rest * 0.5).floor();
    let mut y = room.y;
    let mut stack = |height: f32| {
        let rect = Rect::new(x, y, COLUMN, height);
        y += height + GAP;
        rect
    };
    let (plan, action, facts, cost) = (stack(plan), stack(action), stack(rest - plan), stack(cost));
    let side = (scene.height * 0.36).min(scene.width * 0.25).floor();
    let picture = |i: f32| Rect::new(scene.x + GAP, scene.y + GAP + i * (side + GAP), side, side);
    let log = Layout::lines(3);
    Slot {
        scene,
        pictures: [picture(0.0), picture(1.0)],
        plan,
        facts,
        action,
        cost: Some(cost),
        log: Rect::new(
            scene.x + GAP,
            scene.y + scene.height - log - GAP,
            scene.width - 2.0 * GAP,
            log,
        ),
    }
}

/// The scene above, two columns of panels below.
fn narrow(room: Rect, index: usize, count: usize) -> Slot {
    let width = (room.width - GAP) / count as f32 - GAP;
    let x = GAP + index as f32 * (width + GAP);
    let below = Layout::lines(12);
    let scene = Rect::new(x, room.y, width, room.height - below - GAP);
    let (half, y) = ((width - GAP) / 2.0, scene.y + scene.height + GAP);
    let side = (scene.height * 0.30).min(scene.width * 0.24).floor();
    let picture = |i: f32| Rect::new(scene.x + GAP, scene.y + GAP + i * (side + GAP), side, side);
    let log = Layout::lines(2);
    let upper = Layout::lines(4) + BAR;
    Slot {
        scene,
        pictures: [picture(0.0), picture(1.0)],
        plan: Rect::new(x, y, half, below),
        action: Rect::new(x + half + GAP, y, half, upper),
        facts: Rect::new(x + half + GAP, y + upper + GAP, half, below - upper - GAP),
        cost: None,
        log: Rect::new(
            scene.x + GAP,
            scene.y + scene.height - log - GAP,
            scene.width - 2.0 * GAP,
            log,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [[f32; 2]; 7] = [
        [640.0, 480.0],
        [800.0, 1000.0],
        [960.0, 640.0],
        [1280.0, 720.0],
        [1920.0, 1080.0],
        [3440.0, 1440.0],
        [3840.0, 2160.0],
    ];

    fn apart(a: &Rect, b: &Rect) -> bool {
        a.x + a.width <= b.x + 0.01
            || b.x + b.width <= a.x + 0.01
            || a.y + a.height <= b.y + 0.01
            || b.y + b.height <= a.y + 0.01
    }

    fn inside(inner: &Rect, outer: &Rect) -> bool {
        inner.x >= outer.x - 0.01
            && inner.y >= outer.y - 0.01
            && inner.x + inner.width <= outer.x + outer.width + 0.01
            && inner.y + inner.height <= outer.y + outer.height + 0.01
    }

    fn check(layout: &Layout) {
        let window = Rect::new(0.0, 0.0, layout.size[0], layout.size[1]);
        let mut parts = vec![layout.header, layout.bar, layout.keys];
        for slot in &layout.slots {
            parts.extend([slot.scene, slot.plan, slot.facts, slot.action]);
            parts.extend(slot.cost);
            let over = [slot.pictures[0], slot.pictures[1], slot.log];
            assert!(over.iter().all(|part| inside(part, &slot.scene)), "{slot:?}");
            assert!(apart(&over[0], &over[1]) && apart(&over[1], &over[2]), "{slot:?}");
            assert!(rows(&slot.plan) >= 4 && rows(&slot.facts) >= 4, "{slot:?}");
        }
        for (i, part) in parts.iter().enumerate() {
            assert!(inside(part, &window), "{part:?} sticks out of {:?}", layout.size);
            assert!(parts[..i].iter().all(|other| apart(part, other)), "{part:?} covers another");
        }
    }

    #[test]
    fn nothing_overlaps_or_sticks_out_in_any_window() {
        for size in SIZES {
            for episodes in [1, 2] {
                check(&Layout::new(size, episodes));
            }
        }
    }

    #[test]
    fn text_grows_with_the_window() {
        let height = |size| FONT * Layout::new(size, 1).scale;
        assert!(height([1280.0, 720.0]) >= 13.0);
        assert!(height([3840.0, 2160.0]) >= 39.0);
    }
}
