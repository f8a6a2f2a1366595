//! Execution monitoring with the triangle tables of Fikes, Hart & Nilsson (1972, "Learning and
//! executing generalized robot plans"): a tail of a plan leads from a state to the goal exactly if
//! the goal, regressed through it, holds there.

use ergon_vocab::{Literal, Plan, State};

use super::{
    dense::{DensePlan, Lit},
    links::{Consumer, Links, Source, Supplier, Supply},
};

/// What a look at the world says about the rest of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Monitoring {
    /// The goal holds: nothing is left to do.
    Achieved,
    /// The rest of the plan leads to the goal.
    Valid,
    /// The rest of the plan does not lead to the goal, but a shorter or longer tail of the plan
    /// does: the world has jumped ahead, or back.
    Resume {
        /// The step to go on with. Of all tails that lead to the goal, the one from here is
        /// shortest.
        at: usize,
        /// What is wrong with the rest of the plan.
        broken: BrokenLink,
    },
    /// No tail of the plan leads to the goal.
    Broken(BrokenLink),
}

/// A causal link that does not hold any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenLink {
    /// What does not hold and is not made again before it is needed.
    pub literal: Literal,
    /// Who was to supply it.
    pub supplier: Supplier,
    /// Who needs it.
    pub consumer: Consumer,
    /// A step still to come that undoes it before it is needed: then the plan itself is at fault.
    pub undone_by: Option<usize>,
}

/// Positions of the plan for which the supplies awaited there are listed once and for all.
const STRIDE: usize = 64;

/// A plan prepared for monitoring. A check of a plan that goes well costs one look-up for each
/// literal that the rest of the plan awaits from the state.
#[derive(Clone, Debug)]
pub struct Monitor {
    links: Links,
    /// At each multiple of [`STRIDE`]: supplies that begin before it and are awaited there.
    awaited: Vec<Vec<u32>>,
    /// At each multiple of [`STRIDE`]: how many supplies begin before it.
    begun: Vec<usize>,
    /// Tails from here on do not undo what they need.
    sound_from: usize,
}

/// Compares a state with the rest of a plan, the step `from` being the next to do. To look at the
/// same plan again and again, keep a [`Monitor`].
pub fn monitor(plan: &Plan, from: usize, state: &State, goal: &[Literal]) -> Monitoring {
    Monitor::new(plan, goal).check(from, state)
}

impl Monitor {
    /// Prepares a plan: finds what each of its tails needs to hold before it.
    pub fn new(plan: &Plan, goal: &[Literal]) -> Self {
        let links = Links::new(DensePlan::new(plan, goal));
        let stops = links.plan.len() / STRIDE + 1;
        let mut awaited = vec![vec![]; stops];
        let mut sound_from = 0;
        for (i, supply) in (0..).zip(&links.supplies) {
            let (first, last) = (supply.source.first() as usize, links.last_user(supply) as usize);
            if matches!(supply.source, Source::Undone(_)) {
                sound_from = sound_from.max(first);
            }
            // Those that begin right at a stop are found among the supplies begun since.
            (first / STRIDE + 1..=last / STRIDE).for_each(|stop| awaited[stop].push(i));
        }
        let begins_before =
            |stop| links.supplies.partition_point(|s| (s.source.first() as usize) < stop * STRIDE);
        let begun = (0..stops).map(begins_before).collect();
        Self { links, awaited, begun, sound_from }
    }

    /// Number of steps of the plan.
    pub fn steps(&self) -> usize {
        self.links.plan.len()
    }

    /// Compares a state with the rest of the plan, the step `from` being the next to do.
    pub fn check(&self, from: usize, state: &State) -> Monitoring {
        if self.leads_to_goal(self.steps(), state) {
            return Monitoring::Achieved;
        }
        if self.leads_to_goal(from, state) {
            return Monitoring::Valid;
        }
        let Some(broken) = self.first_broken(from, state) else { return Monitoring::Valid };
        match self.shortest_tail(state) {
            Some(at) => Monitoring::Resume { at, broken },
            None => Monitoring::Broken(broken),
        }
    }

    /// Whether the steps from `from` on lead from the state to the goal. For `from` past the last
    /// step: whether the goal holds.
    pub fn leads_to_goal(&self, from: usize, state: &State) -> bool {
        let plan = &self.links.plan;
        let from = from.min(self.steps());
        from >= self.sound_from && self.awaited_at(from).all(|s| plan.holds(s.lit, state))
    }

    /// What must hold for the steps from `from` on to lead to the goal: the regression of the goal
    /// through them, ascending. `None` if nothing would do, since the plan undoes what it needs.
    pub fn condition(&self, from: usize) -> Option<Vec<Literal>> {
        let from = from.min(self.steps());
        if from < self.sound_from {
            return None;
        }
        let mut literals: Vec<Literal> =
            self.awaited_at(from).map(|s| self.links.plan.literal(s.lit)).collect();
        literals.sort_unstable();
        Some(literals)
    }

    /// Where the shortest tail begins that leads from the state to the goal: the number of steps if
    /// the goal holds. Costs are never negative, so no other tail is cheaper.
    pub fn shortest_tail(&self, state: &State) -> Option<usize> {
        let missing = self.missing(state);
        let works = |&from: &usize| missing[from] == 0;
        (self.sound_from..=self.steps()).rev().find(works)
    }

    /// For each tail, how many literals it awaits that do not hold in the state.
    pub(crate) fn missing(&self, state: &State) -> Vec<u32> {
        let values = self.links.plan.values(state);
        let mut change = vec![0i32; self.steps() + 2];
        for supply in &self.links.supplies {
            if values[supply.lit.atom()] != supply.lit.positive() {
                change[supply.source.first() as usize] += 1;
                change[self.links.last_user(supply) as usize + 1] -= 1;
            }
        }
        let mut sum = 0;
        let counts = change[..=self.steps()].iter().map(|c| {
            sum += c;
            sum as u32
        });
        counts.collect()
    }

    /// The first position from which on the plan does not undo what it needs.
    pub(crate) fn sound_from(&self) -> usize {
        self.sound_from
    }

    /// The supplies that a tail awaits from the state.
    fn awaited_at(&self, from: usize) -> impl Iterator<Item = &Supply> {
        let stop = from / STRIDE;
        let lasts = move |s: &&Supply| self.links.last_user(s) as usize >= from;
        let begins = move |s: &&Supply| s.source.first() as usize <= from;
        let supplies = &self.links.supplies;
        let before = self.awaited[stop].iter().map(|&i| &supplies[i as usize]);
        before.chain(supplies[self.begun[stop]..].iter().take_while(begins)).filter(lasts)
    }

    /// The broken link whose consumer comes first.
    fn first_broken(&self, from: usize, state: &State) -> Option<BrokenLink> {
        let from = from.min(self.steps());
        let links = &self.links;
        let lost = self.awaited_at(from).filter(|s| !links.plan.holds(s.lit, state));
        let lost = lost.filter_map(|s| {
            let users = links.users(s);
            let user = users.get(users.partition_point(|&user| (user as usize) < from))?;
            Some((*user, s.lit, s.source))
        });
        let undone = links.supplies.iter().filter(|s| match s.source {
            Source::Undone(step) => step as usize >= from,
            _ => false,
        });
        let undone = undone.map(|s| (links.users(s)[0], s.lit, s.source));
        let (user, lit, source) = lost.chain(undone).min_by_key(|&(user, lit, _)| (user, lit))?;
        Some(self.broken_link(from, user, lit, source))
    }

    fn broken_link(&self, from: usize, user: u32, lit: Lit, source: Source) -> BrokenLink {
        let maker = |before: usize| {
            let makes = |&step: &usize| self.links.plan.makes(step).contains(&lit);
            (0..before).rev().find(makes).map_or(Supplier::Start, Supplier::Step)
        };
        let (supplier, undone_by) = match source {
            Source::Start => (Supplier::Start, None),
            Source::Made(step) => (Supplier::Step(step as usize), None),
            Source::Undone(step) => {
                let step = step as usize;
                (maker(step), (step >= from).then_some(step))
            }
        };
        let consumer = self.links.consumer(user);
        BrokenLink { literal: self.links.plan.literal(lit), supplier, consumer, undone_by }
    }
}
