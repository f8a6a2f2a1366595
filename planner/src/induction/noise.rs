//! Whether the traces contradict themselves: a rule that nearly always holds, and nothing explains
//! where it does not.
//!
//! A wrong line breaks what it touches once or twice and leaves the rest as it was. So rules are read
//! off short windows, most of which have no wrong line, and looked for in the whole. Without noise a
//! rule of a window is a rule of the whole, a part of a larger one, or broken as often as comes about
//! by chance: a bin that seldom holds two items is filled and emptied in turns nearly always. How
//! often chance would break a rule is told by the model that is learned if no line is wrong.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Options,
    conditions::Survey,
    consistency::{Enumeration, Sequence, Signed, turns},
    features::{Class, Feature, Pattern},
    traces::Traces,
};

/// A rule that nearly always holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Breach {
    rule: Feature,
    /// How often it held.
    pub(super) kept: usize,
    /// The lines between which it did not.
    pub(super) lines: Vec<(u32, u32)>,
}

/// The rules of all classes that nearly hold.
pub(super) fn breaches(
    traces: &Traces,
    classes: &[Class],
    survey: &Survey,
    options: &Options,
) -> Vec<Breach> {
    classes.iter().flat_map(|class| of_class(traces, class, survey, options)).collect()
}

fn of_class(traces: &Traces, class: &Class, survey: &Survey, options: &Options) -> Vec<Breach> {
    let mut rules: BTreeSet<Vec<Signed>> = BTreeSet::new();
    for run in 0..traces.runs.len() {
        let steps = &traces.runs[run].steps;
        for window in steps.chunks(options.window) {
            let (Some(first), Some(last)) = (window.first(), window.last()) else { continue };
            let sequences = cut(class, run, first.line, last.line);
            let (found, _) = class.consistent(&sequences, options.drafts / 10, true);
            rules.extend(found);
        }
    }
    let nearly = rules.into_iter().filter(|set| {
        let turns = turns(&class.sequences, set, None);
        let share = turns.broken as f64 / (turns.broken + turns.kept).max(1) as f64;
        turns.broken > 1
            && turns.kept >= options.kept
            && share <= options.tolerated
            && breach(class, set).is_told(traces, survey, options)
            && !is_part_of_a_rule(class, set, options)
    });
    nearly.map(|set| breach(class, &set)).collect()
}

/// The sequences of one trace between two lines.
fn cut(class: &Class, run: usize, first: u32, last: u32) -> Vec<Sequence> {
    let of_run = (0..class.sequences.len()).filter(|&i| class.runs[i] == run);
    of_run
        .map(|i| {
            let touches = class.sequences[i].iter().zip(&class.lines[i]);
            let within = touches.filter(|(_, line)| (first..=last).contains(*line));
            within.map(|(&pattern, _)| pattern).collect()
        })
        .filter(|sequence: &Sequence| !sequence.is_empty())
        .collect()
}

/// Whether more patterns make a rule of it that always holds.
fn is_part_of_a_rule(class: &Class, set: &[Signed], options: &Options) -> bool {
    let mut distinct = class.sequences.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let mut enumeration =
        Enumeration::new(&distinct, class.patterns.len(), options.drafts / 10, true);
    let open: Vec<bool> =
        (0..class.patterns.len()).map(|p| !set.iter().any(|(q, _)| *q == p)).collect();
    enumeration.run(set, &open);
    !enumeration.found.is_empty()
}

fn breach(class: &Class, set: &[Signed]) -> Breach {
    let kept = turns(&class.sequences, set, None).kept;
    let mut breach = Breach { rule: class.feature(set), kept, lines: vec![] };
    for (sequence, lines) in class.sequences.iter().zip(&class.lines) {
        let mut last: Option<(bool, u32)> = None;
        for (pattern, &line) in sequence.iter().zip(lines) {
            let Some(&(_, sign)) = set.iter().find(|(p, _)| p == pattern) else { continue };
            if let Some((before, from)) = last
                && before == sign
            {
                breach.lines.push((from, line));
            }
            last = Some((sign, line));
        }
    }
    breach
}

impl Breach {
    /// Whether the rule is broken so seldom that chance does not explain it, by what is possible at
    /// each step.
    fn is_told(&self, traces: &Traces, survey: &Survey, options: &Options) -> bool {
        let expected = self.expected(traces, survey);
        at_most(self.lines.len(), expected) < options.chance
    }

    /// How often actions drawn from all that are possible would break the rule.
    fn expected(&self, traces: &Traces, survey: &Survey) -> f64 {
        let mut expected = 0.0;
        for (run, trace) in traces.runs.iter().enumerate() {
            let mut last: BTreeMap<Vec<u32>, bool> = BTreeMap::new();
            for (at, step) in trace.steps.iter().enumerate() {
                let breaks = |(pattern, sign): &(Pattern, bool)| {
                    let open = survey.open[pattern.action][run][at].iter();
                    open.filter(|args| last.get(&pattern.atom(args)) == Some(sign)).count()
                };
                let breaking: usize = self.rule.effects.iter().map(breaks).sum();
                expected += breaking as f64 / survey.possible[run][at] as f64;
                let own = self.rule.effects.iter().filter(|(p, _)| p.action == step.action);
                last.extend(own.map(|(pattern, sign)| (pattern.atom(&step.args), *sign)));
            }
        }
        expected
    }
}

/// The chance of so few rare events, or fewer, where so many are expected (Poisson).
fn at_most(count: usize, expected: f64) -> f64 {
    let mut term = (-expected).exp();
    let mut sum = term;
    for k in 1..=count {
        term *= expected / k as f64;
        sum += term;
    }
    sum
}

/// Lines that would explain many breaches, those that explain most first.
pub(super) fn suspects(breaches: &[Breach]) -> Vec<(u32, usize)> {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    for (from, to) in breaches.iter().flat_map(|b| &b.lines) {
        *counts.entry(*from).or_default() += 1;
        *counts.entry(*to).or_default() += 1;
    }
    let mut suspects: Vec<(u32, usize)> = counts.into_iter().collect();
    suspects.sort_by_key(|&(line, count)| (std::cmp::Reverse(count), line));
    suspects
}
