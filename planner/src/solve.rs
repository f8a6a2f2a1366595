//! From a task to a plan: grounding, search, explanation.

use std::collections::BTreeSet;

use ergon_vocab::{Atom, Clock, Literal, ObjectId, Plan, PlanOutcome, Planner, State};

use crate::{
    GroundTask, Report, SearchOptions, Task,
    search::{SearchOutcome, TransitionSystem, search},
};

/// Solves a task.
pub fn solve(task: &Task, options: &SearchOptions, clock: &dyn Clock) -> (PlanOutcome, Report) {
    solve_from(task, task.init(), task.goal(), options, clock)
}

/// Solves a task from another state and for another goal.
pub fn solve_from(
    task: &Task,
    state: &State,
    goal: &[Literal],
    options: &SearchOptions,
    clock: &dyn Clock,
) -> (PlanOutcome, Report) {
    if let Some(literal) = contradiction(goal) {
        let shown = task.symbols().show_literal(literal);
        let why = format!("the goal asks for {shown} and for its negation");
        return (PlanOutcome::Unsolvable(why), Report::default());
    }
    let start = clock.now();
    let ground = match GroundTask::within(task, state, goal, &options.limits, clock) {
        Ok(ground) => ground,
        Err(limit) => return (PlanOutcome::OutOf(limit), Report::default()),
    };
    let sizes = Report {
        operators: ground.operators.len() as u64,
        atoms: ground.atoms.len() as u64,
        ground_time: clock.now().saturating_sub(start),
        ..Report::default()
    };
    if !ground.unreachable.is_empty() {
        return (PlanOutcome::Unsolvable(out_of_reach(task, &ground.unreachable)), sizes);
    }
    let system = TransitionSystem::new(&ground);
    let limits = options.limits.less(0, sizes.ground_time);
    let (outcome, report) = search(&system, &SearchOptions { limits, ..*options }, clock);
    let report = Report {
        operators: sizes.operators,
        atoms: sizes.atoms,
        ground_time: sizes.ground_time,
        ..report
    };
    let outcome = match outcome {
        SearchOutcome::Solved(path) => {
            let steps = path.into_iter().map(|operator| {
                let operator = &ground.operators[operator as usize];
                let args: &[ObjectId] = &operator.args;
                task.step(operator.schema as usize, args, u64::from(operator.cost))
            });
            PlanOutcome::Solved(Plan { steps: steps.collect() })
        }
        SearchOutcome::Unsolvable => PlanOutcome::Unsolvable(exhausted(&report)),
        SearchOutcome::OutOf(limit) => PlanOutcome::OutOf(limit),
    };
    (outcome, report)
}

/// A positive literal of the goal whose negation is in it too.
fn contradiction(goal: &[Literal]) -> Option<&Literal> {
    let negative: BTreeSet<&Atom> = goal.iter().filter(|l| !l.positive).map(|l| &l.atom).collect();
    goal.iter().find(|l| l.positive && negative.contains(&l.atom))
}

/// Why there is no plan, where the goal is out of reach even if nothing is ever undone.
fn out_of_reach(task: &Task, literals: &[Literal]) -> String {
    let shown: Vec<String> = literals.iter().map(|l| task.symbols().show_literal(l)).collect();
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

/// A planner with its task loaded, asked again and again with changing states.
#[derive(Clone, Debug)]
pub struct Session<C> {
    task: Task,
    options: SearchOptions,
    clock: C,
    report: Report,
}

impl<C: Clock> Session<C> {
    /// Loads a task. Its own initial state and goal are not used.
    pub fn new(task: Task, options: SearchOptions, clock: C) -> Self {
        Self { task, options, clock, report: Report::default() }
    }

    /// The task.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// What the last call of [`Planner::plan`] did.
    pub fn report(&self) -> Report {
        self.report
    }
}

impl<C: Clock> Planner for Session<C> {
    fn plan(&mut self, state: &State, goal: &[Literal]) -> PlanOutcome {
        let (outcome, report) = solve_from(&self.task, state, goal, &self.options, &self.clock);
        self.report = report;
        outcome
    }
}
