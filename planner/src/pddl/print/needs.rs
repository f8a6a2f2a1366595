//! What a problem needs that its domain does not declare.

use std::collections::BTreeSet;

use crate::model::{Expression, Formula, Problem, Requirement};

/// The requirements to declare in the problem.
pub(super) fn of_problem(problem: &Problem) -> Vec<Requirement> {
    let mut used = BTreeSet::new();
    of_formula(&problem.goal, &mut used);
    let metric = problem.metric.as_ref().is_some_and(|m| m.expression != Expression::TotalTime);
    let has = |wanted: Requirement| problem.domain.requirements().any(|r| r.implies(wanted));
    let numeric =
        [Requirement::NumericFluents, Requirement::ActionCosts, Requirement::DurativeActions];
    if (metric || !problem.values.is_empty()) && !numeric.into_iter().any(has) {
        used.insert(Requirement::NumericFluents);
    }
    used.into_iter().filter(|&wanted| !has(wanted)).collect()
}

fn of_formula(formula: &Formula, used: &mut BTreeSet<Requirement>) {
    match formula {
        Formula::And(parts) => parts.iter().for_each(|part| of_formula(part, used)),
        Formula::Or(parts) => {
            used.insert(Requirement::DisjunctivePreconditions);
            parts.iter().for_each(|part| of_formula(part, used));
        }
        Formula::Not(inner) => {
            match **inner {
                Formula::Atom(_) => used.insert(Requirement::NegativePreconditions),
                Formula::Equal(..) | Formula::Compare(..) => false,
                _ => used.insert(Requirement::DisjunctivePreconditions),
            };
            of_formula(inner, used);
        }
        Formula::Imply(a, b) => {
            used.insert(Requirement::DisjunctivePreconditions);
            of_formula(a, used);
            of_formula(b, used);
        }
        Formula::Exists(variables, body) | Formula::Forall(variables, body) => {
            used.insert(match formula {
                Formula::Exists(..) => Requirement::ExistentialPreconditions,
                _ => Requirement::UniversalPreconditions,
            });
            if variables.iter().any(|v| v.types.iter().any(|t| t.0 != 0)) {
                used.insert(Requirement::Typing);
            }
            of_formula(body, used);
        }
        Formula::Atom(_) => {}
        Formula::Equal(..) => {
            used.insert(Requirement::Equality);
        }
        Formula::Compare(..) => {
            used.insert(Requirement::NumericFluents);
        }
    }
}
