//! What training cost, how it compares, and when it is repaid.

use ergon_energy::{BreakEven, Cost, Figure, Repayment};

use super::page::{divider, paragraph, remark, row, section as titled, table};
use super::paper;
use super::text::{NBSP, escape, joules, percent, seconds, significant, without_folders};
use super::view::{View, kind_of};
use crate::Method;
use crate::comparison::{Cell, MethodSpec, TrainingCost};

/// The share of the policy's training energy that the agent's is to stay within.
const AIM: f64 = 0.01;

/// The agent's training energy beside that of the best policy of a kind.
pub(super) struct Ratio<'a> {
    agent: &'a MethodSpec,
    agent_joules: f64,
    other: &'a MethodSpec,
    other_joules: f64,
}

impl Ratio<'_> {
    fn share(&self) -> f64 {
        self.agent_joules / self.other_joules
    }

    /// The share as percent, of which small ones keep their digits.
    fn share_percent(&self) -> String {
        significant(100.0 * self.share())
    }

    /// The end of a sentence about what the agent's training took.
    pub(super) fn in_words(&self) -> String {
        format!(
            "{}{NBSP}% of the {} of {}",
            self.share_percent(),
            joules(self.other_joules),
            self.other.name
        )
    }
}

/// The agent beside the best policy of each kind whose training is on record.
pub(super) fn ratios<'a>(view: &View<'a>) -> Vec<Ratio<'a>> {
    let known = view.agent().and_then(|a| Some((a, view.training_joules(&a.name)?)));
    let Some((agent, agent_joules)) = known else { return Vec::new() };
    let kinds = [Method::Vla, Method::GuidedVla].into_iter();
    kinds
        .filter_map(|kind| {
            let other = view.best_checkpoint(kind)?;
            let other_joules = view.training_joules(&other.name).filter(|j| *j > 0.0)?;
            Some(Ratio { agent, agent_joules, other, other_joules })
        })
        .collect()
}

/// Tables, ratios, break-even.
pub(super) fn section(view: &View) -> String {
    let trained = view.circumstances.is_some_and(|c| !c.trainings.is_empty());
    let ours = match trained {
        true => costs(view) + &compared(view),
        false => paragraph("No training of ours is on record."),
    };
    titled("training", "Training", &(ours + &published()))
}

fn costs(view: &View) -> String {
    let mut rows = String::new();
    for method in view.rows() {
        let all: Vec<&TrainingCost> = view.trainings(&method.name).collect();
        if all.is_empty() {
            continue;
        }
        rows += "<tbody>\n";
        all.iter().for_each(|t| rows += &cost(t));
        if all.len() > 1 {
            let sum = |value: fn(&TrainingCost) -> f64| all.iter().map(|t| value(t)).sum::<f64>();
            rows += &format!(
                "<tr class=\"sum\"><th scope=\"row\">{}</th><td>sum</td><td></td><td></td><td>{}</td>\
                 <td>{}</td><td>{}</td><td></td></tr>\n",
                escape(&method.name),
                seconds(sum(|t| t.wall_secs)),
                seconds(sum(|t| t.cpu_secs)),
                joules(sum(|t| t.joules))
            );
        }
        rows += "</tbody>\n";
    }
    let heads =
        ["method", "network", "demonstrations", "frames", "wall", "processor", "energy", "command"];
    let caption =
        "What training the networks of each method cost, from the record in the policy's manifest.";
    table(caption, &heads, &rows)
}

fn cost(training: &TrainingCost) -> String {
    format!(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>\
         <td class=\"label\">{}<small>{}</small></td><td class=\"wrap\"><code>{}</code></td></tr>\n",
        escape(&training.method),
        escape(&training.network),
        training.demonstrations,
        training.frames,
        seconds(training.wall_secs),
        seconds(training.cpu_secs),
        joules(training.joules),
        escape(&training.joules_kind),
        escape(&without_folders(&training.command))
    )
}

/// The agent's training beside the policies'.
fn compared(view: &View) -> String {
    let ratios = ratios(view);
    if ratios.is_empty() {
        return paragraph(
            "There is no policy told in words whose training is on record, so that the agent's training \
             energy has nothing to be compared with here.",
        );
    }
    let mut out = String::new();
    for ratio in &ratios {
        out += &paragraph(&format!(
            "Training {} took {}, {}, the best checkpoint of {}: {} of at most 1{NBSP}%.{}",
            ratio.agent.name,
            joules(ratio.agent_joules),
            ratio.in_words(),
            ratio.other.method,
            if ratio.share() <= AIM { "within the aim" } else { "above the aim" },
            reasons(view, ratio)
        ));
        out += &repaid(view, ratio);
    }
    let note = "The best checkpoint is the one with the highest mean rate of strict success over the tasks \
        that all checkpoints ran; of equals the one with more progress, then the one that was trained with \
        less energy. Energies of different kinds (estimated, measured) are compared as they are.";
    out + &remark(note)
}

/// Where the energy of a training went, if it is more than was aimed at.
fn reasons(view: &View, ratio: &Ratio) -> String {
    if ratio.share() <= AIM {
        return String::new();
    }
    let most = view.trainings(&ratio.agent.name).max_by(|a, b| a.joules.total_cmp(&b.joules));
    let frames: u64 = view.trainings(&ratio.other.name).map(|t| t.frames).sum();
    let wall: f64 = view.trainings(&ratio.other.name).map(|t| t.wall_secs).sum();
    let most = most.map_or(String::new(), |t| {
        let share = percent(t.joules / ratio.agent_joules.max(f64::MIN_POSITIVE));
        format!(" {share} % of the agent's went into its network {}.", t.network)
    });
    let other = &ratio.other.name;
    format!(
        "{most} {other} itself was trained for {} on {frames} frames; the paper's {} for {}.",
        seconds(wall),
        paper::METHODS[1].name,
        seconds(paper::METHODS[1].training_secs)
    )
}

/// When the agent has cost no more than the policy, training included.
fn repaid(view: &View, ratio: &Ratio) -> String {
    let task = view.example_task();
    let cells = (view.cell(task, &ratio.agent.name), view.cell(task, &ratio.other.name));
    let (Some(own), Some(other)) = cells else { return String::new() };
    let repayment = Repayment::of(
        &total_cost(view, ratio.agent, ratio.agent_joules, own),
        &total_cost(view, ratio.other, ratio.other_joules, other),
        [],
    );
    let (agent, other_name) = (&ratio.agent.name, &ratio.other.name);
    let when = match repayment.break_even {
        BreakEven::Always => {
            format!("{agent} costs less than {other_name} from the first success on")
        }
        BreakEven::Until(n) => {
            format!("{agent} costs less than {other_name} up to {n} successes, and more after them")
        }
        BreakEven::From(n) => format!("{agent} costs less than {other_name} from success {n} on"),
        BreakEven::Never => format!("{agent} never costs less than {other_name}"),
    };
    let none = match other.successes {
        0 => format!(" {other_name} has no success on it, which no energy buys."),
        _ => String::new(),
    };
    paragraph(&format!(
        "On {task}, training and acting together ({}): {when}.{none}",
        repayment.kind
    ))
}

fn total_cost(view: &View, method: &MethodSpec, training: f64, cell: &Cell) -> Cost {
    let label = view.trainings(&method.name).next().map_or("", |t| t.joules_kind.as_str());
    let meter = view.circumstances.map_or("", |c| &c.meter.name);
    let figure = |joules: f64, kind: &str, range: Option<[f64; 2]>| Figure {
        joules,
        range: range.unwrap_or([joules, joules]),
        kind: kind_of(kind),
        meter: meter.to_owned(),
        sampling_secs: None,
        coverage: 1.0,
        assumptions: String::new(),
    };
    let success =
        cell.joules_per_success.map(|j| figure(j, view.energy_kind(), view.energy_range(j)));
    Cost { training: figure(training, label, None), per_success: success }
}

/// The paper's training.
fn published() -> String {
    let mut rows = String::from("<tbody>\n");
    rows += &divider(paper::SOURCE, 6);
    let agent: f64 = paper::METHODS[0].training_joules.iter().sum();
    for method in &paper::METHODS {
        let all: f64 = method.training_joules.iter().sum();
        let share = match method.name == paper::METHODS[0].name {
            true => "–".to_owned(),
            false => format!("{} %", percent(agent / all)),
        };
        rows += &row(&[
            &format!("{} (paper)", method.name),
            method.demonstrations,
            &seconds(method.training_secs),
            &method.training_joules.map(joules).join(" + "),
            &joules(all),
            &share,
        ]);
    }
    rows += "</tbody>\n";
    let heads =
        ["method", "demonstrations", "wall", "GPU + processor", "energy", "NSM's share of it"];
    let caption =
        "Training in the reference experiment: measured, one RTX 4090 and its processor (table I).";
    table(caption, &heads, &rows)
}
