//! The join of one rule with facts.

use super::{
    budget::Budget,
    facts::{FactId, Facts},
    instances::{Instances, UNBOUND},
};
use crate::{
    model::{LiftedAtom, Term},
    normal::{Extents, Rule},
};

/// A rule with the slots bound so far.
#[derive(Default)]
pub(super) struct Partial {
    binding: Vec<u32>,
    /// Which atoms are still to be joined.
    open: Vec<bool>,
    /// Atoms closed because they are fully bound and hold.
    settled: Vec<u32>,
    /// Slots in the order in which they were bound.
    trail: Vec<u32>,
    /// The fact that set off the join, and its atom: those before it must take older facts.
    trigger: Option<(FactId, usize)>,
    args: Vec<u32>,
}

impl Partial {
    pub(super) fn reset(&mut self, rule: &Rule, trigger: Option<(FactId, usize)>) {
        self.binding.clear();
        self.binding.resize(rule.body.joined, UNBOUND);
        self.open.clear();
        self.open.resize(rule.joins.len(), true);
        self.settled.clear();
        self.trail.clear();
        self.trigger = trigger;
    }

    fn bound(&self, term: Term) -> Option<u32> {
        match term {
            Term::Object(o) => Some(o.0),
            Term::Variable(v) => Some(self.binding[v as usize]).filter(|&o| o != UNBOUND),
        }
    }

    fn too_new(&self, fact: FactId, position: usize) -> bool {
        self.trigger.is_some_and(|(new, at)| fact == new && position < at)
    }

    fn undo(&mut self, trail: usize) {
        for &slot in &self.trail[trail..] {
            self.binding[slot as usize] = UNBOUND;
        }
        self.trail.truncate(trail);
    }

    /// Puts the values of an atom into `args`. False if one of its terms is unbound.
    fn values(&mut self, atom: &LiftedAtom) -> bool {
        self.args.clear();
        for &term in &atom.terms {
            let Some(object) = self.bound(term) else { return false };
            self.args.push(object);
        }
        true
    }
}

/// What a join of one rule needs.
pub(super) struct Run<'r> {
    pub(super) rule: &'r Rule,
    pub(super) facts: &'r Facts,
    pub(super) extents: &'r Extents,
    pub(super) budget: Option<&'r Budget<'r>>,
    /// Bytes held by the instances of all rules when the join began.
    pub(super) held: u64,
}

impl<'r> Run<'r> {
    pub(super) fn start(&self, p: &mut Partial, out: &mut Instances) {
        if let Some((fact, position)) = p.trigger {
            p.open[position] = false;
            if !self.unify(p, &self.rule.joins[position], self.facts.get(fact).1) {
                return;
            }
        }
        self.extend(p, out);
    }

    fn spent(&self, out: &Instances) -> bool {
        // Growing vectors may be twice as large as what is in them.
        let bytes = || self.facts.bytes() + 2 * (self.held + (out.words() * 4) as u64);
        self.budget.is_some_and(|b| b.spent(bytes))
    }

    /// Completes the instance in all ways. Each level of recursion binds a slot.
    fn extend(&self, p: &mut Partial, out: &mut Instances) {
        let settled = p.settled.len();
        if let Ok(next) = self.narrowest(p) {
            match next {
                None => self.enumerate(p, out),
                Some((position, rows)) => self.branch(p, position, rows, out),
            }
        }
        for &position in &p.settled[settled..] {
            p.open[position as usize] = true;
        }
        p.settled.truncate(settled);
    }

    /// The open atom with the fewest candidates and these, after closing all that are fully bound.
    /// An error if an atom cannot hold.
    fn narrowest(&self, p: &mut Partial) -> Result<Option<(usize, &'r [u32])>, ()> {
        let mut best: Option<(usize, &[u32])> = None;
        for position in 0..p.open.len() {
            if !p.open[position] {
                continue;
            }
            let atom = &self.rule.joins[position];
            if p.values(atom) {
                let found = self.facts.find_visible(atom.predicate.0, &p.args);
                if found.is_none_or(|fact| p.too_new(fact, position)) {
                    return Err(());
                }
                p.open[position] = false;
                p.settled.push(position as u32);
                continue;
            }
            let values = atom.terms.iter().map(|&t| p.bound(t));
            let rows = self.facts.candidates(atom.predicate.0, values);
            if rows.is_empty() {
                return Err(());
            }
            if best.is_none_or(|(_, fewest)| rows.len() < fewest.len()) {
                best = Some((position, rows));
            }
        }
        Ok(best)
    }

    /// Tries the facts of some rows for an open atom.
    fn branch(&self, p: &mut Partial, position: usize, rows: &[u32], out: &mut Instances) {
        let atom = &self.rule.joins[position];
        p.open[position] = false;
        for &row in rows {
            if self.spent(out) {
                break;
            }
            let (args, fact) = self.facts.row(atom.predicate.0, row);
            let trail = p.trail.len();
            if !p.too_new(fact, position) && self.unify(p, atom, args) {
                self.extend(p, out);
            }
            p.undo(trail);
        }
        p.open[position] = true;
    }

    /// Binds the slots of an atom to the arguments of a fact. False where the two do not agree; the
    /// caller undoes what has been bound.
    fn unify(&self, p: &mut Partial, atom: &LiftedAtom, args: &[u32]) -> bool {
        let before = p.trail.len();
        for (&term, &object) in atom.terms.iter().zip(args) {
            let agrees = match (term, p.bound(term)) {
                (_, Some(value)) => value == object,
                (Term::Variable(slot), None) => self.bind(p, slot, object),
                (Term::Object(_), None) => false,
            };
            if !agrees {
                return false;
            }
        }
        p.trail.len() == before || self.consistent(p)
    }

    /// Binds a slot. False if the object is not of its type.
    fn bind(&self, p: &mut Partial, slot: u32, object: u32) -> bool {
        p.trail.push(slot);
        p.binding[slot as usize] = object;
        self.extents.fits(self.rule.body.slots[slot as usize], object)
    }

    /// Whether equalities and static negative literals hold as far as their terms are bound.
    fn consistent(&self, p: &mut Partial) -> bool {
        let equalities = self.rule.body.equalities.iter().all(|equality| {
            match (p.bound(equality.left), p.bound(equality.right)) {
                (Some(a), Some(b)) => (a == b) == equality.equal,
                _ => true,
            }
        });
        equalities
            && self
                .rule
                .never
                .iter()
                .all(|atom| !p.values(atom) || self.facts.find(atom.predicate.0, &p.args).is_none())
    }

    /// Binds the slots that no atom mentions, then emits the instance.
    fn enumerate(&self, p: &mut Partial, out: &mut Instances) {
        let Some(free) = p.binding.iter().position(|&o| o == UNBOUND) else {
            // A rule without slots has not been looked at yet.
            if !p.binding.is_empty() || self.consistent(p) {
                out.push(&p.binding);
            }
            return;
        };
        let slot = free as u32;
        let given = self.equal_to(p, slot);
        let objects = given.as_slice();
        let objects = if objects.is_empty() {
            self.extents.objects(self.rule.body.slots[free])
        } else {
            objects
        };
        for &object in objects {
            if self.spent(out) {
                break;
            }
            let trail = p.trail.len();
            if self.bind(p, slot, object) && self.consistent(p) {
                self.enumerate(p, out);
            }
            p.undo(trail);
        }
    }

    /// The object that a slot must have by an equality, if there is one.
    fn equal_to(&self, p: &Partial, slot: u32) -> Option<u32> {
        self.rule.body.equalities.iter().filter(|e| e.equal).find_map(|e| {
            let variable = Term::Variable(slot);
            let other = if e.left == variable { e.right } else { e.left };
            (e.left == variable || e.right == variable).then(|| p.bound(other)).flatten()
        })
    }
}
