//! What a race comes to: coverage, ratios of processor time, sums of cost; as Markdown.

use std::{collections::BTreeMap, fmt::Write};

use super::{Row, Status};

/// A planner in a configuration.
type Name<'a> = (&'a str, &'a str);

/// Levels, contestants and instances in the order in which they first appear.
struct View<'a> {
    rows: &'a [Row],
    levels: Vec<&'a str>,
    contestants: Vec<Name<'a>>,
    instances: Vec<(&'a str, &'a str, &'a str)>,
    by_key: BTreeMap<((&'a str, &'a str, &'a str), Name<'a>), &'a Row>,
}

impl<'a> View<'a> {
    fn new(rows: &'a [Row]) -> Self {
        fn in_order<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
            items.fold(vec![], |mut list, item| {
                if !list.contains(&item) {
                    list.push(item);
                }
                list
            })
        }
        Self {
            rows,
            levels: in_order(rows.iter().map(|r| &*r.level)),
            contestants: in_order(rows.iter().map(Row::contestant)),
            instances: in_order(rows.iter().map(Row::instance)),
            by_key: rows.iter().map(|r| ((r.instance(), r.contestant()), r)).collect(),
        }
    }

    /// Pairs of rows of two contestants that both solved the instance, at a level or at all levels.
    fn both(&self, a: Name<'a>, b: Name<'a>, level: Option<&str>) -> Vec<(&'a Row, &'a Row)> {
        let at_level = self.instances.iter().filter(|i| level.is_none_or(|l| i.1 == l));
        at_level
            .filter_map(|i| Some((*self.by_key.get(&(*i, a))?, *self.by_key.get(&(*i, b))?)))
            .filter(|(x, y)| x.solved() && y.solved())
            .collect()
    }

    /// Ergon's contestants, each beside every peer.
    fn duels(&self) -> impl Iterator<Item = (Name<'a>, Name<'a>)> {
        let ours = self.contestants.iter().filter(|c| c.0 == "ergon");
        ours.flat_map(|o| {
            let peers = self.contestants.iter().filter(|c| c.0 != "ergon");
            peers.map(move |p| (*o, *p))
        })
    }

    /// Level names, then none for all levels together.
    fn columns(&self) -> impl Iterator<Item = Option<&'a str>> {
        self.levels.iter().map(|l| Some(*l)).chain([None])
    }
}

/// Instances solved by each contestant, level by level.
pub fn coverage(rows: &[Row]) -> String {
    let view = View::new(rows);
    let mut text = head(&view, "planner");
    for contestant in &view.contestants {
        let cells = view.columns().map(|level| {
            let at_level = |r: &&Row| level.is_none_or(|l| r.level == l);
            let ran = view.rows.iter().filter(at_level).filter(|r| r.contestant() == *contestant);
            let solved = ran.clone().filter(|r| r.solved()).count();
            format!("{solved} of {}", ran.count())
        });
        line(&mut text, &label(*contestant), cells);
    }
    text
}

/// Ergon's processor time divided by each peer's: geometric mean, and the largest ratio, over the
/// instances that both solved.
pub fn ratios(rows: &[Row]) -> String {
    let cpu = |a: &Row, b: &Row| Some(a.cpu_secs / b.cpu_secs);
    duel_table(rows, "processor time, Ergon / peer", |pairs| {
        let ratios: Vec<f64> = pairs.iter().filter_map(|(a, b)| cpu(a, b)).collect();
        let worst = ratios.iter().copied().fold(0.0, f64::max);
        geometric_mean(&ratios)
            .map(|m| format!("{} (at most {}; {})", short(m), short(worst), ratios.len()))
    })
}

/// Expansions a second divided by each peer's: geometric mean over the instances that both solved and
/// that took long enough to tell.
pub fn rates(rows: &[Row]) -> String {
    duel_table(rows, "expansions a second, Ergon / peer", |pairs| {
        let rate = |(a, b): &(&Row, &Row)| Some(a.expansion_rate()? / b.expansion_rate()?);
        let ratios: Vec<f64> = pairs.iter().filter_map(rate).filter(|r| *r > 0.0).collect();
        geometric_mean(&ratios).map(|m| format!("{} ({})", short(m), ratios.len()))
    })
}

/// Sums of plan costs over the instances that both solved.
pub fn costs(rows: &[Row]) -> String {
    duel_table(rows, "sum of plan costs, Ergon / peer", |pairs| {
        let costs: Option<Vec<(f64, f64)>> =
            pairs.iter().map(|(a, b)| Some((a.cost?, b.cost?))).collect();
        let costs = costs.filter(|c| !c.is_empty())?;
        let [ours, theirs] = costs.iter().fold([0.0, 0.0], |[x, y], (a, b)| [x + a, y + b]);
        Some(format!("{ours} / {theirs}"))
    })
}

/// Each run's processor time and plan cost, or how it ended, instance by instance.
pub fn runs(rows: &[Row]) -> String {
    let view = View::new(rows);
    let mut text = "| instance | level |".to_owned();
    view.contestants.iter().for_each(|c| push(&mut text, &format!(" {} |", label(*c))));
    text.push_str("\n|---|---|");
    text.push_str(&"---|".repeat(view.contestants.len()));
    text.push('\n');
    for instance in &view.instances {
        push(&mut text, &format!("| {} | {} |", instance.2, instance.1));
        for contestant in &view.contestants {
            let cell = view.by_key.get(&(*instance, *contestant)).map_or("·".into(), |r| run(r));
            push(&mut text, &format!(" {cell} |"));
        }
        text.push('\n');
    }
    text
}

/// Runs that claim a proof that there is no plan where another run found a valid one.
pub fn contradictions(rows: &[Row]) -> Vec<String> {
    let claims = rows.iter().filter(|r| r.status == Status::Unsolvable);
    let wrong = claims
        .filter(|c| rows.iter().any(|r| r.instance() == c.instance() && r.validated == Some(true)));
    let name = |r: &Row| format!("{} on {} {}", label(r.contestant()), r.domain, r.problem);
    wrong.map(name).collect()
}

/// The whole report.
pub fn report(rows: &[Row], limits: &str) -> String {
    let mut text = format!(
        "# Planners side by side\n\nLimits of a run: {limits}. Processor time is user and system time of \
         all processes of a run. Every plan was judged by `ergon validate`; a run counts as solved only \
         with a valid plan. Means are geometric, over the instances that both solved (their number in \
         brackets).\n\n## Solved\n\n{}",
        coverage(rows)
    );
    for run in contradictions(rows) {
        // Ahead of everything else: the figures below cannot be trusted.
        text.insert_str(
            0,
            &format!("**Wrong**: {run} says that there is no plan, another run has one.\n\n"),
        );
    }
    let tables = [
        ("Processor time", ratios(rows)),
        ("Plan costs", costs(rows)),
        ("Search speed", rates(rows)),
    ];
    for (title, table) in tables.into_iter().filter(|(_, table)| !table.is_empty()) {
        push(&mut text, &format!("\n## {title}\n\n{table}"));
    }
    push(&mut text, &format!("\n## Runs\n\nProcessor seconds / plan cost.\n\n{}", runs(rows)));
    text
}

fn run(row: &Row) -> String {
    let cost = row.cost.map_or("?".into(), |c| c.to_string());
    match row.status {
        Status::Solved => format!("{} / {cost}", short(row.cpu_secs)),
        other => other.to_string(),
    }
}

fn duel_table(
    rows: &[Row],
    title: &str,
    cell: impl Fn(&[(&Row, &Row)]) -> Option<String>,
) -> String {
    let view = View::new(rows);
    let mut body = String::new();
    for (ours, peer) in view.duels() {
        let cells = view.columns().map(|level| cell(&view.both(ours, peer, level)));
        let cells: Vec<Option<String>> = cells.collect();
        if cells.iter().any(Option::is_some) {
            let name = format!("{} / {}", ours.1, label(peer));
            line(&mut body, &name, cells.into_iter().map(|c| c.unwrap_or_else(|| "·".into())));
        }
    }
    if body.is_empty() { body } else { head(&view, title) + &body }
}

fn head(view: &View<'_>, title: &str) -> String {
    let mut text = String::new();
    line(&mut text, title, view.columns().map(|l| l.unwrap_or("all").to_owned()));
    push(&mut text, &format!("|---|{}\n", "---|".repeat(view.levels.len() + 1)));
    text
}

fn line(text: &mut String, first: &str, cells: impl Iterator<Item = String>) {
    push(text, &format!("| {first} |"));
    cells.for_each(|cell| push(text, &format!(" {cell} |")));
    text.push('\n');
}

fn push(text: &mut String, more: &str) {
    // Writing to a string does not fail.
    let _written = text.write_str(more);
}

fn label((planner, configuration): Name<'_>) -> String {
    format!("{planner} `{configuration}`")
}

/// Three significant digits, without an exponent.
fn short(number: f64) -> String {
    let digits = (2.0 - number.abs().max(1e-6).log10().floor()).clamp(0.0, 6.0) as usize;
    format!("{number:.digits$}")
}

fn geometric_mean(values: &[f64]) -> Option<f64> {
    let logs: f64 = values.iter().map(|v| v.ln()).sum();
    (!values.is_empty()).then(|| (logs / values.len() as f64).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planner::row::tests::solved;

    fn rows() -> Vec<Row> {
        let mut rows = vec![
            solved("easy", "ergon", 0.01, 10.0),
            solved("easy", "pyperplan", 0.04, 12.0),
            solved("hard", "ergon", 2.0, 5.0),
            solved("hard", "pyperplan", 2.0, 4.0),
        ];
        rows.push(Row { problem: "other.pddl".into(), ..solved("hard", "ergon", 1.0, 5.0) });
        let failed = Row { status: Status::Time, ..solved("hard", "pyperplan", 60.0, 0.0) };
        rows.push(Row { problem: "other.pddl".into(), ..failed });
        rows
    }

    #[test]
    fn only_solved_instances_count() {
        let text = coverage(&rows());
        assert!(text.contains("| ergon `plain` | 1 of 1 | 2 of 2 | 3 of 3 |"), "{text}");
        assert!(text.contains("| pyperplan `plain` | 1 of 1 | 1 of 2 | 2 of 3 |"), "{text}");
    }

    #[test]
    fn ratios_are_geometric_means_over_what_both_solved() {
        let text = ratios(&rows());
        let row = "| 0.250 (at most 0.250; 1) | 1.00 (at most 1.00; 1) | 0.500 (at most 1.00; 2) |";
        assert!(text.contains(row), "{text}");
        assert!(costs(&rows()).contains("| 10 / 12 | 5 / 4 | 15 / 16 |"));
        assert!(rates(&rows()).contains("1.00 (2) |"));
        assert_eq!(ratios(&rows()[..1]), "");
    }

    #[test]
    fn a_wrong_proof_is_told() {
        let mut rows = rows();
        assert_eq!(contradictions(&rows), [""; 0]);
        rows[0] = Row { status: Status::Unsolvable, validated: None, ..rows[0].clone() };
        assert_eq!(contradictions(&rows), ["ergon `plain` on blocks easy.pddl"]);
        assert!(report(&rows, "60 s").contains("**Wrong**: ergon `plain`"));
    }

    #[test]
    fn the_report_shows_every_run() {
        let text = report(&rows(), "60 s");
        assert!(text.contains("| other.pddl | hard | 1.00 / 5 | time |"), "{text}");
        assert!(text.contains("| easy.pddl | easy | 0.0100 / 10 | 0.0400 / 12 |"), "{text}");
    }
}
