//! A drawing as SVG.

use super::text::escape;

/// A drawing that is being made; y grows downwards, one unit is one pixel of a wide page.
pub(super) struct Svg {
    size: [f64; 2],
    body: String,
}

/// Where text stands from its place.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self { size: [width, height], body: String::new() }
    }

    /// A line whose look is given by the style sheet.
    pub(super) fn rule(&mut self, class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
        self.body += &format!(
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>\n"
        );
    }

    /// A line of data.
    pub(super) fn line(
        &mut self,
        colour: &str,
        width: f64,
        [x1, y1]: [f64; 2],
        [x2, y2]: [f64; 2],
    ) {
        self.body += &format!(
            "<line stroke=\"{colour}\" stroke-width=\"{width}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" \
             x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>\n"
        );
    }

    /// A point of data; `told` is shown where a pointer rests on it.
    pub(super) fn dot(&mut self, colour: &str, hollow: bool, [x, y]: [f64; 2], told: &str) {
        let fill = if hollow { "#fff" } else { colour };
        self.body += &format!(
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\" fill=\"{fill}\" stroke=\"{colour}\" \
             stroke-width=\"2\"><title>{}</title></circle>\n",
            escape(told)
        );
    }

    /// A filled bar; `told` is shown where a pointer rests on it.
    pub(super) fn bar(&mut self, colour: &str, [x, y]: [f64; 2], [w, h]: [f64; 2], told: &str) {
        self.body += &format!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" fill=\"{colour}\">\
             <title>{}</title></rect>\n",
            escape(told)
        );
    }

    pub(super) fn text(&mut self, class: &str, anchor: Anchor, [x, y]: [f64; 2], text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        self.body += &format!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>\n",
            escape(text)
        );
    }

    /// The whole element, with what it shows in words.
    pub(super) fn finish(self, shows: &str) -> String {
        let [width, height] = self.size;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" \
             aria-label=\"{}\">\n{}</svg>",
            escape(shows),
            self.body
        )
    }
}

/// A text cut to fit into a column.
pub(super) fn fitted(text: &str, most: usize) -> String {
    match text.chars().count() <= most {
        true => text.to_owned(),
        false => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// How values become places on an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scale {
    Linear([f64; 2]),
    /// Both ends are positive.
    Log([f64; 2]),
}

impl Scale {
    /// A logarithmic scale over whole decades that holds all positive values; `None` without any.
    pub(super) fn decades(values: impl Iterator<Item = f64>) -> Option<Self> {
        let logs = values.filter(|v| *v > 0.0 && v.is_finite()).map(f64::log10);
        let ends = logs.fold(None, |ends: Option<[f64; 2]>, l| {
            Some(ends.map_or([l, l], |[low, high]| [low.min(l), high.max(l)]))
        });
        let [low, high] = ends?;
        let (low, high) = (low.floor() as i32, high.ceil() as i32);
        Some(Self::Log([low, high.max(low + 1)].map(|e| 10f64.powi(e))))
    }

    /// A linear scale from nothing to a round number above all values; `None` without any.
    pub(super) fn from_zero(values: impl Iterator<Item = f64>) -> Option<Self> {
        let most = values
            .filter(|v| v.is_finite())
            .fold(None, |m: Option<f64>, v| Some(m.map_or(v, |m| m.max(v))))?;
        let step = Self::step(most.max(1e-9));
        Some(Self::Linear([0.0, (most / step).ceil().max(1.0) * step]))
    }

    /// A round distance between ticks: about five of them up to a value.
    fn step(most: f64) -> f64 {
        let decade = 10f64.powi((most / 5.0).log10().floor() as i32);
        let steps = [1.0, 2.0, 5.0].map(|s| s * decade);
        steps.into_iter().find(|s| most / s <= 5.0).unwrap_or(10.0 * decade)
    }

    /// Where a value lies, 0 to 1.
    pub(super) fn place(self, value: f64) -> f64 {
        let place = match self {
            Self::Linear([low, high]) => (value - low) / (high - low),
            Self::Log([low, high]) => (value.max(low) / low).log10() / (high / low).log10(),
        };
        place.clamp(0.0, 1.0)
    }

    /// Values with a tick.
    pub(super) fn ticks(self) -> Vec<f64> {
        match self {
            Self::Linear([low, high]) => {
                let step = Self::step(high - low);
                let n = ((high - low) / step).round() as usize;
                (0..=n).map(|i| low + i as f64 * step).collect()
            }
            Self::Log([low, high]) => {
                let (from, to) = (low.log10().round() as i32, high.log10().round() as i32);
                let every = ((to - from + 6) / 7).max(1) as usize;
                (from..=to).step_by(every).map(|e| 10f64.powi(e)).collect()
            }
        }
    }
}
