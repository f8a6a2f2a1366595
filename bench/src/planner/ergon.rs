//! Ergon's own planner as a contestant.

use std::path::Path;

use serde::Deserialize;

use super::{
    Measurement, Status,
    contestant::{Figures, Job, PLAN, Said, last_words},
};

/// The part of the memory limit that is left to the search's own estimate: the rest is for what it
/// does not count, such as the program and a table that is being enlarged.
const MEMORY_SHARE: f64 = 0.9;

pub(super) fn command(ergon: &Path, search: &str, job: &Job<'_>) -> Vec<String> {
    let mebibytes = (job.memory_bytes as f64 * MEMORY_SHARE) as u64 >> 20;
    vec![
        ergon.display().to_string(),
        "plan".into(),
        job.domain.display().to_string(),
        job.problem.display().to_string(),
        format!("--search={search}"),
        format!("--time={}", job.cpu_secs),
        "--clock=cpu".into(),
        format!("--memory={mebibytes}"),
        "--lenient".into(),
        "--die-with-parent".into(),
        "--format=json".into(),
        format!("--plan-file={PLAN}"),
    ]
}

/// The part of `ergon plan --format json` that is read here.
#[derive(Deserialize)]
struct Report {
    expanded: u64,
    search_secs: f64,
}

pub(super) fn figures(run: &Measurement, said: &Said) -> Figures {
    let report = said.stdout.lines().last().and_then(|l| serde_json::from_str::<Report>(l).ok());
    let status = super::fast_downward::status_of_code(run);
    let search_secs = report.as_ref().map(|r| r.search_secs);
    Figures {
        status,
        search_secs,
        prepare_secs: search_secs.map(|s| (run.cpu_secs - s).max(0.0)),
        expansions: report.map(|r| r.expanded),
        note: if status == Status::Solved { String::new() } else { last_words(said) },
    }
}
