//! A plan's partial order as a picture.

use std::{collections::BTreeSet, fmt::Write};

use ergon_vocab::{Plan, Symbols};
use petgraph::visit::EdgeRef;

use super::{
    dot::step_name,
    layers::{Layout, lay_out},
};
use crate::execution::PartialOrder;

/// Width of a character of the 12 px monospaced font, px, with some room for fonts that are wider.
const CHAR: f64 = 7.6;
/// Height of a box, px.
const BOX: f64 = 24.0;
/// From one row to the next, px.
const PITCH: f64 = BOX + 30.0;
/// Between boxes of a row, px.
const GAP: f64 = 18.0;
/// Room for an edge that passes a row, px.
const PASSAGE: f64 = 14.0;
/// Margin around the drawing, px.
const MARGIN: f64 = 16.0;
/// Room for the number of a row, px.
const HEAD: f64 = 36.0;

/// Draws the partial order of a plan as SVG: a row holds the steps that can run at once, an arrow goes
/// from a step to one that must wait for it, the critical path stands out.
pub fn order_svg(order: &PartialOrder, plan: &Plan, symbols: &Symbols) -> String {
    let names: Vec<String> =
        (0..order.graph().node_count()).map(|step| step_name(plan, step, symbols)).collect();
    let boxes: Vec<f64> = names.iter().map(|n| n.chars().count() as f64 * CHAR + 14.0).collect();
    let rooms: Vec<f64> = boxes.iter().map(|width| width + GAP).collect();
    let edges: Vec<(usize, usize)> =
        order.graph().edge_references().map(|e| (e.source().index(), e.target().index())).collect();
    let levels = order.levels();
    let layout = lay_out(&levels, &edges, &rooms, PASSAGE);
    let path: Vec<usize> = order.critical_path().0;
    let drawing = Drawing {
        names,
        boxes,
        edges,
        layout,
        rows: levels.len(),
        critical_edges: path.windows(2).map(|pair| (pair[0], pair[1])).collect(),
        critical_steps: path.into_iter().collect(),
    };
    let mut svg = String::new();
    // Writing to a string does not fail.
    drawing.draw(&mut svg).unwrap_or_default();
    svg
}

struct Drawing {
    names: Vec<String>,
    /// Width of the box of each step, px.
    boxes: Vec<f64>,
    edges: Vec<(usize, usize)>,
    layout: Layout,
    rows: usize,
    critical_steps: BTreeSet<usize>,
    critical_edges: BTreeSet<(usize, usize)>,
}

impl Drawing {
    fn draw(&self, svg: &mut String) -> std::fmt::Result {
        let width = self.layout.width + HEAD + 2.0 * MARGIN;
        let height = (self.rows.max(1) - 1) as f64 * PITCH + BOX + 2.0 * MARGIN;
        writeln!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"monospace\" font-size=\"12\">"
        )?;
        svg.push_str(
            "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" \
             markerUnits=\"userSpaceOnUse\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">\
             <path d=\"M0 0 L8 4 L0 8 z\" fill=\"#555\"/></marker></defs>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        );
        for row in 0..self.rows {
            let y = row_y(row) + 4.0;
            writeln!(svg, "<text x=\"{MARGIN}\" y=\"{y:.1}\" fill=\"#888\">{}</text>", row + 1)?;
        }
        for (route, edge) in self.layout.routes.iter().zip(&self.edges) {
            self.draw_edge(svg, route, self.critical_edges.contains(edge))?;
        }
        for step in 0..self.names.len() {
            self.draw_step(svg, step)?;
        }
        svg.push_str("</svg>\n");
        Ok(())
    }

    fn draw_edge(&self, svg: &mut String, route: &[usize], bold: bool) -> std::fmt::Result {
        let place = |slot: usize| {
            let slot = self.layout.slots[slot];
            (MARGIN + HEAD + slot.x, row_y(slot.row))
        };
        let (mut x, mut y) = place(route[0]);
        y += BOX / 2.0;
        write!(svg, "<path d=\"M{x:.1} {y:.1}")?;
        for (i, &slot) in route.iter().enumerate().skip(1) {
            let (next, middle) = place(slot);
            let (top, turn) = (middle - BOX / 2.0, (y + middle - BOX / 2.0) / 2.0);
            write!(svg, " C{x:.1} {turn:.1} {next:.1} {turn:.1} {next:.1} {top:.1}")?;
            (x, y) = (next, top);
            if i + 1 < route.len() {
                y = middle + BOX / 2.0;
                write!(svg, " L{x:.1} {y:.1}")?;
            }
        }
        let (color, width) = if bold { ("#b33", 2.0) } else { ("#888", 1.2) };
        let stroke = format!("fill=\"none\" stroke=\"{color}\" stroke-width=\"{width}\"");
        writeln!(svg, "\" {stroke} marker-end=\"url(#arrow)\"/>")
    }

    fn draw_step(&self, svg: &mut String, step: usize) -> std::fmt::Result {
        let (slot, width) = (self.layout.slots[step], self.boxes[step]);
        let (x, y) = (MARGIN + HEAD + slot.x, row_y(slot.row));
        let bold = self.critical_steps.contains(&step);
        let (fill, stroke) = if bold { ("#fbe9e7", "#b33") } else { ("#eef3f8", "#567") };
        writeln!(
            svg,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{BOX}\" rx=\"4\" \
             fill=\"{fill}\" stroke=\"{stroke}\"/>\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            x - width / 2.0,
            y - BOX / 2.0,
            y + 4.0,
            escaped(&self.names[step])
        )
    }
}

/// Middle of a row, px.
fn row_y(row: usize) -> f64 {
    MARGIN + BOX / 2.0 + row as f64 * PITCH
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
