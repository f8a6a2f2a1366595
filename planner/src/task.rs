//! A task: what the planner works on.

use ergon_vocab::{ActionId, Atom, GroundAction, Literal, ObjectId, PlanStep, State, Symbols};

use crate::model::{Condition, LiftedAtom, Problem, Schema};

/// A lifted planning task: symbols, action schemas, initial state and goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    symbols: Symbols,
    schemas: Vec<Schema>,
    init: State,
    goal: Vec<Literal>,
}

impl Task {
    /// The task of a problem.
    pub fn new(problem: &Problem) -> Self {
        Self {
            symbols: problem.symbols().clone(),
            schemas: problem.domain().schemas().to_vec(),
            init: problem.init().clone(),
            goal: problem.goal().to_vec(),
        }
    }

    /// Names behind the ids.
    pub fn symbols(&self) -> &Symbols {
        &self.symbols
    }

    /// The action schemas, in the order of [`Symbols::actions`].
    pub fn schemas(&self) -> &[Schema] {
        &self.schemas
    }

    /// The initial state.
    pub fn init(&self) -> &State {
        &self.init
    }

    /// The goal, a conjunction.
    pub fn goal(&self) -> &[Literal] {
        &self.goal
    }

    /// What a ground action needs and does, with its static preconditions. Equalities are left out:
    /// they hold for the arguments or no such action is made.
    pub(crate) fn step(&self, schema: usize, args: &[ObjectId], cost: u64) -> PlanStep {
        let lifted = &self.schemas[schema];
        let mut preconditions: Vec<Literal> = vec![];
        for condition in &lifted.preconditions {
            if let Condition::Literal { atom, positive } = condition {
                let literal = Literal { atom: atom.ground(args), positive: *positive };
                if !preconditions.contains(&literal) {
                    preconditions.push(literal);
                }
            }
        }
        let ground = |atoms: &[LiftedAtom]| -> Vec<Atom> {
            let mut list = vec![];
            for atom in atoms.iter().map(|a| a.ground(args)) {
                if !list.contains(&atom) {
                    list.push(atom);
                }
            }
            list
        };
        let adds = ground(&lifted.adds);
        let deletes = ground(&lifted.deletes).into_iter().filter(|a| !adds.contains(a));
        let effects = deletes
            .map(|atom| Literal { atom, positive: false })
            .chain(adds.iter().map(|atom| Literal { atom: atom.clone(), positive: true }))
            .collect();
        let action = GroundAction { schema: ActionId(schema as u32), args: args.into() };
        PlanStep { action, preconditions, effects, cost }
    }
}
