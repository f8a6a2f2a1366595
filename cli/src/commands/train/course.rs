//! Trainings that are shown, kept, and gone on with.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ergon_learn::checkpoint::{Checkpoint, TrainingState};
use ergon_learn::{Keeper, Progress, Snapshot};

use super::curve::Curve;
use super::spent::Spent;
use crate::exit::{Exit, Failure};

/// After this time what is needed to go on is written.
const SAVED_EVERY: Duration = Duration::from_secs(60);

/// The course of a training with all its phases.
pub(super) struct Course {
    pub(super) curve: Curve,
    pub(super) spent: Spent,
    folder: PathBuf,
    key: String,
    resume: bool,
    losses: Vec<f32>,
    saved: Duration,
    /// Files of the phases so far.
    files: Vec<PathBuf>,
    failure: Option<Failure>,
}

impl Course {
    /// The course of a network whose files go into a folder; the key is what tells trainings apart that
    /// cannot go on from each other. Where this one may, it goes on from the checkpoints that are there.
    pub(super) fn new(
        name: &'static str,
        folder: &Path,
        key: String,
        spent: Spent,
        resume: bool,
    ) -> Self {
        Self {
            curve: Curve::new(name),
            spent,
            folder: folder.to_owned(),
            key,
            resume,
            losses: Vec::new(),
            saved: Duration::ZERO,
            files: Vec::new(),
            failure: None,
        }
    }

    /// Why the training ended with an error.
    pub(super) fn failure(&mut self, message: String) -> Failure {
        self.failure.take().unwrap_or_else(|| Failure::new(Exit::Bug, message))
    }

    /// The network is written: nobody will go on from here.
    pub(super) fn forget(&self) {
        // One that stays harms nobody.
        self.files.iter().for_each(|file| std::fs::remove_file(file).unwrap_or_default());
    }

    fn refuse(&mut self, failure: Failure) -> String {
        let message = failure.message.clone();
        self.failure = Some(failure);
        message
    }

    fn kept(&mut self, file: &Path) -> Result<Option<Checkpoint>, String> {
        let unreadable = |why: &dyn std::fmt::Display| {
            Failure::new(Exit::BadInput, format!("{}: {why}", file.display()))
                .with_hint("leave out --resume to train anew")
        };
        match Checkpoint::read(file) {
            Err(e) => Err(self.refuse(unreadable(&e))),
            Ok(Some(c)) if c.training != self.key => {
                Err(self.refuse(unreadable(&"it is of another training")))
            }
            Ok(checkpoint) => Ok(checkpoint),
        }
    }
}

impl Keeper for Course {
    fn begin(&mut self, phase: &str) -> Result<Option<TrainingState>, String> {
        let file = self.folder.join(format!("checkpoint-{phase}.bin"));
        self.files.push(file.clone());
        self.losses.clear();
        self.saved = self.spent.wall();
        let kept = if self.resume { self.kept(&file)? } else { None };
        Ok(kept.map(|checkpoint| {
            self.spent.remember(checkpoint.spending);
            checkpoint.losses.iter().for_each(|loss| self.curve.remember(*loss));
            self.losses = checkpoint.losses;
            checkpoint.state
        }))
    }

    fn told(&mut self, _: &str, progress: Progress, snapshot: &Snapshot<'_>) -> Result<(), String> {
        self.losses.push(progress.loss);
        self.curve.push(progress);
        let due = self.spent.wall() - self.saved > SAVED_EVERY;
        let Some(file) =
            self.files.last().filter(|_| due || progress.step == progress.steps).cloned()
        else {
            return Ok(());
        };
        self.saved = self.spent.wall();
        let spending = self.spent.so_far().map_err(|failure| self.refuse(failure))?;
        let checkpoint = Checkpoint {
            training: self.key.clone(),
            losses: self.losses.clone(),
            spending,
            state: snapshot()?,
        };
        let written = checkpoint.write(&file).map_err(|e| Failure::write(&file, e));
        written.map_err(|failure| self.refuse(failure))
    }
}
