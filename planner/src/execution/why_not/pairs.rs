//! Pairs of atoms that never hold together: h2 reachability (Haslum & Geffner 2000, "Admissible
//! heuristics for optimal planning"). Conditions that are negative, numeric or derived and those of
//! conditional effects are taken as met, and conditional effects delete nothing, so that every pair
//! that is found is a mutex.

use crate::{AtomId, GroundTask, Operator};

/// Operators times atoms of a task that is still small enough.
const WORK: usize = 1 << 22;

/// Pairs of goal atoms that can never hold together, ascending; an atom that can never hold is a pair
/// with itself. `None` if the task is too large to tell.
pub(super) fn mutex_goals(task: &GroundTask) -> Option<Vec<(AtomId, AtomId)>> {
    let atoms = task.atoms.len();
    if task.operators.len().saturating_mul(atoms) > WORK {
        return None;
    }
    let mut pairs = Pairs { atoms, reached: vec![false; atoms * atoms] };
    // What holds of derived atoms is not followed.
    for derived in task.basic..atoms {
        (0..atoms).for_each(|other| pairs.reach(derived as AtomId, other as AtomId));
    }
    for &a in &task.init {
        task.init.iter().for_each(|&b| pairs.reach(a, b));
    }
    while task.operators.iter().filter(|operator| pairs.apply(operator)).count() > 0 {}
    let goal = &task.goal_holds;
    let all = goal.iter().enumerate().flat_map(|(i, &a)| goal[i..].iter().map(move |&b| (a, b)));
    Some(all.filter(|&(a, b)| !pairs.has(a, b)).collect())
}

struct Pairs {
    atoms: usize,
    reached: Vec<bool>,
}

impl Pairs {
    fn has(&self, a: AtomId, b: AtomId) -> bool {
        self.reached[a as usize * self.atoms + b as usize]
    }

    fn reach(&mut self, a: AtomId, b: AtomId) {
        self.reached[a as usize * self.atoms + b as usize] = true;
        self.reached[b as usize * self.atoms + a as usize] = true;
    }

    /// Adds what an operator makes reachable. True if something is new.
    fn apply(&mut self, operator: &Operator) -> bool {
        let holds = &operator.holds;
        if !holds.iter().enumerate().all(|(i, &a)| holds[i..].iter().all(|&b| self.has(a, b))) {
            return false;
        }
        let mut new = false;
        let conditional = operator.conditional.iter().flat_map(|effect| &effect.adds);
        let adds: Vec<AtomId> = operator.adds.iter().chain(conditional).copied().collect();
        for &a in &adds {
            for &b in &adds {
                new |= !self.has(a, b);
                self.reach(a, b);
            }
        }
        for b in 0..self.atoms as AtomId {
            let open = adds.iter().any(|&a| !self.has(a, b));
            let stays = open
                && operator.deletes.binary_search(&b).is_err()
                && self.has(b, b)
                && holds.iter().all(|&a| self.has(a, b));
            if stays {
                new = true;
                adds.iter().for_each(|&a| self.reach(a, b));
            }
        }
        new
    }
}
