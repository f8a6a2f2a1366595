//! What planning came to, as text for programs.

use std::fmt::Write;

use ergon_planner::{Problem, Task};
use ergon_vocab::{Plan, PlanOutcome, PlanStep};
use serde_json::{Value, json};

use crate::planning::Planned;

/// Metric-FF's output as far as programs cut it: the steps stand between the line
/// `ff: found legal plan as follows` and `time spent:`, numbered, in upper case, each after `: `.
/// Around them is nothing but what those programs skip: they take any other line for a step.
pub(super) fn ff(problem: &Problem, task: &Task, planned: &Planned) -> String {
    let mut text = String::new();
    let names = [("domain", problem.domain().name()), ("problem", problem.name())];
    for (kind, name) in names {
        let name = name.to_uppercase();
        push(&mut text, &format!("\nff: parsing {kind} file\n{kind} '{name}' defined\n ... done."));
    }
    text.push_str("\n\n\n");
    match (&planned.best, &planned.outcome) {
        (Some(plan), _) => ff_plan(&mut text, task, plan),
        (None, PlanOutcome::Unsolvable(_)) if planned.report.states == 0 => {
            text.push_str("ff: goal can be simplified to FALSE. No plan will solve it\n\n");
        }
        (None, PlanOutcome::Unsolvable(_)) => {
            text.push_str("best first search space empty! problem proven unsolvable.\n\n");
        }
        (None, _) => text.push_str("ff: no plan was found within the limits\n\n"),
    }
    ff_effort(&mut text, planned);
    text
}

fn ff_plan(text: &mut String, task: &Task, plan: &Plan) {
    if plan.steps.is_empty() {
        text.push_str("ff: goal can be simplified to TRUE. The empty plan solves it\n\n");
    }
    text.push_str("ff: found legal plan as follows\n\n");
    for (number, step) in plan.steps.iter().enumerate() {
        let symbols = task.symbols();
        let lead = if number == 0 { "step" } else { "    " };
        let action = symbols.action_name(step.action.schema).to_uppercase();
        push(text, &format!("{lead} {number:>4}: {action}"));
        for object in &step.action.args {
            push(text, &format!(" {}", symbols.object_name(*object).to_uppercase()));
        }
        text.push('\n');
    }
    text.push_str("\n\n");
}

fn ff_effort(text: &mut String, planned: &Planned) {
    let report = &planned.report;
    let (ground, search) = (report.ground_time.as_secs_f64(), report.search_time.as_secs_f64());
    let lines = [
        format!("time spent: {ground:7.2} seconds instantiating {} actions", report.operators),
        format!(
            "            {search:7.2} seconds searching, evaluating {} states",
            report.evaluated
        ),
        format!("            {:7.2} seconds total time", ground + search),
    ];
    lines.iter().for_each(|line| push(text, &format!("{line}\n")));
    text.push_str("\n\n");
}

fn push(text: &mut String, more: &str) {
    // Writing to a string does not fail.
    let _written = text.write_str(more);
}

/// Outcome, plan and figures.
pub(super) fn json(task: &Task, planned: &Planned) -> Value {
    let (status, reason) = match &planned.outcome {
        PlanOutcome::Solved(_) => ("solved", None),
        PlanOutcome::Unsolvable(why) => ("unsolvable", Some(why.clone())),
        PlanOutcome::OutOf(limit) => ("out-of", Some(format!("{limit:?}").to_lowercase())),
    };
    let show = |s: &PlanStep| task.symbols().show_action(&s.action).to_string();
    let plan = planned.best.as_ref().map(|plan| {
        json!({ "steps": plan.steps.iter().map(show).collect::<Vec<_>>(), "cost": plan.cost() })
    });
    let report = &planned.report;
    json!({
        "status": status,
        "plan": plan,
        "reason": reason,
        "expanded": report.expanded,
        "generated": report.generated,
        "evaluated": report.evaluated,
        "operators": report.operators,
        "atoms": report.atoms,
        "peak_bytes": report.peak_bytes,
        "ground_secs": report.ground_time.as_secs_f64(),
        "search_secs": report.search_time.as_secs_f64(),
    })
}
