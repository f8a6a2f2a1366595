//! What lies still, lies on something.

use super::gaussian::Row;
use super::{GATE, Tracker};

/// Standard deviation of how exactly one body lies on another, m.
const CONTACT_STD: f64 = 0.001;
/// A support is taken for granted when the next likely one is worse by this much in squared standard
/// deviations.
const CLEARLY: f64 = 9.0;
/// A height this sure tells one layer of bodies from the next, standard deviation, m.
const LEVEL_STD: f64 = 0.012;

impl Tracker {
    /// Takes in the heights of the bodies that lie on the surface or on another body, where there is
    /// no doubt on which.
    pub(super) fn rest(&mut self) {
        for body in 0..self.tracks.len() {
            if !self.tracks[body].known || self.tracks[body].held {
                continue;
            }
            let mut options: Vec<(f64, Row, f64)> =
                self.supports(body).map(|(row, gap)| self.judged(row, gap)).collect();
            options.sort_by(|a, b| a.0.total_cmp(&b.0));
            let Some((best, row, gap)) = options.first() else { continue };
            let clear = options.get(1).is_none_or(|next| next.0 - best > CLEARLY);
            let surely = self.belief.variance(row).sqrt() < LEVEL_STD;
            if *best < GATE * GATE && clear && surely {
                self.belief.update(row, -gap, CONTACT_STD * CONTACT_STD);
            }
        }
    }

    fn judged(&self, row: Row, gap: f64) -> (f64, Row, f64) {
        let variance = self.belief.variance(&row) + CONTACT_STD * CONTACT_STD;
        (gap * gap / variance, row, gap)
    }

    /// The gap between a body and each thing it may lie on, m, as a linear form and its value.
    fn supports(&self, body: usize) -> impl Iterator<Item = (Row, f64)> {
        let (place, edge) = (self.place(body), self.edge(body));
        let (half, share) = self.half_height(body);
        let own: Row = vec![(self.at(body, 2), 1.0), (self.at(body, 3), -share)];
        let bottom = place.z - half;
        let surface = (own.clone(), bottom - self.surface);
        let others = (0..self.tracks.len()).filter(move |&other| {
            if other == body || !self.tracks[other].known || self.tracks[other].held {
                return false;
            }
            let way = place - self.place(other);
            let std = |axis| self.difference(body, other, axis).sqrt();
            let reach = 0.5 * (edge + self.edge(other)) + 2.0 * std(0).max(std(1));
            way.xy().norm() < reach && way.z > -2.0 * std(2)
        });
        let on_others = others.map(move |other| {
            let mut row = own.clone();
            let (half, share) = self.half_height(other);
            row.extend([(self.at(other, 2), -1.0), (self.at(other, 3), -share)]);
            (row, bottom - self.place(other).z - half)
        });
        [surface].into_iter().chain(on_others)
    }

    /// Variance of how far two bodies are apart along an axis, m^2.
    fn difference(&self, one: usize, other: usize, axis: usize) -> f64 {
        self.belief.variance(&vec![(self.at(one, axis), 1.0), (self.at(other, axis), -1.0)])
    }
}
