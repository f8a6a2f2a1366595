//! The report of a comparison: one page of HTML that needs nothing beside it, and tables as CSV and
//! LaTeX.

mod causes;
mod conduct;
mod csv;
mod curve;
mod dots;
mod figures;
mod films;
mod latex;
mod making;
mod page;
mod pairs;
mod paper;
mod planning;
mod projections;
mod success;
mod svg;
#[cfg(test)]
mod tests;
mod text;
mod training;
mod verdict;
mod view;

pub use films::{Clip, scenes};
pub use text::without_folders;

use super::{Circumstances, Entry, Experiment};
use view::View;

/// What a report is made of. The same data give the same bytes.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What was to be run.
    pub experiment: &'a Experiment,
    /// What was run, in the experiment's order.
    pub entries: &'a [Entry],
    /// How it was run, where that is known.
    pub circumstances: Option<&'a Circumstances>,
    /// Films of some of the episodes.
    pub clips: &'a [Clip],
}

impl Report<'_> {
    /// The page. It has no scripts and refers to nothing outside itself.
    pub fn html(&self) -> String {
        let view = View::of(self);
        let sections = [
            verdict::section(&view),
            success::section(&view),
            figures::section(&view),
            causes::section(&view),
            conduct::section(&view),
            curve::section(&view),
            pairs::section(&view),
            training::section(&view),
            projections::section(&view),
            planning::section(&view),
            films::section(self.clips),
            making::section(&view),
        ];
        page::page(&self.experiment.title, &sections.concat())
    }

    /// One line for each method and task, with all that the page says of them.
    pub fn csv(&self) -> String {
        csv::table(&View::of(self))
    }

    /// The tables of success, cost and training for a paper; they need the package `booktabs`.
    pub fn latex(&self) -> String {
        latex::tables(&View::of(self))
    }
}
