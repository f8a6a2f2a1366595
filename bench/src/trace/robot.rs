//! A robot that lives through a recorded episode once more.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ergon_vocab::{Command, Entity, ObjectId, Observation, Robot, RobotError};

use super::Trace;
use crate::Cast;

/// Gives the recorded senses in order, to an agent that gives the recorded commands. Its handles are
/// cheap to clone and all stand at the same step.
#[derive(Clone, Debug)]
pub struct ReplayRobot<'a> {
    trace: &'a Trace,
    step: Rc<Cell<u64>>,
}

impl<'a> ReplayRobot<'a> {
    /// A robot at the beginning of a trace.
    pub fn new(trace: &'a Trace) -> Self {
        Self { trace, step: Rc::new(Cell::new(0)) }
    }

    /// Control steps since the episode began.
    pub fn step_count(&self) -> u64 {
        self.step.get()
    }

    /// Everything with its true geometry at this step, for an oracle perceiver.
    pub fn true_entities(&self, cast: &Cast) -> BTreeMap<ObjectId, Entity> {
        self.trace.true_entities(cast, self.step.get()).unwrap_or_default()
    }
}

impl Robot for ReplayRobot<'_> {
    fn observe(&mut self) -> Result<Observation, RobotError> {
        let step = self.step.get();
        match self.trace.observation(step) {
            Ok(Some(observation)) => Ok(observation),
            Ok(None) => Err(RobotError::Stopped("the trace holds no step at all".into())),
            Err(error) => Err(RobotError::Stopped(error.to_string())),
        }
    }

    fn step(&mut self, command: &Command) -> Result<Observation, RobotError> {
        command.clamped()?;
        let step = self.step.get();
        let recorded = usize::try_from(step).ok().and_then(|step| self.trace.commands.get(step));
        let Some(recorded) = recorded else {
            return Err(RobotError::Stopped(format!("the trace ends after step {step}")));
        };
        if recorded.command != *command {
            return Err(RobotError::Stopped(format!(
                "at step {step} the command {:?} is not the recorded {:?}",
                command.to_array(),
                recorded.command.to_array()
            )));
        }
        self.step.set(step + 1);
        self.observe()
    }
}
