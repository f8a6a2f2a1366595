//! From a sequence of happenings to times: what need not wait does not.
//!
//! Happenings keep the order of the sequence where they interfere, so that every schedule does the
//! same as the sequence (Mazurkiewicz 1977); times are the earliest ones. As in CRIKEY (Coles, Fox,
//! Long & Smith 2008), orderings and durations together are a simple temporal network.

use ergon_vocab::{ActionId, GroundAction};

use super::{
    event::{Event, Phase},
    footprint::Footprint,
    network::{Network, TICK, Ticks},
    plan::{TemporalPlan, TemporalStep},
};
use crate::{
    Task,
    model::{Formula, Schema},
};

/// Happenings with their times.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    pub(super) times: Vec<Ticks>,
    /// For each start its end, where that is among the happenings.
    pub(super) ends: Vec<Option<usize>>,
}

impl Schedule {
    /// The earliest times; nothing if the durations do not allow this sequence.
    pub(super) fn of(task: &Task, events: &[Event]) -> Option<Self> {
        let prints: Vec<Footprint> = events.iter().map(|e| Footprint::of(task, e)).collect();
        let ends = ends(events);
        let mut network = Network::new(events.len());
        keep_order(task, events, &prints, &mut network);
        for (start, event) in events.iter().enumerate() {
            if event.phase != Phase::Start {
                continue;
            }
            let (least, most) = event.bounds;
            if let Some(end) = ends[start] {
                network.after(start, end, least);
                most.into_iter().for_each(|most| network.after(end, start, -most));
                keep_invariant(task, events, &prints, (start, end), &mut network);
            } else if let Some(most) = most {
                // It is still running: its end comes after all that is here.
                (start + 1..events.len()).for_each(|i| network.after(i, start, 1 - most));
            }
        }
        let mut times = network.earliest()?;
        for (start, event) in events.iter().enumerate().rev() {
            // What has waited for its end can start later.
            if let (Phase::Start, Some(end)) = (event.phase, ends[start])
                && event.bounds.1 != Some(event.bounds.0)
                && let Some(latest) = network.latest(start, &times)
            {
                times[start] = times[start].max(latest.min(times[end] - event.bounds.0));
            }
        }
        Some(Self { times, ends })
    }

    /// When the last happening takes place; an action still running ends no earlier than it must.
    pub(super) fn makespan(&self, events: &[Event]) -> Ticks {
        let end = |i: usize| match (events[i].phase, self.ends[i]) {
            (Phase::Start, None) => self.times[i] + events[i].bounds.0,
            _ => self.times[i],
        };
        (0..events.len()).map(end).max().unwrap_or(0)
    }

    /// The plan.
    pub(super) fn plan(&self, events: &[Event]) -> TemporalPlan {
        let seconds = |ticks: Ticks| ticks as f64 * TICK;
        let mut order: Vec<usize> =
            (0..events.len()).filter(|&i| events[i].phase != Phase::End).collect();
        order.sort_by_key(|&i| (self.times[i], i));
        let steps = order.into_iter().map(|i| TemporalStep {
            start: seconds(self.times[i]),
            action: GroundAction {
                schema: ActionId(events[i].schema as u32),
                args: events[i].args.clone(),
            },
            duration: self.ends[i].map(|end| seconds(self.times[end] - self.times[i])),
        });
        TemporalPlan { steps: steps.collect() }
    }
}

/// The end of each start: the next one of the same action.
fn ends(events: &[Event]) -> Vec<Option<usize>> {
    let end = |(start, event): (usize, &Event)| {
        let is_end =
            |e: &&Event| e.phase == Phase::End && e.schema == event.schema && e.args == event.args;
        let wanted = event.phase == Phase::Start;
        let found = || events[start..].iter().position(|e| is_end(&e)).map(|i| start + i);
        wanted.then(found).flatten()
    };
    events.iter().enumerate().map(end).collect()
}

/// Happenings that interfere keep their order, as do those of the same action. What follows from
/// other orderings is left out.
fn keep_order(task: &Task, events: &[Event], prints: &[Footprint], network: &mut Network) {
    let words = events.len().div_ceil(64);
    // One row of bits a happening: those that come before it.
    let mut before = vec![0u64; words * events.len()];
    for (later, event) in events.iter().enumerate() {
        for (earlier, other) in events[..later].iter().enumerate().rev() {
            if before[later * words + earlier / 64] >> (earlier % 64) & 1 != 0 {
                continue;
            }
            let same = event.schema == other.schema && event.args == other.args;
            if same || prints[earlier].interferes(&prints[later], task) {
                network.after(earlier, later, 1);
                for word in 0..words {
                    before[later * words + word] |= before[earlier * words + word];
                }
                before[later * words + earlier / 64] |= 1 << (earlier % 64);
            }
        }
    }
}

/// What happens during an action and changes what it needs over all keeps its order, where that
/// condition is more than a list of literals, each of which stands for itself.
fn keep_invariant(
    task: &Task,
    events: &[Event],
    prints: &[Footprint],
    (start, end): (usize, usize),
    network: &mut Network,
) {
    let Schema::Durative(schema) = &task.schemas()[events[start].schema] else { return };
    if is_conjunction(&schema.over_all) {
        return;
    }
    let invariant = Footprint::of_condition(task, &schema.over_all, &events[start].args);
    let writers: Vec<usize> =
        (start + 1..end).filter(|&i| prints[i].disturbs(&invariant, task)).collect();
    writers.windows(2).for_each(|pair| network.after(pair[0], pair[1], 1));
}

fn is_conjunction(formula: &Formula) -> bool {
    match formula {
        Formula::And(parts) => parts.iter().all(is_conjunction),
        Formula::Not(inner) => matches!(**inner, Formula::Atom(_) | Formula::Equal(..)),
        Formula::Atom(_) | Formula::Equal(..) => true,
        _ => false,
    }
}
