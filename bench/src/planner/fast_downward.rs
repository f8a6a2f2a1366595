//! Fast Downward (Helmert 2006) as installed by the wheel `up-fast-downward`, through its driver.

use std::path::{Path, PathBuf};

use super::{
    Measurement, Status,
    contestant::{Figures, Job, PLAN, Said, last_words, number_after},
};

/// The driver within a Python environment.
pub(super) fn driver(peers: &Path) -> Option<PathBuf> {
    let libraries = std::fs::read_dir(peers.join("lib")).ok()?.flatten();
    let mut found: Vec<PathBuf> = libraries
        .map(|l| l.path().join("site-packages/up_fast_downward/downward/fast-downward.py"))
        .filter(|p| p.exists())
        .collect();
    found.sort();
    found.pop()
}

pub(super) fn command(peers: &Path, search: &str, job: &Job<'_>) -> Vec<String> {
    let driver = driver(peers).unwrap_or_default();
    let files = [job.domain, job.problem].map(|p| p.display().to_string());
    let mut command = vec![
        peers.join("bin/python").display().to_string(),
        driver.display().to_string(),
        "--plan-file".into(),
        PLAN.into(),
    ];
    if search.contains('(') {
        command.extend(files);
        command.extend(["--search".into(), search.into()]);
    } else {
        command.extend(["--alias".into(), search.into()]);
        command.extend(files);
    }
    command
}

pub(super) fn figures(run: &Measurement, said: &Said) -> Figures {
    let mut status = status_of_code(run);
    // The heuristics say this and the driver then returns a code for a critical error.
    if status == Status::Failed && said.stderr.contains("does not support") {
        status = Status::Unsupported;
    }
    let total = number_after(&said.stdout, "] Total time:");
    Figures {
        status,
        search_secs: number_after(&said.stdout, "] Search time:"),
        // Total time is that of the search program alone; what is left went to the translator.
        prepare_secs: total.map(|t| (run.cpu_secs - t).max(0.0)),
        expansions: number_after(&said.stdout, "] Expanded ").map(|n| n as u64),
        note: if status == Status::Solved { String::new() } else { last_words(said) },
    }
}

/// The driver's exit codes, which Ergon shares.
pub(super) fn status_of_code(run: &Measurement) -> Status {
    if run.out_of_time && !matches!(run.code, Some(0..=3)) {
        return Status::Time;
    }
    match run.code {
        Some(0..=3) => Status::Solved,
        Some(10 | 11) => Status::Unsolvable,
        Some(12 | 13) => Status::GaveUp,
        Some(20 | 22) => Status::Memory,
        Some(21 | 23 | 24) => Status::Time,
        Some(31 | 33) => Status::Rejected,
        Some(34) => Status::Unsupported,
        _ => Status::Failed,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::planner) fn ended(code: i32) -> Measurement {
        Measurement {
            code: Some(code),
            signal: None,
            out_of_time: false,
            cpu_secs: 0.5,
            wall_secs: 0.6,
            peak_bytes: 1 << 20,
        }
    }

    #[test]
    fn the_output_is_read() {
        let stdout = "[t=0.02s, 10544 KB] Expanded 1332 state(s).\n\
            [t=0.02s, 10544 KB] Expanded until last jump: 1323 state(s).\n\
            [t=0.02s, 10544 KB] Search time: 0.024934s\n[t=0.02s, 10544 KB] Total time: 0.1s\n";
        let said = Said { stdout: stdout.into(), stderr: String::new() };
        let figures = figures(&ended(0), &said);
        assert_eq!(figures.status, Status::Solved);
        assert_eq!(figures.search_secs, Some(0.024934));
        assert_eq!(figures.prepare_secs, Some(0.4));
        assert_eq!(figures.expansions, Some(1332));
    }

    #[test]
    fn ends_are_told_apart() {
        assert_eq!(status_of_code(&ended(12)), Status::GaveUp);
        assert_eq!(status_of_code(&ended(31)), Status::Rejected);
        let late = Measurement { out_of_time: true, ..ended(35) };
        assert_eq!(status_of_code(&late), Status::Time);
        let killed = Measurement { code: None, signal: Some(9), ..ended(0) };
        assert_eq!(status_of_code(&killed), Status::Failed);
    }
}
