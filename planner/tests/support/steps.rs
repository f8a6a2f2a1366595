//! Random plans over a handful of atoms, without a domain.

use ergon_vocab::{
    ActionId, Atom, GroundAction, Literal, ObjectId, Plan, PlanStep, PredicateId, State,
};

use super::random::Dice;

/// Number of atoms that random plans speak of.
pub const ATOMS: usize = 7;

/// The atom of that number.
pub fn atom(number: usize) -> Atom {
    Atom { predicate: PredicateId(0), args: [ObjectId(number as u32)].into() }
}

fn literal(dice: &mut Dice<'_>) -> Literal {
    Literal { atom: atom(dice.roll(ATOMS)), positive: dice.roll(2) == 1 }
}

/// A random state.
pub fn state(dice: &mut Dice<'_>) -> State {
    (0..ATOMS).filter(|_| dice.roll(2) == 1).map(atom).collect()
}

/// A step; its action has its number as the only argument.
pub fn step(number: usize, needs: Vec<Literal>, makes: Vec<Literal>, cost: u64) -> PlanStep {
    let args = [ObjectId(number as u32)].into();
    let action = GroundAction { schema: ActionId(0), args };
    PlanStep { action, preconditions: needs, effects: makes, cost }
}

/// A random plan that need not be valid, and a goal.
pub fn any_plan(dice: &mut Dice<'_>, length: usize) -> (Plan, Vec<Literal>) {
    let mut draw =
        |most: usize| -> Vec<Literal> { (0..dice.roll(most + 1)).map(|_| literal(dice)).collect() };
    let steps = (0..length).map(|i| step(i, draw(2), draw(3), 1)).collect();
    (Plan { steps }, draw(2))
}

/// A random plan that leads from a random state to a goal. Some of its steps serve nothing.
pub fn valid_plan(dice: &mut Dice<'_>, length: usize) -> (Plan, State, Vec<Literal>) {
    let start = state(dice);
    let mut now = start.clone();
    let mut plan = Plan::default();
    let holding = |dice: &mut Dice<'_>, most: usize, now: &State| -> Vec<Literal> {
        let atoms: Vec<Atom> = (0..dice.roll(most + 1)).map(|_| atom(dice.roll(ATOMS))).collect();
        atoms.into_iter().map(|atom| Literal { positive: now.contains(&atom), atom }).collect()
    };
    for number in 0..length {
        let needs = holding(dice, 3, &now);
        let makes = (0..dice.roll(4)).map(|_| literal(dice)).collect();
        let step = step(number, needs, makes, dice.roll(4) as u64);
        step.apply(&mut now);
        plan.steps.push(step);
    }
    let goal = holding(dice, 3, &now);
    (plan, start, goal)
}
