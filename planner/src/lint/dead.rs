//! Actions that can never be applied, found without grounding: by predicates that are never true,
//! types without objects, and preconditions that contradict themselves.

use std::collections::BTreeSet;

use ergon_vocab::{PredicateId, TypeId};

use crate::model::{Effect, Formula, LiftedAtom, Problem, Schema, Variable};

/// What can become true at all, judged by predicates.
pub(super) struct Hopes<'p> {
    problem: &'p Problem,
    /// Predicates of which some fact may hold at some time.
    possible: BTreeSet<PredicateId>,
    /// Types that have objects, themselves or below.
    inhabited: Vec<bool>,
}

impl<'p> Hopes<'p> {
    /// Takes every predicate for impossible that nothing possible makes true, to a fixpoint.
    pub(super) fn of(problem: &'p Problem) -> Self {
        let symbols = problem.symbols();
        let mut inhabited = vec![false; symbols.types.len()];
        for object in &symbols.objects {
            inhabited[object.type_id.index()] = true;
        }
        for (i, kind) in symbols.types.iter().enumerate().rev() {
            if let Some(TypeId(parent)) = kind.parent {
                inhabited[parent as usize] |= inhabited[i];
            }
        }
        let possible = problem.init().iter().map(|atom| atom.predicate).collect();
        let mut hopes = Self { problem, possible, inhabited };
        loop {
            let before = hopes.possible.len();
            for axiom in problem.domain().axioms() {
                if hopes.contradiction(&axiom.body, true).is_none() {
                    hopes.possible.insert(axiom.predicate);
                }
            }
            for index in 0..problem.domain().schemas().len() {
                if hopes.why_dead(index).is_none() {
                    hopes.note_adds(index);
                }
            }
            if hopes.possible.len() == before {
                return hopes;
            }
        }
    }

    fn note_adds(&mut self, index: usize) {
        let effects = match &self.problem.domain().schemas()[index] {
            Schema::Instant { effect, .. } => vec![effect],
            Schema::Durative(durative) => vec![&durative.start_effect, &durative.end_effect],
        };
        effects.into_iter().for_each(|effect| self.note_effect(effect));
    }

    fn note_effect(&mut self, effect: &Effect) {
        match effect {
            Effect::And(parts) => parts.iter().for_each(|part| self.note_effect(part)),
            Effect::Add(atom) => {
                self.possible.insert(atom.predicate);
            }
            Effect::When(condition, effect) if self.contradiction(condition, true).is_none() => {
                self.note_effect(effect);
            }
            Effect::Forall(variables, effect) if self.empty(variables).is_none() => {
                self.note_effect(effect);
            }
            Effect::When(..) | Effect::Forall(..) | Effect::Delete(_) | Effect::Assign(..) => {}
        }
    }

    pub(super) fn is_never_true(&self, predicate: PredicateId) -> bool {
        !self.possible.contains(&predicate)
    }

    /// Whether a condition of an action, an axiom or the goal asks for the predicate to be true.
    pub(super) fn reads(&self, predicate: PredicateId) -> bool {
        let domain = self.problem.domain();
        let mut conditions: Vec<&Formula> = domain.axioms().iter().map(|a| &a.body).collect();
        domain.schemas().iter().for_each(|schema| conditions.extend(conditions_of(schema)));
        conditions.push(self.problem.goal());
        conditions.into_iter().any(|formula| asks_for(formula, true, predicate))
    }

    /// The actions that can never be applied, and why.
    pub(super) fn dead_actions(&self) -> Vec<(usize, String)> {
        let all = 0..self.problem.domain().schemas().len();
        all.filter_map(|index| Some((index, self.why_dead(index)?))).collect()
    }

    fn why_dead(&self, index: usize) -> Option<String> {
        let domain = self.problem.domain();
        let parameters = &domain.symbols().actions[index].parameters;
        let empty = parameters.iter().find(|(_, types)| self.is_empty(types));
        if let Some((name, _)) = empty {
            return Some(format!("there is no object for {name}"));
        }
        let conditions = conditions_of(&domain.schemas()[index]);
        conditions.into_iter().find_map(|formula| self.contradiction(formula, true))
    }

    fn is_empty(&self, types: &[TypeId]) -> bool {
        !types.iter().any(|t| self.inhabited[t.index()])
    }

    fn empty<'v>(&self, variables: &'v [Variable]) -> Option<&'v str> {
        variables.iter().find(|v| self.is_empty(&v.types)).map(|v| v.name.as_str())
    }

    /// Why a formula can never be true, or false where `positive` is.
    fn contradiction(&self, formula: &Formula, positive: bool) -> Option<String> {
        let of = |part: &Formula| self.contradiction(part, positive);
        // All parts must be impossible; the first says why.
        let every = |parts: &[Formula]| {
            let reasons: Option<Vec<String>> = parts.iter().map(of).collect();
            reasons.map(|r| r.into_iter().next().unwrap_or("an empty disjunction".into()))
        };
        match (formula, positive) {
            (Formula::And(parts), true) => {
                parts.iter().find_map(of).or_else(|| self.both_ways(parts))
            }
            (Formula::Or(parts), false) => parts.iter().find_map(of),
            (Formula::And(parts), false) | (Formula::Or(parts), true) => every(parts),
            (Formula::Not(inner), _) => self.contradiction(inner, !positive),
            (Formula::Imply(a, b), true) => {
                let first = self.contradiction(a, false)?;
                self.contradiction(b, true).map(|_| first)
            }
            (Formula::Imply(a, b), false) => {
                self.contradiction(a, true).or_else(|| self.contradiction(b, false))
            }
            (Formula::Exists(variables, body), true)
            | (Formula::Forall(variables, body), false) => {
                let empty = self.empty(variables);
                empty.map(|name| format!("there is no object for {name}")).or_else(|| of(body))
            }
            (Formula::Exists(variables, body), false)
            | (Formula::Forall(variables, body), true) => {
                // Of no objects everything is true.
                if self.empty(variables).is_some() { None } else { of(body) }
            }
            (Formula::Atom(atom), true) => self.is_never_true(atom.predicate).then(|| {
                let name = self.problem.symbols().predicate_name(atom.predicate);
                format!("`{name}` is never true")
            }),
            (Formula::Equal(a, b), false) => {
                (a == b).then(|| "something is to differ from itself".into())
            }
            (Formula::Equal(a, b), true) => {
                use crate::model::Term::Object;
                let differ = matches!((a, b), (Object(x), Object(y)) if x != y);
                differ.then(|| "two different objects are to be the same".into())
            }
            (Formula::Atom(_), false) | (Formula::Compare(..), _) => None,
        }
    }

    /// A literal of a conjunction whose negation is in it too.
    fn both_ways(&self, parts: &[Formula]) -> Option<String> {
        let (mut positive, mut negative): (Vec<&LiftedAtom>, Vec<&LiftedAtom>) = (vec![], vec![]);
        literals(parts, &mut positive, &mut negative);
        let negative: BTreeSet<&LiftedAtom> = negative.into_iter().collect();
        positive.into_iter().find(|atom| negative.contains(atom)).map(|atom| {
            let name = self.problem.symbols().predicate_name(atom.predicate);
            format!("it needs `{name}` both true and false")
        })
    }
}

fn literals<'f>(
    parts: &'f [Formula],
    positive: &mut Vec<&'f LiftedAtom>,
    negative: &mut Vec<&'f LiftedAtom>,
) {
    for part in parts {
        match part {
            Formula::And(parts) => literals(parts, positive, negative),
            Formula::Atom(atom) => positive.push(atom),
            Formula::Not(inner) => {
                if let Formula::Atom(atom) = &**inner {
                    negative.push(atom);
                }
            }
            _ => {}
        }
    }
}

fn conditions_of(schema: &Schema) -> Vec<&Formula> {
    match schema {
        Schema::Instant { precondition, .. } => vec![precondition],
        Schema::Durative(durative) => {
            vec![&durative.at_start, &durative.over_all, &durative.at_end]
        }
    }
}

fn asks_for(formula: &Formula, positive: bool, predicate: PredicateId) -> bool {
    match formula {
        Formula::And(parts) | Formula::Or(parts) => {
            parts.iter().any(|part| asks_for(part, positive, predicate))
        }
        Formula::Not(inner) => asks_for(inner, !positive, predicate),
        Formula::Imply(a, b) => {
            asks_for(a, !positive, predicate) || asks_for(b, positive, predicate)
        }
        Formula::Exists(_, body) | Formula::Forall(_, body) => asks_for(body, positive, predicate),
        Formula::Atom(atom) => positive && atom.predicate == predicate,
        Formula::Equal(..) | Formula::Compare(..) => false,
    }
}
