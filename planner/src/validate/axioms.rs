//! Derived facts: the least fixpoint of the axioms, stratum by stratum.

use std::collections::{BTreeMap, BTreeSet};

use ergon_vocab::{ObjectId, PredicateId};

use super::{
    query::{Frame, Goal, solve},
    world::{Extension, World},
};
use crate::model::{Axiom, Domain, Formula, LiftedAtom, strata};

/// The axioms with what they depend on.
#[derive(Default)]
pub(super) struct Axioms<'p> {
    /// Axioms by stratum.
    layers: Vec<Vec<Rule<'p>>>,
    derived: BTreeSet<PredicateId>,
    /// Every predicate that a body reads.
    read: BTreeSet<PredicateId>,
    compares: bool,
}

/// Facts derived last, by predicate.
type News = BTreeMap<PredicateId, Extension>;

/// Where an occurrence stands.
#[derive(Clone, Copy)]
struct Standing {
    positive: bool,
    /// Below a quantifier for all objects.
    universal: bool,
}

struct Rule<'p> {
    axiom: &'p Axiom,
    /// Positive occurrences of predicates of the same stratum; through these alone the rule can
    /// derive more in another round.
    recursive: Vec<&'p LiftedAtom>,
    /// Whether such an occurrence stands where it cannot be read from the new facts alone.
    universal: bool,
}

impl<'p> Axioms<'p> {
    pub(super) fn new(domain: &'p Domain) -> Self {
        let axioms = domain.axioms();
        // The reader has refused axioms without strata.
        let strata = strata(axioms).unwrap_or_default();
        let mut layers: Vec<Vec<Rule<'p>>> = vec![];
        let (mut read, mut compares) = (BTreeSet::new(), false);
        for axiom in axioms {
            let stratum = strata.get(&axiom.predicate).copied().unwrap_or_default();
            layers.resize_with(layers.len().max(stratum as usize + 1), Vec::new);
            let mut rule = Rule { axiom, recursive: vec![], universal: false };
            let standing = Standing { positive: true, universal: false };
            rule.note(&axiom.body, standing, &|p| strata.get(&p) == Some(&stratum));
            layers[stratum as usize].push(rule);
            axiom.body.for_each_part(&mut |part| match part {
                Formula::Atom(atom) => {
                    read.insert(atom.predicate);
                }
                Formula::Compare(..) => compares = true,
                _ => {}
            });
        }
        Self { layers, derived: strata.into_keys().collect(), read, compares }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// Whether a change of the predicate can change derived facts.
    pub(super) fn depend_on(&self, predicate: PredicateId) -> bool {
        self.read.contains(&predicate)
    }

    /// Whether a change of a number can change derived facts.
    pub(super) fn compare(&self) -> bool {
        self.compares
    }

    pub(super) fn is_derived(&self, predicate: PredicateId) -> bool {
        self.derived.contains(&predicate)
    }

    /// The predicates that derived facts depend on.
    pub(super) fn read(&self) -> &BTreeSet<PredicateId> {
        &self.read
    }

    /// Whether a formula reads a derived predicate.
    pub(super) fn are_read_by(&self, formula: &Formula) -> bool {
        let mut found = false;
        if !self.derived.is_empty() {
            formula.for_each_part(&mut |part| {
                found |= matches!(part, Formula::Atom(a) if self.is_derived(a.predicate));
            });
        }
        found
    }

    /// Makes the derived facts anew: all rules of a stratum once, then those that can use what was
    /// derived last, until nothing is (semi-naive evaluation, Bancilhon & Ramakrishnan 1986).
    pub(super) fn evaluate(&self, world: &mut World<'p>) {
        for predicate in &self.derived {
            world.facts[predicate.index()].clear();
        }
        for layer in &self.layers {
            let mut news = BTreeMap::new();
            for rule in layer {
                rule.derive(world, None, &mut news);
            }
            while !news.is_empty() {
                let delta = std::mem::take(&mut news);
                for (predicate, extension) in &delta {
                    world.facts[predicate.index()].extend(extension.iter().cloned());
                }
                layer.iter().for_each(|rule| rule.derive_more(world, &delta, &mut news));
            }
        }
    }
}

impl<'p> Rule<'p> {
    /// Finds the occurrences of predicates of the same stratum.
    fn note(
        &mut self,
        formula: &'p Formula,
        standing: Standing,
        same: &impl Fn(PredicateId) -> bool,
    ) {
        let Standing { positive, universal } = standing;
        let negated = Standing { positive: !positive, universal };
        match formula {
            Formula::And(parts) | Formula::Or(parts) => {
                parts.iter().for_each(|part| self.note(part, standing, same));
            }
            Formula::Not(inner) => self.note(inner, negated, same),
            Formula::Imply(a, b) => {
                self.note(a, negated, same);
                self.note(b, standing, same);
            }
            Formula::Exists(_, body) => {
                self.note(body, Standing { positive, universal: universal || !positive }, same);
            }
            Formula::Forall(_, body) => {
                self.note(body, Standing { positive, universal: universal || positive }, same);
            }
            Formula::Atom(atom) if same(atom.predicate) => {
                self.recursive.push(atom);
                self.universal |= universal;
            }
            Formula::Atom(_) | Formula::Equal(..) | Formula::Compare(..) => {}
        }
    }

    /// Derives what follows from new facts.
    fn derive_more(&self, world: &World<'_>, delta: &News, news: &mut News) {
        if self.universal {
            return self.derive(world, None, news);
        }
        for &atom in &self.recursive {
            if let Some(extension) = delta.get(&atom.predicate) {
                self.derive(world, Some((atom, extension)), news);
            }
        }
    }

    fn derive<'d>(
        &self,
        world: &World<'_>,
        delta: Option<(&'d LiftedAtom, &'d Extension)>,
        news: &mut News,
    ) where
        'p: 'd,
    {
        let predicate = self.axiom.predicate;
        let mut frame: Frame<'d> = Frame::new(&[]);
        frame.open(&self.axiom.parameters);
        frame.delta = delta;
        let goal = Goal { formula: &self.axiom.body, positive: true };
        let known = &world.facts[predicate.index()];
        solve(world, vec![goal], &mut frame, &mut |frame| {
            let args: Box<[ObjectId]> = frame.binding.as_slice().into();
            if !known.contains(&args) {
                news.entry(predicate).or_default().insert(args);
            }
            false
        });
    }
}
