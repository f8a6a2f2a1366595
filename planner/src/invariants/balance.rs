//! Whether an action can make more atoms of a candidate true than it makes false.

use ergon_vocab::PredicateId;

use super::{
    Invariant, Part,
    system::{Frame, Overlaps, System},
    view::{AtomEffect, View},
};
use crate::{
    model::{LiftedAtom, Term},
    normal::Body,
};

/// What is wrong with a candidate.
pub(super) enum Fault {
    /// An action can make two of its atoms true at once.
    TooHeavy,
    /// An action makes an atom true and none false; with one of these candidates it may not.
    Unbalanced(Vec<Invariant>),
}

/// What is wrong with a candidate by an action, if something is.
pub(super) fn fault(
    view: &View<'_>,
    candidate: &Invariant,
    overlaps: &mut Overlaps<'_>,
    effort: &mut usize,
) -> Option<Fault> {
    let covered: Vec<(&AtomEffect<'_>, &Part)> = view
        .adds
        .iter()
        .filter_map(|add| Some((add, candidate.part(add.atom.predicate)?)))
        .collect();
    for (i, a) in covered.iter().enumerate() {
        for b in &covered[i..] {
            *effort += 1;
            let fault = Both::new(view, *a, *b, overlaps)
                .and_then(|both| both.fault(view, candidate, overlaps));
            if fault.is_some() {
                return fault;
            }
        }
    }
    for (add, part) in covered {
        *effort += view.deletes.len();
        let Some(deletion) = Deletion::new(view, add, part, overlaps) else { continue };
        let fault = deletion.fault(view, candidate, overlaps);
        if fault.is_some() {
            return fault;
        }
    }
    None
}

/// Two adds of different atoms that the candidate covers together. The two may be one effect for
/// different objects.
struct Both<'n> {
    /// Where both fire.
    given: Vec<(&'n Body, Frame)>,
    cover: Vec<Term>,
    system: System,
    atoms: [(&'n LiftedAtom, Frame); 2],
}

impl<'n> Both<'n> {
    /// Nothing if the two never fire together, or never for different atoms.
    fn new(
        view: &View<'n>,
        (a, part_a): (&AtomEffect<'n>, &Part),
        (b, part_b): (&AtomEffect<'n>, &Part),
        overlaps: &mut Overlaps<'_>,
    ) -> Option<Self> {
        let (mut system, own) = System::new(view.body, view.parameters);
        let (f, g) = (system.add(a.condition), system.add(b.condition));
        let mut given: Vec<(&Body, Frame)> = vec![(view.body, own)];
        given.extend(a.condition.map(|c| (c, f)));
        given.extend(b.condition.map(|c| (c, g)));
        if !given.iter().all(|&(body, frame)| system.assume(body, frame, overlaps)) {
            return None;
        }
        let covers = part_a.cover(a.atom).zip(part_b.cover(b.atom));
        for (s, t) in covers {
            let (s, t) = (system.term(s, f), system.term(t, g));
            if !system.equate(s, t, overlaps) {
                return None;
            }
        }
        let fire = !system.equal((a.atom, f), (b.atom, g)) && !system.contradicts(&given);
        let cover = part_a.cover(a.atom).map(|t| system.root(system.term(t, f))).collect();
        fire.then_some(Self { given, cover, system, atoms: [(a.atom, f), (b.atom, g)] })
    }

    /// They are too much unless one of the atoms is true before; then something else must make up for
    /// the other, since what is added again is not deleted. Here two atoms that are true before, both
    /// deleted, do not matter: a candidate is used where one of its atoms is true, and not more.
    fn fault(
        self,
        view: &View<'_>,
        candidate: &Invariant,
        overlaps: &Overlaps<'_>,
    ) -> Option<Fault> {
        let Self { given, cover, system, atoms } = self;
        let held = |&atom: &(&LiftedAtom, Frame)| {
            given.iter().any(|&(body, at)| body.holds.iter().any(|h| system.equal(atom, (h, at))))
        };
        let stays = match atoms.each_ref().map(held) {
            [false, false] => return Some(Fault::TooHeavy),
            [true, true] => return None,
            [true, false] => atoms[0].0.predicate,
            [false, true] => atoms[1].0.predicate,
        };
        Deletion { given, cover, system, stays: Some(stays) }.fault(view, candidate, overlaps)
    }
}

/// The search for a delete that makes up for an add.
struct Deletion<'n> {
    /// What holds where the add fires: the precondition and its own condition.
    given: Vec<(&'n Body, Frame)>,
    /// The parameters of the candidate that covers the add.
    cover: Vec<Term>,
    system: System,
    /// What is deleted of this predicate may be added again.
    stays: Option<PredicateId>,
}

impl<'n> Deletion<'n> {
    /// Nothing if the add never fires.
    fn new(
        view: &View<'n>,
        add: &AtomEffect<'n>,
        part: &Part,
        overlaps: &mut Overlaps<'_>,
    ) -> Option<Self> {
        let (mut system, own) = System::new(view.body, view.parameters);
        let frame = system.add(add.condition);
        let mut given = vec![(view.body, own)];
        given.extend(add.condition.map(|c| (c, frame)));
        let fires = given.iter().all(|&(body, frame)| system.assume(body, frame, overlaps))
            && !system.contradicts(&given);
        let cover = part.cover(add.atom).map(|t| system.root(system.term(t, frame))).collect();
        fires.then_some(Self { given, cover, system, stays: None })
    }

    /// The fault if there is no such delete.
    fn fault(
        &self,
        view: &View<'_>,
        candidate: &Invariant,
        overlaps: &Overlaps<'_>,
    ) -> Option<Fault> {
        if view.deletes.iter().any(|delete| self.balances(delete, candidate, overlaps)) {
            return None;
        }
        let refine = |delete| self.refinements(delete, candidate, overlaps);
        Some(Fault::Unbalanced(view.deletes.iter().flat_map(refine).collect()))
    }

    /// Whether the delete makes an atom false that the candidate covers together with the add.
    fn balances(
        &self,
        delete: &AtomEffect<'_>,
        candidate: &Invariant,
        overlaps: &Overlaps<'_>,
    ) -> bool {
        let Some(part) = candidate.part(delete.atom.predicate) else { return false };
        self.true_before(delete, overlaps).into_iter().any(|terms| {
            part.places
                .iter()
                .zip(&self.cover)
                .all(|(&place, &wanted)| terms[place as usize] == wanted)
        })
    }

    /// The candidate with a further part that covers the deleted atom together with the add, in all
    /// ways.
    fn refinements(
        &self,
        delete: &AtomEffect<'_>,
        candidate: &Invariant,
        overlaps: &Overlaps<'_>,
    ) -> Vec<Invariant> {
        let predicate = delete.atom.predicate;
        let arity = delete.atom.terms.len();
        if candidate.part(predicate).is_some() || arity.wrapping_sub(self.cover.len()) > 1 {
            return vec![];
        }
        let mut refined = vec![];
        for terms in self.true_before(delete, overlaps) {
            let mut ways: Vec<Vec<u32>> = vec![vec![]];
            for &wanted in &self.cover {
                let longer = |way: &Vec<u32>| {
                    let fits = |i: &u32| terms[*i as usize] == wanted && !way.contains(i);
                    let places = (0..arity as u32).filter(fits);
                    places.map(|i| [&way[..], &[i]].concat()).collect::<Vec<_>>()
                };
                ways = ways.iter().flat_map(longer).collect();
            }
            refined.extend(ways.into_iter().map(|places| {
                let mut parts = candidate.parts.clone();
                parts.push(Part { predicate, places: places.into() });
                parts.sort_unstable();
                Invariant { parts }
            }));
        }
        refined
    }

    /// The instances of the deleted atom that are known to be true where the add fires and are
    /// deleted then, as terms of the system.
    fn true_before(&self, delete: &AtomEffect<'_>, overlaps: &Overlaps<'_>) -> Vec<Vec<Term>> {
        let mut instances = vec![];
        if self.stays == Some(delete.atom.predicate) {
            return instances;
        }
        for &(body, frame) in &self.given {
            for atom in body.holds.iter().filter(|a| a.predicate == delete.atom.predicate) {
                instances.extend(self.deleted(delete, (atom, frame), overlaps));
            }
        }
        instances
    }

    /// The terms of an atom that holds, if it is deleted for sure.
    fn deleted(
        &self,
        delete: &AtomEffect<'_>,
        (held, at): (&LiftedAtom, Frame),
        overlaps: &Overlaps<'_>,
    ) -> Option<Vec<Term>> {
        let mut system = self.system.clone();
        let first_own = system.len();
        let frame = system.add(delete.condition);
        let terms: Vec<Term> =
            held.terms.iter().map(|&t| system.root(system.term(t, at))).collect();
        for (&term, &wanted) in delete.atom.terms.iter().zip(&terms) {
            let term = system.root(system.term(term, frame));
            match term {
                _ if term == wanted => {}
                Term::Variable(v) if v as usize >= first_own => {
                    let fits = match wanted {
                        Term::Object(o) => overlaps.fits(o, system.extent(v)),
                        Term::Variable(w) => overlaps.within(system.extent(w), system.extent(v)),
                    };
                    if !fits {
                        return None;
                    }
                    system.bind(v, wanted);
                }
                _ => return None,
            }
        }
        let implied = delete.condition.is_none_or(|c| self.implies(&system, c, frame));
        implied.then_some(terms)
    }

    /// Whether a condition holds where the add fires.
    fn implies(&self, system: &System, condition: &Body, frame: Frame) -> bool {
        let known = |atom: &LiftedAtom, positive: bool| {
            self.given.iter().any(|&(body, at)| {
                let list = if positive { &body.holds } else { &body.lacks };
                list.iter().any(|l| system.equal((atom, frame), (l, at)))
            })
        };
        condition.residual.is_empty()
            && condition.holds.iter().all(|a| known(a, true))
            && condition.lacks.iter().all(|a| known(a, false))
            && condition.equalities.iter().all(|e| {
                let root = |term| system.root(system.term(term, frame));
                match (root(e.left), root(e.right)) {
                    (a, b) if e.equal => a == b,
                    (Term::Object(a), Term::Object(b)) => a != b,
                    _ => false,
                }
            })
    }
}
