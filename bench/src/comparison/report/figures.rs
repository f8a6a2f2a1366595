//! The plots of success, energy and time.

use super::dots::{Axis, Dot, Group, draw};
use super::page::{figure, paragraph, section as titled};
use super::paper::{self, PaperCell};
use super::svg::Scale;
use super::text::{joules, percent, round_joules, seconds};
use super::view::{PAPER_COLOUR, View};
use crate::comparison::Cell;

/// What a dot shows: its value, its range, and the remark beside it.
type Shown = (Option<f64>, Option<[f64; 2]>, String);

/// All three.
pub(super) fn section(view: &View) -> String {
    let body = match view.cells.is_empty() {
        true => paragraph("Nothing to show yet."),
        false => success(view) + &energy(view) + &time(view),
    };
    titled("plots", "Plots", &body)
}

/// Dots for every task: ours, then the paper's.
fn groups(
    view: &View,
    ours: &dyn Fn(&Cell) -> Option<Shown>,
    theirs: &dyn Fn(&PaperCell) -> Option<Shown>,
) -> Vec<Group> {
    let mut groups = Vec::new();
    for task in &view.experiment.tasks {
        let mut dots = Vec::new();
        for method in view.rows() {
            let shown = view.cell(&task.name, &method.name).and_then(ours);
            let Some((value, range, remark)) = shown else { continue };
            let (name, colour) = (method.name.clone(), view.colour(method));
            dots.push(Dot { name, value, range, remark, colour, hollow: false });
        }
        if dots.is_empty() {
            continue;
        }
        for method in &paper::METHODS {
            let shown = paper::cell(method, &task.name).and_then(theirs);
            let Some((value, range, remark)) = shown else { continue };
            let (name, colour) = (format!("{} (paper)", method.name), PAPER_COLOUR);
            dots.push(Dot { name, value, range, remark, colour, hollow: true });
        }
        groups.push(Group { name: task.name.clone(), dots });
    }
    groups
}

fn values(groups: &[Group]) -> impl Iterator<Item = f64> {
    let dots = groups.iter().flat_map(|g| &g.dots);
    dots.flat_map(|d| d.value.into_iter().chain(d.range.into_iter().flatten()))
}

fn success(view: &View) -> String {
    let ours = |c: &Cell| {
        let rate = c.successes as f64 / c.episodes.max(1) as f64;
        let remark = format!("{} %, {}/{}", percent(rate), c.successes, c.episodes);
        Some((Some(rate), Some(c.interval), remark))
    };
    let theirs = |c: &PaperCell| {
        let remark = match c.counts {
            Some((k, n)) => format!("{} %, {k}/{n}", percent(c.success)),
            None => format!("{} %, n unknown", percent(c.success)),
        };
        Some((Some(c.success), c.interval(), remark))
    };
    let groups = groups(view, &ours, &theirs);
    let axis = Axis {
        name: "episodes that succeed, %",
        scale: Scale::Linear([0.0, 1.0]),
        tick: |v| format!("{:.0}", 100.0 * v),
    };
    let caption = format!(
        "Strict success with Wilson's 95 % intervals. Hollow: {}, whose definition is looser.",
        paper::SOURCE
    );
    figure(&draw(&groups, &axis, "Success of each method on each task, with intervals"), &caption)
}

fn energy(view: &View) -> String {
    let ours = |c: &Cell| {
        Some(match c.joules_per_success {
            Some(value) => (Some(value), view.energy_range(value), joules(value)),
            None => (None, None, "no success".into()),
        })
    };
    let theirs = |c: &PaperCell| {
        Some(match c.joules_per_success() {
            Some(value) => (Some(value), None, joules(value)),
            None => (None, None, "no success".into()),
        })
    };
    let groups = groups(view, &ours, &theirs);
    let Some(scale) = Scale::decades(values(&groups)) else {
        return paragraph("No method succeeded, so that no energy per success can be plotted.");
    };
    let name = "energy for each success (logarithmic)";
    let axis = Axis { name, scale, tick: round_joules };
    let caption = format!(
        "Energy of all episodes for each success, {} with the meter's range. Hollow: {}, a whole machine \
         with its GPU; compare ratios within a source.",
        view.energy_kind(),
        paper::SOURCE
    );
    figure(&draw(&groups, &axis, "Energy per success of each method on each task"), &caption)
}

fn time(view: &View) -> String {
    let ours = |c: &Cell| {
        Some(match c.move_secs {
            Some(value) => (Some(value), None, seconds(value)),
            None if c.successes > 0 => (None, None, "moves not told".into()),
            None => (None, None, "no success".into()),
        })
    };
    let theirs = |c: &PaperCell| c.secs.map(|s| (Some(s), None, seconds(s)));
    let groups = groups(view, &ours, &theirs);
    let Some(scale) = Scale::from_zero(values(&groups)) else {
        return paragraph("No method succeeded, so that no time per move can be plotted.");
    };
    let axis = Axis { name: "simulated time for each move, s", scale, tick: |v| format!("{v}") };
    let caption = format!(
        "Simulated time of the successful episodes for each move, one pick and one place. Hollow: {}.",
        paper::SOURCE
    );
    figure(&draw(&groups, &axis, "Time per move of each method on each task"), &caption)
}
