//! Watches an episode and writes it as a trace.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ergon_sim::{GroundTruth, Simulator};
use ergon_vocab::{
    Atom, Command, Event, Facts, Observation, Observer, Pose, StepRecord, Symbols, Truth,
};
use nalgebra::{Translation3, UnitQuaternion};
use serde::Serialize;

use super::channels::{Notes, Topic};
use super::messages::{self, Joints};
use super::notes::{Actor, CommandNote, Detail, DigestNote, EventNote, FactsNote, ObservationNote};
use super::sink::{Sink, Target};
use super::{
    BASE_FRAME, DOMAIN_FILE, FORMAT_VERSION, METADATA, RECORD_METADATA, SCENARIO_FILE,
    TraceWriteError, nanoseconds, picture,
};
use crate::{EpisodeRecord, Opening, Watcher};

/// The frame of the tool centre point.
const TOOL_FRAME: &str = "tcp";
/// Names of the arm's joints.
const ARM_JOINTS: [&str; 7] = [
    "panda_joint1",
    "panda_joint2",
    "panda_joint3",
    "panda_joint4",
    "panda_joint5",
    "panda_joint6",
    "panda_joint7",
];
/// Names of the gripper's joints.
const FINGER_JOINTS: [&str; 2] = ["panda_finger_joint1", "panda_finger_joint2"];
/// What the stage commands once the agent has ended. Should it ever command anything else, the
/// digests tell: a replay then differs at the first such step.
const STAGE_COMMAND: f64 = 0.0;
/// Steps that are held back until nothing more can be said about them: a step's command may be told
/// after the moment that it leads to.
const HELD_STEPS: usize = 2;

/// A message that is ready to be written.
type Message = (Target, Vec<u8>);

/// What is known of one control step so far.
#[derive(Default)]
struct Step {
    time_ns: u64,
    /// The true scene, once the moment has come.
    truth: Option<GroundTruth>,
    moment: Vec<Message>,
    /// What the agent sensed and believed; empty when it did not look.
    sensed: Vec<Message>,
    command: Option<Command>,
}

/// Writes one episode as a trace. The file is named `PATH.part` until [`TraceWriter::finish`]; it is
/// removed when the writer is dropped before that, or when anything went wrong.
pub struct TraceWriter {
    path: PathBuf,
    /// `None` after the first error.
    sink: Option<Sink>,
    error: Option<TraceWriteError>,
    episodes: u32,
    /// Whether a simulator tells of moments.
    staged: bool,
    symbols: Symbols,
    steps: BTreeMap<u64, Step>,
    /// Events with their time in ns, in the order in which they were told.
    events: Vec<(u64, Message)>,
    /// The truth of each atom when the facts were last written.
    facts: Option<Vec<(Atom, Truth)>>,
}

impl TraceWriter {
    /// A writer for one episode, whose trace will be `path`; a file of that name is replaced in the
    /// end.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn create(path: impl Into<PathBuf>, notes: Notes) -> Result<Self, TraceWriteError> {
        let path = path.into();
        Ok(Self {
            sink: Some(Sink::create(path.clone(), notes)?),
            path,
            error: None,
            episodes: 0,
            staged: false,
            symbols: Symbols::default(),
            steps: BTreeMap::new(),
            events: Vec::new(),
            facts: None,
        })
    }

    /// Ends the trace with how the episode ended, and gives the file its name, which is returned.
    ///
    /// # Errors
    /// Something went wrong, now or while the episode ran; no file is left.
    pub fn finish(mut self, record: &EpisodeRecord) -> Result<PathBuf, TraceWriteError> {
        self.guard(|writer, sink| {
            while let Some((step, held)) = writer.steps.pop_first() {
                let last = writer.steps.is_empty();
                writer.write_step(sink, step, held, last)?;
            }
            writer.write_events(sink, u64::MAX)?;
            let json = writer.json("the episode's record", record)?;
            let json = String::from_utf8_lossy(&json).into_owned();
            sink.metadata(RECORD_METADATA, &[("json", json)])
        });
        match (self.error.take(), self.sink.take()) {
            (Some(error), _) => Err(error),
            (None, Some(sink)) if self.episodes == 1 => sink.finish(),
            (None, _) => Err(self.wrong_episodes()),
        }
    }

    fn wrong_episodes(&self) -> TraceWriteError {
        TraceWriteError::Episodes { file: self.path.clone(), episodes: self.episodes }
    }

    /// Writes, unless something went wrong before; keeps what goes wrong, and then removes the file.
    fn guard(&mut self, write: impl FnOnce(&mut Self, &mut Sink) -> Result<(), TraceWriteError>) {
        let Some(mut sink) = self.sink.take() else { return };
        match write(self, &mut sink) {
            Ok(()) => self.sink = Some(sink),
            Err(error) => self.error = Some(error),
        }
    }

    fn json(&self, what: &str, value: &impl Serialize) -> Result<Vec<u8>, TraceWriteError> {
        serde_json::to_vec(value).map_err(|e| self.content(what, e.to_string()))
    }

    fn content(&self, what: &str, why: String) -> TraceWriteError {
        TraceWriteError::Content { file: self.path.clone(), what: what.to_owned(), why }
    }

    /// A message on one of the JSON channels.
    fn note(
        &self,
        notes: Notes,
        topic: Topic,
        value: &impl Serialize,
    ) -> Result<Message, TraceWriteError> {
        let json = self.json(topic.name(), value)?;
        let data = match notes {
            Notes::Json => json,
            Notes::RosString => messages::string(&String::from_utf8_lossy(&json)),
        };
        Ok((Target::Topic(topic), data))
    }

    fn begin(&mut self, sink: &mut Sink, opening: &Opening<'_>) -> Result<(), TraceWriteError> {
        self.episodes += 1;
        if self.episodes > 1 {
            return Err(self.wrong_episodes());
        }
        self.symbols = opening.cast.task.symbols().clone();
        let scenario = &opening.setup.scenario;
        sink.metadata(
            METADATA,
            &[
                ("format", FORMAT_VERSION.to_owned()),
                ("scenario", scenario.name.clone()),
                ("method", opening.method.to_string()),
                ("seed", opening.seed.to_string()),
            ],
        )?;
        sink.attach(SCENARIO_FILE, "application/toml", &scenario.source)?;
        sink.attach(DOMAIN_FILE, "text/plain", &opening.setup.domain_text)?;
        sink.declare_topics()
    }

    fn event(&mut self, notes: Notes, time: f64, event: &Event) -> Result<(), TraceWriteError> {
        let note = EventNote::new(time, event, &self.symbols);
        let message = self.note(notes, Topic::Events, &note)?;
        self.events.push((nanoseconds(time), message));
        let detail = match Detail::new(event, &self.symbols) {
            Some(Detail::Plan(note)) => self.note(notes, Topic::Plan, &note)?,
            Some(Detail::Action(note)) => self.note(notes, Topic::Action, &note)?,
            Some(Detail::Skill(note)) => self.note(notes, Topic::Skill, &note)?,
            None => return Ok(()),
        };
        self.events.push((nanoseconds(time), detail));
        Ok(())
    }

    fn sense(&mut self, sink: &mut Sink, record: StepRecord<'_>) -> Result<(), TraceWriteError> {
        let notes = sink.notes();
        let observation = record.observation;
        let time_ns = nanoseconds(observation.time_secs);
        let mut sensed = self.proprioception(notes, observation)?;
        for image in &observation.images {
            let png = picture::encode(&image.image)
                .map_err(|e| self.content(&format!("a picture of {}", image.camera), e))?;
            let data = messages::compressed_image(time_ns, &image.camera, &png);
            sensed.push((Target::Camera(image.camera.clone()), data));
        }
        let facts = &record.belief.facts;
        if self.facts_changed(facts) {
            let note = FactsNote::new(observation.step, facts, &self.symbols);
            sensed.push(self.note(notes, Topic::Facts, &note)?);
        }
        let step = self.steps.entry(observation.step).or_default();
        step.time_ns = time_ns;
        step.sensed = sensed;
        step.command = Some(*record.command);
        if self.staged { Ok(()) } else { self.write_held(sink) }
    }

    /// Whether an atom was gained, lost, or is now told otherwise.
    fn facts_changed(&mut self, facts: &Facts) -> bool {
        let truths: Vec<_> = facts.iter().map(|(atom, e)| (atom.clone(), e.truth)).collect();
        let changed = self.facts.as_ref() != Some(&truths);
        self.facts = Some(truths);
        changed
    }

    fn proprioception(
        &self,
        notes: Notes,
        observation: &Observation,
    ) -> Result<Vec<Message>, TraceWriteError> {
        let time_ns = nanoseconds(observation.time_secs);
        let tcp = Pose::from_parts(
            Translation3::from(observation.ee_position),
            UnitQuaternion::new(observation.ee_orientation),
        );
        let joints = messages::joint_state(time_ns, BASE_FRAME, &joints(observation));
        let tf = messages::tf(time_ns, BASE_FRAME, &[(TOOL_FRAME.to_owned(), tcp)]);
        Ok(vec![
            (Target::Topic(Topic::JointStates), joints),
            (Target::Topic(Topic::Tf), tf),
            self.note(notes, Topic::Observation, &ObservationNote::new(observation))?,
        ])
    }

    fn moment(&mut self, sink: &mut Sink, simulator: &Simulator) -> Result<(), TraceWriteError> {
        let (step, truth) = (simulator.step_count(), simulator.ground_truth());
        let time_ns = nanoseconds(truth.time_secs);
        let objects = &simulator.scenario().objects;
        let poses: Vec<(String, Pose)> = truth
            .bodies
            .iter()
            .map(|body| (format!("truth/{}", objects[body.object].name), body.pose))
            .collect();
        let digest = DigestNote { step, digest: format!("{:016x}", simulator.digest()) };
        let moment = vec![
            (Target::Topic(Topic::TruthTf), messages::tf(time_ns, BASE_FRAME, &poses)),
            self.note(sink.notes(), Topic::Digest, &digest)?,
        ];
        let held = self.steps.entry(step).or_default();
        held.time_ns = time_ns;
        held.truth = Some(truth);
        held.moment = moment;
        self.staged = true;
        self.write_held(sink)
    }

    /// Writes the steps of which nothing more is told.
    fn write_held(&mut self, sink: &mut Sink) -> Result<(), TraceWriteError> {
        while self.steps.len() > HELD_STEPS
            && let Some((step, held)) = self.steps.pop_first()
        {
            self.write_step(sink, step, held, false)?;
        }
        Ok(())
    }

    /// Writes all of one step, and the events up to its time. The last step has no command: whatever
    /// was commanded then was not executed.
    fn write_step(
        &mut self,
        sink: &mut Sink,
        step: u64,
        held: Step,
        last: bool,
    ) -> Result<(), TraceWriteError> {
        let notes = sink.notes();
        let Step { time_ns, truth, moment, mut sensed, command } = held;
        if let (true, Some(truth)) = (sensed.is_empty(), truth) {
            sensed = self.proprioception(notes, &unlooked(step, &truth))?;
        }
        for (target, data) in sensed.iter().chain(&moment) {
            sink.message(target, time_ns, data)?;
        }
        self.write_events(sink, time_ns)?;
        if last {
            return Ok(());
        }
        let note = match command {
            Some(command) => CommandNote::new(step, &command, Actor::Agent),
            None => CommandNote::new(step, &Command::hold(STAGE_COMMAND), Actor::Stage),
        };
        let (target, data) = self.note(notes, Topic::Command, &note)?;
        sink.message(&target, time_ns, &data)
    }

    fn write_events(&mut self, sink: &mut Sink, until_ns: u64) -> Result<(), TraceWriteError> {
        let (due, later) =
            std::mem::take(&mut self.events).into_iter().partition(|(time, _)| *time <= until_ns);
        self.events = later;
        let mut due: Vec<_> = due;
        due.sort_by_key(|(time, _)| *time);
        due.iter().try_for_each(|(time, (target, data))| sink.message(target, *time, data))
    }
}

impl Observer for TraceWriter {
    fn on_event(&mut self, time_secs: f64, event: &Event) {
        self.guard(|writer, sink| writer.event(sink.notes(), time_secs, event));
    }

    fn on_step(&mut self, record: StepRecord<'_>) {
        self.guard(|writer, sink| writer.sense(sink, record));
    }
}

impl Watcher for TraceWriter {
    fn on_begin(&mut self, opening: &Opening<'_>) {
        self.guard(|writer, sink| writer.begin(sink, opening));
    }

    fn on_moment(&mut self, simulator: &Simulator) {
        self.guard(|writer, sink| writer.moment(sink, simulator));
    }
}

fn joints(observation: &Observation) -> Joints<'static> {
    let Observation { joint_positions, joint_velocities, finger_positions, .. } = observation;
    let arm = joint_positions.len().min(ARM_JOINTS.len());
    let names = ARM_JOINTS.iter().take(arm).chain(&FINGER_JOINTS);
    let positions = joint_positions.iter().take(arm).chain(finger_positions);
    // The fingers' speed is not sensed, and ROS wants a number for each joint or none at all.
    let velocities = joint_velocities.iter().take(arm).chain(&[f64::NAN; 2]);
    Joints {
        names: names.copied().collect(),
        positions: positions.copied().collect(),
        velocities: if arm == 0 { Vec::new() } else { velocities.copied().collect() },
    }
}

/// What the robot would have told at a step at which nobody asked it: only what a moment shows.
fn unlooked(step: u64, truth: &GroundTruth) -> Observation {
    Observation {
        step,
        time_secs: truth.time_secs,
        images: Vec::new(),
        ee_position: truth.tcp.translation.vector,
        ee_orientation: truth.tcp.rotation.scaled_axis(),
        finger_positions: truth.finger_positions,
        joint_positions: Vec::new(),
        joint_velocities: Vec::new(),
    }
}
