//! Lifted mutex invariants (Helmert 2009, "Concise finite-domain representations for PDDL planning
//! tasks", section 5).
//!
//! A candidate covers, for each choice of its parameters, some atoms; it is an invariant if no
//! action makes more of them true than it makes false. One that an action breaks is refined by a
//! further predicate that the action deletes. Of the initial state the candidates know nothing;
//! where just one of the atoms holds at first, at most one ever holds.

mod balance;
mod system;
mod view;

use std::collections::{BTreeSet, VecDeque};

use ergon_vocab::PredicateId;

use self::{balance::Fault, system::Overlaps, view::View};
use crate::{
    model::{LiftedAtom, Term},
    normal::Normal,
};

/// Candidates looked at.
const MAX_CANDIDATES: usize = 300;

/// Pairs of effects compared, over all candidates.
const MAX_COMPARISONS: usize = 50_000;

/// The atoms of one predicate in a candidate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    pub(crate) predicate: PredicateId,
    /// For each parameter of the candidate, the argument that it is. At most one argument is left:
    /// the candidate counts over it.
    pub(crate) places: Box<[u32]>,
}

impl Part {
    /// The parameters of the candidate that covers an atom.
    fn cover<'a>(&'a self, atom: &'a LiftedAtom) -> impl Iterator<Item = Term> + 'a {
        self.places.iter().map(|&place| atom.terms[place as usize])
    }
}

/// An invariant, or a candidate for one: its parts, by predicate, no two of the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Invariant {
    pub(crate) parts: Vec<Part>,
}

impl Invariant {
    fn part(&self, predicate: PredicateId) -> Option<&Part> {
        self.parts.iter().find(|p| p.predicate == predicate)
    }
}

/// Finds invariants, in a fixed order, with bounded effort.
pub(crate) fn synthesise(normal: &Normal) -> Vec<Invariant> {
    let views: Vec<View<'_>> = View::all(normal);
    let mut overlaps = Overlaps::new(&normal.extents);
    let mut queue: VecDeque<Invariant> = first_candidates(normal).into();
    let mut seen: BTreeSet<Invariant> = queue.iter().cloned().collect();
    let (mut found, mut effort) = (vec![], 0);
    let mut looked_at = 0;
    while let Some(candidate) = queue.pop_front() {
        looked_at += 1;
        if looked_at > MAX_CANDIDATES || effort > MAX_COMPARISONS {
            break;
        }
        let fault = views
            .iter()
            .find_map(|view| balance::fault(view, &candidate, &mut overlaps, &mut effort));
        match fault {
            None => found.push(candidate),
            Some(Fault::TooHeavy) => {}
            Some(Fault::Unbalanced(refinements)) => {
                queue.extend(refinements.into_iter().filter(|r| seen.insert(r.clone())));
            }
        }
    }
    found
}

/// For each basic predicate that changes, all of its atoms with the same arguments but for one, or
/// for none.
fn first_candidates(normal: &Normal) -> Vec<Invariant> {
    let mut candidates = vec![];
    for (index, &changes) in normal.changing.iter().enumerate() {
        if !changes || normal.derived[index] {
            continue;
        }
        let (predicate, arity) = (PredicateId(index as u32), normal.arities[index] as u32);
        for counted in std::iter::once(None).chain((0..arity).map(Some)) {
            let places = (0..arity).filter(|&i| Some(i) != counted).collect();
            candidates.push(Invariant { parts: vec![Part { predicate, places }] });
        }
    }
    candidates
}
