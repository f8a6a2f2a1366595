//! What a training needs to go on as if it had never stopped, as a file.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Spending;

/// The first line of the file.
const FORMAT: &[u8] = b"ergon checkpoint 2\n";

/// The state of a training: everything random follows from its seed and from how many batches were
/// learnt.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingState {
    /// Batches that were learnt, and that will be in all.
    pub step: usize,
    /// See `step`.
    pub steps: usize,
    /// The network, in the framework's format.
    pub network: Vec<u8>,
    /// The optimiser's state, in the framework's format.
    pub optimiser: Vec<u8>,
}

/// A training that may go on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkpoint {
    /// What tells trainings apart: one that is set up otherwise cannot go on from here.
    pub training: String,
    /// The loss of each batch, for the curve.
    pub losses: Vec<f32>,
    /// What it took so far.
    pub spending: Spending,
    /// Where it is.
    pub state: TrainingState,
}

#[derive(Serialize, Deserialize)]
struct Header {
    training: String,
    step: usize,
    steps: usize,
    losses: usize,
    spending: Spending,
    network_bytes: usize,
    optimiser_bytes: usize,
}

impl Checkpoint {
    /// The bytes of a file.
    ///
    /// # Errors
    /// It cannot be written as text: a bug.
    pub fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let header = Header {
            training: self.training.clone(),
            step: self.state.step,
            steps: self.state.steps,
            losses: self.losses.len(),
            spending: self.spending.clone(),
            network_bytes: self.state.network.len(),
            optimiser_bytes: self.state.optimiser.len(),
        };
        let mut bytes = FORMAT.to_vec();
        serde_json::to_writer(&mut bytes, &header)?;
        bytes.push(b'\n');
        bytes.extend(self.losses.iter().flat_map(|x| x.to_le_bytes()));
        bytes.extend_from_slice(&self.state.network);
        bytes.extend_from_slice(&self.state.optimiser);
        Ok(bytes)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// They are no checkpoint, or not a whole one.
    pub fn from_bytes(bytes: &[u8]) -> io::Result<Self> {
        let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        let rest = bytes.strip_prefix(FORMAT).ok_or_else(|| wrong("no checkpoint"))?;
        let end = rest.iter().position(|b| *b == b'\n').ok_or_else(|| wrong("no header"))?;
        let header: Header = serde_json::from_slice(&rest[..end])?;
        let mut rest = &rest[end + 1..];
        let mut take = |length: Option<usize>| {
            let (part, after) = length.and_then(|n| rest.split_at_checked(n))?;
            rest = after;
            Some(part)
        };
        let cut = || wrong("the checkpoint is not whole");
        let losses = take(header.losses.checked_mul(4)).ok_or_else(cut)?;
        let losses = losses.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        let network = take(Some(header.network_bytes)).ok_or_else(cut)?.to_vec();
        let optimiser = take(Some(header.optimiser_bytes)).ok_or_else(cut)?.to_vec();
        if !header.spending.is_possible() {
            return Err(wrong("nobody can have spent so much"));
        }
        let state = TrainingState { step: header.step, steps: header.steps, network, optimiser };
        Ok(Self { training: header.training, losses, spending: header.spending, state })
    }

    /// Writes the file; it is there whole or as it was before.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        let (temporary, mut out) = Replacing::create(file)?;
        out.write_all(&self.to_bytes()?)?;
        out.sync_all()?;
        temporary.replace()
    }

    /// Reads the file; none where there is none.
    ///
    /// # Errors
    /// The file cannot be read or is no checkpoint.
    pub fn read(file: &Path) -> io::Result<Option<Self>> {
        match fs::read(file) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            read => Self::from_bytes(&read?).map(Some),
        }
    }
}

/// A temporary file that takes the place of another once it is whole, and is removed if it never is.
pub(crate) struct Replacing {
    temporary: PathBuf,
    file: PathBuf,
}

impl Replacing {
    /// Begins beside the file, whose folder is made where it is missing.
    pub(crate) fn create(file: &Path) -> io::Result<(Self, File)> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut temporary = file.as_os_str().to_owned();
        temporary.push(".part");
        let temporary = PathBuf::from(temporary);
        let out = File::create(&temporary)?;
        Ok((Self { temporary, file: file.to_owned() }, out))
    }

    pub(crate) fn replace(self) -> io::Result<()> {
        fs::rename(&self.temporary, &self.file)
    }
}

impl Drop for Replacing {
    fn drop(&mut self) {
        // After the rename there is nothing to remove, and a leftover harms nobody.
        fs::remove_file(&self.temporary).unwrap_or_default();
    }
}
