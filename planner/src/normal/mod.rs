//! The normal form of a task that grounding works on, made once for each task.
//!
//! Every schema becomes a few [`Rule`]s: its precondition in negation normal form is split at its
//! disjunctions, existential variables become further variables of the rule, and what cannot be
//! joined (universals, disjunctions beyond a bound) stays behind as a residual condition, which
//! joins ignore and which is instantiated afterwards (Helmert 2009, "Concise finite-domain
//! representations for PDDL planning tasks", section 4, normalises to axioms instead).

mod condition;
mod disjuncts;
mod extents;
mod rule;
mod schema;

use ergon_vocab::{PredicateId, Symbols};

pub(crate) use condition::{Condition, Scope};
pub(crate) use extents::{ExtentId, Extents};
pub(crate) use rule::{Body, Outcome, Rule, RuleKind};

use self::rule::NormalChange;
use crate::model::{Axiom, Domain, Effect, LiftedAtom, Schema, Term, strata};

/// All rules of a task.
#[derive(Clone, Debug)]
pub(crate) struct Normal {
    /// Actions first, in the order of their schemas, then conditional effects, then axioms.
    pub(crate) rules: Vec<Rule>,
    /// Objects of each combination of types that a variable has.
    pub(crate) extents: Extents,
    /// Predicates that an action changes or an axiom defines.
    pub(crate) changing: Vec<bool>,
    /// Predicates that an axiom defines.
    pub(crate) derived: Vec<bool>,
    /// The stratum of each derived predicate; 0 for the others.
    pub(crate) strata: Vec<u32>,
    /// Functions that an action changes.
    pub(crate) assigned: Vec<bool>,
    /// Arity of each predicate, and after them of the predicate that stands for "this schema is
    /// applicable" of each schema.
    pub(crate) arities: Vec<usize>,
}

impl Normal {
    pub(crate) fn new(domain: &Domain, symbols: &Symbols) -> Self {
        let mut normal = Self::without_rules(domain, symbols);
        let mut effects = vec![];
        for (index, schema) in domain.schemas().iter().enumerate() {
            let Schema::Instant { precondition, effect } = schema else { continue };
            let parts = (precondition, effect);
            schema::normalise(&mut normal, symbols, index, parts, &mut effects);
        }
        normal.rules.append(&mut effects);
        for axiom in domain.axioms() {
            normal.add_axiom(axiom, symbols);
        }
        normal
    }

    fn without_rules(domain: &Domain, symbols: &Symbols) -> Self {
        let mut changing = vec![false; symbols.predicates.len()];
        let mut derived = changing.clone();
        let mut assigned = vec![false; domain.functions().len()];
        for schema in domain.schemas() {
            let effects = match schema {
                Schema::Instant { effect, .. } => vec![effect],
                Schema::Durative(d) => vec![&d.start_effect, &d.end_effect],
            };
            effects.into_iter().for_each(|e| note_changes(e, &mut changing, &mut assigned));
        }
        for axiom in domain.axioms() {
            changing[axiom.predicate.index()] = true;
            derived[axiom.predicate.index()] = true;
        }
        let predicates = symbols.predicates.iter().map(|p| p.parameters.len());
        let schemas = symbols.actions.iter().map(|a| a.parameters.len());
        let arities = predicates.chain(schemas).collect();
        // The reader refuses axioms that are not stratified.
        let by_predicate = strata(domain.axioms()).unwrap_or_default();
        let stratum = |p: u32| by_predicate.get(&PredicateId(p)).copied().unwrap_or(0);
        let strata = (0..derived.len() as u32).map(stratum).collect();
        let extents = Extents::default();
        Self { rules: vec![], extents, changing, derived, strata, assigned, arities }
    }

    fn add_axiom(&mut self, axiom: &Axiom, symbols: &Symbols) {
        let mut scope = Scope::new(&mut self.extents, symbols);
        axiom.parameters.iter().for_each(|v| scope.enter(&v.types));
        let count = axiom.parameters.len();
        let body = scope.condition(&axiom.body, true);
        let slots = scope.into_slots();
        let terms = (0..count as u32).map(Term::Variable).collect();
        let head = LiftedAtom { predicate: axiom.predicate, terms };
        for disjunct in disjuncts::split(body) {
            let body = Body::new(disjunct, &slots, count);
            let rule = Rule::new(RuleKind::Axiom, body, vec![head.clone()], Outcome::default());
            self.rules.push(rule.with_joins(&self.changing));
        }
    }

    /// The predicate that stands for "this schema is applicable".
    pub(crate) fn applicable(&self, schema: usize) -> PredicateId {
        PredicateId((self.changing.len() + schema) as u32)
    }
}

fn note_changes(effect: &Effect, changing: &mut [bool], assigned: &mut [bool]) {
    match effect {
        Effect::And(parts) => parts.iter().for_each(|p| note_changes(p, changing, assigned)),
        Effect::Add(atom) | Effect::Delete(atom) => changing[atom.predicate.index()] = true,
        Effect::When(_, inner) | Effect::Forall(_, inner) => {
            note_changes(inner, changing, assigned);
        }
        Effect::Assign(_, fluent, _) => assigned[fluent.function.index()] = true,
    }
}
