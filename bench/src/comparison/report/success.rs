//! The tables of success and of cost: methods by tasks, then the paper's rows.

use super::page::{divider, remark, section as titled, table};
use super::paper::{self, PaperCell, PaperMethod};
use super::text::{escape, interval, joules, joules_range, percent, seconds};
use super::view::{View, is_remote};
use crate::Method;
use crate::comparison::{Cell, MethodSpec};

/// Both tables.
pub(super) fn section(view: &View) -> String {
    let success = matrix(view, &success_caption(), success_of, paper_success);
    let cost = matrix(view, &cost_caption(view), cost_of, paper_cost);
    let body = success + &remark(DEFINITIONS) + &cost + &remark(paper::CAVEAT);
    titled("results", "Success and cost", &body)
}

const DEFINITIONS: &str = "Strict: at the end every block is where the goal wants it, within 1.5 cm, released \
    and at rest for 0.5 s, and no law of the task was broken on the way. Reference: the looser definition of \
    the paper, centres within 3 cm sideways and 0.1 to 5.5 cm in height, released, whatever happened before. \
    Both are judged by the simulator's ground truth, which no agent that works from pixels sees. Progress: \
    share of the goal's facts that hold at the end (in the paper: of the subtasks completed). Illegal: \
    episodes in which a law of the task was broken for 0.5 s or longer.";

fn success_caption() -> String {
    "Success of methods (rows) on tasks (columns): strict rate, successes of episodes, Wilson's 95 % \
     interval in percent; then by the reference's definition, progress, episodes with an illegal state."
        .into()
}

fn cost_caption(view: &View) -> String {
    let kind = view.energy_kind();
    format!(
        "Energy ({kind}; the running agent's planning, perceiving and acting, without the simulator) and \
         time: joules of all episodes for each success, joules per episode, each with the meter's range; \
         simulated time of the successful episodes, per move and per episode; processor time per episode."
    )
}

/// A table with a column for each task.
fn matrix(
    view: &View,
    caption: &str,
    ours: fn(&View, &Cell) -> String,
    theirs: fn(&PaperCell) -> String,
) -> String {
    let tasks: Vec<&str> = view.experiment.tasks.iter().map(|t| t.name.as_str()).collect();
    let heads: Vec<&str> = ["method"].into_iter().chain(tasks.iter().copied()).collect();
    let mut rows = String::from("<tbody>\n");
    for method in view.rows() {
        rows += &format!("<tr><th scope=\"row\">{}</th>", head(method));
        for task in &tasks {
            let cell = view.cell(task, &method.name).map_or("–".into(), |c| ours(view, c));
            rows += &format!("<td>{cell}</td>");
        }
        rows += "</tr>\n";
    }
    rows += "</tbody>\n";
    let covered = |m: &PaperMethod| tasks.iter().any(|t| paper::cell(m, t).is_some());
    if paper::METHODS.iter().any(covered) {
        rows += "<tbody>\n";
        rows += &divider(paper::SOURCE, heads.len());
        for method in &paper::METHODS {
            rows += &format!("<tr><th scope=\"row\">{} <small>paper</small></th>", method.name);
            for task in &tasks {
                let cell = paper::cell(method, task).map_or("–".into(), theirs);
                rows += &format!("<td>{cell}</td>");
            }
            rows += "</tr>\n";
        }
        rows += "</tbody>\n";
    }
    table(caption, &heads, &rows).replacen("<table>", "<table class=\"matrix\">", 1)
}

fn head(method: &MethodSpec) -> String {
    let about = match method.method {
        Method::NeuroSymbolic => "facts from pixels, planner, learned skills",
        Method::Scripted => "true poses, hand-written skills: the upper bound",
        Method::LearnedSkills => "true poses, learned skills",
        Method::LearnedPerception => "facts from pixels, hand-written skills",
        Method::Vla => "one policy, told the whole task in words",
        Method::GuidedVla => "one policy, told step by step by the planner on true facts",
    };
    let remote = match is_remote(method) {
        true => "<small>asked over the network: its server's energy is not counted</small>",
        false => "",
    };
    format!("{}<small>{about}</small>{remote}", escape(&method.name))
}

fn rate(k: usize, n: usize) -> String {
    percent(k as f64 / n.max(1) as f64)
}

fn success_of(_: &View, cell: &Cell) -> String {
    format!(
        "<strong>{}&nbsp;%</strong><small>{}/{} ({}&nbsp;%)</small><small>reference {}&nbsp;%</small>\
         <small>{}/{} ({}&nbsp;%)</small><small>progress {}&nbsp;%</small><small>illegal {}</small>",
        rate(cell.successes, cell.episodes),
        cell.successes,
        cell.episodes,
        interval(cell.interval),
        rate(cell.successes_reference, cell.episodes),
        cell.successes_reference,
        cell.episodes,
        interval(cell.interval_reference),
        percent(cell.progress),
        cell.illegal,
    )
}

fn paper_success(cell: &PaperCell) -> String {
    let counts = cell.counts.map_or("<small>n not published</small>".into(), |(k, n)| {
        let range = cell.interval().map_or(String::new(), interval);
        format!("<small>{k}/{n} ({range}&nbsp;%)</small><small>inferred</small>")
    });
    let progress = cell
        .progress
        .map_or(String::new(), |p| format!("<small>progress {}&nbsp;%</small>", percent(p)));
    format!("<strong>{}&nbsp;%</strong>{counts}{progress}", percent(cell.success))
}

/// How an energy is known, with its range.
fn label(view: &View, value: f64) -> String {
    let range = view.energy_range(value).map_or(String::new(), |r| format!(" {}", joules_range(r)));
    format!("<small>{}{range}</small>", escape(view.energy_kind()))
}

fn cost_of(view: &View, cell: &Cell) -> String {
    let success = match cell.joules_per_success {
        Some(value) => {
            format!("<strong>{}</strong> a success{}", joules(value), label(view, value))
        }
        None => "<strong>no success</strong>".into(),
    };
    let time = |secs: Option<f64>, of: &str| {
        secs.map_or(String::new(), |s| format!("<small>{} {of}</small>", seconds(s)))
    };
    format!(
        "{success}<small>{} an episode</small>{}{}{}<small>{} of a processor</small>",
        joules(cell.joules_per_episode),
        label(view, cell.joules_per_episode),
        time(cell.move_secs, "a move"),
        time(cell.time_secs, "an episode"),
        seconds(cell.processor_secs)
    )
}

fn paper_cost(cell: &PaperCell) -> String {
    let success = match cell.joules_per_success() {
        Some(value) => {
            format!("<strong>{}</strong> a success<small>inferred</small>", joules(value))
        }
        None => "<strong>no success</strong>".into(),
    };
    let time = cell.secs.map_or(String::new(), |s| format!("<small>{} a move</small>", seconds(s)));
    format!(
        "{success}<small>{} an episode</small><small>measured</small>{time}",
        joules(cell.joules)
    )
}
