//! Breadth-first search on the lifted model, as plain as can be: the judge of cleverer code.

use std::collections::{BTreeMap, VecDeque};

use ergon_planner::{Condition, Problem};
use ergon_vocab::{GroundAction, ObjectId, State};

/// More reachable states than this and a task is not small.
const MAX_STATES: usize = 2000;

/// Every well-typed argument list of an action.
fn bindings(problem: &Problem, action: usize) -> Vec<Vec<ObjectId>> {
    let symbols = problem.symbols();
    let objects = (0..symbols.objects.len() as u32).map(ObjectId);
    symbols.actions[action].parameters.iter().fold(vec![vec![]], |rows, (_, types)| {
        let fitting: Vec<ObjectId> = objects.clone().filter(|&o| symbols.fits(o, types)).collect();
        let longer = |row: &Vec<ObjectId>, o: ObjectId| [&row[..], &[o]].concat();
        rows.iter().flat_map(|row| fitting.iter().map(move |&o| longer(row, o))).collect()
    })
}

/// The actions applicable in a state, with the states they lead to.
pub fn successors(problem: &Problem, state: &State) -> Vec<(GroundAction, State)> {
    let mut found = vec![];
    for (index, schema) in problem.domain().schemas().iter().enumerate() {
        for args in bindings(problem, index) {
            let applicable = schema.preconditions.iter().all(|condition| match condition {
                Condition::Literal { atom, positive } => {
                    state.contains(&atom.ground(&args)) == *positive
                }
                Condition::Equality { left, right, equal } => {
                    (left.value(&args) == right.value(&args)) == *equal
                }
            });
            if applicable {
                let mut next = state.clone();
                schema.deletes.iter().for_each(|atom| {
                    next.remove(&atom.ground(&args));
                });
                next.extend(schema.adds.iter().map(|atom| atom.ground(&args)));
                let schema = ergon_vocab::ActionId(index as u32);
                found.push((GroundAction { schema, args: args.into() }, next));
            }
        }
    }
    found
}

/// Steps of a shortest plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    Steps(u64),
    Unsolvable,
    /// Too many states to tell.
    Unknown,
}

/// Finds the length of a shortest plan by breadth-first search.
pub fn distance(problem: &Problem) -> Distance {
    let mut seen = BTreeMap::from([(problem.init().clone(), 0u64)]);
    let mut queue = VecDeque::from([problem.init().clone()]);
    while let Some(state) = queue.pop_front() {
        let steps = seen[&state];
        if problem.goal().iter().all(|l| l.holds_in(&state)) {
            return Distance::Steps(steps);
        }
        for (_, next) in successors(problem, &state) {
            if !seen.contains_key(&next) {
                seen.insert(next.clone(), steps + 1);
                queue.push_back(next);
            }
        }
        if seen.len() > MAX_STATES {
            return Distance::Unknown;
        }
    }
    Distance::Unsolvable
}
