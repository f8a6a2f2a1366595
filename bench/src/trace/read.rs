//! What a trace holds.

use std::collections::BTreeMap;

use ergon_sim::{ArmTruth, BodyTruth, GroundTruth};
use ergon_vocab::{Command, Entity, ObjectId, Observation, Pose};
use nalgebra::Vector3;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::channels::{Topic, is_camera_topic};
use super::container::{Container, Fault, Item};
use super::notes::{Actor, CommandNote, DigestNote, ObservationNote};
use super::{
    DOMAIN_FILE, FORMAT_VERSION, METADATA, RECORD_METADATA, SCENARIO_FILE, TraceError, messages,
    nanoseconds, picture,
};
use crate::{Cast, EpisodeRecord, Setup, SetupError};

/// A command as it was executed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordedCommand {
    /// The command.
    pub command: Command,
    /// Who gave it.
    pub by: Actor,
}

/// Something that was told in JSON, with its time.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceEvent {
    /// Time since the episode began, s.
    pub time_secs: f64,
    /// What was told, as the schema of its channel says.
    pub value: Value,
}

/// One recorded episode.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// Name of the scenario.
    pub scenario: String,
    /// The scenario with all it extends, as TOML.
    pub scenario_text: String,
    /// The domain, as PDDL.
    pub domain_text: String,
    /// The seed.
    pub seed: u64,
    /// Name of the method.
    pub method: String,
    /// The commands; the one at index k leads from step k to step k + 1.
    pub commands: Vec<RecordedCommand>,
    /// Digest of the simulator after each number of steps; one more than commands.
    pub digests: Vec<u64>,
    /// The plans that were made, in order of time.
    pub plans: Vec<TraceEvent>,
    /// Events in order of time.
    pub events: Vec<TraceEvent>,
    /// What was believed, wherever the truth of an atom changed, in order of time.
    pub facts: Vec<TraceEvent>,
    /// How the episode ended.
    pub record: Option<EpisodeRecord>,
    /// Proprioception after each number of steps.
    observations: Vec<ObservationNote>,
    /// True pose of each body, in the instance's order, after each number of steps.
    truth: Vec<Vec<Pose>>,
    /// PNG files by time in ns and camera.
    pictures: BTreeMap<(u64, String), Vec<u8>>,
}

impl Trace {
    /// Reads a trace. The bytes may be anything; the memory taken is in proportion to their number.
    ///
    /// # Errors
    /// The bytes are not a whole, undamaged trace of this version.
    pub fn read(bytes: &[u8]) -> Result<Self, TraceError> {
        let mut reader = Reader::default();
        let result = reader.walk(bytes);
        let trace = reader.trace;
        match result {
            Ok(()) => Ok(trace),
            Err(Stop::Container(Fault::CutOff)) => {
                let steps = trace.commands.len().min(trace.digests.len().saturating_sub(1));
                let time_secs = trace.observations.get(steps).map_or(0.0, |o| o.time_secs);
                Err(TraceError::CutOff { steps: steps as u64, time_secs })
            }
            Err(Stop::Container(Fault::NotMcap)) => Err(TraceError::NotMcap),
            Err(Stop::Container(Fault::Damaged(what))) => Err(TraceError::Damaged(what)),
            Err(Stop::Container(Fault::Compressed(with))) => Err(TraceError::Compressed(with)),
            Err(Stop::Content(error)) => Err(error),
        }
    }

    /// Control steps that were executed.
    pub fn steps(&self) -> u64 {
        self.commands.len() as u64
    }

    /// The scenario and the domain, read anew from their texts.
    ///
    /// # Errors
    /// The texts do not fit this program's version of their formats.
    pub fn setup(&self) -> Result<Setup, SetupError> {
        Setup::from_texts(&self.scenario_text, &self.domain_text)
    }

    /// The events up to and at a time.
    pub fn events_until(&self, time_secs: f64) -> &[TraceEvent] {
        &self.events[..self.events.partition_point(|e| e.time_secs <= time_secs)]
    }

    /// What the robot sensed after a number of steps, with its pictures where they were recorded;
    /// `None` after the last step. Where nobody asked the robot, its joints are not known.
    ///
    /// # Errors
    /// A picture is damaged.
    pub fn observation(&self, step: u64) -> Result<Option<Observation>, TraceError> {
        let note = usize::try_from(step).ok().and_then(|step| self.observations.get(step));
        let Some(note) = note else { return Ok(None) };
        let mut observation = note.observation();
        for camera in &note.cameras {
            let broken = |why: &str| {
                TraceError::Damaged(format!("the picture of {camera} at step {step}: {why}"))
            };
            let png = self
                .pictures
                .get(&(nanoseconds(note.time_secs), camera.clone()))
                .ok_or_else(|| broken("it is missing"))?;
            let image = picture::decode(png).map_err(|e| broken(&e))?;
            observation.images.push(ergon_vocab::CameraImage { camera: camera.clone(), image });
        }
        Ok(Some(observation))
    }

    /// Everything with its true geometry after a number of steps: what an oracle perceiver is fed
    /// with. `None` after the last step.
    pub fn true_entities(&self, cast: &Cast, step: u64) -> Option<BTreeMap<ObjectId, Entity>> {
        let poses = self.truth.get(usize::try_from(step).ok()?)?;
        // Of the truth, entities need the poses only, and a trace holds no more of it.
        let bodies = poses.iter().map(|&pose| BodyTruth {
            object: 0,
            pose,
            velocity: Vector3::zeros(),
            angular_velocity: Vector3::zeros(),
            changed: false,
            finger_contacts: [false; 2],
        });
        Some(cast.entities(&GroundTruth {
            time_secs: step as f64 / Command::RATE_HZ,
            bodies: bodies.collect(),
            buttons: Vec::new(),
            tcp: Pose::identity(),
            finger_positions: [0.0; 2],
            arm: ArmTruth::default(),
        }))
    }
}

/// Why reading stopped.
enum Stop {
    Container(Fault),
    Content(TraceError),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Container(fault)
    }
}

impl From<TraceError> for Stop {
    fn from(error: TraceError) -> Self {
        Self::Content(error)
    }
}

/// A trace as far as it was read.
#[derive(Default)]
struct Reader {
    trace: Trace,
    identified: bool,
    scenario_text: Option<String>,
    domain_text: Option<String>,
}

impl Reader {
    fn walk(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let mut container = Container::open(bytes)?;
        while let Some(item) = container.next()? {
            self.item(item)?;
        }
        self.check(&container)?;
        Ok(())
    }

    fn item(&mut self, item: Item<'_>) -> Result<(), TraceError> {
        match item {
            Item::Metadata { name: METADATA, entries } => self.identify(&entries),
            Item::Metadata { name: RECORD_METADATA, entries } => {
                let json = entries.get("json").copied().unwrap_or_default();
                self.trace.record = Some(json_of(json.as_bytes(), "the episode's record")?);
                Ok(())
            }
            // The identity comes first, so that what is not ours is not taken to pieces.
            _ if !self.identified => Err(TraceError::OtherProgram),
            Item::Metadata { .. } => Ok(()),
            Item::Attachment { name, data } => self.attachment(name, data),
            Item::Message { topic, encoding, time_ns, data } => {
                self.message(topic, encoding, time_ns, data)
            }
        }
    }

    fn identify(&mut self, entries: &BTreeMap<&str, &str>) -> Result<(), TraceError> {
        let entry = |key: &str| {
            let missing = || TraceError::Damaged(format!("its metadata has no entry {key:?}"));
            entries.get(key).copied().ok_or_else(missing)
        };
        let format = entry("format")?;
        if format != FORMAT_VERSION {
            return Err(TraceError::Version { found: format.to_owned() });
        }
        let seed = entry("seed")?;
        self.trace.seed = seed
            .parse()
            .map_err(|_| TraceError::Damaged(format!("the seed {seed:?} is not a number")))?;
        entry("scenario")?.clone_into(&mut self.trace.scenario);
        entry("method")?.clone_into(&mut self.trace.method);
        self.identified = true;
        Ok(())
    }

    fn attachment(&mut self, name: &str, data: &[u8]) -> Result<(), TraceError> {
        let text = match name {
            SCENARIO_FILE => &mut self.scenario_text,
            DOMAIN_FILE => &mut self.domain_text,
            _ => return Ok(()),
        };
        let not_text = |_| TraceError::Damaged(format!("the attachment {name} is not text"));
        *text = Some(String::from_utf8(data.to_vec()).map_err(not_text)?);
        Ok(())
    }

    fn message(
        &mut self,
        topic: &str,
        encoding: &str,
        time_ns: u64,
        data: &[u8],
    ) -> Result<(), TraceError> {
        if is_camera_topic(topic) {
            let (camera, png) = messages::read_compressed_image(data).ok_or_else(|| bad(topic))?;
            self.trace.pictures.insert((time_ns, camera.to_owned()), png.to_vec());
            return Ok(());
        }
        let Some(topic) = Topic::ALL.into_iter().find(|t| t.name() == topic) else {
            return Ok(());
        };
        let name = topic.name();
        // Traces for rosbag2 carry their JSON in strings.
        let json = || match encoding {
            "cdr" => messages::read_string(data).map(str::as_bytes).ok_or_else(|| bad(name)),
            _ => Ok(data),
        };
        let trace = &mut self.trace;
        match topic {
            Topic::Command => {
                let note: CommandNote = json_of(json()?, name)?;
                in_order(note.step, trace.commands.len(), name)?;
                let command = Command::from_array(note.command);
                trace.commands.push(RecordedCommand { command, by: note.by });
            }
            Topic::Digest => {
                let note: DigestNote = json_of(json()?, name)?;
                in_order(note.step, trace.digests.len(), name)?;
                let digest = u64::from_str_radix(&note.digest, 16).map_err(|_| bad(name))?;
                trace.digests.push(digest);
            }
            Topic::Observation => {
                let note: ObservationNote = json_of(json()?, name)?;
                in_order(note.step, trace.observations.len(), name)?;
                trace.observations.push(note);
            }
            Topic::TruthTf => {
                let bodies = messages::read_tf(data).ok_or_else(|| bad(name))?;
                trace.truth.push(bodies.into_iter().map(|(_, pose)| pose).collect());
            }
            Topic::Events => trace.events.push(event(time_ns, json_of(json()?, name)?)),
            Topic::Facts => trace.facts.push(event(time_ns, json_of(json()?, name)?)),
            Topic::Plan => trace.plans.push(event(time_ns, json_of(json()?, name)?)),
            Topic::JointStates | Topic::Tf | Topic::Action | Topic::Skill => {}
        }
        Ok(())
    }

    /// Checks that nothing is missing, and moves the texts to their place.
    fn check(&mut self, container: &Container<'_>) -> Result<(), TraceError> {
        if !self.identified {
            return Err(TraceError::OtherProgram);
        }
        let text = |text: &mut Option<String>, name| {
            text.take().ok_or(TraceError::MissingAttachment(name))
        };
        let trace = &mut self.trace;
        trace.scenario_text = text(&mut self.scenario_text, SCENARIO_FILE)?;
        trace.domain_text = text(&mut self.domain_text, DOMAIN_FILE)?;
        if let Some(topic) = Topic::ALL.into_iter().find(|t| !container.has_channel(t.name())) {
            return Err(TraceError::MissingChannel(topic.name()));
        }
        // A stable sort: what was told at one time stays in the order in which it was told.
        trace.events.sort_by(|a, b| a.time_secs.total_cmp(&b.time_secs));
        let moments = trace.digests.len();
        let even = trace.observations.len() == moments
            && trace.truth.len() == moments
            && trace.commands.len() == moments.saturating_sub(1);
        if !even {
            return Err(TraceError::Damaged(format!(
                "it holds {moments} states, {} observations, {} true scenes and {} commands",
                trace.observations.len(),
                trace.truth.len(),
                trace.commands.len()
            )));
        }
        Ok(())
    }
}

fn bad(topic: &str) -> TraceError {
    TraceError::Damaged(format!("a message of {topic} is malformed"))
}

fn in_order(step: u64, expected: usize, topic: &str) -> Result<(), TraceError> {
    if step == expected as u64 {
        return Ok(());
    }
    Err(TraceError::Damaged(format!("{topic} has step {step} where {expected} is due")))
}

fn json_of<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, TraceError> {
    serde_json::from_slice(bytes).map_err(|e| TraceError::Damaged(format!("{what}: {e}")))
}

fn event(time_ns: u64, value: Value) -> TraceEvent {
    let told = value.get("time_secs").and_then(Value::as_f64);
    TraceEvent { time_secs: told.unwrap_or(time_ns as f64 / 1e9), value }
}
