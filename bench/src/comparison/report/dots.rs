//! A plot of dots with intervals: one line for each method, grouped by task.

use super::svg::{Anchor, Scale, Svg, fitted};

/// Width of the names, the plot and the remarks beside it.
const COLUMNS: [f64; 3] = [235.0, 400.0, 145.0];
const LINE: f64 = 22.0;
const HEAD: f64 = 30.0;
const FOOT: f64 = 46.0;
const TOP: f64 = 6.0;
/// Characters that fit into the column of names, and of remarks.
const FITS: [usize; 2] = [30, 19];

/// A line of the plot.
pub(super) struct Dot {
    pub(super) name: String,
    /// `None` draws no dot.
    pub(super) value: Option<f64>,
    pub(super) range: Option<[f64; 2]>,
    /// What stands beside the plot.
    pub(super) remark: String,
    pub(super) colour: &'static str,
    /// Whether the figure is somebody else's.
    pub(super) hollow: bool,
}

/// Lines under a common heading.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) dots: Vec<Dot>,
}

/// The axis of values.
pub(super) struct Axis<'a> {
    pub(super) name: &'a str,
    pub(super) scale: Scale,
    pub(super) tick: fn(f64) -> String,
}

/// Draws the plot; `shows` says in words what it shows.
pub(super) fn draw(groups: &[Group], axis: &Axis, shows: &str) -> String {
    let lines: usize = groups.iter().map(|g| g.dots.len()).sum();
    let bottom = TOP + groups.len() as f64 * HEAD + lines as f64 * LINE;
    let mut svg = Svg::new(COLUMNS.iter().sum(), bottom + FOOT);
    let at = |value: f64| COLUMNS[0] + axis.scale.place(value) * COLUMNS[1];
    for tick in axis.scale.ticks() {
        svg.rule("grid", [at(tick), TOP], [at(tick), bottom]);
        svg.text("faint", Anchor::Middle, [at(tick), bottom + 17.0], &(axis.tick)(tick));
    }
    svg.rule("axis", [COLUMNS[0], bottom], [COLUMNS[0] + COLUMNS[1], bottom]);
    svg.text("", Anchor::Middle, [COLUMNS[0] + COLUMNS[1] / 2.0, bottom + 38.0], axis.name);
    let mut y = TOP;
    for group in groups {
        svg.text("head", Anchor::Start, [0.0, y + 20.0], &fitted(&group.name, 60));
        y += HEAD;
        for dot in &group.dots {
            line(&mut svg, dot, &at, y + LINE / 2.0);
            y += LINE;
        }
    }
    svg.finish(shows)
}

fn line(svg: &mut Svg, dot: &Dot, at: &dyn Fn(f64) -> f64, y: f64) {
    let class = if dot.hollow { "faint" } else { "" };
    svg.text(class, Anchor::End, [COLUMNS[0] - 12.0, y + 4.5], &fitted(&dot.name, FITS[0]));
    if let Some([low, high]) = dot.range {
        svg.line(dot.colour, 2.0, [at(low), y], [at(high), y]);
        for end in [low, high] {
            svg.line(dot.colour, 2.0, [at(end), y - 4.0], [at(end), y + 4.0]);
        }
    }
    if let Some(value) = dot.value {
        svg.dot(dot.colour, dot.hollow, [at(value), y], &format!("{}: {}", dot.name, dot.remark));
    }
    let x = COLUMNS[0] + COLUMNS[1] + 14.0;
    svg.text("faint", Anchor::Start, [x, y + 4.5], &fitted(&dot.remark, FITS[1]));
}
