//! What of the reachable facts and operators can change, be used, and matter to the goal.

use super::{Candidate, FactId, Goal, join::Reached};

/// Which facts can come to hold and which can come not to, from the initial state.
pub(super) struct Attained {
    hold: Vec<bool>,
    lack: Vec<bool>,
}

impl Attained {
    pub(super) fn can_hold(&self, fact: FactId) -> bool {
        self.hold[fact as usize]
    }

    pub(super) fn can_lack(&self, fact: FactId) -> bool {
        self.lack[fact as usize]
    }

    /// Whether the fact can be both.
    fn changes(&self, fact: FactId) -> bool {
        self.can_hold(fact) && self.can_lack(fact)
    }
}

/// Relaxed reachability with truth and falsity of a fact as two propositions that are never undone.
/// Removes the operators that are not reachable so, and those that contradict themselves.
pub(super) fn attained(reached: &Reached, candidates: &mut Vec<Candidate<'_>>) -> Attained {
    candidates.retain(|c| c.holds.iter().all(|fact| c.lacks.binary_search(fact).is_err()));
    let facts = reached.facts.len();
    let initial = |fact: usize| fact < reached.initial;
    let mut attained = Attained {
        hold: (0..facts).map(initial).collect(),
        lack: (0..facts).map(|f| !initial(f)).collect(),
    };
    // The two kinds of preconditions share one table: falsity of fact f stands at `facts + f`.
    let mut waiting: Vec<Vec<u32>> = vec![vec![]; 2 * facts];
    let mut missing = Vec::with_capacity(candidates.len());
    let mut queue: Vec<u32> = vec![];
    for (i, c) in candidates.iter().enumerate() {
        let holds = c.holds.iter().filter(|&&f| !attained.can_hold(f)).map(|&f| f as usize);
        let lacks = c.lacks.iter().filter(|&&f| !attained.can_lack(f));
        let absent: Vec<usize> = holds.chain(lacks.map(|&f| facts + f as usize)).collect();
        if absent.is_empty() {
            queue.push(i as u32);
        }
        missing.push(absent.len() as u32);
        absent.iter().for_each(|&p| waiting[p].push(i as u32));
    }
    while let Some(i) = queue.pop() {
        let c = &candidates[i as usize];
        let mut woken = vec![];
        for &fact in &c.adds {
            if !std::mem::replace(&mut attained.hold[fact as usize], true) {
                woken.append(&mut waiting[fact as usize]);
            }
        }
        for &fact in &c.deletes {
            if !std::mem::replace(&mut attained.lack[fact as usize], true) {
                woken.append(&mut waiting[facts + fact as usize]);
            }
        }
        for i in woken {
            missing[i as usize] -= 1;
            if missing[i as usize] == 0 {
                queue.push(i);
            }
        }
    }
    let mut open = missing.iter().map(|&m| m == 0);
    candidates.retain(|_| open.next().unwrap_or(false));
    attained
}

/// Which facts matter: those of the goal, and those that operators need that change a fact which
/// matters. Removes all else from the operators, and the operators that then change nothing.
pub(super) fn relevant(
    attained: &Attained,
    candidates: &mut Vec<Candidate<'_>>,
    goal: &Goal,
) -> Vec<bool> {
    let facts = attained.hold.len();
    let mut changed_by: Vec<Vec<u32>> = vec![vec![]; facts];
    for (i, c) in candidates.iter().enumerate() {
        for &fact in c.adds.iter().chain(&c.deletes) {
            changed_by[fact as usize].push(i as u32);
        }
    }
    let mut relevant = vec![false; facts];
    let mut used = vec![false; candidates.len()];
    let mut queue: Vec<FactId> = goal.holds.iter().chain(&goal.lacks).copied().collect();
    while let Some(fact) = queue.pop() {
        if !attained.changes(fact) || std::mem::replace(&mut relevant[fact as usize], true) {
            continue;
        }
        for &i in &changed_by[fact as usize] {
            if !std::mem::replace(&mut used[i as usize], true) {
                let c = &candidates[i as usize];
                queue.extend(c.holds.iter().chain(&c.lacks));
            }
        }
    }
    let mut used = used.into_iter();
    candidates.retain(|_| used.next().unwrap_or(false));
    for c in candidates {
        for list in [&mut c.holds, &mut c.lacks, &mut c.adds, &mut c.deletes] {
            list.retain(|&fact| relevant[fact as usize]);
        }
    }
    relevant
}
