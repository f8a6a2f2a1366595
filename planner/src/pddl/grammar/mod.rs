//! The grammar: text to syntax tree. One function a production of the grammar of Ghallab et al.
//! (1998), "PDDL: The Planning Domain Definition Language", as amended by Fox & Long (2003),
//! "PDDL2.1". Sections may come in any order.

mod action;
mod formula;
mod lists;
mod section;
#[cfg(test)]
mod tests;

pub(super) use section::{domain, problem};
