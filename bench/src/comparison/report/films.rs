//! Examples: which episodes are filmed, and the films on the page.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::page::{paragraph, section as titled};
use super::text::{escape, seconds};
use crate::comparison::{Entry, Experiment};

/// The task whose episodes are shown where there is one.
const FIRST_CHOICE: &str = "3 blocks";

/// An episode that was run once more for a film.
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    /// The episode's task and method, as the experiment calls them.
    pub task: String,
    /// See `task`.
    pub method: String,
    /// Its seed.
    pub seed: u64,
    /// Whether it succeeded, strictly.
    pub success: bool,
    /// Its simulated time, and how much of that is shown, s.
    pub time_secs: f64,
    /// See `time_secs`.
    pub shown_secs: f64,
    /// Simulated seconds that pass in a second of the film.
    pub speed: f64,
    /// Whether it ended in the same state of the simulator, to the bit, as the recorded one.
    pub same: bool,
    /// The film, an animated GIF.
    pub gif: Vec<u8>,
}

/// The episodes to be filmed: of every method that is a row the first success and the first failure.
pub fn scenes<'a>(experiment: &Experiment, entries: &'a [Entry]) -> Vec<&'a Entry> {
    let mut tasks: Vec<&str> = experiment.tasks.iter().map(|t| t.name.as_str()).collect();
    tasks.sort_by_key(|t| *t != FIRST_CHOICE);
    let first = |method: &str, success: bool| {
        tasks.iter().find_map(|task| {
            entries
                .iter()
                .find(|e| e.task == *task && e.method == method && e.record.success == success)
        })
    };
    let rows = experiment.methods.iter().filter(|m| !m.curve);
    rows.flat_map(|m| [first(&m.name, true), first(&m.name, false)].into_iter().flatten()).collect()
}

/// The films, beside each other.
pub(super) fn section(clips: &[Clip]) -> String {
    let body = match clips.is_empty() {
        true => paragraph("No films were made."),
        false => {
            let figures: String = clips.iter().map(figure).collect();
            paragraph(
                "Of every method the first success and the first failure, if there are any: the cell from \
                 outside, both cameras, and what the agent is doing.",
            ) + &format!("<div class=\"films\">\n{figures}</div>\n")
        }
    };
    titled("films", "Examples", &body)
}

fn figure(clip: &Clip) -> String {
    let end = if clip.success { "success" } else { "failure" };
    let about = format!("{}, {}, seed {}: {end}", clip.method, clip.task, clip.seed);
    let length = match clip.shown_secs < clip.time_secs {
        true => format!("The first {} of {}", seconds(clip.shown_secs), seconds(clip.time_secs)),
        false => format!("All {}", seconds(clip.time_secs)),
    };
    let same = match clip.same {
        true => "run again from its seed, with the same digest as the record",
        false => {
            "run again from its seed; this run's digest is not the record's, as happens with another \
             runtime, version or machine"
        }
    };
    format!(
        "<figure><img src=\"data:image/gif;base64,{}\" alt=\"Film of an episode: {}\"><figcaption>\
         <strong>{}</strong>. {length}, {} times as fast; {same}.</figcaption></figure>\n",
        STANDARD.encode(&clip.gif),
        escape(&about),
        escape(&about),
        clip.speed
    )
}
