//! Random walks in a hand-written model, as the text of action traces.

use std::collections::{BTreeSet, VecDeque};

use ergon_planner::{Problem, SearchOptions, Task, solve};
use ergon_vocab::{ActionId, GroundAction, PlanOutcome, dummy::StoppedClock};

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
    walk_among(problem, length, draw, |_, _, _, _| {})
}

type Steps = Vec<(GroundAction, World)>;

/// So many actions, each drawn from those applicable ones that `narrow` leaves; it is told how many were
/// done, and where that led.
fn walk_among(
    problem: &Problem,
    length: usize,
    draw: &mut Draw,
    mut narrow: impl FnMut(&mut Steps, usize, &World, &mut Draw),
) -> Vec<GroundAction> {
    let mut world = World::of(problem);
    let mut walk = vec![];
    while walk.len() < length {
        let mut next = steps(problem, &world);
        narrow(&mut next, walk.len(), &world, draw);
        if next.is_empty() {
            break;
        }
        let (action, after) = next.swap_remove(draw.roll(next.len()));
        walk.push(action);
        world = after;
    }
    walk
}

/// So many actions: first a walk, then a plan for the problem from where it led, then a walk again. In a
/// walk first the action is drawn and then its arguments.
pub fn play_and_plan(problem: &Problem, length: usize, draw: &mut Draw) -> Vec<GroundAction> {
    let mut planned = VecDeque::new();
    let start = draw.roll(length / 3);
    walk_among(problem, length, draw, |next, done, world, draw| {
        if done == start {
            planned = plan_from(problem, world);
        }
        if let Some(wanted) = planned.pop_front() {
            next.retain(|(action, _)| *action == wanted);
        } else {
            let names: BTreeSet<ActionId> = next.iter().map(|(action, _)| action.schema).collect();
            let name = names.iter().nth(draw.roll(names.len())).copied();
            next.retain(|(action, _)| Some(action.schema) == name);
        }
    })
}

fn plan_from(problem: &Problem, world: &World) -> VecDeque<GroundAction> {
    let from = problem.clone().with_init(world.state.clone());
    let from = from.unwrap_or_else(|error| panic!("{error}"));
    let clock = StoppedClock::default();
    match solve(&Task::new(&from), &SearchOptions::default(), &clock).0 {
        PlanOutcome::Solved(plan) => plan.steps.into_iter().map(|step| step.action).collect(),
        _ => VecDeque::new(),
    }
}

/// A walk as a trace.
pub fn text(problem: &Problem, walk: &[GroundAction]) -> String {
    walk.iter().map(|action| format!("{}\n", problem.symbols().show_action(action))).collect()
}
