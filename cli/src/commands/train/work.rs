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
use indicatif::ProgressBar;

use super::{Arguments, Part, Without};
use crate::clock::WallClock;
use crate::exit::{Exit, Failure};
use crate::out::say;
use crate::{files, progress, runtime};

/// Share of the running mean that is shown that each batch's loss replaces.
const FRESH: f32 = 0.02;

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
    if arguments.part != Part::Skills {
        perception(arguments, &recipe, &commit)?;
    }
    if arguments.part != Part::Perception {
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

/// The commit of the working tree, with a mark where something was changed since.
fn commit() -> String {
    let git = |args: &[&str]| {
        let output = std::process::Command::new("git").args(args).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "HEAD"]) else { return "unknown".into() };
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]);
    if changed.is_none_or(|c| !c.is_empty()) { format!("{commit}, changed") } else { commit }
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

fn write(
    folder: &Path,
    file: Result<ModelFile, ergon_inference::ModelError>,
    curve: &Curve,
) -> Result<(), Failure> {
    curve.bar.finish_and_clear();
    let file = file.map_err(|e| Failure::new(Exit::Bug, e.to_string()))?;
    let text = file.manifest().to_text().map_err(|e| Failure::new(Exit::Bug, e.to_string()))?;
    files::write(&folder.join("loss.svg"), curve.svg().as_bytes())?;
    files::write(&folder.join("policy.toml"), text.as_bytes())?;
    files::write(&folder.join("policy.onnx"), file.onnx())?;
    say!("wrote {}, loss {:.3}", folder.display(), curve.mean);
    Ok(())
}

/// The loss over a training: shown while it runs, drawn at its end.
struct Curve {
    name: &'static str,
    bar: ProgressBar,
    mean: f32,
    points: Vec<f32>,
}

impl Curve {
    fn new(name: &'static str) -> Self {
        Self { name, bar: progress::bar(0, false, name), mean: 0.0, points: Vec::new() }
    }

    fn push(&mut self, p: Progress) {
        let first = self.points.is_empty();
        self.mean = if first { p.loss } else { self.mean + FRESH * (p.loss - self.mean) };
        self.points.push(self.mean);
        self.bar.set_length(p.steps as u64);
        self.bar.set_position(p.step as u64);
        self.bar.set_message(format!("{}, loss {:.3}", self.name, self.mean));
        if !self.bar.is_hidden() || !p.step.is_multiple_of(200) {
            return;
        }
        say!("{} {}/{}, loss {:.3}", self.name, p.step, p.steps, self.mean);
    }

    /// The curve as a drawing of 640 x 360.
    fn svg(&self) -> String {
        let (low, high) = self
            .points
            .iter()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
        let span = (high - low).max(1e-6);
        let stride = (self.points.len() / 500).max(1);
        let line: String = self
            .points
            .iter()
            .enumerate()
            .step_by(stride)
            .map(|(i, x)| {
                let across = 60.0 + 560.0 * i as f32 / self.points.len().max(1) as f32;
                // The fourth root shows the beginning and the end alike.
                let up = ((x - low) / span).max(0.0).powf(0.25);
                format!("{across:.1},{:.1} ", 310.0 - 280.0 * up)
            })
            .collect();
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" font-family="sans-serif" font-size="13">
<rect width="640" height="360" fill="#fff"/>
<polyline points="{line}" fill="none" stroke="#1f5fa8" stroke-width="1.5"/>
<path d="M60 30V310H620" fill="none" stroke="#444"/>
<text x="54" y="34" text-anchor="end">{high:.2}</text><text x="54" y="314" text-anchor="end">{low:.2}</text>
<text x="340" y="345" text-anchor="middle">{} batches; mean loss of {}, fourth root of the distance to its least</text>
</svg>
"##,
            self.points.len(),
            self.name
        )
    }
}
