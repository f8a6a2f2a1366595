//! Episodes of a data set that is not finished: one parquet file each, whole, with what is known
//! of the episode in its footer.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::metadata::{KeyValue, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use serde::{Deserialize, Serialize};

use super::columns::Column;
use super::error::DatasetError;
use super::files;
use super::spec::{DatasetSpec, Kind};
use super::stats::Stats;

/// Key of the footer under which the note is.
const NOTE: &str = "ergon.episode";

/// What is known of an episode besides its frames.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Note {
    pub(super) task: String,
    /// Frames.
    pub(super) length: usize,
    /// One a column, in the order of [`DatasetSpec::columns`].
    pub(super) stats: Vec<Stats>,
}

pub(super) fn write(
    path: &Path,
    spec: &DatasetSpec,
    columns: &[Column],
    note: &Note,
) -> Result<(), DatasetError> {
    let failed = |e: String| DatasetError::unwritable(path, e);
    let note = serde_json::to_string(note).map_err(|e| failed(e.to_string()))?;
    let arrays: Vec<ArrayRef> =
        columns.iter().map(Column::array).collect::<Result<_, _>>().map_err(failed)?;
    let field =
        |(column, array): (_, &ArrayRef)| Field::new(column, array.data_type().clone(), true);
    let names = spec.columns().map(|column| column.name);
    let schema = Arc::new(Schema::new(names.zip(&arrays).map(field).collect::<Vec<_>>()));
    files::write_whole(path, |file| {
        let batch = RecordBatch::try_new(schema.clone(), arrays)?;
        let mut writer = ArrowWriter::try_new(file, schema, Some(properties(spec)))?;
        writer.write(&batch)?;
        writer.append_key_value_metadata(KeyValue::new(NOTE.into(), note));
        writer.close().map(drop)
    })
}

/// How data files are packed.
fn properties(spec: &DatasetSpec) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        // Row groups are copied to other files, where an index of pages would be wrong.
        .set_offset_index_disabled(true)
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for feature in spec.features.iter().filter(|f| matches!(f.kind, Kind::Image { .. })) {
        // PNG is packed already, no picture is there twice, and none is the greatest.
        let bytes = ColumnPath::new(vec![feature.name.clone(), "bytes".into()]);
        properties = properties
            .set_column_compression(bytes.clone(), Compression::UNCOMPRESSED)
            .set_column_dictionary_enabled(bytes.clone(), false)
            .set_column_statistics_enabled(bytes, EnabledStatistics::None);
    }
    properties.build()
}

/// The footer of a staged file and the note in it.
pub(super) fn read(path: &Path, columns: usize) -> Result<(ParquetMetaData, Note), DatasetError> {
    let damaged = |problem: String| {
        let hint = "remove it and the episodes after it, then resume";
        DatasetError::file(path, format!("expected a whole episode: {problem}"), hint)
    };
    let file = File::open(path).map_err(|e| files::unreadable(path, e))?;
    let footer =
        ParquetMetaDataReader::new().parse_and_finish(&file).map_err(|e| damaged(e.to_string()))?;
    let pairs = footer.file_metadata().key_value_metadata();
    let text = pairs
        .and_then(|pairs| pairs.iter().find(|pair| pair.key == NOTE)?.value.as_deref())
        .ok_or_else(|| damaged(format!("no {NOTE} in its footer")))?;
    let note: Note = serde_json::from_str(text).map_err(|e| damaged(e.to_string()))?;
    if note.stats.len() != columns {
        let problem = format!("statistics of {} columns, not {columns}", note.stats.len());
        return Err(damaged(problem));
    }
    Ok((footer, note))
}
