//! `ergon node`: planning and execution for others in the graph.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ergon_bench::{Cast, Opening, Watcher};
use ergon_bridge::ros::{Agent, AgentEvent, Answer, Execution, serve_agent};
use ergon_planner::{
    Domain, PlanFile, Problem, SearchKind, SearchOptions, Task, Verdict, validate,
};
use ergon_scenarios::GoalLiteral;
use ergon_sim::Simulator;
use ergon_vocab::{
    Belief, Event, Literal, ObjectSymbol, Observer, Outcome, Plan, PlanOutcome, PlanStep,
    StepRecord, Symbols, Truth,
};

use super::Arguments;
use super::field::{Field, Wish, listen_to_keys, no_ros};
use crate::clock::WallClock;
use crate::exit::{Exit, Failure};
use crate::out::say;
use crate::view::describe;
use crate::{interrupt, planning};

/// The longest search for a plan that is asked for by others, s.
const LONGEST: Duration = Duration::from_secs(3600);
/// Memory of a search, MiB.
const MEMORY: u64 = 1024;

/// What the node knows.
struct FieldAgent<'a> {
    field: Field,
    arguments: &'a Arguments,
    problem: Problem,
    /// The goal that was set; the scenario's at first.
    goal: Mutex<Vec<Literal>>,
    /// What was believed last.
    belief: Mutex<Option<Belief>>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let field = Field::read(arguments)?;
    let stop = interrupt::flag()?;
    listen_to_keys(&field.pressed);
    let instance = field.setup.scenario.instance(arguments.seed);
    let cast = Cast::new(&field.setup, &instance, &ergon_controller::SKILLS)?;
    let (goal, belief) = (Mutex::new(cast.goal.clone()), Mutex::new(None));
    let file = field.robot.file.clone();
    let agent = FieldAgent { field, arguments, problem: cast.problem, goal, belief };
    let mode = if arguments.arm { "armed" } else { "dry: executions move nothing" };
    say!("ready, {mode}; Ctrl-C ends it");
    serve_agent(&file, &agent, &stop).map_err(no_ros)?;
    Ok(Exit::Done)
}

/// A lock that outlives a panic of another thread: what it guards is replaced as a whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FieldAgent<'_> {
    /// A problem of the agent's own domain with another goal, as PDDL.
    fn with_goal(&self, goal: &str) -> Result<Problem, String> {
        let text = self.problem.to_string();
        let begin = text.find("(:goal").ok_or("the problem has no goal")?;
        let text = format!("{}(:goal {goal}))", &text[..begin]);
        Problem::parse(&text, "goal", self.problem.domain()).map_err(|e| e.to_string())
    }

    /// The literals of a goal; those that were set for an empty one.
    fn literals(&self, goal: &str) -> Result<Vec<Literal>, String> {
        if goal.trim().is_empty() {
            return Ok(lock(&self.goal).clone());
        }
        let problem = self.with_goal(goal)?;
        problem.goal().literals().ok_or_else(|| "expected a conjunction of literals".into())
    }

    /// The problem of two texts, empty ones standing for the agent's own.
    fn read(&self, domain: &str, problem: &str) -> Result<Problem, String> {
        let own = self.problem.domain();
        let domain = match domain.trim().is_empty() {
            true => own.clone(),
            false => Domain::parse(domain, "domain").map_err(|e| e.to_string())?,
        };
        match problem.trim().is_empty() {
            false => Problem::parse(problem, "problem", &domain).map_err(|e| e.to_string()),
            true => self.believed(),
        }
    }

    fn believed(&self) -> Result<Problem, String> {
        let belief = lock(&self.belief);
        let belief = belief.as_ref().ok_or("nothing is believed yet: execute something first")?;
        let problem = self.problem.clone().with_init(belief.facts.state());
        let problem = problem.and_then(|p| p.with_goal(lock(&self.goal).clone()));
        problem.map_err(|e| e.to_string())
    }
}

impl Agent for FieldAgent<'_> {
    fn domain(&self) -> String {
        self.field.setup.domain_text.clone()
    }

    fn problem(&self) -> Result<String, String> {
        self.believed().map(|problem| problem.to_string())
    }

    fn facts(&self) -> Result<(Vec<String>, Vec<String>), String> {
        let belief = lock(&self.belief);
        let facts =
            &belief.as_ref().ok_or("nothing is believed yet: execute something first")?.facts;
        let show = |truth| {
            let of = facts.iter().filter(move |(_, e)| e.truth == truth);
            of.map(|(atom, _)| self.problem.symbols().show_atom(atom).to_string()).collect()
        };
        Ok((show(Truth::True), show(Truth::Unknown)))
    }

    fn goal(&self) -> Vec<(String, bool)> {
        let symbols = self.problem.symbols();
        let of = |l: &Literal| (symbols.show_atom(&l.atom).to_string(), l.positive);
        lock(&self.goal).iter().map(of).collect()
    }

    fn objects(&self) -> Vec<(String, String)> {
        let symbols = self.problem.symbols();
        let of = |object: &ObjectSymbol| {
            let kind = symbols.types.get(object.type_id.index());
            (object.name.clone(), kind.map(|kind| kind.name.clone()).unwrap_or_default())
        };
        symbols.objects.iter().map(of).collect()
    }

    fn set_goal(&self, goal: &str) -> Result<(), String> {
        let literals = self.literals(goal)?;
        *lock(&self.goal) = literals;
        Ok(())
    }

    fn validate_domain(&self, domain: &str) -> Result<(), String> {
        Domain::parse(domain, "domain").map(drop).map_err(|e| e.to_string())
    }

    fn validate_plan(&self, domain: &str, problem: &str, plan: &[String]) -> Result<(), String> {
        let problem = self.read(domain, problem)?;
        let plan = PlanFile::parse(&plan.join("\n"), "plan").map_err(|e| e.to_string())?;
        match validate(&problem, &plan) {
            Verdict::Valid { .. } => Ok(()),
            verdict @ Verdict::Invalid(_) => Err(verdict.to_string()),
        }
    }

    fn plan(
        &self,
        (domain, problem): (&str, &str),
        time_secs: f64,
        found: &mut dyn FnMut(&Answer),
        stop: &AtomicBool,
    ) -> Answer {
        let problem = match self.read(domain, problem) {
            Ok(problem) => problem,
            Err(info) => return Answer { info, ..Answer::default() },
        };
        let task = Task::new(&problem);
        let time = Duration::try_from_secs_f64(time_secs).unwrap_or(LONGEST).min(LONGEST);
        let name = if time.is_zero() { "auto" } else { "anytime" };
        let search: SearchKind = match name.parse() {
            Ok(search) => search,
            Err(e) => return Answer { info: format!("{e}"), ..Answer::default() },
        };
        let time = if time.is_zero() { LONGEST } else { time };
        let limits = planning::limits(time, MEMORY, None);
        let options = SearchOptions { search, limits };
        let symbols = task.symbols();
        let mut on_plan = |plan: &Plan, _: &_| {
            found(&answer(plan, symbols));
            ControlFlow::Continue(())
        };
        let planned = planning::plan(&task, &options, &WallClock::new(), stop, &mut on_plan);
        let best = planned.best.as_ref().map(|plan| answer(plan, symbols)).unwrap_or_default();
        match planned.outcome {
            PlanOutcome::Solved(plan) => {
                Answer { optimal: search.name() == "anytime", ..answer(&plan, symbols) }
            }
            PlanOutcome::Unsolvable(info) => Answer { info, ..best },
            PlanOutcome::OutOf(limit) => Answer { info: format!("out of {limit:?}"), ..best },
        }
    }

    fn execute(
        &self,
        goal: &str,
        tell: &mut dyn FnMut(AgentEvent),
        stop: &AtomicBool,
    ) -> Execution {
        match self.literals(goal) {
            Ok(goal) => self.run(&goal, None, tell, stop),
            Err(info) => gave_up(info),
        }
    }

    fn execute_plan(
        &self,
        plan: &[String],
        tell: &mut dyn FnMut(AgentEvent),
        stop: &AtomicBool,
    ) -> Execution {
        let goal = lock(&self.goal).clone();
        match PlanFile::parse(&plan.join("\n"), "plan") {
            Ok(parsed) if parsed.steps.len() == plan.len() => {
                self.run(&goal, Some(&parsed), tell, stop)
            }
            Ok(_) => gave_up("expected one action such as (pick c1) in each item".into()),
            Err(e) => gave_up(e.to_string()),
        }
    }
}

fn gave_up(info: String) -> Execution {
    Execution { outcome: "gave-up".into(), info, ..Execution::default() }
}

impl FieldAgent<'_> {
    /// Runs one episode, with a plan to begin with or without one.
    fn run(
        &self,
        goal: &[Literal],
        plan: Option<&PlanFile>,
        tell: &mut dyn FnMut(AgentEvent),
        stop: &AtomicBool,
    ) -> Execution {
        let goal: Vec<GoalLiteral> =
            goal.iter().map(|l| named(l, self.problem.symbols())).collect();
        let mut teller =
            Teller { agent: self, tell, now: AgentEvent::default(), symbols: Symbols::default() };
        let wish = Wish { goal: Some(&goal), plan };
        match self.field.run(self.arguments, wish, stop, vec![&mut teller]) {
            Err(failure) => Execution {
                outcome: match failure.exit {
                    Exit::Interrupted => "cancelled",
                    _ => "gave-up",
                }
                .into(),
                info: failure.message,
                ..Execution::default()
            },
            Ok(report) => {
                let (outcome, info) = match report.outcome {
                    _ if stop.load(Ordering::Relaxed) => ("cancelled", "cancelled".to_owned()),
                    Outcome::Solved => ("solved", String::new()),
                    Outcome::Unsolvable(why) => ("unsolvable", why),
                    Outcome::GaveUp(why) => ("gave-up", why),
                };
                let (actions, retries, replans) = (report.actions, report.retries, report.replans);
                Execution { outcome: outcome.into(), info, actions, retries, replans }
            }
        }
    }
}

fn answer(plan: &Plan, symbols: &Symbols) -> Answer {
    let steps = plan.steps.iter().map(|step| symbols.show_action(&step.action).to_string());
    Answer { plan: Some(steps.collect()), cost: plan.cost() as f64, ..Answer::default() }
}

/// A literal by names, as scenarios have them.
fn named(literal: &Literal, symbols: &Symbols) -> GoalLiteral {
    let args = literal.atom.args.iter().map(|&a| symbols.object_name(a).to_owned());
    GoalLiteral {
        predicate: symbols.predicate_name(literal.atom.predicate).to_owned(),
        args: args.collect(),
        positive: literal.positive,
    }
}

/// Tells of events and remembers what is believed.
struct Teller<'a> {
    agent: &'a FieldAgent<'a>,
    tell: &'a mut dyn FnMut(AgentEvent),
    now: AgentEvent,
    symbols: Symbols,
}

impl Watcher for Teller<'_> {
    fn on_begin(&mut self, opening: &Opening<'_>) {
        self.symbols = opening.cast.task.symbols().clone();
    }

    fn on_moment(&mut self, _: &Simulator) {}
}

impl Observer for Teller<'_> {
    fn on_event(&mut self, time_secs: f64, event: &Event) {
        let kind = match event {
            Event::Planned { plan, .. } => {
                self.now.steps = plan.steps.len();
                let show = |step: &PlanStep| self.symbols.show_action(&step.action).to_string();
                self.now.plan = plan.steps.iter().map(show).collect();
                "planned"
            }
            Event::ActionStarted { index, action, .. } => {
                self.now.step = *index;
                self.now.action = self.symbols.show_action(action).to_string();
                "action"
            }
            Event::SkillStarted(_) | Event::SkillEnded { .. } => "skill",
            Event::ActionSucceeded { .. } => "success",
            Event::Mismatch { .. } => "mismatch",
            Event::Retry { .. } => "retry",
            Event::Replan { .. } => "replan",
            Event::LookAgain { .. } | Event::Presumed { .. } => "look",
            Event::Intervention(_) => "intervention",
            Event::Disturbance(_) | Event::Finished(_) => "end",
        };
        self.now.event = kind.into();
        self.now.text = describe(&self.symbols, self.now.steps, event).unwrap_or_default();
        self.now.time_secs = time_secs;
        (self.tell)(self.now.clone());
        self.now.plan.clear();
    }

    fn on_step(&mut self, record: StepRecord<'_>) {
        *lock(&self.agent.belief) = Some(record.belief.clone());
    }
}
