//! Which sets of action patterns can be the adders and deleters of one predicate.
//!
//! A predicate that an action makes true was false before, and the other way round. So, of one of
//! its atoms, adders and deleters take turns in every trace (Gösgens, Jansen & Geffner 2024,
//! arXiv:2411.14995). The sets that pass are enumerated by mending: where two adders follow each
//! other, some pattern between them must be a deleter.

use std::collections::BTreeSet;

/// Of one atom in one trace, the patterns that touch it, in order.
pub(super) type Sequence = Vec<usize>;

/// Pattern and sign: true where it makes the predicate true.
pub(super) type Signed = (usize, bool);

/// What a pattern may still become; what is neither is not part of the set.
#[derive(Clone, Copy)]
struct Allowed {
    plus: bool,
    minus: bool,
}

impl Allowed {
    fn permits(self, sign: bool) -> bool {
        if sign { self.plus } else { self.minus }
    }

    fn forbid(&mut self, sign: bool) {
        *(if sign { &mut self.plus } else { &mut self.minus }) = false;
    }
}

/// A set in the making.
#[derive(Clone)]
struct Draft {
    signs: Vec<Option<bool>>,
    allowed: Vec<Allowed>,
}

/// The enumeration of consistent sets.
pub(super) struct Enumeration<'a> {
    sequences: &'a [Sequence],
    /// Which patterns ever touch an atom that this one touches.
    near: Vec<BTreeSet<usize>>,
    /// What was found.
    pub(super) found: Vec<Vec<Signed>>,
    /// How many drafts may still be looked at; zero in the end if the enumeration was cut off.
    pub(super) budget: usize,
    /// Only sets without a smaller one inside that has the seed.
    minimal: bool,
}

impl<'a> Enumeration<'a> {
    /// Over the sequences of one class of patterns.
    pub(super) fn new(
        sequences: &'a [Sequence],
        patterns: usize,
        budget: usize,
        minimal: bool,
    ) -> Self {
        let mut near = vec![BTreeSet::new(); patterns];
        for sequence in sequences {
            sequence.iter().for_each(|&pattern| near[pattern].extend(sequence));
        }
        Self { sequences, near, found: vec![], budget, minimal }
    }

    /// Finds the sets that hold `seed` as an adder, and otherwise only patterns with `open` that touch
    /// the same atoms: what never meets says nothing about each other.
    pub(super) fn run(&mut self, seed: &[Signed], open: &[bool]) {
        let allowed = open.iter().map(|&o| Allowed { plus: o, minus: o }).collect();
        let mut draft = Draft { signs: vec![None; open.len()], allowed };
        for &(pattern, sign) in seed {
            draft.signs[pattern] = Some(sign);
        }
        self.extend(draft);
    }

    fn extend(&mut self, mut draft: Draft) {
        if self.budget == 0 {
            return;
        }
        self.budget -= 1;
        if let Some((sign, menders)) = self.flaw(&draft) {
            for pattern in menders {
                let mut next = draft.clone();
                next.signs[pattern] = Some(!sign);
                self.extend(next);
                draft.allowed[pattern].forbid(!sign);
            }
            return;
        }
        let signs = draft.signs.iter().enumerate();
        self.found.push(signs.filter_map(|(p, sign)| Some((p, (*sign)?))).collect());
        if self.minimal {
            return;
        }
        let set = (0..draft.signs.len()).filter(|&p| draft.signs[p].is_some());
        let near: BTreeSet<usize> = set.flat_map(|p| self.near[p].iter().copied()).collect();
        let undecided: Vec<usize> =
            near.into_iter().filter(|&p| draft.signs[p].is_none()).collect();
        for pattern in undecided {
            for sign in [true, false] {
                if draft.allowed[pattern].permits(sign) {
                    let mut next = draft.clone();
                    next.signs[pattern] = Some(sign);
                    self.extend(next);
                    draft.allowed[pattern].forbid(sign);
                }
            }
        }
    }

    /// Two neighbours of one sign with the fewest patterns that can be put between them, if there
    /// are two neighbours of one sign.
    fn flaw(&self, draft: &Draft) -> Option<(bool, Vec<usize>)> {
        let mut worst: Option<(bool, Vec<usize>)> = None;
        for sequence in self.sequences {
            let mut last: Option<(usize, bool)> = None;
            for (at, &pattern) in sequence.iter().enumerate() {
                let Some(sign) = draft.signs[pattern] else { continue };
                let Some((before, _)) = last.replace((at, sign)).filter(|(_, same)| *same == sign)
                else {
                    continue;
                };
                let mends =
                    |p: &usize| draft.signs[*p].is_none() && draft.allowed[*p].permits(!sign);
                let mut menders: Vec<usize> =
                    sequence[before + 1..at].iter().copied().filter(mends).collect();
                menders.sort_unstable();
                menders.dedup();
                if worst.as_ref().is_none_or(|(_, w)| menders.len() < w.len()) {
                    worst = Some((sign, menders));
                }
            }
            if worst.as_ref().is_some_and(|(_, w)| w.is_empty()) {
                return worst;
            }
        }
        worst
    }
}

/// How often neighbours took turns, and how often they did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Turns {
    pub(super) kept: usize,
    pub(super) broken: usize,
}

/// Counts the turns of a set over sequences; with `part` only those with that pattern.
pub(super) fn turns(sequences: &[Sequence], set: &[Signed], part: Option<usize>) -> Turns {
    let mut turns = Turns::default();
    for sequence in sequences {
        let mut last: Option<Signed> = None;
        for pattern in sequence {
            let Some(&now) = set.iter().find(|(p, _)| p == pattern) else { continue };
            if let Some(before) = last
                && part.is_none_or(|p| p == before.0 || p == now.0)
            {
                *(if before.1 == now.1 { &mut turns.broken } else { &mut turns.kept }) += 1;
            }
            last = Some(now);
        }
    }
    turns
}

/// Whether turns of one pattern with another hold the set together. Else it is several that have nothing
/// to do with each other.
pub(super) fn is_connected(sequences: &[Sequence], set: &[Signed]) -> bool {
    let mut turns: BTreeSet<(usize, usize)> = BTreeSet::new();
    for sequence in sequences {
        let touching = sequence.iter().copied().filter(|p| set.iter().any(|(q, _)| p == q));
        let touching: Vec<usize> = touching.collect();
        turns.extend(touching.windows(2).map(|pair| (pair[0], pair[1])));
    }
    let mut reached = BTreeSet::from([set[0].0]);
    let mut size = 0;
    while size < reached.len() {
        size = reached.len();
        for &(a, b) in &turns {
            if reached.contains(&a) || reached.contains(&b) {
                reached.extend([a, b]);
            }
        }
    }
    size == set.len()
}
