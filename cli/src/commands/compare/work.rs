//! Runs the episodes of a comparison that are missing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ergon_bench::comparison::{
    Circumstances, Entry, Experiment, MethodSpec, NetworkWork, TaskSpec, TrainingCost,
};
use ergon_bench::{
    Context, Episode, MANIFEST, Networks, Setup, load_policy, run_episode, run_experiment,
};
use ergon_inference::{Backend, ModelFile};
use ergon_scenarios::Override;
use indicatif::ProgressBar;

use super::Part;
use super::folder::Run;
use crate::agents::Agents;
use crate::clock::WallClock;
use crate::commit::commit;
use crate::exit::{Exit, Failure};
use crate::metered::Metered;
use crate::out::say;
use crate::{progress, runtime};

/// Episodes that are run side by side between two looks at the meter, for each thread.
const BATCH: usize = 4;
/// How long the idle machine is watched where counters of the hardware are read.
const BASELINE: Duration = Duration::from_secs(5);

/// Everything that the episodes of a comparison share.
struct Worker<'a> {
    run: &'a mut Run,
    policies: &'a Path,
    metered: Metered,
    clock: WallClock,
    stop: &'a AtomicBool,
    bar: ProgressBar,
    jobs: usize,
}

pub(super) fn work(
    run: &mut Run,
    experiment: &Experiment,
    file: &Path,
    part: Part<'_>,
    jobs: usize,
    stop: &AtomicBool,
) -> Result<(), Failure> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let policies = folder.join(&experiment.policies);
    let experiment = &with_points_that_are_there(experiment, &policies);
    let missing = missing(run, experiment, part);
    let setups: Vec<Setup> = missing
        .iter()
        .map(|(task, method, _)| setup(folder, task, method))
        .collect::<Result<_, _>>()?;
    let metered = Metered::open(BASELINE)?;
    run.set_circumstances(circumstances(run, experiment, &policies, &metered)?)?;
    let episodes = missing.iter().map(|(_, _, seeds)| seeds.len() as u64).sum();
    let bar = progress::bar(episodes, false, "episodes");
    let (policies, clock) = (&policies, WallClock::new());
    let mut worker = Worker { run, policies, metered, clock, stop, bar, jobs };
    for ((task, method, seeds), setup) in missing.iter().zip(&setups) {
        worker.cell(task, method, seeds, setup)?;
    }
    worker.bar.finish_and_clear();
    Ok(())
}

/// The experiment without the points of the training curve whose policies are not there: checkpoints are
/// left by a training, and not shipped.
fn with_points_that_are_there(experiment: &Experiment, policies: &Path) -> Experiment {
    let mut experiment = experiment.clone();
    experiment.methods.retain(|method| {
        let absent = |(_, folder): &(_, PathBuf)| !folder.join(MANIFEST).exists();
        let absent = folders_of(method, policies).into_iter().find(|f| method.curve && absent(f));
        if let Some((_, folder)) = &absent {
            say!("without the point {:?}: there is no policy {}", method.name, folder.display());
        }
        absent.is_none()
    });
    experiment
}

/// What is still to be run: task, method, seeds.
fn missing<'e>(
    run: &Run,
    experiment: &'e Experiment,
    part: Part<'_>,
) -> Vec<(&'e TaskSpec, &'e MethodSpec, Vec<u64>)> {
    let mut missing = Vec::new();
    for task in &experiment.tasks {
        let wanted = |m: &&MethodSpec| part.only.is_empty() || part.only.contains(&m.name);
        for method in experiment.methods_of(task).filter(wanted) {
            let there = run.journal().seeds(&task.name, &method.name);
            let all = experiment.seeds(task, method);
            let left =
                all.filter(|s| part.shard.takes(*s) && !there.contains(s)).collect::<Vec<_>>();
            if !left.is_empty() {
                missing.push((task, method, left));
            }
        }
    }
    missing
}

/// A task as a method runs it.
pub(super) fn setup(folder: &Path, task: &TaskSpec, method: &MethodSpec) -> Result<Setup, Failure> {
    let limit = method.time_secs.map(|t| format!("limits.time_secs={t:?}"));
    let overrides: Vec<Override> =
        limit.into_iter().chain(task.set.clone()).map(Override).collect();
    Ok(Setup::load(&folder.join(&task.scenario), &overrides)?)
}

impl Worker<'_> {
    /// Runs one method on one task, batch by batch, and journals every episode.
    fn cell(
        &mut self,
        task: &TaskSpec,
        method: &MethodSpec,
        seeds: &[u64],
        setup: &Setup,
    ) -> Result<(), Failure> {
        self.bar.set_message(format!("{}, {}", task.name, method.name));
        let policy = method.policy.as_deref();
        let agents = Agents::load(method.method, self.policies, policy, method.replan_steps)?;
        let threads = match self.jobs {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        for batch in seeds.chunks(BATCH * threads) {
            self.metered.begin()?;
            let context = Context {
                method: method.method,
                clock: &self.clock,
                stop: self.stop,
                networks: agents.networks.as_ref(),
                instructed: agents.instructed(),
                cameras: false,
            };
            let bar = &self.bar;
            let episodes: Vec<Episode> = run_experiment(batch, self.jobs, |seed| {
                let episode = run_episode(setup, seed, context, Vec::new())?;
                bar.inc(1);
                Ok::<_, Failure>(episode)
            })?;
            if self.stop.load(Ordering::Relaxed) {
                let failure = Failure::new(Exit::Interrupted, "interrupted");
                return Err(failure.with_hint("the same command goes on from here"));
            }
            let costs = self.metered.end(&episodes)?;
            self.run.ran(&method.name)?;
            for (episode, cost) in episodes.into_iter().zip(costs) {
                let (task, method) = (task.name.clone(), method.name.clone());
                self.run.add(Entry { task, method, record: episode.record, cost })?;
            }
        }
        Ok(())
    }
}

fn circumstances(
    run: &Run,
    experiment: &Experiment,
    policies: &Path,
    metered: &Metered,
) -> Result<Circumstances, Failure> {
    let (mut trainings, mut works) = (Vec::new(), Vec::new());
    for method in &experiment.methods {
        for (network, file) in networks_of(method, policies)? {
            trainings.extend(training_of(method, network, &file));
            works.extend(work_of(method, network, &file));
        }
    }
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpuinfo.lines().find_map(|l| l.strip_prefix("model name")?.split_once(':'));
    Ok(Circumstances {
        version: env!("CARGO_PKG_VERSION").into(),
        commit: commit(),
        commits: BTreeMap::new(),
        processors: BTreeMap::new(),
        processor: name.map_or("unknown".into(), |(_, name)| name.trim().to_owned()),
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        runtime: runtime_name(runtime::start()?.backend()),
        meter: metered.label(),
        trainings,
        works,
        experiment: run.experiment.clone(),
    })
}

/// What runs the networks, without where it lies on this machine.
fn runtime_name(backend: &Backend) -> String {
    match backend {
        Backend::Embedded => "the embedded runtime (tract)".into(),
        Backend::Native(path) => {
            let file = path.file_name().map(|n| n.to_string_lossy().into_owned());
            format!("native ONNX Runtime, {}", file.unwrap_or_default())
        }
    }
}

/// The networks of a method that this machine runs, by name.
fn networks_of<'m>(
    method: &'m MethodSpec,
    policies: &Path,
) -> Result<Vec<(&'m str, ModelFile)>, Failure> {
    let load = |(name, folder): (_, PathBuf)| Ok((name, load_policy(&folder)?));
    folders_of(method, policies).into_iter().map(load).collect()
}

/// Their folders, by name.
fn folders_of<'m>(method: &'m MethodSpec, policies: &Path) -> Vec<(&'m str, PathBuf)> {
    let local = method.policy.as_deref().filter(|p| !p.contains("://"));
    let (folder, names) = match method.method.has_networks() {
        true => (policies.join(local.unwrap_or("")), Networks::FOLDERS.to_vec()),
        false => (policies.to_owned(), local.into_iter().collect()),
    };
    names.into_iter().map(|name| (name, folder.join(name))).collect()
}

/// What a network cost in training, by its record.
fn training_of(method: &MethodSpec, network: &str, file: &ModelFile) -> Option<TrainingCost> {
    let training = file.manifest().training.clone()?;
    Some(TrainingCost {
        method: method.name.clone(),
        network: network.to_owned(),
        command: training.command,
        demonstrations: training.demonstrations,
        frames: training.frames,
        wall_secs: training.wall_secs,
        cpu_secs: training.cpu_secs,
        joules: training.joules,
        joules_kind: training.joules_kind,
    })
}

/// What a network computes.
fn work_of(method: &MethodSpec, network: &str, file: &ModelFile) -> Option<NetworkWork> {
    let work = file.work()?;
    let answer = file.manifest().outputs.first().and_then(|o| o.shape.get(1).copied());
    let steps = match (method.method.is_instructed(), method.replan_steps) {
        (false, _) => 1,
        (true, 0) => answer.unwrap_or(1),
        (true, n) => n,
    };
    Some(NetworkWork {
        method: method.name.clone(),
        network: network.to_owned(),
        steps,
        macs: work.macs,
        weight_bytes: work.weight_bytes,
        activation_bytes: work.activation_bytes,
    })
}
