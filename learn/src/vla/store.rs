//! Recorded episodes as a file, so that a training that goes on need not record them again.
//!
//! The file begins with a line that names the format and a line of JSON ([`Header`]); then come the
//! arrays of each episode, little-endian.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use ergon_controller::learned::ACTION;
use ergon_controller::vla::PROPRIOCEPTION;
use ergon_inference::digest;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::episodes::{EVERY, Episode, PICTURE, Recording};
use crate::Spending;
use crate::checkpoint::Replacing;

/// The first line.
const FORMAT: &str = "ergon episodes 2\n";
/// A header is not longer than this, bytes.
const LONGEST_HEADER: u64 = 16 << 20;
/// More steps than any episode has.
const MOST_STEPS: usize = 1 << 20;

/// Why recorded episodes cannot be read or written.
#[derive(Debug, Error)]
#[error("{file}: {source}")]
pub struct StoreError {
    /// The file.
    pub file: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// Episodes with what recording them took.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// The episodes.
    pub episodes: Vec<Episode>,
    /// What recording them took.
    pub spending: Spending,
}

#[derive(Serialize, Deserialize)]
struct Header {
    recording: String,
    cameras: usize,
    spending: Spending,
    episodes: Vec<Outline>,
}

#[derive(Serialize, Deserialize)]
struct Outline {
    seed: u64,
    steps: usize,
    instructions: Vec<String>,
}

impl Recording<'_> {
    /// What tells recordings apart.
    pub fn key(&self) -> String {
        let Self { towers, others, seed, episodes, noise } = self;
        let (towers, others) = (&towers.scenario, &others.scenario);
        let text = format!("{towers:?} {others:?} {seed} {episodes} {noise:?} {EVERY} {PICTURE}");
        digest(text.bytes())
    }
}

impl Recorded {
    /// Reads what was written of the same recording; none where the file is missing or of another.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn read(file: &Path, recording: &Recording<'_>) -> Result<Option<Self>, StoreError> {
        let input = match File::open(file) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(|e| failed(file, e))?,
        };
        read(BufReader::new(input), &recording.key()).map_err(|e| failed(file, e))
    }

    /// Writes a recording; the file is there whole or not at all.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, file: &Path, recording: &Recording<'_>) -> Result<(), StoreError> {
        let cameras = recording.cameras().len();
        let written = Replacing::create(file).and_then(|(temporary, out)| {
            let mut out = BufWriter::new(out);
            write(&mut out, self, recording.key(), cameras)?;
            out.flush()?;
            temporary.replace()
        });
        written.map_err(|e| failed(file, e))
    }

    /// How many control steps there are.
    pub fn steps(&self) -> usize {
        self.episodes.iter().map(|e| e.actions.len()).sum()
    }

    /// A hash of all that is learnt from.
    pub fn hash(&self) -> String {
        digest(self.episodes.iter().flat_map(|e| {
            let actions = e.actions.as_flattened().iter().flat_map(|x| x.to_le_bytes());
            let sensed = e.proprioception.as_flattened().iter().flat_map(|x| x.to_le_bytes());
            let told = e.instructions.iter().flat_map(|text| text.bytes());
            actions.chain(sensed).chain(told).chain(e.pictures.iter().copied())
        }))
    }
}

fn failed(file: &Path, source: io::Error) -> StoreError {
    StoreError { file: file.to_owned(), source }
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{what}; delete the file to record anew"))
}

fn write(out: &mut dyn Write, all: &Recorded, key: String, cameras: usize) -> io::Result<()> {
    let outline = |e: &Episode| Outline {
        seed: e.seed,
        steps: e.actions.len(),
        instructions: e.instructions.clone(),
    };
    let header = Header {
        recording: key,
        cameras,
        spending: all.spending.clone(),
        episodes: all.episodes.iter().map(outline).collect(),
    };
    out.write_all(FORMAT.as_bytes())?;
    serde_json::to_writer(&mut *out, &header)?;
    out.write_all(b"\n")?;
    for episode in &all.episodes {
        let floats = |out: &mut dyn Write, all: &[f32]| {
            all.iter().try_for_each(|x| out.write_all(&x.to_le_bytes()))
        };
        episode.subtasks.iter().try_for_each(|x| out.write_all(&x.to_le_bytes()))?;
        floats(out, episode.proprioception.as_flattened())?;
        floats(out, episode.actions.as_flattened())?;
        out.write_all(&episode.pictures)?;
    }
    Ok(())
}

fn read(mut input: impl BufRead, key: &str) -> io::Result<Option<Recorded>> {
    let mut format = [0; FORMAT.len()];
    input.read_exact(&mut format)?;
    if format != FORMAT.as_bytes() {
        return Err(wrong("the file holds no episodes of this format"));
    }
    let mut line = Vec::new();
    input.by_ref().take(LONGEST_HEADER).read_until(b'\n', &mut line)?;
    let header: Header = serde_json::from_slice(&line)?;
    if header.recording != key {
        return Ok(None);
    }
    let cameras = header.cameras;
    let episodes = header.episodes.into_iter().map(|outline| episode(&mut input, outline, cameras));
    if !header.spending.is_possible() {
        return Err(wrong("nobody can have spent so much"));
    }
    let episodes = episodes.collect::<io::Result<_>>()?;
    Ok(Some(Recorded { episodes, spending: header.spending }))
}

fn episode(input: &mut dyn Read, outline: Outline, cameras: usize) -> io::Result<Episode> {
    let Outline { seed, steps, instructions } = outline;
    if steps > MOST_STEPS {
        return Err(wrong("an episode has too many steps"));
    }
    let subtasks: Vec<u16> =
        (0..steps).map(|_| array(input).map(u16::from_le_bytes)).collect::<io::Result<_>>()?;
    if subtasks.iter().any(|s| usize::from(*s) >= instructions.len()) {
        return Err(wrong("a subtask has no instruction"));
    }
    let proprioception = rows::<PROPRIOCEPTION>(input, steps)?;
    let actions = rows::<ACTION>(input, steps)?;
    let mut pictures = vec![0; steps.div_ceil(EVERY) * cameras * PICTURE];
    input.read_exact(&mut pictures)?;
    Ok(Episode { seed, instructions, subtasks, proprioception, actions, pictures })
}

fn array<const N: usize>(input: &mut dyn Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn rows<const N: usize>(input: &mut dyn Read, count: usize) -> io::Result<Vec<[f32; N]>> {
    let mut rows = vec![[0.0; N]; count];
    for x in rows.as_flattened_mut() {
        *x = f32::from_le_bytes(array(input)?);
    }
    Ok(rows)
}
