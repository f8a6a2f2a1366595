//! Plans and the port to a planner.

use crate::{GroundAction, Literal, State};

/// One step of a plan with what it needs and what it does, so that it can be monitored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanStep {
    /// The action.
    pub action: GroundAction,
    /// What must hold before it.
    pub preconditions: Vec<Literal>,
    /// What it makes true or false. An atom that is both deleted and added is listed as added only
    /// (PDDL 2.1: deletes come first).
    pub effects: Vec<Literal>,
    /// Its cost; 1 where the domain states none.
    pub cost: u64,
}

impl PlanStep {
    /// Applies the effects to a state.
    pub fn apply(&self, state: &mut State) {
        for effect in self.effects.iter().filter(|l| !l.positive) {
            state.remove(&effect.atom);
        }
        for effect in self.effects.iter().filter(|l| l.positive) {
            state.insert(effect.atom.clone());
        }
    }
}

/// A sequential plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Its steps in order.
    pub steps: Vec<PlanStep>,
}

impl Plan {
    /// Sum of the steps' costs.
    pub fn cost(&self) -> u64 {
        self.steps.iter().map(|s| s.cost).sum()
    }

    /// The first literals that stand between a state and the goal when the steps from `from` on are
    /// applied in order: unmet preconditions of a step, or unmet goals. Empty when the steps lead there.
    pub fn obstacles(&self, from: usize, state: &State, goal: &[Literal]) -> Vec<Literal> {
        let unmet = |literals: &[Literal], state: &State| -> Vec<Literal> {
            literals.iter().filter(|l| !l.holds_in(state)).cloned().collect()
        };
        let mut state = state.clone();
        for step in self.steps.get(from..).unwrap_or_default() {
            let missing = unmet(&step.preconditions, &state);
            if !missing.is_empty() {
                return missing;
            }
            step.apply(&mut state);
        }
        unmet(goal, &state)
    }
}

/// A limit that ended a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Time.
    Time,
    /// Memory.
    Memory,
    /// Number of expanded states.
    Expansions,
    /// The caller asked to stop.
    Cancelled,
}

/// How planning ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanOutcome {
    /// A plan that reaches the goal.
    Solved(Plan),
    /// Proven: no plan exists. The text says what was found out, for people.
    Unsolvable(String),
    /// A limit was hit before either was known.
    OutOf(Limit),
}

/// A planner with its domain and objects loaded, asked again and again with changing states.
pub trait Planner {
    /// Plans from a complete state to a conjunction of literals.
    fn plan(&mut self, state: &State, goal: &[Literal]) -> PlanOutcome;
}
