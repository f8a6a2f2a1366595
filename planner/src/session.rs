//! The planner of an agent: a task loaded once, asked again and again with changing states.

mod charge;
mod kept;

use std::collections::BTreeMap;

use ergon_vocab::{
    Clock, GroundAction, Limit, Literal, Plan, PlanOutcome, PlanStep, Planner, State,
};

use self::{charge::Charged, kept::Kept};
use crate::{
    Budget, Fluent, Limits, Report, SearchOptions, Task,
    execution::{Mender, Progress, RepairOutcome},
    model::Formula,
    solve::{self, Ground, Question},
};

/// What an action is charged with beyond its cost, such as a grasp that has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Penalty {
    /// Its cost is so much higher when plans are compared, in units of the domain's action costs. Taken
    /// as 16 million at most, of the units in which costs are whole numbers.
    Extra(u64),
    /// It is in no plan.
    Forbidden,
}

/// The largest extra cost: sums over a plan stay within 32 bits.
const MAX_EXTRA: u64 = 1 << 24;

/// A planner with its task loaded, asked again and again with changing states. It keeps the ground
/// tasks of the last goals: where one is right for a changed state too, nothing is ground again.
#[derive(Clone, Debug)]
pub struct Session<C> {
    task: Task,
    /// What the numbers are believed to be.
    values: BTreeMap<Fluent, f64>,
    options: SearchOptions,
    clock: C,
    report: Report,
    penalties: BTreeMap<GroundAction, Penalty>,
    kept: Kept,
}

impl<C: Clock> Session<C> {
    /// Loads a task. Of its own initial state only the values of numbers are used, until others are
    /// set; its goal is not used.
    pub fn new(task: Task, options: SearchOptions, clock: C) -> Self {
        let (report, penalties, kept) = Default::default();
        Self { values: task.values().clone(), task, options, clock, report, penalties, kept }
    }

    /// The task.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// What the numbers are believed to be.
    pub fn values(&self) -> &BTreeMap<Fluent, f64> {
        &self.values
    }

    /// Believes a number to have another value from now on, such as the charge of a battery; returns
    /// the former one. `None` or a value that is not finite makes it undefined.
    pub fn set_value(&mut self, fluent: Fluent, value: Option<f64>) -> Option<f64> {
        match value.filter(|value| value.is_finite()) {
            Some(value) => self.values.insert(fluent, value),
            None => self.values.remove(&fluent),
        }
    }

    /// What the last search did.
    pub fn report(&self) -> Report {
        self.report
    }

    /// Charges an action with a penalty, in place of any former one. Plans avoid it from now on as
    /// far as the penalty is worth; the costs in plans remain those of the domain.
    pub fn penalize(&mut self, action: GroundAction, penalty: Penalty) {
        self.penalties.insert(action, penalty);
    }

    /// Lifts the penalty of an action; returns what it was.
    pub fn forgive(&mut self, action: &GroundAction) -> Option<Penalty> {
        self.penalties.remove(action)
    }

    /// The penalties in force.
    pub fn penalties(&self) -> &BTreeMap<GroundAction, Penalty> {
        &self.penalties
    }

    /// Plans from a complete state to a conjunction of literals within a budget, which takes the
    /// place of the limits among the options.
    pub fn plan_within(
        &mut self,
        state: &State,
        goal: &[Literal],
        budget: &Budget<'_>,
    ) -> PlanOutcome {
        if budget.is_cancelled() {
            return PlanOutcome::OutOf(Limit::Cancelled);
        }
        let goal = Formula::of_literals(goal);
        let question = Question { task: &self.task, state, values: &self.values, goal: &goal };
        let start = self.clock.now();
        let grounding = match self.kept.ground(question, &budget.limits, &self.clock) {
            Ok(grounding) => grounding,
            Err(limit) => {
                self.report = Report::default();
                return PlanOutcome::OutOf(limit);
            }
        };
        let charged = Charged::new(grounding.task_mut(), &self.penalties);
        let ground =
            Ground { task: grounding.task(), time: self.clock.now().saturating_sub(start) };
        let (kind, clock) = (self.options.search, &self.clock);
        let (outcome, report) =
            solve::best(|keep| solve::solve_ground(question, ground, kind, budget, clock, keep));
        charged.lift(grounding.task_mut());
        self.report = report;
        match outcome {
            PlanOutcome::Solved(plan) => PlanOutcome::Solved(self.discharge(plan)),
            PlanOutcome::Unsolvable(why) => PlanOutcome::Unsolvable(self.with_forbidden(why)),
            limit => limit,
        }
    }

    /// Makes a plan for a changed state out of an old plan. An action under way stays the first. Of
    /// the old plan's tails, of ways back to one of them, and of a plan made anew, it takes the
    /// cheapest, and among equals the one that keeps most of the old plan. The result costs no more
    /// than the plan that is found anew, where one is found within the budget: half of the budget
    /// is for that, the rest for ways back. With a budget of no expansions it only reuses.
    pub fn repair(
        &mut self,
        state: &State,
        goal: &[Literal],
        plan: &Plan,
        progress: Progress,
        budget: &Budget<'_>,
    ) -> RepairOutcome {
        let penalties = self.penalties.clone();
        let scale = self.report.cost_scale;
        let weigh = |step: &PlanStep| weigh(&penalties, scale, step);
        let mut mender = Mender::new(plan, progress, state, goal, &weigh);
        let failure = if mender.is_settled() || mender.is_solved() && budget.limits.expansions == 0
        {
            None
        } else {
            self.mend(&mut mender, goal, budget, &weigh)
        };
        match (mender.finish(), failure) {
            (Some(repair), _) => RepairOutcome::Repaired(repair),
            (None, Some(PlanOutcome::Unsolvable(why))) => RepairOutcome::Unsolvable(why),
            (None, Some(PlanOutcome::OutOf(limit))) => RepairOutcome::OutOf(limit),
            // A forbidden action would have to be in every plan that was found.
            (None, _) => RepairOutcome::OutOf(Limit::Expansions),
        }
    }

    /// Searches anew, then for ways back to the old plan. Returns how the first ended.
    fn mend(
        &mut self,
        mender: &mut Mender<'_>,
        goal: &[Literal],
        budget: &Budget<'_>,
        weigh: &impl Fn(&PlanStep) -> Option<u64>,
    ) -> Option<PlanOutcome> {
        let start = self.clock.now();
        let state = mender.state.clone();
        let limits = budget.limits;
        let half =
            Limits { time: limits.time / 2, expansions: limits.expansions.div_ceil(2), ..limits };
        let outcome = self.plan_within(&state, goal, &Budget { limits: half, ..*budget });
        let fresh = self.report;
        let solved = matches!(outcome, PlanOutcome::Solved(_));
        if let PlanOutcome::Solved(plan) = &outcome {
            mender.add(plan.clone(), weigh);
        }
        let mut expanded = fresh.expanded;
        for (from, condition) in mender.bridges() {
            let in_vain = matches!(outcome, PlanOutcome::Unsolvable(_));
            if in_vain || mender.is_all_old() || !mender.is_of_use(from) {
                break;
            }
            let elapsed = self.clock.now().saturating_sub(start);
            let left = limits.expansions.saturating_sub(expanded);
            // Where a plan is known, a way back is worth no more effort than that took.
            let expansions = if solved { left.min(fresh.expanded + 1) } else { left };
            let limits = Limits { time: limits.time.saturating_sub(elapsed), expansions, ..limits };
            let way = self.plan_within(&state, &condition, &Budget { limits, ..*budget });
            expanded += self.report.expanded;
            if let PlanOutcome::Solved(way) = way {
                mender.add_bridge(way, from, weigh);
            }
        }
        self.report.expanded = expanded;
        self.report.search_time = self.clock.now().saturating_sub(start);
        Some(outcome)
    }

    /// Takes the penalties out of the costs of a plan.
    fn discharge(&self, mut plan: Plan) -> Plan {
        for step in &mut plan.steps {
            let penalty = self.penalties.get(&step.action);
            let extra = penalty.and_then(|p| p.extra(self.report.cost_scale)).unwrap_or(0);
            step.cost = step.cost.saturating_sub(extra);
        }
        plan
    }

    /// Says which actions were not to be used, in an explanation of why there is no plan.
    fn with_forbidden(&self, why: String) -> String {
        let forbidden = self.penalties.iter().filter(|(_, p)| **p == Penalty::Forbidden);
        let names: Vec<String> =
            forbidden.map(|(a, _)| self.task.symbols().show_action(a).to_string()).collect();
        match names.len() {
            0 => why,
            1 => format!("{why}; {} is forbidden", names[0]),
            n if n <= 4 => format!("{why}; {} are forbidden", names.join(", ")),
            n => format!("{why}; {}, ... ({n} actions) are forbidden", names[..3].join(", ")),
        }
    }
}

impl Penalty {
    /// The extra cost where costs have been multiplied with `scale`.
    fn extra(self, scale: u32) -> Option<u64> {
        match self {
            Self::Extra(extra) => Some(extra.saturating_mul(scale.max(1).into()).min(MAX_EXTRA)),
            Self::Forbidden => None,
        }
    }
}

/// The present cost of a step, `None` if it is forbidden.
fn weigh(penalties: &BTreeMap<GroundAction, Penalty>, scale: u32, step: &PlanStep) -> Option<u64> {
    match penalties.get(&step.action) {
        None => Some(step.cost),
        Some(penalty) => penalty.extra(scale).map(|extra| step.cost.saturating_add(extra)),
    }
}

impl<C: Clock> Planner for Session<C> {
    fn plan(&mut self, state: &State, goal: &[Literal]) -> PlanOutcome {
        let budget = Budget { limits: self.options.limits, cancel: None };
        self.plan_within(state, goal, &budget)
    }
}
