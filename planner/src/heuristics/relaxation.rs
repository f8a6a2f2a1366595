//! The delete relaxation of a ground task: propositions that are never undone.
//!
//! Negative conditions, conditional effects, axioms and numeric conditions are all made to fit:
//! the falsity of an atom is a proposition of its own where some condition asks for it; a
//! conditional effect is an operator of its own that needs the condition too; an axiom is an
//! operator that costs nothing; a numeric condition is a proposition that every operator achieves
//! which moves it the right way.

use crate::{
    Assignment,
    ground::{AtomId, Change, Comparison, ComparisonId, GroundTask, Relation},
    search::{OperatorId, TransitionSystem},
};

/// An atom, the falsity of an atom, a numeric condition, or one of the artificial ones.
pub(crate) type Proposition = u32;

/// Cost of what cannot be reached.
pub(crate) const INFINITE: u32 = u32::MAX;

/// Lists of ids, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Lists {
    at: Vec<u32>,
    items: Vec<u32>,
}

impl Default for Lists {
    fn default() -> Self {
        Self { at: vec![0], items: vec![] }
    }
}

impl Lists {
    pub(crate) fn push(&mut self, list: impl IntoIterator<Item = u32>) {
        self.items.extend(list);
        self.at.push(self.items.len() as u32);
    }

    /// For each of `count` items, the lists that it stands in.
    pub(crate) fn inverted(&self, count: usize) -> Self {
        let mut at = vec![0u32; count + 1];
        for &item in &self.items {
            at[item as usize + 1] += 1;
        }
        for i in 0..count {
            at[i + 1] += at[i];
        }
        let mut next = at.clone();
        let mut items = vec![0; self.items.len()];
        for list in 0..self.len() as u32 {
            for &item in self.get(list) {
                let place = &mut next[item as usize];
                items[*place as usize] = list;
                *place += 1;
            }
        }
        Self { at, items }
    }

    /// For each of `count` items, the positions where it stands.
    pub(crate) fn of_each(items: &[u32], count: usize) -> Self {
        let mut singles = Self::default();
        items.iter().for_each(|&item| singles.push([item]));
        singles.inverted(count)
    }

    pub(crate) fn len(&self) -> usize {
        self.at.len() - 1
    }

    /// Memory held, bytes.
    pub(crate) fn bytes(&self) -> usize {
        (self.at.len() + self.items.len()) * size_of::<u32>()
    }

    #[inline]
    pub(crate) fn get(&self, index: u32) -> &[u32] {
        &self.items[self.at[index as usize] as usize..self.at[index as usize + 1] as usize]
    }
}

/// How operator costs are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CostType {
    /// As they are.
    Normal,
    /// All are 1, so that estimates are distances.
    One,
    /// 1 more than they are, unless all are 1 already (Richter & Westphal 2010, section 5.1), so
    /// that steps at no cost are not taken for nothing.
    PlusOne,
}

impl CostType {
    /// The costs of all operators so read.
    pub(crate) fn costs(self, task: &GroundTask) -> Vec<u32> {
        let unit = task.operators.iter().all(|o| o.cost == 1);
        let read = |cost: u32| match self {
            Self::One => 1,
            Self::PlusOne if !unit => cost.saturating_add(1),
            Self::Normal | Self::PlusOne => cost,
        };
        task.operators.iter().map(|o| read(o.cost)).collect()
    }
}

/// Index of a relaxed operator that is no operator of the task.
pub(crate) const NO_OPERATOR: OperatorId = OperatorId::MAX;

/// Operators without deletes. The last one is artificial: it needs the goal, costs nothing and
/// makes [`Relaxation::goal`] true. One that needs nothing needs [`Relaxation::always`] instead.
#[derive(Clone, Debug)]
pub(crate) struct Relaxation {
    pub(crate) propositions: usize,
    /// True when the goal is.
    pub(crate) goal: Proposition,
    /// True in every state.
    pub(crate) always: Proposition,
    pub(crate) preconditions: Lists,
    pub(crate) effects: Lists,
    /// For each proposition, the operators that need it.
    pub(crate) needed_by: Lists,
    pub(crate) costs: Vec<u32>,
    /// The operator of the task that each is a part of, [`NO_OPERATOR`] for axioms and the goal.
    pub(crate) real: Vec<OperatorId>,
    /// Atoms whose falsity is a proposition, which stands at `atoms + index`.
    negated: Vec<AtomId>,
    atoms: u32,
    comparisons: u32,
    /// Operators that achieve a numeric condition step by step.
    pub(crate) repeated: Vec<Repeated>,
}

/// A relaxed operator that brings a numeric condition nearer by the same step each time (subgoaling:
/// Scala, Haslum & Thiébaux 2016, "Heuristics for numeric planning via subgoaling").
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeated {
    pub(crate) operator: u32,
    pub(crate) comparison: ComparisonId,
    /// What one application adds to the expression that must become positive.
    pub(crate) step: f64,
}

/// Repetitions beyond this tell no more.
const MAX_REPETITIONS: f64 = 10_000.0;

impl Repeated {
    /// How often it takes until the condition holds; once where it holds already.
    pub(crate) fn count(&self, system: &TransitionSystem<'_>, state: &[u64]) -> u32 {
        let condition = &system.task().comparisons[self.comparison as usize];
        let missing = -system.evaluate(&condition.expression, state) / self.step;
        let times = match condition.relation {
            Relation::AboveZero => missing.floor() + 1.0,
            Relation::AtLeastZero | Relation::Zero => missing.ceil(),
        };
        if times.is_nan() { 1 } else { times.clamp(1.0, MAX_REPETITIONS) as u32 }
    }
}

/// Collects relaxed operators.
struct Builder<'t> {
    task: &'t GroundTask,
    /// The place of the falsity of each atom among the propositions, 0 for none.
    falsity: Vec<u32>,
    comparison: u32,
    always: Proposition,
    next_auxiliary: Proposition,
    preconditions: Lists,
    effects: Lists,
    costs: Vec<u32>,
    real: Vec<OperatorId>,
    repeated: Vec<Repeated>,
}

impl Relaxation {
    pub(crate) fn new(system: &TransitionSystem<'_>, cost_type: CostType) -> Self {
        let task: &GroundTask = system.task();
        let atoms = task.atoms.len() as u32;
        let negated = negated_atoms(task);
        let mut falsity = vec![0; task.atoms.len()];
        for (i, &atom) in (0u32..).zip(&negated) {
            falsity[atom as usize] = atoms + i;
        }
        let comparison = atoms + negated.len() as u32;
        let always = comparison + task.comparisons.len() as u32;
        let goal = always + 1;
        let mut builder = Builder {
            task,
            falsity,
            comparison,
            always,
            next_auxiliary: goal + 1,
            preconditions: Lists::default(),
            effects: Lists::default(),
            costs: vec![],
            real: vec![],
            repeated: vec![],
        };
        builder.add_operators(&cost_type.costs(task));
        builder.add_axioms();
        let (holds, lacks) = (&task.goal_holds, &task.goal_lacks);
        let needs = builder.conjunction(&[holds], &[lacks], &[&task.goal_compares]);
        builder.add(&needs, [goal], 0, NO_OPERATOR);
        let propositions = builder.next_auxiliary as usize;
        Self {
            propositions,
            goal,
            always,
            needed_by: builder.preconditions.inverted(propositions),
            preconditions: builder.preconditions,
            effects: builder.effects,
            costs: builder.costs,
            real: builder.real,
            negated,
            atoms,
            comparisons: task.comparisons.len() as u32,
            repeated: builder.repeated,
        }
    }

    /// Memory held, bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.preconditions.bytes()
            + self.effects.bytes()
            + self.needed_by.bytes()
            + (self.costs.len() + self.real.len()) * size_of::<u32>()
            + self.repeated.len() * size_of::<Repeated>()
    }

    /// Number of relaxed operators.
    pub(crate) fn operators(&self) -> usize {
        self.costs.len()
    }

    /// Number of preconditions of each operator.
    pub(crate) fn needs(&self) -> Vec<u32> {
        (0..self.operators() as u32).map(|o| self.preconditions.get(o).len() as u32).collect()
    }

    /// Calls `visit` for every proposition that is true in a state.
    #[inline]
    pub(crate) fn for_each_true(
        &self,
        system: &TransitionSystem<'_>,
        state: &[u64],
        mut visit: impl FnMut(Proposition),
    ) {
        system.for_each_atom(state, &mut visit);
        for (i, &atom) in (0u32..).zip(&self.negated) {
            if !system.holds(atom, state) {
                visit(self.atoms + i);
            }
        }
        for comparison in 0..self.comparisons {
            if system.compare(comparison, state) {
                visit(self.atoms + self.negated.len() as u32 + comparison);
            }
        }
        visit(self.always);
    }

    /// Whether a proposition that is not artificial is true in a state.
    #[inline]
    pub(crate) fn is_true(
        &self,
        proposition: Proposition,
        system: &TransitionSystem<'_>,
        state: &[u64],
    ) -> bool {
        if proposition < self.atoms {
            return system.holds(proposition, state);
        }
        let beyond = (proposition - self.atoms) as usize;
        match self.negated.get(beyond) {
            Some(&atom) => !system.holds(atom, state),
            None => {
                let comparison = (beyond - self.negated.len()) as u32;
                comparison < self.comparisons && system.compare(comparison, state)
            }
        }
    }
}

/// Atoms whose falsity some condition asks for, directly or through an axiom. Ascending.
fn negated_atoms(task: &GroundTask) -> Vec<AtomId> {
    let mut asked = vec![false; task.atoms.len()];
    let conditional = task.operators.iter().flat_map(|o| o.conditional.iter());
    let lacks = task.operators.iter().flat_map(|o| o.lacks.iter());
    let lacks = lacks.chain(conditional.flat_map(|e| e.lacks.iter())).chain(&task.goal_lacks);
    for &atom in lacks.chain(task.axioms.iter().flat_map(|a| a.lacks.iter())) {
        asked[atom as usize] = true;
    }
    // The falsity of a derived atom asks for the falsity of what it is derived from, above it.
    for axiom in task.axioms.iter().rev() {
        if asked[axiom.head as usize] {
            for &atom in &axiom.holds {
                asked[atom as usize] |= !same_layer(task, axiom.head, atom);
            }
        }
    }
    (0u32..).zip(asked).filter(|&(_, asked)| asked).map(|(atom, _)| atom).collect()
}

/// Whether a derived atom stands in the layer of another.
fn same_layer(task: &GroundTask, derived: AtomId, other: AtomId) -> bool {
    let layer = |atom: AtomId| (atom as usize).checked_sub(task.basic).map(|i| task.layers[i]);
    layer(derived) == layer(other)
}

impl Builder<'_> {
    fn conjunction(
        &self,
        holds: &[&[AtomId]],
        lacks: &[&[AtomId]],
        compares: &[&[ComparisonId]],
    ) -> Vec<Proposition> {
        let mut list: Vec<Proposition> = holds.concat();
        list.extend(lacks.iter().copied().flatten().map(|&a| self.falsity[a as usize]));
        list.extend(compares.iter().copied().flatten().map(|&c| self.comparison + c));
        list.sort_unstable();
        list.dedup();
        if list.is_empty() {
            list.push(self.always);
        }
        list
    }

    fn add(
        &mut self,
        needs: &[Proposition],
        makes: impl IntoIterator<Item = Proposition>,
        cost: u32,
        real: OperatorId,
    ) {
        let before = self.effects.items.len();
        // What is needed is there already: made again it would only blur where things come from.
        self.effects.push(makes.into_iter().filter(|p| !needs.contains(p)));
        if self.effects.items.len() == before {
            self.effects.at.pop();
            return;
        }
        self.preconditions.push(needs.iter().copied());
        self.costs.push(cost);
        self.real.push(real);
    }

    fn made(&self, adds: &[AtomId], deletes: &[AtomId]) -> Vec<Proposition> {
        let falsities = deletes.iter().map(|&a| self.falsity[a as usize]).filter(|&p| p != 0);
        adds.iter().copied().chain(falsities).collect()
    }

    fn add_operators(&mut self, costs: &[u32]) {
        let task = self.task;
        for (id, operator) in (0u32..).zip(&task.operators) {
            let cost = costs[id as usize];
            let needs =
                self.conjunction(&[&operator.holds], &[&operator.lacks], &[&operator.compares]);
            self.add(&needs, self.made(&operator.adds, &operator.deletes), cost, id);
            self.add_numeric(&needs, &operator.changes, cost, id);
            for effect in &operator.conditional {
                let needs = self.conjunction(
                    &[&operator.holds, &effect.holds],
                    &[&operator.lacks, &effect.lacks],
                    &[&operator.compares, &effect.compares],
                );
                self.add(&needs, self.made(&effect.adds, &effect.deletes), cost, id);
                self.add_numeric(&needs, &effect.changes, cost, id);
            }
        }
    }

    fn add_axioms(&mut self) {
        let task = self.task;
        for axiom in &task.axioms {
            let needs = self.conjunction(&[&axiom.holds], &[&axiom.lacks], &[&axiom.compares]);
            self.add(&needs, [axiom.head], 0, NO_OPERATOR);
        }
        // A derived atom is false when each of its axioms has a condition that fails.
        let mut blocked: Vec<Vec<Proposition>> = vec![vec![]; task.atoms.len() - task.basic];
        for axiom in &task.axioms {
            if self.falsity[axiom.head as usize] == 0 {
                continue;
            }
            let failure = self.next_auxiliary;
            self.next_auxiliary += 1;
            blocked[axiom.head as usize - task.basic].push(failure);
            for &atom in &axiom.holds {
                // Within one layer atoms may support each other in a circle, and then fail at once.
                let circle = same_layer(task, axiom.head, atom);
                let cause = if circle { self.always } else { self.falsity[atom as usize] };
                self.add(&[cause], [failure], 0, NO_OPERATOR);
            }
            for &atom in &axiom.lacks {
                self.add(&[atom], [failure], 0, NO_OPERATOR);
            }
            if !axiom.compares.is_empty() {
                self.add(&[self.always], [failure], 0, NO_OPERATOR);
            }
        }
        for (i, failures) in blocked.iter().enumerate() {
            let falsity = self.falsity[task.basic + i];
            if falsity != 0 {
                let always = [self.always];
                let needs = if failures.is_empty() { &always[..] } else { failures };
                self.add(needs, [falsity], 0, NO_OPERATOR);
            }
        }
    }

    /// An operator for each numeric condition that the changes may bring about.
    fn add_numeric(
        &mut self,
        needs: &[Proposition],
        changes: &[Change],
        cost: u32,
        real: OperatorId,
    ) {
        if changes.is_empty() {
            return;
        }
        let task = self.task;
        for (comparison, condition) in (0u32..).zip(&task.comparisons) {
            let step = match step_towards(condition, changes) {
                Step::Never => continue,
                Step::By(step) => Some(step),
                Step::Unknown => None,
            };
            let operator = self.costs.len() as u32;
            self.add(needs, [self.comparison + comparison], cost, real);
            if let Some(step) = step {
                self.repeated.push(Repeated { operator, comparison, step });
            }
        }
    }
}

/// What changes do for a numeric condition.
enum Step {
    Never,
    By(f64),
    Unknown,
}

fn step_towards(condition: &Comparison, changes: &[Change]) -> Step {
    let (mut touched, mut assigned) = (false, false);
    condition.expression.for_each_variable(&mut |v| {
        for change in changes.iter().filter(|change| change.variable == v) {
            touched = true;
            assigned |= change.assignment == Assignment::Assign;
        }
    });
    if !touched {
        return Step::Never;
    }
    // It may give a value to what had none, which matters even where its terms cancel out.
    if assigned {
        return Step::Unknown;
    }
    let Some(linear) = condition.expression.linear() else { return Step::Unknown };
    let mut step = 0.0;
    for &(variable, factor) in &linear.terms {
        for change in changes.iter().filter(|change| change.variable == variable) {
            let Some(by) = change.value.number() else { return Step::Unknown };
            match change.assignment {
                Assignment::Increase => step += factor * by,
                Assignment::Decrease => step -= factor * by,
                _ => return Step::Unknown,
            }
        }
    }
    match condition.relation {
        Relation::Zero if step != 0.0 => Step::Unknown,
        Relation::AtLeastZero | Relation::AboveZero if step > 0.0 => Step::By(step),
        _ => Step::Never,
    }
}
