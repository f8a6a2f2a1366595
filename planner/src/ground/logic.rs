//! Ground formulas: conjunctions of literals, and invented atoms for what is not one.

use std::collections::BTreeMap;

use ergon_vocab::{Atom, ObjectId, State};

use super::{
    budget::Budget,
    data::ComparisonId,
    facts::{FactId, Facts},
    instances::{UNBOUND, value},
    numeric::{Compared, Numerics},
};
use crate::{
    model::{Comparator, Expression, LiftedAtom, Term},
    normal::{Condition, ExtentId, Extents, Normal},
};

/// A fact, or an invented atom: those are numbered after all facts.
pub(super) type NodeId = u32;

/// Universal conditions over more derived atoms than this get an atom of their own.
const LONG: usize = 4;

/// A literal of a ground conjunction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lit {
    Holds(NodeId),
    Lacks(NodeId),
    Compares(ComparisonId),
}

/// Sorted literals, all of which must be true.
pub(super) type Conjunction = Vec<Lit>;

/// Atoms that stand for disjunctions, one for equal ones.
#[derive(Default)]
pub(super) struct Invented {
    known: BTreeMap<Vec<Conjunction>, NodeId>,
    /// The alternatives of each.
    pub(super) bodies: Vec<Vec<Conjunction>>,
    /// Conjunctions and literals in them.
    lists: usize,
    lits: usize,
}

impl Invented {
    /// Memory held, bytes, from above.
    pub(super) fn bytes(&self) -> u64 {
        let list = size_of::<Conjunction>() * self.lists + size_of::<Lit>() * self.lits;
        // Each is there twice, and vectors may be twice as large as what is in them.
        (4 * list + 128 * self.known.len()) as u64
    }
}

/// Instantiates conditions.
pub(super) struct Logic<'a> {
    pub(super) normal: &'a Normal,
    /// Those of `normal`, and those of the goal.
    pub(super) extents: &'a Extents,
    pub(super) facts: &'a Facts,
    pub(super) state: &'a State,
    pub(super) numerics: Numerics<'a>,
    pub(super) invented: Invented,
    pub(super) budget: Option<&'a Budget<'a>>,
    /// Bytes held before.
    pub(super) held: u64,
}

/// A binding of slots, with the extents of all of them.
pub(super) struct Binding<'b> {
    pub(super) slots: &'b [ExtentId],
    pub(super) objects: &'b mut Vec<u32>,
}

/// Sorts a conjunction. Nothing if it contradicts itself.
pub(super) fn tidy(mut lits: Conjunction) -> Option<Conjunction> {
    lits.sort_unstable();
    lits.dedup();
    let denied = |lit: &Lit| match lit {
        Lit::Holds(node) => lits.binary_search(&Lit::Lacks(*node)).is_ok(),
        _ => false,
    };
    (!lits.iter().any(denied)).then_some(lits)
}

impl Logic<'_> {
    /// Number of facts and invented atoms.
    pub(super) fn nodes(&self) -> usize {
        self.facts.len() + self.invented.known.len()
    }

    /// The condition as a conjunction; nothing if it is false for ever.
    pub(super) fn instantiate(
        &mut self,
        condition: &Condition,
        binding: &mut Binding<'_>,
    ) -> Option<Conjunction> {
        match condition {
            Condition::And(parts) => {
                let mut all = vec![];
                for part in parts {
                    all.extend(self.instantiate(part, binding)?);
                }
                tidy(all)
            }
            Condition::Or(parts) => {
                let mut alternatives = vec![];
                for part in parts {
                    alternatives.extend(self.instantiate(part, binding));
                }
                self.any(alternatives)
            }
            Condition::Forall(vars, inner) => {
                let guards = guards(inner, false);
                let mut all = Some(vec![]);
                self.each(vars, &guards, binding, &mut |logic, binding| {
                    match (logic.instantiate(inner, binding), &mut all) {
                        (Some(lits), Some(all)) => all.extend(lits),
                        _ => all = None,
                    }
                    all.is_some()
                });
                let all = tidy(all?)?;
                Some(self.shorten(all))
            }
            Condition::Exists(vars, inner) => {
                let guards = guards(inner, true);
                let mut alternatives = vec![];
                self.each(vars, &guards, binding, &mut |logic, binding| {
                    alternatives.extend(logic.instantiate(inner, binding));
                    alternatives.last().is_none_or(|lits| !lits.is_empty())
                });
                self.any(alternatives)
            }
            Condition::Literal { atom, positive } => self.literal(atom, *positive, binding.objects),
            Condition::Equality { left, right, equal } => {
                let same = value(*left, binding.objects) == value(*right, binding.objects);
                (same == *equal).then(Vec::new)
            }
            Condition::Comparison { comparator, left, right, positive } => {
                self.comparison(*comparator, (left, right), *positive, binding.objects)
            }
        }
    }

    /// One literal for a long conjunction of literals on derived atoms.
    fn shorten(&mut self, lits: Conjunction) -> Conjunction {
        let derived = |node: NodeId| self.is_derived(node);
        if lits.len() <= LONG {
            return lits;
        }
        if lits.iter().all(|l| matches!(l, Lit::Lacks(node) if derived(*node))) {
            let opposite = |lit: &Lit| match lit {
                Lit::Lacks(node) => vec![Lit::Holds(*node)],
                other => vec![*other],
            };
            let alternatives = lits.iter().map(opposite).collect();
            return vec![Lit::Lacks(self.invent(alternatives))];
        }
        if lits.iter().all(|l| matches!(l, Lit::Holds(node) if derived(*node))) {
            return vec![Lit::Holds(self.invent(vec![lits]))];
        }
        lits
    }

    /// Whether axioms define an atom.
    pub(super) fn is_derived(&self, node: NodeId) -> bool {
        node as usize >= self.facts.len()
            || self.normal.derived.get(self.facts.get(node).0 as usize) == Some(&true)
    }

    /// A literal.
    pub(super) fn literal(
        &mut self,
        atom: &LiftedAtom,
        positive: bool,
        binding: &[u32],
    ) -> Option<Conjunction> {
        let args = atom.terms.iter().map(|&t| ObjectId(value(t, binding))).collect();
        let ground = Atom { predicate: atom.predicate, args };
        let decided = if !self.facts.well_formed(&ground) {
            self.state.contains(&ground)
        } else {
            match self.facts.find_atom(&ground) {
                Some(fact) if self.normal.changing[ground.predicate.index()] => {
                    return Some(vec![if positive { Lit::Holds(fact) } else { Lit::Lacks(fact) }]);
                }
                found => found.is_some(),
            }
        };
        (decided == positive).then(Vec::new)
    }

    fn comparison(
        &mut self,
        comparator: Comparator,
        (left, right): (&Expression, &Expression),
        positive: bool,
        binding: &[u32],
    ) -> Option<Conjunction> {
        let left = self.numerics.expression(left, binding);
        let right = self.numerics.expression(right, binding);
        let defined = self.numerics.defined(&left) && self.numerics.defined(&right);
        let mut compare = |comparator| match self.numerics.compare(comparator, &left, &right) {
            Compared::Always => Some(vec![]),
            Compared::Never => None,
            Compared::If(id) => Some(vec![Lit::Compares(id)]),
        };
        if positive {
            return compare(comparator);
        }
        // The negation also holds where a side is undefined.
        if !defined {
            let alternatives = Vec::from_iter(compare(comparator));
            return self.none(alternatives);
        }
        let opposites: &[Comparator] = match comparator {
            Comparator::Less => &[Comparator::GreaterOrEqual],
            Comparator::LessOrEqual => &[Comparator::Greater],
            Comparator::Equal => &[Comparator::Less, Comparator::Greater],
            Comparator::GreaterOrEqual => &[Comparator::Less],
            Comparator::Greater => &[Comparator::LessOrEqual],
        };
        let alternatives = opposites.iter().filter_map(|&c| compare(c)).collect();
        self.any(alternatives)
    }

    /// The disjunction of some conjunctions.
    pub(super) fn any(&mut self, mut alternatives: Vec<Conjunction>) -> Option<Conjunction> {
        alternatives.sort_unstable();
        alternatives.dedup();
        match alternatives.len() {
            0 => None,
            // The empty conjunction sorts first.
            _ if alternatives[0].is_empty() => Some(vec![]),
            1 => alternatives.pop(),
            _ => Some(vec![Lit::Holds(self.invent(alternatives))]),
        }
    }

    /// The negation of the disjunction of some conjunctions.
    pub(super) fn none(&mut self, mut alternatives: Vec<Conjunction>) -> Option<Conjunction> {
        alternatives.sort_unstable();
        alternatives.dedup();
        match alternatives.first() {
            None => Some(vec![]),
            Some(first) if first.is_empty() => None,
            Some(_) => Some(vec![Lit::Lacks(self.invent(alternatives))]),
        }
    }

    fn invent(&mut self, alternatives: Vec<Conjunction>) -> NodeId {
        if let Some(&node) = self.invented.known.get(&alternatives) {
            return node;
        }
        let node = self.nodes() as NodeId;
        self.invented.lists += alternatives.len();
        self.invented.lits += alternatives.iter().map(Vec::len).sum::<usize>();
        self.invented.known.insert(alternatives.clone(), node);
        self.invented.bodies.push(alternatives);
        node
    }

    /// Calls `visit` with every binding of some variables under which all `guards` can hold, until
    /// it returns false. Returns whether it always returned true.
    fn each(
        &mut self,
        vars: &[u32],
        guards: &[&LiftedAtom],
        binding: &mut Binding<'_>,
        visit: &mut dyn FnMut(&mut Self, &mut Binding<'_>) -> bool,
    ) -> bool {
        let bytes = || self.held + self.invented.bytes();
        if self.budget.is_some_and(|b| b.spent(bytes)) {
            return false;
        }
        let facts = self.facts;
        if let Some((guard, rows)) = narrowest(facts, guards, binding.objects) {
            for &row in rows {
                let (args, _) = facts.row(guard.predicate.0, row);
                let bound = self.unify(guard, args, binding);
                let go_on = bound.is_none() || self.each(vars, guards, binding, visit);
                bound.into_iter().flatten().for_each(|v| binding.objects[v as usize] = UNBOUND);
                if !go_on {
                    return false;
                }
            }
            return true;
        }
        let Some(&free) = vars.iter().find(|&&v| binding.objects[v as usize] == UNBOUND) else {
            return visit(self, binding);
        };
        let extents = self.extents;
        for &object in extents.objects(binding.slots[free as usize]) {
            binding.objects[free as usize] = object;
            if !self.each(vars, guards, binding, visit) {
                binding.objects[free as usize] = UNBOUND;
                return false;
            }
        }
        binding.objects[free as usize] = UNBOUND;
        true
    }

    /// Binds the free variables of an atom. Returns them, or nothing, with nothing bound, where atom
    /// and arguments do not agree.
    fn unify(
        &self,
        atom: &LiftedAtom,
        args: &[u32],
        binding: &mut Binding<'_>,
    ) -> Option<Vec<u32>> {
        let mut bound = vec![];
        let agrees = atom.terms.iter().zip(args).all(|(&term, &object)| match term {
            Term::Variable(v) if binding.objects[v as usize] == UNBOUND => {
                binding.objects[v as usize] = object;
                bound.push(v);
                self.extents.fits(binding.slots[v as usize], object)
            }
            term => value(term, binding.objects) == object,
        });
        if agrees {
            return Some(bound);
        }
        bound.iter().for_each(|&v| binding.objects[v as usize] = UNBOUND);
        None
    }
}

/// The atoms without which a quantified condition is false (or, of a universal one, true).
fn guards(condition: &Condition, wanted: bool) -> Vec<&LiftedAtom> {
    let parts = match condition {
        Condition::And(parts) if wanted => &parts[..],
        Condition::Or(parts) if !wanted => &parts[..],
        other => std::slice::from_ref(other),
    };
    let literals = parts.iter().filter_map(|part| match part {
        Condition::Literal { atom, positive } => (*positive == wanted).then_some(atom),
        _ => None,
    });
    literals.collect()
}

/// The guard with free variables that has the fewest candidates, with their rows.
fn narrowest<'f, 'g>(
    facts: &'f Facts,
    guards: &[&'g LiftedAtom],
    binding: &[u32],
) -> Option<(&'g LiftedAtom, &'f [u32])> {
    let bound = |term: Term| match term {
        Term::Object(o) => Some(o.0),
        Term::Variable(v) => Some(binding[v as usize]).filter(|&o| o != UNBOUND),
    };
    let fitting = guards.iter().filter(|g| facts.knows(g.predicate, g.terms.len()));
    let open = fitting.filter(|g| g.terms.iter().any(|&t| bound(t).is_none()));
    let lists = open.map(|guard| {
        let values = guard.terms.iter().map(|&t| bound(t));
        (*guard, facts.candidates(guard.predicate.0, values))
    });
    lists.min_by_key(|(_, rows)| rows.len()).map(|(guard, rows): (_, &'f [FactId])| (guard, rows))
}
