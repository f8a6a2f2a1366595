//! Trainings that are interrupted, and gone on with to the same bytes.
#![cfg(feature = "train")]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ergon_bench::{Setup, camera};
use ergon_inference::Runtime;
use ergon_learn::checkpoint::TrainingState;
use ergon_learn::scenes::Frame;
use ergon_learn::training::{self, Circumstances, Recipe};
use ergon_learn::{Keeper, Progress, Snapshot};
use ergon_scenarios::Scenario;

/// Enough batches to stop among.
const RECIPE: Recipe = Recipe { cells: 3, gauge_steps: 6, ..Recipe::TINY };

/// Remembers every phase's last state, and stops a training after so many batches.
#[derive(Default)]
struct Cut {
    left: usize,
    states: BTreeMap<String, TrainingState>,
}

impl Keeper for Cut {
    fn begin(&mut self, phase: &str) -> Result<Option<TrainingState>, String> {
        Ok(self.states.get(phase).cloned())
    }

    fn told(&mut self, phase: &str, _: Progress, snapshot: &Snapshot<'_>) -> Result<(), String> {
        self.states.insert(phase.to_owned(), snapshot()?);
        self.left = self.left.checked_sub(1).ok_or("cut")?;
        Ok(())
    }
}

fn scenario(name: &str) -> Scenario {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/hanoi");
    Setup::load(&folder.join(name), &[]).unwrap().scenario
}

/// A training, to the bytes of its graph.
type Train<'a> = dyn Fn(&mut dyn Keeper) -> Result<Vec<u8>, String> + 'a;

/// A training cut after `batches`, then gone on with, against one that was never cut.
#[track_caller]
fn check(batches: usize, train: &Train<'_>) {
    let whole = train(&mut ()).unwrap();
    let mut cut = Cut { left: batches, ..Cut::default() };
    assert_eq!(train(&mut cut).unwrap_err(), "cut");
    cut.left = usize::MAX;
    assert_eq!(train(&mut cut).unwrap(), whole);
}

fn frames(base: &Scenario) -> Vec<Frame> {
    training::frames(base, &RECIPE, &|| ())
}

#[test]
fn the_detector_goes_on_to_the_same_bytes() {
    let base = scenario("5.toml");
    let frames = frames(&base);
    check(1, &|keeper| {
        let network = training::detector(&base, &frames, &RECIPE, keeper)?;
        let file = training::detector_file(&base, &network, &Circumstances::default());
        Ok(file.unwrap().onnx().to_vec())
    });
}

#[test]
fn the_gauge_goes_on_to_the_same_bytes() {
    let base = scenario("5.toml");
    let frames = frames(&base);
    check(3, &|keeper| {
        let network = training::gauge(&frames, &RECIPE, keeper)?;
        let file = training::gauge_file(&base, &network, &Circumstances::default());
        Ok(file.unwrap().onnx().to_vec())
    });
}

#[test]
fn the_skills_go_on_to_the_same_bytes_from_any_phase() {
    let moves = scenario("move.toml");
    let cameras: Vec<_> = moves.cameras.iter().map(camera).collect();
    let runtime = Runtime::start(Vec::<PathBuf>::new()).unwrap();
    let demonstrations = training::demonstrations(&moves, &RECIPE, &mut || ());
    let train = |keeper: &mut dyn Keeper| {
        let mut all = demonstrations.clone();
        let mut tried = 0;
        let network =
            training::skills(&moves, &cameras, &mut all, &RECIPE, runtime, keeper, &mut |made| {
                assert!(made <= RECIPE.trials);
                tried += 1;
            })?;
        assert!((1..=1 + RECIPE.extensions).contains(&tried));
        let file = training::skills_file(&network, &Circumstances::default());
        Ok(file.unwrap().onnx().to_vec())
    };
    let mut counted = Cut { left: usize::MAX, ..Cut::default() };
    train(&mut counted).unwrap();
    let phases: Vec<usize> = counted.states.values().map(|s| s.steps).collect();
    // What so little teaches makes no move, so the last passes are made again.
    assert_eq!(phases.len(), 4);
    check(1, &train);
    check(phases[0] + phases[1] + 1, &train);
}
