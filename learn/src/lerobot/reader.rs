//! Reading a data set back.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::{
    Array, BinaryArray, BooleanArray, FixedSizeListArray, Float32Array, Int64Array, ListArray,
    RecordBatch, StringArray, StructArray,
};
use ergon_bench::trace::picture;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::error::DatasetError;
use super::files::{self, CHUNK_FILES, FileNumber};
use super::info::Info;
use super::spec::{DatasetSpec, Frame, Kind, Value};

/// Frames that are unpacked at a time; bounds the memory that pictures take.
const BATCH_FRAMES: usize = 32;
/// Episodes whose descriptions are unpacked at a time.
const BATCH_EPISODES: usize = 1024;

/// A finished data set.
#[derive(Clone, Debug)]
pub struct Reader {
    root: PathBuf,
    spec: DatasetSpec,
    episodes: Vec<Episode>,
}

/// What a data set tells of an episode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Episode {
    /// What was asked for, in words.
    pub task: String,
    /// Frames.
    pub length: usize,
    /// Frames of all episodes before.
    first: usize,
    file: FileNumber,
}

impl Reader {
    /// Opens a data set: reads what it holds, and where.
    ///
    /// # Errors
    /// It is not finished, of another version, holds other features than numbers and pictures, or
    /// is damaged.
    pub fn open(root: &Path) -> Result<Self, DatasetError> {
        let unfinished = files::unfinished(root);
        if unfinished.exists() {
            let hint = "resume it and finish it";
            return Err(DatasetError::file(&unfinished, "expected a finished data set", hint));
        }
        let path = files::info(root);
        let info = Info::read(&path)?;
        let spec = info.spec(&path)?;
        let mut episodes = Vec::new();
        let mut number = FileNumber::default();
        while number.episodes(root).exists() {
            let path = number.episodes(root);
            files::guarded(&path, || read_episodes(&path, &mut episodes))?;
            number.0 += 1;
        }
        let frames = episodes.last().map_or(0, |e: &Episode| e.first + e.length);
        if (episodes.len(), frames) != (info.total_episodes, info.total_frames) {
            let problem = format!(
                "expected {} episodes of {} frames, found {} of {frames} in meta/episodes",
                info.total_episodes,
                info.total_frames,
                episodes.len(),
            );
            return Err(DatasetError::damaged(&path, problem));
        }
        Ok(Self { root: root.into(), spec, episodes })
    }

    /// What every frame holds.
    pub fn spec(&self) -> &DatasetSpec {
        &self.spec
    }

    /// The episodes in their order.
    pub fn episodes(&self) -> &[Episode] {
        &self.episodes
    }

    /// The frames of an episode, in their order, read as they are asked for.
    ///
    /// # Errors
    /// There is no such episode, or its file is not a data file. A frame that cannot be read is an
    /// error, after which there are no more.
    pub fn frames(&self, episode: usize) -> Result<Frames, DatasetError> {
        let Some(asked) = self.episodes.get(episode) else {
            let expected = format!("less than {}", self.episodes.len());
            return Err(DatasetError::spec("episode", expected, episode.to_string()));
        };
        let path = asked.file.data(&self.root);
        let before = self.episodes.iter().take_while(|e| e.file < asked.file);
        let skipped = asked.first - before.map(|e| e.length).sum::<usize>();
        let batches = files::guarded(&path, || open_rows(&path, skipped, asked.length))?;
        Ok(Frames {
            path,
            kinds: self.spec.features.iter().map(|f| (f.name.clone(), f.kind)).collect(),
            batches,
            batch: None,
            episode,
            next: 0,
            length: asked.length,
        })
    }
}

/// Frames of one episode, read as they are asked for.
#[derive(Debug)]
pub struct Frames {
    path: PathBuf,
    kinds: Vec<(String, Kind)>,
    batches: ParquetRecordBatchReader,
    /// The rows at hand, and how many of them have been given out.
    batch: Option<(RecordBatch, usize)>,
    episode: usize,
    next: usize,
    length: usize,
}

impl Iterator for Frames {
    type Item = Result<Frame, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.length {
            return None;
        }
        let path = self.path.clone();
        let frame = files::guarded(&path, || {
            self.read_frame().map_err(|problem| DatasetError::damaged(&path, problem))
        });
        // After an error there is nothing to go on with.
        self.next = if frame.is_ok() { self.next + 1 } else { self.length };
        Some(frame)
    }
}

impl Frames {
    fn read_frame(&mut self) -> Result<Frame, String> {
        let place = format!("episode {}, frame {}", self.episode, self.next);
        let has_rows = self.batch.as_ref().is_some_and(|(batch, row)| *row < batch.num_rows());
        if !has_rows {
            let batch = self.batches.next().ok_or_else(|| format!("{place}: expected a row"))?;
            self.batch = Some((batch.map_err(|e| format!("{place}: {e}"))?, 0));
        }
        let Some((batch, row)) = &mut self.batch else { return Err(place) };
        let numbers = [("episode_index", self.episode), ("frame_index", self.next)];
        for (name, expected) in numbers {
            let found = ints(batch, name)?.values().get(*row).copied();
            if found != i64::try_from(expected).ok() {
                return Err(format!("{place}: {name}: expected {expected}, found {found:?}"));
            }
        }
        let mut values = Vec::new();
        for (name, kind) in &self.kinds {
            let array = batch.column_by_name(name);
            let array = array.ok_or_else(|| format!("feature {name}: expected a column"))?;
            let value = value(*kind, array, *row);
            values.push(value.map_err(|e| format!("feature {name}, {place}: {e}"))?);
        }
        *row += 1;
        Ok(Frame { values })
    }
}

/// Opens a data file at some of its rows.
fn open_rows(
    path: &Path,
    mut skipped: usize,
    count: usize,
) -> Result<ParquetRecordBatchReader, DatasetError> {
    let damaged = |problem: String| DatasetError::damaged(path, problem);
    let file = File::open(path).map_err(|e| files::unreadable(path, e))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)
        .map_err(|e| damaged(e.to_string()))?
        .with_batch_size(BATCH_FRAMES);
    // Row groups before the first row wanted are not even looked at.
    let mut groups = 0..builder.metadata().num_row_groups();
    for group in builder.metadata().row_groups() {
        match usize::try_from(group.num_rows()) {
            Ok(rows) if rows <= skipped => skipped -= rows,
            _ => break,
        }
        groups.start += 1;
    }
    builder
        .with_row_groups(groups.collect())
        .with_offset(skipped)
        .with_limit(count)
        .build()
        .map_err(|e| damaged(e.to_string()))
}

fn read_episodes(path: &Path, episodes: &mut Vec<Episode>) -> Result<(), DatasetError> {
    let damaged = |problem: String| DatasetError::damaged(path, problem);
    let file = File::open(path).map_err(|e| files::unreadable(path, e))?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| damaged(e.to_string()))?;
    // The statistics of the episodes, most of the file, stay where they are.
    let names = [
        "episode_index",
        "tasks",
        "length",
        "data/chunk_index",
        "data/file_index",
        "dataset_from_index",
        "dataset_to_index",
    ];
    let mask = ProjectionMask::columns(builder.parquet_schema(), names);
    let batches = builder.with_projection(mask).with_batch_size(BATCH_EPISODES).build();
    for batch in batches.map_err(|e| damaged(e.to_string()))? {
        let batch = batch.map_err(|e| damaged(e.to_string()))?;
        for row in 0..batch.num_rows() {
            let number = episodes.len();
            let episode = read_episode(&batch, row, number, episodes.last());
            episodes.push(episode.map_err(|e| damaged(format!("episode {number}: {e}")))?);
        }
    }
    Ok(())
}

fn read_episode(
    batch: &RecordBatch,
    row: usize,
    number: usize,
    before: Option<&Episode>,
) -> Result<Episode, String> {
    let int = |name: &str| {
        let found = ints(batch, name)?.value(row);
        usize::try_from(found).map_err(|_| format!("{name}: expected a count, found {found}"))
    };
    let expect = |name: &str, expected: usize| match int(name)? {
        found if found == expected => Ok(()),
        found => Err(format!("{name}: expected {expected}, found {found}")),
    };
    let (first, file_before) =
        before.map_or((0, FileNumber::default()), |e| (e.first + e.length, e.file));
    expect("episode_index", number)?;
    expect("dataset_from_index", first)?;
    let end = int("dataset_to_index")?;
    let length = end.checked_sub(first).filter(|&length| length > 0);
    let length =
        length.ok_or_else(|| format!("dataset_to_index: expected over {first}, found {end}"))?;
    expect("length", length)?;
    let (chunk, in_chunk) = (int("data/chunk_index")?, int("data/file_index")?);
    let file = chunk.checked_mul(CHUNK_FILES).and_then(|files| files.checked_add(in_chunk));
    let file = file.map(FileNumber).filter(|&file| in_chunk < CHUNK_FILES && file >= file_before);
    let file =
        file.ok_or_else(|| format!("expected a later data file, found {chunk}/{in_chunk}"))?;
    let tasks = column::<ListArray>(batch, "tasks")?.value(row);
    match tasks.as_any().downcast_ref::<StringArray>() {
        Some(tasks) if tasks.len() == 1 && tasks.null_count() == 0 => {
            Ok(Episode { task: tasks.value(0).into(), length, first, file })
        }
        _ => Err(format!("tasks: expected one text, found {} values", tasks.len())),
    }
}

/// A column of one type without gaps.
fn column<'a, T: Array + 'static>(batch: &'a RecordBatch, name: &str) -> Result<&'a T, String> {
    let array = batch.column_by_name(name).ok_or_else(|| format!("expected a column {name}"))?;
    typed(array).map_err(|e| format!("{name}: {e}"))
}

fn ints<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a Int64Array, String> {
    column(batch, name)
}

fn typed<T: Array + 'static>(array: &dyn Array) -> Result<&T, String> {
    match array.as_any().downcast_ref::<T>() {
        Some(typed) if typed.null_count() == 0 => Ok(typed),
        Some(_) => Err("expected no gaps".into()),
        None => Err(format!("expected another type than {}", array.data_type())),
    }
}

fn value(kind: Kind, array: &dyn Array, row: usize) -> Result<Value, String> {
    match kind {
        Kind::Image { height, width } => {
            let picture = typed::<StructArray>(array)?;
            let bytes = picture.column_by_name("bytes").ok_or("expected bytes in a picture")?;
            let image = picture::decode(typed::<BinaryArray>(bytes)?.value(row))?;
            if (image.height(), image.width()) != (height, width) {
                let (w, h) = (image.width(), image.height());
                return Err(format!("expected {kind}, found {w} x {h}"));
            }
            Ok(Value::Image(image))
        }
        Kind::Floats(n) => {
            let list = elements(n, array, row)?;
            Ok(Value::Floats(typed::<Float32Array>(&list)?.values().to_vec()))
        }
        Kind::Ints(n) => {
            let list = elements(n, array, row)?;
            Ok(Value::Ints(typed::<Int64Array>(&list)?.values().to_vec()))
        }
        Kind::Bools(n) => {
            let list = elements(n, array, row)?;
            Ok(Value::Bools(typed::<BooleanArray>(&list)?.values().iter().collect()))
        }
    }
}

/// The `n` numbers of a row.
fn elements(n: usize, array: &dyn Array, row: usize) -> Result<arrow_array::ArrayRef, String> {
    let list =
        if n == 1 { array.slice(row, 1) } else { typed::<FixedSizeListArray>(array)?.value(row) };
    if list.len() == n {
        Ok(list)
    } else {
        Err(format!("expected {n} numbers, found {}", list.len()))
    }
}
