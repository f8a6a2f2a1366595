//! Splitting of conditions into alternatives.

use super::Condition;

/// More alternatives than this are not split: what is left of them stays a residual disjunction.
const MAX_DISJUNCTS: usize = 48;

/// One alternative: its parts, and the existential variables that are free in them now.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Disjunct {
    pub(super) parts: Vec<Condition>,
    pub(super) pulled: Vec<u32>,
}

impl Disjunct {
    fn of(part: Condition) -> Self {
        Self { parts: vec![part], pulled: vec![] }
    }

    fn and(&self, other: &Self) -> Self {
        let parts = self.parts.iter().chain(&other.parts).cloned().collect();
        let pulled = self.pulled.iter().chain(&other.pulled).copied().collect();
        Self { parts, pulled }
    }
}

/// The condition as alternatives.
pub(super) fn split(condition: Condition) -> Vec<Disjunct> {
    match condition {
        Condition::Or(parts) => {
            let residual = Condition::Or(parts.clone());
            let split: Vec<Disjunct> = parts.into_iter().flat_map(split).collect();
            if split.len() > MAX_DISJUNCTS { vec![Disjunct::of(residual)] } else { split }
        }
        Condition::And(parts) => conjunction(parts),
        Condition::Exists(vars, inner) => {
            let mut alternatives = split(*inner);
            alternatives.iter_mut().for_each(|d| d.pulled.extend(&vars));
            alternatives
        }
        leaf => vec![Disjunct::of(leaf)],
    }
}

/// The condition as one alternative, with disjunctions and existentials left in it.
pub(super) fn keep(condition: Condition) -> Disjunct {
    match condition {
        Condition::And(parts) => Disjunct { parts, pulled: vec![] },
        other => Disjunct::of(other),
    }
}

/// The product of the alternatives of all parts; where it is too large, the parts with the most
/// alternatives stay whole.
fn conjunction(parts: Vec<Condition>) -> Vec<Disjunct> {
    let mut split: Vec<Vec<Disjunct>> = parts.iter().cloned().map(split).collect();
    let product = |split: &[Vec<Disjunct>]| {
        split.iter().fold(1usize, |product, d| product.saturating_mul(d.len()))
    };
    while product(&split) > MAX_DISJUNCTS {
        let widest = split.iter().enumerate().max_by_key(|(_, d)| d.len()).map(|(i, _)| i);
        let Some(widest) = widest else { break };
        split[widest] = vec![Disjunct::of(parts[widest].clone())];
    }
    let mut all = vec![Disjunct::default()];
    for alternatives in split {
        let longer = |d: &Disjunct| alternatives.iter().map(|a| d.and(a)).collect::<Vec<_>>();
        all = all.iter().flat_map(longer).collect();
    }
    all
}
