//! One line a decision, for pipes, logs and terminals that cannot redraw.

use crate::out::say;
use ergon_bench::{Opening, Watcher};
use ergon_sim::Simulator;
use ergon_vocab::{Event, Observer, Outcome, StepRecord, Symbols};

/// Prints decisions as they are made.
#[derive(Default)]
pub(crate) struct PlainView {
    symbols: Symbols,
    steps: usize,
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
        if let Some(line) = describe(&self.symbols, self.steps, event) {
            say!("{time_secs:7.2} s  {line}");
        }
    }

    fn on_step(&mut self, _: StepRecord<'_>) {}
}

/// A decision in words; `None` for those that a reader need not see.
pub(crate) fn describe(symbols: &Symbols, steps: usize, event: &Event) -> Option<String> {
    Some(match event {
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
            let facts: Vec<_> =
                believed.iter().map(|(a, _)| symbols.show_atom(a).to_string()).collect();
            format!("      as far as can be seen: {}", facts.join(" "))
        }
        Event::Intervention(text) => format!("      held back: {text}"),
        Event::Disturbance(text) => format!("  !!  {text}"),
        Event::Finished(outcome) => describe_outcome(outcome),
        Event::SkillStarted(_) | Event::SkillEnded { .. } | Event::ActionSucceeded { .. } => {
            return None;
        }
    })
}

pub(super) fn describe_outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Solved => "the agent believes that the goal holds".into(),
        Outcome::Unsolvable(reason) => format!("no plan leads to the goal: {reason}"),
        Outcome::GaveUp(reason) => format!("the agent gives up: {reason}"),
    }
}
