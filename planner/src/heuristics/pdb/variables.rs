//! The task as projections see it: variables with few values each, and what operators do to them.
//!
//! The variables are the basic fields of packed states. Derived atoms and numbers are none: where a
//! condition asks for one, it counts as unknown.

use crate::{
    ground::{AtomId, GroundTask, Operator},
    search::{Field, TransitionSystem},
};

/// An index into the variables.
pub(super) type Variable = u32;

/// A variable and one of its values.
pub(super) type Fact = (Variable, u32);

/// A conditional effect.
#[derive(Clone, Debug)]
pub(super) struct Effect {
    pub(super) holds: Vec<Fact>,
    pub(super) lacks: Vec<Fact>,
    /// Whether the condition asks for more than variables tell.
    pub(super) opaque: bool,
    /// Variables that take the value 0 if they have these.
    pub(super) clears: Vec<Fact>,
    pub(super) sets: Vec<Fact>,
}

impl Effect {
    fn touches(&self) -> impl Iterator<Item = Variable> {
        self.clears.iter().chain(&self.sets).map(|&(variable, _)| variable)
    }
}

/// An operator.
#[derive(Clone, Debug)]
pub(super) struct Act {
    pub(super) holds: Vec<Fact>,
    pub(super) lacks: Vec<Fact>,
    /// What does not hold because of that, of the variables that effects speak of.
    pub(super) implied: Vec<Fact>,
    /// Variables that take the value 0 if they have these.
    pub(super) clears: Vec<Fact>,
    pub(super) sets: Vec<Fact>,
    pub(super) effects: Vec<Effect>,
}

impl Act {
    /// The variables that it may change; some more than once.
    fn touches(&self) -> impl Iterator<Item = Variable> {
        let own = self.clears.iter().chain(&self.sets).map(|&(variable, _)| variable);
        own.chain(self.effects.iter().flat_map(Effect::touches))
    }

    /// The variables that it may change, and those that have a say in that.
    fn asks(&self) -> impl Iterator<Item = Variable> {
        let own = self.holds.iter().chain(&self.lacks);
        let conditions = self.effects.iter().flat_map(|e| e.holds.iter().chain(&e.lacks));
        own.chain(conditions).map(|&(variable, _)| variable)
    }
}

/// All variables and operators.
#[derive(Clone, Debug)]
pub(super) struct Variables {
    pub(super) fields: Vec<Field>,
    pub(super) acts: Vec<Act>,
    /// For each variable, the operators that may change it, ascending.
    pub(super) touched_by: Vec<Vec<u32>>,
    pub(super) goal_holds: Vec<Fact>,
    pub(super) goal_lacks: Vec<Fact>,
    /// What never holds together with the goal.
    pub(super) goal_excluded: Vec<Fact>,
    /// For each value of each variable, the invariant groups that its atom is in, ascending.
    groups: Vec<Vec<Vec<u32>>>,
}

impl Variables {
    pub(super) fn new(system: &TransitionSystem<'_>) -> Self {
        let task: &GroundTask = system.task();
        let packing = system.packing();
        let fields = packing.fields[..task.groups.len()].to_vec();
        let place = |atoms: &[AtomId]| -> Vec<Fact> {
            let basic = atoms.iter().filter(|&&a| (a as usize) < task.basic);
            basic.map(|&a| packing.place_of(a)).collect()
        };
        let acts: Vec<Act> = task.operators.iter().map(|o| act(o, task, place)).collect();
        let mut touched_by = vec![vec![]; fields.len()];
        for (id, act) in (0u32..).zip(&acts) {
            for variable in act.touches() {
                let list: &mut Vec<u32> = &mut touched_by[variable as usize];
                if list.last() != Some(&id) {
                    list.push(id);
                }
            }
        }
        let mut groups: Vec<Vec<Vec<u32>>> =
            fields.iter().map(|field| vec![vec![]; field.values as usize]).collect();
        for (group, atoms) in (0u32..).zip(&task.mutexes) {
            for (variable, value) in place(atoms) {
                groups[variable as usize][value as usize].push(group);
            }
        }
        let (goal_holds, goal_lacks) = (place(&task.goal_holds), place(&task.goal_lacks));
        let goal_excluded = vec![];
        let mut variables =
            Self { fields, acts, touched_by, goal_holds, goal_lacks, goal_excluded, groups };
        variables.add_implied();
        variables
    }

    /// Adds to each operator what cannot hold before it since it asks for something else
    /// (disambiguation: Alcázar & Torralba 2015, "A reminder about the importance of computing and
    /// exploiting invariants in planning"), and the same for the goal.
    fn add_implied(&mut self) {
        let mut acts = std::mem::take(&mut self.acts);
        for act in &mut acts {
            let conditions = act.effects.iter().flat_map(|e| e.holds.iter().chain(&e.lacks));
            let mut open: Vec<Variable> =
                act.touches().chain(conditions.map(|&(variable, _)| variable)).collect();
            open.sort_unstable();
            open.dedup();
            open.retain(|&variable| act.holds.iter().all(|&(v, _)| v != variable));
            let implied: Vec<Fact> =
                open.iter().flat_map(|&v| self.excluded_by(v, &act.holds)).collect();
            act.implied = implied;
        }
        self.acts = acts;
        let all = 0..self.len() as Variable;
        self.goal_excluded = all.flat_map(|v| self.excluded_by(v, &self.goal_holds)).collect();
    }

    /// The values of a variable that never go together with all of some facts of others.
    fn excluded_by(&self, variable: Variable, facts: &[Fact]) -> Vec<Fact> {
        let values = (0..self.size(variable)).map(|value| (variable, value));
        let excluded =
            |&own: &Fact| facts.iter().any(|&fact| fact.0 != variable && self.exclude(own, fact));
        values.filter(excluded).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// Number of values of a variable.
    pub(super) fn size(&self, variable: Variable) -> u32 {
        self.fields[variable as usize].values
    }

    /// Whether two facts never hold in the same state, as far as the invariants tell.
    pub(super) fn exclude(&self, a: Fact, b: Fact) -> bool {
        let of = |(variable, value): Fact| &self.groups[variable as usize][value as usize];
        let (mut left, mut right) = (of(a).iter().peekable(), of(b).iter().peekable());
        while let (Some(x), Some(y)) = (left.peek(), right.peek()) {
            match x.cmp(y) {
                std::cmp::Ordering::Less => left.next(),
                std::cmp::Ordering::Greater => right.next(),
                std::cmp::Ordering::Equal => return true,
            };
        }
        false
    }

    /// The variables that the goal speaks of, ascending.
    pub(super) fn goals(&self) -> Vec<Variable> {
        let all = self.goal_holds.iter().chain(&self.goal_lacks).map(|&(variable, _)| variable);
        let mut goals: Vec<Variable> = all.collect();
        goals.sort_unstable();
        goals.dedup();
        goals
    }

    /// For each variable, those that some operator asks for when it changes the variable, and those
    /// that it changes together with it, ascending.
    pub(super) fn neighbors(&self) -> Vec<(Vec<Variable>, Vec<Variable>)> {
        let mut neighbors = vec![];
        for (variable, acts) in (0u32..).zip(&self.touched_by) {
            let (mut asked, mut changed) = (vec![], vec![]);
            for &act in acts {
                asked.extend(self.acts[act as usize].asks());
                changed.extend(self.acts[act as usize].touches());
            }
            for list in [&mut asked, &mut changed] {
                list.sort_unstable();
                list.dedup();
                list.retain(|&other| other != variable);
            }
            neighbors.push((asked, changed));
        }
        neighbors
    }
}

fn act(operator: &Operator, task: &GroundTask, place: impl Fn(&[AtomId]) -> Vec<Fact>) -> Act {
    let derived = |&atom: &AtomId| atom as usize >= task.basic;
    let effects = operator.conditional.iter().map(|effect| Effect {
        holds: place(&effect.holds),
        lacks: place(&effect.lacks),
        opaque: effect.holds.iter().chain(&effect.lacks).any(derived)
            || !effect.compares.is_empty(),
        clears: place(&effect.deletes),
        sets: place(&effect.adds),
    });
    Act {
        holds: place(&operator.holds),
        lacks: place(&operator.lacks),
        implied: vec![],
        clears: place(&operator.deletes),
        sets: place(&operator.adds),
        effects: effects.filter(|e| e.clears.len() + e.sets.len() > 0).collect(),
    }
}
