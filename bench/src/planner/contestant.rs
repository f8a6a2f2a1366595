use std::path::{Path, PathBuf};

use super::{Measurement, RaceError, Status, ergon, fast_downward, pyperplan};

/// Programs that run contestants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peers {
    /// This program.
    pub ergon: PathBuf,
    /// The folder into which the peers were installed: a Python environment.
    pub folder: PathBuf,
}

/// A planner in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contestant {
    /// `ergon plan --search NAME`.
    Ergon(String),
    /// Fast Downward with an alias or a search string.
    FastDownward(String),
    /// pyperplan with search and heuristic, such as `gbf-hff`.
    Pyperplan(String),
}

impl Contestant {
    /// Reads `PLANNER:CONFIGURATION`.
    ///
    /// # Errors
    /// There is no such planner.
    pub fn parse(name: &str) -> Result<Self, RaceError> {
        let unknown = || RaceError::Contestant(name.into());
        let (planner, configuration) = name.split_once(':').ok_or_else(unknown)?;
        let configuration = configuration.to_owned();
        match planner {
            _ if configuration.is_empty() => Err(unknown()),
            "ergon" => Ok(Self::Ergon(configuration)),
            "fast-downward" => Ok(Self::FastDownward(configuration)),
            "pyperplan" if configuration.contains('-') => Ok(Self::Pyperplan(configuration)),
            _ => Err(unknown()),
        }
    }

    /// The planner's name.
    pub fn planner(&self) -> &'static str {
        match self {
            Self::Ergon(_) => "ergon",
            Self::FastDownward(_) => "fast-downward",
            Self::Pyperplan(_) => "pyperplan",
        }
    }

    /// The configuration's name.
    pub fn configuration(&self) -> &str {
        match self {
            Self::Ergon(name) | Self::FastDownward(name) | Self::Pyperplan(name) => name,
        }
    }

    /// What is missing to run it, if it cannot be run.
    pub fn missing(&self, peers: &Peers) -> Option<String> {
        let program = match self {
            Self::Ergon(_) => Some(peers.ergon.clone()),
            Self::FastDownward(_) => fast_downward::driver(&peers.folder),
            Self::Pyperplan(_) => Some(pyperplan::program(&peers.folder)),
        };
        match program {
            Some(program) if program.exists() => None,
            _ => Some(format!("{} is not installed in {}", self.planner(), peers.folder.display())),
        }
    }

    pub(super) fn command(&self, peers: &Peers, job: &Job<'_>) -> Result<Vec<String>, RaceError> {
        match self {
            Self::Ergon(search) => Ok(ergon::command(&peers.ergon, search, job)),
            Self::FastDownward(search) => Ok(fast_downward::command(&peers.folder, search, job)),
            Self::Pyperplan(name) => pyperplan::command(&peers.folder, name, job),
        }
    }

    pub(super) fn figures(&self, run: &Measurement, said: &Said) -> Figures {
        match self {
            Self::Ergon(_) => ergon::figures(run, said),
            Self::FastDownward(_) => fast_downward::figures(run, said),
            Self::Pyperplan(_) => pyperplan::figures(run, said),
        }
    }

    /// The plan that a run left in its folder.
    pub(super) fn plan_file(&self, folder: &Path) -> Option<PathBuf> {
        let name = match self {
            Self::Pyperplan(_) => pyperplan::PLAN,
            _ => PLAN,
        };
        // Planners that improve on a plan number them; the last is the best.
        let numbered = (1u32..).map(|n| folder.join(format!("{name}.{n}")));
        let last = numbered.take_while(|p| p.exists()).last();
        last.or_else(|| Some(folder.join(name)).filter(|p| p.exists()))
    }
}

/// Name of the plan file in a run's folder.
pub(super) const PLAN: &str = "plan";

/// An instance and where to solve it.
pub(super) struct Job<'a> {
    pub(super) domain: &'a Path,
    pub(super) problem: &'a Path,
    pub(super) folder: &'a Path,
    pub(super) cpu_secs: f64,
    pub(super) memory_bytes: u64,
}

/// What a planner wrote.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// What a planner's output and end tell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figures {
    /// How it ended by its own word; [`Status::Solved`] is believed only with a plan.
    pub(super) status: Status,
    pub(super) search_secs: Option<f64>,
    pub(super) prepare_secs: Option<f64>,
    pub(super) expansions: Option<u64>,
    pub(super) note: String,
}

/// The last number that stands after a label.
pub(super) fn number_after(text: &str, label: &str) -> Option<f64> {
    text.rmatch_indices(label).find_map(|(at, _)| {
        let rest = text[at + label.len()..].trim_start();
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        rest[..end.unwrap_or(rest.len())].parse().ok()
    })
}

/// The last line that says something, shortened.
pub(super) fn last_words(said: &Said) -> String {
    let lines = said.stderr.lines().rev().chain(said.stdout.lines().rev());
    let line = lines.map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
    line.chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        let lmcut = Contestant::parse("fast-downward:astar(lmcut())").unwrap();
        assert_eq!((lmcut.planner(), lmcut.configuration()), ("fast-downward", "astar(lmcut())"));
        for wrong in ["lama-first", "ff:plain", "ergon:", "pyperplan:hff"] {
            assert!(Contestant::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_last_numbered_plan_counts() {
        let folder = tempfile::tempdir().unwrap();
        let plan =
            |c: &Contestant| c.plan_file(folder.path()).map(|p| p.file_name().unwrap().to_owned());
        let ergon = Contestant::Ergon("anytime".into());
        assert_eq!(plan(&ergon), None);
        for name in ["plan", "plan.1", "plan.2", "plan.4"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(plan(&ergon).unwrap(), "plan.2");
    }

    #[test]
    fn numbers_are_found_after_labels() {
        assert_eq!(number_after("Cost: 3\nCost: 12 units", "Cost:"), Some(12.0));
        assert_eq!(number_after("Search time: 0.0249s", "Search time:"), Some(0.0249));
        assert_eq!(number_after("nothing", "Cost:"), None);
    }
}
