//! How the comparison was made, and where its numbers come from.

use std::collections::{BTreeMap, BTreeSet};

use super::page::{paragraph, section as titled};
use super::text::{escape, without_folders};
use super::view::View;
use crate::comparison::Circumstances;

/// Machine, meter, versions, experiment.
pub(super) fn section(view: &View) -> String {
    let known = match view.circumstances {
        Some(circumstances) => keys(circumstances) + &experiment(&circumstances.experiment),
        None => paragraph("How it was run is not on record."),
    };
    titled("making", "How this was made", &(known + &sources()))
}

fn keys(circumstances: &Circumstances) -> String {
    let meter = &circumstances.meter;
    let [low, high] = meter.range;
    let rows = [
        ("program", program(circumstances)),
        ("processor", processor(circumstances)),
        ("system", circumstances.system.clone()),
        ("networks run by", without_folders(&circumstances.runtime)),
        ("meter", format!("{}: {}", meter.name, meter.kind)),
        ("its range", format!("{low} to {high} times the figure")),
        ("its assumptions", meter.assumptions.clone()),
    ];
    let rows: String = rows
        .iter()
        .map(|(key, value)| {
            format!(
                "<tr><th scope=\"row\">{key}</th><td class=\"wrap\">{}</td></tr>\n",
                escape(value)
            )
        })
        .collect();
    format!(
        "<div class=\"scroll\"><table class=\"keys\"><caption><span>Machine, meter and versions</span></caption>\n\
         <tbody>\n{rows}</tbody></table></div>\n"
    )
}

/// Version and commit; method by method, where there were several.
fn program(circumstances: &Circumstances) -> String {
    let Circumstances { version, commit, commits, .. } = circumstances;
    match several(commits, commit) {
        None => format!("ergon {version}, commit {commit}"),
        Some(listed) => format!("ergon {version}; {listed}"),
    }
}

/// Processor and threads; method by method, where there were several.
fn processor(circumstances: &Circumstances) -> String {
    let Circumstances { processor, processors, threads, .. } = circumstances;
    match several(processors, processor) {
        None => format!("{processor}, {threads} threads"),
        Some(listed) => format!(
            "several, whose processor times and energies differ for the same work: {listed}"
        ),
    }
}

/// What is noted of each method, if it is not always the one.
fn several(noted: &BTreeMap<String, BTreeSet<String>>, one: &str) -> Option<String> {
    noted.values().flatten().find(|n| *n != one)?;
    let each = noted.iter().map(|(method, names)| {
        format!("{method}: {}", names.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
    });
    Some(each.collect::<Vec<_>>().join("; "))
}

fn experiment(text: &str) -> String {
    format!("<h3>The experiment</h3>\n<pre tabindex=\"0\">{}</pre>\n", escape(text))
}

fn sources() -> String {
    "<h3>Where the numbers come from</h3>\n\
     <p>Beside this page lie <code>episodes.jsonl</code>, one line for each episode with its seed, verdict, \
     times and the digest of its end, in which nothing depends on a clock or a meter; <code>costs.jsonl\
     </code>, its processor time and energy by span (planning, perceiving and acting are the agent's); \
     <code>circumstances.json</code>, machine, meter and trainings; <code>experiment.toml</code>. All numbers \
     of ours follow from these. <code>table.csv</code> has those of the tables one line a cell, \
     <code>table.tex</code> the tables for LaTeX. <code>ergon report</code> makes all of them again from \
     <code>journal.jsonl</code>, which holds records and costs as they came.</p>\n"
        .into()
}
