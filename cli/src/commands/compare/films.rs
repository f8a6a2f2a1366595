//! Films of some of a comparison's episodes, for its report.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use ergon_bench::comparison::report::{Clip, scenes};
use ergon_bench::comparison::{Entry, Experiment};
use ergon_bench::film::{Film, Format};
use ergon_bench::{Context, run_episode};
use serde_json::{Value, json};

use super::folder::Run;
use super::work;
use crate::agents::Agents;
use crate::clock::WallClock;
use crate::exit::{Exit, Failure};
use crate::files;
use crate::out::say;
use crate::progress;

/// Where films lie in the folder of a comparison.
const FOLDER: &str = "films";
/// Where experiments lie, unless another file is named.
const EXPERIMENTS: &str = "experiments";

/// Makes the films of a comparison, or takes those that are there.
#[derive(Clone, Copy)]
pub(super) struct Maker<'a> {
    /// The experiment's file, since scenarios are named relative to it.
    file: Option<&'a Path>,
    stop: &'a AtomicBool,
    idle: bool,
}

impl<'a> Maker<'a> {
    pub(super) fn new(file: Option<&'a Path>, stop: &'a AtomicBool) -> Self {
        Self { file, stop, idle: false }
    }

    /// One that makes nothing new.
    pub(super) fn idle(stop: &'a AtomicBool) -> Self {
        Self { file: None, stop, idle: true }
    }

    /// The films. One that cannot be made is left out with a word of why: the figures of the report do
    /// not depend on it.
    pub(super) fn clips(
        self,
        run: &Run,
        experiment: &Experiment,
        entries: &[Entry],
    ) -> Result<Vec<Clip>, Failure> {
        let scenes = scenes(experiment, entries);
        let folder = (!self.idle).then(|| self.scenarios(run, experiment)).flatten();
        let mut clips = Vec::new();
        let bar = progress::bar(scenes.len() as u64, false, "films");
        for entry in scenes {
            bar.set_message(format!("{}, {}", entry.task, entry.method));
            let film = Place::of(run, entry);
            let clip = match (film.read(entry), &folder) {
                (Some(clip), _) => Ok(Some(clip)),
                (None, Some(folder)) => self.make(experiment, folder, entry, &film).map(Some),
                (None, None) => Ok(None),
            };
            if self.stop.load(Ordering::Relaxed) {
                return Err(Failure::new(Exit::Interrupted, "interrupted")
                    .with_hint("the same command goes on from here"));
            }
            match clip {
                Ok(clip) => clips.extend(clip),
                Err(why) => bar.suspend(|| say!("no film of {}: {why}", entry.method)),
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(clips)
    }

    /// The folder that scenarios are named relative to, where the experiment's file is known.
    fn scenarios(self, run: &Run, experiment: &Experiment) -> Option<PathBuf> {
        let usual = Path::new(EXPERIMENTS).join(format!("{}.toml", experiment.name));
        let file = self.file.unwrap_or(&usual);
        let same = std::fs::read_to_string(file).is_ok_and(|text| text == run.experiment);
        if !same {
            say!("new films need the experiment's file, which {} is not", file.display());
        }
        same.then(|| file.parent().unwrap_or(Path::new("")).to_owned())
    }

    /// Runs an episode once more and films it.
    fn make(
        self,
        experiment: &Experiment,
        folder: &Path,
        entry: &Entry,
        place: &Place,
    ) -> Result<Clip, String> {
        let task = experiment.tasks.iter().find(|t| t.name == entry.task);
        let method = experiment.methods.iter().find(|m| m.name == entry.method);
        let (task, method) = task.zip(method).ok_or("the experiment does not have it")?;
        let told = |failure: Failure| failure.message;
        let setup = work::setup(folder, task, method).map_err(told)?;
        let policies = folder.join(&experiment.policies);
        let policy = method.policy.as_deref();
        let agents =
            Agents::load(method.method, &policies, policy, method.replan_steps).map_err(told)?;
        let clock = WallClock::new();
        let context = Context {
            method: method.method,
            clock: &clock,
            stop: self.stop,
            networks: agents.networks.as_ref(),
            instructed: agents.instructed(),
            cameras: false,
        };
        let mut film = Film::with_format(Format::SMALL);
        let seed = entry.record.seed;
        let episode =
            run_episode(&setup, seed, context, vec![&mut film]).map_err(|e| e.to_string())?;
        if self.stop.load(Ordering::Relaxed) {
            return Err("interrupted".into());
        }
        if episode.record.success != entry.record.success {
            return Err(format!("seed {seed} ended otherwise than recorded, on another machine?"));
        }
        let mut gif = Vec::new();
        film.write_gif(&mut gif, &|_, _| {}).map_err(|e| e.to_string())?;
        let shown_secs = film.shown_secs();
        let clip = clip(entry, shown_secs, episode.record.digest == entry.record.digest, gif);
        place.write(entry, &clip).map_err(told)?;
        Ok(clip)
    }
}

fn clip(entry: &Entry, shown_secs: f64, same: bool, gif: Vec<u8>) -> Clip {
    Clip {
        task: entry.task.clone(),
        method: entry.method.clone(),
        seed: entry.record.seed,
        success: entry.record.success,
        time_secs: entry.record.time_secs,
        shown_secs,
        speed: Format::SMALL.speed,
        same,
        gif,
    }
}

/// Where a film lies, and the note beside it that says of what it is.
struct Place {
    gif: PathBuf,
    note: PathBuf,
}

impl Place {
    fn of(run: &Run, entry: &Entry) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let name: String = entry.method.chars().map(plain).collect();
        let end = if entry.record.success { "success" } else { "failure" };
        let at = |kind: &str| run.folder.join(FOLDER).join(format!("{name}-{end}.{kind}"));
        Self { gif: at("gif"), note: at("json") }
    }

    /// What a film must be of to be taken again.
    fn subject(entry: &Entry) -> Value {
        let (task, method, seed) = entry.key();
        json!({ "task": task, "as": method, "seed": seed, "digest": entry.record.digest })
    }

    /// The film, if it is there and of this episode.
    fn read(&self, entry: &Entry) -> Option<Clip> {
        let note: Value = serde_json::from_slice(&std::fs::read(&self.note).ok()?).ok()?;
        let of_this = note.get("of") == Some(&Self::subject(entry));
        let shown_secs = note.get("shown_secs")?.as_f64()?;
        let same = note.get("same")?.as_bool()?;
        let gif = of_this.then(|| std::fs::read(&self.gif).ok()).flatten()?;
        Some(clip(entry, shown_secs, same, gif))
    }

    fn write(&self, entry: &Entry, clip: &Clip) -> Result<(), Failure> {
        let note = json!({
            "of": Self::subject(entry), "shown_secs": clip.shown_secs, "same": clip.same,
        });
        files::write(&self.gif, &clip.gif)?;
        files::write(&self.note, format!("{note:#}\n").as_bytes())
    }
}
