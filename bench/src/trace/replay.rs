//! Runs the commands of a trace through a new simulator.

use ergon_sim::Simulator;
use ergon_vocab::Robot;

use super::{Actor, Trace, TraceEvent};
use crate::SetupError;

/// How a replay ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayReport {
    /// Every state is the recorded one, bit by bit.
    Identical {
        /// Control steps that were compared.
        steps: u64,
    },
    /// A state is not the recorded one: another version of the simulator, or another processor.
    Differs {
        /// The first such step; 0 is the settled scene before the first command.
        step: u64,
        /// The recorded digest.
        recorded: u64,
        /// The digest that came out.
        replayed: u64,
    },
    /// The simulator refused a step that it had once executed.
    Stopped {
        /// The step that was not reached.
        step: u64,
        /// Why.
        reason: String,
    },
}

/// Runs a trace again and compares every state. `on_moment` sees the scene after each step (and the
/// settled one before the first) with the events up to that time; also the first that differs.
///
/// # Errors
/// The scene cannot be set up from the texts in the trace.
pub fn replay(
    trace: &Trace,
    on_moment: &mut dyn FnMut(&Simulator, &[TraceEvent]),
) -> Result<ReplayReport, SetupError> {
    let setup = trace.setup()?;
    let instance = setup.scenario.instance(trace.seed);
    let mut simulator = Simulator::new(&setup.scenario, &instance).map_err(|source| {
        let scenario = setup.scenario.name.clone();
        SetupError::Sim { scenario, seed: trace.seed, source }
    })?;
    for (step, &recorded) in (0..).zip(&trace.digests) {
        on_moment(&simulator, trace.events_until(simulator.time_secs()));
        let replayed = simulator.digest();
        if replayed != recorded {
            return Ok(ReplayReport::Differs { step, recorded, replayed });
        }
        let Some(next) = trace.commands.get(step as usize) else { break };
        if next.by == Actor::Stage {
            simulator.calm();
        }
        if let Err(error) = simulator.step(&next.command) {
            return Ok(ReplayReport::Stopped { step: step + 1, reason: error.to_string() });
        }
    }
    Ok(ReplayReport::Identical { steps: trace.steps() })
}
