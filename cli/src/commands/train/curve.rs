//! The loss over a training.

use ergon_learn::Progress;
use indicatif::ProgressBar;

use crate::out::say;
use crate::progress;

/// Share of the running mean that is shown that each batch's loss replaces.
const FRESH: f32 = 0.02;

/// The loss over a training: shown while it runs, drawn at its end.
pub(super) struct Curve {
    name: &'static str,
    bar: ProgressBar,
    mean: f32,
    points: Vec<f32>,
}

impl Curve {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, bar: progress::bar(0, false, name), mean: 0.0, points: Vec::new() }
    }

    /// Takes up a loss of an earlier run.
    pub(super) fn remember(&mut self, loss: f32) {
        let first = self.points.is_empty();
        self.mean = if first { loss } else { self.mean + FRESH * (loss - self.mean) };
        self.points.push(self.mean);
    }

    pub(super) fn push(&mut self, p: Progress) {
        self.remember(p.loss);
        self.bar.set_length(p.steps as u64);
        self.bar.set_position(p.step as u64);
        self.bar.set_message(format!("{}, loss {:.3}", self.name, self.mean));
        if !self.bar.is_hidden() || !p.step.is_multiple_of(200) {
            return;
        }
        say!("{} {}/{}, loss {:.3}", self.name, p.step, p.steps, self.mean);
    }

    /// The mean of late.
    pub(super) fn mean(&self) -> f32 {
        self.mean
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// The curve as a drawing of 640 x 360.
    pub(super) fn svg(&self) -> String {
        let (low, high) = self
            .points
            .iter()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
        let span = (high - low).max(1e-6);
        let stride = (self.points.len() / 500).max(1);
        let line: String = self
            .points
            .iter()
            .enumerate()
            .step_by(stride)
            .map(|(i, x)| {
                let across = 60.0 + 560.0 * i as f32 / self.points.len().max(1) as f32;
                // The fourth root shows the beginning and the end alike.
                let up = ((x - low) / span).max(0.0).powf(0.25);
                format!("{across:.1},{:.1} ", 310.0 - 280.0 * up)
            })
            .collect();
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" font-family="sans-serif" font-size="13">
<rect width="640" height="360" fill="#fff"/>
<polyline points="{line}" fill="none" stroke="#1f5fa8" stroke-width="1.5"/>
<path d="M60 30V310H620" fill="none" stroke="#444"/>
<text x="54" y="34" text-anchor="end">{high:.2}</text><text x="54" y="314" text-anchor="end">{low:.2}</text>
<text x="340" y="345" text-anchor="middle">{} batches; mean loss of {}, fourth root of the distance to its least</text>
</svg>
"##,
            self.points.len(),
            self.name
        )
    }
}
