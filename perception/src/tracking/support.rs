//! What lies still, lies on something.
//!
//! On what is judged by how well each support explains what is believed (Bayesian model comparison, Jeffreys
//! 1939): what lies on a body lies in its middle, more or less, while it may lie anywhere on the surface.
//! One camera's ray that meets a stack just where the next layer has to be is thus no coincidence.

use ergon_vocab::Pose;
use nalgebra::{Matrix3, Vector2, Vector3};

use super::gaussian::Row;
use super::{GATE, Tracker};

/// Standard deviation of how exactly one body lies on another, m: of its height and of its middle.
const CONTACT_STD: f64 = 0.001;
const MIDDLE_STD: f64 = 0.01;
/// How far above or in what carries it a body at rest may seem to be, however sure that is, m: one that the
/// hand may have lifted, and one that is this far from the hand.
const LIFTED: f64 = 0.012;
const AFLOAT: f64 = 0.025;
const OUT_OF_REACH: f64 = 0.1;
/// Where on the surface a body may lie, m2.
const SURFACE_AREA: f64 = 0.25;
/// A support is taken for granted when the next likely one is worse by this much in squared standard
/// deviations.
const CLEARLY: f64 = 9.0;
/// Standard deviation of how far bodies that lie on the same one may seem to reach into each other, m.
const OVERLAP_STD: f64 = 0.004;

/// Something that a body may lie on.
struct Support {
    /// The gap between the two, m, as a linear form, its value and the variance of that, contact included.
    row: Row,
    gap: f64,
    variance: f64,
    /// How badly it explains what is believed: twice the negative logarithm of the evidence.
    cost: f64,
    /// The body that it is; `None` for the surface.
    on: Option<usize>,
}

/// A support that a body clearly has.
struct Choice {
    body: usize,
    on: Option<usize>,
    row: Row,
    gap: f64,
    /// By how much it explains better than the next one.
    lead: f64,
}

impl Tracker {
    /// Takes in the heights of the bodies that lie on the surface or on another body, where there is
    /// no doubt on which: first those where there is the least.
    pub(super) fn rest(&mut self) {
        let mut open: Vec<usize> = (0..self.tracks.len())
            .filter(|&body| self.tracks[body].known && !self.tracks[body].held)
            .collect();
        let mut carried: Vec<(usize, usize)> = Vec::new();
        loop {
            let choices = open.iter().filter_map(|&body| self.clearest(body, &carried));
            let Some(best) = choices.max_by(|a, b| a.lead.total_cmp(&b.lead)) else { break };
            self.belief.update(&best.row, -best.gap, CONTACT_STD * CONTACT_STD);
            open.retain(|&body| body != best.body);
            carried.extend(best.on.map(|on| (best.body, on)));
        }
    }

    /// What a body lies on, if there is no doubt.
    fn clearest(&self, body: usize, carried: &[(usize, usize)]) -> Option<Choice> {
        let mut supports: Vec<Support> = self.supports(body, carried).collect();
        supports.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        let next = supports.get(1).map_or(f64::INFINITY, |next| next.cost);
        let Support { row, gap, variance, cost, on } = supports.into_iter().next()?;
        let lead = next - cost;
        let most = if self.is_in_reach(body) { LIFTED } else { AFLOAT };
        let touches = gap.abs() < (GATE * variance.sqrt()).max(most);
        (touches && lead > CLEARLY).then_some(Choice { body, on, row, gap, lead })
    }

    fn supports<'a>(
        &'a self,
        body: usize,
        carried: &'a [(usize, usize)],
    ) -> impl Iterator<Item = Support> + 'a {
        let lying = self.bottom(body);
        let gap = self.place(body).z - self.half_height(body).0 - self.surface;
        let variance = self.belief.variance(&lying) + CONTACT_STD * CONTACT_STD;
        let anywhere = 2.0 * (SURFACE_AREA / std::f64::consts::TAU).ln();
        let cost = gap * gap / variance + variance.ln() + anywhere;
        let surface = Support { row: lying, gap, variance, cost, on: None };
        let others = (0..self.tracks.len()).filter(move |&other| {
            other != body && self.tracks[other].known && !self.tracks[other].held
        });
        [surface].into_iter().chain(others.map(move |other| {
            let support = self.support(body, other);
            let room = self.crowding(body, other, &support, carried);
            Support { cost: support.cost + room, ..support }
        }))
    }

    /// A body as the support of another.
    fn support(&self, body: usize, other: usize) -> Support {
        let mut row = self.bottom(body);
        let (half, share) = self.half_height(other);
        row.extend([(self.at(other, 2), -1.0), (self.at(other, 3), -share)]);
        let way = self.place(body) - self.place(other);
        let gap = way.z - self.half_height(body).0 - half;
        let beside = |axis| vec![(self.at(body, axis), 1.0), (self.at(other, axis), -1.0)];
        let forms = [row.clone(), beside(0), beside(1)];
        let slack = [CONTACT_STD, MIDDLE_STD, MIDDLE_STD];
        let spread = Matrix3::from_fn(|i, j| {
            let slack = if i == j { slack[i] * slack[i] } else { 0.0 };
            self.belief.product(&forms[i], &forms[j]) + slack
        });
        let off = Vector3::new(gap, way.x, way.y);
        let cost = match spread.cholesky() {
            Some(root) => off.dot(&root.solve(&off)) + root.determinant().ln(),
            None => f64::INFINITY,
        };
        Support { row, gap, variance: spread[(0, 0)], cost, on: Some(other) }
    }

    /// How little room there is for a body on another one that carries some already, by squared standard
    /// deviations.
    fn crowding(
        &self,
        body: usize,
        other: usize,
        support: &Support,
        carried: &[(usize, usize)],
    ) -> f64 {
        // Where it would be if it lay there.
        let there = |axis| {
            let row = vec![(self.at(body, axis), 1.0)];
            self.belief.mean(self.at(body, axis))
                - self.belief.product(&row, &support.row) / support.variance * support.gap
        };
        let there = Vector2::new(there(0), there(1));
        let riders = carried.iter().filter(|(_, on)| *on == other).map(|(rider, _)| *rider);
        let overlap = riders.map(|rider| {
            let apart = (there - self.place(rider).xy()).norm();
            0.5 * (self.edge(body) + self.edge(rider)) - apart
        });
        let most = overlap.fold(0.0, f64::max);
        (most / OVERLAP_STD).powi(2)
    }

    /// Whether the hand is near enough to have lifted a body, or what lies below it.
    fn is_in_reach(&self, body: usize) -> bool {
        let away = |tool: &Pose| (self.place(body) - tool.translation.vector).xy().norm();
        self.tool.as_ref().is_some_and(|tool| away(tool) < OUT_OF_REACH)
    }

    /// The height of a body's bottom as a linear form.
    fn bottom(&self, body: usize) -> Row {
        vec![(self.at(body, 2), 1.0), (self.at(body, 3), -self.half_height(body).1)]
    }
}
