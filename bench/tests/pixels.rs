//! The agent proper: it works from pixels and proprioception alone, with the networks in `policies/`.
#![expect(clippy::unwrap_used, reason = "the lint's exception for tests stops at their helpers")]

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use ergon_bench::trace::{Notes, ReplayRobot, Trace, TraceWriter};
use ergon_bench::{Cast, Context, Episode, Method, Networks, Setup, run_episode};
use ergon_controller::Executive;
use ergon_inference::Runtime;
use ergon_planner::{SearchOptions, Session};
use ergon_scenarios::{Instance, Override};
use ergon_vocab::Outcome;
use ergon_vocab::dummy::{NoObserver, SameGoal, StoppedClock};
use nalgebra::Vector3;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn setup(name: &str, overrides: &[&str]) -> Setup {
    let overrides: Vec<_> = overrides.iter().map(|o| Override((*o).into())).collect();
    Setup::load(&root().join("scenarios/hanoi").join(name), &overrides).unwrap()
}

fn networks() -> Networks {
    Networks::load(&root().join("policies"), Runtime::start(None).unwrap()).unwrap()
}

/// Runs an episode of the agent proper and gives it with its trace.
fn record(setup: &Setup, seed: u64) -> (Episode, Trace) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("episode.mcap");
    let mut writer = TraceWriter::create(&path, Notes::Json).unwrap();
    let (stop, clock, networks) = (AtomicBool::new(false), StoppedClock::default(), networks());
    let context = Context {
        method: Method::NeuroSymbolic,
        clock: &clock,
        stop: &stop,
        networks: Some(&networks),
        instructed: None,
        cameras: true,
    };
    let episode = run_episode(setup, seed, context, vec![&mut writer]).unwrap();
    writer.finish(&episode.record).unwrap();
    let trace = Trace::read(&std::fs::read(path).unwrap()).unwrap();
    (episode, trace)
}

/// Lets an agent that knows `setup` live through a trace: it is given the pictures and the
/// proprioception that were recorded, and there is no simulator that it could look into. The robot
/// stops it at the first command that is not the recorded one, bit by bit. `task` tells what to do.
fn live_through(trace: &Trace, setup: &Setup, task: &Instance) -> (Outcome, u64) {
    let cast = Cast::new(setup, task, &ergon_controller::SKILLS).unwrap();
    let networks = networks();
    let cell = cast.cell(&setup.scenario, task);
    let mut robot = ReplayRobot::new(trace);
    let mut executive = Executive {
        planner: &mut Session::new(
            cast.task.clone(),
            SearchOptions::default(),
            StoppedClock::default(),
        ),
        perceiver: &mut networks.perceiver(cast.grounder.clone(), cell.clone()).unwrap(),
        skills: networks.skills(&cell).unwrap(),
        bindings: cast.bindings.clone(),
        goal: cast.goal.clone(),
        goals: &mut SameGoal,
        budgets: setup.budgets(),
        cameras: cell.cameras,
    };
    let report = executive.run(&mut robot, &mut NoObserver);
    (report.outcome, report.steps)
}

#[test]
fn with_garbage_for_truth_the_agent_gives_the_same_commands() {
    let honest = setup("move.toml", &[]);
    let (episode, trace) = record(&honest, 5);
    assert!(episode.record.success, "{:?}", episode.record);

    // Whatever of the truth a leak could reach from the agent's side is wrong now.
    let mut garbage = setup("move.toml", &[]);
    for object in &mut garbage.scenario.objects {
        object.size = Vector3::repeat(0.9) - object.size * 3.0;
        object.mass *= 17.0;
        object.friction = 0.01;
    }
    let mut task = honest.scenario.instance(5);
    for setup in [&honest, &garbage] {
        // A trace holds no picture after the agent's last step: there it is blind, and ends.
        let (outcome, steps) = live_through(&trace, setup, &task);
        assert_eq!(steps, episode.record.steps, "{outcome:?}");
        for body in &mut task.bodies {
            body.pose.translation.vector *= -3.0;
        }
    }
}

#[test]
fn other_pixels_give_other_commands() {
    let setup = setup("move.toml", &["limits.time_secs=6"]);
    let (_, trace) = record(&setup, 5);
    let (_, mut other) = record(&setup, 6);
    // The same commands are recorded, but what is seen and felt is another episode's.
    other.seed = trace.seed;
    other.commands.clone_from(&trace.commands);
    let (outcome, steps) = live_through(&other, &setup, &setup.scenario.instance(5));
    assert!(steps < trace.steps().min(other.steps()) / 2, "{steps}: {outcome:?}");
}

#[test]
fn the_same_seed_gives_the_same_episode() {
    let setup = setup("3-knock.toml", &["limits.time_secs=5"]);
    let (one, two) = (record(&setup, 2).0, record(&setup, 2).0);
    assert_eq!(one.record, two.record);
}
