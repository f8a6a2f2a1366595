//! What the entries of a comparison come to.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Entry, Experiment};
use crate::{EpisodeRecord, mcnemar, wilson};

/// One method on one task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// Name of the task.
    pub task: String,
    /// Name of the method.
    pub method: String,
    /// Episodes.
    pub episodes: usize,
    /// Successes, strictly, with Wilson's 95 % interval.
    pub successes: usize,
    /// See `successes`.
    pub interval: [f64; 2],
    /// Successes by the reference's looser definition, with Wilson's 95 % interval.
    pub successes_reference: usize,
    /// See `successes_reference`.
    pub interval_reference: [f64; 2],
    /// Share of the goal's facts that hold at the end, mean over the episodes.
    pub progress: f64,
    /// Episodes in which a law of the task was broken.
    pub illegal: usize,
    /// Over all episodes: carried bodies that fell, and that came to rest where no legal state has them.
    pub drops: u32,
    /// See `drops`.
    pub misplaced: u32,
    /// Times that a link or the hand began to touch something, over all episodes.
    pub collisions: u32,
    /// Actions tried once more, and plans made after the first, over all episodes.
    pub retries: u32,
    /// See `retries`.
    pub replans: u32,
    /// Work of the arm's joints in an episode, J, mean.
    pub work_joules: f64,
    /// Simulated time of the successful episodes, s, mean; and for one move.
    pub time_secs: Option<f64>,
    /// See `time_secs`.
    pub move_secs: Option<f64>,
    /// Energy of the running agent, J, by the comparison's meter: of an episode, and of all episodes for
    /// each success.
    pub joules_per_episode: f64,
    /// See `joules_per_episode`.
    pub joules_per_success: Option<f64>,
    /// Processor time of the running agent in an episode, s.
    pub processor_secs: f64,
    /// Why episodes failed, with counts.
    pub causes: BTreeMap<String, usize>,
}

/// The cells of a comparison: tasks in the experiment's order, then methods.
pub fn cells(experiment: &Experiment, entries: &[Entry]) -> Vec<Cell> {
    let mut cells = Vec::new();
    for task in &experiment.tasks {
        for method in experiment.methods_of(task) {
            let of: Vec<&Entry> =
                entries.iter().filter(|e| e.task == task.name && e.method == method.name).collect();
            if !of.is_empty() {
                cells.push(cell(&task.name, &method.name, &of));
            }
        }
    }
    cells
}

fn cell(task: &str, method: &str, entries: &[&Entry]) -> Cell {
    let n = entries.len();
    let good: Vec<&&Entry> = entries.iter().filter(|e| e.record.success).collect();
    let reference = entries.iter().filter(|e| e.record.success_reference).count();
    let over_all = |value: &dyn Fn(&Entry) -> f64| entries.iter().map(|e| value(e)).sum::<f64>();
    let count = |of: fn(&EpisodeRecord) -> u32| entries.iter().map(|e| of(&e.record)).sum();
    let joules = over_all(&|e| e.cost.agent_joules());
    let time: f64 = good.iter().map(|e| e.record.time_secs).sum();
    let moves: f64 = good.iter().map(|e| f64::from(e.record.actions) / 2.0).sum();
    let mut causes = BTreeMap::new();
    for entry in entries.iter().filter(|e| !e.record.success) {
        *causes.entry(cause(entry)).or_default() += 1;
    }
    Cell {
        task: task.to_owned(),
        method: method.to_owned(),
        episodes: n,
        successes: good.len(),
        interval: wilson(good.len(), n),
        successes_reference: reference,
        interval_reference: wilson(reference, n),
        progress: over_all(&|e| e.record.goal_share) / n.max(1) as f64,
        illegal: entries.iter().filter(|e| !e.record.violations.is_empty()).count(),
        drops: count(|r| r.drops),
        misplaced: count(|r| r.misplaced),
        collisions: count(|r| r.collisions),
        retries: count(|r| r.retries),
        replans: count(|r| r.replans),
        work_joules: over_all(&|e| e.record.work_joules) / n.max(1) as f64,
        time_secs: (!good.is_empty()).then(|| time / good.len() as f64),
        move_secs: (moves > 0.0).then(|| time / moves),
        joules_per_episode: joules / n.max(1) as f64,
        joules_per_success: (!good.is_empty()).then(|| joules / good.len() as f64),
        processor_secs: over_all(&|e| e.cost.agent_secs()) / n.max(1) as f64,
        causes,
    }
}

/// Why an episode failed, in a few words that other episodes share.
fn cause(entry: &Entry) -> String {
    let record = &entry.record;
    if !record.violations.is_empty() {
        return "a law of the task was broken".into();
    }
    if record.outcome == "solved" {
        return "the agent believed to be done, the judge did not".into();
    }
    for (part, cause) in [
        ("time limit", "out of time"),
        ("new plans did not help", "out of new plans"),
        ("out of reach", "no plan from what was believed"),
        ("reachable states", "no plan from what was believed"),
    ] {
        if record.reason.contains(part) {
            return cause.into();
        }
    }
    record.reason.clone()
}

/// Two methods on the same episodes of a task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Paired {
    /// Name of the task, and of the methods.
    pub task: String,
    /// See `task`.
    pub first: String,
    /// See `task`.
    pub second: String,
    /// Episodes that both ran.
    pub episodes: usize,
    /// Episodes in which only the first succeeded, and only the second.
    pub only_first: usize,
    /// See `only_first`.
    pub only_second: usize,
    /// Two-sided p of McNemar's exact test.
    pub p: f64,
}

/// The experiment's first method against every other one that is a row, task by task.
pub fn paired(experiment: &Experiment, entries: &[Entry]) -> Vec<Paired> {
    let rows: Vec<_> = experiment.methods.iter().filter(|m| !m.curve).collect();
    let Some((first, others)) = rows.split_first() else { return Vec::new() };
    let mut pairs = Vec::new();
    for task in &experiment.tasks {
        let won = |method: &str| -> (BTreeSet<u64>, BTreeSet<u64>) {
            let of = entries.iter().filter(|e| e.task == task.name && e.method == method);
            let seeds = of.clone().map(|e| e.record.seed).collect();
            (seeds, of.filter(|e| e.record.success).map(|e| e.record.seed).collect())
        };
        let (ran, good) = won(&first.name);
        for other in others {
            let (other_ran, other_good) = won(&other.name);
            let both: Vec<u64> = ran.intersection(&other_ran).copied().collect();
            if both.is_empty() {
                continue;
            }
            let count = |a: &BTreeSet<u64>, b: &BTreeSet<u64>| {
                both.iter().filter(|s| a.contains(s) && !b.contains(s)).count()
            };
            let (only_first, only_second) = (count(&good, &other_good), count(&other_good, &good));
            pairs.push(Paired {
                task: task.name.clone(),
                first: first.name.clone(),
                second: other.name.clone(),
                episodes: both.len(),
                only_first,
                only_second,
                p: mcnemar(only_first, only_second),
            });
        }
    }
    pairs
}
