//! Equations between terms.

use std::collections::BTreeMap;

use ergon_vocab::ObjectId;

use crate::{
    model::{LiftedAtom, Term},
    normal::{Body, ExtentId, Extents},
};

/// Which extents have objects in common, found out when it is asked for.
pub(super) struct Overlaps<'n> {
    extents: &'n Extents,
    known: BTreeMap<(ExtentId, ExtentId), bool>,
}

impl<'n> Overlaps<'n> {
    pub(super) fn new(extents: &'n Extents) -> Self {
        Self { extents, known: BTreeMap::new() }
    }

    fn overlap(&mut self, a: ExtentId, b: ExtentId) -> bool {
        let extents = self.extents;
        *self
            .known
            .entry((a.min(b), a.max(b)))
            .or_insert_with(|| extents.objects(a).iter().any(|&object| extents.fits(b, object)))
    }

    /// Whether all objects of one extent are in the other.
    pub(super) fn within(&self, a: ExtentId, b: ExtentId) -> bool {
        a == b || self.extents.objects(a).iter().all(|&object| self.extents.fits(b, object))
    }

    /// Whether an object is in an extent.
    pub(super) fn fits(&self, object: ObjectId, extent: ExtentId) -> bool {
        self.extents.fits(extent, object.0)
    }
}

/// Variables of an action and of effects of it, and what of them is known to be equal. The slots of
/// the action come first, then those of its own that each effect has.
#[derive(Clone)]
pub(super) struct System {
    /// What each variable is equal to; itself if nothing else is known.
    same: Vec<Term>,
    extents: Vec<ExtentId>,
    parameters: usize,
}

/// Which variables the slots of an effect are: those beyond the parameters from here on.
#[derive(Clone, Copy)]
pub(super) struct Frame(u32);

impl System {
    /// A system of the slots of an action; its own slots are those beyond the parameters, too.
    pub(super) fn new(action: &Body, parameters: usize) -> (Self, Frame) {
        let same = (0..action.slots.len() as u32).map(Term::Variable).collect();
        let system = Self { same, extents: action.slots.clone(), parameters };
        (system, Frame(parameters as u32))
    }

    /// Number of variables.
    pub(super) fn len(&self) -> usize {
        self.same.len()
    }

    /// Adds the slots of an effect.
    pub(super) fn add(&mut self, condition: Option<&Body>) -> Frame {
        let first = self.same.len() as u32;
        let slots = condition.map_or(&[][..], |body| &body.slots[self.parameters..]);
        self.same.extend((first..first + slots.len() as u32).map(Term::Variable));
        self.extents.extend(slots);
        Frame(first)
    }

    /// A term of an effect as a term of the system.
    pub(super) fn term(&self, term: Term, frame: Frame) -> Term {
        match term {
            Term::Variable(v) if v as usize >= self.parameters => {
                Term::Variable(frame.0 + v - self.parameters as u32)
            }
            _ => term,
        }
    }

    /// What a term is equal to, the same for all that are equal.
    pub(super) fn root(&self, mut term: Term) -> Term {
        while let Term::Variable(v) = term {
            let next = self.same[v as usize];
            if next == term {
                break;
            }
            term = next;
        }
        term
    }

    pub(super) fn extent(&self, variable: u32) -> ExtentId {
        self.extents[variable as usize]
    }

    /// Makes two terms equal. False if they cannot be.
    pub(super) fn equate(&mut self, a: Term, b: Term, overlaps: &mut Overlaps<'_>) -> bool {
        match (self.root(a), self.root(b)) {
            (a, b) if a == b => true,
            (Term::Object(_), Term::Object(_)) => false,
            (Term::Variable(v), Term::Object(o)) | (Term::Object(o), Term::Variable(v)) => {
                self.same[v as usize] = Term::Object(o);
                overlaps.fits(o, self.extent(v))
            }
            (Term::Variable(v), Term::Variable(w)) => {
                self.same[v as usize] = Term::Variable(w);
                overlaps.overlap(self.extent(v), self.extent(w))
            }
        }
    }

    /// Binds a variable that is still free.
    pub(super) fn bind(&mut self, variable: u32, term: Term) {
        self.same[variable as usize] = term;
    }

    /// Takes over the equations of a body. False if they cannot hold.
    pub(super) fn assume(
        &mut self,
        body: &Body,
        frame: Frame,
        overlaps: &mut Overlaps<'_>,
    ) -> bool {
        body.equalities.iter().filter(|e| e.equal).all(|e| {
            let (a, b) = (self.term(e.left, frame), self.term(e.right, frame));
            self.equate(a, b, overlaps)
        })
    }

    /// Whether two atoms are the same.
    pub(super) fn equal(&self, (a, f): (&LiftedAtom, Frame), (b, g): (&LiftedAtom, Frame)) -> bool {
        let root = |term, frame| self.root(self.term(term, frame));
        a.predicate == b.predicate
            && a.terms.iter().zip(&b.terms).all(|(&s, &t)| root(s, f) == root(t, g))
    }

    /// Whether what some bodies ask for cannot all be true.
    pub(super) fn contradicts(&self, bodies: &[(&Body, Frame)]) -> bool {
        let unequal = bodies.iter().any(|&(body, frame)| {
            body.equalities.iter().filter(|e| !e.equal).any(|e| {
                self.root(self.term(e.left, frame)) == self.root(self.term(e.right, frame))
            })
        });
        unequal
            || bodies.iter().any(|&(lacking, f)| {
                lacking.lacks.iter().any(|lack| {
                    bodies.iter().any(|&(holding, g)| {
                        holding.holds.iter().any(|hold| self.equal((lack, f), (hold, g)))
                    })
                })
            })
    }
}
