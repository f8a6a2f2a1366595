//! Methods against each other on the same episodes.

use super::page::{paragraph, remark, row, section as titled, table};
use super::text::percent;
use super::view::View;

/// The table of paired tests.
pub(super) fn section(view: &View) -> String {
    if view.pairs.is_empty() {
        return titled(
            "pairs",
            "Paired comparison",
            &paragraph("There are no two methods that ran the same episodes."),
        );
    }
    let mut rows = String::from("<tbody>\n");
    for pair in &view.pairs {
        let share = |n: usize| format!("{n} ({} %)", percent(n as f64 / pair.episodes as f64));
        rows += &row(&[
            &pair.task,
            &format!("{} against {}", pair.first, pair.second),
            &pair.episodes.to_string(),
            &share(pair.only_first),
            &share(pair.only_second),
            &p_value(pair.p),
        ]);
    }
    rows += "</tbody>\n";
    let heads =
        ["task", "methods", "same episodes", "only the first succeeds", "only the second", "p"];
    let caption =
        "McNemar's exact test, two-sided, on strict success in episodes of the same seed.";
    let note = "p is the probability that the episodes in which the two differ fall at least as unevenly if \
        neither is better. It is not corrected for the number of tests.";
    titled("pairs", "Paired comparison", &(table(caption, &heads, &rows) + &remark(note)))
}

/// A probability, with a power of ten where it is small.
pub(super) fn p_value(p: f64) -> String {
    match p {
        p if p >= 0.001 => format!("{p:.3}"),
        p if p > 0.0 => format!("{p:.1e}"),
        _ => "< 1e-300".into(),
    }
}
