//! `meta/info.json`: what the data set holds and where it lies.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::error::DatasetError;
use super::files::{self, CHUNK_FILES, DATA_FILE_MB, DATA_PATH};
use super::spec::{DatasetSpec, Feature, Kind};
use super::{INFO_LIMIT, VERSION};

/// Size at which LeRobot starts a new video file, MiB. We write none; readers want the key.
const VIDEO_FILE_MB: u64 = 200;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Info {
    codebase_version: String,
    robot_type: Option<String>,
    pub(super) total_episodes: usize,
    pub(super) total_frames: usize,
    total_tasks: usize,
    chunks_size: usize,
    data_files_size_in_mb: u64,
    video_files_size_in_mb: u64,
    fps: u32,
    splits: Json,
    data_path: String,
    video_path: Option<String>,
    #[serde(with = "in_order")]
    features: Vec<(String, Entry)>,
}

/// A feature as the file has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    #[serde(default)]
    names: Json,
}

impl Info {
    pub(super) fn new(spec: &DatasetSpec, episodes: usize, frames: usize, tasks: usize) -> Self {
        Self {
            codebase_version: VERSION.into(),
            robot_type: Some(spec.robot_type.clone()),
            total_episodes: episodes,
            total_frames: frames,
            total_tasks: tasks,
            chunks_size: CHUNK_FILES,
            data_files_size_in_mb: DATA_FILE_MB,
            video_files_size_in_mb: VIDEO_FILE_MB,
            fps: spec.fps,
            splits: json!({ "train": format!("0:{episodes}") }),
            data_path: DATA_PATH.into(),
            video_path: None,
            features: spec.columns().map(|f| (f.name.clone(), Entry::new(&f))).collect(),
        }
    }

    pub(super) fn read(path: &Path) -> Result<Self, DatasetError> {
        let bytes = files::read_whole(path, INFO_LIMIT)?;
        // The version first: another one may well have other keys.
        let json: Json = parse(path, &bytes)?;
        match json.get("codebase_version") {
            Some(Json::String(version)) if version == VERSION => {}
            other => {
                let found = other.map_or("none".into(), Json::to_string);
                let problem = format!("expected codebase_version \"{VERSION}\", found {found}");
                let hint = "convert the data set with LeRobot's own scripts";
                return Err(DatasetError::file(path, problem, hint));
            }
        }
        let info: Self = parse(path, &bytes)?;
        if (info.data_path.as_str(), info.chunks_size) != (DATA_PATH, CHUNK_FILES) {
            let problem = format!(
                "expected data_path {DATA_PATH} with {CHUNK_FILES} files a chunk, found {} with {}",
                info.data_path, info.chunks_size
            );
            return Err(DatasetError::file(path, problem, "write it with LeRobot's defaults"));
        }
        Ok(info)
    }

    /// The specification that makes this file.
    pub(super) fn spec(&self, path: &Path) -> Result<DatasetSpec, DatasetError> {
        let mut columns = Vec::new();
        for (name, entry) in &self.features {
            let feature = entry.feature(name).ok_or_else(|| {
                let Entry { dtype, shape, .. } = entry;
                let problem = format!(
                    "feature {name}: expected image (H, W, 3), or float32, int64 or bool (n,), \
                     found {dtype} {shape:?}"
                );
                DatasetError::file(path, problem, "leave the feature out of the data set")
            })?;
            columns.push(feature);
        }
        let own = DatasetSpec::own_columns();
        if let Some(missing) = own.iter().find(|own| !columns.iter().any(|c| is_same(c, own))) {
            let problem = format!("expected the column {} of {}", missing.name, missing.kind);
            return Err(DatasetError::damaged(path, problem));
        }
        columns.retain(|column| !own.iter().any(|own| is_same(own, column)));
        let spec = DatasetSpec {
            robot_type: self.robot_type.clone().unwrap_or_default(),
            fps: self.fps,
            features: columns,
        };
        spec.check().map_err(|e| DatasetError::damaged(path, e.to_string()))?;
        Ok(spec)
    }
}

fn is_same(a: &Feature, b: &Feature) -> bool {
    a.name == b.name && a.kind == b.kind
}

fn parse<T: for<'de> Deserialize<'de>>(path: &Path, bytes: &[u8]) -> Result<T, DatasetError> {
    serde_json::from_slice(bytes).map_err(|e| DatasetError::damaged(path, e.to_string()))
}

impl Entry {
    fn new(feature: &Feature) -> Self {
        let (dtype, shape) = match feature.kind {
            Kind::Image { height, width } => ("image", vec![height, width, 3]),
            Kind::Floats(n) => ("float32", vec![n]),
            Kind::Ints(n) => ("int64", vec![n]),
            Kind::Bools(n) => ("bool", vec![n]),
        };
        let names = match feature.kind {
            Kind::Image { .. } => json!(["height", "width", "channels"]),
            _ => json!(feature.names),
        };
        Self { dtype: dtype.into(), shape, names }
    }

    fn feature(&self, name: &str) -> Option<Feature> {
        let kind = match (self.dtype.as_str(), self.shape.as_slice()) {
            ("image", &[height, width, 3]) => Kind::Image { height, width },
            ("float32", &[n]) => Kind::Floats(n),
            ("int64", &[n]) => Kind::Ints(n),
            ("bool", &[n]) => Kind::Bools(n),
            _ => return None,
        };
        // Names may also be nested in groups, which nothing here needs.
        let names = match kind {
            Kind::Image { .. } => None,
            _ => Vec::deserialize(&self.names).ok(),
        };
        Some(Feature { name: name.into(), kind, names })
    }
}

/// A JSON object as pairs, since the order of features is the order of a frame's values.
mod in_order {
    use std::fmt;

    use serde::de::{MapAccess, Visitor};
    use serde::{Deserializer, Serializer};

    use super::Entry;

    pub(super) fn serialize<S: Serializer>(
        entries: &[(String, Entry)],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(entries.iter().map(|(name, entry)| (name, entry)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<(String, Entry)>, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Vec<(String, Entry)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of features")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(pairs)
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}
