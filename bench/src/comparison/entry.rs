//! What a comparison records.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::EpisodeRecord;

/// One episode of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Name of the task.
    pub task: String,
    /// Name of the method, as the experiment calls it.
    pub method: String,
    /// What it came to; the same on every machine.
    pub record: EpisodeRecord,
    /// What it cost on this machine.
    pub cost: Cost,
}

impl Entry {
    /// Task, method and seed: no two entries share them.
    pub fn key(&self) -> (&str, &str, u64) {
        (&self.task, &self.method, self.record.seed)
    }
}

/// What an episode cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Processor time by span, s.
    pub processor_secs: BTreeMap<String, f64>,
    /// Energy by span, µJ, by the meter of the circumstances. The energy of episodes that ran side by side
    /// is shared out by processor time.
    pub microjoules: BTreeMap<String, u64>,
}

impl Cost {
    /// Energy of the running agent, J: planning, perceiving and acting.
    pub fn agent_joules(&self) -> f64 {
        agent_spans()
            .filter_map(|name| self.microjoules.get(name))
            .map(|&uj| uj as f64 * 1e-6)
            .sum()
    }

    /// Processor time of the running agent, s.
    pub fn agent_secs(&self) -> f64 {
        agent_spans().filter_map(|name| self.processor_secs.get(name)).sum()
    }
}

/// Names of the running agent's spans.
fn agent_spans() -> impl Iterator<Item = &'static str> {
    ergon_energy::Span::ALL.into_iter().filter(|(_, span)| span.is_agent()).map(|(name, _)| name)
}

/// How a comparison was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Circumstances {
    /// The program's version and commit, of the last part that was run.
    pub version: String,
    /// See `version`.
    pub commit: String,
    /// The commits at which each method's episodes were run.
    #[serde(default)]
    pub commits: BTreeMap<String, BTreeSet<String>>,
    /// The processors on which each method's episodes were run.
    #[serde(default)]
    pub processors: BTreeMap<String, BTreeSet<String>>,
    /// The processor's name and its hardware threads, and the operating system.
    pub processor: String,
    /// See `processor`.
    pub threads: usize,
    /// See `processor`.
    pub system: String,
    /// What ran the networks.
    pub runtime: String,
    /// What counted the energy.
    pub meter: MeterLabel,
    /// What the policies of each method cost in training.
    pub trainings: Vec<TrainingCost>,
    /// What the networks of each method compute.
    #[serde(default)]
    pub works: Vec<NetworkWork>,
    /// The experiment's text.
    pub experiment: String,
}

impl Circumstances {
    /// Notes that episodes of a method were run as told here; false when that is noted already.
    pub fn ran(&mut self, method: &str) -> bool {
        let commits = self.commits.entry(method.to_owned()).or_default();
        let processors = self.processors.entry(method.to_owned()).or_default();
        let new = commits.insert(self.commit.clone());
        processors.insert(self.processor.clone()) || new
    }

    /// Takes over where the episodes of other circumstances were run, and what is on record of methods
    /// whose policies are not here.
    pub fn follow(&mut self, others: &Self) {
        let here: BTreeSet<String> = self.trainings.iter().map(|t| t.method.clone()).collect();
        let absent = |method: &str| !here.contains(method);
        self.trainings.extend(others.trainings.iter().filter(|t| absent(&t.method)).cloned());
        self.works.extend(others.works.iter().filter(|w| absent(&w.method)).cloned());
        for (method, commits) in &others.commits {
            self.commits.entry(method.clone()).or_default().extend(commits.iter().cloned());
            // Earlier records know one processor for all.
            let known = others.processors.get(method).cloned();
            let processors = known.unwrap_or_else(|| [others.processor.clone()].into());
            self.processors.entry(method.clone()).or_default().extend(processors);
        }
    }
}

/// How the energy is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeterLabel {
    /// The meter's name.
    pub name: String,
    /// `measured` or `estimated`.
    pub kind: String,
    /// The range in which the truth is taken to lie, in parts of the figure.
    pub range: [f64; 2],
    /// What the figures include and rest on.
    pub assumptions: String,
}

/// What a network of a method cost in training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingCost {
    /// Name of the method, as the experiment calls it.
    pub method: String,
    /// Name of the network.
    pub network: String,
    /// The command that trained it.
    pub command: String,
    /// Demonstrations, and labelled frames.
    pub demonstrations: u64,
    /// See `demonstrations`.
    pub frames: u64,
    /// Wall time and processor time, s.
    pub wall_secs: f64,
    /// See `wall_secs`.
    pub cpu_secs: f64,
    /// Energy, J, and how it is known.
    pub joules: f64,
    /// See `joules`.
    pub joules_kind: String,
}

/// What a network of a method computes, counted from its graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkWork {
    /// Name of the method, as the experiment calls it.
    pub method: String,
    /// Name of the network.
    pub network: String,
    /// Control steps for which one inference serves.
    pub steps: usize,
    /// Multiply-accumulates of an inference.
    pub macs: u64,
    /// Bytes of weights that an inference reads, and of activations that it writes.
    pub weight_bytes: u64,
    /// See `weight_bytes`.
    pub activation_bytes: u64,
}

/// Entries in the experiment's order: tasks, then methods, then seeds; each once.
pub fn in_order(experiment: &super::Experiment, mut entries: Vec<Entry>) -> Vec<Entry> {
    let task = |e: &Entry| experiment.tasks.iter().position(|t| t.name == e.task);
    let method = |e: &Entry| experiment.methods.iter().position(|m| m.name == e.method);
    entries.sort_by_key(|e| (task(e), method(e), e.record.seed));
    entries.dedup_by(|a, b| a.key() == b.key());
    entries
}
