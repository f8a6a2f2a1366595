//! The file of a trace while it is written: under another name until it is whole.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use mcap::records::{MessageHeader, Metadata};
use mcap::{Attachment, McapError, WriteOptions, Writer};

use super::TraceWriteError;
use super::channels::{Content, Notes, Topic, camera_topic};
use super::messages::{self, Definition};

/// Named in the file; pinned, so that a newer library writes the same bytes.
const LIBRARY: &str = "ergon";
/// Size at which a chunk ends, bytes: what a reader of one moment must load, and what can be lost
/// from the indexes when a writing program dies.
const CHUNK_SIZE: u64 = 256 * 1024;

/// A channel: one that every trace has, or the one of a camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Topic(Topic),
    Camera(String),
}

/// An MCAP file under its temporary name, removed when it is dropped before [`Sink::finish`].
pub(super) struct Sink {
    path: PathBuf,
    part: PathBuf,
    notes: Notes,
    /// `None` once the file is closed.
    writer: Option<Writer<BufWriter<File>>>,
    /// Ids of the channels in the order of [`Topic::ALL`].
    topics: Vec<u16>,
    cameras: BTreeMap<String, u16>,
    /// Number of the next message, by channel.
    sequences: BTreeMap<u16, u32>,
    kept: bool,
}

impl Sink {
    pub(super) fn create(path: PathBuf, notes: Notes) -> Result<Self, TraceWriteError> {
        let mut part = path.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part)
            .map_err(|source| TraceWriteError::Io { file: path.clone(), source })?;
        let mut sink = Self {
            path,
            part,
            notes,
            writer: None,
            topics: Vec::new(),
            cameras: BTreeMap::new(),
            sequences: BTreeMap::new(),
            kept: false,
        };
        let writer = WriteOptions::new()
            .profile("ros2")
            .library(LIBRARY)
            .compression(None)
            .chunk_size(Some(CHUNK_SIZE))
            .create(BufWriter::new(file))
            .map_err(|e| sink.refused(e))?;
        sink.writer = Some(writer);
        Ok(sink)
    }

    fn refused(&self, source: McapError) -> TraceWriteError {
        let file = self.path.clone();
        match source {
            McapError::Io(source) => TraceWriteError::Io { file, source },
            source => TraceWriteError::Mcap { file, source },
        }
    }

    fn with<T>(
        &mut self,
        write: impl FnOnce(&mut Writer<BufWriter<File>>) -> Result<T, McapError>,
    ) -> Result<T, TraceWriteError> {
        let result = match &mut self.writer {
            Some(writer) => write(writer),
            None => Err(McapError::AttemptedWriteAfterFailure),
        };
        result.map_err(|e| self.refused(e))
    }

    pub(super) fn metadata(
        &mut self,
        name: &str,
        entries: &[(&str, String)],
    ) -> Result<(), TraceWriteError> {
        let metadata = entries.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        self.with(|w| w.write_metadata(&Metadata { name: name.to_owned(), metadata }))
    }

    pub(super) fn attach(
        &mut self,
        name: &str,
        media_type: &str,
        text: &str,
    ) -> Result<(), TraceWriteError> {
        let attachment = Attachment {
            log_time: 0,
            create_time: 0,
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            data: text.as_bytes().into(),
        };
        self.with(|w| w.attach(&attachment))
    }

    /// Declares the channels that every trace has.
    pub(super) fn declare_topics(&mut self) -> Result<(), TraceWriteError> {
        for topic in Topic::ALL {
            let id = match (topic.content(), self.notes) {
                (Content::Ros(definition), _) => {
                    self.ros_channel(topic.name(), definition, topic.note())?
                }
                (Content::Json(..), Notes::RosString) => {
                    self.ros_channel(topic.name(), messages::STRING, topic.note())?
                }
                (Content::Json(name, schema), Notes::Json) => {
                    let metadata = channel_metadata(topic.note());
                    self.with(|w| {
                        let schema = w.add_schema(name, "jsonschema", schema.as_bytes())?;
                        w.add_channel(schema, topic.name(), "json", &metadata)
                    })?
                }
            };
            self.topics.push(id);
        }
        Ok(())
    }

    fn ros_channel(
        &mut self,
        topic: &str,
        definition: Definition,
        note: &str,
    ) -> Result<u16, TraceWriteError> {
        let metadata = channel_metadata(note);
        self.with(|w| {
            let schema = w.add_schema(definition.name, "ros2msg", definition.text.as_bytes())?;
            w.add_channel(schema, topic, "cdr", &metadata)
        })
    }

    /// Writes a message: CDR for ROS channels, JSON for the others.
    pub(super) fn message(
        &mut self,
        target: &Target,
        time_ns: u64,
        data: &[u8],
    ) -> Result<(), TraceWriteError> {
        let channel_id = match target {
            Target::Topic(topic) => self.topics.get(*topic as usize).copied().unwrap_or_default(),
            Target::Camera(camera) => self.camera(camera)?,
        };
        let next = self.sequences.entry(channel_id).or_default();
        let sequence = *next;
        *next = next.wrapping_add(1);
        let header =
            MessageHeader { channel_id, sequence, log_time: time_ns, publish_time: time_ns };
        self.with(|w| w.write_to_known_channel(&header, data))
    }

    fn camera(&mut self, camera: &str) -> Result<u16, TraceWriteError> {
        if let Some(&id) = self.cameras.get(camera) {
            return Ok(id);
        }
        let id = self.ros_channel(&camera_topic(camera), messages::COMPRESSED_IMAGE, "")?;
        self.cameras.insert(camera.to_owned(), id);
        Ok(id)
    }

    pub(super) fn notes(&self) -> Notes {
        self.notes
    }

    /// Ends the file and gives it its name.
    pub(super) fn finish(mut self) -> Result<PathBuf, TraceWriteError> {
        self.with(|w| w.finish().map(|_| ()))?;
        let failed = |file: &Path, source| TraceWriteError::Io { file: file.into(), source };
        if let Some(writer) = self.writer.take() {
            let buffer = writer.into_inner();
            // What is still in the buffer must be seen to reach the file: dropping it is silent.
            buffer.into_inner().map_err(|e| failed(&self.path, io::Error::from(e)))?;
        }
        fs::rename(&self.part, &self.path).map_err(|e| failed(&self.path, e))?;
        self.kept = true;
        Ok(self.path.clone())
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if !self.kept {
            // Closed before it is removed, which some systems insist on.
            self.writer = None;
            // A file that cannot be removed stays under its `.part` name, which says enough.
            fs::remove_file(&self.part).ok();
        }
    }
}

fn channel_metadata(note: &str) -> BTreeMap<String, String> {
    // rosbag2 looks for this key in every channel.
    let mut metadata = BTreeMap::from([("offered_qos_profiles".to_owned(), String::new())]);
    if !note.is_empty() {
        metadata.insert("note".to_owned(), note.to_owned());
    }
    metadata
}
