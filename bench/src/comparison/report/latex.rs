//! The tables for LaTeX, with nothing but `booktabs`.

use super::paper::{self, PaperCell};
use super::text::{NBSP, interval, joules, percent, seconds};
use super::view::View;
use crate::comparison::Cell;

/// Success, cost and training.
pub(super) fn tables(view: &View) -> String {
    let kind = escape(view.energy_kind());
    let source = escape(paper::SOURCE);
    let success = format!(
        "Strict success in percent with Wilson's 95~\\% intervals. The lower rows are those of {source} (its \
         own definition; intervals inferred)."
    );
    let cost = format!(
        "Energy per success ({kind}; running agent only) and simulated time per move. The lower rows are \
         those of {source} (whole machine with GPU; energy per success inferred)."
    );
    let title = view.experiment.title.replace('\n', " ");
    let comment: String = title.chars().filter(|c| !c.is_control()).collect();
    format!("% {comment}\n% Needs \\usepackage{{booktabs}}.\n")
        + &matrix(view, &success, "success", our_success, paper_success)
        + &matrix(view, &cost, "cost", our_cost, paper_cost)
        + &training(view)
}

fn matrix(
    view: &View,
    caption: &str,
    label: &str,
    ours: fn(&Cell) -> String,
    theirs: fn(&PaperCell) -> String,
) -> String {
    let tasks: Vec<&str> = view.experiment.tasks.iter().map(|t| t.name.as_str()).collect();
    let heads: Vec<String> = ["Method"].iter().chain(&tasks).map(|t| escape(t)).collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for method in view.rows() {
        let mut row = vec![escape(&method.name)];
        row.extend(tasks.iter().map(|t| view.cell(t, &method.name).map_or("--".into(), ours)));
        rows.push(row);
    }
    let mut published: Vec<Vec<String>> = Vec::new();
    for method in &paper::METHODS {
        let mut row = vec![format!("{} (paper)", escape(method.name))];
        row.extend(tasks.iter().map(|t| paper::cell(method, t).map_or("--".into(), theirs)));
        published.push(row);
    }
    let columns = format!("l{}", "l".repeat(tasks.len()));
    tabular(caption, label, &columns, &heads, &[rows, published])
}

fn training(view: &View) -> String {
    let trainings = view.circumstances.map_or(&[][..], |c| &c.trainings);
    let ours = trainings.iter().map(|t| {
        let energy = format!("{} ({})", joules(t.joules), first_word(&t.joules_kind));
        let (wall, cpu) = (seconds(t.wall_secs), seconds(t.cpu_secs));
        [t.method.clone(), t.network.clone(), wall, cpu, energy].map(|c| escape(&c)).to_vec()
    });
    let published = paper::METHODS.iter().map(|m| {
        let energy = format!("{} (measured)", joules(m.training_joules.iter().sum()));
        let wall = seconds(m.training_secs);
        [format!("{} (paper)", m.name), "all".into(), wall, "--".into(), energy]
            .map(|c| escape(&c))
            .to_vec()
    });
    let heads = ["Method", "Network", "Wall", "Processor", "Energy"].map(str::to_owned);
    let caption = format!("Training. The lower rows are those of {}.", escape(paper::SOURCE));
    tabular(&caption, "training", "lllll", &heads, &[ours.collect(), published.collect()])
}

fn first_word(label: &str) -> &str {
    label.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default()
}

/// A floating table; all text is LaTeX already.
fn tabular(
    caption: &str,
    label: &str,
    columns: &str,
    heads: &[String],
    groups: &[Vec<Vec<String>>],
) -> String {
    let mut out = format!(
        "\n\\begin{{table}}\n\\centering\n\\caption{{{caption}}}\n\\label{{tab:{label}}}\n\
         \\begin{{tabular}}{{{columns}}}\n\\toprule\n{} \\\\\n",
        heads.join(" & ")
    );
    for rows in groups.iter().filter(|rows| !rows.is_empty()) {
        out += "\\midrule\n";
        rows.iter().for_each(|row| out += &format!("{} \\\\\n", row.join(" & ")));
    }
    out + "\\bottomrule\n\\end{tabular}\n\\end{table}\n"
}

fn our_success(cell: &Cell) -> String {
    let rate = cell.successes as f64 / cell.episodes.max(1) as f64;
    escape(&format!("{} [{}]", percent(rate), interval(cell.interval)))
}

fn paper_success(cell: &PaperCell) -> String {
    let range = cell.interval().map_or(String::new(), |i| format!(" [{}]", interval(i)));
    escape(&format!("{}{range}", percent(cell.success)))
}

fn our_cost(cell: &Cell) -> String {
    let energy = cell.joules_per_success.map_or("no success".into(), joules);
    let time = cell.move_secs.map_or(String::new(), |s| format!(", {}", seconds(s)));
    escape(&(energy + &time))
}

fn paper_cost(cell: &PaperCell) -> String {
    let energy = cell.joules_per_success().map_or("no success".into(), joules);
    let time = cell.secs.map_or(String::new(), |s| format!(", {}", seconds(s)));
    escape(&(energy + &time))
}

/// Text that LaTeX sets as it is, in any font encoding.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out += "\\textbackslash{}",
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => out.extend(['\\', c]),
            '~' => out += "\\textasciitilde{}",
            '^' => out += "\\textasciicircum{}",
            '<' => out += "\\textless{}",
            '>' => out += "\\textgreater{}",
            '|' => out += "\\textbar{}",
            '"' => out += "''",
            '–' => out += "--",
            '…' => out += "\\ldots{}",
            'µ' => out += "\\ensuremath{\\mu}",
            // A bracket at the start of a row would be read as the option of the line break before it.
            '[' => out += "{[}",
            ']' => out += "{]}",
            NBSP => out.push('~'),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
