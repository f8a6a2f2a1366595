//! Hand-written skills: the expert, and the upper bound of what learned skills can do. They steer by
//! believed poses and proprioception.

pub(crate) mod aim;
mod grasp;
mod reach_pick;
mod reach_place;
mod release;
pub(crate) mod servo;

use std::collections::BTreeMap;

use ergon_vocab::Skill;

pub use grasp::Grasp;
pub use reach_pick::ReachPick;
pub use reach_place::ReachPlace;
pub(crate) use reach_place::{Held, LOST};
pub use release::Release;

/// All scripted skills by name.
pub fn skills() -> BTreeMap<String, Box<dyn Skill>> {
    let all: [Box<dyn Skill>; 4] = [
        Box::new(ReachPick::default()),
        Box::new(Grasp::default()),
        Box::new(ReachPlace::default()),
        Box::new(Release::default()),
    ];
    all.into_iter().map(|skill| (skill.name().to_owned(), skill)).collect()
}
