//! Success against the energy of training.

use super::page::{divider, paragraph, remark, row, section as titled, table};
use super::paper;
use super::svg::{Anchor, Scale, Svg, fitted};
use super::text::{NBSP, escape, interval, joules, percent, round_joules};
use super::view::{PAPER_COLOUR, View};
use crate::Method;
use crate::comparison::MethodSpec;

const SIZE: [f64; 2] = [400.0, 280.0];
/// Left, right, top and bottom of the plot within a panel.
const AREA: [f64; 4] = [44.0, 370.0, 30.0, 232.0];

/// A trained method on a task.
struct Point {
    joules: f64,
    success: f64,
    interval: Option<[f64; 2]>,
    colour: &'static str,
    hollow: bool,
    told: String,
    /// What it is joined with by lines.
    kind: Option<Method>,
}

/// The panels, and their points as a table.
pub(super) fn section(view: &View) -> String {
    let trained: Vec<(&MethodSpec, f64)> = view
        .experiment
        .methods
        .iter()
        .filter_map(|m| Some((m, view.training_joules(&m.name).filter(|j| *j > 0.0)?)))
        .filter(|(m, _)| view.cells_of(&m.name).next().is_some())
        .collect();
    let body = match trained.is_empty() {
        true => paragraph("No training is on record."),
        false => {
            panels(view, &trained)
                + &remark(&format!(
                    "Vertical bars: Wilson's 95 % intervals. Policies of one kind are joined in the order of \
                     their training energy. Hollow grey: {}, on another machine.",
                    paper::SOURCE
                ))
                + &listed(view, &trained)
        }
    };
    titled("curve", "Success against the energy of training", &body)
}

fn points(view: &View, task: &str, trained: &[(&MethodSpec, f64)]) -> Vec<Point> {
    let mut points = Vec::new();
    for &(method, energy) in trained {
        let Some(cell) = view.cell(task, &method.name) else { continue };
        let success = cell.successes as f64 / cell.episodes.max(1) as f64;
        points.push(Point {
            joules: energy,
            success,
            interval: Some(cell.interval),
            colour: view.colour(method),
            hollow: false,
            told: format!("{}: {}, {} %", method.name, joules(energy), percent(success)),
            kind: Some(method.method).filter(|m| m.is_instructed()),
        });
    }
    for method in &paper::METHODS {
        let Some(cell) = paper::cell(method, task) else { continue };
        let energy: f64 = method.training_joules.iter().sum();
        points.push(Point {
            joules: energy,
            success: cell.success,
            interval: cell.interval(),
            colour: PAPER_COLOUR,
            hollow: true,
            told: format!(
                "{} (paper): {}, {} %",
                method.name,
                joules(energy),
                percent(cell.success)
            ),
            kind: None,
        });
    }
    points.sort_by(|a, b| a.joules.total_cmp(&b.joules));
    points
}

fn panels(view: &View, trained: &[(&MethodSpec, f64)]) -> String {
    let energies = trained.iter().map(|(_, j)| *j);
    let published = paper::METHODS.iter().map(|m| m.training_joules.iter().sum());
    let Some(scale) = Scale::decades(energies.chain(published)) else { return String::new() };
    let mut kinds: Vec<&MethodSpec> = Vec::new();
    for (method, _) in trained {
        if !kinds.iter().any(|k| k.method == method.method) {
            kinds.push(method);
        }
    }
    let mut out = String::from("<ul class=\"legend\">");
    for method in kinds {
        out += &format!(
            "<li><span style=\"background:{}\"></span>{}</li>",
            view.colour(method),
            escape(&method.method.to_string())
        );
    }
    out += "</ul>\n<div class=\"panels\">\n";
    for task in &view.experiment.tasks {
        out += &panel(&task.name, &points(view, &task.name, trained), scale);
    }
    out + "</div>\n"
}

fn panel(task: &str, points: &[Point], scale: Scale) -> String {
    let mut svg = Svg::new(SIZE[0], SIZE[1]);
    let [left, right, top, bottom] = AREA;
    let x = |energy: f64| left + scale.place(energy) * (right - left);
    let y = |share: f64| bottom - share * (bottom - top);
    svg.text("head", Anchor::Start, [left, 18.0], &fitted(task, 50));
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        svg.rule("grid", [left, y(share)], [right, y(share)]);
        let label = format!("{:.0}", 100.0 * share);
        svg.text("faint", Anchor::End, [left - 8.0, y(share) + 4.0], &label);
    }
    for tick in scale.ticks() {
        svg.rule("grid", [x(tick), top], [x(tick), bottom]);
        svg.text("faint", Anchor::Middle, [x(tick), bottom + 17.0], &round_joules(tick));
    }
    svg.rule("axis", [left, bottom], [right, bottom]);
    let middle = [(left + right) / 2.0, bottom + 38.0];
    svg.text("", Anchor::Middle, middle, "success, %, against training energy");
    for (index, a) in points.iter().enumerate() {
        let next = points[index + 1..].iter().find(|b| b.kind == a.kind);
        if let Some(b) = next.filter(|_| a.kind.is_some()) {
            svg.line(a.colour, 1.5, [x(a.joules), y(a.success)], [x(b.joules), y(b.success)]);
        }
    }
    for point in points {
        if let Some([low, high]) = point.interval {
            svg.line(point.colour, 1.5, [x(point.joules), y(low)], [x(point.joules), y(high)]);
        }
    }
    for point in points {
        let at = [x(point.joules), y(point.success)];
        svg.dot(point.colour, point.hollow, at, &point.told);
    }
    svg.finish(&format!("Success on {task} against training energy"))
}

fn listed(view: &View, trained: &[(&MethodSpec, f64)]) -> String {
    let tasks = &view.experiment.tasks;
    let heads: Vec<&str> = ["method", "training energy"]
        .into_iter()
        .chain(tasks.iter().map(|t| t.name.as_str()))
        .collect();
    let mut rows = String::from("<tbody>\n");
    for (method, energy) in trained {
        let mut cells = vec![method.name.clone(), joules(*energy)];
        cells.extend(tasks.iter().map(|t| {
            view.cell(&t.name, &method.name).map_or("–".into(), |c| {
                format!("{}/{} ({}{NBSP}%)", c.successes, c.episodes, interval(c.interval))
            })
        }));
        rows += &row(&cells.iter().map(String::as_str).collect::<Vec<_>>());
    }
    rows += &divider(paper::SOURCE, heads.len());
    for method in &paper::METHODS {
        let mut cells =
            vec![format!("{} (paper)", method.name), joules(method.training_joules.iter().sum())];
        cells.extend(tasks.iter().map(|t| {
            paper::cell(method, &t.name)
                .map_or("–".into(), |c| format!("{} %", percent(c.success)))
        }));
        rows += &row(&cells.iter().map(String::as_str).collect::<Vec<_>>());
    }
    rows += "</tbody>\n";
    let caption = "The points of the plot: successes of episodes and 95 % intervals.";
    table(caption, &heads, &rows).replacen("<table>", "<table class=\"tight\">", 1)
}
