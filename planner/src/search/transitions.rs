//! A ground task as transitions between packed states.

use super::{
    axioms::{AxiomScratch, Axioms, first_layers},
    packing::{Packing, Test},
    successors::{OperatorId, Successors},
};
use crate::ground::{
    AtomId, Change, ComparisonId, ConditionalEffect, GroundExpression, GroundTask, NumericId,
    Operator,
};

/// What an operator does to one word of a state: `word & keep | set`.
#[derive(Clone, Copy, Debug)]
struct Write {
    word: u32,
    keep: u64,
    set: u64,
}

/// What an operator does beyond its writes; most do nothing more.
#[derive(Clone, Debug, Default)]
struct Extra {
    /// Atoms of wide fields that are deleted without being asked for: their field is emptied only if
    /// it shows them.
    clears: Vec<Test>,
    effects: Vec<PackedEffect>,
    changes: Vec<Change>,
    /// The first layer of axioms to be evaluated again.
    derive_from: u32,
}

/// A conditional effect over a packed state.
#[derive(Clone, Debug)]
struct PackedEffect {
    pass: Vec<Test>,
    fail: Vec<Test>,
    compares: Box<[ComparisonId]>,
    clears: Vec<Test>,
    sets: Vec<Test>,
    changes: Vec<Change>,
}

const NOTHING: u32 = u32::MAX;

/// The transition system of a ground task. A state is [`TransitionSystem::words`] words.
#[derive(Clone, Debug)]
pub struct TransitionSystem<'t> {
    task: &'t GroundTask,
    packing: Packing,
    init: Vec<u64>,
    goal_pass: Vec<Test>,
    goal_fail: Vec<Test>,
    writes_at: Vec<u32>,
    writes: Vec<Write>,
    /// Index into `extras` for each operator, or [`NOTHING`]; empty if none has any.
    extra_of: Vec<u32>,
    extras: Vec<Extra>,
    /// Whether some operator has a numeric precondition or effect.
    numeric: bool,
    /// Operators that may change a number in two ways at once, ascending.
    clashing: Vec<OperatorId>,
    axioms: Axioms,
    successors: Successors,
    costs: Vec<u32>,
}

/// Reused buffers of a walk through the transition system.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    stack: Vec<u32>,
    axioms: AxiomScratch,
    /// The operators found applicable last.
    pub applicable: Vec<OperatorId>,
}

impl<'t> TransitionSystem<'t> {
    /// Prepares a ground task for search.
    pub fn new(task: &'t GroundTask) -> Self {
        let packing = Packing::new(task);
        let (goal_pass, goal_fail) = packing.conjunction(&task.goal_holds, &task.goal_lacks);
        let mut system = Self {
            task,
            init: vec![],
            goal_pass,
            goal_fail,
            writes_at: vec![0],
            writes: vec![],
            extra_of: vec![],
            extras: vec![],
            numeric: task.operators.iter().any(|o| !o.compares.is_empty())
                || !task.numerics.is_empty(),
            clashing: (0..)
                .zip(&task.operators)
                .filter(|(_, o)| may_clash(o))
                .map(|(i, _)| i)
                .collect(),
            axioms: Axioms::new(task, &packing),
            successors: Successors::new(task, &packing),
            costs: task.operators.iter().map(|o| o.cost).collect(),
            packing,
        };
        let layers = first_layers(task);
        for (id, operator) in task.operators.iter().enumerate() {
            let (writes, clears) = system.writes_of(operator);
            system.writes.extend(writes);
            system.writes_at.push(system.writes.len() as u32);
            system.add_extra(id, operator, clears, &layers);
        }
        let (atoms, numbers) = (&task.init, &task.numeric_init);
        system.init = system.pack(atoms, numbers, &mut Scratch::default());
        system
    }

    /// Packs a state that is given by the basic atoms that hold and the values of the numeric
    /// variables.
    pub fn pack(&self, atoms: &[AtomId], numbers: &[f64], scratch: &mut Scratch) -> Vec<u64> {
        let mut state = vec![0; self.words()];
        for test in atoms.iter().map(|&a| self.packing.test(a)) {
            let word = &mut state[test.word as usize];
            *word = *word & !test.mask | test.value;
        }
        for (word, &number) in state[self.packing.basic_words..].iter_mut().zip(numbers) {
            *word = bits_of(number);
        }
        self.derive(&mut state, 0, scratch);
        state
    }

    /// Unconditional writes, one a word, and the atoms to be cleared if they hold.
    fn writes_of(&self, operator: &Operator) -> (Vec<Write>, Vec<Test>) {
        let (mut writes, mut clears): (Vec<Write>, Vec<Test>) = (vec![], vec![]);
        let mut write =
            |test: Test, value: u64| match writes.iter_mut().find(|w| w.word == test.word) {
                Some(write) => {
                    write.keep &= !test.mask;
                    write.set = write.set & !test.mask | value;
                }
                None => writes.push(Write { word: test.word, keep: !test.mask, set: value }),
            };
        for &atom in &operator.deletes {
            let test = self.packing.test(atom);
            let known = self.packing.is_bit(atom) || operator.holds.binary_search(&atom).is_ok();
            if known { write(test, 0) } else { clears.push(test) }
        }
        for test in operator.adds.iter().map(|&a| self.packing.test(a)) {
            write(test, test.value);
            clears.retain(|c| c.word != test.word || c.mask != test.mask);
        }
        (writes, clears)
    }

    fn add_extra(
        &mut self,
        id: usize,
        operator: &Operator,
        clears: Vec<Test>,
        layers: &(Vec<u32>, Vec<u32>),
    ) {
        let effects = operator.conditional.iter().map(|effect| self.packed_effect(effect));
        let extra = Extra {
            clears,
            effects: effects.collect(),
            changes: operator.changes.to_vec(),
            derive_from: self.derive_from(operator, layers),
        };
        let plain = extra.clears.is_empty()
            && extra.effects.is_empty()
            && extra.changes.is_empty()
            && extra.derive_from >= self.axioms.layers();
        if !plain {
            self.extra_of.resize(self.task.operators.len(), NOTHING);
            self.extra_of[id] = self.extras.len() as u32;
            self.extras.push(extra);
        }
    }

    fn packed_effect(&self, effect: &ConditionalEffect) -> PackedEffect {
        let (pass, fail) = self.packing.conjunction(&effect.holds, &effect.lacks);
        let tests = |atoms: &[AtomId]| atoms.iter().map(|&a| self.packing.test(a)).collect();
        PackedEffect {
            pass,
            fail,
            compares: effect.compares.clone(),
            clears: tests(&effect.deletes),
            sets: tests(&effect.adds),
            changes: effect.changes.to_vec(),
        }
    }

    /// The first layer of axioms that an operator can disturb.
    fn derive_from(&self, operator: &Operator, layers: &(Vec<u32>, Vec<u32>)) -> u32 {
        let conditional = operator.conditional.iter();
        let atoms = operator.adds.iter().chain(&operator.deletes);
        let atoms = atoms.chain(conditional.clone().flat_map(|e| e.adds.iter().chain(&e.deletes)));
        let by_atom = atoms.filter_map(|&a| layers.0.get(a as usize).copied()).min();
        let changes = operator.changes.len() + conditional.map(|e| e.changes.len()).sum::<usize>();
        let by_number = layers.1.iter().copied().min().filter(|_| changes > 0);
        by_atom.unwrap_or(NOTHING).min(by_number.unwrap_or(NOTHING))
    }

    /// The ground task.
    pub fn task(&self) -> &'t GroundTask {
        self.task
    }

    /// The layout of states.
    pub(crate) fn packing(&self) -> &Packing {
        &self.packing
    }

    /// Words of a state that tell it from others; what follows is derived from them.
    pub(crate) fn key_words(&self) -> usize {
        self.packing.key_words
    }

    /// Words of a state.
    pub fn words(&self) -> usize {
        self.packing.words
    }

    /// The initial state.
    pub fn init(&self) -> &[u64] {
        &self.init
    }

    /// Calls `visit` for every atom that holds in a state, derived ones included.
    #[inline]
    pub fn for_each_atom(&self, state: &[u64], visit: impl FnMut(AtomId)) {
        self.packing.for_each_atom(state, visit);
    }

    /// Whether an atom holds in a state.
    #[inline]
    pub fn holds(&self, atom: AtomId, state: &[u64]) -> bool {
        self.packing.holds(atom, state)
    }

    /// The value of a numeric variable in a state; NaN where it is undefined.
    #[inline]
    pub fn number(&self, variable: NumericId, state: &[u64]) -> f64 {
        f64::from_bits(state[self.packing.basic_words + variable as usize])
    }

    /// The value of a numeric expression in a state.
    pub fn evaluate(&self, expression: &GroundExpression, state: &[u64]) -> f64 {
        expression.evaluate(&|variable| self.number(variable, state))
    }

    /// Whether a numeric condition holds in a state.
    pub fn compare(&self, comparison: ComparisonId, state: &[u64]) -> bool {
        let comparison = &self.task.comparisons[comparison as usize];
        comparison.relation.holds(self.evaluate(&comparison.expression, state))
    }

    /// Whether a state satisfies the goal.
    #[inline]
    pub fn is_goal(&self, state: &[u64]) -> bool {
        self.goal_pass.iter().all(|test| test.holds(state))
            && !self.goal_fail.iter().any(|test| test.holds(state))
            && self.task.goal_compares.iter().all(|&c| self.compare(c, state))
    }

    /// Finds the operators applicable in a state; they stand in `scratch.applicable` then.
    #[inline]
    pub fn find_applicable(&self, state: &[u64], scratch: &mut Scratch) {
        self.successors.applicable(state, &mut scratch.stack, &mut scratch.applicable);
        if self.numeric {
            scratch.applicable.retain(|&operator| self.numbers_allow(operator, state));
        }
    }

    /// Whether the numeric conditions of an operator hold and what it computes is defined.
    fn numbers_allow(&self, id: OperatorId, state: &[u64]) -> bool {
        let operator = &self.task.operators[id as usize];
        let defined = |c: &Change| {
            let old = self.number(c.variable, state);
            c.assignment.apply(old, self.evaluate(&c.value, state)).is_finite()
        };
        operator.compares.iter().all(|&c| self.compare(c, state))
            && operator.changes.iter().all(defined)
            && (self.clashing.binary_search(&id).is_err() || !self.clashes(operator, state))
    }

    /// Whether an operator would change a number in two ways at once, which it must not (Fox & Long
    /// 2003, "PDDL2.1", definition 7).
    fn clashes(&self, operator: &Operator, state: &[u64]) -> bool {
        let fires = |e: &&ConditionalEffect| {
            e.holds.iter().all(|&a| self.holds(a, state))
                && !e.lacks.iter().any(|&a| self.holds(a, state))
                && e.compares.iter().all(|&c| self.compare(c, state))
        };
        let conditional = operator.conditional.iter().filter(fires).flat_map(|e| &e.changes);
        let changes: Vec<&Change> = operator.changes.iter().chain(conditional).collect();
        any_pair(&changes, |a, b| {
            a.clashes_with(b)
                && (a.assignment != b.assignment
                    || self.evaluate(&a.value, state) != self.evaluate(&b.value, state))
        })
    }

    /// Whether an operator is applicable in a state.
    pub fn is_applicable(&self, id: OperatorId, state: &[u64]) -> bool {
        let operator = &self.task.operators[id as usize];
        operator.holds.iter().all(|&a| self.holds(a, state))
            && !operator.lacks.iter().any(|&a| self.holds(a, state))
            && self.numbers_allow(id, state)
    }

    /// Applies an operator that is applicable in the state `here` and writes what comes of it.
    #[inline]
    pub fn apply(
        &self,
        operator: OperatorId,
        here: &[u64],
        there: &mut [u64],
        scratch: &mut Scratch,
    ) {
        self.apply_basics(operator, here, there);
        self.derive_after(operator, there, scratch);
    }

    /// Applies an operator but for derived atoms, which are still those of `here`.
    #[inline]
    pub(crate) fn apply_basics(&self, operator: OperatorId, here: &[u64], there: &mut [u64]) {
        there.iter_mut().zip(here).for_each(|(t, &h)| *t = h);
        let i = operator as usize;
        let extra = self.extra(operator);
        if let Some(extra) = extra {
            self.clear(extra, here, there);
        }
        for w in &self.writes[self.writes_at[i] as usize..self.writes_at[i + 1] as usize] {
            let word = &mut there[w.word as usize];
            *word = *word & w.keep | w.set;
        }
        if let Some(extra) = extra {
            self.finish(extra, here, there);
        }
    }

    /// Brings derived atoms up to date after an operator.
    #[inline]
    pub(crate) fn derive_after(
        &self,
        operator: OperatorId,
        state: &mut [u64],
        scratch: &mut Scratch,
    ) {
        if let Some(extra) = self.extra(operator) {
            self.derive(state, extra.derive_from, scratch);
        }
    }

    #[inline]
    fn extra(&self, operator: OperatorId) -> Option<&Extra> {
        let extra = self.extra_of.get(operator as usize).copied().filter(|&e| e != NOTHING);
        extra.map(|e| &self.extras[e as usize])
    }

    fn fires(&self, effect: &PackedEffect, state: &[u64]) -> bool {
        effect.pass.iter().all(|t| t.holds(state))
            && !effect.fail.iter().any(|t| t.holds(state))
            && effect.compares.iter().all(|&c| self.compare(c, state))
    }

    fn clear(&self, extra: &Extra, here: &[u64], there: &mut [u64]) {
        let fired = extra.effects.iter().filter(|e| self.fires(e, here));
        for test in extra.clears.iter().chain(fired.flat_map(|e| &e.clears)) {
            if test.holds(here) {
                there[test.word as usize] &= !test.mask;
            }
        }
    }

    fn finish(&self, extra: &Extra, here: &[u64], there: &mut [u64]) {
        self.change(&extra.changes, here, there);
        for effect in extra.effects.iter().filter(|e| self.fires(e, here)) {
            for test in &effect.sets {
                let word = &mut there[test.word as usize];
                *word = *word & !test.mask | test.value;
            }
            self.change(&effect.changes, here, there);
        }
    }

    fn change(&self, changes: &[Change], here: &[u64], there: &mut [u64]) {
        for change in changes {
            let value = self.evaluate(&change.value, here);
            let word = &mut there[self.packing.basic_words + change.variable as usize];
            *word = bits_of(change.assignment.apply(f64::from_bits(*word), value));
        }
    }

    fn derive(&self, state: &mut [u64], from: u32, scratch: &mut Scratch) {
        let compare = |c: ComparisonId, state: &[u64]| self.compare(c, state);
        self.axioms.derive(state, from, &mut scratch.axioms, compare);
    }

    /// Cost of an operator.
    #[inline]
    pub fn cost(&self, operator: OperatorId) -> u32 {
        self.costs[operator as usize]
    }

    /// Memory held, bytes, without the ground task.
    pub(crate) fn bytes(&self) -> usize {
        self.successors.bytes()
            + size_of_val(&*self.writes)
            + size_of_val(&*self.writes_at)
            + size_of_val(&*self.costs)
            + self.axioms.bytes()
    }
}

fn may_clash(operator: &Operator) -> bool {
    let conditional = operator.conditional.iter().flat_map(|e| &e.changes);
    let changes: Vec<&Change> = operator.changes.iter().chain(conditional).collect();
    any_pair(&changes, Change::clashes_with)
}

fn any_pair(changes: &[&Change], test: impl Fn(&Change, &Change) -> bool) -> bool {
    changes.iter().enumerate().any(|(i, a)| changes[i + 1..].iter().any(|b| test(a, b)))
}

/// A number as a word of a state; one zero and one "undefined" only, so that equal states have equal
/// words.
fn bits_of(number: f64) -> u64 {
    if number.is_nan() { f64::NAN.to_bits() } else { (number + 0.0).to_bits() }
}
