//! What the networks' work would cost on other hardware.

use std::time::Duration;

use ergon_energy::{Figure, Profile, Work};

use super::page::{remark, section as titled, table};
use super::text::{escape, joules, joules_range, significant};
use super::view::View;
use crate::comparison::MethodSpec;

/// The table; nothing where no work was counted.
pub(super) fn section(view: &View) -> String {
    let Ok(profiles) = Profile::shipped() else { return String::new() };
    let task = view.example_task();
    let works: Vec<(&MethodSpec, Work)> =
        view.rows().filter_map(|m| Some((m, work(view, task, m)?))).collect();
    if works.is_empty() {
        return String::new();
    }
    let heads: Vec<&str> =
        ["method", "counted"].into_iter().chain(profiles.iter().map(|p| p.name.as_str())).collect();
    let mut rows = String::from("<tbody>\n");
    for (method, work) in &works {
        rows += &format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td>",
            escape(&method.name),
            counted(work)
        );
        let figures = profiles.iter().map(|p| p.project(work));
        rows += &figures.map(|f| format!("<td>{}</td>", shown(&f))).collect::<String>();
        rows += "</tr>\n";
    }
    rows += "</tbody>\n";
    let caption = format!(
        "Projected, not measured: energy of the networks of an episode of {task}, if other hardware ran them \
         and stood by for the whole episode."
    );
    let scopes: Vec<String> = profiles.iter().map(|p| format!("{}: {}", p.name, p.scope)).collect();
    let note = format!(
        "Work is counted from the networks' graphs: one inference in every so many control steps as the \
         policy answers for, over the mean length of an episode. What the agent computes beside its networks \
         is left out. {}.",
        scopes.join(". ")
    );
    titled("projections", "On other hardware", &(table(&caption, &heads, &rows) + &remark(&note)))
}

/// The mean work of an episode; `None` where none was counted.
fn work(view: &View, task: &str, method: &MethodSpec) -> Option<Work> {
    let networks: Vec<_> =
        view.circumstances?.works.iter().filter(|w| w.method == method.name).collect();
    let episodes: Vec<_> =
        view.entries.iter().filter(|e| e.task == task && e.method == method.name).collect();
    if networks.is_empty() || episodes.is_empty() {
        return None;
    }
    let n = episodes.len() as f64;
    let steps = episodes.iter().map(|e| e.record.steps as f64).sum::<f64>() / n;
    let secs = episodes.iter().map(|e| e.record.time_secs).sum::<f64>() / n;
    let mut work = Work { time: Duration::try_from_secs_f64(secs).ok()?, ..Work::default() };
    for network in networks {
        let inferences = (steps / network.steps.max(1) as f64).ceil();
        let times = |value: u64| (inferences * value as f64) as u64;
        work.macs += times(network.macs);
        work.weight_bytes += times(network.weight_bytes);
        work.activation_bytes += times(network.activation_bytes);
    }
    Some(work)
}

fn counted(work: &Work) -> String {
    format!(
        "{}&nbsp;GMAC<small>{}&nbsp;GB of weights</small><small>{}&nbsp;GB of activations</small>",
        significant(work.macs as f64 * 1e-9),
        significant(work.weight_bytes as f64 * 1e-9),
        significant(work.activation_bytes as f64 * 1e-9)
    )
}

fn shown(figure: &Figure) -> String {
    format!(
        "<strong>{}</strong><small>{}, {}</small>",
        joules(figure.joules),
        figure.kind,
        joules_range(figure.range)
    )
}
