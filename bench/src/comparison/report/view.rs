//! What the sections of a report look at.

use ergon_energy::Kind;

use super::Report;
use crate::Method;
use crate::comparison::{
    Cell, Circumstances, Entry, Experiment, MethodSpec, Paired, TrainingCost, cells, paired,
};

/// The task that examples are taken from if it is among those that were run.
const EXAMPLE_TASK: &str = "3 blocks";
/// Colours of methods, distinguishable also with red-green weakness (Okabe and Ito 2008).
pub(super) const COLOURS: [&str; 7] =
    ["#0072b2", "#d55e00", "#cc79a7", "#009e73", "#e69f00", "#56b4e9", "#000000"];
/// Colour of what others have published.
pub(super) const PAPER_COLOUR: &str = "#666666";

/// A comparison, summed up.
pub(super) struct View<'a> {
    pub(super) experiment: &'a Experiment,
    pub(super) entries: &'a [Entry],
    pub(super) circumstances: Option<&'a Circumstances>,
    pub(super) cells: Vec<Cell>,
    pub(super) pairs: Vec<Paired>,
}

/// A method over all its tasks.
pub(super) struct Total {
    pub(super) episodes: usize,
    pub(super) successes: usize,
}

impl<'a> View<'a> {
    pub(super) fn of(report: &Report<'a>) -> Self {
        let (experiment, entries) = (report.experiment, report.entries);
        Self {
            experiment,
            entries,
            circumstances: report.circumstances,
            cells: cells(experiment, entries),
            pairs: paired(experiment, entries),
        }
    }

    /// The methods that are rows of the tables.
    pub(super) fn rows(&self) -> impl Iterator<Item = &'a MethodSpec> {
        self.experiment.methods.iter().filter(|m| !m.curve)
    }

    pub(super) fn cell(&self, task: &str, method: &str) -> Option<&Cell> {
        self.cells.iter().find(|c| c.task == task && c.method == method)
    }

    /// The cells of a method, in the order of the tasks.
    pub(super) fn cells_of(&self, method: &str) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(move |c| c.method == method)
    }

    pub(super) fn total(&self, method: &str) -> Total {
        let sum = |value: fn(&Cell) -> usize| self.cells_of(method).map(value).sum();
        Total { episodes: sum(|c| c.episodes), successes: sum(|c| c.successes) }
    }

    /// The name of the task that examples are taken from.
    pub(super) fn example_task(&self) -> &'a str {
        let tasks = &self.experiment.tasks;
        let task = tasks.iter().find(|t| t.name == EXAMPLE_TASK).or(tasks.first());
        task.map_or("", |t| &t.name)
    }

    /// `estimated` or `measured`.
    pub(super) fn energy_kind(&self) -> &'a str {
        self.circumstances.map_or("not labelled", |c| &c.meter.kind)
    }

    /// The range of an energy while acting, J, where the meter knows one.
    pub(super) fn energy_range(&self, joules: f64) -> Option<[f64; 2]> {
        let range = self.circumstances?.meter.range;
        (range[0] < range[1]).then(|| range.map(|part| part * joules))
    }

    /// What the networks of a method cost in training.
    pub(super) fn trainings(&self, method: &str) -> impl Iterator<Item = &'a TrainingCost> {
        let all = self.circumstances.map_or(&[][..], |c| &c.trainings);
        all.iter().filter(move |t| t.method == method)
    }

    /// The training energy of a method, J, where it is on record.
    pub(super) fn training_joules(&self, method: &str) -> Option<f64> {
        let mut all = self.trainings(method).map(|t| t.joules).peekable();
        all.peek()?;
        Some(all.sum())
    }

    /// The agent itself.
    pub(super) fn agent(&self) -> Option<&'a MethodSpec> {
        self.rows().find(|m| m.method == Method::NeuroSymbolic)
    }

    /// The policy of a kind that succeeds most, of those whose training is on record, on the tasks that
    /// all of these ran; of equals, the one that was trained with the least energy.
    pub(super) fn best_checkpoint(&self, kind: Method) -> Option<&'a MethodSpec> {
        let of_kind = self.experiment.methods.iter().filter(|m| m.method == kind);
        let known: Vec<&MethodSpec> = of_kind
            .filter(|m| self.training_joules(&m.name).is_some())
            .filter(|m| self.cells_of(&m.name).next().is_some())
            .collect();
        let ran = |task: &str| known.iter().all(|m| self.cell(task, &m.name).is_some());
        let worth = |method: &MethodSpec| {
            let cells: Vec<&Cell> = self.cells_of(&method.name).filter(|c| ran(&c.task)).collect();
            let mean = |value: fn(&Cell) -> f64| {
                cells.iter().map(|c| value(c)).sum::<f64>() / cells.len().max(1) as f64
            };
            [
                mean(|c| c.successes as f64 / c.episodes.max(1) as f64),
                mean(|c| c.progress),
                -self.training_joules(&method.name).unwrap_or(f64::INFINITY),
            ]
        };
        known.iter().copied().fold(None, |best: Option<&MethodSpec>, m| match best {
            Some(b) if worth(b).partial_cmp(&worth(m)) != Some(std::cmp::Ordering::Less) => best,
            _ => Some(m),
        })
    }

    /// The colour of a method: that of its kind for policies, so that checkpoints look like one family.
    pub(super) fn colour(&self, method: &MethodSpec) -> &'static str {
        let fixed = match method.method {
            Method::NeuroSymbolic => 0,
            Method::Vla => 1,
            Method::GuidedVla => 2,
            Method::Scripted => 3,
            Method::LearnedSkills => 4,
            Method::LearnedPerception => 5,
        };
        COLOURS[fixed]
    }
}

/// How an energy is known, by the first word of its label.
pub(super) fn kind_of(label: &str) -> Kind {
    match label.split(|c: char| !c.is_alphabetic()).next() {
        Some("measured") => Kind::Measured,
        Some("projected") => Kind::Projected,
        _ => Kind::Estimated,
    }
}

/// Whether a policy answers from a server, whose energy nobody counts here.
pub(super) fn is_remote(method: &MethodSpec) -> bool {
    method.policy.as_deref().is_some_and(|p| p.contains("://"))
}
