//! Penalties in the costs of a ground task.

use std::{collections::BTreeMap, ops::Range};

use ergon_vocab::GroundAction;

use super::Penalty;
use crate::{GroundTask, Operator};

/// What penalties have changed in a ground task.
#[derive(Debug, Default)]
pub(super) struct Charged {
    /// Costs as they were, by operator.
    costs: Vec<(usize, u32)>,
    /// Operators that were taken out, with the places they had, ascending.
    removed: Vec<(usize, Operator)>,
}

impl Charged {
    /// Puts penalties into a ground task.
    pub(super) fn new(task: &mut GroundTask, penalties: &BTreeMap<GroundAction, Penalty>) -> Self {
        let mut charged = Self::default();
        let mut forbidden = vec![];
        let scale = task.cost_scale as u32;
        // Actions are ordered as operators are.
        for (action, penalty) in penalties {
            let range = operators_of(task, action);
            let Some(extra) = penalty.extra(scale) else {
                forbidden.extend(range);
                continue;
            };
            for i in range {
                let cost = &mut task.operators[i].cost;
                charged.costs.push((i, *cost));
                *cost = cost.saturating_add(extra as u32);
            }
        }
        for &i in forbidden.iter().rev() {
            charged.removed.push((i, task.operators.remove(i)));
        }
        charged.removed.reverse();
        charged
    }

    /// Takes the penalties out again.
    pub(super) fn lift(self, task: &mut GroundTask) {
        for (i, operator) in self.removed {
            task.operators.insert(i, operator);
        }
        for (i, cost) in self.costs {
            task.operators[i].cost = cost;
        }
    }
}

/// Where the operators of an action stand.
fn operators_of(task: &GroundTask, action: &GroundAction) -> Range<usize> {
    let key = (action.schema.0, &action.args);
    let from = task.operators.partition_point(|o| (o.schema, &o.args) < key);
    let to = from + task.operators[from..].partition_point(|o| (o.schema, &o.args) == key);
    from..to
}
