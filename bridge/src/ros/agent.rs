//! Ergon for others: a node that plans and executes, shaped as PlanSys2's domain expert, problem
//! expert, planner and executor are.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Scope;
use std::time::Duration;

use ros2_client::{Message, RmwRequestId, Server};

use super::execute::Executor;
use super::line::{Desk, End};
use super::messages::ergon_msgs::{
    GetFactsRequest, GetFactsResponse, MakePlanFeedback, MakePlanGoal, MakePlanResult,
    SetGoalRequest, SetGoalResponse, ValidatePlanRequest, ValidatePlanResponse,
};
use super::messages::plansys2_msgs::{
    AddProblemGoalRequest, AddProblemGoalResponse, GetDomainRequest, GetDomainResponse,
    GetPlanRequest, GetPlanResponse, GetProblemGoalRequest, GetProblemGoalResponse,
    GetProblemInstancesRequest, GetProblemInstancesResponse, GetProblemRequest, GetProblemResponse,
    GetStatesRequest, GetStatesResponse, Param, Plan, PlanItem, ValidateDomainRequest,
    ValidateDomainResponse,
};
use super::plansys2::{atom_node, goal_text, goal_tree};
use super::wire::{RosError, Wire};
use crate::robot::RobotFile;
use crate::time::pause;

/// How often the node looks for requests.
const TICK: Duration = Duration::from_millis(5);
/// The most plans that are made at the same time.
const MOST_PLANS: usize = 4;
/// The longest PDDL text that is read, bytes.
pub(super) const LONGEST_TEXT: usize = 4 << 20;

/// A plan, or why there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The actions of the plan, such as `(pick c1)`; `None` where there is none.
    pub plan: Option<Vec<String>>,
    /// What it costs.
    pub cost: f64,
    /// Whether no better plan exists.
    pub optimal: bool,
    /// Why there is no plan, or why the search for a better one ended.
    pub info: String,
}

/// Something that happens while a plan is executed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AgentEvent {
    /// What kind of event, in one word.
    pub event: String,
    /// The event in words.
    pub text: String,
    /// The present step of the plan, such as `(pick c1)`.
    pub action: String,
    /// Its index.
    pub step: usize,
    /// Length of the plan.
    pub steps: usize,
    /// The plan, where it was just made.
    pub plan: Vec<String>,
    /// Since the beginning, s.
    pub time_secs: f64,
}

/// What an execution came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Execution {
    /// `solved`, `unsolvable`, `gave-up` or `cancelled`.
    pub outcome: String,
    /// Why, where it is not solved.
    pub info: String,
    /// Actions that ended with their expected effects.
    pub actions: u32,
    /// Actions tried once more.
    pub retries: u32,
    /// Plans made after the first.
    pub replans: u32,
}

/// What is offered to others. Texts are PDDL; an empty one stands for the agent's own.
pub trait Agent: Sync {
    /// The domain.
    fn domain(&self) -> String;

    /// What is believed now, and the goal, as a problem.
    ///
    /// # Errors
    /// Nothing is believed yet, and why.
    fn problem(&self) -> Result<String, String>;

    /// Atoms that are believed to hold, and those that are not known.
    ///
    /// # Errors
    /// Nothing is believed yet, and why.
    fn facts(&self) -> Result<(Vec<String>, Vec<String>), String>;

    /// The goal: atoms such as `(on a b)`, and whether they shall hold.
    fn goal(&self) -> Vec<(String, bool)>;

    /// The objects, and the type of each.
    fn objects(&self) -> Vec<(String, String)>;

    /// Sets the goal.
    ///
    /// # Errors
    /// What is wrong with it.
    fn set_goal(&self, goal: &str) -> Result<(), String>;

    /// Checks a domain.
    ///
    /// # Errors
    /// What is wrong with it.
    fn validate_domain(&self, domain: &str) -> Result<(), String>;

    /// Checks a plan.
    ///
    /// # Errors
    /// Where it breaks.
    fn validate_plan(&self, domain: &str, problem: &str, plan: &[String]) -> Result<(), String>;

    /// Makes a plan; `found` is told of each that is better than those before, `stop` ends the search.
    fn plan(
        &self,
        texts: (&str, &str),
        time_secs: f64,
        found: &mut dyn FnMut(&Answer),
        stop: &AtomicBool,
    ) -> Answer;

    /// Plans for a goal and executes the plan.
    fn execute(&self, goal: &str, tell: &mut dyn FnMut(AgentEvent), stop: &AtomicBool)
    -> Execution;

    /// Executes a plan that leads from what is believed to the goal; where something goes wrong on the
    /// way, another plan to the same goal. A plan that does not lead there is not begun.
    fn execute_plan(
        &self,
        plan: &[String],
        tell: &mut dyn FnMut(AgentEvent),
        stop: &AtomicBool,
    ) -> Execution;
}

/// Work that goes on while the node answers others.
pub(super) struct Job<T> {
    pub(super) news: Receiver<T>,
    pub(super) stop: std::sync::Arc<AtomicBool>,
}

/// What workers report.
enum PlanNews {
    Better(Answer, f64),
    Ended(Answer),
}

struct Services {
    get_domain: Server<GetDomainRequest, GetDomainResponse>,
    get_problem: Server<GetProblemRequest, GetProblemResponse>,
    get_goal: Server<GetProblemGoalRequest, GetProblemGoalResponse>,
    add_goal: Server<AddProblemGoalRequest, AddProblemGoalResponse>,
    get_instances: Server<GetProblemInstancesRequest, GetProblemInstancesResponse>,
    get_predicates: Server<GetStatesRequest, GetStatesResponse>,
    get_plan: Server<GetPlanRequest, GetPlanResponse>,
    validate_domain: Server<ValidateDomainRequest, ValidateDomainResponse>,
    get_facts: Server<GetFactsRequest, GetFactsResponse>,
    set_goal: Server<SetGoalRequest, SetGoalResponse>,
    validate_plan: Server<ValidatePlanRequest, ValidatePlanResponse>,
}

/// Serves an agent until `stop`.
///
/// # Errors
/// The network cannot be used.
pub fn serve_agent(file: &RobotFile, agent: &dyn Agent, stop: &AtomicBool) -> Result<(), RosError> {
    let mut wire = Wire::open(&file.ros, "ergon")?;
    let full = |name: &str| file.full_name(name);
    let services = Services::open(&mut wire, &full)?;
    let mut planning =
        Desk::new(wire.action_server::<MakePlanGoal, MakePlanResult, MakePlanFeedback>(
            &full("ergon/make_plan"),
            ("ergon_msgs", "MakePlan"),
        )?);
    let mut executor = Executor::open(&mut wire, &full)?;
    std::thread::scope(|scope| {
        let mut plan: Option<Job<PlanNews>> = None;
        let mut answers = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            services.answer(agent);
            answer_plans(scope, &services.get_plan, agent, &mut answers);
            serve_plan(scope, &mut planning, agent, &mut plan);
            executor.serve(scope, agent);
            pause(TICK);
        }
        executor.stop();
        plan.iter().for_each(|job| job.stop.store(true, Ordering::Relaxed));
        for (_, job) in &answers {
            let job: &Job<PlanNews> = job;
            job.stop.store(true, Ordering::Relaxed);
        }
    });
    Ok(())
}

/// Starts work of which `work` reports.
pub(super) fn start<'s, T: Send + 's>(
    scope: &'s Scope<'s, '_>,
    work: impl FnOnce(&Sender<T>, &AtomicBool) + Send + 's,
) -> Job<T> {
    let (sender, news) = channel();
    let stop = std::sync::Arc::new(AtomicBool::new(false));
    let flag = std::sync::Arc::clone(&stop);
    scope.spawn(move || work(&sender, &flag));
    Job { news, stop }
}

fn plan_job<'s>(
    scope: &'s Scope<'s, '_>,
    agent: &'s dyn Agent,
    (domain, problem, time_secs): (String, String, f64),
) -> Job<PlanNews> {
    start(scope, move |news, stop| {
        let clock = crate::time::Stopwatch::start();
        let mut found = |answer: &Answer| {
            // The node may have ended.
            let _heard = news.send(PlanNews::Better(answer.clone(), clock.elapsed().as_secs_f64()));
        };
        let answer = match domain.len().max(problem.len()) > LONGEST_TEXT {
            true => Answer {
                info: format!("a text has more than {LONGEST_TEXT} bytes"),
                ..Answer::default()
            },
            false => agent.plan((&domain, &problem), time_secs, &mut found, stop),
        };
        let _heard = news.send(PlanNews::Ended(answer));
    })
}

fn serve_plan<'s>(
    scope: &'s Scope<'s, '_>,
    desk: &mut Desk<MakePlanGoal, MakePlanResult, MakePlanFeedback>,
    agent: &'s dyn Agent,
    job: &mut Option<Job<PlanNews>>,
) {
    let busy = job.is_some();
    let taken = desk.take(|goal| !busy && goal.time_secs.is_finite(), MakePlanResult::default);
    if let Some(MakePlanGoal { domain, problem, time_secs }) = taken {
        *job = Some(plan_job(scope, agent, (domain, problem, time_secs)));
    }
    if desk.called_off()
        && let Some(job) = job
    {
        job.stop.store(true, Ordering::Relaxed);
    }
    desk.answer();
    let Some(Job { news, stop }) = job else { return };
    // One a tick: clients keep no more than a few of what comes in a burst, as dry executions make it.
    if let Ok(news) = news.try_recv() {
        match news {
            PlanNews::Better(Answer { plan, cost, .. }, time_secs) => {
                desk.feedback(MakePlanFeedback { plan: plan.unwrap_or_default(), cost, time_secs });
            }
            PlanNews::Ended(answer) => {
                let end = match (stop.load(Ordering::Relaxed), &answer.plan) {
                    (true, _) => End::Canceled,
                    (false, Some(_)) => End::Succeeded,
                    (false, None) => End::Aborted,
                };
                let Answer { plan, cost, optimal, info: error_info } = answer;
                let success = plan.is_some();
                let plan = plan.unwrap_or_default();
                desk.end(end, MakePlanResult { success, plan, cost, optimal, error_info });
                *job = None;
            }
        }
    }
}

type PlanServer = Server<GetPlanRequest, GetPlanResponse>;

/// PlanSys2's own service: each plan is made in a thread of its own, so that nobody waits for others.
fn answer_plans<'s>(
    scope: &'s Scope<'s, '_>,
    server: &PlanServer,
    agent: &'s dyn Agent,
    jobs: &mut Vec<(RmwRequestId, Job<PlanNews>)>,
) {
    while jobs.len() < MOST_PLANS
        && let Ok(Some((request, GetPlanRequest { domain, problem }))) = server.receive_request()
    {
        jobs.push((request, plan_job(scope, agent, (domain, problem, 0.0))));
    }
    jobs.retain(|(request, job)| {
        let ended = job.news.try_iter().find_map(|news| match news {
            PlanNews::Ended(answer) => Some(answer),
            PlanNews::Better(..) => None,
        });
        let Some(Answer { plan, info, .. }) = ended else { return true };
        let success = plan.is_some();
        let item = |(i, action)| PlanItem { time: i as f32, action, duration: 1.0 };
        let items = plan.unwrap_or_default().into_iter().enumerate().map(item).collect();
        let error_info = if success { String::new() } else { info };
        reply(server, *request, GetPlanResponse { success, plan: Plan { items }, error_info });
        false
    });
}

fn reply<Q, A>(server: &Server<Q, A>, request: RmwRequestId, answer: A)
where
    Q: Message + Clone + 'static,
    A: Message + 'static,
{
    // A client that is gone needs no answer.
    let _heard = server.send_response(request, answer);
}

/// Success and the text of an error.
fn split<T: Default>(result: Result<T, String>) -> (bool, T, String) {
    match result {
        Ok(value) => (true, value, String::new()),
        Err(why) => (false, T::default(), why),
    }
}

impl Services {
    fn open(wire: &mut Wire, full: &dyn Fn(&str) -> String) -> Result<Self, RosError> {
        let plansys2 = |kind| ("plansys2_msgs", kind);
        let ergon = |kind| ("ergon_msgs", kind);
        Ok(Self {
            get_domain: wire.server(&full("domain_expert/get_domain"), plansys2("GetDomain"))?,
            get_problem: wire
                .server(&full("problem_expert/get_problem"), plansys2("GetProblem"))?,
            get_goal: wire
                .server(&full("problem_expert/get_problem_goal"), plansys2("GetProblemGoal"))?,
            add_goal: wire
                .server(&full("problem_expert/add_problem_goal"), plansys2("AddProblemGoal"))?,
            get_instances: wire.server(
                &full("problem_expert/get_problem_instances"),
                plansys2("GetProblemInstances"),
            )?,
            get_predicates: wire
                .server(&full("problem_expert/get_problem_predicates"), plansys2("GetStates"))?,
            get_plan: wire.server(&full("planner/get_plan"), plansys2("GetPlan"))?,
            validate_domain: wire
                .server(&full("planner/validate_domain"), plansys2("ValidateDomain"))?,
            get_facts: wire.server(&full("ergon/get_facts"), ergon("GetFacts"))?,
            set_goal: wire.server(&full("ergon/set_goal"), ergon("SetGoal"))?,
            validate_plan: wire.server(&full("ergon/validate_plan"), ergon("ValidatePlan"))?,
        })
    }

    /// Answers what PlanSys2's problem expert is asked.
    fn answer_problem(&self, agent: &dyn Agent) {
        while let Ok(Some((request, _))) = self.get_problem.receive_request() {
            let (success, problem, error_info) = split(agent.problem());
            reply(&self.get_problem, request, GetProblemResponse { success, problem, error_info });
        }
        while let Ok(Some((request, _))) = self.get_goal.receive_request() {
            let (success, tree, error_info) = (true, goal_tree(&agent.goal()), String::new());
            reply(&self.get_goal, request, GetProblemGoalResponse { success, tree, error_info });
        }
        while let Ok(Some((request, asked))) = self.add_goal.receive_request() {
            let set = goal_text(&asked.tree).and_then(|goal| agent.set_goal(&goal));
            let (success, (), error_info) = split(set);
            reply(&self.add_goal, request, AddProblemGoalResponse { success, error_info });
        }
        while let Ok(Some((request, _))) = self.get_instances.receive_request() {
            let of = |(name, r#type)| Param { name, r#type, sub_types: Vec::new() };
            let instances = agent.objects().into_iter().map(of).collect();
            let (success, error_info) = (true, String::new());
            let answer = GetProblemInstancesResponse { success, instances, error_info };
            reply(&self.get_instances, request, answer);
        }
        while let Ok(Some((request, _))) = self.get_predicates.receive_request() {
            let (success, (facts, _), error_info) = split(agent.facts());
            let states = facts.iter().enumerate().map(|(i, fact)| atom_node(fact, i)).collect();
            reply(&self.get_predicates, request, GetStatesResponse { success, states, error_info });
        }
    }

    /// Answers what needs no time.
    fn answer(&self, agent: &dyn Agent) {
        self.answer_problem(agent);
        while let Ok(Some((request, _))) = self.get_domain.receive_request() {
            let (success, domain, error_info) = (true, agent.domain(), String::new());
            reply(&self.get_domain, request, GetDomainResponse { success, domain, error_info });
        }
        while let Ok(Some((request, asked))) = self.validate_domain.receive_request() {
            let (success, (), error_info) = split(agent.validate_domain(&asked.domain));
            reply(&self.validate_domain, request, ValidateDomainResponse { success, error_info });
        }
        while let Ok(Some((request, _))) = self.get_facts.receive_request() {
            let (success, (facts, unknown), error_info) = split(agent.facts());
            let answer = GetFactsResponse { success, facts, unknown, error_info };
            reply(&self.get_facts, request, answer);
        }
        while let Ok(Some((request, asked))) = self.set_goal.receive_request() {
            let (success, (), error_info) = split(agent.set_goal(&asked.goal));
            reply(&self.set_goal, request, SetGoalResponse { success, error_info });
        }
        while let Ok(Some((request, asked))) = self.validate_plan.receive_request() {
            let ValidatePlanRequest { domain, problem, plan } = asked;
            let (success, (), error_info) = split(agent.validate_plan(&domain, &problem, &plan));
            reply(&self.validate_plan, request, ValidatePlanResponse { success, error_info });
        }
    }
}
