//! `ergon quantise`: the agent's networks in eight bits.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use ergon_bench::{Context, Method, Networks, Setup, run_episode, run_experiment};
use ergon_inference::{Manifest, ModelFile, Runtime, Tap};
use ergon_learn::onnx::quantise;

use crate::clock::WallClock;
use crate::exit::{Exit, Failure};
use crate::out::say;
use crate::{files, interrupt, progress, runtime};

/// Seeds begin here, so that no episode of an evaluation is one of them.
const FIRST_SEED: u64 = 1 << 35;
/// Of every network so many runs are looked at, every so-manieth.
const SAMPLES: usize = 200;
const EVERY: usize = 7;

#[derive(clap::Args)]
#[command(after_help = "\
Example:  ergon quantise --out runs/int8
          ergon run scenarios/hanoi/3.toml --policies runs/int8 --episodes 20")]
pub(crate) struct Arguments {
    /// Folder of the trained policies
    #[arg(default_value = "policies")]
    policies: PathBuf,
    /// Folder in which each policy gets a folder of its own
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Scenario in which the ranges of the networks' values are learnt
    #[arg(long, value_name = "SCENARIO", default_value = "scenarios/hanoi/3-random.toml")]
    scenario: PathBuf,
    /// Episodes of it
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=1000))]
    episodes: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let runtime = runtime::start()?;
    let networks = Networks::load(&arguments.policies, runtime)?;
    let taps = [0; 3].map(|_| Tap::new(EVERY, SAMPLES));
    watch(arguments, &networks, &taps)?;
    let models = [&networks.detector, &networks.gauge, &networks.skills];
    for ((name, file), tap) in Networks::FOLDERS.into_iter().zip(models).zip(&taps) {
        let small = small(file, runtime, &tap.take())?;
        files::write_policy(&arguments.out.join(name), &small)?;
        let kilobytes = |file: &ModelFile| file.onnx().len() as f64 / 1000.0;
        say!("{name:<9} {:7.0} kB, now {:.0} kB", kilobytes(file), kilobytes(&small));
    }
    say!("wrote {}", arguments.out.display());
    Ok(Exit::Done)
}

/// Runs episodes in which the taps see what the networks are asked. One thread, so that it is always the
/// same.
fn watch(arguments: &Arguments, networks: &Networks, taps: &[Tap; 3]) -> Result<(), Failure> {
    let setup = Setup::load(&arguments.scenario, &[])?;
    let [detector, gauge, skills] = taps;
    let tapped = Networks {
        detector: networks.detector.clone().tapped(detector.clone()),
        gauge: networks.gauge.clone().tapped(gauge.clone()),
        skills: networks.skills.clone().tapped(skills.clone()),
        runtime: networks.runtime,
    };
    let (clock, stop) = (WallClock::new(), interrupt::flag()?);
    let context = Context {
        method: Method::NeuroSymbolic,
        clock: &clock,
        stop: &stop,
        networks: Some(&tapped),
        instructed: None,
        cameras: false,
    };
    let bar = progress::bar(arguments.episodes, false, "episodes");
    let seeds: Vec<u64> = (FIRST_SEED..FIRST_SEED + arguments.episodes).collect();
    run_experiment(&seeds, 1, |seed| {
        let episode = run_episode(&setup, seed, context, Vec::new())?;
        bar.inc(1);
        Ok::<_, Failure>(episode)
    })?;
    bar.finish_and_clear();
    match stop.load(Ordering::Relaxed) {
        true => Err(Failure::new(Exit::Interrupted, "interrupted")),
        false => Ok(()),
    }
}

/// A network in eight bits; its record says so.
fn small(
    file: &ModelFile,
    runtime: &Runtime,
    samples: &[Vec<Vec<f32>>],
) -> Result<ModelFile, Failure> {
    let name = &file.manifest().name;
    let failed = |e: String| {
        Failure::new(Exit::BadInput, format!("{name} cannot be quantised: {e}"))
            .with_hint("choose a --scenario in which the agent uses every network")
    };
    let onnx = quantise(file, runtime, samples).map_err(|e| failed(e.to_string()))?;
    let mut manifest: Manifest = file.manifest().clone();
    if let Some(training) = &mut manifest.training {
        training.command += "; then cargo run --release -- quantise";
    }
    ModelFile::seal(manifest, onnx).map_err(|e| failed(e.to_string()))
}
