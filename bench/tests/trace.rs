//! Traces: written while an episode runs, read back, played again.
#![expect(clippy::unwrap_used, reason = "the lint's exception for tests stops at their helpers")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use ergon_bench::trace::{
    Actor, Notes, ReplayReport, ReplayRobot, Trace, TraceError, TraceWriteError, TraceWriter,
    replay,
};
use ergon_bench::{Cast, Context, EpisodeRecord, Method, Opening, Setup, Watcher, run_episode};
use ergon_controller::{Executive, scripted};
use ergon_perception::OraclePerceiver;
use ergon_planner::{SearchOptions, Session};
use ergon_scenarios::Override;
use ergon_sim::Simulator;
use ergon_vocab::dummy::{NoObserver, SameGoal, StoppedClock};
use ergon_vocab::{Command, Event, Observer, Outcome, Robot, RobotError, StepRecord};
use proptest::prelude::*;

/// Limits are cut so that the short episode ends early, in the middle of its work.
const SHORT: &str = "limits.time_secs=3";

fn setup(overrides: &[&str]) -> Setup {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let overrides: Vec<_> = overrides.iter().map(|o| Override((*o).to_owned())).collect();
    // The domain's path in the scenario is relative to the scenario file.
    Setup::load(&root.join("scenarios/hanoi/3.toml"), &overrides).unwrap()
}

fn context<'a>(stop: &'a AtomicBool, clock: &'a StoppedClock, cameras: bool) -> Context<'a> {
    Context { method: Method::Scripted, clock, stop, networks: None, instructed: None, cameras }
}

/// Runs an episode and returns the bytes of its trace.
fn record(setup: &Setup, seed: u64, cameras: bool, notes: Notes) -> (Vec<u8>, EpisodeRecord) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("episode.mcap");
    let (stop, clock) = (AtomicBool::new(false), StoppedClock::default());
    let mut writer = TraceWriter::create(&path, notes).unwrap();
    let episode =
        run_episode(setup, seed, context(&stop, &clock, cameras), vec![&mut writer]).unwrap();
    assert!(!path.exists(), "the file has its name only when it is whole");
    assert_eq!(writer.finish(&episode.record).unwrap(), path);
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().path()).collect();
    assert_eq!(names, std::slice::from_ref(&path), "nothing else is left");
    (fs::read(path).unwrap(), episode.record)
}

/// A whole episode of three blocks without pictures; the tests share it.
fn whole() -> &'static (Vec<u8>, EpisodeRecord) {
    static WHOLE: OnceLock<(Vec<u8>, EpisodeRecord)> = OnceLock::new();
    WHOLE.get_or_init(|| record(&setup(&[]), 7, false, Notes::Json))
}

/// The beginning of an episode, short enough to be read thousands of times.
fn short() -> &'static Vec<u8> {
    static SHORT_TRACE: OnceLock<Vec<u8>> = OnceLock::new();
    SHORT_TRACE.get_or_init(|| record(&setup(&[SHORT]), 7, false, Notes::Json).0)
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let setup = setup(&[SHORT]);
    let first = record(&setup, 3, true, Notes::Json).0;
    let second = record(&setup, 3, true, Notes::Json).0;
    assert!(first == second, "{} and {} bytes differ", first.len(), second.len());
}

#[test]
fn what_was_recorded_reads_back() {
    let (bytes, record) = whole();
    let trace = Trace::read(bytes).unwrap();
    let setup = setup(&[]);
    assert_eq!(trace.scenario, setup.scenario.name);
    assert_eq!(trace.scenario_text, setup.scenario.source);
    assert_eq!(trace.domain_text, setup.domain_text);
    assert_eq!((trace.seed, trace.method.as_str()), (7, "scripted"));
    assert_eq!(trace.record.as_ref(), Some(record));
    assert_eq!(format!("{:016x}", trace.digests.last().unwrap()), record.digest);
    let agent = trace.commands.iter().filter(|c| c.by == Actor::Agent).count();
    assert_eq!(agent as u64, record.steps);
    assert!(trace.commands.iter().skip(agent).all(|c| c.by == Actor::Stage));
    assert_eq!(trace.digests.len(), trace.commands.len() + 1);
    assert!(trace.events.is_sorted_by_key(|e| e.time_secs));
    assert_eq!(trace.events[0].value["event"], "planned");
    let end = &trace.events.last().unwrap().value;
    assert_eq!((&end["event"], &end["outcome"]), (&"finished".into(), &"solved".into()));
    assert!(trace.facts[0].value["facts"].as_object().unwrap().len() > 5);
    assert_eq!(trace.events_until(-1.0), []);
    assert_eq!(trace.events_until(f64::INFINITY), trace.events);
}

#[test]
fn a_replay_is_identical_to_the_episode() {
    let trace = Trace::read(&whole().0).unwrap();
    let mut moments = 0;
    let mut seen = 0;
    let report = replay(&trace, &mut |simulator, events| {
        assert_eq!(simulator.step_count(), moments);
        assert!(events.iter().all(|e| e.time_secs <= simulator.time_secs()));
        moments += 1;
        seen = events.len();
    });
    assert_eq!(report.unwrap(), ReplayReport::Identical { steps: trace.steps() });
    assert_eq!((moments, seen), (trace.steps() + 1, trace.events.len()));
}

#[test]
fn a_replay_tells_the_first_step_that_differs() {
    let mut trace = Trace::read(short()).unwrap();
    trace.commands[12].command.translation.x += 0.5;
    let report = replay(&trace, &mut |_, _| {}).unwrap();
    assert!(matches!(report, ReplayReport::Differs { step: 13, .. }), "{report:?}");
    trace.commands[3].command.translation.x = f64::NAN;
    let report = replay(&trace, &mut |_, _| {}).unwrap();
    assert!(matches!(report, ReplayReport::Stopped { step: 4, .. }), "{report:?}");
}

/// Runs the executive of the scripted method on a recorded episode.
fn relive(trace: &Trace, observer: &mut dyn Observer) -> (Outcome, u64) {
    let setup = trace.setup().unwrap();
    let instance = setup.scenario.instance(trace.seed);
    let skills = scripted::skills();
    let names: Vec<&str> = skills.keys().map(String::as_str).collect();
    let cast = Cast::new(&setup, &instance, &names).unwrap();
    let robot = ReplayRobot::new(trace);
    let eyes = robot.clone();
    let mut planner =
        Session::new(cast.task.clone(), SearchOptions::default(), StoppedClock::default());
    let mut perceiver = OraclePerceiver::new(cast.grounder.clone(), || eyes.true_entities(&cast));
    let mut executive = Executive {
        planner: &mut planner,
        perceiver: &mut perceiver,
        skills,
        bindings: cast.bindings.clone(),
        goal: cast.goal.clone(),
        goals: &mut SameGoal,
        budgets: setup.budgets(),
        cameras: Vec::new(),
    };
    let report = executive.run(&mut robot.clone(), observer);
    (report.outcome, robot.step_count())
}

#[test]
fn an_agent_on_the_replayed_robot_gives_the_same_commands_to_the_end() {
    let (bytes, record) = whole();
    let trace = Trace::read(bytes).unwrap();
    assert_eq!(relive(&trace, &mut NoObserver), (Outcome::Solved, record.steps));
}

#[test]
fn the_replayed_robot_stops_at_another_command_and_at_the_end() {
    let trace = Trace::read(short()).unwrap();
    let mut robot = ReplayRobot::new(&trace);
    assert_eq!(robot.observe().unwrap().step, 0);
    let Err(RobotError::Stopped(text)) = robot.step(&Command::from_array([0.123; 7])) else {
        panic!("another command was accepted");
    };
    assert!(text.contains("at step 0 the command [0.123, "), "{text}");
    for (step, recorded) in (1..).zip(&trace.commands) {
        let observation = robot.step(&recorded.command).unwrap();
        assert_eq!((observation.step, robot.step_count()), (step, step));
    }
    let end = robot.step(&Command::hold(0.0));
    let text = format!("the trace ends after step {}", trace.steps());
    assert_eq!(end, Err(RobotError::Stopped(text)));
}

#[test]
fn pictures_read_back_and_both_kinds_of_notes_say_the_same() {
    let setup = setup(&["limits.time_secs=0.5"]);
    let cameras: Vec<_> = setup.scenario.cameras.iter().map(|c| (c.name.clone(), c.size)).collect();
    let json = Trace::read(&record(&setup, 1, true, Notes::Json).0).unwrap();
    let strings = Trace::read(&record(&setup, 1, true, Notes::RosString).0).unwrap();
    assert_eq!(json, strings);
    let mut simulator = Simulator::new(&setup.scenario, &setup.scenario.instance(1)).unwrap();
    let sizes: Vec<_> = cameras.iter().map(|(_, size)| *size).enumerate().collect();
    simulator.set_cameras(&sizes);
    let mut fresh = simulator.observe().unwrap();
    let mut steps = 0;
    for recorded in json.commands.iter().take_while(|c| c.by == Actor::Agent) {
        assert_eq!(json.observation(steps).unwrap().unwrap(), fresh);
        fresh = simulator.step(&recorded.command).unwrap();
        steps += 1;
    }
    assert!(steps > 0);
    assert_eq!(json.observation(json.steps() + 1), Ok(None));
}

#[test]
fn a_file_that_is_cut_off_says_what_is_left() {
    let bytes = short();
    let trace = Trace::read(bytes).unwrap();
    let mut last = 0;
    for length in (9..bytes.len()).step_by(997).chain([bytes.len() - 1]) {
        let Err(TraceError::CutOff { steps, time_secs }) = Trace::read(&bytes[..length]) else {
            panic!("{length} of {} bytes", bytes.len());
        };
        assert!(steps >= last && steps <= trace.steps());
        assert_eq!(time_secs, steps as f64 / Command::RATE_HZ);
        last = steps;
    }
    assert_eq!(last, trace.steps());
    let error = TraceError::CutOff { steps: 247, time_secs: 12.35 };
    let text = "the file is cut off after 12.35 s (247 control steps can be read)";
    assert_eq!(error.to_string(), text);
}

/// Reads the unfinished file of an episode after a number of steps, as if the program had died then.
struct Witness {
    part: PathBuf,
    step: u64,
    seen: Vec<u8>,
}

impl Observer for Witness {
    fn on_event(&mut self, _: f64, _: &Event) {}

    fn on_step(&mut self, _: StepRecord<'_>) {}
}

impl Watcher for Witness {
    fn on_begin(&mut self, _: &Opening<'_>) {}

    fn on_moment(&mut self, simulator: &Simulator) {
        if simulator.step_count() == self.step {
            self.seen = fs::read(&self.part).unwrap();
        }
    }
}

#[test]
fn what_a_program_that_died_has_left_can_be_judged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("episode.mcap");
    let mut writer = TraceWriter::create(&path, Notes::Json).unwrap();
    let part = folder.path().join("episode.mcap.part");
    let mut witness = Witness { part, step: 50, seen: Vec::new() };
    let (stop, clock) = (AtomicBool::new(false), StoppedClock::default());
    let context = context(&stop, &clock, true);
    run_episode(&setup(&[SHORT]), 1, context, vec![&mut writer, &mut witness]).unwrap();
    let Err(TraceError::CutOff { steps, .. }) = Trace::read(&witness.seen) else {
        panic!("{} bytes", witness.seen.len());
    };
    // What is in the buffer is lost, and what is held back for the next step.
    assert!((40..50).contains(&steps), "{steps}");
}

/// An MCAP file with sound checksums around anything: of another program, of another version of this
/// one, or of one that went mad.
fn foreign(metadata: &[(&str, &str)], texts: &[&str], messages: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let mut writer = mcap::WriteOptions::new().create(&mut file).unwrap();
    if !metadata.is_empty() {
        let metadata = metadata.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let name = "ergon".into();
        writer.write_metadata(&mcap::records::Metadata { name, metadata }).unwrap();
    }
    for name in texts {
        let (name, media_type) = ((*name).to_owned(), String::new());
        let data = "text".as_bytes().into();
        let text = mcap::Attachment { log_time: 0, create_time: 0, name, media_type, data };
        writer.attach(&text).unwrap();
    }
    for (topic, data) in messages {
        let encoding = if topic.contains("ergon") { "json" } else { "cdr" };
        let channel_id = writer.add_channel(0, topic, encoding, &Default::default()).unwrap();
        let (sequence, log_time, publish_time) = (0, 0, 0);
        let header = mcap::records::MessageHeader { channel_id, sequence, log_time, publish_time };
        writer.write_to_known_channel(&header, data).unwrap();
    }
    writer.finish().unwrap();
    drop(writer);
    file.into_inner()
}

/// The metadata of a trace, and what it has attached.
const IDENTITY: [(&str, &str); 4] =
    [("format", "1"), ("seed", "3"), ("scenario", "s"), ("method", "m")];
const TEXTS: [&str; 2] = ["scenario.toml", "domain.pddl"];
/// Where its messages are read.
const TOPICS: [&str; 7] = [
    "/ergon/command",
    "/ergon/digest",
    "/ergon/observation",
    "/ergon/events",
    "/ergon/facts",
    "/truth/tf",
    "/camera/agent/compressed",
];

#[test]
fn files_that_are_not_traces_are_told_apart() {
    let check = |bytes: &[u8], expected: TraceError| {
        assert_eq!(Trace::read(bytes), Err(expected.clone()));
        assert!(expected.hint().is_some());
    };
    check(b"GIF89a", TraceError::NotMcap);
    check(b"", TraceError::NotMcap);
    check(&foreign(&[], &[], &[("/chatter", b"")]), TraceError::OtherProgram);
    let no_scenario = TraceError::MissingAttachment("scenario.toml");
    check(&foreign(&IDENTITY, &[], &[]), no_scenario);
    let no_domain = TraceError::MissingAttachment("domain.pddl");
    check(&foreign(&IDENTITY, &TEXTS[..1], &[]), no_domain);
    check(&foreign(&IDENTITY, &TEXTS, &[]), TraceError::MissingChannel("/joint_states"));
    let skips = ("/ergon/command", &br#"{"step":3,"command":[0,0,0,0,0,0,0],"by":"agent"}"#[..]);
    let text = "/ergon/command has step 3 where 0 is due";
    check(&foreign(&IDENTITY, &TEXTS, &[skips]), TraceError::Damaged(text.into()));
    check(&foreign(&[("format", "99")], &[], &[]), TraceError::Version { found: "99".into() });
}

#[test]
fn a_writer_that_is_dropped_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("episode.mcap");
    let writer = TraceWriter::create(&path, Notes::Json).unwrap();
    assert!(folder.path().join("episode.mcap.part").exists());
    drop(writer);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_trace_holds_exactly_one_episode() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("episode.mcap");
    let record = &whole().1;
    let none = TraceWriter::create(&path, Notes::Json).unwrap().finish(record);
    assert!(matches!(none, Err(TraceWriteError::Episodes { episodes: 0, .. })));
    let mut writer = TraceWriter::create(&path, Notes::Json).unwrap();
    let (stop, clock) = (AtomicBool::new(false), StoppedClock::default());
    let setup = setup(&["limits.time_secs=0.2"]);
    for _ in 0..2 {
        run_episode(&setup, 1, context(&stop, &clock, false), vec![&mut writer]).unwrap();
    }
    let two = writer.finish(record);
    assert!(matches!(two, Err(TraceWriteError::Episodes { episodes: 2, .. })), "{two:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_that_does_not_exist_is_told_at_once() {
    let error = TraceWriter::create("/nowhere/at/all.mcap", Notes::Json).err().unwrap();
    assert!(error.to_string().starts_with("/nowhere/at/all.mcap: cannot be written: "), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_at_the_end_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("episode.mcap");
    std::os::unix::fs::symlink("/dev/full", folder.path().join("episode.mcap.part")).unwrap();
    let (stop, clock) = (AtomicBool::new(false), StoppedClock::default());
    let mut writer = TraceWriter::create(&path, Notes::Json).unwrap();
    let setup = setup(&[SHORT]);
    let episode = run_episode(&setup, 1, context(&stop, &clock, false), vec![&mut writer]).unwrap();
    let error = writer.finish(&episode.record).unwrap_err();
    assert!(error.to_string().contains("No space left"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_truncation_is_taken_for_a_trace(share in 0.0..1.0_f64) {
        let bytes = short();
        let length = (bytes.len() as f64 * share) as usize;
        prop_assert!(Trace::read(&bytes[..length]).is_err());
    }

    #[test]
    fn no_flipped_bit_goes_unnoticed(place in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let mut bytes = short().clone();
        let at = place.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(Trace::read(&bytes).is_err(), "bit {bit} of byte {at}");
    }

    #[test]
    fn messages_of_any_bytes_are_survived(
        noise in prop::collection::vec(
            (prop::sample::select(&TOPICS), prop::collection::vec(any::<u8>(), 0..64), 0..2_u8),
            1..8,
        ),
    ) {
        // Half of them with the head of CDR, to get past its first check.
        let messages: Vec<(&str, Vec<u8>)> = noise
            .into_iter()
            .map(|(topic, data, head)| (topic, [&[0, 1, 0, 0][..4 * head as usize], &data].concat()))
            .collect();
        let messages: Vec<_> = messages.iter().map(|(t, d)| (*t, &d[..])).collect();
        prop_assert!(Trace::read(&foreign(&IDENTITY, &TEXTS, &messages)).is_err());
    }

    #[test]
    fn any_bytes_in_the_middle_are_survived(
        place in any::<prop::sample::Index>(),
        noise in prop::collection::vec(any::<u8>(), 1..64),
    ) {
        let mut bytes = short().clone();
        let at = place.index(bytes.len());
        bytes.splice(at..(at + noise.len() / 2).min(bytes.len()), noise);
        // Whatever it is taken for, it is told without a panic.
        drop(Trace::read(&bytes));
    }
}
