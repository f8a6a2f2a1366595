//! The journal of a comparison: one line an episode, written as soon as it has ended.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::Entry;

/// Why a journal cannot be gone on with.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file cannot be read or written.
    #[error("{file}: {source}")]
    File {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line that is not the last is no entry.
    #[error("{file}:{line}: this is no entry of a journal: {message}")]
    Line {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

/// A journal that is open for more.
pub struct Journal {
    path: PathBuf,
    file: File,
    /// What was in it when it was opened, and what was added since.
    entries: Vec<Entry>,
}

impl Journal {
    /// Opens a journal, or begins one. A last line that a kill cut off is dropped.
    ///
    /// # Errors
    /// The file cannot be read or written, or holds something else.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let failed = |source| JournalError::File { file: path.display().to_string(), source };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(failed(e)),
        };
        let (entries, kept) = read(&text, &path.display().to_string())?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(failed)?;
        file.set_len(kept as u64).map_err(failed)?;
        drop(file);
        let file = OpenOptions::new().append(true).open(path).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file, entries })
    }

    /// The entries so far.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The seeds of a method's episodes of a task that are there already.
    pub fn seeds(&self, task: &str, method: &str) -> BTreeSet<u64> {
        let same = self.entries.iter().filter(|e| e.task == task && e.method == method);
        same.map(|e| e.record.seed).collect()
    }

    /// Adds an entry; it is on the disk when this returns.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&mut self, entry: Entry) -> Result<(), JournalError> {
        let failed = |source: std::io::Error| JournalError::File {
            file: self.path.display().to_string(),
            source,
        };
        let mut line = serde_json::to_vec(&entry).map_err(|e| failed(e.into()))?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(failed)?;
        self.file.sync_data().map_err(failed)?;
        self.entries.push(entry);
        Ok(())
    }
}

/// The whole lines of a journal, and how many bytes they take.
fn read(text: &str, file: &str) -> Result<(Vec<Entry>, usize), JournalError> {
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    let entry = |(index, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|e| JournalError::Line {
            file: file.to_owned(),
            line: index + 1,
            message: e.to_string(),
        })
    };
    let entries = text[..whole].lines().enumerate().map(entry).collect::<Result<_, _>>()?;
    Ok((entries, whole))
}
