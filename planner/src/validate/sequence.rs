//! Plans whose steps follow each other.

use super::{
    Flaw, Judge, StepFlaw,
    effect::{Changes, Firing, conditions},
    flaw,
    world::World,
};
use crate::{
    model::Schema,
    pddl::{PlanCall, PlanFile},
};

pub(super) fn execute(
    judge: &Judge<'_>,
    plan: &PlanFile,
    world: &mut World<'_>,
) -> Result<(), Flaw> {
    for (index, call) in plan.steps.iter().enumerate() {
        step(judge, call, world).map_err(|reason| flaw(index, call, reason))?;
    }
    world.total_time = plan.steps.len() as f64;
    // The metric and the goal may read derived facts.
    world.refresh();
    Ok(())
}

fn step(judge: &Judge<'_>, call: &PlanCall, world: &mut World<'_>) -> Result<(), StepFlaw> {
    let step = judge.look_up(call).map_err(StepFlaw::Misnamed)?;
    let Schema::Instant { precondition, effect } = step.schema else {
        return Err(StepFlaw::Duration("a durative action among steps without times".into()));
    };
    let violated = world.violated(precondition, &step.args);
    if !violated.is_empty() {
        return Err(StepFlaw::Unsatisfied(violated));
    }
    conditions(effect, &mut |condition| world.prepare(condition));
    let mut changes = Changes::default();
    let firing = Firing { effect, duration: 0.0 };
    changes.collect(world, firing, &step.args).map_err(StepFlaw::Numeric)?;
    world.apply(changes).map_err(StepFlaw::Numeric)
}
