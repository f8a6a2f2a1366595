//! The meaning of a lifted model by direct evaluation, as plain as can be: the judge of cleverer
//! code.

use std::collections::{BTreeMap, VecDeque};

use ergon_planner::{
    Assignment, Axiom, Comparator, Effect, Expression, Fluent, Formula, Problem, Schema, Variable,
};
use ergon_vocab::{ActionId, Atom, GroundAction, ObjectId, State, TypeId};

/// More reachable states than this and a task is not small.
const MAX_STATES: usize = 2000;

/// A state with its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    pub state: State,
    pub values: BTreeMap<Fluent, f64>,
}

impl World {
    /// The initial one.
    pub fn of(problem: &Problem) -> Self {
        Self { state: problem.init().clone(), values: problem.values().clone() }
    }
}

/// Every list of objects of some types.
fn rows<'t>(problem: &Problem, types: impl Iterator<Item = &'t [TypeId]>) -> Vec<Vec<ObjectId>> {
    let symbols = problem.symbols();
    let objects = (0..symbols.objects.len() as u32).map(ObjectId);
    types.fold(vec![vec![]], |rows, types| {
        let fitting: Vec<ObjectId> = objects.clone().filter(|&o| symbols.fits(o, types)).collect();
        let longer = |row: &Vec<ObjectId>, o: ObjectId| [&row[..], &[o]].concat();
        rows.iter().flat_map(|row| fitting.iter().map(move |&o| longer(row, o))).collect()
    })
}

/// What is needed to evaluate formulas: a world with its derived atoms.
pub struct Judge<'a> {
    problem: &'a Problem,
    pub facts: State,
    values: &'a BTreeMap<Fluent, f64>,
}

impl<'a> Judge<'a> {
    pub fn new(problem: &'a Problem, world: &'a World) -> Self {
        let mut judge = Self { problem, facts: world.state.clone(), values: &world.values };
        // The axioms of the tests stand in the order of their strata.
        let axioms = problem.domain().axioms();
        let mut from = 0;
        while from < axioms.len() {
            let head = axioms[from].predicate;
            let to = from + axioms[from..].iter().take_while(|a| a.predicate == head).count();
            while judge.derive(&axioms[from..to]) {}
            from = to;
        }
        judge
    }

    /// Adds what follows at once from some axioms. True if something is new.
    fn derive(&mut self, axioms: &[Axiom]) -> bool {
        let before = self.facts.len();
        for axiom in axioms {
            for args in rows(self.problem, axiom.parameters.iter().map(|p| &p.types[..])) {
                if self.holds(&axiom.body, &args) {
                    self.facts.insert(Atom { predicate: axiom.predicate, args: args.into() });
                }
            }
        }
        self.facts.len() > before
    }

    fn extended(&self, variables: &[Variable], binding: &[ObjectId]) -> Vec<Vec<ObjectId>> {
        let rows = rows(self.problem, variables.iter().map(|v| &v.types[..]));
        rows.iter().map(|row| [binding, row].concat()).collect()
    }

    /// Whether a formula holds.
    pub fn holds(&self, formula: &Formula, binding: &[ObjectId]) -> bool {
        match formula {
            Formula::And(parts) => parts.iter().all(|p| self.holds(p, binding)),
            Formula::Or(parts) => parts.iter().any(|p| self.holds(p, binding)),
            Formula::Not(inner) => !self.holds(inner, binding),
            Formula::Imply(a, b) => !self.holds(a, binding) || self.holds(b, binding),
            Formula::Exists(vars, f) => {
                self.extended(vars, binding).iter().any(|b| self.holds(f, b))
            }
            Formula::Forall(vars, f) => {
                self.extended(vars, binding).iter().all(|b| self.holds(f, b))
            }
            Formula::Atom(atom) => self.facts.contains(&atom.ground(binding)),
            Formula::Equal(a, b) => a.value(binding) == b.value(binding),
            Formula::Compare(comparator, a, b) => {
                let (Some(a), Some(b)) = (self.value(a, binding), self.value(b, binding)) else {
                    return false;
                };
                match comparator {
                    Comparator::Less => a < b,
                    Comparator::LessOrEqual => a <= b,
                    Comparator::Equal => a == b,
                    Comparator::GreaterOrEqual => a >= b,
                    Comparator::Greater => a > b,
                }
            }
        }
    }

    /// The value of an expression, if it is defined.
    pub fn value(&self, e: &Expression, binding: &[ObjectId]) -> Option<f64> {
        let value = |e: &Expression| self.value(e, binding);
        match e {
            Expression::Number(n) => Some(*n),
            Expression::Fluent(fluent) => self.values.get(&fluent.ground(binding)).copied(),
            Expression::Duration | Expression::TotalTime => None,
            Expression::Negation(a) => Some(-value(a)?),
            Expression::Sum(parts) => parts.iter().map(value).sum(),
            Expression::Product(parts) => parts.iter().map(value).product(),
            Expression::Difference(a, b) => Some(value(a)? - value(b)?),
            Expression::Quotient(a, b) => {
                value(b).filter(|&b| b != 0.0).and_then(|b| Some(value(a)? / b))
            }
        }
    }

    fn fire(&self, effect: &Effect, binding: &[ObjectId], fired: &mut Fired) {
        match effect {
            Effect::And(parts) => parts.iter().for_each(|p| self.fire(p, binding, fired)),
            Effect::Add(atom) => fired.adds.push(atom.ground(binding)),
            Effect::Delete(atom) => fired.deletes.push(atom.ground(binding)),
            Effect::When(condition, inner) => {
                if self.holds(condition, binding) {
                    self.fire(inner, binding, fired);
                }
            }
            Effect::Forall(vars, inner) => {
                self.extended(vars, binding).iter().for_each(|b| self.fire(inner, b, fired));
            }
            Effect::Assign(assignment, fluent, value) => {
                let value = self.value(value, binding);
                fired.changes.push((*assignment, fluent.ground(binding), value));
            }
        }
    }
}

#[derive(Default)]
struct Fired {
    adds: Vec<Atom>,
    deletes: Vec<Atom>,
    changes: Vec<(Assignment, Fluent, Option<f64>)>,
}

/// The world after; nothing where a number is undefined.
fn after(world: &World, fired: Fired) -> Option<World> {
    let mut next = world.clone();
    fired.deletes.iter().for_each(|atom| {
        next.state.remove(atom);
    });
    next.state.extend(fired.adds);
    for (assignment, fluent, value) in fired.changes {
        let value = value?;
        let old = next.values.get(&fluent).copied();
        let new = match assignment {
            Assignment::Assign => value,
            Assignment::Increase => old? + value,
            Assignment::Decrease => old? - value,
            Assignment::ScaleUp => old? * value,
            Assignment::ScaleDown => old? / value,
        };
        next.values.insert(fluent, new);
    }
    Some(next)
}

/// The actions applicable in a world, with the worlds they lead to.
pub fn steps(problem: &Problem, world: &World) -> Vec<(GroundAction, World)> {
    let judge = Judge::new(problem, world);
    let mut found = vec![];
    for (index, schema) in problem.domain().schemas().iter().enumerate() {
        let Schema::Instant { precondition, effect } = schema else { continue };
        let parameters = &problem.symbols().actions[index].parameters;
        for args in rows(problem, parameters.iter().map(|(_, types)| &types[..])) {
            if !judge.holds(precondition, &args) {
                continue;
            }
            let mut fired = Fired::default();
            judge.fire(effect, &args, &mut fired);
            if let Some(next) = after(world, fired) {
                let schema = ActionId(index as u32);
                found.push((GroundAction { schema, args: args.into() }, next));
            }
        }
    }
    found
}

/// The actions applicable in a state, with the states they lead to.
pub fn successors(problem: &Problem, state: &State) -> Vec<(GroundAction, State)> {
    let world = World { state: state.clone(), values: problem.values().clone() };
    steps(problem, &world).into_iter().map(|(action, next)| (action, next.state)).collect()
}

/// Steps of a shortest plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    Steps(u64),
    Unsolvable,
    /// Too many states to tell.
    Unknown,
}

/// Finds the length of a shortest plan by breadth-first search. The task has no numbers.
pub fn distance(problem: &Problem) -> Distance {
    let mut seen = BTreeMap::from([(problem.init().clone(), 0u64)]);
    let mut queue = VecDeque::from([World::of(problem)]);
    while let Some(world) = queue.pop_front() {
        let steps_so_far = seen[&world.state];
        if Judge::new(problem, &world).holds(problem.goal(), &[]) {
            return Distance::Steps(steps_so_far);
        }
        for (_, next) in steps(problem, &world) {
            if !seen.contains_key(&next.state) {
                seen.insert(next.state.clone(), steps_so_far + 1);
                queue.push_back(next);
            }
        }
        if seen.len() > MAX_STATES {
            return Distance::Unknown;
        }
    }
    Distance::Unsolvable
}
