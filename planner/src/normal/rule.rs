//! Rules: what joins run on.

use ergon_vocab::PredicateId;

use super::{
    Condition, ExtentId,
    condition::{rename_atom, rename_expression, rename_fluent},
    disjuncts::Disjunct,
};
use crate::model::{Assignment, Expression, LiftedAtom, LiftedFluent, Term};

/// `left = right`, or `left != right` where `equal` is false.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Equality {
    pub(crate) left: Term,
    pub(crate) right: Term,
    pub(crate) equal: bool,
}

/// What a rule needs. The first `joined` slots are bound by joins: those of the parameters, then
/// existential ones; the others belong to quantifiers of the residual.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    pub(crate) slots: Vec<ExtentId>,
    pub(crate) joined: usize,
    pub(crate) holds: Vec<LiftedAtom>,
    pub(crate) lacks: Vec<LiftedAtom>,
    pub(crate) equalities: Vec<Equality>,
    /// Comparisons, and all that cannot be joined.
    pub(crate) residual: Vec<Condition>,
}

impl Body {
    /// The body of an alternative. `extents` has the extent of each old slot; the first `fixed`
    /// slots keep their places.
    pub(super) fn new(disjunct: Disjunct, extents: &[ExtentId], fixed: usize) -> Self {
        let mut used = vec![false; extents.len()];
        disjunct.parts.iter().for_each(|part| mark_slots(part, &mut used));
        let mut order: Vec<u32> = (0..fixed as u32).collect();
        order.extend(disjunct.pulled.iter().copied().filter(|&s| used[s as usize]));
        let joined = order.len();
        let bound = (0..extents.len() as u32).filter(|s| used[*s as usize]);
        let rest: Vec<u32> = bound.filter(|s| !order.contains(s)).collect();
        order.extend(rest);
        let place = |slot: u32| order.iter().position(|&s| s == slot).unwrap_or(0) as u32;
        let to = |term: Term| match term {
            Term::Variable(v) => Term::Variable(place(v)),
            Term::Object(_) => term,
        };
        let slots = order.iter().map(|&s| extents[s as usize]).collect();
        let mut body = Self { slots, joined, ..Self::default() };
        for part in &disjunct.parts {
            body.take(part.rename(&to, &place));
        }
        body.substitute_equals();
        body
    }

    fn take(&mut self, part: Condition) {
        match part {
            Condition::Literal { atom, positive } => {
                let list = if positive { &mut self.holds } else { &mut self.lacks };
                if !list.contains(&atom) {
                    list.push(atom);
                }
            }
            Condition::Equality { left, right, equal } => {
                self.equalities.push(Equality { left, right, equal });
            }
            other => self.residual.push(other),
        }
    }

    /// Puts the same term for all that are equal into the literals, so that joins can use them. The
    /// equalities stay, because each slot must get its value and may have a narrower type.
    fn substitute_equals(&mut self) {
        let mut same: Vec<Term> = (0..self.slots.len() as u32).map(Term::Variable).collect();
        for equality in self.equalities.iter().filter(|e| e.equal) {
            let value = |term: Term| match term {
                Term::Variable(v) => same[v as usize],
                Term::Object(_) => term,
            };
            let (a, b) = (value(equality.left), value(equality.right));
            let (from, to) = match (a, b) {
                (Term::Object(_), Term::Object(_)) => continue,
                (Term::Object(_), other) => (other, a),
                (Term::Variable(v), Term::Variable(w)) if v < w => (b, a),
                _ => (a, b),
            };
            same.iter_mut().filter(|t| **t == from).for_each(|t| *t = to);
        }
        let to = |term: Term| match term {
            Term::Variable(v) => same[v as usize],
            Term::Object(_) => term,
        };
        for list in [&mut self.holds, &mut self.lacks] {
            list.iter_mut().for_each(|atom| *atom = rename_atom(atom, &to));
        }
    }
}

fn mark_slots(condition: &Condition, used: &mut [bool]) {
    let mark = std::cell::RefCell::new(used);
    let note = |term: Term| {
        if let Term::Variable(v) = term {
            mark.borrow_mut()[v as usize] = true;
        }
        term
    };
    let slot = |slot: u32| {
        mark.borrow_mut()[slot as usize] = true;
        slot
    };
    condition.rename(&note, &slot);
}

/// How a number changes, over the slots of a rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NormalChange {
    pub(crate) assignment: Assignment,
    pub(crate) fluent: LiftedFluent,
    pub(crate) value: Expression,
}

/// What a rule changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) adds: Vec<LiftedAtom>,
    pub(crate) deletes: Vec<LiftedAtom>,
    pub(crate) changes: Vec<NormalChange>,
}

impl Outcome {
    pub(super) fn is_empty(&self) -> bool {
        self.adds.is_empty() && self.deletes.is_empty() && self.changes.is_empty()
    }

    /// Rewrites every term.
    pub(super) fn rename(&self, to: &dyn Fn(Term) -> Term) -> Self {
        let change = |c: &NormalChange| NormalChange {
            assignment: c.assignment,
            fluent: rename_fluent(&c.fluent, to),
            value: rename_expression(&c.value, to),
        };
        Self {
            adds: self.adds.iter().map(|a| rename_atom(a, to)).collect(),
            deletes: self.deletes.iter().map(|a| rename_atom(a, to)).collect(),
            changes: self.changes.iter().map(change).collect(),
        }
    }
}

/// What becomes of the instances of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RuleKind {
    /// An operator of a schema; one of its alternatives.
    Action { schema: u32 },
    /// A conditional effect of the operators of a schema. Its first slots are the parameters.
    Effect { schema: u32 },
    /// An axiom.
    Axiom,
}

/// A rule: for all bindings of its slots under which the body holds, the heads can come to hold.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) kind: RuleKind,
    pub(crate) body: Body,
    pub(crate) heads: Vec<LiftedAtom>,
    pub(crate) outcome: Outcome,
    /// Atoms that joins run on: those on changing predicates first.
    pub(crate) joins: Vec<LiftedAtom>,
    /// How many of `joins` are on changing predicates.
    pub(crate) fluent: usize,
    /// Static atoms that must not hold.
    pub(crate) never: Vec<LiftedAtom>,
}

impl Rule {
    pub(super) fn new(
        kind: RuleKind,
        body: Body,
        heads: Vec<LiftedAtom>,
        outcome: Outcome,
    ) -> Self {
        Self { kind, body, heads, outcome, joins: vec![], fluent: 0, never: vec![] }
    }

    /// Finds out what joins run on.
    pub(super) fn with_joins(mut self, changing: &[bool]) -> Self {
        let changes = |p: PredicateId| changing.get(p.index()).copied().unwrap_or(true);
        let mut joins = std::mem::take(&mut self.joins);
        joins.extend(self.body.holds.iter().cloned());
        let (mut fluent, fixed): (Vec<_>, Vec<_>) =
            joins.into_iter().partition(|a| changes(a.predicate));
        self.fluent = fluent.len();
        fluent.extend(fixed);
        self.joins = fluent;
        self.never = self.body.lacks.iter().filter(|a| !changes(a.predicate)).cloned().collect();
        self
    }
}
