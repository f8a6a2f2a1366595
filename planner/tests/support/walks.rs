//! Random walks in a hand-written model, as the text of action traces.

use ergon_planner::Problem;
use ergon_vocab::GroundAction;

use super::brute::{World, steps};

/// Draws numbers from a seed (xorshift, Marsaglia 2003).
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
    /// Mixes the seed, so that neighbouring ones have nothing in common.
    pub fn new(seed: u64) -> Self {
        let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self((mixed ^ (mixed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9) | 1)
    }

    /// A number below `below`.
    pub fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 20) % below.max(1) as u64) as usize
    }
}

/// So many applicable actions, drawn one after the other.
pub fn walk(problem: &Problem, length: usize, draw: &mut Draw) -> Vec<GroundAction> {
    let mut world = World::of(problem);
    let mut walk = vec![];
    for _ in 0..length {
        let mut next = steps(problem, &world);
        if next.is_empty() {
            break;
        }
        let (action, after) = next.swap_remove(draw.roll(next.len()));
        walk.push(action);
        world = after;
    }
    walk
}

/// A walk as a trace.
pub fn text(problem: &Problem, walk: &[GroundAction]) -> String {
    walk.iter().map(|action| format!("{}\n", problem.symbols().show_action(action))).collect()
}
