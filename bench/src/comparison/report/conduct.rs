//! What happened on the way, whatever came of it in the end.

use super::page::{remark, row, section as titled, table};
use super::text::joules;
use super::view::View;
use crate::comparison::Cell;

/// The table.
pub(super) fn section(view: &View) -> String {
    let mut rows = String::from("<tbody>\n");
    for method in view.rows() {
        view.cells_of(&method.name).for_each(|cell| rows += &line(cell));
    }
    rows += "</tbody>\n";
    let heads = [
        "method",
        "task",
        "illegal",
        "drops",
        "misplaced",
        "collisions",
        "retries",
        "new plans",
        "work of the arm",
    ];
    let caption = "On the way: means over all episodes; illegal is the share of episodes in which a law of \
        the task was broken.";
    let note = "By ground truth. A drop: a carried body falls by 2 cm or more. Misplaced: a carried body \
        comes to rest where no legal state has it. A collision: a link or the hand begins to touch \
        something; the fingers may. Work: the positive part of joint torque times velocity, sampled 20 \
        times a second, from the simulator; the arm's own weight is balanced, and the losses of motors and \
        gears, which are most of what a real arm draws, are not in it.";
    titled("conduct", "On the way", &(table(caption, &heads, &rows) + &remark(note)))
}

fn line(cell: &Cell) -> String {
    let mean = |sum: u32| format!("{:.2}", f64::from(sum) / cell.episodes.max(1) as f64);
    row(&[
        &cell.method,
        &cell.task,
        &format!("{} of {}", cell.illegal, cell.episodes),
        &mean(cell.drops),
        &mean(cell.misplaced),
        &mean(cell.collisions),
        &mean(cell.retries),
        &mean(cell.replans),
        &joules(cell.work_joules),
    ])
}
