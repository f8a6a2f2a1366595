//! Start and end of a durative action as one: conditions after the start as conditions before it.

use crate::model::{Effect, Formula, LiftedAtom, LiftedFluent, Term};

/// The effects of a schema without conditions and quantifiers, and what else there is.
#[derive(Default)]
pub(super) struct Outcome<'e> {
    pub(super) adds: Vec<&'e LiftedAtom>,
    pub(super) deletes: Vec<&'e LiftedAtom>,
    pub(super) fluents: Vec<&'e LiftedFluent>,
    /// Conditional and quantified effects.
    pub(super) others: Vec<&'e Effect>,
}

impl<'e> Outcome<'e> {
    pub(super) fn of(effect: &'e Effect) -> Self {
        let mut outcome = Self::default();
        outcome.collect(effect);
        outcome
    }

    fn collect(&mut self, effect: &'e Effect) {
        match effect {
            Effect::And(parts) => parts.iter().for_each(|part| self.collect(part)),
            Effect::Add(atom) => self.adds.push(atom),
            Effect::Delete(atom) => self.deletes.push(atom),
            Effect::Assign(_, fluent, _) => self.fluents.push(fluent),
            Effect::When(..) | Effect::Forall(..) => self.others.push(effect),
        }
    }
}

/// When two atoms of a schema are the same.
enum Same {
    Never,
    Always,
    If(Formula),
}

fn same(a: &LiftedAtom, b: &LiftedAtom) -> Same {
    if a.predicate != b.predicate || a.terms.len() != b.terms.len() {
        return Same::Never;
    }
    let mut equalities = vec![];
    for (&s, &t) in a.terms.iter().zip(&b.terms) {
        match (s, t) {
            _ if s == t => {}
            (Term::Object(_), Term::Object(_)) => return Same::Never,
            _ => equalities.push(Formula::Equal(s, t)),
        }
    }
    match equalities.is_empty() {
        true => Same::Always,
        false => Same::If(Formula::And(equalities)),
    }
}

fn not(formula: Formula) -> Formula {
    Formula::Not(Box::new(formula))
}

/// The condition before some effects under which a formula holds after them (regression; Waldinger
/// 1977). Conditional effects and numbers are left as they are.
pub(super) fn regress(formula: &Formula, outcome: &Outcome<'_>) -> Formula {
    let all = |parts: &[Formula]| parts.iter().map(|part| regress(part, outcome)).collect();
    let boxed = |part: &Formula| Box::new(regress(part, outcome));
    match formula {
        Formula::And(parts) => Formula::And(all(parts)),
        Formula::Or(parts) => Formula::Or(all(parts)),
        Formula::Not(inner) => Formula::Not(boxed(inner)),
        Formula::Imply(a, b) => Formula::Imply(boxed(a), boxed(b)),
        Formula::Exists(variables, body) => Formula::Exists(variables.clone(), boxed(body)),
        Formula::Forall(variables, body) => Formula::Forall(variables.clone(), boxed(body)),
        Formula::Atom(atom) => regress_atom(atom, outcome),
        Formula::Equal(..) | Formula::Compare(..) => formula.clone(),
    }
}

fn regress_atom(atom: &LiftedAtom, outcome: &Outcome<'_>) -> Formula {
    let mut ways = vec![];
    for add in &outcome.adds {
        match same(atom, add) {
            Same::Always => return Formula::default(),
            Same::If(equal) => ways.push(equal),
            Same::Never => {}
        }
    }
    let mut kept = vec![Formula::Atom(atom.clone())];
    for delete in &outcome.deletes {
        match same(atom, delete) {
            Same::Always => return Formula::Or(ways),
            Same::If(equal) => kept.push(not(equal)),
            Same::Never => {}
        }
    }
    let kept = if kept.len() == 1 { kept.remove(0) } else { Formula::And(kept) };
    if ways.is_empty() {
        return kept;
    }
    ways.push(kept);
    Formula::Or(ways)
}

/// What of the first effects the second do not undo. As effects of one action, in which deletes come
/// before adds, only adds can be undone.
pub(super) fn surviving(first: &Effect, second: &Outcome<'_>) -> Effect {
    match first {
        Effect::And(parts) => Effect::And(parts.iter().map(|p| surviving(p, second)).collect()),
        Effect::When(condition, inner) => {
            Effect::When(condition.clone(), Box::new(surviving(inner, second)))
        }
        Effect::Forall(variables, inner) => {
            Effect::Forall(variables.clone(), Box::new(surviving(inner, second)))
        }
        Effect::Delete(_) | Effect::Assign(..) => first.clone(),
        Effect::Add(atom) => {
            let mut conditions = vec![];
            for delete in &second.deletes {
                match same(atom, delete) {
                    Same::Always => return Effect::default(),
                    Same::If(equal) => conditions.push(not(equal)),
                    Same::Never => {}
                }
            }
            match conditions.is_empty() {
                true => first.clone(),
                false => Effect::When(Formula::And(conditions), Box::new(first.clone())),
            }
        }
    }
}

/// An effect with its conditions regressed.
pub(super) fn regress_effect(effect: &Effect, outcome: &Outcome<'_>) -> Effect {
    match effect {
        Effect::And(parts) => {
            Effect::And(parts.iter().map(|part| regress_effect(part, outcome)).collect())
        }
        Effect::When(condition, inner) => {
            Effect::When(regress(condition, outcome), Box::new(regress_effect(inner, outcome)))
        }
        Effect::Forall(variables, inner) => {
            Effect::Forall(variables.clone(), Box::new(regress_effect(inner, outcome)))
        }
        Effect::Add(_) | Effect::Delete(_) | Effect::Assign(..) => effect.clone(),
    }
}
