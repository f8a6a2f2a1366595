//! Where a data set's files lie, and how they are written: whole or not at all.

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Metadata, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use serde::Serialize;

use super::error::DatasetError;

/// Where data files lie, as `info.json` tells it.
pub(super) const DATA_PATH: &str = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet";
/// Files in a folder, LeRobot's default.
pub(super) const CHUNK_FILES: usize = 1000;
/// Size that a data file does not exceed unless one episode does, MiB; LeRobot's default.
pub(super) const DATA_FILE_MB: u64 = 100;

pub(super) fn info(root: &Path) -> PathBuf {
    root.join("meta/info.json")
}

pub(super) fn stats(root: &Path) -> PathBuf {
    root.join("meta/stats.json")
}

pub(super) fn tasks(root: &Path) -> PathBuf {
    root.join("meta/tasks.parquet")
}

/// The folder of a data set that is not finished: its specification and one file an episode.
pub(super) fn unfinished(root: &Path) -> PathBuf {
    root.join("unfinished")
}

pub(super) fn staged(root: &Path, episode: usize) -> PathBuf {
    unfinished(root).join(format!("episode-{episode:06}.parquet"))
}

/// Number of a file among those that lie in chunks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileNumber(pub(super) usize);

impl FileNumber {
    pub(super) fn chunk(self) -> usize {
        self.0 / CHUNK_FILES
    }

    pub(super) fn in_chunk(self) -> usize {
        self.0 % CHUNK_FILES
    }

    fn in_folder(self, folder: PathBuf) -> PathBuf {
        folder.join(format!("chunk-{:03}/file-{:03}.parquet", self.chunk(), self.in_chunk()))
    }

    pub(super) fn data(self, root: &Path) -> PathBuf {
        self.in_folder(root.join("data"))
    }

    pub(super) fn episodes(self, root: &Path) -> PathBuf {
        self.in_folder(root.join("meta/episodes"))
    }
}

/// Reads a file of at most `limit` bytes.
pub(super) fn read_whole(path: &Path, limit: u64) -> Result<Vec<u8>, DatasetError> {
    let unreadable = |e| unreadable(path, e);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(DatasetError::damaged(path, format!("expected at most {limit} bytes")));
    }
    Ok(bytes)
}

/// Does what reads a parquet file that may be damaged. The decoders of `parquet` panic on some damage,
/// such as a page that claims no values; whoever reads a file expects an error then.
pub(super) fn guarded<T>(
    path: &Path,
    read: impl FnOnce() -> Result<T, DatasetError>,
) -> Result<T, DatasetError> {
    // What a panic leaves half done is dropped with the reader, or is not asked again.
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        let problem = "expected parquet, found pages that cannot be decoded";
        Err(DatasetError::damaged(path, problem))
    })
}

pub(super) fn unreadable(path: &Path, error: impl Display) -> DatasetError {
    DatasetError::file(path, format!("cannot be read: {error}"), "check the path")
}

/// Writes a file by way of a temporary beside it, so that it is there whole or not at all;
/// makes its folder where that is missing.
pub(super) fn write_whole<E: Display>(
    path: &Path,
    write: impl FnOnce(&File) -> Result<(), E>,
) -> Result<(), DatasetError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|e| DatasetError::unwritable(folder, e))?;
    }
    // No reader takes a name that ends so for a part of the data set, and the next try replaces it.
    let temporary = path.with_added_extension("tmp");
    let file = File::create(&temporary).map_err(|e| DatasetError::unwritable(path, e))?;
    write(&file).map_err(|e| DatasetError::unwritable(path, e))?;
    fs::rename(&temporary, path).map_err(|e| DatasetError::unwritable(path, e))
}

pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), DatasetError> {
    let mut bytes =
        serde_json::to_vec_pretty(value).map_err(|e| DatasetError::unwritable(path, e))?;
    bytes.push(b'\n');
    write_whole(path, |mut file| file.write_all(&bytes))
}

/// A parquet file of columns. What `pandas` tells of its index goes into the Arrow schema: pyarrow
/// looks for it there, and ignores it among the metadata of the file.
pub(super) fn write_table(
    path: &Path,
    columns: Vec<(String, ArrayRef)>,
    pandas: Option<String>,
) -> Result<(), DatasetError> {
    let field =
        |(name, array): &(String, ArrayRef)| Field::new(name, array.data_type().clone(), true);
    let fields: Vec<Field> = columns.iter().map(field).collect();
    let metadata = pandas.map(|text| ("pandas".to_owned(), text));
    let schema = Schema::new(fields).with_metadata(metadata.into_iter().collect::<Metadata>());
    let schema = Arc::new(schema);
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    write_whole(path, |file| {
        let batch = RecordBatch::try_new(schema.clone(), arrays)?;
        let mut writer = ArrowWriter::try_new(file, schema, Some(properties))?;
        writer.write(&batch)?;
        writer.close()?;
        Ok::<_, ParquetError>(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_decoders_is_an_error() {
        // About one in four hundred damaged files brings it about.
        let error = guarded::<()>(Path::new("a.parquet"), || panic!("a page of no values"));
        let error = error.unwrap_err();
        assert!(error.to_string().starts_with("a.parquet: expected parquet"));
    }
}
