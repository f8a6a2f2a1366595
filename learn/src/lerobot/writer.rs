//! Writing a data set, an episode at a time.

use std::fs;
use std::path::{Path, PathBuf};

use super::columns::{self, Place};
use super::error::DatasetError;
use super::files;
use super::finish;
use super::info::Info;
use super::spec::{DatasetSpec, Frame};
use super::staged::{self, Note};

/// Writes a data set. Each episode is kept as soon as it is added; [`Writer::finish`] then puts the
/// episodes together. Until then the folder is no data set for a reader, and [`Writer::resume`]
/// goes on with it.
#[derive(Clone, Debug)]
pub struct Writer {
    root: PathBuf,
    spec: DatasetSpec,
    /// In the order of their first episodes.
    tasks: Vec<String>,
    episodes: usize,
    frames: usize,
}

impl Writer {
    /// Begins a data set in a folder that is empty or not there.
    ///
    /// # Errors
    /// The specification describes no data set, the folder holds something, or cannot be written.
    pub fn create(root: &Path, spec: DatasetSpec) -> Result<Self, DatasetError> {
        spec.check()?;
        fs::create_dir_all(root).map_err(|e| DatasetError::unwritable(root, e))?;
        let mut entries = fs::read_dir(root).map_err(|e| files::unreadable(root, e))?;
        if entries.next().is_some() {
            let hint = "resume what was begun there, or name another folder";
            return Err(DatasetError::file(root, "expected an empty folder", hint));
        }
        files::write_json(&begun(root), &Info::new(&spec, 0, 0, 0))?;
        Ok(Self { root: root.into(), spec, tasks: Vec::new(), episodes: 0, frames: 0 })
    }

    /// Goes on with a data set that was not finished, after its last episode.
    ///
    /// # Errors
    /// There is nothing to go on with, it was begun with another specification, or one of its
    /// episodes cannot be read.
    pub fn resume(root: &Path, spec: DatasetSpec) -> Result<Self, DatasetError> {
        spec.check()?;
        let path = begun(root);
        if !path.exists() {
            let hint = "create it; a finished data set takes no more episodes";
            return Err(DatasetError::file(&path, "expected an unfinished data set", hint));
        }
        if Info::read(&path)? != Info::new(&spec, 0, 0, 0) {
            let hint = "resume with the specification that the data set was created with";
            return Err(DatasetError::file(&path, "expected the same specification", hint));
        }
        let mut writer =
            Self { root: root.into(), spec, tasks: Vec::new(), episodes: 0, frames: 0 };
        let columns = writer.spec.columns().count();
        while files::staged(root, writer.episodes).exists() {
            let (_, note) = staged::read(&files::staged(root, writer.episodes), columns)?;
            writer.count(&note);
        }
        Ok(writer)
    }

    /// Episodes added so far, those before a resumption included.
    pub fn episodes(&self) -> usize {
        self.episodes
    }

    /// Adds an episode: what was asked for, in words, and its frames, the first at time 0, one each
    /// `1 / fps` seconds. Returns its number. The file is whole when this returns.
    ///
    /// # Errors
    /// The episode has no frame or no task, a value does not fit its feature, or the file cannot be
    /// written. The data set is then as it was before.
    pub fn add_episode(&mut self, task: &str, frames: &[Frame]) -> Result<usize, DatasetError> {
        let episode = self.episodes;
        let lacks = |what: &str| DatasetError::Episode { episode, expected: what.into() };
        if task.trim().is_empty() {
            return Err(lacks("a task in words"));
        }
        if frames.is_empty() {
            return Err(lacks("at least one frame"));
        }
        for (i, frame) in frames.iter().enumerate() {
            self.spec.check_frame(episode, i, &frame.values)?;
        }
        let known = self.tasks.iter().position(|known| known == task);
        let task_index = known.unwrap_or(self.tasks.len());
        let place = Place { episode, first: self.frames, task: task_index };
        let columns = columns::columns(&self.spec, place, frames);
        let stats = columns.iter().map(columns::Column::stats).collect();
        let note = Note { task: task.into(), length: frames.len(), stats };
        staged::write(&files::staged(&self.root, episode), &self.spec, &columns, &note)?;
        self.count(&note);
        Ok(episode)
    }

    fn count(&mut self, note: &Note) {
        self.episodes += 1;
        self.frames += note.length;
        if !self.tasks.contains(&note.task) {
            self.tasks.push(note.task.clone());
        }
    }

    /// Puts the episodes together, so that readers find a data set. Needs, for a moment, the space
    /// of the data set a second time.
    ///
    /// # Errors
    /// There is no episode, or a file cannot be read or written. Resume and finish again then.
    pub fn finish(self) -> Result<(), DatasetError> {
        if self.episodes == 0 {
            return Err(DatasetError::Episode { episode: 0, expected: "an episode".into() });
        }
        finish::finish(&self.root, &self.spec, &self.tasks, self.episodes)?;
        // The folder goes in one step: a part of it would look like a data set with fewer episodes.
        let (unfinished, removed) =
            (files::unfinished(&self.root), self.root.join("unfinished.old"));
        fs::rename(&unfinished, &removed).map_err(|e| DatasetError::unwritable(&unfinished, e))?;
        fs::remove_dir_all(&removed).map_err(|e| DatasetError::unwritable(&removed, e))
    }
}

/// The specification of a data set that is not finished.
fn begun(root: &Path) -> PathBuf {
    files::unfinished(root).join("info.json")
}
