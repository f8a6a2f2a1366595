//! What holds whenever an action is executed, and which of it is needed.

use std::collections::{BTreeMap, BTreeSet};

use super::{features::Feature, kinds::Kinds, statics::Bars, timeline::Timeline, traces::Traces};

/// A literal over the arguments of an action.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    pub(super) feature: usize,
    /// Argument positions of the action.
    pub(super) args: Vec<usize>,
    pub(super) positive: bool,
    /// How many executions would have been expected without it: evidence that it is needed.
    pub(super) evidence: f64,
}

/// Before the executions of an action, the value of each atom over its arguments that is ever known;
/// none where it was now the one, now the other.
pub(super) type Constants = BTreeMap<(usize, Vec<usize>), Option<bool>>;

/// The constants of each action.
pub(super) fn constants(
    traces: &Traces,
    kinds: &Kinds,
    features: &[Feature],
    timeline: &Timeline,
) -> Vec<Constants> {
    let mut values: Vec<Constants> = vec![BTreeMap::new(); traces.actions.len()];
    let scopes: Vec<Vec<Vec<Vec<usize>>>> = (0..traces.actions.len())
        .map(|action| features.iter().map(|f| kinds.tuples(action, &f.kinds)).collect())
        .collect();
    for (run, at, step) in traces.steps() {
        for (feature, scopes) in scopes[step.action].iter().enumerate() {
            for scope in scopes {
                let atom: Vec<u32> = scope.iter().map(|&i| step.args[i]).collect();
                let Some(value) = timeline.before(run, feature, &atom, at) else { continue };
                let key = (feature, scope.clone());
                let so_far = values[step.action].entry(key).or_insert(Some(value));
                *so_far = so_far.filter(|&v| v == value);
            }
        }
    }
    values
}

/// Every tuple of objects of a world that an action could take, by types.
pub(super) fn bindings(traces: &Traces, kinds: &Kinds, world: u32, action: usize) -> Vec<Vec<u32>> {
    let objects: Vec<u32> = (0..traces.objects.len() as u32)
        .filter(|&o| traces.objects.get_index(o as usize).is_some_and(|(w, _)| *w == world))
        .collect();
    let rows = kinds.of_action[action].iter().fold(vec![vec![]], |rows: Vec<Vec<u32>>, &kind| {
        let fitting = objects.iter().filter(|&&o| kinds.of_object[o as usize] == kind);
        let fitting: Vec<u32> = fitting.copied().collect();
        rows.iter()
            .flat_map(|row| fitting.iter().map(move |&o| [&row[..], &[o]].concat()))
            .collect()
    });
    let apart = |row: &Vec<u32>| kinds.apart[action].iter().all(|&(i, j)| row[i] != row[j]);
    rows.into_iter().filter(apart).collect()
}

/// Which conditions fail for which arguments. What no step of a trace tells is taken to be what it
/// is nearly all the time, or else not to fail.
#[derive(Clone)]
pub(super) struct Survey {
    /// For each trace and step, how many actions are possible by what is known; one at least.
    pub(super) possible: Vec<Vec<usize>>,
    /// By action: how much evidence there is for each set of failing conditions, as bits.
    pub(super) failures: Vec<BTreeMap<u128, f64>>,
    /// By action, trace and step: arguments for which nothing fails.
    pub(super) open: Vec<Vec<Vec<Vec<Vec<u32>>>>>,
}

/// Conditions beyond this number have no bit.
pub(super) const MAX_CONDITIONS: usize = 128;

impl Survey {
    pub(super) fn of(
        traces: &Traces,
        kinds: &Kinds,
        timeline: &Timeline,
        conditions: &[Vec<Condition>],
        allowed: &[Bars],
    ) -> Self {
        let lengths: Vec<usize> = traces.runs.iter().map(|run| run.steps.len()).collect();
        let mut survey = Self {
            possible: lengths.iter().map(|&n| vec![0; n]).collect(),
            failures: vec![BTreeMap::new(); conditions.len()],
            open: vec![lengths.iter().map(|&n| vec![vec![]; n]).collect(); conditions.len()],
        };
        let mut failing: Vec<Vec<(usize, usize, u128)>> = vec![vec![]; conditions.len()];
        for (action, conditions) in conditions.iter().enumerate() {
            for (run, trace) in traces.runs.iter().enumerate() {
                let mut bindings = bindings(traces, kinds, trace.world, action);
                bindings.retain(|args| !allowed[action].bar(trace.world, args));
                let steps = 0..trace.steps.len();
                for (at, binding) in steps.flat_map(|at| bindings.iter().map(move |b| (at, b))) {
                    match failures(conditions, binding, timeline, (run, at)) {
                        0 => survey.open[action][run][at].push(binding.clone()),
                        mask => failing[action].push((run, at, mask)),
                    }
                }
            }
        }
        for (run, at, step) in traces.steps() {
            let open = &survey.open;
            let count = open.iter().map(|by_run| by_run[run][at].len()).sum::<usize>();
            let known = open[step.action][run][at].contains(&step.args);
            survey.possible[run][at] = count + usize::from(!known);
        }
        for (action, failing) in failing.into_iter().enumerate() {
            for (run, at, mask) in failing {
                let share = 1.0 / (survey.possible[run][at] as f64 + 1.0);
                *survey.failures[action].entry(mask).or_default() += share;
            }
        }
        survey
    }
}

/// The conditions that fail, as bits.
fn failures(
    conditions: &[Condition],
    binding: &[u32],
    timeline: &Timeline,
    (run, at): (usize, usize),
) -> u128 {
    let mut mask = 0;
    for (bit, condition) in conditions.iter().enumerate() {
        let atom: Vec<u32> = condition.args.iter().map(|&i| binding[i]).collect();
        let value = timeline.likely(run, condition.feature, &atom, at);
        mask |= u128::from(value.is_some_and(|v| v != condition.positive)) << bit;
    }
    mask
}

/// How many executions would have been expected of what these features bar and nothing else does.
pub(super) fn evidence(
    of: &BTreeSet<usize>,
    conditions: &[Vec<Condition>],
    survey: &Survey,
) -> f64 {
    let of_action = conditions.iter().zip(&survey.failures).map(|(conditions, failures)| {
        let own = conditions.iter().enumerate().filter(|(_, c)| of.contains(&c.feature));
        let bits = own.fold(0, |mask: u128, (bit, _)| mask | 1 << bit);
        let alone = failures.iter().filter(|(mask, _)| **mask & !bits == 0);
        alone.map(|(_, share)| share).sum::<f64>()
    });
    of_action.sum()
}

/// Leaves out conditions that never decided anything: wherever they failed, one that stays failed as
/// well. Those that `stays` names are not left out. Tells for the others what speaks for them.
pub(super) fn prune(
    conditions: &[Condition],
    failures: &BTreeMap<u128, f64>,
    stays: impl Fn(&Condition) -> bool,
) -> Vec<Condition> {
    let mut dropped: u128 = 0;
    // Those over many objects first: the simple ones are to stay.
    let mut order: Vec<usize> = (0..conditions.len()).filter(|&i| !stays(&conditions[i])).collect();
    order.sort_by_key(|&i| std::cmp::Reverse((conditions[i].args.len(), i)));
    for index in order {
        let without = dropped | 1 << index;
        if failures.keys().all(|mask| mask & !without != 0) {
            dropped = without;
        }
    }
    let kept = (0..conditions.len()).filter(|i| dropped & 1 << i == 0);
    kept.map(|index| {
        let alone = dropped | 1 << index;
        let decided = failures.iter().filter(|(mask, _)| **mask & !alone == 0);
        let evidence = decided.map(|(_, share)| share).sum();
        Condition { evidence, ..conditions[index].clone() }
    })
    .collect()
}
