//! A learned domain beside a hand-written one: the same instance in the words of the learned domain.
//!
//! What a predicate of the learned domain is at first is told by what can be done first in the
//! hand-written one: where an atom can first be made true, it is false. What never changes is told
//! by what can be done at all. The actions have the same names, so a plan of the one is a plan for
//! the other, and the validator decides whether it holds.

use std::collections::{BTreeMap, BTreeSet};

use ergon_vocab::{Literal, ObjectId};
use thiserror::Error;

use crate::model::{LiftedAtom, Problem, Term};

use super::{
    features::{Feature, Pattern},
    model::{Learned, feature_name, type_name},
    relaxed::{GroundStep, Strips, ground, reached, retain_compatible},
};

/// Why an instance cannot be told in the words of a learned domain.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Unfit {
    /// A hand-written action is more than plain STRIPS.
    #[error("the hand-written action {0} is more than plain STRIPS")]
    NotStrips(String),
    /// A learned action is missing there, or has other parameters.
    #[error("the hand-written domain has no action {action} with {arity} parameters")]
    NoAction {
        /// Its name.
        action: String,
        /// How many parameters it was learned with.
        arity: usize,
    },
    /// Both can be done first, what makes an atom true and what makes it false.
    #[error("whether {0} holds at first is not settled by what can be done")]
    Unsettled(String),
    /// The goal is not a conjunction of literals over atoms that change.
    #[error("the goal asks for more than what actions change")]
    Goal,
}

/// An instance in the words of a learned domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The learned domain in PDDL, with what the goal needs.
    pub domain: String,
    /// The problem in PDDL.
    pub problem: String,
    /// Predicates of the goal that no learned predicate stands for. What changes them is taken from
    /// the hand-written domain; no learned action asks for them.
    pub borrowed: Vec<String>,
}

impl Learned {
    /// Tells an instance of a hand-written domain in the words of the learned one.
    ///
    /// # Errors
    /// The hand-written domain is more than STRIPS, its actions are others, or its reachable states
    /// do not settle what holds at first.
    pub fn tell(&self, problem: &Problem) -> Result<Told, Unfit> {
        Telling::new(self, problem)?.told()
    }
}

/// An atom of a learned predicate.
type Fact = (usize, Vec<ObjectId>);

struct Telling<'a> {
    learned: &'a Learned,
    problem: &'a Problem,
    schemas: Vec<Strips>,
    /// Of each schema, the learned action.
    action_of: Vec<Option<usize>>,
    steps: Vec<GroundStep>,
    /// Which steps can ever be done.
    possible: Vec<bool>,
    kinds: BTreeMap<ObjectId, usize>,
}

impl<'a> Telling<'a> {
    fn new(learned: &'a Learned, problem: &'a Problem) -> Result<Self, Unfit> {
        let symbols = problem.symbols();
        let mut action_of = vec![None; symbols.actions.len()];
        for (index, name) in learned.actions.iter().enumerate() {
            let arity = learned.kinds.of_action[index].len();
            let fits =
                |a: &&ergon_vocab::ActionId| symbols.actions[a.index()].parameters.len() == arity;
            let Some(schema) = symbols.action(name).as_ref().filter(fits).copied() else {
                return Err(Unfit::NoAction { action: name.clone(), arity });
            };
            action_of[schema.index()] = Some(index);
        }
        let schemas = (0..symbols.actions.len()).map(|i| Strips::of(problem, i));
        let schemas = schemas.collect::<Result<Vec<_>, _>>()?;
        let mut steps = ground(problem, &schemas);
        steps.retain(|step| action_of[step.schema].is_some());
        retain_compatible(problem, &mut steps);
        let possible = reached(problem, &steps, &|_| false);
        let mut telling =
            Self { learned, problem, schemas, action_of, steps, possible, kinds: BTreeMap::new() };
        telling.kinds = telling.object_kinds();
        Ok(telling)
    }

    fn action(&self, step: &GroundStep) -> usize {
        self.action_of[step.schema].unwrap_or_default()
    }

    fn done(&self) -> impl Iterator<Item = &GroundStep> {
        self.steps.iter().zip(&self.possible).filter(|(_, possible)| **possible).map(|(s, _)| s)
    }

    fn object_kinds(&self) -> BTreeMap<ObjectId, usize> {
        let mut kinds = BTreeMap::new();
        for step in self.done() {
            let of_action = &self.learned.kinds.of_action[self.action(step)];
            for (&object, &kind) in step.args.iter().zip(of_action) {
                kinds.entry(object).or_insert(kind);
            }
        }
        kinds
    }

    /// What a step does to an atom of a learned predicate.
    fn touch(&self, step: &GroundStep, (feature, atom): &Fact) -> Option<bool> {
        let action = self.action(step);
        let effects = self.learned.features[*feature].effects.iter();
        let mut own = effects.filter(|(pattern, _)| pattern.action == action);
        let hit = own.find(|(p, _)| p.args.iter().zip(atom).all(|(&i, o)| step.args[i] == *o));
        hit.map(|(_, sign)| *sign)
    }

    /// Every atom of every learned predicate.
    fn facts(&self) -> BTreeSet<Fact> {
        let mut facts = BTreeSet::new();
        for (index, feature) in self.learned.features.iter().enumerate() {
            let rows = feature.kinds.iter().fold(vec![vec![]], |rows: Vec<Vec<ObjectId>>, kind| {
                let fitting = self.kinds.iter().filter(|(_, k)| *k == kind).map(|(&o, _)| o);
                let fitting: Vec<ObjectId> = fitting.collect();
                let longer = |row: &Vec<ObjectId>, o: ObjectId| [&row[..], &[o]].concat();
                rows.iter().flat_map(|row| fitting.iter().map(move |&o| longer(row, o))).collect()
            });
            facts.extend(rows.into_iter().map(|row| (index, row)));
        }
        facts
    }

    /// Whether an atom holds at first.
    fn initially(&self, fact: &Fact) -> Result<bool, Unfit> {
        let touches = |index: usize| self.touch(&self.steps[index], fact).is_some();
        let next = reached(self.problem, &self.steps, &touches);
        let (mut by_touch, mut by_need) = ([false; 2], [false; 2]);
        for (step, _) in self.steps.iter().zip(&next).filter(|(_, reached)| **reached) {
            match self.touch(step, fact) {
                Some(sign) => by_touch[usize::from(!sign)] = true,
                None => self.needs(step, fact, &mut by_need),
            }
        }
        let needed = match by_need {
            [true, false] => false,
            [_, true] => true,
            [false, false] => self.learned.mostly[fact.0].unwrap_or(false),
        };
        match by_touch {
            _ if self.learned.features[fact.0].sets => Ok(by_need[1]),
            [true, true] => Err(Unfit::Unsettled(self.show(fact))),
            [false, false] => Ok(needed),
            [_, holds] => Ok(holds),
        }
    }

    /// Notes what a step needs of an atom.
    fn needs(&self, step: &GroundStep, (feature, atom): &Fact, by_need: &mut [bool; 2]) {
        let on_it = |args: &[usize]| args.iter().zip(atom).all(|(&i, o)| step.args[i] == *o);
        for condition in &self.learned.rules[self.action(step)].conditions {
            if condition.feature == *feature && on_it(&condition.args) {
                by_need[usize::from(condition.positive)] = true;
            }
        }
    }

    fn show(&self, (feature, atom): &Fact) -> String {
        let args = self.names(atom);
        format!("({}{args})", feature_name(*feature))
    }

    fn names(&self, objects: &[ObjectId]) -> String {
        objects.iter().map(|&o| format!(" {}", self.problem.symbols().object_name(o))).collect()
    }

    fn told(&self) -> Result<Told, Unfit> {
        let mut held: BTreeSet<Fact> = BTreeSet::new();
        for fact in self.facts() {
            if self.initially(&fact)? {
                held.insert(fact);
            }
        }
        let goal = self.problem.goal().literals().ok_or(Unfit::Goal)?;
        let mut init: Vec<String> = held.iter().map(|fact| self.show(fact)).collect();
        let (mut wanted, mut borrowed) = (vec![], vec![]);
        for literal in &goal {
            let text = match self.stand_in(literal, &held)? {
                Ok((fact, positive)) => signed(&self.show(&fact), positive),
                Err((name, feature)) => {
                    let atom = format!("({name}{})", self.names(&literal.atom.args));
                    if self.problem.init().contains(&literal.atom) {
                        init.push(atom.clone());
                    }
                    if !borrowed.contains(&(name.clone(), feature.clone())) {
                        borrowed.push((name, feature));
                    }
                    signed(&atom, literal.positive)
                }
            };
            wanted.push(text);
        }
        init.extend(self.fixed());
        init.dedup();
        let domain = self.learned.domain_with(self.problem.domain().name(), &borrowed);
        let borrowed = borrowed.into_iter().map(|(name, _)| name).collect();
        Ok(Told { domain, problem: self.text(&init, &wanted), borrowed })
    }

    /// The relations that never change, as facts.
    fn fixed(&self) -> BTreeSet<String> {
        let mut facts = BTreeSet::new();
        for relation in self.learned.relations() {
            let name = self.learned.relation_name(relation);
            for step in self.done().filter(|step| self.action(step) == relation.action) {
                let args: Vec<ObjectId> = relation.args.iter().map(|&i| step.args[i]).collect();
                facts.insert(format!("({name}{})", self.names(&args)));
            }
        }
        facts
    }

    /// The literal of the learned domain that stands for one of the goal, or else a predicate with
    /// its effects that is to be borrowed for it.
    #[expect(clippy::type_complexity, reason = "one of two things, used in one place")]
    fn stand_in(
        &self,
        literal: &Literal,
        held: &BTreeSet<Fact>,
    ) -> Result<Result<(Fact, bool), (String, Feature)>, Unfit> {
        let args = &literal.atom.args;
        let kinds: Option<Vec<usize>> = args.iter().map(|o| self.kinds.get(o).copied()).collect();
        let kinds = kinds.ok_or(Unfit::Goal)?;
        let wanted = self.effects_on(literal, &kinds);
        if wanted.is_empty() {
            return Err(Unfit::Goal);
        }
        let sorted = |effects: &[(Pattern, bool)], flip: bool| -> BTreeSet<(Pattern, bool)> {
            effects.iter().map(|(p, sign)| (p.clone(), *sign != flip)).collect()
        };
        let holds = self.problem.init().contains(&literal.atom);
        for (index, feature) in self.learned.features.iter().enumerate() {
            for mirrored in [false, true].into_iter().take(1 + usize::from(args.len() == 2)) {
                let feature = if mirrored { feature.mirrored() } else { feature.clone() };
                let mut atom = args.to_vec();
                if mirrored {
                    atom.reverse();
                }
                let fact = (index, atom);
                let stands = |flip: &bool| {
                    feature.kinds == kinds
                        && sorted(&feature.effects, *flip) == sorted(&wanted, false)
                        && held.contains(&fact) == (holds != *flip)
                };
                if let Some(flip) = [false, true].into_iter().find(stands) {
                    return Ok(Ok((fact, literal.positive != flip)));
                }
            }
        }
        let symbols = self.problem.symbols();
        let kinds_name: String = kinds.iter().map(|k| format!("-{}", type_name(*k))).collect();
        let name = format!("goal-{}{kinds_name}", symbols.predicate_name(literal.atom.predicate));
        Ok(Err((name, Feature { kinds, effects: wanted, sets: true })))
    }

    /// What changes a predicate of the hand-written domain, for arguments of these types.
    fn effects_on(&self, literal: &Literal, kinds: &[usize]) -> Vec<(Pattern, bool)> {
        let mut found = vec![];
        for (schema, strips) in self.schemas.iter().enumerate() {
            let Some(action) = self.action_of[schema] else { continue };
            let of_action = &self.learned.kinds.of_action[action];
            for (atom, sign) in &strips.effects {
                let args = places(atom);
                let fits = args.iter().map(|&i| of_action[i]).eq(kinds.iter().copied());
                if atom.predicate == literal.atom.predicate && fits {
                    found.push((Pattern { action, args }, *sign));
                }
            }
        }
        found
    }

    fn text(&self, init: &[String], goal: &[String]) -> String {
        let symbols = self.problem.symbols();
        let objects: String = self
            .kinds
            .iter()
            .map(|(&o, &kind)| format!("\n    {} - {}", symbols.object_name(o), type_name(kind)))
            .collect();
        format!(
            "(define (problem {})\n  (:domain {})\n  (:objects{objects})\n  (:init\n    {})\n  \
             (:goal (and\n    {})))\n",
            self.problem.name(),
            self.problem.domain().name(),
            init.join("\n    "),
            goal.join("\n    ")
        )
    }
}

fn places(atom: &LiftedAtom) -> Vec<usize> {
    let place = |term: &Term| match term {
        Term::Variable(index) => Some(*index as usize),
        Term::Object(_) => None,
    };
    atom.terms.iter().filter_map(place).collect()
}

fn signed(atom: &str, positive: bool) -> String {
    if positive { atom.to_owned() } else { format!("(not {atom})") }
}
