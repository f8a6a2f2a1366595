//! The learning rate over a training.

/// A linear start and a cosine end.
pub(crate) fn rate(most: f64, step: usize, steps: usize) -> f64 {
    let warm = (steps / 20).max(1);
    if step < warm {
        return most * (step + 1) as f64 / warm as f64;
    }
    let share = (step - warm) as f64 / (steps - warm).max(1) as f64;
    most * (0.5 + 0.5 * libm::cos(std::f64::consts::PI * share)).max(0.01)
}
