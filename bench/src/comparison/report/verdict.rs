//! What was compared and what came of it, in a few sentences that follow from the data.

use super::page::{paragraph, section as titled};
use super::text::{NBSP, count, escape, interval, joules, listing, percent};
use super::training::{self, Ratio};
use super::view::{View, is_remote};

/// The head of the report.
pub(super) fn section(view: &View) -> String {
    let mut sentences = Vec::new();
    if view.entries.is_empty() {
        sentences.push("No episode has been run yet.".to_owned());
    }
    sentences.extend(successes(view));
    sentences.extend(energies(view));
    sentences.extend(trainings(view));
    let verdict = escape(&sentences.join(" "));
    let body = format!("<p class=\"verdict\">{verdict}</p>\n{}", paragraph(&what(view)));
    titled("verdict", "In short", &body)
}

/// What was compared, on how much.
fn what(view: &View) -> String {
    let names = |names: Vec<String>| listing(&names);
    let methods = names(view.rows().map(|m| m.name.clone()).collect());
    let tasks = names(view.experiment.tasks.iter().map(|t| t.name.clone()).collect());
    let experiment = view.experiment;
    let of_task = |task| {
        let seeds = experiment.methods_of(task).map(move |m| experiment.seeds(task, m));
        seeds.map(|s| s.end - s.start).sum::<u64>()
    };
    let planned: u64 = experiment.tasks.iter().map(of_task).sum();
    let there = view.entries.len();
    let seeds = view.entries.iter().map(|e| e.record.seed);
    let seeds = seeds.clone().min().zip(seeds.max());
    let seeds = seeds.map_or(String::new(), |(from, to)| {
        format!(
            " All methods run the same episodes: seeds {from} to {to}, counted up from the first for \
             each task and method; where one runs fewer, it runs the first."
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
    let mut parts: Vec<String> = Vec::new();
    for method in view.rows() {
        let total = view.total(&method.name);
        if total.episodes == 0 {
            continue;
        }
        let verb = if parts.is_empty() { " succeeded" } else { "" };
        parts.push(format!(
            "{}{verb} in {} of {} ({}{NBSP}%, 95{NBSP}% interval {})",
            method.name,
            total.successes,
            count(total.episodes, "episode", "episodes"),
            percent(total.successes as f64 / total.episodes as f64),
            interval(crate::wilson(total.successes, total.episodes))
        ));
    }
    (!parts.is_empty())
        .then(|| format!("Over all tasks, by the strict definition, {}.", listing(&parts)))
}

fn energies(view: &View) -> Option<String> {
    let task = view.example_task();
    let mut parts: Vec<String> = Vec::new();
    let mut without: Vec<String> = Vec::new();
    for method in view.rows() {
        match view.cell(task, &method.name).map(|c| c.joules_per_success) {
            Some(Some(energy)) => {
                let remote = if is_remote(method) { " (its server not counted)" } else { "" };
                parts.push(format!("{} {}{remote}", method.name, joules(energy)));
            }
            Some(None) => without.push(method.name.clone()),
            None => {}
        }
    }
    let none = match without.as_slice() {
        [] => String::new(),
        names => format!(" {} had no success on it.", listing(names)),
    };
    let costs = format!(
        "A success on {task} cost {} ({}: the running agent, without the simulator).",
        listing(&parts),
        view.energy_kind()
    );
    match parts.is_empty() {
        true => (!without.is_empty()).then(|| format!("On {task} there was no success.")),
        false => Some(costs + &none),
    }
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
        false => format!(
            "Training {} took {}, {}; the aim is at most 1{NBSP}%.",
            agent.name,
            joules(own),
            listing(&parts)
        ),
    })
}
