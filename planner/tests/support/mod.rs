//! What several test files share.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

pub mod adl;
pub mod brute;
pub mod hanoi;
pub mod language;
pub mod random;
pub mod robots;
pub mod steps;
pub mod walks;
pub mod worlds;

/// The literals of a goal that is a conjunction of them.
pub fn literals(goal: &ergon_planner::Formula) -> Vec<ergon_vocab::Literal> {
    goal.literals().expect("a conjunction of literals")
}
