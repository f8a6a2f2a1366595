//! From a task to a plan: grounding, search, explanation.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    time::Duration,
};

use ergon_vocab::{Atom, Clock, Literal, Plan, PlanOutcome, State};

use crate::{
    Budget, Fluent, GroundMetric, GroundTask, Report, SearchKind, SearchOptions, Task,
    model::Formula,
    search::{OperatorId, SearchOutcome, TransitionSystem, search},
};

/// Receives plan after plan, each cheaper than the one before, with what the search has done so far.
/// It may end the search.
pub type OnPlan<'p> = dyn FnMut(&Plan, &Report) -> ControlFlow<()> + 'p;

/// Solves a task.
pub fn solve(task: &Task, options: &SearchOptions, clock: &dyn Clock) -> (PlanOutcome, Report) {
    let question = Question { task, state: task.init(), values: task.values(), goal: task.goal() };
    solve_best(question, options, clock)
}

/// Solves a task and hands out every plan that is found. [`SearchKind::Anytime`] finds many, most
/// others one. The outcome is the last plan, or the limit that ended the search for a cheaper one.
pub fn solve_anytime(
    task: &Task,
    search: SearchKind,
    budget: &Budget<'_>,
    clock: &dyn Clock,
    on_plan: &mut OnPlan<'_>,
) -> (PlanOutcome, Report) {
    let question = Question { task, state: task.init(), values: task.values(), goal: task.goal() };
    solve_question(question, search, budget, clock, on_plan)
}

/// Solves a task from another state and for another goal, a conjunction.
pub fn solve_from(
    task: &Task,
    state: &State,
    goal: &[Literal],
    options: &SearchOptions,
    clock: &dyn Clock,
) -> (PlanOutcome, Report) {
    let goal = Formula::of_literals(goal);
    let question = Question { task, state, values: task.values(), goal: &goal };
    solve_best(question, options, clock)
}

fn solve_best(
    question: Question<'_>,
    options: &SearchOptions,
    clock: &dyn Clock,
) -> (PlanOutcome, Report) {
    let budget = Budget::new(options.limits);
    best(|keep| solve_question(question, options.search, &budget, clock, keep))
}

/// The best plan that is handed out, whatever ended the search for a better one.
pub(crate) fn best(
    solve: impl FnOnce(&mut OnPlan<'_>) -> (PlanOutcome, Report),
) -> (PlanOutcome, Report) {
    let mut best: Option<Plan> = None;
    let (outcome, report) = solve(&mut |plan, _| {
        best = Some(plan.clone());
        ControlFlow::Continue(())
    });
    match (outcome, best) {
        (PlanOutcome::OutOf(_), Some(plan)) => (PlanOutcome::Solved(plan), report),
        (outcome, _) => (outcome, report),
    }
}

/// A positive literal of the goal whose negation is in it too.
fn contradiction(goal: &[Literal]) -> Option<&Literal> {
    let negative: BTreeSet<&Atom> = goal.iter().filter(|l| !l.positive).map(|l| &l.atom).collect();
    goal.iter().find(|l| l.positive && negative.contains(&l.atom))
}

/// What is asked of the planner.
#[derive(Clone, Copy)]
pub(crate) struct Question<'q> {
    pub(crate) task: &'q Task,
    pub(crate) state: &'q State,
    pub(crate) values: &'q BTreeMap<Fluent, f64>,
    pub(crate) goal: &'q Formula,
}

/// The ground task of a question, and the time spent on it.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'g> {
    pub(crate) task: &'g GroundTask,
    pub(crate) time: Duration,
}

/// Grounds a task and answers a question about it.
fn solve_question(
    question: Question<'_>,
    kind: SearchKind,
    budget: &Budget<'_>,
    clock: &dyn Clock,
    on_plan: &mut OnPlan<'_>,
) -> (PlanOutcome, Report) {
    let Question { task, state, values, goal } = question;
    let start = clock.now();
    match GroundTask::within(task, state, values, goal, &budget.limits, clock) {
        Ok(ground) => {
            let ground = Ground { task: &ground, time: clock.now().saturating_sub(start) };
            solve_ground(question, ground, kind, budget, clock, on_plan)
        }
        Err(limit) => (PlanOutcome::OutOf(limit), Report::default()),
    }
}

/// Answers a question by its ground task, in which costs may have been raised and operators removed.
pub(crate) fn solve_ground(
    question: Question<'_>,
    ground: Ground<'_>,
    kind: SearchKind,
    budget: &Budget<'_>,
    clock: &dyn Clock,
    on_plan: &mut OnPlan<'_>,
) -> (PlanOutcome, Report) {
    let Question { task, state, values, goal } = question;
    let Ground { task: ground, time: ground_time } = ground;
    let sizes = Report {
        operators: ground.operators.len() as u64,
        atoms: ground.atoms.len() as u64,
        ground_time,
        ..Report::default()
    };
    if ground.hopeless {
        return (PlanOutcome::Unsolvable(out_of_reach(task, goal, &ground.unreachable)), sizes);
    }
    let system = TransitionSystem::new(ground);
    let time = budget.limits.time.saturating_sub(ground_time);
    let rest = Budget { limits: crate::Limits { time, ..budget.limits }, ..*budget };
    let exact = !matches!(ground.metric, GroundMetric::Expression(..));
    let sized = |report: &Report| Report {
        optimal: report.optimal && exact,
        costs_are_metric: exact && ground.cost_scale == 1.0,
        cost_scale: ground.cost_scale as u32,
        operators: sizes.operators,
        atoms: sizes.atoms,
        ground_time: sizes.ground_time,
        ..*report
    };
    let plan_of = |path: &[OperatorId]| {
        let steps = path.iter().map(|&operator| {
            let operator = &ground.operators[operator as usize];
            (operator.schema as usize, operator.args.clone(), u64::from(operator.cost))
        });
        task.plan(state, values, steps)
    };
    let mut last: Option<Plan> = None;
    let (outcome, report) = search(&system, kind, &rest, clock, &mut |path, report| {
        let plan = last.insert(plan_of(path));
        on_plan(plan, &sized(report))
    });
    let outcome = match outcome {
        // The outcome of a search is the last plan that it has handed out.
        SearchOutcome::Solved(path) => PlanOutcome::Solved(last.unwrap_or_else(|| plan_of(&path))),
        SearchOutcome::Unsolvable => PlanOutcome::Unsolvable(exhausted(&report)),
        SearchOutcome::OutOf(limit) => PlanOutcome::OutOf(limit),
    };
    (outcome, sized(&report))
}

/// Why there is no plan, where the goal is out of reach even if nothing is ever undone.
fn out_of_reach(task: &Task, goal: &Formula, literals: &[Literal]) -> String {
    let wanted = goal.literals().unwrap_or_default();
    if let Some(literal) = contradiction(&wanted) {
        let shown = task.symbols().show_literal(literal);
        return format!("the goal asks for {shown} and for its negation");
    }
    let shown: Vec<String> = literals.iter().map(|l| task.symbols().show_literal(l)).collect();
    if shown.is_empty() {
        return "the goal as a whole is out of reach: parts of it exclude each other".into();
    }
    let (verb, list) = (if shown.len() == 1 { "is" } else { "are" }, shown.join(" and "));
    format!("{list} {verb} out of reach, even if no action ever undid anything")
}

/// Why there is no plan, where the search has seen all states.
fn exhausted(report: &Report) -> String {
    let dead = match report.dead_ends {
        0 => String::new(),
        n => format!(", {n} of them dead ends"),
    };
    let states = match report.states {
        1 => "the only reachable state does not satisfy the goal".into(),
        n => format!("none of the {n} reachable states satisfies the goal"),
    };
    format!("{states}{dead}; each goal literal alone may be reachable, not all together")
}
