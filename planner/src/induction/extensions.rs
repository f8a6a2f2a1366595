//! Patterns that a set takes in or leaves out as it likes.
//!
//! What happens to an object before or after all else takes turns with whatever comes after or before:
//! `cook` may end that an egg is held, or may have nothing to do with it. Such a pattern belongs to sets
//! if they bar together what would have been done otherwise; and then the sets without it say less.

use std::collections::BTreeSet;

use super::{
    Options,
    conditions::{Condition, Survey, evidence},
    consistency::{Signed, turns},
    features::{Class, Feature, Pattern},
};

/// The features without those that chance explains, and without those that others extend.
pub(super) fn weeded(
    features: Vec<Feature>,
    classes: &[Class],
    (conditions, survey): (&[Vec<Condition>], &Survey),
    options: &Options,
) -> Vec<Feature> {
    let optional: Vec<Vec<Pattern>> = features.iter().map(|f| optional(f, classes)).collect();
    let told = |pattern: &Pattern| {
        let kin = |other: &Pattern| is_kin(pattern, other);
        let family = (0..features.len()).filter(|&f| optional[f].iter().any(kin));
        evidence(&family.collect(), conditions, survey) >= options.expected
    };
    let doubtful = |f: usize| !optional[f].iter().all(told);
    let superseded = |small: usize| {
        let mut larger = (0..features.len()).filter(|&large| !doubtful(large));
        larger.any(|large| extends(&features[large], &features[small], &optional[large]))
    };
    let kept: Vec<bool> = (0..features.len()).map(|f| !doubtful(f) && !superseded(f)).collect();
    let mut kept = kept.into_iter();
    features.into_iter().filter(|_| kept.next().unwrap_or_default()).collect()
}

/// The patterns without which the set takes turns as well.
fn optional(feature: &Feature, classes: &[Class]) -> Vec<Pattern> {
    let Some(class) = classes.iter().find(|class| class.kinds == feature.kinds) else {
        return vec![];
    };
    let place = |pattern: &Pattern| class.patterns.iter().position(|p| p == pattern);
    let effects = feature.effects.iter();
    let set: Vec<Signed> = effects.filter_map(|(p, sign)| Some((place(p)?, *sign))).collect();
    let is_optional = |index: &usize| {
        let mut rest = set.clone();
        rest.remove(*index);
        !rest.is_empty() && turns(&class.sequences, &rest, None).broken == 0
    };
    let optional = (0..set.len()).filter(is_optional);
    optional.map(|index| feature.effects[index].0.clone()).collect()
}

/// Whether two patterns are of one action and one holds the arguments of the other.
fn is_kin(a: &Pattern, b: &Pattern) -> bool {
    let within = |a: &Pattern, b: &Pattern| a.args.iter().all(|i| b.args.contains(i));
    a.action == b.action && (within(a, b) || within(b, a))
}

/// Whether a set is another one with a pattern that it may leave out.
fn extends(large: &Feature, small: &Feature, optional: &[Pattern]) -> bool {
    let sign = |pattern: &Pattern| large.effects.iter().find(|(p, _)| p == pattern).map(|e| e.1);
    let flips: BTreeSet<Option<bool>> =
        small.effects.iter().map(|(p, s)| sign(p).map(|sign| sign == *s)).collect();
    let more: Vec<&Pattern> = large
        .effects
        .iter()
        .map(|(p, _)| p)
        .filter(|p| !small.effects.iter().any(|(q, _)| q == *p))
        .collect();
    let same = flips.len() == 1 && !flips.contains(&None) && large.kinds == small.kinds;
    same && more.len() == 1 && optional.contains(more[0])
}
