//! What can be done first in a hand-written STRIPS problem, as if nothing were undone; what needs two
//! facts that never hold together is left out before.

use std::collections::BTreeSet;

use ergon_vocab::{Atom, ObjectId};

use crate::model::{Effect, Formula, LiftedAtom, Problem, Schema, Term};

use super::against::Unfit;

/// An action with its arguments, what it needs and what it adds.
pub(super) struct GroundStep {
    /// Index of the schema.
    pub(super) schema: usize,
    pub(super) args: Vec<ObjectId>,
    needs: Vec<Atom>,
    adds: Vec<Atom>,
    deletes: Vec<Atom>,
}

/// The positive preconditions of a schema, and its effects with their signs.
pub(super) struct Strips {
    pub(super) needs: Vec<LiftedAtom>,
    pub(super) effects: Vec<(LiftedAtom, bool)>,
}

impl Strips {
    /// What a schema comes to, if it is plain STRIPS.
    pub(super) fn of(problem: &Problem, index: usize) -> Result<Self, Unfit> {
        let unfit = || Unfit::NotStrips(problem.symbols().actions[index].name.clone());
        let Schema::Instant { precondition, effect } = &problem.domain().schemas()[index] else {
            return Err(unfit());
        };
        let mut strips = Self { needs: vec![], effects: vec![] };
        let plain = needs(precondition, &mut strips.needs) && effects(effect, &mut strips.effects);
        let variables =
            |atom: &LiftedAtom| atom.terms.iter().all(|term| matches!(term, Term::Variable(_)));
        let lifted = strips.effects.iter().all(|(atom, _)| variables(atom));
        if plain && lifted { Ok(strips) } else { Err(unfit()) }
    }
}

fn needs(formula: &Formula, out: &mut Vec<LiftedAtom>) -> bool {
    match formula {
        Formula::And(parts) => parts.iter().all(|part| needs(part, out)),
        Formula::Atom(atom) => {
            out.push(atom.clone());
            true
        }
        // Without deletes nothing becomes false: what must be false is taken to be.
        Formula::Not(inner) => matches!(**inner, Formula::Atom(_) | Formula::Equal(..)),
        _ => false,
    }
}

fn effects(effect: &Effect, out: &mut Vec<(LiftedAtom, bool)>) -> bool {
    match effect {
        Effect::And(parts) => parts.iter().all(|part| effects(part, out)),
        Effect::Add(atom) => {
            out.push((atom.clone(), true));
            true
        }
        Effect::Delete(atom) => {
            out.push((atom.clone(), false));
            true
        }
        _ => false,
    }
}

/// Everything that could ever be done, with what is known not to change looked up.
pub(super) fn ground(problem: &Problem, schemas: &[Strips]) -> Vec<GroundStep> {
    let fluent = |atom: &LiftedAtom| {
        schemas.iter().any(|s| s.effects.iter().any(|(e, _)| e.predicate == atom.predicate))
    };
    let mut steps = vec![];
    for (schema, strips) in schemas.iter().enumerate() {
        let fixed: Vec<&LiftedAtom> = strips.needs.iter().filter(|n| !fluent(n)).collect();
        for args in arguments(problem, schema, &fixed) {
            let needs = strips.needs.iter().filter(|n| fluent(n)).map(|n| n.ground(&args));
            let adds = strips.effects.iter().filter(|(_, add)| *add).map(|(e, _)| e.ground(&args));
            let deletes = strips.effects.iter().filter(|(_, add)| !add);
            let deletes = deletes.map(|(e, _)| e.ground(&args)).collect();
            let (needs, adds) = (needs.collect(), adds.collect());
            steps.push(GroundStep { schema, args, needs, adds, deletes });
        }
    }
    steps
}

/// The arguments of a schema that its types and what never changes allow.
fn arguments(problem: &Problem, schema: usize, fixed: &[&LiftedAtom]) -> Vec<Vec<ObjectId>> {
    let symbols = problem.symbols();
    let parameters = &symbols.actions[schema].parameters;
    let mut rows: Vec<Vec<ObjectId>> = vec![vec![]];
    for (_, types) in parameters {
        let fitting: Vec<ObjectId> = (0..symbols.objects.len() as u32)
            .map(ObjectId)
            .filter(|&o| symbols.fits(o, types))
            .collect();
        let mut longer = vec![];
        for row in rows {
            let extended = fitting.iter().map(|&o| [&row[..], &[o]].concat());
            longer.extend(extended.filter(|row| fixed.iter().all(|f| allows(problem, f, row))));
        }
        rows = longer;
    }
    rows
}

/// Whether an atom holds as far as its variables are bound.
fn allows(problem: &Problem, atom: &LiftedAtom, row: &[ObjectId]) -> bool {
    let bound = |term: &Term| match term {
        Term::Variable(index) => (*index as usize) < row.len(),
        Term::Object(_) => true,
    };
    !atom.terms.iter().all(bound) || problem.init().contains(&atom.ground(row))
}

/// Which steps can be done at some time, none of the excluded ones before them, if nothing is ever
/// undone. An excluded step counts as reached where it could be done next.
pub(super) fn reached(
    problem: &Problem,
    steps: &[GroundStep],
    excluded: &dyn Fn(usize) -> bool,
) -> Vec<bool> {
    let mut facts = problem.init().clone();
    let mut reached = vec![false; steps.len()];
    let mut grows = true;
    while grows {
        grows = false;
        for (index, step) in steps.iter().enumerate() {
            if reached[index] || !step.needs.iter().all(|n| facts.contains(n)) {
                continue;
            }
            reached[index] = true;
            grows = true;
            if !excluded(index) {
                facts.extend(step.adds.iter().cloned());
            }
        }
    }
    reached
}

/// Leaves out what needs facts of which two never hold together (h2, Haslum & Geffner 2000).
pub(super) fn retain_compatible(problem: &Problem, steps: &mut Vec<GroundStep>) {
    let atoms: BTreeSet<Atom> = problem
        .init()
        .iter()
        .cloned()
        .chain(steps.iter().flat_map(|s| s.needs.iter().chain(&s.adds).cloned()))
        .collect();
    let mut pairs: BTreeSet<(&Atom, &Atom)> = BTreeSet::new();
    let init = || atoms.iter().filter(|a| problem.init().contains(*a));
    pairs.extend(init().flat_map(|a| init().map(move |b| (a, b))));
    let all = |pairs: &BTreeSet<(&Atom, &Atom)>, needs: &[Atom]| {
        needs.iter().all(|a| needs.iter().all(|b| pairs.contains(&(a, b))))
    };
    let mut size = 0;
    while size < pairs.len() {
        size = pairs.len();
        for step in steps.iter() {
            if !all(&pairs, &step.needs) {
                continue;
            }
            let stays = |p: &&Atom| {
                let holds = !step.deletes.contains(p) && pairs.contains(&(*p, *p));
                step.adds.contains(p)
                    || holds && step.needs.iter().all(|q| pairs.contains(&(*p, q)))
            };
            let after: Vec<&Atom> = atoms.iter().filter(stays).collect();
            let added = atoms.iter().filter(|a| step.adds.contains(*a));
            let new = added.flat_map(|a| after.iter().flat_map(move |&b| [(a, b), (b, a)]));
            pairs.extend(new.collect::<Vec<_>>());
        }
    }
    let possible: Vec<bool> = steps.iter().map(|step| all(&pairs, &step.needs)).collect();
    let mut possible = possible.into_iter();
    steps.retain(|_| possible.next().unwrap_or_default());
}
