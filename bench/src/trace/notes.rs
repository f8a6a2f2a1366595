//! What a trace tells in JSON: one struct a message, written and read by the same definition.

use std::collections::BTreeMap;

use ergon_vocab::{
    Atom, Command, Event, Evidence, Facts, Literal, Observation, Outcome, Plan, Symbols, Truth,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who gave a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Actor {
    /// The agent.
    Agent,
    /// The stage, which holds still after the agent has ended, until the judge has seen enough.
    Stage,
}

/// `/ergon/command`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct CommandNote {
    pub(super) step: u64,
    /// As [`Command::to_array`].
    pub(super) command: [f64; 7],
    pub(super) by: Actor,
}

impl CommandNote {
    pub(super) fn new(step: u64, command: &Command, by: Actor) -> Self {
        Self { step, command: command.to_array(), by }
    }
}

/// `/ergon/digest`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct DigestNote {
    pub(super) step: u64,
    /// 16 hexadecimal digits: JSON numbers do not hold 64 bits in every reader.
    pub(super) digest: String,
}

/// `/ergon/observation`: proprioception to the last bit, and which cameras took a picture at this
/// time. The standard messages say the same to other programs, but not in the agent's own numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ObservationNote {
    pub(super) step: u64,
    pub(super) time_secs: f64,
    pub(super) ee_position: [f64; 3],
    pub(super) ee_orientation: [f64; 3],
    pub(super) finger_positions: [f64; 2],
    pub(super) joint_positions: Vec<f64>,
    pub(super) joint_velocities: Vec<f64>,
    pub(super) cameras: Vec<String>,
}

impl ObservationNote {
    pub(super) fn new(observation: &Observation) -> Self {
        Self {
            step: observation.step,
            time_secs: observation.time_secs,
            ee_position: observation.ee_position.into(),
            ee_orientation: observation.ee_orientation.into(),
            finger_positions: observation.finger_positions,
            joint_positions: observation.joint_positions.clone(),
            joint_velocities: observation.joint_velocities.clone(),
            cameras: observation.images.iter().map(|i| i.camera.clone()).collect(),
        }
    }

    /// The observation without its pictures.
    pub(super) fn observation(&self) -> Observation {
        Observation {
            step: self.step,
            time_secs: self.time_secs,
            images: Vec::new(),
            ee_position: self.ee_position.into(),
            ee_orientation: self.ee_orientation.into(),
            finger_positions: self.finger_positions,
            joint_positions: self.joint_positions.clone(),
            joint_velocities: self.joint_velocities.clone(),
        }
    }
}

/// `/ergon/facts`: all believed atoms, written when the truth of one of them changes.
#[derive(Clone, Debug, Serialize)]
pub(super) struct FactsNote {
    step: u64,
    facts: BTreeMap<String, EvidenceNote>,
}

#[derive(Clone, Debug, Serialize)]
struct EvidenceNote {
    truth: &'static str,
    margin: Number,
}

/// A number; JSON has none that is infinite or not a number, so these become text.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Number {
    Finite(f64),
    Other(String),
}

impl From<Evidence> for EvidenceNote {
    fn from(evidence: Evidence) -> Self {
        let truth = match evidence.truth {
            Truth::True => "true",
            Truth::False => "false",
            Truth::Unknown => "unknown",
        };
        let margin = match evidence.margin {
            m if m.is_finite() => Number::Finite(m),
            m => Number::Other(m.to_string()),
        };
        Self { truth, margin }
    }
}

impl FactsNote {
    pub(super) fn new(step: u64, facts: &Facts, symbols: &Symbols) -> Self {
        let show =
            |(atom, evidence)| (symbols.show_atom(atom).to_string(), EvidenceNote::from(evidence));
        Self { step, facts: facts.iter().map(show).collect() }
    }
}

/// `/ergon/plan`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct PlanNote {
    replans: u32,
    cost: u64,
    steps: Vec<PlanStepNote>,
}

#[derive(Clone, Debug, Serialize)]
struct PlanStepNote {
    action: String,
    cost: u64,
    preconditions: Vec<String>,
    effects: Vec<String>,
}

impl PlanNote {
    fn new(plan: &Plan, replans: u32, symbols: &Symbols) -> Self {
        let steps = plan.steps.iter().map(|step| PlanStepNote {
            action: symbols.show_action(&step.action).to_string(),
            cost: step.cost,
            preconditions: literals(&step.preconditions, symbols),
            effects: literals(&step.effects, symbols),
        });
        Self { replans, cost: plan.cost(), steps: steps.collect() }
    }
}

/// `/ergon/action`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ActionNote {
    state: &'static str,
    index: usize,
    action: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
}

/// `/ergon/skill`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SkillNote {
    state: &'static str,
    skill: String,
    args: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

/// `/ergon/events`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct EventNote {
    time_secs: f64,
    #[serde(flatten)]
    what: EventKind,
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum EventKind {
    Planned { replans: u32, plan: Vec<String> },
    ActionStarted { index: usize, action: String, attempt: u32 },
    SkillStarted { skill: String, args: Vec<String> },
    SkillEnded { skill: String, args: Vec<String>, steps: u64, failure: Option<String> },
    ActionSucceeded { index: usize, action: String },
    Mismatch { index: usize, expected: Vec<String>, believed: BTreeMap<String, EvidenceNote> },
    Retry { attempt: u32, reason: String },
    Replan { reason: String },
    LookAgain { reason: String },
    Presumed { believed: BTreeMap<String, EvidenceNote> },
    Intervention { reason: String },
    Disturbance { reason: String },
    Finished { outcome: &'static str, reason: String },
}

impl EventNote {
    pub(super) fn new(time_secs: f64, event: &Event, symbols: &Symbols) -> Self {
        Self { time_secs, what: EventKind::new(event, symbols) }
    }
}

impl EventKind {
    fn new(event: &Event, symbols: &Symbols) -> Self {
        let action = |a| symbols.show_action(a).to_string();
        let names = |args: &[_]| args.iter().map(|&a| symbols.object_name(a).to_owned()).collect();
        match event.clone() {
            Event::Planned { plan, replans } => Self::Planned {
                replans,
                plan: plan.steps.iter().map(|s| action(&s.action)).collect(),
            },
            Event::ActionStarted { index, action: a, attempt } => {
                Self::ActionStarted { index, action: action(&a), attempt }
            }
            Event::SkillStarted(call) => {
                Self::SkillStarted { args: names(&call.args), skill: call.skill }
            }
            Event::SkillEnded { call, steps, failure } => {
                Self::SkillEnded { args: names(&call.args), skill: call.skill, steps, failure }
            }
            Event::ActionSucceeded { index, action: a } => {
                Self::ActionSucceeded { index, action: action(&a) }
            }
            Event::Mismatch { index, expected, believed } => Self::Mismatch {
                index,
                expected: literals(&expected, symbols),
                believed: evidence(&believed, symbols),
            },
            Event::Retry { attempt, reason } => Self::Retry { attempt, reason },
            Event::Replan { reason } => Self::Replan { reason },
            Event::LookAgain { reason } => Self::LookAgain { reason },
            Event::Presumed { believed } => {
                Self::Presumed { believed: evidence(&believed, symbols) }
            }
            Event::Intervention(reason) => Self::Intervention { reason },
            Event::Disturbance(reason) => Self::Disturbance { reason },
            Event::Finished(outcome) => match outcome {
                Outcome::Solved => Self::Finished { outcome: "solved", reason: String::new() },
                Outcome::Unsolvable(reason) => Self::Finished { outcome: "unsolvable", reason },
                Outcome::GaveUp(reason) => Self::Finished { outcome: "gave-up", reason },
            },
        }
    }
}

/// What a trace tells of an event on `/ergon/events`.
pub fn told_event(time_secs: f64, event: &Event, symbols: &Symbols) -> Value {
    serde_json::to_value(EventNote::new(time_secs, event, symbols)).unwrap_or_default()
}

/// What a trace tells of a plan on `/ergon/plan`.
pub fn told_plan(plan: &Plan, replans: u32, symbols: &Symbols) -> Value {
    serde_json::to_value(PlanNote::new(plan, replans, symbols)).unwrap_or_default()
}

/// What a trace tells of believed facts on `/ergon/facts`.
pub fn told_facts(step: u64, facts: &Facts, symbols: &Symbols) -> Value {
    serde_json::to_value(FactsNote::new(step, facts, symbols)).unwrap_or_default()
}

/// What an event says on its own channel, besides `/ergon/events`.
pub(super) enum Detail {
    Plan(PlanNote),
    Action(ActionNote),
    Skill(SkillNote),
}

impl Detail {
    pub(super) fn new(event: &Event, symbols: &Symbols) -> Option<Self> {
        let action = |state, index: &usize, a, attempt| {
            let action = symbols.show_action(a).to_string();
            Self::Action(ActionNote { state, index: *index, action, attempt })
        };
        let skill = |state, call: &ergon_vocab::SkillCall, steps, failure: &Option<String>| {
            let args = call.args.iter().map(|&a| symbols.object_name(a).to_owned()).collect();
            let (skill, failure) = (call.skill.clone(), failure.clone());
            Self::Skill(SkillNote { state, skill, args, steps, failure })
        };
        Some(match event {
            Event::Planned { plan, replans } => Self::Plan(PlanNote::new(plan, *replans, symbols)),
            Event::ActionStarted { index, action: a, attempt } => {
                action("started", index, a, Some(*attempt))
            }
            Event::ActionSucceeded { index, action: a } => action("succeeded", index, a, None),
            Event::SkillStarted(call) => skill("started", call, None, &None),
            Event::SkillEnded { call, steps, failure } => {
                skill("ended", call, Some(*steps), failure)
            }
            _ => return None,
        })
    }
}

fn evidence(believed: &[(Atom, Evidence)], symbols: &Symbols) -> BTreeMap<String, EvidenceNote> {
    believed.iter().map(|(a, e)| (symbols.show_atom(a).to_string(), (*e).into())).collect()
}

fn literals(literals: &[Literal], symbols: &Symbols) -> Vec<String> {
    literals.iter().map(|l| symbols.show_literal(l)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_that_json_has_no_number_for_become_text() {
        let show = |margin| {
            let note = EvidenceNote::from(Evidence::from_slack(margin));
            serde_json::to_string(&note).unwrap()
        };
        assert_eq!(show(0.1), r#"{"truth":"true","margin":0.1}"#);
        assert_eq!(show(f64::INFINITY), r#"{"truth":"true","margin":"inf"}"#);
    }

    #[test]
    fn numbers_read_back_to_the_same_bits() {
        // The neighbours of short decimals are where careless readers lose a bit.
        let command = [0.1 + 0.2, -0.0, 5e-324, f64::MAX, 1.0 / 3.0, -1e-7, 0.3_f64.next_up()];
        let note = CommandNote { step: u64::MAX, command, by: Actor::Stage };
        let text = serde_json::to_string(&note).unwrap();
        let again: CommandNote = serde_json::from_str(&text).unwrap();
        assert_eq!(again.command.map(f64::to_bits), command.map(f64::to_bits));
        assert_eq!(again.step, u64::MAX);
    }
}
