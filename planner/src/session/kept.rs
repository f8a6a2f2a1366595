//! Ground tasks kept for the goals asked for last.

use ergon_vocab::{Clock, Limit};

use crate::{GroundTask, Grounding, search::Limits, solve::Question};

/// Goals whose ground tasks are kept: the agent's own, and ways back to tails of its plan.
const GOALS: usize = 8;

/// Ground tasks, the one used last first.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept(Vec<Grounding>);

impl Kept {
    /// The ground task of a question: a kept one moved to its state, or a new one where none is
    /// right for it.
    ///
    /// # Errors
    /// The limit that was hit.
    pub(super) fn ground(
        &mut self,
        question: Question<'_>,
        limits: &Limits,
        clock: &dyn Clock,
    ) -> Result<&mut Grounding, Limit> {
        let Question { task, state, values, goal } = question;
        let found = self.0.iter_mut().position(|kept| kept.restart(state, values, goal));
        match found.filter(|&i| may_be_reached(self.0[i].task())) {
            Some(i) => self.0[..=i].rotate_right(1),
            None => {
                self.0.retain(|kept| kept.goal() != goal);
                let made = Grounding::new(task, state, values, goal, limits, clock)?;
                self.0.insert(0, made);
                self.forget(limits);
            }
        }
        Ok(&mut self.0[0])
    }

    /// Drops those used longest ago while they are too many, or hold more than half of the memory.
    fn forget(&mut self, limits: &Limits) {
        self.0.truncate(GOALS);
        let mut held = 0;
        let fit = self.0.iter().take_while(|kept| {
            held += kept.task().bytes() as u64;
            held <= limits.memory_bytes / 2
        });
        let fit = fit.count().max(1);
        self.0.truncate(fit);
    }
}

/// Whether the goal may be reached, as far as can be told cheaply. A task ground for another state
/// can hold what is out of reach from this one; grounding anew says so at once, where a search may
/// have to see every state.
fn may_be_reached(task: &GroundTask) -> bool {
    if task.hopeless {
        return false;
    }
    // What axioms define is taken to be possible.
    let mut reached: Vec<bool> = (0..task.atoms.len()).map(|atom| atom >= task.basic).collect();
    task.init.iter().for_each(|&atom| reached[atom as usize] = true);
    let mut waiting: Vec<u32> = (0..task.operators.len() as u32).collect();
    loop {
        let before = waiting.len();
        waiting.retain(|&operator| {
            let operator = &task.operators[operator as usize];
            let applicable = operator.holds.iter().all(|&atom| reached[atom as usize]);
            if applicable {
                let conditional = operator.conditional.iter().flat_map(|effect| &effect.adds);
                operator.adds.iter().chain(conditional).for_each(|&a| reached[a as usize] = true);
            }
            !applicable
        });
        if task.goal_holds.iter().all(|&atom| reached[atom as usize]) {
            return true;
        }
        if waiting.len() == before {
            return false;
        }
    }
}
