//! A view that redraws itself in a terminal: the agent's camera, the plan, the believed facts.

use std::collections::BTreeSet;
use std::time::Duration;

use console::{Term, style};
use ergon_bench::{Opening, Watcher};
use ergon_sim::Simulator;
use ergon_sim::render::{Frame, Quality, Renderer};
use ergon_vocab::{
    Belief, Clock, Event, Literal, Observer, Plan, PredicateId, StepRecord, Symbols, Truth,
};

use super::picture;
use super::plain::{describe, describe_outcome};
use crate::clock::WallClock;

/// Side of the picture, pixels: as many columns, half as many rows.
const PICTURE: usize = 44;
/// Rows of the view under its title.
const ROWS: usize = PICTURE / 2;
/// Columns of the plan and of the facts beside the picture.
const COLUMN: usize = 26;
/// Columns that the whole view needs.
const NEEDED: usize = PICTURE + 2 * COLUMN + 4;
/// Wall time between two drawings.
const REDRAW: Duration = Duration::from_millis(90);
/// How long a message stays, s of the episode.
const MESSAGE_SECS: f64 = 3.0;

/// The view.
pub(crate) struct LiveView {
    term: Term,
    clock: WallClock,
    /// Simulated seconds a wall second; `None` for as fast as possible.
    speed: Option<f64>,
    drawn_at: Option<Duration>,
    drawn_lines: usize,
    renderer: Renderer,
    frame: Frame,
    title: String,
    symbols: Symbols,
    plan: Plan,
    /// Index of the step under way.
    at: usize,
    attempt: u32,
    skill: String,
    retries: u32,
    replans: u32,
    message: Option<(f64, String)>,
    ended: Option<String>,
    facts: Vec<(String, Truth)>,
    expected: Vec<(String, bool)>,
    /// Predicates that some action changes; the others would only fill the screen.
    fluents: BTreeSet<PredicateId>,
}

impl LiveView {
    /// A view at a speed, in simulated seconds a wall second; `None` when standard output is no terminal
    /// or a too narrow one.
    pub(crate) fn new(speed: Option<f64>) -> Option<Self> {
        let term = Term::buffered_stdout();
        let (rows, columns) = term.size();
        let fits = usize::from(columns) >= NEEDED && usize::from(rows) > ROWS + 4;
        (term.is_term() && fits && term.features().colors_supported()).then(|| Self {
            term,
            clock: WallClock::new(),
            speed,
            drawn_at: None,
            drawn_lines: 0,
            renderer: Renderer::new(Quality::Picture),
            frame: Frame::default(),
            title: String::new(),
            symbols: Symbols::default(),
            plan: Plan::default(),
            at: 0,
            attempt: 1,
            skill: String::new(),
            retries: 0,
            replans: 0,
            message: None,
            ended: None,
            facts: Vec::new(),
            expected: Vec::new(),
            fluents: BTreeSet::new(),
        })
    }

    fn draw(&mut self, time_secs: f64) {
        let mut lines = vec![self.headline(time_secs)];
        let pictured = picture::lines(&self.frame.rgb, self.frame.width);
        let (plan, facts) = (self.plan_column(), self.fact_column());
        for row in 0..ROWS {
            let cell = |column: &[String]| {
                let text = column.get(row).cloned().unwrap_or_default();
                console::pad_str(&text, COLUMN, console::Alignment::Left, Some("…")).into_owned()
            };
            let pixels = pictured.get(row).cloned().unwrap_or_else(|| " ".repeat(PICTURE));
            lines.push(format!("{pixels}  {}  {}", cell(&plan), cell(&facts)));
        }
        lines.push(self.footline());
        // A terminal that goes away must not end the episode.
        let _gone = self
            .term
            .clear_last_lines(self.drawn_lines)
            .and_then(|()| lines.iter().try_for_each(|l| self.term.write_line(l)))
            .and_then(|()| self.term.flush());
        self.drawn_lines = lines.len();
        self.drawn_at = Some(self.clock.now());
    }

    fn headline(&self, time_secs: f64) -> String {
        let speed =
            self.speed.map_or("as fast as possible".to_owned(), |s| format!("{s}x real time"));
        format!("{}  {time_secs:6.1} s  {}", style(&self.title).bold(), style(speed).dim())
    }

    /// The steps of the plan around the present one.
    fn plan_column(&self) -> Vec<String> {
        let mut lines = vec![style("plan").underlined().to_string()];
        let window = ROWS - 1;
        let steps = self.plan.steps.len();
        let first = self.at.saturating_sub(window / 2).min(steps.saturating_sub(window));
        for (index, step) in self.plan.steps.iter().enumerate().skip(first).take(window) {
            let action = self.symbols.show_action(&step.action);
            let text = format!("{:>2} {action}", index + 1);
            lines.push(match index.cmp(&self.at) {
                std::cmp::Ordering::Less => style(format!("✓ {text}")).green().dim().to_string(),
                std::cmp::Ordering::Equal if self.ended.is_none() => {
                    style(format!("▶ {text}")).cyan().bold().to_string()
                }
                _ => format!("  {text}"),
            });
        }
        lines
    }

    /// Believed facts, then what the present action shall bring about.
    fn fact_column(&self) -> Vec<String> {
        let mut lines = vec![style("believed").underlined().to_string()];
        let room = ROWS.saturating_sub(self.expected.len() + 3);
        let shown = self.facts.iter().filter(|(_, truth)| *truth != Truth::False);
        lines.extend(shown.take(room).map(|(fact, truth)| match truth {
            Truth::Unknown => style(format!("? {fact}")).yellow().to_string(),
            _ => format!("  {fact}"),
        }));
        lines.push(String::new());
        lines.push(style("expected").underlined().to_string());
        lines.extend(self.expected.iter().map(|(literal, holds)| match holds {
            true => style(format!("✓ {literal}")).green().to_string(),
            false => style(format!("· {literal}")).dim().to_string(),
        }));
        lines
    }

    fn footline(&self) -> String {
        let counts = format!("retries {}  new plans {}", self.retries, self.replans);
        let now = match (&self.ended, &self.message) {
            (Some(end), _) => style(end.clone()).bold().to_string(),
            (None, Some((_, message))) => style(message.trim().to_owned()).yellow().to_string(),
            (None, None) if self.attempt > 1 => format!("{}  attempt {}", self.skill, self.attempt),
            (None, None) => self.skill.clone(),
        };
        let line = format!("{}  {now}", style(counts).dim());
        console::truncate_str(&line, NEEDED, "…").into_owned()
    }

    fn note(&mut self, belief: &Belief) {
        let literal =
            |l: &Literal| (self.symbols.show_literal(l), belief.facts.truth_of(l) == Truth::True);
        self.facts = belief
            .facts
            .iter()
            .filter(|(atom, _)| self.fluents.contains(&atom.predicate))
            .map(|(atom, evidence)| (self.symbols.show_atom(atom).to_string(), evidence.truth))
            .collect();
        self.expected = self
            .plan
            .steps
            .get(self.at)
            .map(|step| step.effects.iter().map(literal).collect())
            .unwrap_or_default();
    }
}

impl Watcher for LiveView {
    fn on_begin(&mut self, opening: &Opening<'_>) {
        let Opening { setup, cast, seed, method } = opening;
        self.title = format!("ergon  {}  {method}  seed {seed}", setup.scenario.name);
        self.symbols = cast.task.symbols().clone();
    }

    fn on_moment(&mut self, simulator: &Simulator) {
        let time_secs = simulator.time_secs();
        if let Some(speed) = self.speed {
            self.clock.wait_until(Duration::from_secs_f64(time_secs / speed));
        }
        if self.message.as_ref().is_some_and(|(since, _)| time_secs - since > MESSAGE_SECS) {
            self.message = None;
        }
        let due = self.drawn_at.is_none_or(|at| self.clock.now() >= at + REDRAW);
        if let (true, Some(camera)) = (due, simulator.scenario().cameras.first()) {
            simulator.render(camera, [PICTURE; 2], &mut self.renderer, &mut self.frame);
            self.draw(time_secs);
        }
    }
}

impl Observer for LiveView {
    fn on_event(&mut self, time_secs: f64, event: &Event) {
        match event {
            Event::Planned { plan, replans } => {
                self.plan = plan.clone();
                (self.at, self.replans) = (0, *replans);
                let effects = plan.steps.iter().flat_map(|s| &s.effects);
                self.fluents.extend(effects.map(|l| l.atom.predicate));
            }
            Event::ActionStarted { index, attempt, .. } => {
                (self.at, self.attempt) = (*index, *attempt);
            }
            Event::ActionSucceeded { index, .. } => self.at = index + 1,
            Event::SkillStarted(call) => {
                let args = call.args.iter().map(|&a| self.symbols.object_name(a));
                let words: Vec<&str> = [call.skill.as_str()].into_iter().chain(args).collect();
                self.skill = words.join(" ");
            }
            Event::Finished(outcome) => {
                self.ended = Some(describe_outcome(outcome));
                self.expected.clear();
                self.draw(time_secs);
            }
            other => {
                self.retries += u32::from(matches!(other, Event::Retry { .. }));
                if let Some(text) = describe(&self.symbols, self.plan.steps.len(), other) {
                    self.message = Some((time_secs, text));
                }
            }
        }
    }

    fn on_step(&mut self, record: StepRecord<'_>) {
        self.note(record.belief);
    }
}
