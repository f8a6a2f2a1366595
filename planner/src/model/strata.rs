//! The order in which axioms can be evaluated.

use std::collections::{BTreeMap, BTreeSet};

use ergon_vocab::PredicateId;

use super::{Axiom, Formula};

/// The stratum of each derived predicate: at least that of the derived predicates it depends on, and
/// above those it depends on negatively (Apt, Blair & Walker 1988).
///
/// # Errors
/// A predicate that depends on its own negation.
pub(crate) fn strata(axioms: &[Axiom]) -> Result<BTreeMap<PredicateId, u32>, PredicateId> {
    let mut strata: BTreeMap<PredicateId, u32> =
        axioms.iter().map(|axiom| (axiom.predicate, 0)).collect();
    let mut dependencies = BTreeSet::new();
    for axiom in axioms {
        let mut note = |predicate, positive| {
            if strata.contains_key(&predicate) {
                dependencies.insert((axiom.predicate, predicate, positive));
            }
        };
        visit(&axiom.body, true, &mut note);
    }
    let most = strata.len() as u32;
    loop {
        let mut changed = false;
        for &(head, body, positive) in &dependencies {
            let least = strata[&body] + u32::from(!positive);
            if least >= most {
                return Err(head);
            }
            if strata[&head] < least {
                strata.insert(head, least);
                changed = true;
            }
        }
        if !changed {
            return Ok(strata);
        }
    }
}

/// Tells the predicates of a formula and whether they stand there positively.
fn visit(formula: &Formula, positive: bool, note: &mut impl FnMut(PredicateId, bool)) {
    match formula {
        Formula::And(parts) | Formula::Or(parts) => {
            parts.iter().for_each(|part| visit(part, positive, note));
        }
        Formula::Not(inner) => visit(inner, !positive, note),
        Formula::Imply(a, b) => {
            visit(a, !positive, note);
            visit(b, positive, note);
        }
        Formula::Exists(_, body) | Formula::Forall(_, body) => visit(body, positive, note),
        Formula::Atom(atom) => note(atom.predicate, positive),
        Formula::Equal(..) | Formula::Compare(..) => {}
    }
}
