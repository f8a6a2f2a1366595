//! What an operator does to the few variables of a pattern.

use super::variables::{Act, Effect, Fact, Variable, Variables};

/// An operator in a projection, which takes every state in which the variables of the mask have the
/// values `from` to that in which they have the values `to`. Values are summed up with the
/// multipliers of the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arc {
    /// The bits of the positions in the pattern that are spoken of.
    pub(super) mask: u32,
    pub(super) from: u32,
    pub(super) to: u32,
}

/// Whether a conditional effect fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fires {
    No,
    Perhaps,
    Yes,
}

/// Projects operators to a pattern.
pub(super) struct Imager<'v> {
    variables: &'v Variables,
    pattern: &'v [Variable],
    multipliers: &'v [u32],
    /// The values that each variable of the pattern may have before the operator, if it matters.
    before: Vec<Option<Vec<u32>>>,
    /// The values now looked at; 0 where it does not matter.
    here: Vec<u32>,
    /// The values that each variable may have then.
    after: Vec<Vec<u32>>,
}

impl<'v> Imager<'v> {
    pub(super) fn new(
        variables: &'v Variables,
        pattern: &'v [Variable],
        multipliers: &'v [u32],
    ) -> Self {
        let size = pattern.len();
        Self {
            variables,
            pattern,
            multipliers,
            before: vec![None; size],
            here: vec![0; size],
            after: vec![vec![]; size],
        }
    }

    fn position(&self, variable: Variable) -> Option<usize> {
        self.pattern.iter().position(|&v| v == variable)
    }

    /// Appends what an operator may do to the pattern, ascending; what changes nothing included.
    pub(super) fn arcs(&mut self, act: &Act, arcs: &mut Vec<Arc>) {
        let first = arcs.len();
        let effects: Vec<&Effect> =
            act.effects.iter().filter(|e| self.sees(&e.clears) || self.sees(&e.sets)).collect();
        self.prepare(act, &effects);
        let values = |i: &Option<Vec<u32>>| i.as_ref().map_or(1, Vec::len);
        let choices: usize = self.before.iter().map(values).product();
        for mut choice in 0..choices {
            for (here, before) in self.here.iter_mut().zip(&self.before) {
                *here = 0;
                if let Some(before) = before {
                    *here = before[choice % before.len()];
                    choice /= before.len();
                }
            }
            self.look_after(act, &effects);
            self.write(arcs);
        }
        arcs[first..].sort_unstable();
        let mut seen = None;
        let mut at = first;
        for i in first..arcs.len() {
            if seen.replace(arcs[i]) != Some(arcs[i]) {
                arcs[at] = arcs[i];
                at += 1;
            }
        }
        arcs.truncate(at);
    }

    fn sees(&self, facts: &[Fact]) -> bool {
        facts.iter().any(|&(variable, _)| self.pattern.contains(&variable))
    }

    /// Finds the values that matter before the operator.
    fn prepare(&mut self, act: &Act, effects: &[&Effect]) {
        let matters = |variable: Variable| {
            let named = |facts: &[Fact]| facts.iter().any(|&(v, _)| v == variable);
            let [holds, lacks, clears, sets] = [&act.holds, &act.lacks, &act.clears, &act.sets];
            [holds, lacks, clears, sets].into_iter().any(|facts| named(facts))
                || effects.iter().any(|e| {
                    let all = [&e.holds, &e.lacks, &e.clears, &e.sets];
                    all.into_iter().any(|facts| named(facts))
                })
        };
        for (before, &variable) in self.before.iter_mut().zip(self.pattern) {
            *before = matters(variable).then(|| {
                let fits = |&value: &u32| {
                    act.holds.iter().all(|&(v, x)| v != variable || x == value)
                        && !act.lacks.contains(&(variable, value))
                        && !act.implied.contains(&(variable, value))
                };
                (0..self.variables.size(variable)).filter(fits).collect()
            });
        }
    }

    /// Whether an effect fires where the pattern has the values `here`.
    fn fires(&self, act: &Act, effect: &Effect) -> Fires {
        let mut answer = if effect.opaque { Fires::Perhaps } else { Fires::Yes };
        let wanted = effect.holds.iter().map(|fact| (fact, true));
        for (&(variable, value), positive) in
            wanted.chain(effect.lacks.iter().map(|fact| (fact, false)))
        {
            let known = match self.position(variable) {
                Some(position) => Some(self.here[position] == value),
                None => holds(act, (variable, value)),
            };
            match known {
                Some(known) if known != positive => return Fires::No,
                Some(_) => {}
                None => answer = Fires::Perhaps,
            }
        }
        answer
    }

    /// Finds the values that each variable may have after the operator. What may or may not happen
    /// to one is taken to be independent of what happens to another.
    fn look_after(&mut self, act: &Act, effects: &[&Effect]) {
        let fired: Vec<(Fires, &Effect)> =
            effects.iter().map(|e| (self.fires(act, e), *e)).collect();
        for (i, &variable) in self.pattern.iter().enumerate() {
            let here = self.here[i];
            let set_by = |facts: &[Fact]| {
                facts.iter().rev().find(|&&(v, _)| v == variable).map(|&(_, value)| value)
            };
            let cleared_by = |facts: &[Fact]| facts.contains(&(variable, here));
            let surely = |e: &&(Fires, &Effect)| e.0 == Fires::Yes;
            let last = fired.iter().rev().filter(surely).find_map(|(_, e)| set_by(&e.sets));
            let written = last.or(set_by(&act.sets));
            let cleared = cleared_by(&act.clears)
                || fired.iter().filter(surely).any(|(_, e)| cleared_by(&e.clears));
            let after = &mut self.after[i];
            after.clear();
            after.push(written.unwrap_or(if cleared { 0 } else { here }));
            for (_, effect) in fired.iter().filter(|(fires, _)| *fires == Fires::Perhaps) {
                let clears = written.is_none() && cleared_by(&effect.clears);
                after.extend(set_by(&effect.sets).or(clears.then_some(0)));
            }
            after.sort_unstable();
            after.dedup();
        }
    }

    /// Appends the arcs from `here` to all that may be after.
    fn write(&self, arcs: &mut Vec<Arc>) {
        let spoken_of = |i: &usize| self.before[*i].is_some();
        let positions: Vec<usize> = (0..self.pattern.len()).filter(spoken_of).collect();
        let mask = positions.iter().fold(0, |mask, &i| mask | 1 << i);
        let from = positions.iter().map(|&i| self.here[i] * self.multipliers[i]).sum();
        let outcomes: usize = positions.iter().map(|&i| self.after[i].len()).product();
        for mut outcome in 0..outcomes {
            let mut to = 0;
            for &i in &positions {
                let after = &self.after[i];
                to += after[outcome % after.len()] * self.multipliers[i];
                outcome /= after.len();
            }
            arcs.push(Arc { mask, from, to });
        }
    }
}

/// Whether a fact holds before an operator, as far as its precondition tells.
fn holds(act: &Act, fact: Fact) -> Option<bool> {
    if let Some(&(_, value)) = act.holds.iter().find(|&&(v, _)| v == fact.0) {
        return Some(value == fact.1);
    }
    (act.lacks.contains(&fact) || act.implied.contains(&fact)).then_some(false)
}
