//! The judge: what really happened, by ground truth alone. It never speaks to the agent.

use std::collections::{BTreeMap, BTreeSet};

use ergon_sim::{BodyTruth, GroundTruth};
use ergon_vocab::{Atom, Command, Entity, Gripper, Literal, ObjectId, Role, Truth};

use crate::Cast;
use crate::incidents::{Counts, Incidents};

/// Speed below which a body is at rest, m/s.
const REST: f64 = 0.01;
/// For how long the goal must hold, at rest and released, s; and a broken law, to count.
const HOLD_SECS: f64 = 0.5;
/// Two bodies are on each other, in the reference's definition, within this distance, m.
const REFERENCE_CENTRED: f64 = 0.03;
/// And with their centres (a body's centre and an area's surface) this far apart in height, m.
const REFERENCE_HEIGHT: std::ops::Range<f64> = 0.001..0.055;

/// What the judge found at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Released, within 1.5 cm, at rest for 0.5 s, and no law was broken on the way.
    pub strict: bool,
    /// The goal holds by the reference experiment's looser definition.
    pub reference: bool,
    /// Share of the goal's literals that hold at the end, strictly, 0 to 1.
    pub goal_share: f64,
    /// Where a law was broken: time in s, and the atom that had no right to hold.
    pub violations: Vec<(f64, Atom)>,
    /// What else went wrong on the way.
    pub incidents: Counts,
}

/// Watches the true scene.
#[derive(Clone, Debug)]
pub struct Judge {
    /// The goal, where it is no longer the one that the episode began with.
    goal: Option<Vec<Literal>>,
    /// For how many control steps the goal has held, at rest and released.
    held: u32,
    reference: bool,
    goal_share: f64,
    /// Atoms that break a law, with the number of steps for which they have.
    breaking: BTreeMap<Atom, u32>,
    violations: Vec<(f64, Atom)>,
    incidents: Incidents,
}

impl Judge {
    /// A judge who has seen nothing yet.
    pub fn new() -> Self {
        Self {
            goal: None,
            held: 0,
            reference: false,
            goal_share: 0.0,
            breaking: BTreeMap::new(),
            violations: Vec::new(),
            incidents: Incidents::default(),
        }
    }

    /// From now on another goal counts.
    pub fn set_goal(&mut self, goal: Vec<Literal>) {
        (self.goal, self.held) = (Some(goal), 0);
    }

    /// Looks at the scene after a control step.
    pub fn watch(&mut self, cast: &Cast, truth: &GroundTruth) {
        let entities = cast.entities(truth);
        let gripper = Gripper { tcp: truth.tcp, opening: truth.finger_positions.iter().sum() };
        let facts = cast.grounder.ground(&entities, &gripper);
        let goal = self.goal.as_ref().unwrap_or(&cast.goal);
        let holding = goal.iter().filter(|l| facts.truth_of(l) == Truth::True).count();
        let released = truth.bodies.iter().all(|b| !touched(b));
        let at_rest = truth.bodies.iter().all(|b| b.velocity.norm() < REST);
        self.goal_share = holding as f64 / goal.len().max(1) as f64;
        let done = holding == goal.len() && released && at_rest;
        self.held = if done { self.held + 1 } else { 0 };
        let holds = |l| reference_holds(l, &entities).unwrap_or(facts.truth_of(l) == Truth::True);
        self.reference = released && goal.iter().all(holds);

        let rests = |b: &BodyTruth| !touched(b) && b.velocity.norm() < REST;
        let bodies = cast.body_ids().zip(&truth.bodies);
        let resting: Vec<ObjectId> = bodies.filter(|(_, b)| rests(b)).map(|(id, _)| id).collect();
        let mut placed = BTreeSet::new();
        let mut breaking = BTreeMap::new();
        for (atom, _) in facts.iter().filter(|(_, e)| e.is_true()) {
            let mut laws = cast.laws.iter().filter(|(wherever, _)| *wherever == atom.predicate);
            let binding = laws.clone().next().is_some();
            let broken = laws.any(|&(_, must)| {
                let needed = Atom { predicate: must, args: atom.args.clone() };
                !facts.get(&needed).is_true()
            });
            if binding && !broken {
                placed.extend(atom.args.first());
            }
            if broken && atom.args.first().is_some_and(|a| resting.contains(a)) {
                let steps = self.breaking.get(atom).map_or(1, |n| n + 1);
                if steps == hold_steps() {
                    self.violations.push((truth.time_secs, atom.clone()));
                }
                breaking.insert(atom.clone(), steps);
            }
        }
        self.breaking = breaking;
        self.incidents.watch(truth, cast.body_ids(), &rests, &placed);
    }

    /// The verdict on all that was seen.
    pub fn verdict(&self) -> Verdict {
        Verdict {
            strict: self.held >= hold_steps() && self.violations.is_empty(),
            reference: self.reference,
            goal_share: self.goal_share,
            violations: self.violations.clone(),
            incidents: self.incidents.counts(),
        }
    }
}

impl Default for Judge {
    fn default() -> Self {
        Self::new()
    }
}

fn hold_steps() -> u32 {
    (HOLD_SECS * Command::RATE_HZ) as u32
}

fn touched(body: &BodyTruth) -> bool {
    body.finger_contacts != [false, false]
}

/// The reference's `on` for two-place goal literals; `None` for others, which do not occur in it, and for
/// bins, in which nothing has to be centred.
fn reference_holds(literal: &Literal, entities: &BTreeMap<ObjectId, Entity>) -> Option<bool> {
    let [a, b] = *literal.atom.args else { return None };
    let (a, b) = (entities.get(&a)?, entities.get(&b)?);
    if b.role == Role::Bin {
        return None;
    }
    let height = a.pose.translation.z - b.pose.translation.z;
    let near = a.role == Role::Body && a.horizontal_distance(b) < REFERENCE_CENTRED;
    Some((near && REFERENCE_HEIGHT.contains(&height)) == literal.positive)
}
