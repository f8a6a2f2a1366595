//! The planner, beside language models that were asked for plans.

use super::page::{divider, remark, row, section as titled, table};
use super::paper;
use super::text::{count, joules, joules_range, seconds};
use super::view::View;
use crate::Method;

/// The span of the ledger that planning is booked on.
const PLAN: &str = "plan";

/// The table.
pub(super) fn section(view: &View) -> String {
    let mut rows = String::from("<tbody>\n");
    for method in view.rows().filter(|m| m.method != Method::Vla) {
        for task in &view.experiment.tasks {
            rows += &ours(view, &task.name, &method.name).unwrap_or_default();
        }
    }
    rows += "</tbody>\n<tbody>\n";
    rows += &divider(&format!("{}, one query", paper::SOURCE), 5);
    for planner in &paper::PLANNERS {
        let [optimal, suboptimal, invalid] = planner.plans;
        rows += &row(&[
            &format!("{} (paper)", planner.name),
            "3 and 4 blocks, 50 queries",
            &format!("{optimal} % optimal, {suboptimal} % suboptimal, {invalid} % invalid"),
            &seconds(planner.secs),
            &planner.joules.map_or("not measurable".into(), joules),
        ]);
    }
    rows += "</tbody>\n";
    let heads = ["planner of", "task", "plans", "time", "energy"];
    let caption = "Planning: ours per episode, replanning included (processor time and its energy); the \
        paper's language models per query (tables III and IV).";
    let note = "Ours plans symbolically on what is believed; whether its first plan was found is counted \
        here, its plans are checked by a validator of their own in the project's tests.";
    titled("planning", "Planning", &(table(caption, &heads, &rows) + &remark(note)))
}

fn ours(view: &View, task: &str, method: &str) -> Option<String> {
    let of: Vec<_> = view.entries.iter().filter(|e| e.task == task && e.method == method).collect();
    let mean = |value: &dyn Fn(usize) -> f64| {
        (0..of.len()).map(value).sum::<f64>() / of.len().max(1) as f64
    };
    let secs = mean(&|i| of[i].cost.processor_secs.get(PLAN).copied().unwrap_or(0.0));
    let energy = mean(&|i| {
        of[i].cost.microjoules.get(PLAN).map_or(0.0, |&microjoules| microjoules as f64 * 1e-6)
    });
    let found = of.iter().filter(|e| e.record.first_plan.is_some()).count();
    let range =
        view.energy_range(energy).map_or(String::new(), |r| format!(", {}", joules_range(r)));
    (found > 0).then(|| {
        row(&[
            method,
            task,
            &format!("found in {found} of {}", count(of.len(), "episode", "episodes")),
            &seconds(secs),
            &format!("{} {}{range}", joules(energy), view.energy_kind()),
        ])
    })
}
