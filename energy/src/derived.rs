//! What follows from figures: energy per step, move, episode and success, and when training is repaid.

use serde::Serialize;

use crate::{Figure, Kind};

/// Joules in a kilowatt-hour.
const JOULES_PER_KWH: f64 = 3.6e6;

/// What some energy was spent on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Control steps.
    pub steps: u64,
    /// Moves: actions of the plans that were carried out.
    pub moves: u64,
    /// Episodes, failed ones too.
    pub episodes: u64,
    /// Episodes that reached the goal.
    pub successes: u64,
}

/// Energy by what it was spent on; `None` where there is none of it. Failed episodes are paid for by the
/// successful ones.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Derived {
    /// Energy of a control step.
    pub per_step: Option<Figure>,
    /// Energy of a move.
    pub per_move: Option<Figure>,
    /// Energy of an episode.
    pub per_episode: Option<Figure>,
    /// Energy of a success.
    pub per_success: Option<Figure>,
    /// Successes for a kilowatt-hour; `None` where no energy was counted.
    pub successes_per_kwh: Option<f64>,
}

impl Derived {
    /// Shares out the energy of some episodes.
    pub fn of(energy: &Figure, counts: &Counts) -> Self {
        let successes_per_joule = counts.successes as f64 / energy.joules;
        Self {
            per_step: energy.per(counts.steps),
            per_move: energy.per(counts.moves),
            per_episode: energy.per(counts.episodes),
            per_success: energy.per(counts.successes),
            successes_per_kwh: (energy.joules > 0.0)
                .then_some(successes_per_joule * JOULES_PER_KWH),
        }
    }
}

/// What a method costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// Energy of its training.
    pub training: Figure,
    /// Energy of a success; `None` where it never succeeds, which no energy buys.
    pub per_success: Option<Figure>,
}

impl Cost {
    /// Energy of training and some successes, J; infinite where a success cannot be had.
    pub fn joules(&self, successes: u64) -> f64 {
        match successes {
            0 => self.training.joules,
            _ => self.training.joules + successes as f64 * self.joules_per_success(),
        }
    }

    fn joules_per_success(&self) -> f64 {
        self.per_success.as_ref().map_or(f64::INFINITY, |figure| figure.joules)
    }

    /// The weaker kind of its figures.
    pub fn kind(&self) -> Kind {
        let success = self.per_success.as_ref().map_or(self.training.kind, |figure| figure.kind);
        self.training.kind.max(success)
    }
}

/// From how many successes on a method has cost no more than another, training included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BreakEven {
    /// From the start, and for good.
    Always,
    /// From this many successes on.
    From(u64),
    /// Only up to this many successes.
    Until(u64),
    /// At no number.
    Never,
}

/// The energy of two methods at a number of successes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Successes after training.
    pub successes: u64,
    /// Energy of the first method, J.
    pub first_joules: f64,
    /// Energy of the second method, J.
    pub second_joules: f64,
}

/// How the training of a method is repaid against another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Repayment {
    /// The weakest kind of the figures that it rests on. Where all are estimated by one model, the watts
    /// cancel out of the break-even, but not out of the curve.
    pub kind: Kind,
    /// When the first method has cost no more than the second.
    pub break_even: BreakEven,
    /// Both methods' energy over the number of successes.
    pub curve: Vec<Point>,
}

impl Repayment {
    /// Compares a method with another, with the curve at the given numbers of successes.
    pub fn of(first: &Cost, second: &Cost, successes: impl IntoIterator<Item = u64>) -> Self {
        let point = |successes| Point {
            successes,
            first_joules: first.joules(successes),
            second_joules: second.joules(successes),
        };
        Self {
            kind: first.kind().max(second.kind()),
            break_even: break_even(first, second),
            curve: successes.into_iter().map(point).collect(),
        }
    }
}

fn break_even(first: &Cost, second: &Cost) -> BreakEven {
    let ahead = second.training.joules - first.training.joules;
    let (each, other) = (first.joules_per_success(), second.joules_per_success());
    // Where neither can have a success the trainings alone are compared: infinity less itself is NaN.
    let gain = if each == other { 0.0 } else { other - each };
    match (ahead >= 0.0, gain >= 0.0) {
        (true, true) => BreakEven::Always,
        (true, false) => BreakEven::Until((ahead / -gain) as u64),
        (false, _) if gain > 0.0 => BreakEven::From((-ahead / gain).ceil().max(1.0) as u64),
        _ => BreakEven::Never,
    }
}
