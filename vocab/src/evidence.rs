//! What perception holds to be true, and how firmly.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::{Atom, Literal, State};

/// Three-valued truth. Unknown is not false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// Seen to hold.
    True,
    /// Seen not to hold.
    False,
    /// Not seen well enough to tell.
    Unknown,
}

impl Truth {
    /// Both must hold: false outweighs unknown (Kleene's conjunction).
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if self.rank() <= other.rank() { self } else { other }
    }

    fn rank(self) -> u8 {
        match self {
            Self::False => 0,
            Self::Unknown => 1,
            Self::True => 2,
        }
    }

    /// True for false and false for true; unknown stays unknown.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// The truth of an atom and its distance from the decision threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// The verdict.
    pub truth: Truth,
    /// The verdict of the measurement alone, whatever its uncertainty; [`Truth::Unknown`] only where
    /// nothing was measured.
    pub leaning: Truth,
    /// Distance of the deciding measurement from its threshold, in the predicate's own unit (metres
    /// for all geometric predicates); never negative.
    pub margin: f64,
}

impl Evidence {
    /// True when `slack`, the signed distance to the threshold, is at least zero; unknown when it
    /// is not a number.
    pub fn from_slack(slack: f64) -> Self {
        let truth = match slack {
            s if s.is_nan() => Truth::Unknown,
            s if s >= 0.0 => Truth::True,
            _ => Truth::False,
        };
        Self { truth, leaning: truth, margin: if slack.is_nan() { 0.0 } else { slack.abs() } }
    }

    /// Nothing is known.
    pub const UNKNOWN: Self = Self { truth: Truth::Unknown, leaning: Truth::Unknown, margin: 0.0 };

    /// The same measurement, doubted where its margin is below `doubt`.
    #[must_use]
    pub fn doubted(self, doubt: f64) -> Self {
        let truth = if self.margin >= doubt { self.truth } else { Truth::Unknown };
        Self { truth, ..self }
    }

    /// Whether the verdict is [`Truth::True`].
    pub fn is_true(self) -> bool {
        self.truth == Truth::True
    }

    /// Both must hold. False outweighs unknown; the margin is the one that decides.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let decides = match self.truth.rank().cmp(&other.truth.rank()) {
            Ordering::Less => self,
            Ordering::Greater => other,
            Ordering::Equal if (self.truth == Truth::False) == (self.margin > other.margin) => self,
            Ordering::Equal => other,
        };
        let leaning = self.leaning.and(other.leaning);
        Self { leaning, ..decides }
    }

    /// The opposite verdict with the same margin; unknown stays unknown.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { truth: self.truth.negated(), leaning: self.leaning.negated(), ..self }
    }
}

/// Believed atoms with their evidence. An atom that is absent is unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts(BTreeMap<Atom, Evidence>);

impl Facts {
    /// Sets the evidence of an atom.
    pub fn insert(&mut self, atom: Atom, evidence: Evidence) {
        self.0.insert(atom, evidence);
    }

    /// The evidence of an atom; unknown when it was never judged.
    pub fn get(&self, atom: &Atom) -> Evidence {
        self.0.get(atom).copied().unwrap_or(Evidence::UNKNOWN)
    }

    /// The truth of a literal.
    pub fn truth_of(&self, literal: &Literal) -> Truth {
        let evidence = self.get(&literal.atom);
        if literal.positive { evidence.truth } else { evidence.truth.negated() }
    }

    /// All judged atoms in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Atom, Evidence)> {
        self.0.iter().map(|(a, e)| (a, *e))
    }

    /// The atoms held to be true, as a complete state. Unknown atoms are left out, so ask
    /// [`Facts::unknown`] first where that matters.
    pub fn state(&self) -> State {
        self.iter().filter(|(_, e)| e.is_true()).map(|(a, _)| a.clone()).collect()
    }

    /// Every unknown fact decided as its measurement leans, for one who must act and has looked enough.
    /// What was never measured stays unknown.
    #[must_use]
    pub fn leaning(&self) -> Self {
        self.iter().map(|(a, e)| (a.clone(), Evidence { truth: e.leaning, ..e })).collect()
    }

    /// The atoms that were judged and could not be told.
    pub fn unknown(&self) -> impl Iterator<Item = &Atom> {
        self.iter().filter(|(_, e)| e.truth == Truth::Unknown).map(|(a, _)| a)
    }
}

impl FromIterator<(Atom, Evidence)> for Facts {
    fn from_iter<I: IntoIterator<Item = (Atom, Evidence)>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conjunction_is_kleene_and_keeps_the_deciding_margin() {
        let yes = Evidence::from_slack(0.02);
        let firmer = Evidence::from_slack(0.05);
        let no = Evidence::from_slack(-0.01);
        assert_eq!(yes.and(firmer), yes);
        assert_eq!(yes.and(no), no);
        assert_eq!(no.and(Evidence::UNKNOWN), no);
        assert_eq!(yes.and(Evidence::UNKNOWN).truth, Truth::Unknown);
        assert_eq!(Evidence::from_slack(f64::NAN), Evidence::UNKNOWN);
    }

    #[test]
    fn what_is_doubted_still_leans() {
        let doubtful = Evidence::from_slack(0.001).doubted(0.005);
        assert_eq!((doubtful.truth, doubtful.leaning), (Truth::Unknown, Truth::True));
        let both = doubtful.and(Evidence::from_slack(0.02));
        assert_eq!((both.truth, both.leaning), (Truth::Unknown, Truth::True));
        let neither = doubtful.and(Evidence::from_slack(-0.02));
        assert_eq!((neither.truth, neither.leaning), (Truth::False, Truth::False));
        let facts: Facts = [(atom(), doubtful)].into_iter().collect();
        assert!(facts.state().is_empty());
        assert!(facts.leaning().state().contains(&atom()));
    }

    fn atom() -> Atom {
        Atom { predicate: crate::PredicateId(0), args: Vec::new().into() }
    }
}
