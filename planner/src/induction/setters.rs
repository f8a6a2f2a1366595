//! Predicates that an action makes true whether they are true already or not, such as `filled`.
//!
//! They do not take turns. They are looked for only where an action has no effect otherwise: nobody
//! does what has none. What such an action sets is told by who waits for it.

use super::{
    Options,
    consistency::Sequence,
    features::{Class, Feature},
};

/// What an action without any other effect seems to set.
pub(super) fn setters(classes: &[Class], action: usize, options: &Options) -> Vec<Feature> {
    let mut found = vec![];
    for class in classes {
        for (index, pattern) in class.patterns.iter().enumerate() {
            if pattern.action == action && is_awaited(class, index, options) {
                let mut feature = class.feature(&[(index, true)]);
                feature.sets = true;
                found.push(feature);
            }
        }
    }
    // Of `boil` with a pot and without, the pot leaves less open.
    let args = |feature: &Feature| feature.effects[0].0.args.clone();
    let narrow = |feature: &Feature| {
        let own = args(feature);
        let wider = |other: &Feature| {
            let other = args(other);
            other.len() > own.len() && own.iter().all(|i| other.contains(i))
        };
        found.iter().any(wider)
    };
    let widest = found.iter().filter(|feature| !narrow(feature));
    widest.cloned().collect()
}

/// Whether some pattern never comes before this one on the same atom, and often after it.
fn is_awaited(class: &Class, setter: usize, options: &Options) -> bool {
    let action = class.patterns[setter].action;
    let place = |sequence: &Sequence, p: usize| sequence.iter().position(|&q| q == p);
    let awaits = |waiter: usize| {
        let waiting = class.sequences.iter().filter_map(|s| Some((s, place(s, waiter)?)));
        let mut after = 0;
        for (sequence, at) in waiting {
            if place(sequence, setter).is_none_or(|before| before > at) {
                return false;
            }
            after += 1;
        }
        after >= options.waiters
    };
    let others = (0..class.patterns.len()).filter(|&p| class.patterns[p].action != action);
    others.into_iter().any(awaits)
}
