//! Short motions of the joints that end at rest.
//!
//! A robot keeps moving when its client dies, so it is never told more than the next short motion, and
//! every motion it is told ends at zero velocity.

/// The longest motion a robot is told, s.
pub const LONGEST_SECS: f64 = 2.0;
/// The shortest time between two points of a motion, s.
const SHORTEST_SECS: f64 = 0.02;
/// Share of the acceleration by which a joint plans to stop. A cubic from v to rest in T that covers
/// v t / 2 slows at most by v / t (t / T)(4 - 3 t / T): by 4/3 of v / t, for the joint whose t is 2/3 of
/// the T that all joints share.
const STOP_SHARE: f64 = 0.75;

/// Positions and velocities of the joints. Shapes (dof,), rad and rad/s (m and m/s of sliding joints).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JointState {
    /// Positions.
    pub positions: Vec<f64>,
    /// Velocities.
    pub velocities: Vec<f64>,
}

impl JointState {
    /// Standing still at some positions.
    pub fn at_rest(positions: Vec<f64>) -> Self {
        let velocities = vec![0.0; positions.len()];
        Self { positions, velocities }
    }
}

/// A point of a motion.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// When it is passed, s after the motion's beginning.
    pub at_secs: f64,
    /// Where the joints are and how fast.
    pub state: JointState,
}

/// A motion of all joints, as points that are joined by cubic splines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segment {
    /// The points in order of time; where it begins is not among them.
    pub points: Vec<Point>,
}

impl Segment {
    /// How long it takes, s.
    pub fn secs(&self) -> f64 {
        self.points.last().map_or(0.0, |p| p.at_secs)
    }

    /// Where it ends. Shape (dof,); empty when there are no points.
    pub fn end(&self) -> &[f64] {
        self.points.last().map_or(&[], |p| &p.state.positions)
    }
}

/// How fast joints may be moved. Shapes (dof,).
#[derive(Clone, Debug, PartialEq)]
pub struct Pace {
    /// Highest speeds, rad/s (m/s of sliding joints).
    pub velocity: Vec<f64>,
    /// Highest accelerations, rad/s^2 (m/s^2).
    pub acceleration: Vec<f64>,
}

/// A motion from rest to rest, in `least_secs` or as much more as the pace asks for; where that would
/// take more than [`LONGEST_SECS`], towards `to` as far as one gets in that time.
pub fn rest_to_rest(from: &[f64], to: &[f64], pace: &Pace, least_secs: f64) -> Segment {
    // A cubic from rest to rest over d in T peaks at 1.5 d / T and 6 d / T^2.
    let needed = |((from, to), (v, a)): ((&f64, &f64), (&f64, &f64))| {
        let way = (to - from).abs();
        (1.5 * way / v).max((6.0 * way / a).sqrt())
    };
    let limits = pace.velocity.iter().zip(&pace.acceleration);
    let secs = from.iter().zip(to).zip(limits).map(needed).fold(least_secs, f64::max);
    let short = secs.min(LONGEST_SECS);
    // Less way in the same time lowers speed and acceleration alike.
    let share = (short / secs).powi(2);
    let positions = from.iter().zip(to).map(|(from, to)| from + (to - from) * share).collect();
    let at_secs = short.max(SHORTEST_SECS);
    Segment { points: vec![Point { at_secs, state: JointState::at_rest(positions) }] }
}

/// A motion that goes on from `from` towards `to` for `step_secs` and then comes to rest as fast as the
/// pace allows: each is meant to be replaced by the next before its end. The first point is where the
/// next one begins.
pub fn flowing(from: &JointState, to: &[f64], pace: &Pace, step_secs: f64) -> Segment {
    let mut passed = JointState::default();
    let (mut rest, mut stop_secs) = (Vec::with_capacity(to.len()), SHORTEST_SECS);
    for (i, goal) in to.iter().enumerate() {
        let (q, v) = (from.positions[i], from.velocities[i]);
        let (fastest, most) = (pace.velocity[i], pace.acceleration[i]);
        let way = goal - q;
        // As fast as one can still stop in time.
        let wanted = (way.abs() / step_secs).min((2.0 * most * way.abs()).sqrt()).min(fastest);
        let change = (wanted.copysign(way) - v).clamp(-most * step_secs, most * step_secs);
        let next = v + change;
        passed.positions.push(q + 0.5 * (v + next) * step_secs);
        passed.velocities.push(next);
        let stops = (next.abs() / (STOP_SHARE * most)).min(LONGEST_SECS - step_secs);
        rest.push(passed.positions[i] + 0.5 * next * stops);
        stop_secs = stop_secs.max(stops);
    }
    let rest = JointState::at_rest(rest);
    let end = Point { at_secs: step_secs + stop_secs, state: rest };
    Segment { points: vec![Point { at_secs: step_secs, state: passed }, end] }
}

/// The state on the cubic between two states `secs` apart, `at` after the first: positions, velocities,
/// and the largest acceleration on the way as `most_accelerations`.
pub(crate) fn between(a: &JointState, b: &JointState, secs: f64, at: f64) -> JointState {
    let s = (at / secs).clamp(0.0, 1.0);
    let blend = |i: usize| {
        let (p, v) = (&a.positions, &a.velocities);
        let d = b.positions[i] - p[i];
        let (m0, m1) = (v[i] * secs, b.velocities[i] * secs);
        let (c2, c3) = (3.0 * d - 2.0 * m0 - m1, m0 + m1 - 2.0 * d);
        let position = p[i] + s * (m0 + s * (c2 + s * c3));
        (position, (m0 + s * (2.0 * c2 + 3.0 * s * c3)) / secs)
    };
    let (positions, velocities) = (0..b.positions.len()).map(blend).unzip();
    JointState { positions, velocities }
}

/// The largest speed and acceleration of joint `i` on the cubic between two states.
pub(crate) fn peaks(a: &JointState, b: &JointState, secs: f64, i: usize) -> (f64, f64) {
    let d = b.positions[i] - a.positions[i];
    let (m0, m1) = (a.velocities[i] * secs, b.velocities[i] * secs);
    let (c2, c3) = (3.0 * d - 2.0 * m0 - m1, m0 + m1 - 2.0 * d);
    let ends = (2.0 * c2).abs().max((2.0 * c2 + 6.0 * c3).abs()) / (secs * secs);
    let mut speed = m0.abs().max(m1.abs());
    let turn = -c2 / (3.0 * c3);
    if turn.is_finite() && (0.0..1.0).contains(&turn) {
        speed = speed.max((m0 + turn * (2.0 * c2 + 3.0 * turn * c3)).abs());
    }
    (speed / secs, ends)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STEP: f64 = 0.05;

    fn pace() -> Pace {
        Pace { velocity: vec![1.0, 2.0], acceleration: vec![5.0, 10.0] }
    }

    fn within(from: &JointState, segment: &Segment, pace: &Pace) {
        let (mut at, mut before) = (from.clone(), 0.0);
        for point in &segment.points {
            for i in 0..2 {
                let (speed, acceleration) = peaks(&at, &point.state, point.at_secs - before, i);
                assert!(speed <= pace.velocity[i] * (1.0 + 1e-9), "{speed} in {segment:?}");
                assert!(acceleration <= pace.acceleration[i] * 1.0001, "{acceleration}");
            }
            (at, before) = (point.state.clone(), point.at_secs);
        }
    }

    #[test]
    fn a_long_way_is_begun_and_not_finished() {
        let segment = rest_to_rest(&[0.0, 0.0], &[3.0, 0.3], &pace(), STEP);
        assert_eq!(segment.secs(), LONGEST_SECS);
        let [a, b] = segment.end() else { panic!() };
        assert!(*a > 0.5 && *a < 3.0 && (b / a - 0.1).abs() < 1e-9);
    }

    #[test]
    fn a_stream_of_motions_arrives_and_stays() {
        let to = [0.4, -0.9];
        let mut state = JointState::at_rest(vec![0.0, 0.0]);
        for _ in 0..100 {
            state = flowing(&state, &to, &pace(), STEP).points.swap_remove(0).state;
        }
        for (i, goal) in to.iter().enumerate() {
            assert!((state.positions[i] - goal).abs() < 2e-3, "{state:?}");
            assert!(state.velocities[i].abs() < 2e-2, "{state:?}");
        }
    }

    proptest! {
        #[test]
        fn motions_keep_the_pace_and_end_at_rest(
            a in -2.0..2.0, b in -2.0..2.0, c in -2.0..2.0, d in -2.0..2.0,
            v in -1.0..1.0, w in -2.0..2.0,
        ) {
            let still = JointState::at_rest(vec![a, b]);
            let moving = JointState { positions: vec![a, b], velocities: vec![v, w] };
            let cases = [
                (&still, rest_to_rest(&[a, b], &[c, d], &pace(), STEP)),
                (&moving, flowing(&moving, &[c, d], &pace(), STEP)),
            ];
            for (from, segment) in cases {
                within(from, &segment, &pace());
                prop_assert!(segment.secs() <= LONGEST_SECS);
                let last = segment.points.last().unwrap();
                prop_assert_eq!(&last.state.velocities, &vec![0.0, 0.0]);
            }
        }

        #[test]
        fn the_cubic_passes_through_its_ends(p in -1.0..1.0, q in -1.0..1.0, v in -1.0..1.0, w in -1.0..1.0) {
            let a = JointState { positions: vec![p], velocities: vec![v] };
            let b = JointState { positions: vec![q], velocities: vec![w] };
            for (at, end) in [(0.0, &a), (0.3, &b)] {
                let state = between(&a, &b, 0.3, at);
                prop_assert!((state.positions[0] - end.positions[0]).abs() < 1e-9);
                prop_assert!((state.velocities[0] - end.velocities[0]).abs() < 1e-9);
            }
        }
    }
}
