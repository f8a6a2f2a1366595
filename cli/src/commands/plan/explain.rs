//! What a plan is made of and why, or why there is none.

use std::path::PathBuf;

use ergon_planner::{
    Limits, Problem, Task,
    execution::{PartialOrder, Purposes, export, why_not},
};
use ergon_vocab::{Literal, Plan, PlanOutcome};

use crate::clock::WallClock;
use crate::exit::{Exit, Failure};
use crate::files;
use crate::planning::Planned;

#[derive(clap::Args)]
pub(crate) struct Explanation {
    /// Tell what each step is for, or why there is no plan
    #[arg(long)]
    why: bool,
    /// Draw which steps must wait for which, as SVG
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write the causal links of the plan in the language of Graphviz
    #[arg(long, value_name = "FILE")]
    dot: Option<PathBuf>,
}

impl Explanation {
    /// Whether an explanation or a picture is asked for.
    pub(super) fn is_asked(&self) -> bool {
        self.why || self.svg.is_some() || self.dot.is_some()
    }
}

pub(super) fn run(
    arguments: &Explanation,
    problem: &Problem,
    task: &Task,
    planned: &Planned,
) -> Result<(), Failure> {
    if !arguments.is_asked() {
        return Ok(());
    }
    let Some(goal) = problem.goal().literals() else {
        return Err(Failure::new(
            Exit::Unsupported,
            "plans are explained and drawn for goals that are a conjunction of literals",
        )
        .with_hint("leave out --why, --svg and --dot"));
    };
    match (&planned.best, &planned.outcome) {
        (Some(plan), _) => tell(arguments, task, plan, &goal),
        (None, PlanOutcome::Unsolvable(_)) if arguments.why => {
            let limits = Limits::default();
            let evidence = why_not(task, task.init(), &goal, &limits, &WallClock::new());
            let evidence = evidence.map_err(|limit| {
                Failure::new(Exit::GroundingTime, format!("the explanation ran out of {limit:?}"))
            })?;
            eprintln!("{evidence}");
            Ok(())
        }
        _ => Ok(()),
    }
}

fn tell(
    arguments: &Explanation,
    task: &Task,
    plan: &Plan,
    goal: &[Literal],
) -> Result<(), Failure> {
    if arguments.why {
        let purposes = Purposes::of(plan, goal);
        (0..plan.steps.len())
            .for_each(|step| eprintln!("{}", purposes.tell(step, plan, task.symbols())));
    }
    if let Some(path) = &arguments.svg {
        let order = PartialOrder::of(plan, task.init(), goal)
            .map_err(|e| Failure::new(Exit::Bug, format!("the plan has no order: {e}")))?;
        files::write(path, export::order_svg(&order, plan, task.symbols()).as_bytes())?;
    }
    if let Some(path) = &arguments.dot {
        files::write(path, export::link_dot(plan, goal, task.symbols()).as_bytes())?;
    }
    Ok(())
}
