//! Training, in a build that has the framework.

use std::path::Path;
use std::time::Duration;

use cpu_time::ProcessTime;
use ergon_bench::Setup;
use ergon_inference::ModelFile;
use ergon_learn::Progress;
use ergon_learn::training::{self, Circumstances, Recipe};
use ergon_scenarios::Scenario;
use ergon_vocab::Clock;

use super::curve::Curve;
use super::{Arguments, Part, Without, vla};
use crate::clock::WallClock;
use crate::commit::commit;
use crate::exit::{Exit, Failure};
use crate::out::say;
use crate::{files, progress, runtime};

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    ergon_learn::keep_memory();
    let mut recipe = if arguments.tiny { Recipe::TINY } else { Recipe::FULL };
    recipe.seed = arguments.seed;
    for part in &arguments.without {
        recipe = match part {
            Without::Noise => recipe.without_noise(),
            Without::Corrections => recipe.without_corrections(),
        };
    }
    let commit = commit();
    if arguments.part == Part::Vla {
        vla::run(arguments, &commit)?;
    }
    if matches!(arguments.part, Part::Perception | Part::All) {
        perception(arguments, &recipe, &commit)?;
    }
    if matches!(arguments.part, Part::Skills | Part::All) {
        skills(arguments, &recipe, &commit)?;
    }
    Ok(Exit::Done)
}

/// What a training has cost so far.
struct Cost {
    clock: WallClock,
    wall: Duration,
    processor: ProcessTime,
    /// Of the program's sources.
    commit: String,
    /// What the command line leaves out.
    without: String,
}

impl Cost {
    fn start(arguments: &Arguments, commit: &str) -> Self {
        let left_out = |part: &Without| match part {
            Without::Noise => " --without noise",
            Without::Corrections => " --without corrections",
        };
        let without = arguments.without.iter().map(left_out).collect();
        let clock = WallClock::new();
        let (wall, processor) = (clock.now(), ProcessTime::now());
        Self { clock, wall, processor, commit: commit.into(), without }
    }

    fn circumstances(&self, recipe: &Recipe, part: &str) -> Circumstances {
        Circumstances {
            command: format!(
                "cargo run --release --features train -- train {part} --seed {}{}",
                recipe.seed, self.without
            ),
            commit: self.commit.clone(),
            seed: recipe.seed,
            demonstrations: 0,
            frames: 0,
            wall: self.clock.now() - self.wall,
            processor: self.processor.elapsed(),
            data_hash: String::new(),
        }
    }
}

fn scenario(path: &Path) -> Result<Scenario, Failure> {
    Ok(Setup::load(path, &[])?.scenario)
}

fn perception(arguments: &Arguments, recipe: &Recipe, commit: &str) -> Result<(), Failure> {
    let folder = |name: &str| arguments.out.join(name);
    let wanted = |name: &str| !(arguments.resume && folder(name).join("policy.onnx").exists());
    if !wanted("detector") && !wanted("gauge") {
        return Ok(());
    }
    let base = scenario(&arguments.cell)?;
    let cost = Cost::start(arguments, commit);
    let bar = progress::bar(recipe.cells, false, "cells");
    let frames = training::frames(&base, recipe, &|| bar.inc(1));
    bar.finish_and_clear();
    let data_hash = training::hash_frames(&frames);
    say!("{} frames of {} cells", frames.len(), recipe.cells);
    let circumstances = |cost: &Cost| Circumstances {
        frames: frames.len(),
        data_hash: data_hash.clone(),
        ..cost.circumstances(recipe, "perception")
    };
    if wanted("detector") {
        let mut curve = Curve::new("detector");
        let network = training::detector(&base, &frames, recipe, &mut |p| curve.push(p));
        let file = training::detector_file(&base, &network, &circumstances(&cost));
        write(&folder("detector"), file, &curve)?;
    }
    if wanted("gauge") {
        // Frames are made once for both; their cost is the detector's.
        let cost = Cost::start(arguments, commit);
        let mut curve = Curve::new("gauge");
        let network = training::gauge(&frames, recipe, &mut |p| curve.push(p));
        let file = training::gauge_file(&base, &network, &circumstances(&cost));
        write(&folder("gauge"), file, &curve)?;
    }
    Ok(())
}

fn skills(arguments: &Arguments, recipe: &Recipe, commit: &str) -> Result<(), Failure> {
    let folder = arguments.out.join("skills");
    if arguments.resume && folder.join("policy.onnx").exists() {
        return Ok(());
    }
    let moves = scenario(&arguments.moves)?;
    let cameras: Vec<_> = moves.cameras.iter().map(ergon_bench::camera).collect();
    if cameras.len() < 2 {
        return Err(Failure::new(
            Exit::BadInput,
            "the scenario of moves has no camera on the hand",
        ));
    }
    let cost = Cost::start(arguments, commit);
    let bar = progress::bar(recipe.demonstrations as u64, false, "demonstrations");
    let mut demonstrations = training::demonstrations(&moves, recipe, &mut || bar.inc(1));
    bar.finish_and_clear();
    let mut curve = Curve::new("skills");
    let mut told = |p: Progress| curve.push(p);
    let network = training::skills(
        &moves,
        &cameras,
        &mut demonstrations,
        recipe,
        runtime::start()?,
        &mut told,
    )
    .map_err(|e| Failure::new(Exit::Bug, e))?;
    let steps = demonstrations.iter().map(|d| d.steps.len()).sum();
    say!("{} demonstrations, {steps} steps", demonstrations.len());
    let circumstances = Circumstances {
        demonstrations: demonstrations.len(),
        frames: steps,
        data_hash: training::hash_demonstrations(&demonstrations),
        ..cost.circumstances(recipe, "skills")
    };
    write(&folder, training::skills_file(&network, &circumstances), &curve)
}

pub(super) fn write(
    folder: &Path,
    file: Result<ModelFile, ergon_inference::ModelError>,
    curve: &Curve,
) -> Result<(), Failure> {
    curve.finish();
    files::write(&folder.join("loss.svg"), curve.svg().as_bytes())?;
    write_policy(folder, file)?;
    say!("wrote {}, loss {:.3}", folder.display(), curve.mean());
    Ok(())
}

/// Writes a policy's two files.
pub(super) fn write_policy(
    folder: &Path,
    file: Result<ModelFile, ergon_inference::ModelError>,
) -> Result<(), Failure> {
    let file = file.map_err(|e| Failure::new(Exit::Bug, e.to_string()))?;
    let text = file.manifest().to_text().map_err(|e| Failure::new(Exit::Bug, e.to_string()))?;
    files::write(&folder.join("policy.toml"), text.as_bytes())?;
    files::write(&folder.join("policy.onnx"), file.onnx())
}
