//! The parts of PDDL that a domain may ask for.

/// A part of PDDL that a domain asks for (Ghallab et al. 1998; Fox & Long 2003; Edelkamp & Hoffmann
/// 2004 for derived predicates).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Requirement {
    /// Conjunctive preconditions, add and delete effects.
    Strips,
    /// Types of objects and parameters.
    Typing,
    /// `(not (p ...))` in conditions.
    NegativePreconditions,
    /// `or`, `imply` and the negation of compound formulas in conditions.
    DisjunctivePreconditions,
    /// `(= a b)` in conditions.
    Equality,
    /// `exists` in conditions.
    ExistentialPreconditions,
    /// `forall` in conditions.
    UniversalPreconditions,
    /// Both kinds of quantifiers in conditions.
    QuantifiedPreconditions,
    /// `when` and `forall` in effects.
    ConditionalEffects,
    /// All of the above.
    Adl,
    /// Numeric functions in conditions, effects and the metric.
    NumericFluents,
    /// `(increase (total-cost) ...)` with values that never change.
    ActionCosts,
    /// Predicates defined by axioms.
    DerivedPredicates,
    /// Actions that take time.
    DurativeActions,
    /// Durations that the planner may choose within bounds.
    DurationInequalities,
}

impl Requirement {
    /// All that this planner knows.
    pub const ALL: [Self; 15] = [
        Self::Strips,
        Self::Typing,
        Self::NegativePreconditions,
        Self::DisjunctivePreconditions,
        Self::Equality,
        Self::ExistentialPreconditions,
        Self::UniversalPreconditions,
        Self::QuantifiedPreconditions,
        Self::ConditionalEffects,
        Self::Adl,
        Self::NumericFluents,
        Self::ActionCosts,
        Self::DerivedPredicates,
        Self::DurativeActions,
        Self::DurationInequalities,
    ];

    /// The keyword, such as `:typing`.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Strips => ":strips",
            Self::Typing => ":typing",
            Self::NegativePreconditions => ":negative-preconditions",
            Self::DisjunctivePreconditions => ":disjunctive-preconditions",
            Self::Equality => ":equality",
            Self::ExistentialPreconditions => ":existential-preconditions",
            Self::UniversalPreconditions => ":universal-preconditions",
            Self::QuantifiedPreconditions => ":quantified-preconditions",
            Self::ConditionalEffects => ":conditional-effects",
            Self::Adl => ":adl",
            Self::NumericFluents => ":numeric-fluents",
            Self::ActionCosts => ":action-costs",
            Self::DerivedPredicates => ":derived-predicates",
            Self::DurativeActions => ":durative-actions",
            Self::DurationInequalities => ":duration-inequalities",
        }
    }

    /// The requirement of a lower-case keyword; also of the older names `:fluents` (PDDL 2.1) and
    /// `:domain-axioms` (PDDL 1.2).
    pub fn named(keyword: &str) -> Option<Self> {
        match keyword {
            ":fluents" => Some(Self::NumericFluents),
            ":domain-axioms" => Some(Self::DerivedPredicates),
            _ => Self::ALL.into_iter().find(|r| r.keyword() == keyword),
        }
    }

    /// Whether a domain that asks for `self` may use what `other` names.
    pub fn implies(self, other: Self) -> bool {
        use Requirement as R;
        self == other
            || match self {
                R::QuantifiedPreconditions => {
                    matches!(other, R::ExistentialPreconditions | R::UniversalPreconditions)
                }
                R::Adl => other < R::Adl,
                _ => other == R::Strips,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adl_is_everything_before_it_and_nothing_after() {
        let implied = Requirement::ALL.into_iter().filter(|&r| Requirement::Adl.implies(r));
        assert_eq!(implied.max(), Some(Requirement::Adl));
        assert!(Requirement::Adl.implies(Requirement::Typing));
        assert!(!Requirement::Adl.implies(Requirement::NumericFluents));
        assert!(Requirement::Typing.implies(Requirement::Strips));
    }
}
