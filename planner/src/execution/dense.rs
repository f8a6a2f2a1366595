//! A plan over numbered literals, so that passes over it touch numbers, not atoms.

use std::ops::Range;

use ergon_vocab::{Atom, Literal, Plan, State};
use indexmap::IndexSet;

/// A literal over the atoms of one plan: twice the number of the atom, plus one if it is positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lit(u32);

impl Lit {
    fn new(atom: usize, positive: bool) -> Self {
        Self(2 * atom as u32 + u32::from(positive))
    }

    /// The atom, an index below [`DensePlan::atom_count`].
    pub(super) fn atom(self) -> usize {
        self.0 as usize / 2
    }

    pub(super) fn positive(self) -> bool {
        self.0 % 2 == 1
    }

    pub(super) fn negated(self) -> Self {
        Self(self.0 ^ 1)
    }

    /// An index below twice [`DensePlan::atom_count`].
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Preconditions and effects of a plan and its goal. Each list is ascending and without repetition;
/// of an atom that a step both deletes and adds, only the addition is there.
#[derive(Clone, Debug)]
pub(super) struct DensePlan {
    atoms: IndexSet<Atom>,
    literals: Vec<Lit>,
    needs: Vec<Range<usize>>,
    makes: Vec<Range<usize>>,
    goal: Vec<Lit>,
}

impl DensePlan {
    pub(super) fn new(plan: &Plan, goal: &[Literal]) -> Self {
        let mut dense = Self {
            atoms: IndexSet::new(),
            literals: vec![],
            needs: Vec::with_capacity(plan.steps.len()),
            makes: Vec::with_capacity(plan.steps.len()),
            goal: vec![],
        };
        for step in &plan.steps {
            let needs = dense.number(&step.preconditions);
            let range = dense.store(&needs);
            dense.needs.push(range);
            let mut makes = dense.number(&step.effects);
            // A negative literal stands right before the positive one of the same atom.
            let undone = |lits: &[Lit], i: usize| lits.get(i + 1) == Some(&lits[i].negated());
            let all = makes.clone();
            let mut position = 0..;
            makes.retain(|lit| {
                let i = position.next().unwrap_or(0);
                lit.positive() || !undone(&all, i)
            });
            let range = dense.store(&makes);
            dense.makes.push(range);
        }
        dense.goal = dense.number(goal);
        dense
    }

    fn number(&mut self, literals: &[Literal]) -> Vec<Lit> {
        let mut lits: Vec<Lit> = Vec::with_capacity(literals.len());
        for literal in literals {
            let atom = match self.atoms.get_index_of(&literal.atom) {
                Some(atom) => atom,
                None => self.atoms.insert_full(literal.atom.clone()).0,
            };
            lits.push(Lit::new(atom, literal.positive));
        }
        lits.sort_unstable();
        lits.dedup();
        lits
    }

    fn store(&mut self, lits: &[Lit]) -> Range<usize> {
        let start = self.literals.len();
        self.literals.extend_from_slice(lits);
        start..self.literals.len()
    }

    /// Number of steps.
    pub(super) fn len(&self) -> usize {
        self.needs.len()
    }

    /// Number of atoms that the plan or the goal speaks of.
    pub(super) fn atom_count(&self) -> usize {
        self.atoms.len()
    }

    /// Preconditions of a step.
    pub(super) fn needs(&self, step: usize) -> &[Lit] {
        &self.literals[self.needs[step].clone()]
    }

    /// Effects of a step.
    pub(super) fn makes(&self, step: usize) -> &[Lit] {
        &self.literals[self.makes[step].clone()]
    }

    pub(super) fn goal(&self) -> &[Lit] {
        &self.goal
    }

    /// The literal behind a number.
    pub(super) fn literal(&self, lit: Lit) -> Literal {
        Literal { atom: self.atoms[lit.atom()].clone(), positive: lit.positive() }
    }

    /// Whether a literal holds in a state.
    pub(super) fn holds(&self, lit: Lit, state: &State) -> bool {
        state.contains(&self.atoms[lit.atom()]) == lit.positive()
    }

    /// The truth of each atom in a state.
    pub(super) fn values(&self, state: &State) -> Vec<bool> {
        self.atoms.iter().map(|atom| state.contains(atom)).collect()
    }
}
