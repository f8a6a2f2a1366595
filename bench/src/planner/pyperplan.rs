//! pyperplan (Alkhazraji et al. 2020), a planner in Python.

use std::path::{Path, PathBuf};

use super::{
    Measurement, RaceError, Status,
    contestant::{Figures, Job, Said, last_words},
};

/// The plan's name in the run's folder: pyperplan writes it beside the problem.
pub(super) const PLAN: &str = "problem.pddl.soln";

/// The program within a Python environment.
pub(super) fn program(peers: &Path) -> PathBuf {
    peers.join("bin/pyperplan")
}

/// Search and heuristic are named as pyperplan's options, such as `gbf-hff`.
pub(super) fn command(peers: &Path, name: &str, job: &Job<'_>) -> Result<Vec<String>, RaceError> {
    let (search, heuristic) = name.split_once('-').unwrap_or((name, "hff"));
    for (from, to) in [(job.domain, "domain.pddl"), (job.problem, "problem.pddl")] {
        std::fs::copy(from, job.folder.join(to)).map_err(|e| RaceError::file(from, e))?;
    }
    let program = program(peers).display().to_string();
    let words = ["-s", search, "-H", heuristic, "domain.pddl", "problem.pddl"];
    Ok(std::iter::once(program).chain(words.map(str::to_owned)).collect())
}

pub(super) fn figures(run: &Measurement, said: &Said) -> Figures {
    // The log goes to standard output, what Python says of a crash to standard error.
    let log = &said.stdout;
    let status = match run.code {
        _ if run.out_of_time => Status::Time,
        Some(0) if log.contains("Plan length:") => Status::Solved,
        Some(0) => Status::Unsolvable,
        _ if said.stderr.contains("MemoryError") => Status::Memory,
        _ => Status::Failed,
    };
    let search_secs = super::contestant::number_after(log, "Search time:");
    Figures {
        status,
        search_secs,
        prepare_secs: search_secs.map(|s| (run.cpu_secs - s).max(0.0)),
        expansions: nodes_expanded(log),
        note: if status == Status::Solved { String::new() } else { last_words(said) },
    }
}

/// The number before `Nodes expanded`.
fn nodes_expanded(log: &str) -> Option<u64> {
    log[..log.rfind(" Nodes expanded")?].rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planner::fast_downward::tests::ended;

    #[test]
    fn the_log_is_read() {
        let log = "2026 INFO     54 Nodes expanded\n2026 INFO     Search time: 0.032\n\
                   2026 INFO     Plan length: 21\n";
        let said = Said { stdout: log.into(), stderr: String::new() };
        let figures = figures(&ended(0), &said);
        assert_eq!((figures.status, figures.expansions), (Status::Solved, Some(54)));
        assert_eq!(figures.search_secs, Some(0.032));
    }

    #[test]
    fn a_crash_is_no_proof() {
        let said = |stderr: &str| Said { stdout: String::new(), stderr: stderr.into() };
        assert_eq!(figures(&ended(1), &said("KeyError: location")).status, Status::Failed);
        assert_eq!(figures(&ended(1), &said("MemoryError")).status, Status::Memory);
        assert_eq!(
            figures(&ended(0), &said("No solution could be found")).status,
            Status::Unsolvable
        );
    }
}
