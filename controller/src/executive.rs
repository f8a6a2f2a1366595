//! The loop that turns a goal into motion and notices when the world does not follow.

use std::collections::BTreeMap;

use ergon_vocab::{
    Atom, Belief, CameraSpec, Command, Event, Evidence, GoalSource, Literal, Observation, Observer,
    Outcome, PerceiveError, Perceiver, Plan, PlanOutcome, PlanStep, Planner, Robot, RobotError,
    Skill, SkillCall, SkillStatus, StepRecord, Truth,
};

use crate::{ActionBindings, look};

/// Control steps to wait before looking again, so that what moves can come to rest.
const SETTLE_STEPS: u32 = 10;
/// Opening below which the fingers have closed on nothing, or on a rod, m: bodies are wider.
const CLOSED: f64 = 0.02;
/// Control steps at most on the way to where the agent looks from.
const LOOK_STEPS: u32 = 40;
/// How often the agent looks again at one puzzling scene before it decides, and before it gives up to
/// find what is lost.
const LOOKS: u32 = 3;
const SEARCHES: u32 = 12;
/// How often, while one plan is sought, the agent drops what it believes and looks at everything anew.
const FRESH_STARTS: u32 = 3;

/// When the executive gives up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budgets {
    /// Time of the episode, s.
    pub time_secs: f64,
    /// New plans after the first.
    pub replans: u32,
    /// Attempts at one action before a new plan is made.
    pub attempts: u32,
}

/// What an episode took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How it ended, in the agent's view.
    pub outcome: Outcome,
    /// Control steps executed.
    pub steps: u64,
    /// Actions that ended with their expected effects.
    pub actions: u32,
    /// Actions tried once more.
    pub retries: u32,
    /// Plans made after the first.
    pub replans: u32,
}

/// Why an action's course was left.
enum Stop {
    /// The plan no longer fits.
    Replan(String),
    /// The episode is over.
    End(Outcome),
}

/// The agent's decisions, over ports only.
pub struct Executive<'a> {
    /// Makes plans.
    pub planner: &'a mut dyn Planner,
    /// Turns observations into beliefs.
    pub perceiver: &'a mut dyn Perceiver,
    /// The skills by name.
    pub skills: BTreeMap<String, Box<dyn Skill + 'a>>,
    /// The skills of each action.
    pub bindings: ActionBindings,
    /// What shall hold in the end.
    pub goal: Vec<Literal>,
    /// Who may change it; asked between the actions of a plan.
    pub goals: &'a mut dyn GoalSource,
    /// When to give up.
    pub budgets: Budgets,
    /// The robot's cameras. With one on its tool the agent goes and looks at what is in doubt.
    pub cameras: Vec<CameraSpec>,
}

impl Executive<'_> {
    /// Runs one episode to its end.
    pub fn run(&mut self, robot: &mut dyn Robot, observer: &mut dyn Observer) -> Report {
        let (counts, presumed) = (Counts::default(), BTreeMap::new());
        let mut episode = Episode { agent: self, robot, observer, counts, presumed };
        let outcome = episode.pursue();
        let time = episode.counts.time_secs;
        episode.observer.on_event(time, &Event::Finished(outcome.clone()));
        let Counts { steps, actions, retries, replans, .. } = episode.counts;
        Report { outcome, steps, actions, retries, replans }
    }
}

#[derive(Default)]
struct Counts {
    time_secs: f64,
    steps: u64,
    actions: u32,
    retries: u32,
    replans: u32,
    gripper: f64,
}

/// What is sensed and believed at one moment.
struct Sense {
    observation: Observation,
    belief: Belief,
}

/// How a skill, or the skills of an action, ended.
enum Ended {
    Done,
    /// For this reason it failed.
    Failed(String),
    /// For this reason the robot holds: what was planned is not resumed.
    Held(String),
}

/// What came of a command.
enum Acted {
    Moved,
    Held(String),
}

struct Episode<'e, 'a> {
    agent: &'e mut Executive<'a>,
    robot: &'e mut dyn Robot,
    observer: &'e mut dyn Observer,
    counts: Counts,
    /// What was taken for true or false although looking did not decide it, and how it leant.
    presumed: BTreeMap<Atom, (Truth, Truth)>,
}

impl Episode<'_, '_> {
    /// Plan, execute, and plan again when the world is not as expected.
    fn pursue(&mut self) -> Outcome {
        let mut sense = match self.sense() {
            Ok(sense) => sense,
            Err(outcome) => return outcome,
        };
        loop {
            let plan = match self.plan(&mut sense) {
                Ok(plan) => plan,
                Err(outcome) => return outcome,
            };
            match self.follow(&plan, &mut sense) {
                Ok(()) => return Outcome::Solved,
                Err(Stop::End(outcome)) => return outcome,
                Err(Stop::Replan(reason)) => {
                    self.tell(&Event::Replan { reason: reason.clone() });
                    if self.counts.replans == self.agent.budgets.replans {
                        let spent = self.counts.replans;
                        return Outcome::GaveUp(format!(
                            "{spent} new plans did not help: {reason}"
                        ));
                    }
                    self.counts.replans += 1;
                }
            }
        }
    }

    /// A plan from what is believed. A scene that puzzles is looked at again before it is given up; what
    /// stays in doubt is taken as it leans, and where that allows no plan, as the goal needs it. Where
    /// nothing is in doubt, everything is: what is believed is dropped, a few times, and looked at anew.
    fn plan(&mut self, sense: &mut Sense) -> Result<Plan, Outcome> {
        let (mut looks, mut starts) = (0, 0);
        let mut doubts: Vec<(Atom, Evidence)> = Vec::new();
        loop {
            let doubt = match self.agent.planner.plan(&sense.belief.facts.state(), &self.agent.goal)
            {
                PlanOutcome::Solved(plan) => {
                    let replans = self.counts.replans;
                    self.tell(&Event::Planned { plan: plan.clone(), replans });
                    return Ok(plan);
                }
                PlanOutcome::OutOf(limit) => {
                    return Err(Outcome::GaveUp(format!("the planner ran out of {limit:?}")));
                }
                PlanOutcome::Unsolvable(why) => why,
            };
            let lost = sense.belief.facts.iter().any(|(_, e)| e.leaning == Truth::Unknown);
            if looks < if lost { SEARCHES } else { LOOKS } {
                if !self.recall(sense) {
                    let unknown = sense.belief.facts.unknown().cloned().collect();
                    let reason = format!("no plan from here: {doubt}");
                    *sense = self.look_again(&reason, unknown, looks)?;
                    looks += 1;
                }
                continue;
            }
            if self.hope(&mut doubts, sense) {
                continue;
            }
            if let Some(presumed) = self.presume(sense) {
                doubts = presumed;
                continue;
            }
            if starts < FRESH_STARTS {
                (starts, looks) = (starts + 1, 0);
                self.agent.perceiver.forget();
                self.presumed.clear();
                let reason = format!("what is believed allows no plan: {doubt}");
                *sense = self.look_again(&reason, Vec::new(), 0)?;
                continue;
            }
            let unsure = sense.belief.facts.unknown().count();
            return Err(match unsure {
                0 => Outcome::Unsolvable(doubt),
                n => Outcome::GaveUp(format!("{doubt}; {n} facts stay unknown")),
            });
        }
    }

    /// Takes facts that stay unknown after all looking to be as they lean, until the next observation,
    /// and returns them, the surest first; `None` when there are none.
    fn presume(&mut self, sense: &mut Sense) -> Option<Vec<(Atom, Evidence)>> {
        let facts = &mut sense.belief.facts;
        let doubtful = facts.iter().filter(|(_, e)| e.truth == Truth::Unknown);
        let believed: Vec<_> = doubtful
            .filter(|(_, e)| e.leaning != Truth::Unknown)
            .map(|(atom, e)| (atom.clone(), e))
            .collect();
        if believed.is_empty() {
            return None;
        }
        *facts = facts.leaning();
        let taken = |(atom, e): &(Atom, Evidence)| (atom.clone(), (e.leaning, e.leaning));
        self.presumed.extend(believed.iter().map(taken));
        self.tell(&Event::Presumed { believed: believed.clone() });
        let mut doubts = believed;
        doubts.sort_by(|(_, a), (_, b)| b.margin.total_cmp(&a.margin));
        Some(doubts)
    }

    /// Takes facts that are as doubtful as when they were presumed for what they were taken then; false
    /// when there are none.
    fn recall(&self, sense: &mut Sense) -> bool {
        let facts = &mut sense.belief.facts;
        let mut any = false;
        for (atom, &(leaning, truth)) in &self.presumed {
            let evidence = facts.get(atom);
            if evidence.truth == Truth::Unknown && evidence.leaning == leaning {
                facts.insert(atom.clone(), Evidence { truth, leaning: truth, ..evidence });
                any = true;
            }
        }
        any
    }

    /// Takes the least sure of the doubtful facts the other way than it leans, as one whose goal is said
    /// to be within reach may; false when there are none left.
    fn hope(&mut self, doubts: &mut Vec<(Atom, Evidence)>, sense: &mut Sense) -> bool {
        let Some((atom, evidence)) = doubts.pop() else { return false };
        let turned = Evidence { truth: evidence.leaning.negated(), ..evidence.negated() };
        sense.belief.facts.insert(atom.clone(), turned);
        self.presumed.insert(atom.clone(), (evidence.leaning, turned.truth));
        self.tell(&Event::Presumed { believed: vec![(atom, turned)] });
        true
    }

    /// Executes a plan from its first step to the goal.
    fn follow(&mut self, plan: &Plan, sense: &mut Sense) -> Result<(), Stop> {
        for (index, step) in plan.steps.iter().enumerate() {
            self.heed()?;
            self.expect(plan, index, sense)?;
            self.perform(index, step, sense)?;
        }
        self.heed()?;
        self.expect(plan, plan.steps.len(), sense)
    }

    /// Takes a new goal on, for which the plan was not made.
    fn heed(&mut self) -> Result<(), Stop> {
        let Some(goal) = self.agent.goals.new_goal() else { return Ok(()) };
        self.agent.goal = goal;
        Err(Stop::Replan("there is a new goal".into()))
    }

    /// Checks that the plan, from step `index` on, still leads to the goal from what is believed.
    fn expect(&mut self, plan: &Plan, index: usize, sense: &mut Sense) -> Result<(), Stop> {
        for look in 0..=LOOKS {
            let mut obstacles = self.obstacles(plan, index, sense);
            if !obstacles.is_empty() && self.recall(sense) {
                obstacles = self.obstacles(plan, index, sense);
            }
            if obstacles.is_empty() {
                return Ok(());
            }
            let missing = with_evidence(obstacles, &sense.belief);
            let leaning = look == LOOKS && !certain(&missing) && self.presume(sense).is_some();
            if leaning && self.obstacles(plan, index, sense).is_empty() {
                return Ok(());
            }
            if look == LOOKS || (look > 0 && certain(&missing)) {
                self.mismatch(index, missing);
                let reason = "the rest of the plan does not lead to the goal from here";
                return Err(Stop::Replan(reason.into()));
            }
            let atoms = atoms(&missing);
            *sense = self
                .look_again("the scene is not as the plan expects", atoms, look)
                .map_err(Stop::End)?;
        }
        Ok(())
    }

    /// What keeps the plan, from step `index` on, from leading to the goal from what is believed.
    fn obstacles(&self, plan: &Plan, index: usize, sense: &Sense) -> Vec<Literal> {
        plan.obstacles(index, &sense.belief.facts.state(), &self.agent.goal)
    }

    /// Executes one action, with its retries, until its effects are believed.
    fn perform(&mut self, index: usize, step: &PlanStep, sense: &mut Sense) -> Result<(), Stop> {
        let attempts = self.agent.budgets.attempts;
        let mut attempt = 1;
        loop {
            self.tell(&Event::ActionStarted { index, action: step.action.clone(), attempt });
            let failure = match self.run_skills(step, sense).map_err(Stop::End)? {
                Ended::Done => None,
                Ended::Failed(reason) => Some(reason),
                Ended::Held(reason) => return Err(Stop::Replan(reason)),
            };
            if failure.is_some() || !unmet(&step.effects, &sense.belief).is_empty() {
                let reason = "the action did not end as expected";
                let atoms = atoms(&unmet(&step.effects, &sense.belief));
                *sense = self.look_again(reason, atoms, attempt - 1).map_err(Stop::End)?;
            }
            if !certain(&unmet(&step.effects, &sense.belief)) {
                self.presume(sense);
            }
            let missing = unmet(&step.effects, &sense.belief);
            if missing.is_empty() {
                self.counts.actions += 1;
                self.tell(&Event::ActionSucceeded { index, action: step.action.clone() });
                return Ok(());
            }
            self.mismatch(index, missing);
            let reason = failure.unwrap_or_else(|| "its effects are not seen".into());
            if attempt >= attempts || !unmet(&step.preconditions, &sense.belief).is_empty() {
                return Err(Stop::Replan(reason));
            }
            attempt += 1;
            self.counts.retries += 1;
            self.tell(&Event::Retry { attempt, reason });
        }
    }

    /// Runs the skills of an action in order.
    fn run_skills(&mut self, step: &PlanStep, sense: &mut Sense) -> Result<Ended, Outcome> {
        for call in self.agent.bindings.calls(&step.action) {
            self.tell(&Event::SkillStarted(call.clone()));
            let before = self.counts.steps;
            let ended = self.run_skill(&call, sense)?;
            let steps = self.counts.steps - before;
            let failure = match &ended {
                Ended::Done => None,
                Ended::Failed(reason) | Ended::Held(reason) => Some(reason.clone()),
            };
            self.tell(&Event::SkillEnded { call, steps, failure });
            if !matches!(ended, Ended::Done) {
                return Ok(ended);
            }
        }
        Ok(Ended::Done)
    }

    fn run_skill(&mut self, call: &SkillCall, sense: &mut Sense) -> Result<Ended, Outcome> {
        let Some(mut skill) = self.agent.skills.remove(&call.skill) else {
            return Ok(Ended::Failed(format!("there is no skill {:?}", call.skill)));
        };
        let result = self.drive(skill.as_mut(), call, sense);
        self.agent.skills.insert(call.skill.clone(), skill);
        result
    }

    fn drive(
        &mut self,
        skill: &mut dyn Skill,
        call: &SkillCall,
        sense: &mut Sense,
    ) -> Result<Ended, Outcome> {
        if let Err(reason) = skill.start(&call.args, &sense.belief, &sense.observation) {
            return Ok(Ended::Failed(reason));
        }
        for _ in 0..skill.budget_steps() {
            let command = match skill.step(&sense.belief, &sense.observation) {
                SkillStatus::Done => return Ok(Ended::Done),
                SkillStatus::Failed(reason) => return Ok(Ended::Failed(reason)),
                SkillStatus::Running(command) => command,
            };
            if let Acted::Held(reason) = self.act(&command, sense)? {
                return Ok(Ended::Held(reason));
            }
        }
        let budget = skill.budget_steps();
        Ok(Ended::Failed(format!("{} took more than {budget} steps", call.skill)))
    }

    /// Executes one command and perceives what came of it. A robot that holds is waited for, and what it
    /// then senses is where everything goes on from.
    fn act(&mut self, command: &Command, sense: &mut Sense) -> Result<Acted, Outcome> {
        let limit = self.agent.budgets.time_secs;
        if self.counts.time_secs >= limit {
            return Err(Outcome::GaveUp(format!("the time limit of {limit} s is reached")));
        }
        let record = StepRecord { observation: &sense.observation, belief: &sense.belief, command };
        self.observer.on_step(record);
        self.counts.gripper = command.gripper;
        let observation = match self.robot.step(command) {
            Ok(observation) => observation,
            Err(RobotError::Held(reason)) => {
                self.tell(&Event::Intervention(reason.clone()));
                *sense = self.sense()?;
                return Ok(Acted::Held(reason));
            }
            Err(error) => return Err(stopped(error)),
        };
        self.counts.steps += 1;
        self.counts.time_secs = observation.time_secs;
        let belief = self.agent.perceiver.perceive(&observation).map_err(blind)?;
        *sense = Sense { observation, belief };
        Ok(Acted::Moved)
    }

    /// Perceives anew, the hand's camera above one of the bodies that `doubts` name, another one at each
    /// look, and at rest, so that what moves can come to rest too. Fingers that closed on nothing open.
    fn look_again(&mut self, reason: &str, doubts: Vec<Atom>, look: u32) -> Result<Sense, Outcome> {
        self.tell(&Event::LookAgain { reason: reason.into() });
        let mut sense = self.sense()?;
        if sense.belief.gripper.opening < CLOSED {
            self.counts.gripper = -1.0;
        }
        let bodies = look::doubtful(doubts.iter(), &sense.belief);
        let body = bodies.get(look as usize % bodies.len().max(1)).copied();
        for _ in 0..LOOK_STEPS {
            let (cameras, gripper) = (&self.agent.cameras, self.counts.gripper);
            let Some(command) = look::towards(&sense.belief, body, look, cameras, gripper) else {
                break;
            };
            if let Acted::Held(_) = self.act(&command, &mut sense)? {
                return Ok(sense);
            }
        }
        for _ in 0..SETTLE_STEPS {
            if let Acted::Held(_) = self.act(&Command::hold(self.counts.gripper), &mut sense)? {
                break;
            }
        }
        Ok(sense)
    }

    fn sense(&mut self) -> Result<Sense, Outcome> {
        let observation = self.robot.observe().map_err(stopped)?;
        self.counts.time_secs = observation.time_secs;
        let belief = self.agent.perceiver.perceive(&observation).map_err(blind)?;
        Ok(Sense { observation, belief })
    }

    fn mismatch(&mut self, index: usize, missing: Vec<(Literal, Evidence)>) {
        let (expected, believed) =
            missing.into_iter().map(|(l, e)| (l.clone(), (l.atom, e))).unzip();
        self.tell(&Event::Mismatch { index, expected, believed });
    }

    fn tell(&mut self, event: &Event) {
        self.observer.on_event(self.counts.time_secs, event);
    }
}

/// The literals that are not believed to hold, with the evidence for their atoms.
fn unmet(literals: &[Literal], belief: &Belief) -> Vec<(Literal, Evidence)> {
    let unmet = literals.iter().filter(|l| belief.facts.truth_of(l) != Truth::True);
    with_evidence(unmet.cloned().collect(), belief)
}

fn with_evidence(literals: Vec<Literal>, belief: &Belief) -> Vec<(Literal, Evidence)> {
    literals
        .into_iter()
        .map(|l| {
            let e = belief.facts.get(&l.atom);
            (l, e)
        })
        .collect()
}

fn atoms(literals: &[(Literal, Evidence)]) -> Vec<Atom> {
    literals.iter().map(|(l, _)| l.atom.clone()).collect()
}

/// Whether none of the missing literals is merely unknown.
fn certain(missing: &[(Literal, Evidence)]) -> bool {
    missing.iter().all(|(_, e)| e.truth != Truth::Unknown)
}

fn stopped(error: RobotError) -> Outcome {
    Outcome::GaveUp(error.to_string())
}

fn blind(error: PerceiveError) -> Outcome {
    Outcome::GaveUp(error.to_string())
}
