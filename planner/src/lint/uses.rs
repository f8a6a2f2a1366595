//! What reads and changes what.

use std::collections::BTreeSet;

use ergon_vocab::TypeId;

use crate::model::{
    Assignment, Domain, Effect, Expression, Formula, LiftedAtom, LiftedFluent, Problem, Schema,
    Term, Variable,
};

/// Uses of a predicate or a function.
#[derive(Clone, Default)]
pub(super) struct Use {
    pub(super) read: bool,
    pub(super) changed: bool,
    /// A function is given a value, whatever it had before.
    pub(super) assigned: bool,
    /// A predicate is the head of an axiom.
    pub(super) derived: bool,
}

/// What is found in an action.
#[derive(Clone, Default)]
pub(super) struct ActionUse {
    /// Whether each parameter is read.
    pub(super) read: Vec<bool>,
    /// Names of variables hidden by quantifiers.
    pub(super) shadows: BTreeSet<String>,
    pub(super) changes: bool,
    /// Atoms, as text, that are both added and deleted.
    pub(super) lost: Vec<String>,
}

/// All uses in a domain and a problem.
pub(super) struct Uses {
    pub(super) predicates: Vec<Use>,
    pub(super) functions: Vec<Use>,
    pub(super) types: Vec<bool>,
    pub(super) actions: Vec<ActionUse>,
}

/// Where the uses are noted while something is walked through.
struct Walk<'u> {
    uses: &'u mut Uses,
    /// Names of the variables in scope.
    scope: Vec<String>,
    action: ActionUse,
}

impl Uses {
    pub(super) fn of(domain: &Domain, problem: Option<&Problem>) -> Self {
        let symbols = domain.symbols();
        let mut uses = Self {
            predicates: vec![Use::default(); symbols.predicates.len()],
            functions: vec![Use::default(); domain.functions().len()],
            types: vec![false; symbols.types.len()],
            actions: vec![],
        };
        for types in symbols.predicates.iter().flat_map(|p| &p.parameters) {
            uses.note_types(types);
        }
        for types in domain.functions().iter().flat_map(|f| &f.parameters) {
            uses.note_types(types);
        }
        for axiom in domain.axioms() {
            uses.predicates[axiom.predicate.index()].derived = true;
            let mut walk = Walk::new(&mut uses, axiom.parameters.iter().map(|v| v.name.clone()));
            walk.formula(&axiom.body);
        }
        for (action, schema) in symbols.actions.iter().zip(domain.schemas()) {
            action.parameters.iter().for_each(|(_, types)| uses.note_types(types));
            let mut walk = Walk::new(&mut uses, action.parameters.iter().map(|p| p.0.clone()));
            walk.schema(schema);
            let mut found = walk.action;
            found.lost = lost(domain, schema, &action.parameters);
            uses.actions.push(found);
        }
        if let Some(problem) = problem {
            let mut walk = Walk::new(&mut uses, std::iter::empty());
            walk.formula(problem.goal());
            if let Some(metric) = problem.metric() {
                walk.expression(&metric.expression);
            }
        }
        uses
    }

    fn note_types(&mut self, types: &[TypeId]) {
        types.iter().for_each(|t| self.types[t.index()] = true);
    }
}

impl<'u> Walk<'u> {
    fn new(uses: &'u mut Uses, scope: impl Iterator<Item = String>) -> Self {
        let scope: Vec<String> = scope.collect();
        let action = ActionUse { read: vec![false; scope.len()], ..ActionUse::default() };
        Self { uses, scope, action }
    }

    fn schema(&mut self, schema: &Schema) {
        match schema {
            Schema::Instant { precondition, effect } => {
                self.formula(precondition);
                self.effect(effect);
            }
            Schema::Durative(durative) => {
                durative.duration.iter().for_each(|c| self.expression(&c.value));
                for formula in [&durative.at_start, &durative.over_all, &durative.at_end] {
                    self.formula(formula);
                }
                self.effect(&durative.start_effect);
                self.effect(&durative.end_effect);
            }
        }
    }

    fn terms(&mut self, terms: &[Term]) {
        for term in terms {
            if let Term::Variable(i) = *term
                && let Some(read) = self.action.read.get_mut(i as usize)
            {
                *read = true;
            }
        }
    }

    fn within(&mut self, variables: &[Variable], walk: impl FnOnce(&mut Self)) {
        for variable in variables {
            self.uses.note_types(&variable.types);
            if self.scope.contains(&variable.name) {
                self.action.shadows.insert(variable.name.clone());
            }
            self.scope.push(variable.name.clone());
        }
        walk(self);
        self.scope.truncate(self.scope.len() - variables.len());
    }

    fn formula(&mut self, formula: &Formula) {
        match formula {
            Formula::And(parts) | Formula::Or(parts) => {
                parts.iter().for_each(|part| self.formula(part));
            }
            Formula::Not(inner) => self.formula(inner),
            Formula::Imply(a, b) => {
                self.formula(a);
                self.formula(b);
            }
            Formula::Exists(variables, body) | Formula::Forall(variables, body) => {
                self.within(variables, |walk| walk.formula(body));
            }
            Formula::Atom(atom) => {
                self.uses.predicates[atom.predicate.index()].read = true;
                self.terms(&atom.terms);
            }
            Formula::Equal(a, b) => self.terms(&[*a, *b]),
            Formula::Compare(_, a, b) => {
                self.expression(a);
                self.expression(b);
            }
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::Fluent(LiftedFluent { function, terms }) => {
                self.uses.functions[function.index()].read = true;
                self.terms(terms);
            }
            Expression::Number(_) | Expression::Duration | Expression::TotalTime => {}
            Expression::Negation(inner) => self.expression(inner),
            Expression::Sum(parts) | Expression::Product(parts) => {
                parts.iter().for_each(|part| self.expression(part));
            }
            Expression::Difference(a, b) | Expression::Quotient(a, b) => {
                self.expression(a);
                self.expression(b);
            }
        }
    }

    fn effect(&mut self, effect: &Effect) {
        match effect {
            Effect::And(parts) => parts.iter().for_each(|part| self.effect(part)),
            Effect::Add(atom) | Effect::Delete(atom) => {
                self.action.changes = true;
                self.uses.predicates[atom.predicate.index()].changed = true;
                self.terms(&atom.terms);
            }
            Effect::When(condition, effect) => {
                self.formula(condition);
                self.effect(effect);
            }
            Effect::Forall(variables, effect) => self.within(variables, |walk| walk.effect(effect)),
            Effect::Assign(assignment, fluent, value) => {
                self.action.changes = true;
                let function = &mut self.uses.functions[fluent.function.index()];
                function.changed = true;
                function.assigned |= *assignment == Assignment::Assign;
                self.terms(&fluent.terms);
                self.expression(value);
            }
        }
    }
}

/// The atoms that an action adds and deletes at once, whatever the state.
fn lost(domain: &Domain, schema: &Schema, parameters: &[(String, Vec<TypeId>)]) -> Vec<String> {
    let effects = match schema {
        Schema::Instant { effect, .. } => vec![effect],
        Schema::Durative(durative) => vec![&durative.start_effect, &durative.end_effect],
    };
    let mut lost = vec![];
    for effect in effects {
        let (mut adds, mut deletes) = (BTreeSet::new(), vec![]);
        unconditional(effect, &mut adds, &mut deletes);
        for atom in deletes.into_iter().filter(|atom| adds.contains(atom)) {
            let name = |term: &Term| match *term {
                Term::Variable(i) => parameters[i as usize].0.as_str(),
                Term::Object(o) => domain.symbols().object_name(o),
            };
            let mut text = format!("({}", domain.symbols().predicate_name(atom.predicate));
            atom.terms.iter().for_each(|term| text.extend([" ", name(term)]));
            lost.push(text + ")");
        }
    }
    lost
}

fn unconditional<'e>(
    effect: &'e Effect,
    adds: &mut BTreeSet<&'e LiftedAtom>,
    deletes: &mut Vec<&'e LiftedAtom>,
) {
    match effect {
        Effect::And(parts) => parts.iter().for_each(|part| unconditional(part, adds, deletes)),
        Effect::Add(atom) => {
            adds.insert(atom);
        }
        Effect::Delete(atom) => deletes.push(atom),
        Effect::When(..) | Effect::Forall(..) | Effect::Assign(..) => {}
    }
}
