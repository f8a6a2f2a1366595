//! What was true when: the values of features along the traces.

use std::collections::BTreeMap;

use super::{features::Feature, traces::Traces};

/// Changes of one atom: the step and the value after it, in order.
type Changes = Vec<(usize, bool)>;

/// The values of some features along all traces.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    /// By trace and feature.
    changes: Vec<Vec<BTreeMap<Vec<u32>, Changes>>>,
    sets: Vec<bool>,
    /// What atoms of each feature mostly are at first.
    mostly: Vec<bool>,
}

impl Timeline {
    pub(super) fn of(traces: &Traces, features: &[Feature]) -> Self {
        let mut changes = vec![vec![BTreeMap::new(); features.len()]; traces.runs.len()];
        for (run, at, step) in traces.steps() {
            for (index, feature) in features.iter().enumerate() {
                for (pattern, value) in &feature.effects {
                    if pattern.action == step.action {
                        let atom: Vec<u32> = pattern.args.iter().map(|&i| step.args[i]).collect();
                        let list: &mut Changes = changes[run][index].entry(atom).or_default();
                        list.push((at, *value));
                    }
                }
            }
        }
        let mostly = (0..features.len()).map(|feature| {
            let first = changes.iter().flat_map(|run| run[feature].values());
            let (held, all) = first.fold((0, 0), |(held, all), list: &Changes| {
                (held + usize::from(list.first().is_some_and(|&(_, value)| !value)), all + 1)
            });
            2 * held > all
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

    /// The value before a step; where it is not known, what it mostly is.
    pub(super) fn likely(&self, run: usize, feature: usize, atom: &[u32], at: usize) -> bool {
        self.before(run, feature, atom, at).unwrap_or(self.mostly[feature])
    }
}
