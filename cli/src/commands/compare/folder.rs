//! The folder of a comparison.

use std::path::{Path, PathBuf};

use ergon_bench::comparison::report::{Clip, Report};
use ergon_bench::comparison::{Circumstances, Entry, Experiment, Journal, JournalError};
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::files;

/// The experiment's text.
pub(super) const EXPERIMENT: &str = "experiment.toml";
/// The report.
pub(super) const REPORT: &str = "report.html";
/// Its tables: one line for each method and task, and for a paper.
const CSV: &str = "table.csv";
const LATEX: &str = "table.tex";
/// One line an episode, in the order in which they ended.
const JOURNAL: &str = "journal.jsonl";
/// One line an episode, in the experiment's order: the same bytes on every machine.
const EPISODES: &str = "episodes.jsonl";
/// What each of them cost on this machine.
const COSTS: &str = "costs.jsonl";
const CIRCUMSTANCES: &str = "circumstances.json";

/// A comparison that was begun.
pub(super) struct Run {
    pub(super) folder: PathBuf,
    /// The experiment's text.
    pub(super) experiment: String,
    journal: Journal,
    circumstances: Option<Circumstances>,
}

impl Run {
    /// Begins a comparison, or goes on with one of the same experiment, which may have grown.
    pub(super) fn open(folder: &Path, experiment: &str) -> Result<Self, Failure> {
        let path = folder.join(EXPERIMENT);
        match std::fs::read_to_string(&path) {
            Ok(other) if other != experiment && !has_grown(&other, experiment) => {
                let message = format!("{}: another experiment was begun here", path.display());
                return Err(Failure::new(Exit::BadInput, message)
                    .with_hint("name another folder with --out, or delete this one"));
            }
            Ok(same) if same == experiment => {}
            _ => files::write(&path, experiment.as_bytes())?,
        }
        Self::read(folder)
    }

    /// A comparison that was begun before.
    pub(super) fn read(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(EXPERIMENT);
        let experiment = std::fs::read_to_string(&path).map_err(|e| {
            let message = format!("{}: cannot be read: {e}", path.display());
            Failure::new(Exit::BadInput, message)
                .with_hint("name the folder of a comparison, as `ergon compare` writes it")
        })?;
        let journal = Journal::open(&folder.join(JOURNAL)).map_err(failed)?;
        let circumstances = std::fs::read(folder.join(CIRCUMSTANCES)).ok();
        let circumstances = circumstances.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(Self { folder: folder.to_owned(), experiment, journal, circumstances })
    }

    pub(super) fn entries(&self) -> &[Entry] {
        self.journal.entries()
    }

    pub(super) fn journal(&self) -> &Journal {
        &self.journal
    }

    pub(super) fn add(&mut self, entry: Entry) -> Result<(), Failure> {
        self.journal.add(entry).map_err(failed)
    }

    /// Notes that episodes of a method were run now.
    pub(super) fn ran(&mut self, method: &str) -> Result<(), Failure> {
        let Some(mut circumstances) = self.circumstances.clone() else { return Ok(()) };
        match circumstances.ran(method) {
            true => self.write_circumstances(circumstances),
            false => Ok(()),
        }
    }

    /// Says how it is run from now on.
    pub(super) fn set_circumstances(&mut self, mut now: Circumstances) -> Result<(), Failure> {
        if let Some(earlier) = &self.circumstances {
            now.follow(earlier);
        }
        self.write_circumstances(now)
    }

    fn write_circumstances(&mut self, circumstances: Circumstances) -> Result<(), Failure> {
        let text = format!("{:#}\n", json!(circumstances));
        self.circumstances = Some(circumstances);
        files::write(&self.folder.join(CIRCUMSTANCES), text.as_bytes())
    }

    /// Takes in what another part of the same experiment has that is missing here.
    pub(super) fn take(&mut self, part: &Self) -> Result<(), Failure> {
        if part.experiment != self.experiment {
            let message = format!("{}: is of another experiment", part.folder.display());
            return Err(Failure::new(Exit::BadInput, message)
                .with_hint("merge parts of one experiment only"));
        }
        for entry in part.entries() {
            let (task, method, seed) = entry.key();
            if !self.journal.seeds(task, method).contains(&seed) {
                self.add(entry.clone())?;
            }
        }
        let Some(theirs) = &part.circumstances else { return Ok(()) };
        let mut circumstances = self.circumstances.clone().unwrap_or_else(|| theirs.clone());
        circumstances.follow(theirs);
        self.write_circumstances(circumstances)
    }

    /// Writes records and costs in order.
    pub(super) fn write_sorted(&self, entries: &[Entry]) -> Result<(), Failure> {
        let line = |e: &Entry, value: serde_json::Value| {
            let (task, method, seed) = e.key();
            let mut line = json!({ "task": task, "as": method, "seed": seed });
            if let (Some(line), serde_json::Value::Object(value)) = (line.as_object_mut(), value) {
                line.extend(value);
            }
            line.to_string() + "\n"
        };
        let episodes: String = entries.iter().map(|e| line(e, json!(e.record))).collect();
        let costs: String = entries.iter().map(|e| line(e, json!(e.cost))).collect();
        files::write(&self.folder.join(EPISODES), episodes.as_bytes())?;
        files::write(&self.folder.join(COSTS), costs.as_bytes())
    }

    /// Writes the report and its tables.
    pub(super) fn write_report(
        &self,
        experiment: &Experiment,
        entries: &[Entry],
        clips: &[Clip],
    ) -> Result<(), Failure> {
        let circumstances = self.circumstances.as_ref();
        let report = Report { experiment, entries, circumstances, clips };
        for (name, text) in [(REPORT, report.html()), (CSV, report.csv()), (LATEX, report.latex())]
        {
            files::write(&self.folder.join(name), text.as_bytes())?;
        }
        Ok(())
    }
}

/// Whether an experiment has all that another one had, and means the same by it.
fn has_grown(earlier: &str, later: &str) -> bool {
    let parse = |text: &str| Experiment::parse(text, EXPERIMENT);
    matches!((parse(earlier), parse(later)), (Ok(old), Ok(new)) if new.has_grown_from(&old))
}

fn failed(error: JournalError) -> Failure {
    let exit = match &error {
        JournalError::File { .. } => Exit::CannotWrite,
        JournalError::Line { .. } => Exit::BadInput,
    };
    Failure::new(exit, error.to_string())
}
