//! Redundant steps: action elimination (Nakhost & Müller 2010, "Action elimination and plan
//! neighborhood graph search").
//!
//! A step is taken out on trial, and with it every later step that is not applicable any more; if
//! the goal is still reached, they stay out. The trial follows only what differs between the two
//! courses of events: it visits the steps that touch an atom which differs and ends as soon as none
//! does.

use std::{cmp::Reverse, collections::BinaryHeap};

use ergon_vocab::{Literal, Plan, State};

use super::dense::{DensePlan, Lit};

/// Visits that all trials may make together, so that plans of any length take a fraction of a
/// second. A trial may take an equal share and what those before it have left. Up to some 1500 steps
/// no trial is cut off.
const VISITS: usize = 1 << 21;

/// Takes steps out of a plan that it does not need, in the order of the plan, and leaves the rest
/// in place; repeated until nothing more goes. The result leads from the state to the goal if the
/// plan does; a plan that does not is returned as it is. No step of the result can be left out along
/// with those that depend on it, unless the plan is so long that trials are cut off.
pub fn eliminate_redundant(plan: &Plan, state: &State, goal: &[Literal]) -> Plan {
    let dense = DensePlan::new(plan, goal);
    let Some(mut trial) = Trial::new(&dense, state) else { return plan.clone() };
    let mut visits = VISITS;
    while trial.pass(&mut visits) {}
    let kept = plan.steps.iter().zip(&trial.alive).filter(|(_, alive)| **alive);
    Plan { steps: kept.map(|(step, _)| step.clone()).collect() }
}

/// The course of events of the plan so far, and the trial under way.
struct Trial<'p> {
    plan: &'p DensePlan,
    /// Steps not taken out.
    alive: Vec<bool>,
    taken_out: usize,
    /// For each atom, the steps that need or make it, ascending.
    touching: Vec<Vec<u32>>,
    /// Whether each effect changes the value of its atom, in the order of steps and effects.
    flips: Vec<bool>,
    /// Where the effects of each step begin in `flips`.
    flips_at: Vec<usize>,
    in_goal: Vec<bool>,
    /// Atoms whose value differs without the step on trial.
    differs: Vec<bool>,
    different: usize,
    /// Next steps to visit, each with the atom that is touched there.
    agenda: BinaryHeap<Reverse<(u32, u32)>>,
}

/// What a trial would change, should it succeed.
#[derive(Default)]
struct Changes {
    removed: Vec<usize>,
    flips: Vec<usize>,
}

impl<'p> Trial<'p> {
    /// `None` if the plan does not lead from the state to the goal.
    fn new(plan: &'p DensePlan, state: &State) -> Option<Self> {
        let mut values = plan.values(state);
        let mut touching = vec![vec![]; plan.atom_count()];
        let (mut flips, mut flips_at) = (vec![], vec![]);
        let wrong = |lit: &Lit, values: &[bool]| values[lit.atom()] != lit.positive();
        for step in 0..plan.len() {
            if plan.needs(step).iter().any(|lit| wrong(lit, &values)) {
                return None;
            }
            flips_at.push(flips.len());
            for &lit in plan.makes(step) {
                flips.push(wrong(&lit, &values));
                values[lit.atom()] = lit.positive();
            }
            for lit in plan.needs(step).iter().chain(plan.makes(step)) {
                let steps: &mut Vec<u32> = &mut touching[lit.atom()];
                if steps.last() != Some(&(step as u32)) {
                    steps.push(step as u32);
                }
            }
        }
        if plan.goal().iter().any(|lit| wrong(lit, &values)) {
            return None;
        }
        let mut in_goal = vec![false; plan.atom_count()];
        plan.goal().iter().for_each(|lit| in_goal[lit.atom()] = true);
        let differs = vec![false; plan.atom_count()];
        Some(Self {
            plan,
            alive: vec![true; plan.len()],
            taken_out: 0,
            touching,
            flips,
            flips_at,
            in_goal,
            differs,
            different: 0,
            agenda: BinaryHeap::new(),
        })
    }

    /// Tries each step once. True if some have been taken out.
    fn pass(&mut self, visits: &mut usize) -> bool {
        let share = *visits / self.plan.len().max(1);
        let before = self.taken_out;
        *visits = 0;
        for step in 0..self.plan.len() {
            *visits += share;
            if self.alive[step] {
                *visits = self.try_without(step, *visits);
            }
        }
        self.taken_out > before
    }

    /// Takes a step out with all that depends on it, if the goal is reached without them. Returns
    /// what is left of the visits.
    fn try_without(&mut self, step: usize, mut visits: usize) -> usize {
        let mut changes = Changes::default();
        self.take_out(step, &mut changes);
        let mut last = step;
        let mut failed = false;
        while let Some(Reverse((next, atom))) = self.agenda.pop() {
            if self.differs[atom as usize] {
                if next as usize != last {
                    last = next as usize;
                    self.visit(last, &mut changes);
                    failed = visits == 0;
                    visits = visits.saturating_sub(1);
                }
                failed |= self.differs[atom as usize] && !self.follow(atom as usize, last);
            }
            if failed || self.different == 0 {
                break;
            }
        }
        self.agenda.clear();
        if std::mem::take(&mut self.different) > 0 {
            self.differs.fill(false);
        }
        if !failed {
            changes.removed.iter().for_each(|&step| self.alive[step] = false);
            self.taken_out += changes.removed.len();
            changes.flips.iter().for_each(|&flip| self.flips[flip] = !self.flips[flip]);
        }
        visits
    }

    /// Looks at a step that touches an atom which differs.
    fn visit(&mut self, step: usize, changes: &mut Changes) {
        if !self.alive[step] {
            return;
        }
        let plan = self.plan;
        if plan.needs(step).iter().any(|lit| self.differs[lit.atom()]) {
            self.take_out(step, changes);
        } else {
            for (i, lit) in plan.makes(step).iter().enumerate() {
                if self.differs[lit.atom()] {
                    self.set(lit.atom(), false);
                    changes.flips.push(self.flips_at[step] + i);
                }
            }
        }
    }

    /// The effects of a step do not happen: what it would have changed differs from now on, and what
    /// it would have made equal to the value on trial does not.
    fn take_out(&mut self, step: usize, changes: &mut Changes) {
        changes.removed.push(step);
        for i in 0..self.plan.makes(step).len() {
            let lit = self.plan.makes(step)[i];
            if self.flips[self.flips_at[step] + i] {
                let differs = !self.differs[lit.atom()];
                self.set(lit.atom(), differs);
                if differs {
                    self.agenda.push(Reverse((step as u32, lit.atom() as u32)));
                }
            }
        }
    }

    fn set(&mut self, atom: usize, differs: bool) {
        self.differs[atom] = differs;
        if differs {
            self.different += 1;
        } else {
            self.different -= 1;
        }
    }

    /// Puts the next step that touches the atom on the agenda. False if there is none and the goal
    /// needs the atom as it was.
    fn follow(&mut self, atom: usize, after: usize) -> bool {
        let steps = &self.touching[atom];
        let next = steps.partition_point(|&step| step as usize <= after);
        match steps.get(next) {
            Some(&step) => self.agenda.push(Reverse((step, atom as u32))),
            None => return !self.in_goal[atom],
        }
        true
    }
}
