//! States to measure patterns by.

use crate::{
    chance::Chance,
    search::{Scratch, TransitionSystem},
};

/// The initial state and those in which walks end that begin there, take operators as they come, and
/// are of up to `most` steps. No walk is longer than there are `steps` left.
pub(super) fn walk(
    system: &TransitionSystem<'_>,
    count: usize,
    most: usize,
    mut steps: usize,
) -> Vec<Vec<u64>> {
    let mut chance = Chance::new(0);
    let mut scratch = Scratch::default();
    let mut ends = vec![system.init().to_vec()];
    let mut there = vec![0; system.words()];
    while ends.len() < count && steps > 0 {
        let mut here = system.init().to_vec();
        steps -= 1;
        for _ in 0..1 + chance.below(most.max(1)) {
            system.find_applicable(&here, &mut scratch);
            if scratch.applicable.is_empty() || steps == 0 {
                break;
            }
            let chosen = chance.below(scratch.applicable.len());
            system.apply(scratch.applicable[chosen], &here, &mut there, &mut scratch);
            std::mem::swap(&mut here, &mut there);
            steps -= 1;
        }
        ends.push(here);
    }
    ends
}
