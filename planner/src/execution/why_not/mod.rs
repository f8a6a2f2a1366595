//! Why a goal cannot be reached: evidence for people, found without search.

mod makers;
mod pairs;
mod relaxed;

use std::fmt;

use ergon_vocab::{Clock, Limit, Literal, State};

use self::relaxed::Relaxed;
pub use self::relaxed::{Hurdle, Lack, Reason};
use crate::{GroundTask, Limits, Task, ground::reachable, model::Formula};

/// What speaks against a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The goal asks for a literal and for its negation. The literal is positive.
    Contradiction(Literal, String),
    /// These literals of the goal are out of reach even if no action ever undid anything.
    OutOfReach(Vec<Reason>),
    /// These pairs of goal literals never hold at the same time, as text; a single literal that never
    /// holds is paired with itself. Empty if it takes more than two of them to exclude each other.
    NeverTogether(Vec<(String, String)>),
    /// No simple reason: each goal literal may be reachable and, unless the task is too large to
    /// tell, each pair of them. There may be a plan.
    None {
        /// Whether pairs have been looked at.
        pairs: bool,
    },
}

/// Pairs of goal literals that are looked at one by one.
const MOST_PAIRS: usize = 200;

/// Looks for a reason why a goal cannot be reached from a state.
///
/// # Errors
/// The limit of time or memory that was hit.
pub fn why_not(
    task: &Task,
    state: &State,
    goal: &[Literal],
    limits: &Limits,
    clock: &dyn Clock,
) -> Result<Evidence, Limit> {
    let symbols = task.symbols();
    let opposite = |l: &Literal| Literal { positive: !l.positive, ..l.clone() };
    if let Some(literal) = goal.iter().find(|l| l.positive && goal.contains(&opposite(l))) {
        return Ok(Evidence::Contradiction(literal.clone(), symbols.show_literal(literal)));
    }
    let relaxed = Relaxed::new(task, state, reachable(task, state, limits, clock)?);
    let beyond: Vec<&Literal> =
        goal.iter().filter(|l| !l.holds_in(state) && !relaxed.can_hold(l)).collect();
    if !beyond.is_empty() {
        return Ok(Evidence::OutOfReach(relaxed.reasons(beyond)));
    }
    let ground = |goal: &[Literal]| {
        let goal = Formula::of_literals(goal);
        GroundTask::within(task, state, task.values(), &goal, limits, clock)
    };
    let whole = ground(goal)?;
    if whole.hopeless && whole.unreachable.is_empty() {
        let mut found = vec![];
        let pairs =
            goal.iter().enumerate().flat_map(|(i, a)| goal[i + 1..].iter().map(move |b| (a, b)));
        for (a, b) in pairs.take(MOST_PAIRS) {
            if ground(&[a.clone(), b.clone()])?.hopeless {
                found.push((symbols.show_literal(a), symbols.show_literal(b)));
            }
        }
        return Ok(Evidence::NeverTogether(found));
    }
    if whole.hopeless {
        return Ok(Evidence::OutOfReach(relaxed.reasons(&whole.unreachable)));
    }
    let show = |atom: u32| symbols.show_atom(&whole.atoms[atom as usize]).to_string();
    Ok(match pairs::mutex_goals(&whole) {
        Some(found) if !found.is_empty() => {
            Evidence::NeverTogether(found.iter().map(|&(a, b)| (show(a), show(b))).collect())
        }
        found => Evidence::None { pairs: found.is_some() },
    })
}

/// Several lines of text.
impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![];
        match self {
            Self::Contradiction(_, shown) => {
                lines.push(format!("the goal asks for {shown} and for its negation"));
            }
            Self::OutOfReach(reasons) => {
                for reason in reasons {
                    lines.push(reason.head());
                    reason.tell(1, &mut lines);
                }
            }
            Self::NeverTogether(pairs) if pairs.is_empty() => {
                lines.push("the goal literals never hold all at the same time".into());
            }
            Self::NeverTogether(pairs) => {
                lines.extend(pairs.iter().map(|(a, b)| match a == b {
                    true => format!("{a} never holds: what leads to it excludes itself"),
                    false => format!("{a} and {b} never hold at the same time"),
                }));
            }
            Self::None { pairs } => {
                let each = if *pairs {
                    "each goal literal and each pair of them"
                } else {
                    "each goal literal"
                };
                lines.push(format!("no simple reason: {each} may be reachable"));
            }
        }
        f.write_str(&lines.join("\n"))
    }
}
