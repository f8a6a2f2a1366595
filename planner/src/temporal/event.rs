//! The happenings of a plan in a sequence: starts, ends, and actions without duration.

use std::collections::BTreeMap;

use ergon_vocab::{GroundAction, ObjectId};

use super::{
    compile::Compiled,
    footprint::{each_fluent, mentions_duration},
    network::{Ticks, in_ticks},
};
use crate::{
    Task,
    model::{Comparator, DurativeSchema, Fluent, Schema},
    task::evaluate,
};

/// What of an action a happening is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// An action without duration.
    Instant,
    /// Where an action starts.
    Start,
    /// Where it ends.
    End,
    /// Start and end of an action, with nothing between them.
    Whole,
}

/// The least and the largest duration of a step, in ticks; the largest may be none.
pub(super) type Bounds = (Ticks, Option<Ticks>);

/// A happening.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// Index of the schema in the domain as it was written.
    pub(super) schema: usize,
    pub(super) args: Box<[ObjectId]>,
    /// Never [`Phase::Whole`].
    pub(super) phase: Phase,
    /// Of a start: how long the action takes.
    pub(super) bounds: Bounds,
}

/// The happenings of a path through a compiled task, or nothing if a duration has no value.
pub(super) fn events(
    task: &Task,
    compiled: &Compiled,
    path: &[GroundAction],
) -> Option<Vec<Event>> {
    let mut events = vec![];
    let mut add = |action: &GroundAction, values: &BTreeMap<Fluent, f64>| {
        let (schema, phase) = compiled.origin[action.schema.index()];
        let (args, bounds) = (action.args.clone(), (0, None));
        let mut event = Event { schema, args, phase, bounds };
        if let (Schema::Durative(durative), Phase::Start | Phase::Whole) =
            (&task.schemas()[schema], phase)
        {
            event.bounds = bounds_of(durative, &action.args, values)?;
        }
        if phase == Phase::Whole {
            events.push(Event { phase: Phase::Start, ..event.clone() });
            event.phase = Phase::End;
        }
        events.push(event);
        Some(())
    };
    if !has_varying_durations(task) {
        path.iter().try_for_each(|action| add(action, task.values()))?;
        return Some(events);
    }
    let steps = path.iter().map(|a| (a.schema.index(), a.args.clone(), 0));
    let (task, mut defined) = (&compiled.task, true);
    task.trace(task.init(), task.values(), steps, &mut |at, values| {
        defined = defined && path.get(at).and_then(|action| add(action, values)).is_some();
    });
    defined.then_some(events)
}

/// Whether a duration depends on numbers that change.
fn has_varying_durations(task: &Task) -> bool {
    task.schemas().iter().any(|schema| {
        matches!(schema, Schema::Durative(durative) if !has_fixed_duration(task, durative))
    })
}

/// Whether the bounds of a duration depend on nothing that changes.
pub(super) fn has_fixed_duration(task: &Task, schema: &DurativeSchema) -> bool {
    let mut fixed = true;
    for constraint in &schema.duration {
        each_fluent(&constraint.value, &mut |fluent| {
            fixed &= task.normal().assigned.get(fluent.function.index()) != Some(&true);
        });
    }
    fixed
}

/// The duration of an action in a state; nothing if no duration satisfies its constraints. At least
/// one tick, which is within the tolerance of a duration of 0.
fn bounds_of(
    schema: &DurativeSchema,
    args: &[ObjectId],
    values: &BTreeMap<Fluent, f64>,
) -> Option<Bounds> {
    let (mut least, mut most) = (0.0f64, f64::INFINITY);
    for constraint in &schema.duration {
        let value = in_ticks(evaluate(&constraint.value, args, values))?;
        if constraint.comparator != Comparator::LessOrEqual {
            least = least.max(value);
        }
        if constraint.comparator != Comparator::GreaterOrEqual {
            most = most.min(value);
        }
    }
    // A thousandth of a tick takes up the rounding of decimal fractions.
    const SLACK: f64 = 1e-3;
    if most < least - SLACK {
        return None;
    }
    let mut from = (least - SLACK).ceil() as Ticks;
    let mut to = most.is_finite().then(|| (most + SLACK).floor() as Ticks);
    if to.is_some_and(|to| to < from) {
        // No whole number of ticks lies between the bounds: the nearest is within the tolerance.
        from = least.round() as Ticks;
        to = Some(from);
    }
    from = from.max(1);
    to = to.map(|to| to.max(from));
    if mentions_duration(schema) {
        to = Some(from);
    }
    Some((from, to))
}
