//! Which candidates become predicates.
//!
//! A candidate that is put together of smaller ones says nothing new, unless an action needs just
//! it: `holding` where each of its parts may hold or not.

use super::{conditions::Constants, features::Feature};

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
    let mut parts: Vec<Part> = vec![];
    for index in order {
        let feature = &features[index];
        let rest: Vec<usize> = (0..feature.effects.len()).collect();
        if is_composed((index, feature), &rest, &mut vec![], &parts, constants) {
            continue;
        }
        kept.push(index);
        parts.push(Part { index, feature: feature.clone(), mirrored: false });
        if let [a, b] = feature.kinds[..]
            && a == b
        {
            parts.push(Part { index, feature: feature.mirrored(), mirrored: true });
        }
    }
    kept
}

/// Whether a feature is the disjoint union of parts that tell all that it tells.
fn is_composed(
    whole: (usize, &Feature),
    rest: &[usize],
    chosen: &mut Vec<usize>,
    parts: &[Part],
    constants: &[Constants],
) -> bool {
    let Some(&first) = rest.first() else {
        let chosen: Vec<&Part> = chosen.iter().map(|&p| &parts[p]).collect();
        return chosen.len() > 1 && constants.iter().all(|c| tells(whole.0, &chosen, c));
    };
    for (index, part) in parts.iter().enumerate() {
        let Some(used) = places(part, whole.1, first) else { continue };
        if used.iter().any(|u| !rest.contains(u)) {
            continue;
        }
        let left: Vec<usize> = rest.iter().copied().filter(|r| !used.contains(r)).collect();
        chosen.push(index);
        let composed = is_composed(whole, &left, chosen, parts, constants);
        chosen.pop();
        if composed {
            return true;
        }
    }
    false
}

/// Where in `whole` the effects of a part stand, if all do with the same or the opposite signs and
/// `first` is among them.
fn places(part: &Part, whole: &Feature, first: usize) -> Option<Vec<usize>> {
    if part.feature.kinds != whole.kinds {
        return None;
    }
    let mut flip = None;
    let mut used = vec![];
    for (pattern, sign) in &part.feature.effects {
        let place = whole.effects.iter().position(|(p, _)| p == pattern)?;
        let flipped = whole.effects[place].1 != *sign;
        if *flip.get_or_insert(flipped) != flipped {
            return None;
        }
        used.push(place);
    }
    used.contains(&first).then_some(used)
}

/// Whether before an action the parts are settled wherever the whole is.
fn tells(whole: usize, parts: &[&Part], constants: &Constants) -> bool {
    let settled = |args: &Vec<usize>| {
        parts.iter().all(|part| {
            let mut args = args.clone();
            if part.mirrored {
                args.reverse();
            }
            constants.get(&(part.index, args)) != Some(&None)
        })
    };
    let of_whole = constants.iter().filter(|((f, _), value)| *f == whole && value.is_some());
    of_whole.into_iter().all(|((_, args), _)| settled(args))
}
