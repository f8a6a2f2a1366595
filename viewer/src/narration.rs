//! What the agent has planned, done and believed, as a trace tells it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Whether something is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It is.
    True,
    /// Its contrary is.
    False,
    /// Neither.
    Unknown,
}

/// A step of a plan, in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// The action, such as `pick c1`.
    pub action: String,
    /// What must hold after it, such as `(grasped c1)` or `(not (clear c1))`.
    pub effects: Vec<String>,
}

/// A skill at work.
#[derive(Clone, Debug, PartialEq)]
pub struct Skill {
    /// Its name with its arguments.
    pub name: String,
    /// When it began, s.
    pub since_secs: f64,
    /// How long it takes by experience, s; `None` the first time.
    pub usual_secs: Option<f64>,
    /// Whether it has ended, and how.
    pub ended: Option<Result<(), String>>,
}

/// A believed atom.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// The atom, such as `(on c1 c2)`.
    pub atom: String,
    /// Whether it is believed.
    pub truth: Truth,
    /// How far the evidence is from the threshold, m; infinite where it is no length.
    pub margin: f64,
}

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What is expected to happen.
    Usual,
    /// A plan.
    Plan,
    /// The world is not as expected, or a skill failed.
    Failure,
    /// The same action once more.
    Retry,
    /// A new plan is wanted.
    Replan,
    /// Something from outside.
    Disturbance,
    /// The end, with success in the agent's view.
    Solved,
    /// The end without.
    GaveUp,
}

impl Kind {
    /// Whether one wants to jump there.
    pub fn is_mark(self) -> bool {
        !matches!(self, Self::Usual | Self::Plan)
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// When, s.
    pub time_secs: f64,
    /// What kind of thing.
    pub kind: Kind,
    /// In words.
    pub text: String,
}

/// All that was told up to some time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Narration {
    /// The present plan.
    pub plan: Vec<Step>,
    /// Index of the step under way; as many as the plan has steps when it is done.
    pub current: usize,
    /// Which attempt at it.
    pub attempt: u32,
    /// The skill at work, or the last one.
    pub skill: Option<Skill>,
    /// Actions tried once more.
    pub retries: u32,
    /// Plans made after the first.
    pub replans: u32,
    /// What is believed of what actions can change.
    pub facts: Vec<Fact>,
    /// What happened, in order.
    pub log: Vec<Line>,
    /// What was expected and is not believed, since when.
    pub mismatch: Option<(f64, Vec<String>)>,
    /// How it ended.
    pub outcome: Option<Result<(), String>>,
    /// Predicates that some action changes.
    fluents: BTreeSet<String>,
    /// How long each skill took the last time, s.
    usual: BTreeMap<String, f64>,
}

impl Narration {
    /// Takes in what a trace tells of a plan (`/ergon/plan`).
    pub fn hear_plan(&mut self, value: &Value) {
        self.plan = list(value, "steps")
            .map(|step| Step {
                action: bare(text(step, "action")),
                effects: strings(step, "effects"),
            })
            .collect();
        self.current = 0;
        let effects = self.plan.iter().flat_map(|s| &s.effects);
        self.fluents.extend(effects.map(|e| predicate(e).to_owned()));
    }

    /// Takes in what a trace tells of believed facts (`/ergon/facts`).
    pub fn hear_facts(&mut self, value: &Value) {
        let facts = value.get("facts").and_then(Value::as_object);
        self.facts = facts.into_iter().flatten().map(|(atom, note)| fact(atom, note)).collect();
    }

    /// Takes in what a trace tells of an event (`/ergon/events`).
    pub fn hear_event(&mut self, time_secs: f64, value: &Value) {
        let reason = text(value, "reason");
        match text(value, "event") {
            "planned" => {
                let steps = list(value, "plan").count();
                self.say(time_secs, Kind::Plan, format!("a plan of {steps} steps"));
            }
            "action-started" => {
                self.current = number(value, "index") as usize;
                self.attempt = number(value, "attempt") as u32;
                self.mismatch = None;
                self.say(time_secs, Kind::Usual, bare(text(value, "action")));
            }
            "action-succeeded" => {
                self.current = number(value, "index") as usize + 1;
                self.mismatch = None;
            }
            "skill-started" => self.begin_skill(time_secs, value),
            "skill-ended" => self.end_skill(time_secs, value),
            "mismatch" => {
                let expected = strings(value, "expected");
                let words = format!("expected, not seen: {}", expected.join(" "));
                self.mismatch = Some((time_secs, expected));
                self.say(time_secs, Kind::Failure, words);
            }
            "retry" => {
                self.retries += 1;
                self.say(time_secs, Kind::Retry, format!("once more: {reason}"));
            }
            "replan" => {
                self.replans += 1;
                self.say(time_secs, Kind::Replan, format!("plan again: {reason}"));
            }
            "look-again" => {
                self.say(time_secs, Kind::Usual, format!("look again: {reason}"));
            }
            "disturbance" => self.say(time_secs, Kind::Disturbance, reason.to_owned()),
            "finished" => self.finish(time_secs, text(value, "outcome"), reason),
            _ => {}
        }
    }

    fn begin_skill(&mut self, time_secs: f64, value: &Value) {
        let skill = text(value, "skill");
        let words = [vec![skill.to_owned()], strings(value, "args")].concat();
        self.skill = Some(Skill {
            name: words.join(" "),
            since_secs: time_secs,
            usual_secs: self.usual.get(skill).copied(),
            ended: None,
        });
    }

    fn end_skill(&mut self, time_secs: f64, value: &Value) {
        let failure = value.get("failure").and_then(Value::as_str);
        if let Some(skill) = &mut self.skill {
            skill.ended = Some(failure.map_or(Ok(()), |f| Err(f.to_owned())));
            skill.usual_secs = Some(time_secs - skill.since_secs);
            if failure.is_none() {
                self.usual.insert(text(value, "skill").to_owned(), time_secs - skill.since_secs);
            }
        }
        if let Some(failure) = failure {
            let words = format!("{} failed: {failure}", text(value, "skill"));
            self.say(time_secs, Kind::Failure, words);
        }
    }

    fn finish(&mut self, time_secs: f64, outcome: &str, reason: &str) {
        let (kind, words, end) = match outcome {
            "solved" => (Kind::Solved, "the agent believes that the goal holds".to_owned(), Ok(())),
            "unsolvable" => {
                let words = format!("no plan leads to the goal: {reason}");
                (Kind::GaveUp, words.clone(), Err(words))
            }
            _ => (Kind::GaveUp, format!("the agent gives up: {reason}"), Err(reason.to_owned())),
        };
        self.outcome = Some(end);
        self.say(time_secs, kind, words);
    }

    fn say(&mut self, time_secs: f64, kind: Kind, text: String) {
        self.log.push(Line { time_secs, kind, text });
    }

    /// The believed facts that actions change, those that hold first, then the unknown ones, then those
    /// that do not hold.
    pub fn fluent_facts(&self) -> Vec<&Fact> {
        let of = |truth| {
            self.facts.iter().filter(move |f: &&Fact| {
                f.truth == truth && self.fluents.contains(predicate(&f.atom))
            })
        };
        of(Truth::True).chain(of(Truth::Unknown)).chain(of(Truth::False)).collect()
    }

    /// What the step under way shall bring about, each with whether it is believed already.
    pub fn expected(&self) -> Vec<(String, Truth)> {
        let step = self.plan.get(self.current);
        let effects = step.into_iter().flat_map(|s| &s.effects);
        effects.map(|literal| (literal.clone(), self.truth_of(literal))).collect()
    }

    /// Whether a literal such as `(not (clear c1))` is believed.
    pub fn truth_of(&self, literal: &str) -> Truth {
        let inner = literal.strip_prefix("(not ").and_then(|rest| rest.strip_suffix(')'));
        let atom = inner.unwrap_or(literal);
        let truth = self.facts.iter().find(|f| f.atom == atom).map_or(Truth::Unknown, |f| f.truth);
        match (inner, truth) {
            (Some(_), Truth::True) => Truth::False,
            (Some(_), Truth::False) => Truth::True,
            (_, truth) => truth,
        }
    }
}

fn fact(atom: &str, note: &Value) -> Fact {
    let truth = match text(note, "truth") {
        "true" => Truth::True,
        "false" => Truth::False,
        _ => Truth::Unknown,
    };
    let margin = note.get("margin").and_then(Value::as_f64).unwrap_or(f64::INFINITY);
    Fact { atom: atom.to_owned(), truth, margin }
}

/// The predicate of a literal.
fn predicate(literal: &str) -> &str {
    let atom = literal.strip_prefix("(not ").unwrap_or(literal);
    atom.trim_matches(['(', ')']).split(' ').next().unwrap_or_default()
}

/// Without its parentheses.
fn bare(text: &str) -> String {
    text.trim_matches(['(', ')']).to_owned()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, key: &str) -> u64 {
    value.get(key).and_then(Value::as_u64).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn strings(value: &Value, key: &str) -> Vec<String> {
    list(value, key).filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn planned() -> Narration {
        let mut told = Narration::default();
        told.hear_plan(&json!({ "steps": [
            { "action": "(pick c1)", "effects": ["(grasped c1)", "(not (clear c1))"] },
            { "action": "(place c1 right)", "effects": ["(on c1 right)"] },
        ]}));
        told
    }

    #[test]
    fn effects_are_compared_with_what_is_believed() {
        let mut told = planned();
        told.hear_facts(&json!({ "facts": {
            "(grasped c1)": { "truth": "false", "margin": 0.01 },
            "(clear c1)": { "truth": "false", "margin": 0.02 },
            "(smaller c1 c2)": { "truth": "true", "margin": "inf" },
        }}));
        let expected = told.expected();
        assert_eq!(expected[0], ("(grasped c1)".to_owned(), Truth::False));
        assert_eq!(expected[1], ("(not (clear c1))".to_owned(), Truth::True));
        // What no action changes would only fill the screen.
        assert!(told.fluent_facts().iter().all(|f| f.atom != "(smaller c1 c2)"));
    }

    #[test]
    fn an_unjudged_atom_is_unknown_and_not_false() {
        let told = planned();
        assert_eq!(told.truth_of("(on c1 right)"), Truth::Unknown);
        assert_eq!(told.truth_of("(not (on c1 right))"), Truth::Unknown);
    }

    #[test]
    fn steps_retries_and_replans_are_followed() {
        let mut told = planned();
        let mut hear = |time, value| told.hear_event(time, &value);
        hear(
            1.0,
            json!({ "event": "action-started", "index": 0, "attempt": 1, "action": "(pick c1)" }),
        );
        hear(1.0, json!({ "event": "skill-started", "skill": "grasp", "args": ["c1"] }));
        hear(2.0, json!({ "event": "skill-ended", "skill": "grasp", "failure": "it slipped" }));
        hear(2.0, json!({ "event": "retry", "attempt": 2, "reason": "its effects are not seen" }));
        hear(
            2.0,
            json!({ "event": "action-started", "index": 0, "attempt": 2, "action": "(pick c1)" }),
        );
        hear(3.0, json!({ "event": "replan", "reason": "not as expected" }));
        hear(4.0, json!({ "event": "finished", "outcome": "gave-up", "reason": "enough" }));
        assert_eq!((told.attempt, told.retries, told.replans), (2, 1, 1));
        assert_eq!(told.outcome, Some(Err("enough".into())));
        let marks: Vec<Kind> = told.log.iter().map(|l| l.kind).filter(|k| k.is_mark()).collect();
        assert_eq!(marks, [Kind::Failure, Kind::Retry, Kind::Replan, Kind::GaveUp]);
    }

    #[test]
    fn anything_may_be_told_without_harm() {
        let mut told = Narration::default();
        for value in [json!(null), json!([]), json!({ "event": 3 }), json!({ "steps": [1, {}] })] {
            told.hear_plan(&value);
            told.hear_facts(&value);
            told.hear_event(f64::NAN, &value);
        }
        assert!(told.expected().is_empty());
    }
}
