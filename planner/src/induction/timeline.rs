//! What was true when: the values of features along the traces.

use std::collections::BTreeMap;

use super::{features::Feature, traces::Traces};

/// This share of the time is nearly all of it.
const MOSTLY: f64 = 0.7;

/// Changes of one atom: the step and the value after it, in order.
type Changes = Vec<(usize, bool)>;

/// The values of some features along all traces.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    /// By trace and feature.
    changes: Vec<Vec<BTreeMap<Vec<u32>, Changes>>>,
    sets: Vec<bool>,
    /// What atoms of each feature are nearly all the time, if they are.
    pub(super) mostly: Vec<Option<bool>>,
}

impl Timeline {
    pub(super) fn of(traces: &Traces, features: &[Feature]) -> Self {
        let mut changes = vec![vec![BTreeMap::new(); features.len()]; traces.runs.len()];
        for (run, at, step) in traces.steps() {
            for (index, feature) in features.iter().enumerate() {
                let own = feature.effects.iter().filter(|(p, _)| p.action == step.action);
                for (pattern, value) in own {
                    let atom = pattern.atom(&step.args);
                    let list: &mut Changes = changes[run][index].entry(atom).or_default();
                    list.push((at, *value));
                }
            }
        }
        let mostly = (0..features.len()).map(|feature| {
            let runs = changes.iter().zip(&traces.runs);
            let atoms = runs.flat_map(|(of, run)| {
                of[feature].values().map(|changes| (changes, run.steps.len()))
            });
            let (held, all) = atoms.fold((0, 0), |(held, all), (changes, steps)| {
                (held + steps_held(changes, steps), all + steps)
            });
            let share = held as f64 / all.max(1) as f64;
            (share >= MOSTLY || share <= 1.0 - MOSTLY).then_some(share > 0.5)
        });
        let mostly = mostly.collect();
        Self { changes, sets: features.iter().map(|f| f.sets).collect(), mostly }
    }

    /// The value before a step, if it is known. What changes an atom first tells what it was.
    pub(super) fn before(
        &self,
        run: usize,
        feature: usize,
        atom: &[u32],
        at: usize,
    ) -> Option<bool> {
        let changes = self.changes[run][feature].get(atom).map_or(&[][..], Vec::as_slice);
        match changes.partition_point(|&(step, _)| step < at) {
            0 if self.sets[feature] => Some(false),
            0 => changes.first().map(|&(_, value)| !value),
            n => Some(changes[n - 1].1),
        }
    }

    /// The value before a step; where it is not known, what it is nearly all the time, if it is.
    pub(super) fn likely(
        &self,
        run: usize,
        feature: usize,
        atom: &[u32],
        at: usize,
    ) -> Option<bool> {
        self.before(run, feature, atom, at).or(self.mostly[feature])
    }
}

/// Before how many of so many steps an atom with these changes holds.
fn steps_held(changes: &Changes, steps: usize) -> usize {
    let ends = changes.iter().map(|&(step, _)| step + 1).chain([steps]);
    let starts = [0].into_iter().chain(changes.iter().map(|&(step, _)| step + 1));
    let first = changes.first().is_some_and(|&(_, value)| !value);
    let values = [first].into_iter().chain(changes.iter().map(|&(_, value)| value));
    let spans = starts.zip(ends).zip(values);
    spans.filter(|(_, value)| *value).map(|((from, to), _)| to.saturating_sub(from)).sum()
}
