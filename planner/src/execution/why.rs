//! What each step of a plan is good for.

use std::{collections::BTreeSet, fmt::Write};

use ergon_vocab::{Literal, Plan, Symbols};

use super::links::{CausalLink, Consumer, Supplier, causal_links};

/// Links that a sentence shows at either end of a long chain.
const SHOWN_LINKS: usize = 3;

/// What a step does for a later step or for the goal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Purpose {
    /// Who needs it.
    pub consumer: Consumer,
    /// What the step makes for it.
    pub literal: Literal,
}

/// What the steps of a plan are good for, found once for all of them.
#[derive(Clone, Debug)]
pub struct Purposes {
    /// By supplier; links from the start are left out.
    links: Vec<(usize, Purpose)>,
    /// Links on the shortest way from each step to the goal; `None` if there is no way.
    to_goal: Vec<Option<u32>>,
}

/// What a step is needed for: preconditions of later steps and goals that hold because of it,
/// ascending by consumer. Empty if nothing needs it, or if there is no such step.
pub fn why(plan: &Plan, step: usize, goal: &[Literal]) -> Vec<Purpose> {
    Purposes::of(plan, goal).of_step(step).cloned().collect()
}

impl Purposes {
    /// Finds the purposes of all steps.
    pub fn of(plan: &Plan, goal: &[Literal]) -> Self {
        let supplied = |link: CausalLink| match link.supplier {
            Supplier::Start => None,
            Supplier::Step(step) => {
                Some((step, Purpose { consumer: link.consumer, literal: link.literal }))
            }
        };
        let mut links: Vec<(usize, Purpose)> =
            causal_links(plan, goal).into_iter().filter_map(supplied).collect();
        links.sort_unstable();
        let to_goal = vec![None; plan.steps.len()];
        let mut purposes = Self { links, to_goal };
        for step in (0..plan.steps.len()).rev() {
            let ways = purposes.of_step(step).filter_map(|p| purposes.length(p));
            purposes.to_goal[step] = ways.min();
        }
        purposes
    }

    /// The purposes of a step, as [`why`] tells them.
    pub fn of_step(&self, step: usize) -> impl Iterator<Item = &Purpose> {
        let first = self.links.partition_point(|link| link.0 < step);
        self.links[first..].iter().take_while(move |link| link.0 == step).map(|link| &link.1)
    }

    /// Links on the shortest way to the goal that begins with this one.
    fn length(&self, purpose: &Purpose) -> Option<u32> {
        match purpose.consumer {
            Consumer::Goal => Some(1),
            Consumer::Step(step) => self.to_goal[step].map(|links| links + 1),
        }
    }

    /// A shortest chain of purposes from a step to the goal. Empty if the step serves no goal.
    pub fn chain(&self, step: usize) -> Vec<&Purpose> {
        let mut chain: Vec<&Purpose> = vec![];
        let mut at = Some(step);
        while let Some(step) = at {
            let ways = self.of_step(step).filter_map(|p| Some((self.length(p)?, p)));
            let next = ways.min().map(|(_, purpose)| purpose);
            chain.extend(next);
            at = next.and_then(|p| match p.consumer {
                Consumer::Step(step) => Some(step),
                Consumer::Goal => None,
            });
        }
        chain
    }

    /// The goal literals that a step serves, directly or through other steps.
    pub fn goals(&self, step: usize) -> BTreeSet<Literal> {
        let (mut goals, mut seen, mut todo) = (BTreeSet::new(), BTreeSet::from([step]), vec![step]);
        while let Some(step) = todo.pop() {
            for purpose in self.of_step(step) {
                match purpose.consumer {
                    Consumer::Goal => {
                        goals.insert(purpose.literal.clone());
                    }
                    Consumer::Step(next) if seen.insert(next) => todo.push(next),
                    Consumer::Step(_) => {}
                }
            }
        }
        goals
    }

    /// The steps that serve no goal, directly or through other steps. They can all be left out
    /// (backward justification, Fink & Yang 1992, "Formalizing plan justifications");
    /// [`eliminate_redundant`](super::eliminate_redundant) finds more.
    pub fn idle(&self) -> Vec<usize> {
        (0..self.to_goal.len()).filter(|&step| self.to_goal[step].is_none()).collect()
    }

    /// A sentence on a step, for people. Steps are counted from 1 there.
    pub fn tell(&self, step: usize, plan: &Plan, symbols: &Symbols) -> String {
        let name = |step: usize| match plan.steps.get(step) {
            Some(s) => format!("step {}, {}", step + 1, symbols.show_action(&s.action)),
            None => format!("step {}", step + 1),
        };
        let chain = self.chain(step);
        if chain.is_empty() {
            return format!("{} serves nothing: no goal depends on it", capital(&name(step)));
        }
        let mut text = capital(&name(step));
        for (i, purpose) in chain.iter().enumerate() {
            if chain.len() > 2 * SHOWN_LINKS && i == SHOWN_LINKS {
                let left_out = chain.len() - 2 * SHOWN_LINKS;
                write!(text, ", and so on over {left_out} steps to one").unwrap_or_default();
            }
            if chain.len() > 2 * SHOWN_LINKS
                && (SHOWN_LINKS..chain.len() - SHOWN_LINKS).contains(&i)
            {
                continue;
            }
            let joint = if i == 0 { "" } else { ", which" };
            let made = symbols.show_literal(&purpose.literal);
            let whom = match purpose.consumer {
                Consumer::Goal => "the goal".into(),
                Consumer::Step(step) => name(step),
            };
            // Writing to a string does not fail.
            write!(text, "{joint} makes {made} for {whom}").unwrap_or_default();
        }
        text
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}
