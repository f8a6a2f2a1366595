//! Statistics of a column, an episode at a time, and of episodes taken together.
//!
//! They are what LeRobot computes: of pictures a sample, each channel scaled to 0..1; of many
//! episodes the pooled mean and deviation, and the mean of the quantiles.

use ergon_vocab::Image;
use serde::{Deserialize, Serialize};

/// The quantiles that LeRobot keeps, in their order.
const QUANTILES: [f64; 5] = [0.01, 0.1, 0.5, 0.9, 0.99];
/// Pictures are thinned to about this many pixels a side ...
const THINNED_SIDE: usize = 150;
/// ... where their longer side has at least this many.
const THINNED_FROM: usize = 300;

/// One number of a component.
pub(super) type Measure = fn(&Component) -> f64;

/// Names of the statistics other than `count`, as the files have them.
pub(super) const FIELDS: [(&str, Measure); 9] = [
    ("min", |c| c.min),
    ("max", |c| c.max),
    ("mean", |c| c.mean),
    ("std", |c| c.std),
    ("q01", |c| c.quantiles[0]),
    ("q10", |c| c.quantiles[1]),
    ("q50", |c| c.quantiles[2]),
    ("q90", |c| c.quantiles[3]),
    ("q99", |c| c.quantiles[4]),
];

/// Statistics of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Stats {
    /// Frames, or pictures sampled.
    pub(super) count: u64,
    /// One a number, or one a channel.
    pub(super) components: Vec<Component>,
}

/// Statistics of one number of a vector, in its unit, or of one channel, in 0..1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Component {
    min: f64,
    max: f64,
    mean: f64,
    std: f64,
    quantiles: [f64; 5],
}

impl Stats {
    /// Of vectors, one after another, each of `length` numbers.
    pub(super) fn of_vectors(length: usize, values: &[f64]) -> Self {
        let component = |i| Component::of(values.iter().skip(i).step_by(length).copied().collect());
        Self {
            count: (values.len() / length) as u64,
            components: (0..length).map(component).collect(),
        }
    }

    pub(super) fn of_images(images: &[&Image]) -> Self {
        let sample = sample(images.len());
        let mut histograms = [[0u64; 256]; 3];
        for &i in &sample {
            count_pixels(images[i], &mut histograms);
        }
        Self {
            count: sample.len() as u64,
            components: histograms.iter().map(Component::of_histogram).collect(),
        }
    }

    /// Of the frames of all parts, which are not empty and have equally many components.
    pub(super) fn pooled(parts: &[&Self]) -> Self {
        let counts: Vec<f64> = parts.iter().map(|part| part.count as f64).collect();
        let length = parts.iter().map(|part| part.components.len()).min().unwrap_or(0);
        let component = |i: usize| {
            let parts: Vec<&Component> = parts.iter().map(|part| &part.components[i]).collect();
            Component::pooled(&counts, &parts)
        };
        Self {
            count: parts.iter().map(|part| part.count).sum(),
            components: (0..length).map(component).collect(),
        }
    }
}

impl Component {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
        let last = values.len() - 1;
        Self {
            min: values[0],
            max: values[last],
            mean,
            std: variance.sqrt(),
            quantiles: QUANTILES.map(|q| values[(q * last as f64).round() as usize]),
        }
    }

    /// Of a channel: how often each of its values occurs.
    fn of_histogram(counts: &[u64; 256]) -> Self {
        let n = counts.iter().sum::<u64>();
        let mean_of = |f: &dyn Fn(f64) -> f64| {
            let weighted = counts.iter().enumerate().map(|(v, &c)| f(v as f64 / 255.0) * c as f64);
            weighted.sum::<f64>() / n as f64
        };
        let mean = mean_of(&|value| value);
        // The value of the pixel of this rank, 0 being the darkest.
        let ranked = |rank: u64| {
            let mut passed = 0;
            let value = counts.iter().position(|&count| {
                passed += count;
                passed > rank
            });
            value.unwrap_or(0) as f64 / 255.0
        };
        let last = n.saturating_sub(1);
        Self {
            min: ranked(0),
            max: ranked(last),
            mean,
            std: mean_of(&|value| (value - mean).powi(2)).sqrt(),
            quantiles: QUANTILES.map(|q| ranked((q * last as f64).round() as u64)),
        }
    }

    fn pooled(counts: &[f64], parts: &[&Self]) -> Self {
        let n = counts.iter().sum::<f64>();
        let mean_of = |f: &dyn Fn(&Self) -> f64| {
            counts.iter().zip(parts).map(|(count, part)| count * f(part)).sum::<f64>() / n
        };
        let mean = mean_of(&|part| part.mean);
        let variance = mean_of(&|part| part.std.powi(2) + (part.mean - mean).powi(2));
        Self {
            min: parts.iter().map(|part| part.min).fold(f64::INFINITY, f64::min),
            max: parts.iter().map(|part| part.max).fold(f64::NEG_INFINITY, f64::max),
            mean,
            std: variance.sqrt(),
            quantiles: std::array::from_fn(|i| mean_of(&|part| part.quantiles[i])),
        }
    }
}

/// Which of `length` pictures are looked at: all up to a hundred, then about length^0.75, evenly.
fn sample(length: usize) -> Vec<usize> {
    // Two square roots, since these are exact everywhere and powers are not.
    let root = (length as f64).sqrt();
    let count = ((root * root.sqrt()) as usize).min(10_000).max(length.min(100));
    let step = length.saturating_sub(1) as f64 / count.saturating_sub(1).max(1) as f64;
    (0..count).map(|i| (i as f64 * step).round_ties_even() as usize).collect()
}

fn count_pixels(image: &Image, histograms: &mut [[u64; 256]; 3]) {
    let longer = image.width().max(image.height());
    let step = if longer < THINNED_FROM { 1 } else { longer / THINNED_SIDE };
    for row in image.data().chunks_exact(image.width() * 3).step_by(step) {
        for pixel in row.chunks_exact(3).step_by(step) {
            for (histogram, &value) in histograms.iter_mut().zip(pixel) {
                histogram[usize::from(value)] += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_measured_number_by_number() {
        let stats = Stats::of_vectors(2, &[1.0, 10.0, 3.0, 10.0]);
        assert_eq!(stats.count, 2);
        let [a, b] = &stats.components[..] else { panic!() };
        assert_eq!((a.min, a.max, a.mean, a.std), (1.0, 3.0, 2.0, 1.0));
        assert_eq!((b.min, b.max, b.mean, b.std), (10.0, 10.0, 10.0, 0.0));
    }

    #[test]
    fn channels_are_scaled_to_one() {
        let image = Image::new(2, 1, vec![0, 51, 255, 255, 51, 255]).unwrap();
        let stats = Stats::of_images(&[&image]);
        let [r, g, b] = &stats.components[..] else { panic!() };
        assert_eq!((r.min, r.max, r.mean, r.std), (0.0, 1.0, 0.5, 0.5));
        assert_eq!((g.min, g.max, g.mean), (0.2, 0.2, 0.2));
        assert_eq!((b.min, b.std), (1.0, 0.0));
        assert_eq!(stats.count, 1);
    }

    #[test]
    fn parts_pool_to_the_statistics_of_the_whole() {
        let values: Vec<f64> = (0..30).map(|i| f64::from(i * i % 17)).collect();
        let parts = [Stats::of_vectors(1, &values[..10]), Stats::of_vectors(1, &values[10..])];
        let pooled = Stats::pooled(&[&parts[0], &parts[1]]);
        let whole = Stats::of_vectors(1, &values);
        assert_eq!(pooled.count, 30);
        let (a, b) = (&pooled.components[0], &whole.components[0]);
        assert_eq!((a.min, a.max), (b.min, b.max));
        assert!((a.mean - b.mean).abs() < 1e-12 && (a.std - b.std).abs() < 1e-12);
    }

    #[test]
    fn as_many_pictures_are_sampled_as_lerobot_samples() {
        assert_eq!(sample(1), [0]);
        assert_eq!(sample(100), (0..100).collect::<Vec<_>>());
        let long = sample(1000);
        assert_eq!((long.len(), long[0], long[176]), (177, 0, 999));
        assert_eq!(sample(10_000).len(), 1000);
    }
}
