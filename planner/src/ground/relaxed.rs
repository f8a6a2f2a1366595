//! Relaxed reachability over drafts: what can come to hold, and what can come not to.

use super::{
    draft::{Drafts, Sections},
    logic::NodeId,
};

/// A numeric condition after constants have been put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decided {
    Always,
    Never,
    Open,
}

/// So much is missing to a unit with a numeric condition that never holds.
const NEVER: u32 = u32::MAX;

/// What is known of the nodes.
pub(super) struct Attained {
    hold: Vec<bool>,
    lack: Vec<bool>,
}

impl Attained {
    pub(super) fn can_hold(&self, node: NodeId) -> bool {
        self.hold[node as usize]
    }

    pub(super) fn can_lack(&self, node: NodeId) -> bool {
        self.lack[node as usize]
    }

    /// Whether the atom can be both.
    pub(super) fn changes(&self, node: NodeId) -> bool {
        self.can_hold(node) && self.can_lack(node)
    }

    pub(super) fn len(&self) -> usize {
        self.hold.len()
    }
}

/// What there is to start from.
pub(super) struct Start<'a> {
    /// Number of facts of the initial state; they have the first ids.
    pub(super) initial: usize,
    /// Whether axioms define a node.
    pub(super) derived: &'a [bool],
    pub(super) comparisons: &'a [Decided],
}

/// Relaxed reachability with truth and falsity of an atom as two propositions that are never
/// undone. Removes what is not reachable so. A derived atom may be false unless it is `sure`ly true;
/// of those that are, the axioms are removed, too.
pub(super) fn attained(start: &Start<'_>, drafts: &mut Drafts, sure: &mut [bool]) -> Attained {
    loop {
        let (attained, missing) = propagate(start, drafts, sure);
        prune(drafts, &missing);
        if !more_sure(start, drafts, &attained, sure) {
            drafts.axioms.retain(|axiom| !sure[axiom.head as usize]);
            return attained;
        }
    }
}

/// The units of drafts: operators, then their effects, then axioms.
struct Units<'d> {
    drafts: &'d Drafts,
    /// The operator of each effect.
    owners: Vec<u32>,
}

impl<'d> Units<'d> {
    fn new(drafts: &'d Drafts) -> Self {
        let mut owners = vec![0; drafts.effects.len()];
        for (i, operator) in drafts.operators.iter().enumerate() {
            owners[operator.effects.0 as usize..operator.effects.1 as usize].fill(i as u32);
        }
        Self { drafts, owners }
    }

    fn len(&self) -> usize {
        self.drafts.operators.len() + self.drafts.effects.len() + self.drafts.axioms.len()
    }

    /// The sections of a unit, and of the operator it belongs to.
    fn parts(&self, unit: usize) -> (&'d Sections, Option<&'d Sections>) {
        let d = self.drafts;
        let (operators, effects) = (d.operators.len(), d.effects.len());
        if unit < operators {
            (&d.operators[unit].body, None)
        } else if let Some(effect) = d.effects.get(unit - operators) {
            let owner = self.owners[unit - operators] as usize;
            (effect, Some(&d.operators[owner].body))
        } else {
            (&d.axioms[unit - operators - effects].body, None)
        }
    }

    /// Attains what a unit changes; `gained` takes the propositions that are new.
    fn fire(&self, unit: usize, attained: &mut Attained, gained: &mut Vec<usize>) {
        let (body, _) = self.parts(unit);
        for &node in self.drafts.adds(body).iter().chain(&self.head(unit)) {
            if !std::mem::replace(&mut attained.hold[node as usize], true) {
                gained.push(node as usize);
            }
        }
        for &node in self.drafts.deletes(body) {
            if !std::mem::replace(&mut attained.lack[node as usize], true) {
                gained.push(attained.len() + node as usize);
            }
        }
    }

    fn head(&self, unit: usize) -> Option<NodeId> {
        let first = self.drafts.operators.len() + self.drafts.effects.len();
        unit.checked_sub(first).map(|axiom| self.drafts.axioms[axiom].head)
    }

    /// Calls `visit` with the propositions that a unit needs and that are not there at first:
    /// falsity of node n is proposition `nodes + n`. False if a numeric condition never holds.
    fn needs(
        &self,
        unit: usize,
        attained: &Attained,
        comparisons: &[Decided],
        visit: &mut dyn FnMut(usize),
    ) -> bool {
        let d = self.drafts;
        let (body, owner) = self.parts(unit);
        for s in std::iter::once(body).chain(owner) {
            d.holds(s).iter().filter(|&&n| !attained.can_hold(n)).for_each(|&n| visit(n as usize));
            let lacks = d.lacks(s).iter().filter(|&&n| !attained.can_lack(n));
            lacks.for_each(|&n| visit(attained.len() + n as usize));
            if d.compares(s).iter().any(|&c| comparisons[c as usize] == Decided::Never) {
                return false;
            }
        }
        true
    }
}

/// What can be attained, and for each unit how many of its needs cannot.
fn propagate(start: &Start<'_>, drafts: &Drafts, sure: &[bool]) -> (Attained, Vec<u32>) {
    let nodes = start.derived.len();
    let mut attained = Attained {
        hold: (0..nodes).map(|n| n < start.initial || sure[n]).collect(),
        lack: (0..nodes)
            .map(|n| if start.derived[n] { !sure[n] } else { n >= start.initial })
            .collect(),
    };
    let units = Units::new(drafts);
    let mut starts = vec![0u32; 2 * nodes + 1];
    let mut count = |unit| {
        let mut count = 0;
        let possible = units.needs(unit, &attained, start.comparisons, &mut |p| {
            starts[p + 1] += 1;
            count += 1;
        });
        if possible { count } else { NEVER }
    };
    let mut missing: Vec<u32> = (0..units.len()).map(&mut count).collect();
    (0..2 * nodes).for_each(|p| starts[p + 1] += starts[p]);
    let mut waiting = vec![0u32; starts[2 * nodes] as usize];
    let mut ends = starts.clone();
    for unit in 0..units.len() {
        units.needs(unit, &attained, start.comparisons, &mut |p| {
            waiting[ends[p] as usize] = unit as u32;
            ends[p] += 1;
        });
    }
    let ready = |&unit: &u32| missing[unit as usize] == 0;
    let mut queue: Vec<u32> = (0..units.len() as u32).filter(ready).collect();
    let mut gained: Vec<usize> = vec![];
    while let Some(unit) = queue.pop() {
        units.fire(unit as usize, &mut attained, &mut gained);
        let waiters = gained.drain(..).flat_map(|p| starts[p] as usize..ends[p] as usize);
        for waiter in waiters.map(|at| waiting[at]) {
            let missing = &mut missing[waiter as usize];
            // What can never fire stays far above zero.
            *missing -= 1;
            if *missing == 0 {
                queue.push(waiter);
            }
        }
    }
    (attained, missing)
}

/// Removes the units that miss something.
fn prune(drafts: &mut Drafts, missing: &[u32]) {
    let (operators, effects) = (drafts.operators.len(), drafts.effects.len());
    if missing.iter().all(|&m| m == 0) {
        return;
    }
    let mut kept = vec![];
    let mut live = missing[..operators].iter().map(|&m| m == 0);
    drafts.operators.retain_mut(|operator| {
        let alive = live.next().unwrap_or(false);
        if alive {
            let first = kept.len() as u32;
            let range = operator.effects.0 as usize..operator.effects.1 as usize;
            kept.extend(range.filter(|&e| missing[operators + e] == 0).map(|e| drafts.effects[e]));
            operator.effects = (first, kept.len() as u32);
        }
        alive
    });
    drafts.effects = kept;
    let mut live = missing[operators + effects..].iter().map(|&m| m == 0);
    drafts.axioms.retain(|_| live.next().unwrap_or(false));
}

/// Finds derived atoms that hold in every state. True if there are new ones.
fn more_sure(start: &Start<'_>, drafts: &Drafts, attained: &Attained, sure: &mut [bool]) -> bool {
    let mut found = false;
    loop {
        let before = found;
        let mut again = false;
        for axiom in &drafts.axioms {
            let s = &axiom.body;
            let holds = |n: &NodeId| sure[*n as usize] || !attained.can_lack(*n);
            let certain = !sure[axiom.head as usize]
                && drafts.holds(s).iter().all(holds)
                && drafts.lacks(s).iter().all(|&n| !attained.can_hold(n))
                && drafts
                    .compares(s)
                    .iter()
                    .all(|&c| start.comparisons[c as usize] == Decided::Always);
            if certain {
                sure[axiom.head as usize] = true;
                again = true;
            }
        }
        found = before || again;
        if !again {
            return found;
        }
    }
}
