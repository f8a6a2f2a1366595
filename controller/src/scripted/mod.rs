//! Hand-written skills: the expert, and the upper bound of what learned skills can do. They steer by
//! believed poses and proprioception.

pub(crate) mod aim;
pub(crate) mod grasp;
pub(crate) mod press;
pub(crate) mod reach_pick;
pub(crate) mod reach_place;
mod release;
pub(crate) mod servo;
mod wait;

use std::collections::BTreeMap;

use ergon_vocab::Skill;

pub use grasp::Grasp;
pub use press::Press;
pub use reach_pick::ReachPick;
pub use reach_place::ReachPlace;
pub(crate) use reach_place::{Held, LOST};
pub use release::Release;
pub use wait::Wait;

/// All scripted skills by name.
pub fn skills() -> BTreeMap<String, Box<dyn Skill>> {
    let all: [Box<dyn Skill>; 6] = [
        Box::new(ReachPick::default()),
        Box::new(Grasp::default()),
        Box::new(ReachPlace::default()),
        Box::new(Release::default()),
        Box::new(Press::default()),
        Box::new(Wait::default()),
    ];
    all.into_iter().map(|skill| (skill.name().to_owned(), skill)).collect()
}
