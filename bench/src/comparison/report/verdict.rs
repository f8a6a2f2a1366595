//! What was compared and what came of it, in a few sentences that follow from the data.

use super::page::{paragraph, section as titled};
use super::text::{count, escape, interval, joules, listing, percent};
use super::training::{self, Ratio};
use super::view::View;
use crate::Method;

/// The head of the report.
pub(super) fn section(view: &View) -> String {
    let mut sentences = Vec::new();
    sentences.extend(successes(view));
    sentences.extend(energies(view));
    sentences.extend(trainings(view));
    let verdict = match sentences.is_empty() {
        true => "No episode has been run yet.".to_owned(),
        false => sentences.join(" "),
    };
    let body = format!("<p class=\"verdict\">{}</p>\n{}", escape(&verdict), paragraph(&what(view)));
    titled("verdict", "In short", &body)
}

/// What was compared, on how much.
fn what(view: &View) -> String {
    let names = |names: Vec<String>| listing(&names);
    let methods = names(view.rows().map(|m| m.name.clone()).collect());
    let tasks = names(view.experiment.tasks.iter().map(|t| t.name.clone()).collect());
    let planned: u64 = view
        .experiment
        .tasks
        .iter()
        .flat_map(|t| view.experiment.methods_of(t))
        .map(|m| m.episodes)
        .sum();
    let there = view.entries.len();
    let seeds = view.entries.iter().map(|e| e.record.seed);
    let seeds = seeds.clone().min().zip(seeds.max());
    let seeds = seeds.map_or(String::new(), |(from, to)| {
        format!(
            " All methods run the same episodes: seeds {from} to {to}, counted up from the first for \
             each task and method."
        )
    });
    let missing = match planned.checked_sub(there as u64) {
        None | Some(0) => String::new(),
        Some(missing) => format!(" {missing} of the {planned} planned are still missing."),
    };
    let points = view.experiment.methods.iter().filter(|m| m.curve).count();
    let points = match points {
        0 => String::new(),
        n => format!(
            " {} more are points of the curve of success against training energy.",
            count(n, "method", "methods")
        ),
    };
    format!(
        "Compared are {methods} on {tasks}: {}.{missing}{points}{seeds}",
        count(there, "episode", "episodes")
    )
}

fn successes(view: &View) -> Option<String> {
    let parts: Vec<String> = view
        .rows()
        .filter_map(|m| {
            let total = view.total(&m.name);
            let share = total.successes as f64 / total.episodes.max(1) as f64;
            (total.episodes > 0).then(|| {
                let range = interval(crate::wilson(total.successes, total.episodes));
                format!(
                    "{} in {} of {} ({} %, 95 % interval {range})",
                    m.name,
                    total.successes,
                    count(total.episodes, "episode", "episodes"),
                    percent(share)
                )
            })
        })
        .collect();
    (!parts.is_empty()).then(|| {
        format!("Over all tasks and by the strict definition, {} succeeded.", listing(&parts))
    })
}

fn energies(view: &View) -> Option<String> {
    let task = view.example_task();
    let of = |name: &str| view.cell(task, name).and_then(|c| c.joules_per_success);
    let parts: Vec<String> = view
        .rows()
        .filter(|m| m.method != Method::Scripted && view.cell(task, &m.name).is_some())
        .map(|m| match of(&m.name) {
            Some(energy) => format!("{} {}", m.name, joules(energy)),
            None => format!("{} has none", m.name),
        })
        .collect();
    (!parts.is_empty()).then(|| {
        format!(
            "A success on {task} costs {} ({}; the running agent, without the simulator).",
            listing(&parts),
            view.energy_kind()
        )
    })
}

fn trainings(view: &View) -> Option<String> {
    let agent = view.agent()?;
    let own = view.training_joules(&agent.name)?;
    let ratios: Vec<Ratio> = training::ratios(view);
    let parts: Vec<String> = ratios.iter().map(Ratio::in_words).collect();
    Some(match parts.is_empty() {
        true => format!(
            "Training {} took {}; no training of a VLA is on record to compare it with.",
            agent.name,
            joules(own)
        ),
        false => format!("Training {} took {}, {}.", agent.name, joules(own), listing(&parts)),
    })
}
