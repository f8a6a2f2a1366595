//! Which candidates become predicates.
//!
//! Before and after an action a candidate is a vector of signs over patterns. One that is a sum or a
//! difference of smaller ones says nothing new, unless an action needs just it: `holding` where each of
//! its parts may hold or not.

use super::{
    conditions::Constants,
    features::{Feature, Pattern},
};

/// A kept feature, possibly with its arguments the other way round.
struct Part {
    index: usize,
    feature: Feature,
    mirrored: bool,
}

/// The indices of the features that become predicates, smallest sets first.
pub(super) fn select(features: &[Feature], constants: &[Constants]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..features.len()).collect();
    order.sort_by_key(|&i| (features[i].effects.len(), features[i].kinds.len(), i));
    let mut kept = vec![];
    // None of them is a combination of others.
    let mut parts: Vec<Part> = vec![];
    for index in order {
        let feature = &features[index];
        let made_of = combination(feature, &parts);
        let unsettled = made_of.as_ref().map(|of| {
            let settled = |p: &&usize| constants.iter().all(|c| tells(index, &parts[**p], c));
            of.iter().find(|p| !settled(p)).copied()
        });
        let part = Part { index, feature: feature.clone(), mirrored: false };
        match unsettled {
            Some(None) => continue,
            Some(Some(place)) => parts[place] = part,
            None => parts.push(part),
        }
        kept.push(index);
        let mirror = feature.mirrored();
        if feature.kinds.windows(2).any(|k| k[0] == k[1]) && combination(&mirror, &parts).is_none()
        {
            parts.push(Part { index, feature: mirror, mirrored: true });
        }
    }
    kept
}

/// The parts that a feature is a sum or difference of, if it is one.
fn combination(whole: &Feature, parts: &[Part]) -> Option<Vec<usize>> {
    let mut patterns: Vec<&Pattern> = parts
        .iter()
        .flat_map(|part| &part.feature.effects)
        .chain(&whole.effects)
        .map(|(pattern, _)| pattern)
        .collect();
    patterns.sort_unstable();
    patterns.dedup();
    let sign = |feature: &Feature, pattern: &Pattern| -> f64 {
        let effect = feature.effects.iter().find(|(p, _)| p == pattern);
        effect.map_or(0.0, |(_, sign)| if *sign { 1.0 } else { -1.0 })
    };
    // One equation a pattern, one unknown a part; the last column is the whole.
    let mut rows: Vec<Vec<f64>> = patterns
        .iter()
        .map(|p| {
            let of_parts = parts.iter().map(|part| sign(&part.feature, p));
            of_parts.chain([sign(whole, p)]).collect()
        })
        .collect();
    let pivots = eliminate(&mut rows, parts.len());
    let solved = rows[pivots.len()..].iter().all(|row| row[parts.len()].abs() < ROUNDING);
    let used = pivots.iter().zip(&rows).filter(|(_, row)| row[parts.len()].abs() > ROUNDING);
    solved.then(|| used.map(|(&part, _)| part).collect())
}

const ROUNDING: f64 = 1e-6;

/// Brings equations to reduced form (Gauss and Jordan); the unknown of each of the first rows.
fn eliminate(rows: &mut [Vec<f64>], unknowns: usize) -> Vec<usize> {
    let mut pivots = vec![];
    for unknown in 0..unknowns {
        let top = pivots.len();
        let Some(best) = (top..rows.len()).find(|&r| rows[r][unknown].abs() > ROUNDING) else {
            continue;
        };
        rows.swap(top, best);
        let factor = rows[top][unknown];
        rows[top].iter_mut().for_each(|x| *x /= factor);
        let pivot = rows[top].clone();
        for (_, row) in rows.iter_mut().enumerate().filter(|(r, _)| *r != top) {
            let factor = row[unknown];
            row.iter_mut().zip(&pivot).for_each(|(x, p)| *x -= factor * p);
        }
        pivots.push(unknown);
    }
    pivots
}

/// Whether before an action a part is settled wherever the whole is.
fn tells(whole: usize, part: &Part, constants: &Constants) -> bool {
    let settled = |args: &Vec<usize>| {
        let mut args = args.clone();
        if part.mirrored {
            args.reverse();
        }
        constants.get(&(part.index, args)) != Some(&None)
    };
    let mut of_whole = constants.iter().filter(|((f, _), value)| *f == whole && value.is_some());
    of_whole.all(|((_, args), _)| settled(args))
}
