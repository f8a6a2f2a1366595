//! What is written beside the scene.

use ergon_energy::{Ledger, PowerModel, Span as Part};

use crate::layout::{Rect, columns, rows};
use crate::{Fact, Kind, Line, Moment, Narration, Truth};

/// How a piece of text is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As usual.
    Ink,
    /// Beside the point.
    Faint,
    /// What is going on.
    Accent,
    /// As it should be.
    Good,
    /// As it should not be.
    Alarm,
    /// Not known.
    Doubt,
}

/// A piece of text of one tone.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The text.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

/// A line, with a bar under it where it tells of a progress.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Its pieces, one after the other.
    pub spans: Vec<Span>,
    /// A share from 0 to 1, drawn as a bar.
    pub bar: Option<f32>,
}

/// A title with lines under it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// Its title.
    pub title: String,
    /// What stands beside the title.
    pub note: String,
    /// The lines.
    pub rows: Vec<Row>,
}

impl Row {
    fn new(text: impl Into<String>, tone: Tone) -> Self {
        Self { spans: vec![Span { text: text.into(), tone }], bar: None }
    }

    fn and(mut self, text: impl Into<String>, tone: Tone) -> Self {
        self.spans.push(Span { text: text.into(), tone });
        self
    }

    /// How many characters it has.
    pub fn width(&self) -> usize {
        self.spans.iter().map(|s| s.text.chars().count()).sum()
    }
}

/// The plan with the step under way.
pub fn plan(told: &Narration, at: &Rect) -> Panel {
    let (room, width, count) = (rows(at), columns(at), told.plan.len());
    // The step under way stays in the upper third, so that one sees what comes.
    let first = told.current.saturating_sub(room / 3).min(count.saturating_sub(room));
    let shown = told.plan.iter().enumerate().skip(first).take(room);
    let line = |(index, step): (usize, &crate::Step)| {
        let (mark, tone) = match index {
            i if i < told.current => ("+", Tone::Good),
            i if i == told.current => (">", Tone::Accent),
            _ => (" ", Tone::Faint),
        };
        let again = match (index == told.current, told.attempt) {
            (true, 2..) => format!("  attempt {}", told.attempt),
            _ => String::new(),
        };
        let text = cut(&format!("{:>3}  {}{again}", index + 1, step.action), width - 2);
        let ink = if index == told.current { Tone::Accent } else { Tone::Ink };
        Row::new(format!("{mark} "), tone)
            .and(text, if index < told.current { Tone::Faint } else { ink })
    };
    let note = match count {
        0 => "none yet".to_owned(),
        n => format!("{} of {n} done", told.current.min(n)),
    };
    Panel { title: "Plan".into(), note, rows: shown.map(line).collect() }
}

/// What is believed.
pub fn facts(told: &Narration, at: &Rect) -> Panel {
    let (room, width) = (rows(at), columns(at));
    let facts = told.fluent_facts();
    let count = |truth| facts.iter().filter(|f| f.truth == truth).count();
    let note = format!(
        "{} true, {} unknown, {} false",
        count(Truth::True),
        count(Truth::Unknown),
        count(Truth::False)
    );
    let note = if columns(at) < 40 { format!("{} unknown", count(Truth::Unknown)) } else { note };
    let across = if width >= 40 { 2 } else { 1 };
    let cell = width / across;
    let down = facts.len().div_ceil(across).min(room);
    let lines = (0..down).map(|line| {
        let cells = (0..across).filter_map(|column| facts.get(column * down + line));
        let spans = cells.map(|fact| written(fact, cell)).collect();
        Row { spans, bar: None }
    });
    Panel { title: "Believed facts".into(), note, rows: lines.collect() }
}

fn written(fact: &Fact, width: usize) -> Span {
    let (mark, tone) = match fact.truth {
        Truth::True => ('+', Tone::Good),
        Truth::Unknown => ('?', Tone::Doubt),
        Truth::False => ('-', Tone::Faint),
    };
    let text = cut(&format!("{mark} {}", fact.atom.trim_matches(['(', ')'])), width - 1);
    Span { text: format!("{text:<width$}"), tone }
}

/// What the step under way shall bring about, the skill at work, and how often it went wrong.
pub fn action(moment: &Moment, at: &Rect) -> Panel {
    let told = &moment.told;
    let (room, width) = (rows(at).saturating_sub(2), columns(at));
    let mut expected = told.expected();
    if expected.len() > room {
        expected.sort_by_key(|(_, truth)| *truth == Truth::True);
    }
    let mut lines: Vec<Row> = expected
        .iter()
        .take(room)
        .map(|(literal, truth)| {
            let (word, tone) = match truth {
                Truth::True => ("observed", Tone::Good),
                Truth::False => ("not yet", Tone::Faint),
                Truth::Unknown => ("unknown", Tone::Doubt),
            };
            let missing = told.mismatch.as_ref().is_some_and(|(_, m)| m.contains(literal));
            let (word, tone) = if missing { ("missing", Tone::Alarm) } else { (word, tone) };
            let left = width.saturating_sub(word.len() + 1);
            Row::new(format!("{:<left$} ", cut(literal, left)), Tone::Ink).and(word, tone)
        })
        .collect();
    lines.push(skill(moment, width));
    let alarm = |count: u32| if count == 0 { Tone::Faint } else { Tone::Alarm };
    lines.push(
        Row::new(format!("retries {:<4}", told.retries), alarm(told.retries))
            .and(format!("new plans {}", told.replans), alarm(told.replans)),
    );
    let title = if width < 36 { "Expected" } else { "Expected and observed" };
    let step = told.plan.get(told.current);
    let room = width.saturating_sub(title.len() + 2);
    Panel { title: title.into(), note: cut(step.map_or("", |s| &s.action), room), rows: lines }
}

/// The skill at work and how far it is, by how long it took before.
fn skill(moment: &Moment, width: usize) -> Row {
    let Some(skill) = &moment.told.skill else { return Row::new("no skill yet", Tone::Faint) };
    let secs = moment.time_secs - skill.since_secs;
    let (text, tone, bar) = match &skill.ended {
        None => {
            let usual = skill.usual_secs.filter(|&s| s > 0.0);
            let share = usual.map(|usual| (secs / usual).clamp(0.0, 1.0) as f32);
            (format!("{}  {secs:.1} s", skill.name), Tone::Accent, share)
        }
        Some(Ok(())) => (format!("{}  done", skill.name), Tone::Good, Some(1.0)),
        Some(Err(why)) => (format!("{}  {why}", skill.name), Tone::Alarm, None),
    };
    Row { bar, ..Row::new(cut(&text, width), tone) }
}

/// What it costs.
pub fn cost(ledger: Option<&Ledger>, at: &Rect) -> Panel {
    let title = "Energy".to_owned();
    let Some(ledger) = ledger else {
        let row = Row::new("not counted: a trace records no processor time", Tone::Faint);
        return Panel { title, note: String::new(), rows: vec![row] };
    };
    let model = PowerModel::default();
    let estimate = model.estimate(ledger.agent_time());
    let of = |part| model.estimate(ledger.time(part)).joules;
    let [low, high] = estimate.range;
    let mut lines = vec![
        Row::new(format!("agent {:8.2} J", estimate.joules), Tone::Accent)
            .and(format!("   {low:.1} to {high:.1} J"), Tone::Faint),
        Row::new(
            format!(
                "plan {:.2}  perceive {:.2}  act {:.2}",
                of(Part::Plan),
                of(Part::Perceive),
                of(Part::Act)
            ),
            Tone::Ink,
        ),
        Row::new(format!("simulator {:.2}, not the agent's", of(Part::Simulate)), Tone::Faint),
        Row::new(
            format!(
                "{} W a busy thread, range {} to {} W",
                model.watts, model.range[0], model.range[1]
            ),
            Tone::Faint,
        ),
    ];
    lines.truncate(rows(at));
    Panel { title, note: "estimated, J".into(), rows: lines }
}

/// The last things that happened.
pub fn log(told: &Narration, at: &Rect) -> Panel {
    let (room, width) = (rows(at) + 1, columns(at));
    let first = told.log.len().saturating_sub(room);
    let line = |line: &Line| {
        let tone = match line.kind {
            Kind::Usual => Tone::Ink,
            Kind::Plan => Tone::Accent,
            Kind::Solved => Tone::Good,
            Kind::Failure | Kind::Retry | Kind::Replan | Kind::Disturbance | Kind::GaveUp => {
                Tone::Alarm
            }
        };
        let time = format!("{:7.2} s  ", line.time_secs);
        let text = cut(&line.text, width.saturating_sub(time.len()));
        Row::new(time, Tone::Faint).and(text, tone)
    };
    let rows = told.log.iter().skip(first).map(line).collect();
    Panel { title: String::new(), note: String::new(), rows }
}

/// A text of at most `width` characters; what is cut off is hinted at.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(2)).collect();
    kept + ".."
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::layout::Layout;

    fn told(steps: usize, current: usize) -> Narration {
        let mut told = Narration::default();
        let steps: Vec<_> = (0..steps)
            .map(|i| {
                json!({
                    "action": format!("(place a-block-with-a-very-long-name-{i} somewhere-far-away)"),
                    "effects": ["(on a b)", "(clear c)", "(not (grasped a))", "(free)", "(on b c)"],
                })
            })
            .collect();
        told.hear_plan(&json!({ "steps": steps }));
        let long = "because of a reason that takes far more words than fit into any line of it";
        for time in 0..30 {
            told.hear_event(f64::from(time), &json!({ "event": "retry", "reason": long }));
        }
        let facts: serde_json::Map<_, _> = (0..99)
            .map(|i| (format!("(on a-long-name-{i} b)"), json!({ "truth": "true", "margin": 1 })))
            .collect();
        told.hear_facts(&json!({ "facts": facts }));
        told.current = current;
        told
    }

    fn moment(told: Narration) -> Moment {
        Moment {
            step: 0,
            time_secs: 3.0,
            poses: Vec::new(),
            tcp: ergon_vocab::Pose::identity(),
            pictures: Vec::new(),
            seen: Vec::new(),
            told: told.into(),
            cost: None,
        }
    }

    #[test]
    fn no_line_is_too_long_and_no_panel_too_full() {
        for (size, episodes) in [([1280.0, 720.0], 1), ([960.0, 640.0], 2), ([3840.0, 2160.0], 2)] {
            let layout = Layout::new(size, episodes);
            let slot = &layout.slots[0];
            let moment = moment(told(40, 20));
            let ledger = Ledger::default();
            let mut panels = vec![
                (plan(&moment.told, &slot.plan), slot.plan, 0),
                (facts(&moment.told, &slot.facts), slot.facts, 0),
                (action(&moment, &slot.action), slot.action, 0),
                (log(&moment.told, &slot.log), slot.log, 1),
            ];
            panels.extend(slot.cost.map(|at| (cost(Some(&ledger), &at), at, 0)));
            for (panel, at, more) in panels {
                assert!(panel.rows.len() <= rows(&at) + more, "{panel:?}");
                let title = panel.title.len() + panel.note.len() + 1;
                assert!(title <= columns(&at), "{} {}", panel.title, panel.note);
                for row in &panel.rows {
                    assert!(row.width() <= columns(&at), "{row:?}");
                }
            }
        }
    }

    #[test]
    fn the_step_under_way_is_always_in_sight() {
        let layout = Layout::new([1280.0, 720.0], 1);
        for current in 0..40 {
            let panel = plan(&told(40, current), &layout.slots[0].plan);
            assert!(panel.rows.iter().any(|r| r.spans[0].text == "> "), "step {current}");
        }
    }

    #[test]
    fn what_is_missing_is_told_from_what_is_not_yet_there() {
        let mut told = told(1, 0);
        told.hear_facts(&json!({ "facts": { "(on a b)": { "truth": "false", "margin": 0.1 } } }));
        let at = Layout::new([1280.0, 720.0], 1).slots[0].action;
        let word = |told: &Narration| {
            let panel = action(&moment(told.clone()), &at);
            let row = panel.rows.iter().find(|r| r.spans[0].text.starts_with("(on a b)"));
            row.map(|r| r.spans[1].text.clone())
        };
        assert_eq!(word(&told).as_deref(), Some("not yet"));
        told.hear_event(1.0, &json!({ "event": "mismatch", "expected": ["(on a b)"] }));
        assert_eq!(word(&told).as_deref(), Some("missing"));
    }
}
