//! What happens during an episode, for those who watch: trace, progress, viewer.

use crate::{Atom, Belief, Command, Evidence, GroundAction, Literal, Observation, Plan, SkillCall};

/// How an episode ended, in the agent's own view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The agent believes that the goal holds.
    Solved,
    /// The planner proved that no plan exists from the believed state.
    Unsolvable(String),
    /// A budget ran out or the robot stopped.
    GaveUp(String),
}

/// A decision of the executive, or something that befell it.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A plan was made; it replaces any former one.
    Planned {
        /// The plan.
        plan: Plan,
        /// 0 for the first plan of the episode.
        replans: u32,
    },
    /// A step of the plan begins.
    ActionStarted {
        /// Index into the present plan.
        index: usize,
        /// The action.
        action: GroundAction,
        /// 1 for the first attempt.
        attempt: u32,
    },
    /// A skill begins.
    SkillStarted(SkillCall),
    /// A skill ended.
    SkillEnded {
        /// The skill.
        call: SkillCall,
        /// Control steps used.
        steps: u64,
        /// Why it failed, if it did.
        failure: Option<String>,
    },
    /// A step of the plan ended with its expected effects believed.
    ActionSucceeded {
        /// Index into the present plan.
        index: usize,
        /// The action.
        action: GroundAction,
    },
    /// The believed facts are not the expected ones.
    Mismatch {
        /// Index into the present plan.
        index: usize,
        /// What was expected and is not believed.
        expected: Vec<Literal>,
        /// The evidence for the atoms of `expected`.
        believed: Vec<(Atom, Evidence)>,
    },
    /// The same action is tried once more.
    Retry {
        /// Number of the coming attempt.
        attempt: u32,
        /// Why.
        reason: String,
    },
    /// A new plan is wanted.
    Replan {
        /// Why.
        reason: String,
    },
    /// The agent waits and looks again before it decides.
    LookAgain {
        /// Why.
        reason: String,
    },
    /// The agent has looked enough: facts that stay unknown are taken to be as they lean or, where that
    /// allows no plan, one after the other the other way.
    Presumed {
        /// The facts, as they are taken to lean; one that is turned around is no longer unknown.
        believed: Vec<(Atom, Evidence)>,
    },
    /// A command was changed or refused: by the safety envelope, or by the robot itself.
    Intervention(String),
    /// Something from outside disturbed the scene. Told by the stage, never seen by the agent.
    Disturbance(String),
    /// The episode ended.
    Finished(Outcome),
}

/// One control step as it was executed.
#[derive(Clone, Copy, Debug)]
pub struct StepRecord<'a> {
    /// What was sensed before the command.
    pub observation: &'a Observation,
    /// What was believed before the command.
    pub belief: &'a Belief,
    /// The command that was executed.
    pub command: &'a Command,
}

/// Watches an episode. Must not change its course.
pub trait Observer {
    /// A decision was taken at `time_secs` of the episode.
    fn on_event(&mut self, time_secs: f64, event: &Event);

    /// A control step was executed.
    fn on_step(&mut self, record: StepRecord<'_>);
}
