//! Intervals for rates.

/// The 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's 95 % score interval of a rate (Wilson 1927); `[0, 1]` when nothing was counted.
pub fn wilson(successes: usize, n: usize) -> [f64; 2] {
    if n == 0 {
        return [0.0, 1.0];
    }
    // What rounding would miss by a hair.
    let (none, all) = (successes == 0, successes == n);
    let (n, p) = (n as f64, successes as f64 / n as f64);
    let scale = 1.0 + Z * Z / n;
    let middle = (p + Z * Z / (2.0 * n)) / scale;
    let half = Z / scale * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    [if none { 0.0 } else { middle - half }, if all { 1.0 } else { middle + half }]
}

/// Two-sided p of McNemar's exact test (McNemar 1947): how likely pairs that differ fall at least as
/// unevenly if neither side is better; 1 when none differ.
pub fn mcnemar(only_first: usize, only_second: usize) -> f64 {
    let (n, less) = (only_first + only_second, only_first.min(only_second));
    // The binomial terms by their logarithms: the counts may be large.
    let mut log_term = -(n as f64) * std::f64::consts::LN_2;
    let mut tail = 0.0;
    for k in 0..=less {
        tail += log_term.exp();
        log_term += ((n - k) as f64).ln() - ((k + 1) as f64).ln();
    }
    (2.0 * tail).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons() {
        // Checked by hand against the formula for 17 of 50 and 95 of 100.
        for (successes, n, low, high) in [(17, 50, 0.2244, 0.4785), (95, 100, 0.8882, 0.9785)] {
            let [a, b] = wilson(successes, n);
            assert!((a - low).abs() < 5e-5 && (b - high).abs() < 5e-5, "{a} {b}");
        }
        assert_eq!(wilson(0, 0), [0.0, 1.0]);
        for n in 1..1000 {
            assert_eq!((wilson(0, n)[0], wilson(n, n)[1]), (0.0, 1.0), "{n}");
            assert!(wilson(1, n)[0] > 0.0 && wilson(n - 1, n)[1] < 1.0, "{n}");
        }
    }

    #[test]
    fn the_test_is_mcnemars() {
        // 2 * (1 + 10) / 2^10, 2 / 2^6, and no difference at all.
        assert!((mcnemar(9, 1) - 22.0 / 1024.0).abs() < 1e-12);
        assert!((mcnemar(0, 6) - 2.0 / 64.0).abs() < 1e-12);
        assert_eq!((mcnemar(0, 0), mcnemar(4, 4)), (1.0, 1.0));
        assert!(mcnemar(3000, 0) >= 0.0);
    }
}
