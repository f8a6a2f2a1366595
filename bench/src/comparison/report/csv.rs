//! The cells as CSV (RFC 4180, with plain line ends).

use super::view::View;
use crate::comparison::{Cell, MethodSpec};

const HEADS: [&str; 36] = [
    "task",
    "method",
    "kind",
    "policy",
    "curve",
    "episodes",
    "successes",
    "success_rate",
    "success_low",
    "success_high",
    "reference_successes",
    "reference_rate",
    "reference_low",
    "reference_high",
    "progress",
    "illegal_episodes",
    "drops",
    "misplaced",
    "collisions",
    "retries",
    "replans",
    "arm_work_joules",
    "time_secs",
    "move_secs",
    "processor_secs",
    "energy_kind",
    "joules_per_episode",
    "joules_per_episode_low",
    "joules_per_episode_high",
    "joules_per_success",
    "joules_per_success_low",
    "joules_per_success_high",
    "training_wall_secs",
    "training_cpu_secs",
    "training_joules",
    "causes",
];

/// One line a cell.
pub(super) fn table(view: &View) -> String {
    let mut out = line(HEADS.map(str::to_owned).to_vec());
    for cell in &view.cells {
        let method = view.experiment.methods.iter().find(|m| m.name == cell.method);
        out += &method.map_or(String::new(), |m| line(fields(view, m, cell)));
    }
    out
}

fn fields(view: &View, method: &MethodSpec, cell: &Cell) -> Vec<String> {
    let rate = |n: usize| (n as f64 / cell.episodes.max(1) as f64).to_string();
    let maybe = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
    let ends = |value: Option<f64>| {
        let range = value.and_then(|v| view.energy_range(v));
        [maybe(range.map(|r| r[0])), maybe(range.map(|r| r[1]))]
    };
    let trained = |value: fn(&crate::comparison::TrainingCost) -> f64| {
        let mut all = view.trainings(&method.name).map(value).peekable();
        maybe(all.peek().is_some().then_some(()).map(|()| all.sum()))
    };
    let [episode_low, episode_high] = ends(Some(cell.joules_per_episode));
    let [success_low, success_high] = ends(cell.joules_per_success);
    let causes: Vec<String> =
        cell.causes.iter().map(|(cause, n)| format!("{cause}: {n}")).collect();
    vec![
        cell.task.clone(),
        cell.method.clone(),
        method.method.to_string(),
        method.policy.clone().unwrap_or_default(),
        method.curve.to_string(),
        cell.episodes.to_string(),
        cell.successes.to_string(),
        rate(cell.successes),
        cell.interval[0].to_string(),
        cell.interval[1].to_string(),
        cell.successes_reference.to_string(),
        rate(cell.successes_reference),
        cell.interval_reference[0].to_string(),
        cell.interval_reference[1].to_string(),
        cell.progress.to_string(),
        cell.illegal.to_string(),
        cell.drops.to_string(),
        cell.misplaced.to_string(),
        cell.collisions.to_string(),
        cell.retries.to_string(),
        cell.replans.to_string(),
        cell.work_joules.to_string(),
        maybe(cell.time_secs),
        maybe(cell.move_secs),
        cell.processor_secs.to_string(),
        view.energy_kind().to_owned(),
        cell.joules_per_episode.to_string(),
        episode_low,
        episode_high,
        maybe(cell.joules_per_success),
        success_low,
        success_high,
        trained(|t| t.wall_secs),
        trained(|t| t.cpu_secs),
        trained(|t| t.joules),
        causes.join("; "),
    ]
}

fn line(fields: Vec<String>) -> String {
    fields.iter().map(|f| quoted(f)).collect::<Vec<_>>().join(",") + "\n"
}

/// A field, in quotes where it needs them.
pub(super) fn quoted(field: &str) -> String {
    match field.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.to_owned(),
    }
}
