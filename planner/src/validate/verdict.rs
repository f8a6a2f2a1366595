//! What a judge says.

use std::fmt;

/// What is wrong with a plan.
#[derive(Clone, Debug, PartialEq)]
pub enum Flaw {
    /// A step cannot be done.
    Step {
        /// The step, from 1.
        number: usize,
        /// Its line in the plan file, from 1; 0 if it is from no file.
        line: u32,
        /// The step as text.
        call: String,
        /// Why.
        reason: StepFlaw,
    },
    /// All steps can be done and the goal does not hold in the end: these parts of it do not.
    Goal(Vec<String>),
    /// The metric, here as text, has no value in the end.
    Metric(String),
    /// The plan file states another cost than the plan has.
    Cost {
        /// Cost in the file.
        stated: f64,
        /// Cost of the plan.
        actual: f64,
    },
}

/// Why a step cannot be done.
#[derive(Clone, Debug, PartialEq)]
pub enum StepFlaw {
    /// The name of the action or of an argument is not known, or an argument does not fit.
    Misnamed(String),
    /// These preconditions do not hold.
    Unsatisfied(Vec<String>),
    /// These conditions at the end of a durative action do not hold.
    UnsatisfiedAtEnd(Vec<String>),
    /// These conditions over all of a durative action do not hold after another step.
    Invariant {
        /// The conditions.
        conditions: Vec<String>,
        /// When they do not hold, s.
        time: f64,
    },
    /// A durative action has no start time or no duration, or one that its constraints forbid.
    Duration(String),
    /// It happens at the same time as another step, and one changes what the other reads or
    /// changes.
    Interference {
        /// The other step, from 1.
        other: usize,
        /// What both have to do with.
        about: String,
    },
    /// Its numeric effect has no value.
    Numeric(String),
}

/// The verdict on a plan.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Every step is applicable and the goal holds in the end.
    Valid {
        /// Value of the metric. Without a metric, the number of steps, or for durative actions the
        /// time at which the last ends, s.
        cost: f64,
    },
    /// The first flaw.
    Invalid(Flaw),
}

impl Verdict {
    /// Whether the plan is valid.
    pub fn is_valid(&self) -> bool {
        matches!(self, Self::Valid { .. })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Valid { cost } => write!(f, "the plan is valid; cost {cost}"),
            Self::Invalid(flaw) => write!(f, "the plan is not valid: {flaw}"),
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step { number, line, call, reason } => {
                write!(f, "step {number}, {call}")?;
                if *line > 0 {
                    write!(f, " in line {line}")?;
                }
                write!(f, "{reason}")
            }
            Self::Goal(list) => write!(f, "in the end {} does not hold", list.join(" and ")),
            Self::Metric(text) => write!(f, "in the end the metric {text} has no value"),
            Self::Cost { stated, actual } => {
                write!(f, "it costs {actual}, and the file states {stated}")
            }
        }
    }
}

impl fmt::Display for StepFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Misnamed(why) | Self::Duration(why) => write!(f, ": {why}"),
            Self::Unsatisfied(list) => {
                write!(f, ", needs {}, which does not hold there", list.join(" and "))
            }
            Self::UnsatisfiedAtEnd(list) => {
                write!(f, ", needs {} at its end, which does not hold there", list.join(" and "))
            }
            Self::Invariant { conditions, time } => {
                let list = conditions.join(" and ");
                write!(f, ", needs {list} over all, which does not hold after {time:.3}")
            }
            Self::Interference { other, about } => {
                write!(f, ", happens at the same time as step {other}, and both touch {about}")
            }
            Self::Numeric(why) => write!(f, ", {why}"),
        }
    }
}
