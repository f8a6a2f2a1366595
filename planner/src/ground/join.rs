//! Instances of rules by joins over reachable facts, in the delete relaxation.
//!
//! This is Datalog evaluation, semi-naive: a fact is joined with the facts found before it, so that
//! every instance is found once (Helmert 2009, "Concise finite-domain representations for PDDL
//! planning tasks", section 6; Abiteboul, Hull & Vianu 1995, section 13.1). Each step takes the
//! atom with the fewest candidates left, and variables that no atom mentions run over the objects
//! of their types at the end.

use ergon_vocab::State;

use super::{
    budget::Budget,
    facts::{FactId, Facts},
    instances::{Instances, value},
    partial::{Partial, Run},
};
use crate::normal::{Body, Normal, Rule, RuleKind};

/// Everything reachable when deletes are ignored.
pub(super) struct Reached {
    pub(super) facts: Facts,
    /// Facts with a smaller id are those of the initial state.
    pub(super) initial: usize,
    /// The instances of each rule, in the order in which they were found.
    pub(super) instances: Vec<Instances>,
}

impl Reached {
    /// Memory held, bytes, from above.
    pub(super) fn bytes(&self) -> u64 {
        self.facts.bytes() + self.instances.iter().map(Instances::bytes).sum::<u64>()
    }
}

/// Computes what is reachable from `init`; less once the budget is spent.
pub(super) fn reach(
    normal: &Normal,
    objects: usize,
    init: &State,
    budget: Option<&Budget<'_>>,
) -> Reached {
    let mut triggers = vec![vec![]; normal.arities.len()];
    for (r, rule) in normal.rules.iter().enumerate() {
        for (i, atom) in rule.joins[..rule.fluent].iter().enumerate() {
            triggers[atom.predicate.index()].push((r as u32, i as u32));
        }
    }
    let mut facts = Facts::new(&normal.arities, normal.derived.len(), objects);
    facts.insert_state(init, |predicate| !normal.derived[predicate]);
    let initial = facts.len();
    let instances = normal.rules.iter().map(|rule| Instances::new(rule.body.joined));
    let mut reached = Reached { facts, initial, instances: instances.collect() };
    Join { normal, triggers, partial: Partial::default(), budget, words: 0, exact: None }
        .run(&mut reached);
    reached
}

/// Adds the derived facts of a stratum, those whose rules pass the test, too. The facts given are
/// those of the state and of lower strata, and perhaps some of the stratum.
pub(super) fn derive(normal: &Normal, stratum: u32, facts: Facts, test: Test<'_>) -> Facts {
    let of_stratum = |rule: &Rule| {
        rule.kind == RuleKind::Axiom && normal.strata[rule.heads[0].predicate.index()] == stratum
    };
    let initial = facts.len();
    let mut triggers = vec![vec![]; normal.arities.len()];
    let rules = normal.rules.iter().enumerate().filter(|(_, rule)| of_stratum(rule));
    for (r, rule) in rules.clone() {
        for (i, atom) in rule.joins[..rule.fluent].iter().enumerate() {
            triggers[atom.predicate.index()].push((r as u32, i as u32));
        }
    }
    let instances = normal.rules.iter().map(|rule| Instances::new(rule.body.joined));
    let mut reached = Reached { facts: facts.hidden(), initial, instances: instances.collect() };
    let exact = Some((stratum, test));
    let partial = Partial::default();
    Join { normal, triggers, partial, budget: None, words: 0, exact }.run(&mut reached);
    reached.facts
}

/// Tells whether the part of a body that joins do not look at holds for a binding.
pub(super) type Test<'r> = &'r dyn Fn(&Body, &[u32], &Facts) -> bool;

/// A join under way.
struct Join<'r> {
    normal: &'r Normal,
    /// For each predicate, the rules and positions of the fluent atoms that speak of it.
    triggers: Vec<Vec<(u32, u32)>>,
    partial: Partial,
    budget: Option<&'r Budget<'r>>,
    /// Words held by instances.
    words: usize,
    /// Where only the axioms of a stratum are to fire, the stratum and their test.
    exact: Option<(u32, Test<'r>)>,
}

impl Join<'_> {
    fn run(&mut self, reached: &mut Reached) {
        let fluent = |predicate: usize| self.normal.changing.get(predicate).is_none_or(|&c| c);
        for fact in 0..reached.initial as FactId {
            if !fluent(reached.facts.get(fact).0 as usize) {
                reached.facts.reveal(fact);
            }
        }
        for (index, rule) in self.normal.rules.iter().enumerate() {
            if rule.fluent == 0 && self.takes_part(rule) {
                self.fire(index, None, reached);
            }
        }
        let mut next: FactId = 0;
        while (next as usize) < reached.facts.len() && !self.stopped() {
            let predicate = reached.facts.get(next).0 as usize;
            if fluent(predicate) {
                reached.facts.reveal(next);
                for t in 0..self.triggers[predicate].len() {
                    let (rule, position) = self.triggers[predicate][t];
                    self.fire(rule as usize, Some((next, position as usize)), reached);
                }
            }
            next += 1;
        }
    }

    fn takes_part(&self, rule: &Rule) -> bool {
        self.exact.is_none_or(|(stratum, _)| {
            rule.kind == RuleKind::Axiom
                && self.normal.strata[rule.heads[0].predicate.index()] == stratum
        })
    }

    fn stopped(&self) -> bool {
        self.budget.is_some_and(|b| b.hit().is_some())
    }

    /// Joins a new fact, taken for one atom of a rule, with the older ones, and adds the heads.
    fn fire(&mut self, index: usize, trigger: Option<(FactId, usize)>, reached: &mut Reached) {
        let rule = &self.normal.rules[index];
        let known = reached.instances[index].len();
        let held = self.words * size_of::<u32>();
        self.partial.reset(rule, trigger);
        let run = Run {
            rule,
            facts: &reached.facts,
            extents: &self.normal.extents,
            budget: self.budget,
            held: held as u64,
        };
        run.start(&mut self.partial, &mut reached.instances[index]);
        let instances = &reached.instances[index];
        self.words += (instances.len() - known) * instances.width().max(1);
        let mut args = vec![];
        for i in known..instances.len() {
            let binding = instances.get(i);
            if self.exact.is_some_and(|(_, test)| !test(&rule.body, binding, &reached.facts)) {
                continue;
            }
            for atom in &rule.heads {
                args.clear();
                args.extend(atom.terms.iter().map(|&t| value(t, binding)));
                reached.facts.insert(atom.predicate.0, &args);
            }
        }
    }
}
