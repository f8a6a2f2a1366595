//! Rules of an action schema.

use ergon_vocab::Symbols;

use super::{
    Body, Condition, Normal, NormalChange, Outcome, Rule, RuleKind, Scope,
    condition::{rename_atom, rename_expression, rename_fluent},
    disjuncts::{keep, split},
};
use crate::model::{Effect, Formula, LiftedAtom, Term};

/// Effects under the same quantifiers and conditions.
#[derive(Clone, Default)]
struct Group {
    variables: Vec<u32>,
    conditions: Vec<Condition>,
    outcome: Outcome,
}

/// Adds the rules of a schema to `normal`, and those of its conditional effects to `effects`.
pub(super) fn normalise(
    normal: &mut Normal,
    symbols: &Symbols,
    schema: usize,
    (precondition, effect): (&Formula, &Effect),
    effects: &mut Vec<Rule>,
) {
    let parameters = &symbols.actions[schema].parameters;
    let count = parameters.len();
    let mut scope = Scope::new(&mut normal.extents, symbols);
    parameters.iter().for_each(|(_, types)| scope.enter(types));
    let precondition = scope.condition(precondition, true);
    let mut groups = vec![Group::default()];
    collect(&mut scope, effect, 0, &mut groups);
    let slots = scope.into_slots();
    let unconditional = groups.remove(0).outcome;
    groups.retain(|g| !g.outcome.is_empty());

    let terms = (0..count as u32).map(Term::Variable).collect();
    let applicable = LiftedAtom { predicate: normal.applicable(schema), terms };
    let mut heads = unconditional.adds.clone();
    heads.extend((!groups.is_empty()).then(|| applicable.clone()));
    let schema = schema as u32;
    for disjunct in split(precondition) {
        let body = Body::new(disjunct, &slots, count);
        let kind = RuleKind::Action { schema };
        let rule = Rule::new(kind, body, heads.clone(), unconditional.clone());
        normal.rules.push(rule.with_joins(&normal.changing));
    }
    for group in groups {
        for rule in conditional(group, &slots, count, schema) {
            let mut rule = rule;
            rule.joins.push(applicable.clone());
            effects.push(rule.with_joins(&normal.changing));
        }
    }
}

/// The rules of effects under a condition. Where a number changes, alternatives of the condition
/// must not be told apart: two that hold would change it twice.
fn conditional(group: Group, slots: &[u32], count: usize, schema: u32) -> Vec<Rule> {
    let condition = Condition::all(group.conditions);
    let counts = !group.outcome.changes.is_empty();
    let disjuncts = if counts { vec![keep(condition)] } else { split(condition) };
    let mut rules = vec![];
    for mut disjunct in disjuncts {
        // The variables of the effect stand right after the parameters.
        let fixed = count + group.variables.len();
        let mut order: Vec<u32> =
            (0..count as u32).chain(group.variables.iter().copied()).collect();
        order.extend(
            (0..slots.len() as u32).filter(|s| *s >= count as u32 && !group.variables.contains(s)),
        );
        let place = |slot: u32| order.iter().position(|&s| s == slot).unwrap_or(0) as u32;
        let to = |term: Term| match term {
            Term::Variable(v) => Term::Variable(place(v)),
            Term::Object(_) => term,
        };
        let extents: Vec<u32> = order.iter().map(|&s| slots[s as usize]).collect();
        disjunct.parts = disjunct.parts.iter().map(|p| p.rename(&to, &place)).collect();
        disjunct.pulled = disjunct.pulled.iter().map(|&s| place(s)).collect();
        let outcome = group.outcome.rename(&to);
        let body = Body::new(disjunct, &extents, fixed);
        let kind = RuleKind::Effect { schema };
        let mut rule = Rule::new(kind, body, outcome.adds.clone(), outcome);
        // What deletes only one atom matters only where that can hold.
        let Outcome { adds, deletes, changes } = &rule.outcome;
        if adds.is_empty() && changes.is_empty() && deletes.len() == 1 {
            rule.joins.extend(deletes.iter().filter(|a| !rule.body.holds.contains(a)).cloned());
        }
        rules.push(rule);
    }
    rules
}

/// Sorts an effect into groups; `at` is the group of what is unconditional here.
fn collect(scope: &mut Scope<'_>, effect: &Effect, at: usize, groups: &mut Vec<Group>) {
    match effect {
        Effect::And(parts) => parts.iter().for_each(|part| collect(scope, part, at, groups)),
        Effect::Add(atom) => {
            let atom = rename_atom(atom, &|t| scope.term(t));
            push_new(&mut groups[at].outcome.adds, atom);
        }
        Effect::Delete(atom) => {
            let atom = rename_atom(atom, &|t| scope.term(t));
            push_new(&mut groups[at].outcome.deletes, atom);
        }
        Effect::Assign(assignment, fluent, value) => {
            let fluent = rename_fluent(fluent, &|t| scope.term(t));
            let value = rename_expression(value, &|t| scope.term(t));
            groups[at].outcome.changes.push(NormalChange {
                assignment: *assignment,
                fluent,
                value,
            });
        }
        Effect::When(condition, inner) => {
            let mut group = Group { outcome: Outcome::default(), ..groups[at].clone() };
            group.conditions.push(scope.condition(condition, true));
            groups.push(group);
            let last = groups.len() - 1;
            collect(scope, inner, last, groups);
        }
        Effect::Forall(variables, inner) => {
            let mut group = Group { outcome: Outcome::default(), ..groups[at].clone() };
            let last = groups.len();
            scope.within(variables, |scope| {
                group.variables.extend(scope.innermost(variables.len()));
                groups.push(group);
                collect(scope, inner, last, groups);
            });
        }
    }
}

fn push_new(list: &mut Vec<LiftedAtom>, atom: LiftedAtom) {
    if !list.contains(&atom) {
        list.push(atom);
    }
}
