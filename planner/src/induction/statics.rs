//! Relations that never change: which arguments an action takes at all.
//!
//! An action that was open to arguments again and again and never took them does not allow them. A
//! relation over some of its arguments is worth its words if it makes the traces shorter to tell: at
//! each step, it takes log2 of the number of possible actions to say which one was executed; the
//! relation itself takes the bits to say which tuples are in it (Rissanen 1978).

use std::collections::BTreeSet;

use super::{conditions::Survey, kinds::Kinds, traces::Traces};

/// Argument positions of an action that a relation restricts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Relation {
    pub(super) action: usize,
    pub(super) args: Vec<usize>,
    /// How many bits shorter the traces are with it, its own description taken off. Below zero where it
    /// was taken to be safe.
    pub(super) bits: f64,
}

/// What the traces tell as well by a relation over more arguments: which of the two it is, they do not
/// tell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Doubt {
    pub(super) action: usize,
    /// The relation that was taken.
    pub(super) args: Vec<usize>,
    /// The other one.
    pub(super) wider: Vec<usize>,
}

/// What an action takes in some of its positions, as far as relations restrict them.
#[derive(Clone, Debug, Default)]
pub(super) struct Bars(Vec<(Vec<usize>, BTreeSet<Tuple>)>);

impl Bars {
    pub(super) fn of(traces: &Traces, relations: &[Relation]) -> Self {
        let taken = |r: &Relation| (r.args.clone(), taken(traces, r.action, &r.args));
        Self(relations.iter().map(taken).collect())
    }

    /// Whether some relation bars an action from these arguments.
    pub(super) fn bar(&self, world: u32, args: &[u32]) -> bool {
        self.0.iter().any(|(scope, seen)| !seen.contains(&(world, project(args, scope))))
    }
}

/// Bits that what an object does not do must save for it to be barred from doing it, worth its words or
/// not: of one who may do it, the traces would look so with a chance of one in 64.
const BARRED: f64 = 6.0;

/// World and objects.
type Tuple = (u32, Vec<u32>);

/// The relations over arguments of one action that are worth their words, and which of them others could
/// stand for.
pub(super) fn relations(
    traces: &Traces,
    kinds: &Kinds,
    survey: &mut Survey,
    action: usize,
) -> (Vec<Relation>, Vec<Doubt>) {
    let arity = kinds.of_action[action].len();
    let unrestricted = survey.clone();
    let mut found: Vec<Relation> = vec![];
    for length in 1..=arity {
        found.extend(of_length(traces, kinds, survey, action, length));
    }
    let doubts = widen(traces, (&unrestricted, survey), action, arity, &mut found);
    (found, doubts)
}

/// The relations over so many arguments that are worth their words.
pub(super) fn of_length(
    traces: &Traces,
    kinds: &Kinds,
    survey: &mut Survey,
    action: usize,
    length: usize,
) -> Vec<Relation> {
    let mut found = vec![];
    let mut scopes = subsets(kinds.of_action[action].len(), length);
    while let Some((relation, seen)) = best(traces, survey, action, &scopes) {
        restrict(traces, survey, &relation, &seen);
        scopes.retain(|scope| *scope != relation.args);
        found.push(relation);
    }
    found
}

/// Takes, in the place of relations that were found, those over more arguments that would be worth their
/// words there: they can say all that the others say. What found ones make together is not in doubt.
fn widen(
    traces: &Traces,
    (unrestricted, survey): (&Survey, &mut Survey),
    action: usize,
    arity: usize,
    found: &mut Vec<Relation>,
) -> Vec<Doubt> {
    let mut doubts = vec![];
    for wider in (2..=arity).flat_map(|length| subsets(arity, length)) {
        let within = || found.iter().filter(|r| r.args.iter().all(|i| wider.contains(i)));
        let told = wider.iter().all(|i| within().any(|r| r.args.contains(i)));
        let Some(narrow) = within().next().filter(|_| !told) else { continue };
        let seen = taken(traces, action, &wider);
        let (gain, cost) = saved(traces, unrestricted, action, &wider, &seen);
        if gain > cost {
            let bits = gain - cost;
            doubts.push(Doubt { action, args: narrow.args.clone(), wider: wider.clone() });
            let relation = Relation { action, args: wider, bits };
            restrict(traces, survey, &relation, &seen);
            found.retain(|r| !r.args.iter().all(|i| relation.args.contains(i)));
            found.push(relation);
        }
    }
    doubts
}

/// The subsets of `0..of` with so many elements.
fn subsets(of: usize, length: usize) -> Vec<Vec<usize>> {
    let all = 0u32..1 << of.min(16);
    let sized = all.filter(|bits| bits.count_ones() as usize == length);
    sized.map(|bits| (0..of).filter(|i| bits >> i & 1 == 1).collect()).collect()
}

fn project(args: &[u32], scope: &[usize]) -> Vec<u32> {
    scope.iter().map(|&i| args[i]).collect()
}

/// The scope that saves the most bits, with its tuples, if one saves any.
fn best(
    traces: &Traces,
    survey: &Survey,
    action: usize,
    scopes: &[Vec<usize>],
) -> Option<(Relation, BTreeSet<Tuple>)> {
    let mut best: Option<(Relation, BTreeSet<Tuple>)> = None;
    for scope in scopes {
        let seen = taken(traces, action, scope);
        let (gain, cost) = saved(traces, survey, action, scope, &seen);
        let bits = gain - cost;
        if (bits > 0.0 || scope.len() == 1 && gain > BARRED)
            && best.as_ref().is_none_or(|(b, _)| bits > b.bits)
        {
            best = Some((Relation { action, args: scope.clone(), bits }, seen));
        }
    }
    best
}

/// What the action took in these positions.
fn taken(traces: &Traces, action: usize, scope: &[usize]) -> BTreeSet<Tuple> {
    let steps = traces.steps().filter(|(_, _, step)| step.action == action);
    steps.map(|(run, _, step)| (traces.runs[run].world, project(&step.args, scope))).collect()
}

/// The bits that a relation saves, and those of its description.
fn saved(
    traces: &Traces,
    survey: &Survey,
    action: usize,
    scope: &[usize],
    seen: &BTreeSet<Tuple>,
) -> (f64, f64) {
    let mut gain = 0.0;
    let mut candidates: BTreeSet<Tuple> = seen.clone();
    for (run, at, _) in traces.steps() {
        let world = traces.runs[run].world;
        let mut barred = 0;
        for args in &survey.open[action][run][at] {
            let tuple = (world, project(args, scope));
            barred += usize::from(!seen.contains(&tuple));
            candidates.insert(tuple);
        }
        let possible = survey.possible[run][at];
        gain += (possible as f64 / (possible - barred).max(1) as f64).log2();
    }
    let in_world =
        |tuples: &BTreeSet<Tuple>, world: u32| tuples.iter().filter(|(w, _)| *w == world).count();
    let cost: f64 = (0..traces.worlds() as u32)
        .map(|world| log2_choose(in_world(&candidates, world), in_world(seen, world)))
        .sum();
    (gain, cost)
}

/// log2 of the number of ways to choose k of n.
fn log2_choose(n: usize, k: usize) -> f64 {
    (0..k.min(n - k)).map(|i| ((n - i) as f64 / (i + 1) as f64).log2()).sum()
}

/// Takes what a relation bars off the survey.
fn restrict(traces: &Traces, survey: &mut Survey, relation: &Relation, seen: &BTreeSet<Tuple>) {
    for (run, at, _) in traces.steps() {
        let world = traces.runs[run].world;
        let open = &mut survey.open[relation.action][run][at];
        let before = open.len();
        open.retain(|args| seen.contains(&(world, project(args, &relation.args))));
        survey.possible[run][at] -= before - open.len();
    }
}
