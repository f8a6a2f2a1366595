//! The last steps of grounding: what is superfluous goes, what stays is numbered.

use super::{
    GroundTask,
    budget::Budget,
    data::{Comparison, GroundMetric, NumericId},
    expression::GroundExpression,
    goal::Goal,
    grounding::{Fate, Remains},
    instantiate::Instantiation,
    logic::NodeId,
    mutex::{Groups, Mutexes},
    number,
    relaxed::{self, Decided, Start},
    relevance,
};
use crate::Task;

/// Prunes the drafts and makes the ground task of them.
pub(super) fn finish(
    task: &Task,
    mut made: Instantiation<'_, '_>,
    initial: usize,
    goal: Goal,
    budget: Option<&Budget<'_>>,
) -> (GroundTask, Option<Remains>) {
    let facts = made.logic.facts;
    let nodes = made.logic.nodes() as NodeId;
    let derived: Vec<bool> = (0..nodes).map(|n| made.logic.is_derived(n)).collect();
    let mutexes = Mutexes::new(task.invariants(), facts, initial);
    mutexes.prune(&mut made.drafts);
    let mut decided = decide(&made);
    let mut sure = vec![false; derived.len()];
    let attained = loop {
        let start = Start { initial, derived: &derived, comparisons: &decided };
        let attained = relaxed::attained(&start, &mut made.drafts, &mut sure);
        // With fewer operators, more numbers stay as they are.
        let before = std::mem::replace(&mut decided, decide(&made));
        if before == decided {
            break attained;
        }
    };
    let allowed = goal.condition.as_ref().is_none_or(|c| mutexes.allow(c));
    if !allowed || goal.hopeless(&attained, &decided) {
        let unreachable = goal.unreachable(&attained, facts);
        return (GroundTask::hopeless(unreachable, facts.len()), None);
    }
    let goal = goal.condition.unwrap_or_default();
    let metric = metric(task, &mut made);
    let numerics = &made.logic.numerics;
    let relevant = relevance::relevant(
        &mut made.drafts,
        &attained,
        &numerics.comparisons,
        numerics.fluents.len(),
        &goal,
        match &metric {
            GroundMetric::Expression(_, e) => Some(e),
            _ => None,
        },
    );
    let bytes = || made.held + made.drafts.bytes() + number::bytes(&made.drafts);
    if budget.is_some_and(|b| b.look(bytes)) {
        return (GroundTask::default(), None);
    }
    let (derived, decided) = (&derived[..], &decided[..]);
    let kept = number::Kept { relevant, derived, decided, initial, goal: &goal, metric };
    let (mut ground, ids) = number::number(&made, kept);
    let groups = Groups::new(&mutexes, &ids, &ground.init, &ground.operators);
    ground.groups = groups.partition(ground.basic);
    ground.mutexes = groups.lists;
    let fate = |fact: NodeId| match ids[fact as usize] {
        _ if derived[fact as usize] => Fate::Derived,
        Some(id) => Fate::Atom(id),
        None if !attained.can_hold(fact) => Fate::Never,
        None if !attained.can_lack(fact) => Fate::Always,
        None => Fate::Free,
    };
    let fates = (0..facts.len() as NodeId).map(fate).collect();
    (ground, Some(Remains { mutexes, fates }))
}

/// The numeric conditions, with the values of those variables that nothing changes.
fn decide(made: &Instantiation<'_, '_>) -> Vec<Decided> {
    let (drafts, numerics) = (&made.drafts, &made.logic.numerics);
    let mut changes = vec![false; numerics.fluents.len()];
    for s in drafts.operators.iter().map(|o| &o.body).chain(&drafts.effects) {
        drafts.changes(s).iter().for_each(|c| changes[c.variable as usize] = true);
    }
    let value = |v: NumericId| match changes[v as usize] {
        true => GroundExpression::Variable(v),
        false => GroundExpression::Number(numerics.initial(v)),
    };
    let decide = |comparison: &Comparison| match comparison.expression.replace(&value).number() {
        None => Decided::Open,
        Some(n) if comparison.relation.holds(n) => Decided::Always,
        Some(_) => Decided::Never,
    };
    numerics.comparisons.iter().map(decide).collect()
}

/// What the metric means for the drafts.
fn metric(task: &Task, made: &mut Instantiation<'_, '_>) -> GroundMetric {
    match task.metric() {
        None => GroundMetric::UnitCost,
        Some(_) if made.constant_costs => GroundMetric::Costs,
        Some(metric) => {
            let e = made.logic.numerics.expression(&metric.expression, &[]);
            GroundMetric::Expression(metric.direction, e)
        }
    }
}
