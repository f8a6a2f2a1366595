//! One line a decision, for pipes, logs and terminals that cannot redraw.

use crate::out::say;
use ergon_bench::{Opening, Watcher};
use ergon_sim::Simulator;
use ergon_vocab::{Atom, Event, Evidence, Literal, Observer, Outcome, StepRecord, Symbols, Truth};

/// Facts that a line names at most.
const NAMED: usize = 6;

/// Prints decisions as they are made.
#[derive(Default)]
pub(crate) struct PlainView {
    symbols: Symbols,
    steps: usize,
    /// Doubtful facts that were turned around since the last line.
    turned: usize,
}

impl Watcher for PlainView {
    fn on_begin(&mut self, opening: &Opening<'_>) {
        self.symbols = opening.cast.task.symbols().clone();
        let scenario = &opening.setup.scenario;
        say!("{}: {}", scenario.name, scenario.description);
        say!("method {}, seed {}", opening.method, opening.seed);
    }

    fn on_moment(&mut self, _: &Simulator) {}
}

impl Observer for PlainView {
    fn on_event(&mut self, time_secs: f64, event: &Event) {
        if let Event::Planned { plan, .. } = event {
            self.steps = plan.steps.len();
        }
        if is_turned(event) {
            self.turned += 1;
            return;
        }
        if self.turned > 0 {
            let count = std::mem::take(&mut self.turned);
            say!(
                "{time_secs:7.2} s        took {count} doubtful facts the other way, the least sure first"
            );
        }
        if let Some(line) = describe(&self.symbols, self.steps, event) {
            say!("{time_secs:7.2} s  {line}");
        }
    }

    fn on_step(&mut self, _: StepRecord<'_>) {}
}

/// A decision in words; `None` for those that a reader need not see.
pub(crate) fn describe(symbols: &Symbols, steps: usize, event: &Event) -> Option<String> {
    Some(match event {
        event if is_turned(event) => return None,
        Event::Planned { plan, replans: 0 } => format!("plan of {} steps", plan.steps.len()),
        Event::Planned { plan, replans } => {
            format!("new plan {replans} of {} steps", plan.steps.len())
        }
        Event::ActionStarted { index, action, attempt } => {
            let again = if *attempt > 1 { format!("  attempt {attempt}") } else { String::new() };
            format!("{:>3}/{steps} {}{again}", index + 1, symbols.show_action(action))
        }
        Event::SkillEnded { call, failure: Some(reason), .. } => {
            format!("      {} failed: {reason}", call.skill)
        }
        Event::Mismatch { expected, .. } => {
            let missing: Vec<_> = expected.iter().map(|l| symbols.show_literal(l)).collect();
            format!("      expected but not seen: {}", missing.join(" "))
        }
        Event::Retry { reason, .. } => format!("      once more: {reason}"),
        Event::Replan { reason } => format!("      plan again: {reason}"),
        Event::LookAgain { reason } => format!("      look again: {reason}"),
        Event::Presumed { believed } => {
            format!("      as far as can be seen: {}", presumed(symbols, believed))
        }
        Event::Intervention(text) => format!("      held back: {text}"),
        Event::Disturbance(text) => format!("  !!  {text}"),
        Event::Finished(outcome) => describe_outcome(outcome),
        Event::SkillStarted(_) | Event::SkillEnded { .. } | Event::ActionSucceeded { .. } => {
            return None;
        }
    })
}

/// Whether a doubtful fact was taken the other way than it leans, which is tried with one after the other.
fn is_turned(event: &Event) -> bool {
    matches!(event, Event::Presumed { believed } if believed.iter().all(|(_, e)| e.truth != Truth::Unknown))
}

/// What doubtful facts are taken to be, first those that are to hold.
fn presumed(symbols: &Symbols, believed: &[(Atom, Evidence)]) -> String {
    let literal = |(atom, evidence): &(Atom, Evidence)| Literal {
        atom: atom.clone(),
        positive: evidence.leaning == Truth::True,
    };
    let mut literals: Vec<Literal> = believed.iter().map(literal).collect();
    literals.sort_by_key(|l| !l.positive);
    let mut named: Vec<String> =
        literals.iter().take(NAMED).map(|l| symbols.show_literal(l)).collect();
    if literals.len() > NAMED {
        named.push(format!("and {} more", literals.len() - NAMED));
    }
    named.join(" ")
}

pub(super) fn describe_outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Solved => "the agent believes that the goal holds".into(),
        Outcome::Unsolvable(reason) => format!("no plan leads to the goal: {reason}"),
        Outcome::GaveUp(reason) => format!("the agent gives up: {reason}"),
    }
}
