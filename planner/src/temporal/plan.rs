//! Plans with times.

use std::fmt;

use ergon_vocab::{GroundAction, Limit, Symbols};

use crate::pddl::{PlanCall, PlanFile};

/// A step of a temporal plan.
#[derive(Clone, Debug, PartialEq)]
pub struct TemporalStep {
    /// When it starts, s from the start of the plan.
    pub start: f64,
    /// The action.
    pub action: GroundAction,
    /// How long it takes, s; nothing for an action without duration.
    pub duration: Option<f64>,
}

impl TemporalStep {
    /// When it ends, s from the start of the plan.
    pub fn end(&self) -> f64 {
        self.start + self.duration.unwrap_or(0.0)
    }
}

/// A plan of steps that may overlap. Times are multiples of a millisecond, so that they stay apart
/// when they are written with three digits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TemporalPlan {
    /// The steps in the order in which they start.
    pub steps: Vec<TemporalStep>,
}

impl TemporalPlan {
    /// When the last step ends, s.
    pub fn makespan(&self) -> f64 {
        self.steps.iter().map(TemporalStep::end).fold(0.0, f64::max)
    }

    /// How long the steps would take one after another, s.
    pub fn total_duration(&self) -> f64 {
        self.steps.iter().filter_map(|s| s.duration).sum()
    }

    /// The plan by the names of its actions and objects.
    pub fn file(&self, symbols: &Symbols) -> PlanFile {
        let steps = self.steps.iter().map(|step| PlanCall {
            action: symbols.action_name(step.action.schema).into(),
            args: step.action.args.iter().map(|&o| symbols.object_name(o).into()).collect(),
            time: Some(step.start),
            duration: step.duration,
            line: 0,
        });
        PlanFile { steps: steps.collect(), cost: None }
    }
}

/// How temporal planning ended.
#[derive(Clone, Debug, PartialEq)]
pub enum TemporalOutcome {
    /// A plan that reaches the goal.
    Solved(TemporalPlan),
    /// Proven: no order of starts and ends leads to the goal, whatever the durations. The text says
    /// what was found out, for people.
    Unsolvable(String),
    /// Nothing was found, and that proves nothing: what was searched does not contain all plans. The
    /// text says why, for people.
    Unknown(String),
    /// A limit was hit.
    OutOf(Limit),
}

impl fmt::Display for TemporalOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Solved(plan) => {
                write!(f, "{} steps in {:.3} s", plan.steps.len(), plan.makespan())
            }
            Self::Unsolvable(why) => write!(f, "there is no plan: {why}"),
            Self::Unknown(why) => write!(f, "no plan was found: {why}"),
            Self::OutOf(limit) => write!(f, "out of {limit:?}"),
        }
    }
}
