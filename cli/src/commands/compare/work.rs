//! Runs the episodes of a comparison that are missing.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use ergon_bench::comparison::{
    Circumstances, Entry, Experiment, MethodSpec, TaskSpec, TrainingCost,
};
use ergon_bench::{Context, Episode, Setup, load_policy, run_episode, run_experiment};
use ergon_scenarios::Override;
use indicatif::ProgressBar;

use super::Shard;
use super::folder::Run;
use super::metered::Metered;
use crate::agents::Agents;
use crate::clock::WallClock;
use crate::commit::commit;
use crate::exit::{Exit, Failure};
use crate::{interrupt, progress, runtime};

/// Episodes that are run side by side between two looks at the meter, for each thread.
const BATCH: usize = 4;

/// Everything that the episodes of a comparison share.
struct Worker<'a> {
    run: &'a mut Run,
    folder: &'a Path,
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
    shard: Shard,
    jobs: usize,
) -> Result<(), Failure> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let policies = folder.join(&experiment.policies);
    let missing = missing(run, experiment, shard);
    let setups: Vec<Setup> = missing
        .iter()
        .map(|(task, method, _)| setup(folder, task, method))
        .collect::<Result<_, _>>()?;
    let stop = interrupt::flag()?;
    let metered = Metered::open()?;
    run.set_circumstances(circumstances(run, experiment, &policies, &metered)?)?;
    let episodes = missing.iter().map(|(_, _, seeds)| seeds.len() as u64).sum();
    let bar = progress::bar(episodes, false, "episodes");
    let (policies, clock, stop) = (&policies, WallClock::new(), &stop);
    let mut worker = Worker { run, folder, policies, metered, clock, stop, bar, jobs };
    for ((task, method, seeds), setup) in missing.iter().zip(&setups) {
        worker.cell(task, method, seeds, setup)?;
    }
    worker.bar.finish_and_clear();
    Ok(())
}

/// What is still to be run: task, method, seeds.
fn missing<'e>(
    run: &Run,
    experiment: &'e Experiment,
    shard: Shard,
) -> Vec<(&'e TaskSpec, &'e MethodSpec, Vec<u64>)> {
    let mut missing = Vec::new();
    for task in &experiment.tasks {
        for method in experiment.methods_of(task) {
            let there = run.journal().seeds(&task.name, &method.name);
            let all = experiment.seed..experiment.seed.saturating_add(method.episodes);
            let left = all.filter(|s| shard.takes(*s) && !there.contains(s)).collect::<Vec<_>>();
            if !left.is_empty() {
                missing.push((task, method, left));
            }
        }
    }
    missing
}

fn setup(folder: &Path, task: &TaskSpec, method: &MethodSpec) -> Result<Setup, Failure> {
    let limit = method.time_secs.map(|t| format!("limits.time_secs={t:?}"));
    let overrides: Vec<Override> = task.set.iter().cloned().chain(limit).map(Override).collect();
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
                return Err(interrupted(self.folder));
            }
            let costs = self.metered.end(&episodes)?;
            for (episode, cost) in episodes.into_iter().zip(costs) {
                let (task, method) = (task.name.clone(), method.name.clone());
                self.run.add(Entry { task, method, record: episode.record, cost })?;
            }
        }
        Ok(())
    }
}

fn interrupted(_: &Path) -> Failure {
    Failure::new(Exit::Interrupted, "interrupted").with_hint("the same command goes on")
}

fn circumstances(
    run: &Run,
    experiment: &Experiment,
    policies: &Path,
    metered: &Metered,
) -> Result<Circumstances, Failure> {
    let mut trainings = Vec::new();
    for method in &experiment.methods {
        trainings.extend(trainings_of(method, policies)?);
    }
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpuinfo.lines().find_map(|l| l.strip_prefix("model name")?.split_once(':'));
    Ok(Circumstances {
        version: env!("CARGO_PKG_VERSION").into(),
        commit: commit(),
        processor: name.map_or("unknown".into(), |(_, name)| name.trim().to_owned()),
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        runtime: runtime::start()?.description(),
        meter: metered.label(),
        trainings,
        experiment: run.experiment.clone(),
    })
}

/// What the networks of a method cost in training, by their records.
fn trainings_of(method: &MethodSpec, policies: &Path) -> Result<Vec<TrainingCost>, Failure> {
    let own = method.method.has_networks().then_some(["detector", "gauge", "skills"]);
    let local = method.policy.as_deref().filter(|p| !p.contains("://"));
    let mut trainings = Vec::new();
    for network in own.into_iter().flatten().chain(local) {
        let file = load_policy(&policies.join(network))?;
        let Some(training) = file.manifest().training.clone() else { continue };
        trainings.push(TrainingCost {
            method: method.name.clone(),
            network: network.to_owned(),
            command: training.command,
            demonstrations: training.demonstrations,
            frames: training.frames,
            wall_secs: training.wall_secs,
            cpu_secs: training.cpu_secs,
            joules: training.joules,
            joules_kind: training.joules_kind,
        });
    }
    Ok(trainings)
}
