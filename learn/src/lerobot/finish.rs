//! From episodes of one file each to a data set.

use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{Float64Builder, Int64Builder, ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, Int64Array, StringArray};
use parquet::arrow::ARROW_SCHEMA_META_KEY;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, ParquetMetaData};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use serde_json::{Map, Value as Json, json};

use super::error::DatasetError;
use super::files::{self, DATA_FILE_MB, FileNumber};
use super::info::Info;
use super::spec::{DatasetSpec, Feature, Kind};
use super::staged::{self, Note};
use super::stats::{FIELDS, Measure, Stats};

/// Writes every file of the data set, `info.json` last.
pub(super) fn finish(
    root: &Path,
    spec: &DatasetSpec,
    tasks: &[String],
    episodes: usize,
) -> Result<(), DatasetError> {
    let columns: Vec<Feature> = spec.columns().collect();
    let (mut notes, mut sizes) = (Vec::new(), Vec::new());
    for episode in 0..episodes {
        let path = files::staged(root, episode);
        notes.push(staged::read(&path, columns.len())?.1);
        sizes.push(path.metadata().map_err(|e| files::unreadable(&path, e))?.len());
    }
    let groups = grouped(&sizes, DATA_FILE_MB << 20);
    for (number, group) in groups.iter().enumerate() {
        let join = || join(root, FileNumber(number), group.clone(), columns.len());
        files::guarded(&files::unfinished(root), join)?;
    }
    files::write_table(&files::tasks(root), task_table(tasks), Some(pandas_index()))?;
    files::write_table(
        &FileNumber(0).episodes(root),
        episode_table(&columns, &notes, &groups),
        None,
    )?;
    files::write_json(&files::stats(root), &stats_json(&columns, &notes))?;
    let frames = notes.iter().map(|note| note.length).sum();
    files::write_json(&files::info(root), &Info::new(spec, episodes, frames, tasks.len()))
}

/// Neighbours share a file as long as it stays within the limit, bytes.
fn grouped(sizes: &[u64], limit: u64) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut filled = 0;
    for (i, size) in sizes.iter().enumerate() {
        match groups.last_mut() {
            Some(group) if filled + size <= limit => {
                group.end = i + 1;
                filled += size;
            }
            _ => {
                groups.push(i..i + 1);
                filled = *size;
            }
        }
    }
    groups
}

/// Makes a data file of staged ones: their row groups, copied byte by byte, one an episode.
fn join(
    root: &Path,
    number: FileNumber,
    episodes: Range<usize>,
    columns: usize,
) -> Result<(), DatasetError> {
    let mut parts = Vec::new();
    for episode in episodes {
        let path = files::staged(root, episode);
        let file = File::open(&path).map_err(|e| files::unreadable(&path, e))?;
        parts.push((file, staged::read(&path, columns)?.0));
    }
    files::write_whole(&number.data(root), |file| {
        let Some((_, first)) = parts.first() else { return Ok(()) };
        let metadata = first.file_metadata();
        let is_schema = |pair: &&KeyValue| pair.key == ARROW_SCHEMA_META_KEY;
        let pairs = metadata.key_value_metadata().into_iter().flatten();
        let properties = WriterProperties::builder()
            .set_key_value_metadata(Some(pairs.filter(is_schema).cloned().collect()))
            .build();
        let schema = metadata.schema_descr().root_schema_ptr();
        let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties))?;
        for (part, footer) in &parts {
            copy_rows(&mut writer, part, footer)?;
        }
        writer.close()?;
        Ok::<_, ParquetError>(())
    })
}

fn copy_rows(
    writer: &mut SerializedFileWriter<&File>,
    part: &File,
    footer: &ParquetMetaData,
) -> Result<(), ParquetError> {
    for group in footer.row_groups() {
        let mut copy = writer.next_row_group()?;
        for column in group.columns() {
            let close = ColumnCloseResult {
                bytes_written: u64::try_from(column.compressed_size())?,
                rows_written: u64::try_from(group.num_rows())?,
                metadata: column.clone(),
                bloom_filter: None,
                column_index: None,
                offset_index: None,
            };
            copy.append_column(part, close)?;
        }
        copy.close()?;
    }
    Ok(())
}

fn task_table(tasks: &[String]) -> Vec<(String, ArrayRef)> {
    let numbers = Int64Array::from_iter_values(0..tasks.len() as i64);
    let words = StringArray::from_iter_values(tasks);
    vec![("task_index".into(), Arc::new(numbers)), ("task".into(), Arc::new(words))]
}

/// What makes pandas take the column `task` for the index, in which LeRobot looks tasks up.
fn pandas_index() -> String {
    let column = |name: &str, pandas: &str, numpy: &str| {
        json!({ "name": name, "field_name": name, "pandas_type": pandas, "numpy_type": numpy,
                "metadata": null })
    };
    json!({
        "index_columns": ["task"],
        "column_indexes": [{ "name": null, "field_name": null, "pandas_type": "unicode",
                             "numpy_type": "object", "metadata": { "encoding": "UTF-8" } }],
        "columns": [column("task_index", "int64", "int64"), column("task", "unicode", "object")],
        "creator": { "library": "ergon", "version": "0" },
        "pandas_version": "2.2.0",
    })
    .to_string()
}

/// One row an episode.
fn episode_table(
    columns: &[Feature],
    notes: &[Note],
    groups: &[Range<usize>],
) -> Vec<(String, ArrayRef)> {
    let files: Vec<FileNumber> = groups
        .iter()
        .enumerate()
        .flat_map(|(number, group)| group.clone().map(move |_| FileNumber(number)))
        .collect();
    let ends: Vec<usize> = notes
        .iter()
        .scan(0, |end, note| {
            *end += note.length;
            Some(*end)
        })
        .collect();
    let mut words = ListBuilder::new(StringBuilder::new());
    for note in notes {
        words.append_value([Some(&note.task)]);
    }
    let ints = |name: &str, number: &dyn Fn(usize) -> usize| -> (String, ArrayRef) {
        let numbers = (0..notes.len()).map(|i| number(i) as i64);
        (name.into(), Arc::new(Int64Array::from_iter_values(numbers)))
    };
    let mut table = vec![
        ints("episode_index", &|i| i),
        ("tasks".into(), Arc::new(words.finish()) as ArrayRef),
        ints("length", &|i| notes[i].length),
        ints("data/chunk_index", &|i| files[i].chunk()),
        ints("data/file_index", &|i| files[i].in_chunk()),
        ints("dataset_from_index", &|i| ends[i] - notes[i].length),
        ints("dataset_to_index", &|i| ends[i]),
    ];
    for (i, column) in columns.iter().enumerate() {
        let stats: Vec<&Stats> = notes.iter().map(|note| &note.stats[i]).collect();
        table.extend(stats_columns(column, &stats));
    }
    table.extend([
        ints("meta/episodes/chunk_index", &|_| 0),
        ints("meta/episodes/file_index", &|_| 0),
    ]);
    table
}

fn stats_columns(column: &Feature, stats: &[&Stats]) -> Vec<(String, ArrayRef)> {
    let mut counts = ListBuilder::new(Int64Builder::new());
    for stats in stats {
        counts.append_value([Some(stats.count as i64)]);
    }
    let name = |field: &str| format!("stats/{}/{field}", column.name);
    let mut columns: Vec<(String, ArrayRef)> = FIELDS
        .iter()
        .map(|(field, of)| (name(field), field_column(column.kind, stats, *of)))
        .collect();
    columns.push((name("count"), Arc::new(counts.finish())));
    columns
}

/// One statistic of all episodes: a list of numbers each, for pictures of shape (3, 1, 1).
fn field_column(kind: Kind, stats: &[&Stats], of: Measure) -> ArrayRef {
    if !matches!(kind, Kind::Image { .. }) {
        let mut lists = ListBuilder::new(Float64Builder::new());
        for stats in stats {
            lists.append_value(stats.components.iter().map(|c| Some(of(c))));
        }
        return Arc::new(lists.finish());
    }
    let mut lists = ListBuilder::new(ListBuilder::new(ListBuilder::new(Float64Builder::new())));
    for stats in stats {
        for channel in &stats.components {
            lists.values().values().append_value([Some(of(channel))]);
            lists.values().append(true);
        }
        lists.append(true);
    }
    Arc::new(lists.finish())
}

fn stats_json(columns: &[Feature], notes: &[Note]) -> Json {
    let column = |(i, column): (usize, &Feature)| {
        let parts: Vec<&Stats> = notes.iter().map(|note| &note.stats[i]).collect();
        let stats = Stats::pooled(&parts);
        let numbers = |of: Measure| match column.kind {
            Kind::Image { .. } => stats.components.iter().map(|c| json!([[of(c)]])).collect(),
            _ => stats.components.iter().map(|c| json!(of(c))).collect(),
        };
        let mut fields: Map<String, Json> =
            FIELDS.iter().map(|(name, of)| (name.to_string(), numbers(*of))).collect();
        fields.insert("count".into(), json!([stats.count]));
        (column.name.clone(), Json::Object(fields))
    };
    columns.iter().enumerate().map(column).collect::<Map<_, _>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_file_stays_within_the_limit_unless_one_episode_does_not() {
        assert_eq!(grouped(&[4, 4, 2, 1, 30, 1], 10), [0..3, 3..4, 4..5, 5..6]);
        assert!(grouped(&[], 10).is_empty());
    }
}
