//! Candidates for predicates: sets of action patterns that take turns on every atom.

use std::collections::BTreeMap;

use super::{
    Options,
    consistency::{Enumeration, Sequence, Signed, is_connected, turns},
    kinds::Kinds,
    traces::Traces,
};

/// An action with some of its argument positions, such as `place` with its second.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pattern {
    pub(super) action: usize,
    pub(super) args: Vec<usize>,
}

impl Pattern {
    /// The objects in its positions.
    pub(super) fn atom(&self, args: &[u32]) -> Vec<u32> {
        self.args.iter().map(|&i| args[i]).collect()
    }
}

/// A predicate as what changes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Feature {
    /// The types of its arguments.
    pub(super) kinds: Vec<usize>,
    /// What makes it true, and what false.
    pub(super) effects: Vec<(Pattern, bool)>,
    /// Whether it may be made true where it is true already. It is false at first then, unless
    /// a problem says otherwise.
    pub(super) sets: bool,
}

impl Feature {
    /// Whether an action changes it.
    pub(super) fn is_changed_by(&self, action: usize) -> bool {
        self.effects.iter().any(|(pattern, _)| pattern.action == action)
    }

    /// The pattern that touches each of its atoms at most once, if it is only that one.
    pub(super) fn once(&self) -> Option<&Pattern> {
        self.effects.first().filter(|_| self.effects.len() == 1).map(|(pattern, _)| pattern)
    }

    /// The same with its arguments the other way round.
    pub(super) fn mirrored(&self) -> Self {
        let mut mirror = self.clone();
        mirror.kinds.reverse();
        mirror.effects.iter_mut().for_each(|(pattern, _)| pattern.args.reverse());
        mirror
    }
}

/// Patterns that touch an atom, with their lines.
type Touches = Vec<(usize, u32)>;

/// Patterns over atoms of the same types, and how they follow each other.
pub(super) struct Class {
    pub(super) kinds: Vec<usize>,
    pub(super) patterns: Vec<Pattern>,
    /// For each trace and atom the patterns that touch it.
    pub(super) sequences: Vec<Sequence>,
    /// The trace of each sequence.
    pub(super) runs: Vec<usize>,
    /// The lines of each sequence, one an entry.
    pub(super) lines: Vec<Vec<u32>>,
}

impl Class {
    pub(super) fn new(traces: &Traces, kinds: &Kinds, wanted: Vec<usize>) -> Self {
        let tuples = |action| {
            let args = kinds.tuples(action, &wanted).into_iter();
            args.map(move |args| Pattern { action, args })
        };
        let patterns: Vec<Pattern> = (0..traces.actions.len()).flat_map(tuples).collect();
        let mut by_atom: BTreeMap<(usize, Vec<u32>), Touches> = BTreeMap::new();
        for (run, _, step) in traces.steps() {
            let touching = patterns.iter().enumerate().filter(|(_, p)| p.action == step.action);
            for (index, pattern) in touching {
                let atom = pattern.atom(&step.args);
                by_atom.entry((run, atom)).or_default().push((index, step.line));
            }
        }
        let mut class =
            Self { kinds: wanted, patterns, sequences: vec![], runs: vec![], lines: vec![] };
        for ((run, _), touches) in by_atom {
            let (sequence, lines) = touches.into_iter().unzip();
            class.runs.push(run);
            class.sequences.push(sequence);
            class.lines.push(lines);
        }
        class
    }

    /// All classes up to an arity.
    pub(super) fn all(traces: &Traces, kinds: &Kinds, arity: usize) -> Vec<Self> {
        let lists = (0..=arity).flat_map(|length| kinds.lists(length));
        let classes = lists.map(|list| Self::new(traces, kinds, list));
        classes.filter(|class| !class.patterns.is_empty()).collect()
    }

    /// Enumerates consistent sets; each once, but for the sign of the whole. The second is whether
    /// the enumeration was cut off.
    pub(super) fn consistent(
        &self,
        sequences: &[Sequence],
        budget: usize,
        minimal: bool,
    ) -> (Vec<Vec<Signed>>, bool) {
        let mut distinct = sequences.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let rank = |p: &Pattern| {
            let mut places = p.args.clone();
            places.sort_unstable();
            (p.action, places)
        };
        let mut enumeration = Enumeration::new(&distinct, self.patterns.len(), budget, minimal);
        for (seed, pattern) in self.patterns.iter().enumerate() {
            // Of a set and its mirror image only one is wanted.
            if !self.is_upright(pattern) {
                continue;
            }
            let open: Vec<bool> =
                self.patterns.iter().map(|p| rank(p) >= rank(pattern) && p != pattern).collect();
            enumeration.run(&[(seed, true)], &open);
        }
        (enumeration.found, enumeration.budget == 0)
    }

    /// Whether arguments of the same type stand in the order of their positions.
    fn is_upright(&self, pattern: &Pattern) -> bool {
        let pairs = pattern.args.windows(2).zip(self.kinds.windows(2));
        pairs.into_iter().all(|(args, kinds)| kinds[0] != kinds[1] || args[0] < args[1])
    }

    /// Whether there is evidence enough that a consistent set is no accident.
    pub(super) fn is_supported(&self, set: &[Signed], options: &Options) -> bool {
        let both = set.iter().any(|&(_, sign)| sign != set[0].1);
        if both {
            let total = turns(&self.sequences, set, None).kept;
            let part = |&(p, _): &Signed| turns(&self.sequences, set, Some(p)).kept;
            return total >= options.turns
                && set.iter().all(|s| part(s) >= options.turns_each)
                && is_connected(&self.sequences, set);
        }
        if set.len() > 1 {
            return false;
        }
        // What happens to an atom at most once: by chance, some of so many would have been repeated.
        let mut touched: BTreeMap<usize, usize> = BTreeMap::new();
        for (sequence, &run) in self.sequences.iter().zip(&self.runs) {
            if sequence.iter().any(|p| set.iter().any(|(q, _)| p == q)) {
                *touched.entry(run).or_default() += 1;
            }
        }
        let repeats: f64 = touched.values().map(|&n| (n as f64 - 1.0) / 2.0).sum();
        repeats >= options.repeats
    }

    pub(super) fn feature(&self, set: &[Signed]) -> Feature {
        let effects = set.iter().map(|&(p, sign)| (self.patterns[p].clone(), sign)).collect();
        Feature { kinds: self.kinds.clone(), effects, sets: false }
    }
}
