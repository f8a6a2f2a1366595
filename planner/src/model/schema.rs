//! What actions need and do, and the rules of derived predicates.

use ergon_vocab::PredicateId;

use super::formula::{Comparator, Expression, Formula, LiftedAtom, LiftedFluent, Variable};

/// How an effect changes a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assignment {
    /// `assign`: becomes the value.
    Assign,
    /// `increase`: grows by the value.
    Increase,
    /// `decrease`: shrinks by the value.
    Decrease,
    /// `scale-up`: is multiplied by the value.
    ScaleUp,
    /// `scale-down`: is divided by the value.
    ScaleDown,
}

impl Assignment {
    /// Whether two changes of a number can be made in any order with the same result.
    pub(crate) fn commutes(self, other: Self) -> bool {
        let additive = |a| matches!(a, Self::Increase | Self::Decrease);
        let scaling = |a| matches!(a, Self::ScaleUp | Self::ScaleDown);
        (additive(self) && additive(other)) || (scaling(self) && scaling(other))
    }

    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Assign, Self::Increase, Self::Decrease, Self::ScaleUp, Self::ScaleDown];

    /// The word, such as `increase`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Assign => "assign",
            Self::Increase => "increase",
            Self::Decrease => "decrease",
            Self::ScaleUp => "scale-up",
            Self::ScaleDown => "scale-down",
        }
    }
}

/// What an action does. Conditions and values are read in the state before it; deletes come before
/// adds.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// All of them; nothing if there are none.
    And(Vec<Effect>),
    /// The atom becomes true.
    Add(LiftedAtom),
    /// The atom becomes false.
    Delete(LiftedAtom),
    /// The effect, if the condition holds.
    When(Formula, Box<Effect>),
    /// The effect for all objects.
    Forall(Vec<Variable>, Box<Effect>),
    /// A number changes.
    Assign(Assignment, LiftedFluent, Expression),
}

impl Default for Effect {
    /// What changes nothing.
    fn default() -> Self {
        Self::And(vec![])
    }
}

/// What an action needs and does. Its name and parameters stand in
/// [`Symbols::actions`](ergon_vocab::Symbols::actions) under the same index.
#[derive(Clone, Debug, PartialEq)]
pub enum Schema {
    /// An action without duration.
    Instant {
        /// What must hold before it.
        precondition: Formula,
        /// What it changes.
        effect: Effect,
    },
    /// An action that takes time (PDDL 2.1, level 3).
    Durative(Box<DurativeSchema>),
}

/// An action that takes time. Only its ends change anything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DurativeSchema {
    /// What its duration must satisfy, all of it, in the state where it starts.
    pub duration: Vec<DurationConstraint>,
    /// What must hold where it starts.
    pub at_start: Formula,
    /// What must hold all the time between its ends, without them.
    pub over_all: Formula,
    /// What must hold where it ends.
    pub at_end: Formula,
    /// What changes where it starts.
    pub start_effect: Effect,
    /// What changes where it ends.
    pub end_effect: Effect,
}

/// A bound of a duration: `(= ?duration value)` or an inequality.
#[derive(Clone, Debug, PartialEq)]
pub struct DurationConstraint {
    /// [`Equal`](Comparator::Equal), [`LessOrEqual`](Comparator::LessOrEqual) or
    /// [`GreaterOrEqual`](Comparator::GreaterOrEqual): how the duration compares with the value.
    pub comparator: Comparator,
    /// The bound, s.
    pub value: Expression,
}

/// A rule of a derived predicate: its head holds for the arguments for which its body does.
#[derive(Clone, Debug, PartialEq)]
pub struct Axiom {
    /// The derived predicate.
    pub predicate: PredicateId,
    /// Its parameters by name; the types may be narrower than those of the predicate.
    pub parameters: Vec<Variable>,
    /// When it holds.
    pub body: Formula,
}
