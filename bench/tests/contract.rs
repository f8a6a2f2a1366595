//! The contract of every scenario file: it loads, settles, its first facts match the problem file where
//! one describes the same start, its plan validates, observations are finite, the task is solved, and
//! the same seed gives the same record on any number of threads.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use ergon_bench::{Cast, Context, EpisodeRecord, Method, Setup, run_episode, run_experiment};
use ergon_controller::SKILLS;
use ergon_planner::{PlanFile, Problem, SearchOptions, Task, solve, validate};
use ergon_scenarios::Override;
use ergon_sim::Simulator;
use ergon_vocab::dummy::StoppedClock;
use ergon_vocab::{PlanOutcome, Robot, State, Symbols};

const CLOCK: StoppedClock = StoppedClock(Duration::ZERO);
/// Folders of scenarios.
const FOLDERS: [&str; 7] = ["assembly", "hanoi", "nuts", "pattern", "sorting", "stacking", "stove"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn setup(name: &str, overrides: &[&str]) -> Setup {
    let overrides: Vec<_> = overrides.iter().map(|o| Override((*o).into())).collect();
    Setup::load(&root().join("scenarios/hanoi").join(name), &overrides).unwrap()
}

fn episode(setup: &Setup, seed: u64) -> EpisodeRecord {
    let stop = AtomicBool::new(false);
    let context = Context {
        method: Method::Scripted,
        clock: &CLOCK,
        stop: &stop,
        networks: None,
        instructed: None,
        cameras: false,
    };
    run_episode(setup, seed, context, Vec::new()).unwrap().record
}

/// The facts at the start of an episode, as the oracle perceiver grounds them.
fn first_facts(setup: &Setup, seed: u64) -> (Cast, State) {
    let instance = setup.scenario.instance(seed);
    let cast = Cast::new(setup, &instance, &SKILLS).unwrap();
    let mut simulator = Simulator::new(&setup.scenario, &instance).unwrap();
    simulator.set_cameras(&[(0, [32, 32]), (1, [32, 32])]);
    let observation = simulator.observe().unwrap();
    assert!(observation.is_finite());
    assert_eq!(observation.images.len(), 2);
    let gripper = ergon_perception::gripper_of(&observation);
    let facts = cast.grounder.ground(&cast.entities(&simulator.ground_truth()), &gripper);
    assert_eq!(facts.unknown().count(), 0);
    let state = facts.state();
    (cast, state)
}

fn shown(symbols: &Symbols, state: &State) -> Vec<String> {
    let mut atoms: Vec<String> = state.iter().map(|a| symbols.show_atom(a).to_string()).collect();
    atoms.sort();
    atoms
}

/// All scenario files, in order.
fn scenario_files() -> Vec<PathBuf> {
    let files = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect()
    };
    let folders = FOLDERS.map(|name| root().join("scenarios").join(name));
    let mut all: Vec<PathBuf> = folders.iter().flat_map(|folder| files(folder)).collect();
    all.sort();
    all
}

#[test]
fn every_scenario_file_keeps_the_contract() {
    for path in scenario_files() {
        let setup = Setup::load(&path, &[]).unwrap_or_else(|e| panic!("{e}"));
        let (cast, state) = first_facts(&setup, 0);
        let problem = Problem::new(
            "first",
            &setup.domain,
            cast.task.symbols().objects.iter().map(|o| {
                (o.name.clone(), cast.task.symbols().types[o.type_id.index()].name.clone())
            }),
        )
        .unwrap()
        .with_init(state)
        .unwrap()
        .with_goal(cast.goal.clone())
        .unwrap();
        let (outcome, _) = solve(&Task::new(&problem), &SearchOptions::default(), &CLOCK);
        let PlanOutcome::Solved(plan) = outcome else { panic!("{}: {outcome:?}", path.display()) };
        let verdict = validate(&problem, &PlanFile::of(&plan, problem.symbols()));
        assert!(verdict.is_valid(), "{}: {verdict}", path.display());
    }
}

#[test]
fn the_first_facts_of_a_tower_are_those_of_the_problem_file() {
    for (scenario, problem) in [("4.toml", "p04.pddl"), ("5.toml", "p05.pddl")] {
        let setup = setup(scenario, &[]);
        let (cast, state) = first_facts(&setup, 3);
        let file = root().join("domains/hanoi").join(problem);
        let text = std::fs::read_to_string(file).unwrap();
        let problem = Problem::parse(&text, problem, &setup.domain).unwrap();
        assert_eq!(
            shown(cast.task.symbols(), &state),
            shown(problem.symbols(), problem.init()),
            "{scenario}"
        );
    }
}

#[test]
fn three_cubes_take_the_fewest_moves_and_the_judge_agrees() {
    let record = episode(&setup("3.toml", &[]), 0);
    assert!(record.success && record.success_reference, "{record:?}");
    assert_eq!((record.first_plan, record.actions, record.replans), (Some(14), 14, 0));
    assert!(record.time_secs < 7.0 * 5.0, "{record:?}");
}

#[test]
fn a_knock_is_noticed_and_mended() {
    // Seeds in which the push undoes finished work.
    for seed in [0, 2] {
        let record = episode(&setup("3-knock.toml", &[]), seed);
        assert!(record.success, "{record:?}");
        assert_eq!(record.disturbances.len(), 1, "{record:?}");
        assert!(record.replans + record.retries > 0, "{record:?}");
    }
}

#[test]
fn a_slip_is_noticed_and_mended() {
    let record = episode(&setup("3-slip.toml", &[]), 1);
    assert!(record.success, "{record:?}");
    assert_eq!(record.disturbances.len(), 1, "{record:?}");
    assert!(record.replans + record.retries > 0, "{record:?}");
}

#[test]
fn parallel_and_one_by_one_give_the_same_records() {
    let setup = setup("3-random.toml", &[]);
    let run = |threads| {
        run_experiment(&[0, 1, 2, 3], threads, |seed| {
            Ok::<_, ergon_bench::SetupError>(episode(&setup, seed))
        })
        .unwrap()
    };
    let (one, two) = (run(1), run(2));
    assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&two).unwrap());
}

#[test]
fn an_agent_that_does_nothing_does_not_succeed() {
    // The judge must not be pleased by an episode that ends before the goal.
    let record = episode(&setup("3.toml", &["limits.time_secs=2.0"]), 0);
    assert!(!record.success && !record.success_reference, "{record:?}");
    assert_eq!(record.outcome, "gave-up");
    assert!(record.reason.contains("time limit"), "{record:?}");
}

#[test]
fn every_domain_is_solved_by_the_expert() {
    let scenarios = [
        "assembly/4",
        "hanoi/4x4",
        "hanoi/5x5",
        "hanoi/rods-3",
        "nuts/4",
        "pattern/3",
        "sorting/colour",
        "sorting/size",
        "stacking/4",
        "stove/toast",
    ];
    for name in scenarios {
        let record = episode(&setup(&format!("../{name}.toml"), &[]), 1);
        assert!(record.success && record.violations.is_empty(), "{name}: {record:?}");
    }
}

#[test]
fn a_goal_that_breaks_the_law_is_proven_unsolvable() {
    let record = episode(&setup("4.toml", &["task.goal=[\"(on c4 c1)\"]"]), 0);
    assert_eq!(record.outcome, "unsolvable", "{record:?}");
}
