//! Training, in a build that has the framework.

use std::path::Path;

use ergon_bench::{GRAPH, Networks, Setup};
use ergon_inference::ModelFile;
use ergon_learn::Spending;
use ergon_learn::training::{self, Circumstances, Recipe};
use ergon_scenarios::Scenario;

use super::course::Course;
use super::curve::Curve;
use super::spent::Spent;
use super::{Arguments, Part, Without, vla};
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

/// What is the same for the records of all networks that a command trains.
struct Making<'a> {
    recipe: &'a Recipe,
    /// Of the program's sources.
    commit: &'a str,
    /// What the command line leaves out.
    without: String,
}

impl<'a> Making<'a> {
    fn new(arguments: &Arguments, recipe: &'a Recipe, commit: &'a str) -> Self {
        let left_out = |part: &Without| match part {
            Without::Noise => " --without noise",
            Without::Corrections => " --without corrections",
        };
        Self { recipe, commit, without: arguments.without.iter().map(left_out).collect() }
    }

    /// A record of a part of the training; what it was trained on is still to be said.
    fn circumstances(&self, part: &str, spending: Spending) -> Circumstances {
        Circumstances {
            command: format!(
                "cargo run --release --features train -- train {part} --seed {}{}",
                self.recipe.seed, self.without
            ),
            commit: self.commit.to_owned(),
            seed: self.recipe.seed,
            demonstrations: 0,
            frames: 0,
            spending,
            data_hash: String::new(),
        }
    }

    /// What tells trainings apart that cannot go on from each other.
    fn key(&self, data_hash: &str) -> String {
        format!("{:?}, {data_hash}", self.recipe)
    }
}

fn scenario(path: &Path) -> Result<Scenario, Failure> {
    Ok(Setup::load(path, &[])?.scenario)
}

fn perception(arguments: &Arguments, recipe: &Recipe, commit: &str) -> Result<(), Failure> {
    let folder = |name: &str| arguments.out.join(name);
    let wanted = |name: &str| !(arguments.resume && folder(name).join(GRAPH).exists());
    if !wanted(Networks::DETECTOR) && !wanted(Networks::GAUGE) {
        return Ok(());
    }
    let base = scenario(&arguments.cell)?;
    let (making, spent) = (Making::new(arguments, recipe, commit), Spent::nothing()?);
    let bar = progress::bar(recipe.cells, false, "cells");
    let frames = training::frames(&base, recipe, &|| bar.inc(1));
    bar.finish_and_clear();
    let data_hash = training::hash_frames(&frames);
    say!("{} frames of {} cells", frames.len(), recipe.cells);
    let circumstances = |spending| Circumstances {
        frames: frames.len(),
        data_hash: data_hash.clone(),
        ..making.circumstances("perception", spending)
    };
    let resume = arguments.resume;
    if wanted(Networks::DETECTOR) {
        let key = making.key(&data_hash);
        let mut course =
            Course::new(Networks::DETECTOR, &folder(Networks::DETECTOR), key, spent, resume);
        let network = training::detector(&base, &frames, recipe, &mut course);
        let network = network.map_err(|e| course.failure(e))?;
        let file = training::detector_file(&base, &network, &circumstances(course.spent.so_far()?));
        finish(&folder(Networks::DETECTOR), file, &course)?;
    }
    if wanted(Networks::GAUGE) {
        // Frames are made once for both; their cost is the detector's.
        let key = making.key(&data_hash);
        let mut course =
            Course::new(Networks::GAUGE, &folder(Networks::GAUGE), key, Spent::nothing()?, resume);
        let network = training::gauge(&frames, recipe, &mut course);
        let network = network.map_err(|e| course.failure(e))?;
        let file = training::gauge_file(&base, &network, &circumstances(course.spent.so_far()?));
        finish(&folder(Networks::GAUGE), file, &course)?;
    }
    Ok(())
}

fn skills(arguments: &Arguments, recipe: &Recipe, commit: &str) -> Result<(), Failure> {
    let folder = arguments.out.join(Networks::SKILLS);
    if arguments.resume && folder.join(GRAPH).exists() {
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
    let (making, spent) = (Making::new(arguments, recipe, commit), Spent::nothing()?);
    let bar = progress::bar(recipe.demonstrations as u64, false, "demonstrations");
    let mut demonstrations = training::demonstrations(&moves, recipe, &mut || bar.inc(1));
    bar.finish_and_clear();
    let key = making.key(&training::hash_demonstrations(&demonstrations));
    let mut course = Course::new(Networks::SKILLS, &folder, key, spent, arguments.resume);
    let network = training::skills(
        &moves,
        &cameras,
        &mut demonstrations,
        recipe,
        runtime::start()?,
        &mut course,
        &mut |made| say!("{made} of {} trial moves made without help", recipe.trials),
    )
    .map_err(|e| course.failure(e))?;
    let steps = demonstrations.iter().map(|d| d.steps.len()).sum();
    say!("{} demonstrations, {steps} steps", demonstrations.len());
    let circumstances = Circumstances {
        demonstrations: demonstrations.len(),
        frames: steps,
        data_hash: training::hash_demonstrations(&demonstrations),
        ..making.circumstances("skills", course.spent.so_far()?)
    };
    finish(&folder, training::skills_file(&network, &circumstances), &course)
}

/// Writes what a course came to.
fn finish(
    folder: &Path,
    file: Result<ModelFile, ergon_inference::ModelError>,
    course: &Course,
) -> Result<(), Failure> {
    write(folder, file, &course.curve)?;
    course.forget();
    Ok(())
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

/// Writes what has become of a policy.
pub(super) fn write_policy(
    folder: &Path,
    file: Result<ModelFile, ergon_inference::ModelError>,
) -> Result<(), Failure> {
    let file = file.map_err(|e| Failure::new(Exit::Bug, e.to_string()))?;
    files::write_policy(folder, &file)
}
