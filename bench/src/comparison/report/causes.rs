//! Why episodes failed.

use std::collections::BTreeMap;

use super::page::{figure, paragraph, row, section as titled, table};
use super::svg::{Anchor, Svg, fitted};
use super::text::{escape, percent};
use super::view::View;
use crate::comparison::Cell;

/// Colours of causes, dark enough for white figures and none of them a method's.
const COLOURS: [&str; 7] =
    ["#332288", "#117733", "#882255", "#1f7f8f", "#b0532a", "#6b6b1f", "#aa4499"];
/// Causes with a colour of their own; what is rarer shares one.
const DISTINCT: usize = COLOURS.len();
const REST: &str = "#59636e";
const REST_NAME: &str = "other causes";
const COLUMNS: [f64; 3] = [320.0, 350.0, 90.0];
const LINE: f64 = 26.0;
/// Seeds that are listed in a cell of the table.
const SEEDS: usize = 30;

/// The plot, and the same as a table with the seeds.
pub(super) fn section(view: &View) -> String {
    let is_row = |c: &Cell| view.rows().any(|m| m.name == c.method);
    let failed = view.cells.iter().filter(|c| c.successes < c.episodes && is_row(c));
    let failed: Vec<&Cell> = failed.collect();
    let body = match (view.cells.is_empty(), failed.is_empty()) {
        (true, _) => paragraph("Nothing to show yet."),
        (false, true) => paragraph("No episode of these methods failed."),
        _ => plot(&failed) + &listed(view, &failed),
    };
    titled("failures", "Why episodes failed", &body)
}

/// The most frequent causes, most frequent first.
fn common(failed: &[&Cell]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (cause, n) in failed.iter().flat_map(|c| &c.causes) {
        *counts.entry(cause).or_default() += n;
    }
    let mut causes: Vec<(&str, usize)> = counts.into_iter().collect();
    causes.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
    causes.into_iter().take(DISTINCT).map(|(cause, _)| cause.to_owned()).collect()
}

fn plot(failed: &[&Cell]) -> String {
    let common = common(failed);
    let bottom = 6.0 + failed.len() as f64 * LINE;
    let mut svg = Svg::new(COLUMNS.iter().sum(), bottom + 46.0);
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let x = COLUMNS[0] + share * COLUMNS[1];
        svg.rule("grid", [x, 6.0], [x, bottom]);
        svg.text("faint", Anchor::Middle, [x, bottom + 17.0], &percent(share).replace(".0", ""));
    }
    svg.rule("axis", [COLUMNS[0], bottom], [COLUMNS[0] + COLUMNS[1], bottom]);
    let middle = COLUMNS[0] + COLUMNS[1] / 2.0;
    svg.text("", Anchor::Middle, [middle, bottom + 38.0], "episodes that fail, %");
    for (index, cell) in failed.iter().enumerate() {
        bars(&mut svg, cell, &common, 6.0 + index as f64 * LINE);
    }
    let caption = "Failed episodes by cause, of all episodes of a method on a task.";
    let shows = "Failure causes of each method on each task";
    legend(&common, failed) + &figure(&svg.finish(shows), caption)
}

fn colour(common: &[String], cause: &str) -> &'static str {
    common.iter().position(|c| c == cause).map_or(REST, |i| COLOURS[i])
}

fn bars(svg: &mut Svg, cell: &Cell, common: &[String], y: f64) {
    let name = fitted(&format!("{}, {}", cell.task, cell.method), 39);
    svg.text("", Anchor::End, [COLUMNS[0] - 12.0, y + LINE / 2.0 + 4.5], &name);
    let mut parts: Vec<(&String, &usize)> = cell.causes.iter().collect();
    let order = |cause: &String| common.iter().position(|c| c == cause).unwrap_or(DISTINCT);
    parts.sort_by_key(|(cause, _)| order(cause));
    let mut x = COLUMNS[0];
    for (cause, &n) in parts {
        let width = COLUMNS[1] * n as f64 / cell.episodes.max(1) as f64;
        let size = [width.max(1.0), LINE - 8.0];
        svg.bar(colour(common, cause), [x, y + 4.0], size, &format!("{cause}: {n}"));
        if width > 22.0 {
            let place = [x + width / 2.0, y + LINE / 2.0 + 4.5];
            svg.text("inside", Anchor::Middle, place, &n.to_string());
        }
        x += width;
    }
    let failures = cell.episodes - cell.successes;
    let place = [COLUMNS[0] + COLUMNS[1] + 14.0, y + LINE / 2.0 + 4.5];
    svg.text("faint", Anchor::Start, place, &format!("{failures} of {}", cell.episodes));
}

fn legend(common: &[String], failed: &[&Cell]) -> String {
    let item = |colour: &str, name: &str| {
        format!("<li><span style=\"background:{colour}\"></span>{}</li>", escape(name))
    };
    let shown = |cause: &&String| failed.iter().any(|c| c.causes.contains_key(*cause));
    let mut items: String =
        common.iter().filter(shown).map(|c| item(colour(common, c), c)).collect();
    if failed.iter().flat_map(|c| c.causes.keys()).any(|c| !common.contains(c)) {
        items += &item(REST, REST_NAME);
    }
    format!("<ul class=\"legend\">{items}</ul>\n")
}

fn listed(view: &View, failed: &[&Cell]) -> String {
    let mut rows = String::from("<tbody>\n");
    for cell in failed {
        let causes: Vec<String> =
            cell.causes.iter().map(|(cause, n)| format!("{n}\u{a0}× {cause}")).collect();
        let mut of = view.entries.iter().filter(|e| e.task == cell.task && e.method == cell.method);
        let mut seeds: Vec<String> =
            of.by_ref().filter(|e| !e.record.success).map(|e| e.record.seed.to_string()).collect();
        if seeds.len() > SEEDS {
            seeds.truncate(SEEDS);
            seeds.push("…".into());
        }
        let failures = format!("{}\u{a0}of\u{a0}{}", cell.episodes - cell.successes, cell.episodes);
        rows += &row(&[&cell.task, &cell.method, &failures, &causes.join("; "), &seeds.join(" ")]);
    }
    rows += "</tbody>\n";
    let heads = ["task", "method", "failed", "causes", "seeds"];
    let caption = "Failures with their causes, and the seeds with which they can be run again.";
    table(caption, &heads, &rows)
}
