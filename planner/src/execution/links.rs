//! Causal links (Penberthy & Weld 1992, "UCPOP: a sound, complete, partial order planner for ADL"):
//! which step makes what a later step or the goal needs.

use std::ops::Range;

use ergon_vocab::{Literal, Plan};

use super::dense::{DensePlan, Lit};

/// Where a literal comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Supplier {
    /// It has held from the start.
    Start,
    /// The step of that index makes it.
    Step(usize),
}

/// What a literal is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Consumer {
    /// It is a precondition of the step of that index.
    Step(usize),
    /// It is a part of the goal.
    Goal,
}

/// A supplier makes a literal that a consumer needs, and no step between them undoes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CausalLink {
    /// Who makes the literal: the last to do so before the consumer.
    pub supplier: Supplier,
    /// The literal.
    pub literal: Literal,
    /// Who needs it.
    pub consumer: Consumer,
}

/// The causal links of a plan, ascending by consumer. In a plan that undoes what it needs later the
/// link of that need is missing.
pub fn causal_links(plan: &Plan, goal: &[Literal]) -> Vec<CausalLink> {
    let links = Links::new(DensePlan::new(plan, goal));
    let mut found: Vec<(u32, Lit, Supplier)> = vec![];
    for supply in &links.supplies {
        let supplier = match supply.source {
            Source::Start => Supplier::Start,
            Source::Made(step) => Supplier::Step(step as usize),
            Source::Undone(_) => continue,
        };
        found.extend(links.users(supply).iter().map(|&user| (user, supply.lit, supplier)));
    }
    found.sort_unstable();
    let link = |(user, lit, supplier): (u32, Lit, Supplier)| CausalLink {
        supplier,
        literal: links.plan.literal(lit),
        consumer: links.consumer(user),
    };
    found.into_iter().map(link).collect()
}

/// What last touched a literal before it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Nothing: it must hold at the start.
    Start,
    /// A step that makes it.
    Made(u32),
    /// A step that undoes it: the plan is flawed.
    Undone(u32),
}

impl Source {
    /// The first position of the plan at which the literal is awaited from the state: a tail that
    /// begins there or later, up to the last user, needs it.
    pub(super) fn first(self) -> u32 {
        match self {
            Self::Start => 0,
            Self::Made(step) | Self::Undone(step) => step + 1,
        }
    }
}

/// A literal from one source with all its users. The users of a literal are split by source.
#[derive(Clone, Debug)]
pub(super) struct Supply {
    pub(super) lit: Lit,
    pub(super) source: Source,
    users: Range<u32>,
}

/// All supplies of a plan. A user is the index of a step, or the number of steps for the goal.
#[derive(Clone, Debug)]
pub(super) struct Links {
    pub(super) plan: DensePlan,
    /// Ascending by [`Source::first`], then by literal.
    pub(super) supplies: Vec<Supply>,
    users: Vec<u32>,
}

impl Links {
    /// Finds the links in one pass over the plan.
    pub(super) fn new(plan: DensePlan) -> Self {
        let mut source = vec![Source::Start; 2 * plan.atom_count()];
        // One use a precondition: position of the source, literal, user, source.
        let mut uses: Vec<(u32, Lit, u32, Source)> = vec![];
        for step in 0..=plan.len() {
            let needs = if step < plan.len() { plan.needs(step) } else { plan.goal() };
            for &lit in needs {
                let source = source[lit.index()];
                uses.push((source.first(), lit, step as u32, source));
            }
            if step < plan.len() {
                for &lit in plan.makes(step) {
                    source[lit.index()] = Source::Made(step as u32);
                    source[lit.negated().index()] = Source::Undone(step as u32);
                }
            }
        }
        uses.sort_unstable_by_key(|&(first, lit, user, _)| (first, lit, user));
        let mut links = Self { plan, supplies: vec![], users: Vec::with_capacity(uses.len()) };
        for (_, lit, user, source) in uses {
            let end = links.users.len() as u32;
            match links.supplies.last_mut() {
                Some(last) if last.lit == lit && last.source == source => last.users.end = end + 1,
                _ => links.supplies.push(Supply { lit, source, users: end..end + 1 }),
            }
            links.users.push(user);
        }
        links
    }

    /// The users of a supply, ascending; there is at least one.
    pub(super) fn users(&self, supply: &Supply) -> &[u32] {
        &self.users[supply.users.start as usize..supply.users.end as usize]
    }

    /// The last user of a supply.
    pub(super) fn last_user(&self, supply: &Supply) -> u32 {
        self.users[supply.users.end as usize - 1]
    }

    /// A user as others see it.
    pub(super) fn consumer(&self, user: u32) -> Consumer {
        if (user as usize) < self.plan.len() {
            Consumer::Step(user as usize)
        } else {
            Consumer::Goal
        }
    }
}
