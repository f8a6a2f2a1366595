//! A Gaussian over a vector, updated by one scalar measurement at a time.

/// A linear form: pairs of index and coefficient.
pub(crate) type Row = Vec<(usize, f64)>;

/// Mean and covariance of a vector.
#[derive(Clone, Debug)]
pub(crate) struct Gaussian {
    mean: Vec<f64>,
    /// Row by row; symmetric.
    covariance: Vec<f64>,
}

impl Gaussian {
    /// Independent components with these means and standard deviations.
    pub(crate) fn new(components: &[(f64, f64)]) -> Self {
        let n = components.len();
        let mut covariance = vec![0.0; n * n];
        for (i, (_, std)) in components.iter().enumerate() {
            covariance[i * n + i] = std * std;
        }
        Self { mean: components.iter().map(|c| c.0).collect(), covariance }
    }

    pub(crate) fn mean(&self, i: usize) -> f64 {
        self.mean[i]
    }

    pub(crate) fn set_mean(&mut self, i: usize, value: f64) {
        self.mean[i] = value;
    }

    pub(crate) fn covariance(&self, i: usize, j: usize) -> f64 {
        self.covariance[i * self.mean.len() + j]
    }

    /// Mean of a linear form.
    pub(crate) fn value(&self, row: &Row) -> f64 {
        row.iter().map(|&(i, a)| a * self.mean[i]).sum()
    }

    /// Variance of a linear form.
    pub(crate) fn variance(&self, row: &Row) -> f64 {
        self.product(row, row)
    }

    /// Covariance of two linear forms.
    pub(crate) fn product(&self, one: &Row, other: &Row) -> f64 {
        one.iter()
            .map(|&(i, a)| other.iter().map(|&(j, b)| a * b * self.covariance(i, j)).sum::<f64>())
            .sum()
    }

    /// Adds independent noise to a component.
    pub(crate) fn diffuse(&mut self, i: usize, std: f64) {
        let n = self.mean.len();
        self.covariance[i * n + i] += std * std;
    }

    /// Forgets a component: a new mean and standard deviation, independent of everything else.
    pub(crate) fn forget(&mut self, i: usize, mean: f64, std: f64) {
        let n = self.mean.len();
        for j in 0..n {
            self.covariance[i * n + j] = 0.0;
            self.covariance[j * n + i] = 0.0;
        }
        self.covariance[i * n + i] = std * std;
        self.mean[i] = mean;
    }

    /// Takes in a measurement of a linear form (Kalman 1960): `innovation` is measured less expected.
    pub(crate) fn update(&mut self, row: &Row, innovation: f64, variance: f64) {
        let n = self.mean.len();
        let towards: Vec<f64> = (0..n)
            .map(|i| row.iter().map(|&(j, b)| self.covariance[i * n + j] * b).sum())
            .collect();
        let total = row.iter().map(|&(i, a)| a * towards[i]).sum::<f64>() + variance;
        let rows = self.mean.iter_mut().zip(self.covariance.chunks_exact_mut(n));
        for ((mean, row), share) in rows.zip(&towards) {
            let gain = share / total;
            *mean += gain * innovation;
            row.iter_mut().zip(&towards).for_each(|(c, t)| *c -= gain * t);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_measurements_of_a_number_are_averaged_by_their_precision() {
        let mut g = Gaussian::new(&[(0.0, 1e3), (5.0, 1.0)]);
        g.update(&vec![(0, 1.0)], 2.0, 1.0);
        let expected = g.mean(0);
        g.update(&vec![(0, 1.0)], 4.0 - expected, 1.0);
        assert!((g.mean(0) - 3.0).abs() < 1e-3);
        assert!((g.covariance(0, 0) - 0.5).abs() < 1e-3);
        assert_eq!((g.mean(1), g.covariance(1, 1)), (5.0, 1.0));
    }

    #[test]
    fn a_difference_that_is_measured_ties_its_ends() {
        let mut g = Gaussian::new(&[(0.0, 1.0), (0.0, 1.0)]);
        g.update(&vec![(0, 1.0), (1, -1.0)], 0.5, 1e-9);
        g.update(&vec![(0, 1.0)], 1.0 - g.mean(0), 1e-9);
        assert!((g.mean(0) - 1.0).abs() < 1e-6 && (g.mean(1) - 0.5).abs() < 1e-6);
        g.forget(0, 7.0, 2.0);
        assert_eq!((g.covariance(0, 1), g.variance(&vec![(0, 1.0)])), (0.0, 4.0));
    }
}
