//! Plans of durative actions: the happenings at their ends in the order of time.

use std::collections::BTreeSet;

use super::{
    Flaw, Judge, Step, StepFlaw,
    effect::{Changes, Firing, conditions},
    flaw,
    touch::Touched,
    world::{World, compare},
};
use crate::{
    model::{DurativeSchema, Effect, Formula, Schema},
    pddl::PlanFile,
};

/// How far a stated duration may be from what its constraints allow, and how far apart steps must be
/// to follow each other, s. As VAL (Howey, Long & Fox 2004); plan files give three digits.
const TOLERANCE: f64 = 1e-3;

/// Happenings closer than this are one; half the tolerance, so that steps that far apart stay apart
/// whatever the rounding.
const SAME: f64 = TOLERANCE / 2.0;

/// What happens at one moment of one step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Instant,
    Start,
    End,
}

#[derive(Clone, Copy)]
struct Event {
    time: f64,
    step: usize,
    kind: Kind,
}

struct Timed<'p> {
    step: Step<'p>,
    duration: f64,
}

impl Timed<'_> {
    fn condition(&self, kind: Kind) -> &Formula {
        match (self.step.schema, kind) {
            (Schema::Instant { precondition, .. }, _) => precondition,
            (Schema::Durative(schema), Kind::End) => &schema.at_end,
            (Schema::Durative(schema), _) => &schema.at_start,
        }
    }

    fn effect(&self, kind: Kind) -> &Effect {
        match (self.step.schema, kind) {
            (Schema::Instant { effect, .. }, _) => effect,
            (Schema::Durative(schema), Kind::End) => &schema.end_effect,
            (Schema::Durative(schema), _) => &schema.start_effect,
        }
    }
}

pub(super) fn execute(
    judge: &Judge<'_>,
    plan: &PlanFile,
    world: &mut World<'_>,
) -> Result<(), Flaw> {
    let at = |index: usize, reason| flaw(index, &plan.steps[index], reason);
    let mut steps = Vec::with_capacity(plan.steps.len());
    let mut events = vec![];
    for (index, call) in plan.steps.iter().enumerate() {
        let step = judge.look_up(call).map_err(|why| at(index, StepFlaw::Misnamed(why)))?;
        let missing = |what: &str| at(index, StepFlaw::Duration(format!("it has no {what}")));
        let time = call.time.ok_or_else(|| missing("start time"))?;
        let mut duration = 0.0;
        if matches!(step.schema, Schema::Durative(_)) {
            duration = call.duration.ok_or_else(|| missing("duration"))?;
            events.push(Event { time, step: index, kind: Kind::Start });
            events.push(Event { time: time + duration, step: index, kind: Kind::End });
        } else {
            events.push(Event { time, step: index, kind: Kind::Instant });
        }
        steps.push(Timed { step, duration });
    }
    events.sort_by(|a, b| a.time.total_cmp(&b.time));
    world.total_time = events.last().map_or(0.0, |last| last.time);
    let mut running = BTreeSet::new();
    let mut rest = &events[..];
    while let Some(first) = rest.first() {
        let count = rest.iter().take_while(|e| e.time - first.time < SAME).count();
        let (happening, later) = rest.split_at(count);
        happen(&steps, happening, world).map_err(|(index, reason)| at(index, reason))?;
        for event in happening {
            match event.kind {
                Kind::Start => running.insert(event.step),
                Kind::End => running.remove(&event.step),
                Kind::Instant => false,
            };
        }
        check_invariants(&steps, &running, first.time, world)
            .map_err(|(index, reason)| at(index, reason))?;
        rest = later;
    }
    world.refresh();
    Ok(())
}

/// A reason and the step it is about.
type Refused = (usize, StepFlaw);

fn happen(steps: &[Timed<'_>], happening: &[Event], world: &mut World<'_>) -> Result<(), Refused> {
    for event in happening {
        let timed = &steps[event.step];
        let refuse = |reason| Err((event.step, reason));
        if let (Kind::Start, Schema::Durative(schema)) = (event.kind, timed.step.schema)
            && let Some(why) = forbidden(schema, timed, world)
        {
            return refuse(StepFlaw::Duration(why));
        }
        let violated = world.violated(timed.condition(event.kind), &timed.step.args);
        if !violated.is_empty() {
            return refuse(match event.kind {
                Kind::End => StepFlaw::UnsatisfiedAtEnd(violated),
                _ => StepFlaw::Unsatisfied(violated),
            });
        }
        conditions(timed.effect(event.kind), &mut |condition| world.prepare(condition));
    }
    if happening.len() > 1 {
        check_interference(steps, happening, world)?;
    }
    let mut changes = Changes::default();
    let fault = |event: &Event, why| (event.step, StepFlaw::Numeric(why));
    for event in happening {
        let timed = &steps[event.step];
        let firing = Firing { effect: timed.effect(event.kind), duration: timed.duration };
        changes.collect(world, firing, &timed.step.args).map_err(|why| fault(event, why))?;
    }
    world.apply(changes).map_err(|why| fault(&happening[0], why))
}

/// What a duration violates, as text.
fn forbidden(schema: &DurativeSchema, timed: &Timed<'_>, world: &World<'_>) -> Option<String> {
    if timed.duration < 0.0 {
        return Some("its duration is negative".into());
    }
    schema.duration.iter().find_map(|constraint| {
        let (given, args) = (timed.duration, &timed.step.args);
        let sign = constraint.comparator.sign();
        let Some(bound) = world.value(&constraint.value, args, 0.0) else {
            let shown = world.show_expression(&constraint.value, args);
            return Some(format!("its duration must be {sign} {shown}, which has no value"));
        };
        // The slack takes up the rounding of decimal fractions.
        let near = (given - bound).abs() <= TOLERANCE + 1e-9;
        let allowed = near || compare(constraint.comparator, given, bound, 0.0);
        (!allowed).then(|| format!("its duration must be {sign} {bound}, not {given}"))
    })
}

/// No moving targets: of steps at the same time none may change what another reads or changes
/// (Fox & Long 2003, definition 12).
fn check_interference(
    steps: &[Timed<'_>],
    happening: &[Event],
    world: &World<'_>,
) -> Result<(), Refused> {
    let mut touched: Vec<(usize, Touched)> = vec![];
    for event in happening {
        let timed = &steps[event.step];
        let args = &timed.step.args;
        let mut mine = Touched::default();
        mine.read(world, timed.condition(event.kind), args);
        mine.change(world, timed.effect(event.kind), args, timed.duration)
            .map_err(|why| (event.step, StepFlaw::Numeric(why)))?;
        for (other, theirs) in &touched {
            if let Some(about) = mine.interferes(theirs, world) {
                return Err((event.step, StepFlaw::Interference { other: other + 1, about }));
            }
        }
        touched.push((event.step, mine));
    }
    Ok(())
}

fn check_invariants(
    steps: &[Timed<'_>],
    running: &BTreeSet<usize>,
    time: f64,
    world: &mut World<'_>,
) -> Result<(), Refused> {
    for &index in running {
        let Schema::Durative(schema) = steps[index].step.schema else { continue };
        let conditions = world.violated(&schema.over_all, &steps[index].step.args);
        if !conditions.is_empty() {
            return Err((index, StepFlaw::Invariant { conditions, time }));
        }
    }
    Ok(())
}
