//! The simplest implementation of each port, for tests and documentation.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    Belief, Clock, Command, Event, Facts, GoalSource, Gripper, InstructedPolicy, Literal, ObjectId,
    Observation, Observer, PerceiveError, Perceiver, Plan, PlanOutcome, Planner, PolicyError, Pose,
    Robot, RobotError, Skill, SkillStatus, State, StepRecord,
};

/// A robot that only counts steps.
#[derive(Clone, Debug, Default)]
pub struct StillRobot(Observation);

impl Robot for StillRobot {
    fn observe(&mut self) -> Result<Observation, RobotError> {
        Ok(self.0.clone())
    }

    fn step(&mut self, command: &Command) -> Result<Observation, RobotError> {
        command.clamped()?;
        self.0.step += 1;
        self.0.time_secs = self.0.step as f64 / Command::RATE_HZ;
        self.observe()
    }
}

/// A policy that stays where it is, whatever it is told.
#[derive(Clone, Copy, Debug, Default)]
pub struct StillPolicy;

impl InstructedPolicy for StillPolicy {
    fn reset(&mut self) -> Result<(), PolicyError> {
        Ok(())
    }

    fn infer(&mut self, _: &Observation, _: &str) -> Result<Vec<Command>, PolicyError> {
        Ok(vec![Command::hold(-1.0)])
    }
}

/// A perceiver that sees nothing but the gripper, pointing up at the origin.
#[derive(Clone, Copy, Debug, Default)]
pub struct BlindPerceiver;

impl Perceiver for BlindPerceiver {
    fn perceive(&mut self, observation: &Observation) -> Result<Belief, PerceiveError> {
        let opening = observation.finger_positions.iter().sum();
        Ok(Belief {
            entities: BTreeMap::new(),
            gripper: Gripper { tcp: Pose::identity(), opening },
            facts: Facts::default(),
        })
    }
}

/// A planner that knows only the empty plan.
#[derive(Clone, Copy, Debug, Default)]
pub struct IdlePlanner;

impl Planner for IdlePlanner {
    fn plan(&mut self, state: &State, goal: &[Literal]) -> PlanOutcome {
        if goal.iter().all(|l| l.holds_in(state)) {
            PlanOutcome::Solved(Plan::default())
        } else {
            PlanOutcome::Unsolvable("the idle planner knows no actions".into())
        }
    }
}

/// A skill that waits for a number of steps.
#[derive(Clone, Copy, Debug, Default)]
pub struct WaitSkill {
    /// Control steps to wait.
    pub steps: u64,
    waited: u64,
}

impl WaitSkill {
    /// Waits for `steps` control steps.
    pub fn new(steps: u64) -> Self {
        Self { steps, waited: 0 }
    }
}

impl Skill for WaitSkill {
    fn name(&self) -> &str {
        "wait"
    }

    fn budget_steps(&self) -> u64 {
        self.steps + 1
    }

    fn start(&mut self, _: &[ObjectId], _: &Belief, _: &Observation) -> Result<(), String> {
        self.waited = 0;
        Ok(())
    }

    fn step(&mut self, _: &Belief, _: &Observation) -> SkillStatus {
        if self.waited == self.steps {
            return SkillStatus::Done;
        }
        self.waited += 1;
        SkillStatus::Running(Command::hold(-1.0))
    }
}

/// An observer that looks away.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn on_event(&mut self, _: f64, _: &Event) {}

    fn on_step(&mut self, _: StepRecord<'_>) {}
}

/// A goal that stays as it was.
#[derive(Clone, Copy, Debug, Default)]
pub struct SameGoal;

impl GoalSource for SameGoal {
    fn new_goal(&mut self) -> Option<Vec<Literal>> {
        None
    }
}

/// A clock that stands still at a time.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoppedClock(pub Duration);

impl Clock for StoppedClock {
    fn now(&self) -> Duration {
        self.0
    }
}
