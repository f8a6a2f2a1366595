//! Simple temporal networks (Dechter, Meiri & Pearl 1991) over the happenings of a plan.

/// A time or a length of time in units of [`TICK`].
pub(super) type Ticks = i64;

/// One tick, s. Happenings that interfere are one tick apart: the tolerance of plan validators, and
/// the last digit of plan files.
pub(super) const TICK: f64 = 1e-3;

/// No duration is longer: sums stay far from the ends of [`Ticks`].
const LONGEST: f64 = 1e12;

/// A number of seconds in ticks, not rounded.
pub(super) fn in_ticks(seconds: f64) -> Option<f64> {
    let ticks = seconds / TICK;
    (ticks.abs() <= LONGEST).then_some(ticks)
}

/// Lower bounds on the distances of time points. Point `j` comes at least `w` after point `i` for
/// each edge `(i, j, w)`; upper bounds are edges back with negative `w`.
#[derive(Clone, Debug, Default)]
pub(super) struct Network {
    points: usize,
    /// Edges to later points, in the order of the point they lead to.
    forward: Vec<(usize, usize, Ticks)>,
    /// Edges to earlier points.
    backward: Vec<(usize, usize, Ticks)>,
}

impl Network {
    pub(super) fn new(points: usize) -> Self {
        Self { points, ..Self::default() }
    }

    /// Point `to` comes at least so long after point `from`.
    pub(super) fn after(&mut self, from: usize, to: usize, at_least: Ticks) {
        match from < to {
            true => self.forward.push((from, to, at_least)),
            false => self.backward.push((from, to, at_least)),
        }
    }

    /// The earliest time of each point, none before 0; nothing if the bounds contradict each other.
    ///
    /// Longest paths by the method of Bellman and Ford. A pass in the order of the points settles
    /// all paths without a backward edge, so that one pass more than there are such edges does.
    pub(super) fn earliest(&mut self) -> Option<Vec<Ticks>> {
        self.forward.sort_unstable_by_key(|&(from, to, _)| (to, from));
        let mut times = vec![0; self.points];
        for _ in 0..=self.backward.len() + 1 {
            let mut changed = false;
            for &(from, to, at_least) in self.forward.iter().chain(&self.backward) {
                let bound = times[from] + at_least;
                if times[to] < bound {
                    times[to] = bound;
                    changed = true;
                }
            }
            if !changed {
                return Some(times);
            }
        }
        None
    }

    /// How late a point may come while the others stay where they are, by the edges out of it to
    /// later points.
    pub(super) fn latest(&self, point: usize, times: &[Ticks]) -> Option<Ticks> {
        let out = self.forward.iter().filter(|(from, ..)| *from == point);
        out.map(|&(_, to, at_least)| times[to] - at_least).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_that_is_too_short_is_found() {
        let window = |length| {
            let mut network = Network::new(6);
            network.after(0, 5, length);
            network.after(5, 0, -length);
            for (from, to, gap) in [(0, 1, 1), (1, 2, 20), (2, 3, 1), (3, 4, 20), (4, 5, 1)] {
                network.after(from, to, gap);
            }
            network.earliest()
        };
        assert_eq!(window(42), None);
        assert_eq!(window(43), Some(vec![0, 1, 21, 22, 42, 43]));
        assert_eq!(window(50), Some(vec![0, 1, 21, 22, 42, 50]));
    }

    #[test]
    fn an_upper_bound_pulls_the_start_towards_the_end() {
        let mut network = Network::new(3);
        network.after(0, 2, 5);
        network.after(2, 0, -5);
        network.after(1, 2, 9);
        assert_eq!(network.earliest(), Some(vec![4, 0, 9]));
    }
}
