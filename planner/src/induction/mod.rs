//! Learning a domain from what was done: lifted STRIPS models out of action traces alone.
//!
//! Nobody tells the predicates, the states or the types. They follow from which actions touch the
//! same objects in which order (SIFT: Gösgens, Jansen & Geffner 2024, arXiv:2411.14995). What is
//! assumed, and where it is shown in practice, stands in `docs/domain-learning.md`.
//!
//! ```
//! use ergon_planner::{Domain, induction::{Options, Traces, learn}};
//!
//! // A lamp is lit and put out.
//! let mut text = String::new();
//! for _ in 0..6 {
//!     text.push_str("(light lamp)\n(snuff lamp)\n");
//! }
//! let learned = learn(&Traces::parse(&text, "lamp.txt")?, &Options::default()).unwrap();
//! let domain = Domain::parse(&learned.domain("lamps"), "learned.pddl")?;
//! assert_eq!(domain.symbols().actions.len(), 2);
//! # Ok::<(), ergon_planner::PddlError>(())
//! ```

mod against;
mod conditions;
mod consistency;
mod features;
mod kinds;
mod model;
mod noise;
mod refusal;
mod relaxed;
mod report;
mod selection;
mod setters;
mod statics;
mod timeline;
mod traces;

pub use against::{Told, Unfit};
pub use model::Learned;
pub use refusal::{Refusal, Suspect};
pub use traces::Traces;

use conditions::{Condition, Survey, constants};
use features::{Class, Feature};
use kinds::Kinds;
use model::Rule;
use timeline::Timeline;

/// How much evidence is asked for, and how far is looked.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Most arguments of an invented predicate that changes.
    pub arity: usize,
    /// Sets of patterns that are looked at, of each list of types, before it is given up.
    pub drafts: usize,
    /// How often adders and deleters of a predicate must have taken turns.
    pub turns: usize,
    /// How often each of them must have.
    pub turns_each: usize,
    /// Of what happens at most once to an atom: how many repetitions chance would have given.
    pub repeats: f64,
    /// How many objects must have waited for what an action sets.
    pub waiters: usize,
    /// Length of the windows, in steps, in which rules are looked for that noise breaks.
    pub window: usize,
    /// How often a rule must hold to count as broken by noise where it does not.
    pub kept: usize,
    /// The largest share of turns that may be broken for it to count as noise.
    pub tolerated: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            arity: 2,
            drafts: 50_000,
            turns: 5,
            turns_each: 2,
            repeats: 3.0,
            waiters: 3,
            window: 15,
            kept: 15,
            tolerated: 0.1,
        }
    }
}

/// Learns a domain.
///
/// # Errors
/// There is nothing to learn from, the traces contradict themselves, or an action is left without an
/// effect: a wrong model is worse than none.
pub fn learn(traces: &Traces, options: &Options) -> Result<Learned, Refusal> {
    if traces.is_empty() {
        return Err(Refusal::Empty);
    }
    let kinds = Kinds::of(traces);
    let classes = Class::all(traces, &kinds, options.arity);
    let breaches = noise::breaches(traces, &classes, options);
    if !breaches.is_empty() {
        return Err(Refusal::noisy(traces, &breaches));
    }
    let (candidates, cut_off) = candidates(&classes, options);
    let mut features = chosen(traces, &kinds, candidates);
    let silent = |features: &[Feature]| -> Vec<usize> {
        let changes = |action| features.iter().any(|f| f.is_changed_by(action));
        (0..traces.actions.len()).filter(|&action| !changes(action)).collect()
    };
    for action in silent(&features) {
        features.extend(setters::setters(&classes, action, options));
    }
    let unexplained = silent(&features);
    if !unexplained.is_empty() {
        return Err(Refusal::unexplained(traces, &unexplained, cut_off));
    }
    Ok(complete(traces, kinds, features, cut_off))
}

/// Everything consistent for which there is evidence.
fn candidates(classes: &[Class], options: &Options) -> (Vec<Feature>, bool) {
    let mut candidates = vec![];
    let mut cut_off = false;
    for class in classes {
        let (found, cut) = class.consistent(&class.sequences, options.drafts, false);
        cut_off |= cut;
        let supported = found.iter().filter(|set| class.is_supported(set, options));
        candidates.extend(supported.map(|set| class.feature(set)));
    }
    (candidates, cut_off)
}

fn chosen(traces: &Traces, kinds: &Kinds, candidates: Vec<Feature>) -> Vec<Feature> {
    let timeline = Timeline::of(traces, &candidates);
    let constants = constants(traces, kinds, &candidates, &timeline);
    let kept = selection::select(&candidates, &constants);
    kept.into_iter().map(|index| candidates[index].clone()).collect()
}

/// Conditions and relations for the features that were chosen.
fn complete(traces: &Traces, kinds: Kinds, features: Vec<Feature>, cut_off: bool) -> Learned {
    let timeline = Timeline::of(traces, &features);
    let all = constants(traces, &kinds, &features, &timeline);
    let condition = |((feature, args), value): ((usize, Vec<usize>), Option<bool>)| {
        Some(Condition { feature, args, positive: value?, evidence: 0.0 })
    };
    // What is set is false at first: that it is, is no condition of anything.
    let meant = |c: &Condition| c.positive || !features[c.feature].sets;
    let conditions: Vec<Vec<Condition>> = all
        .into_iter()
        .map(|constants| {
            let all = constants.into_iter().filter_map(condition).filter(meant);
            all.take(conditions::MAX_CONDITIONS).collect()
        })
        .collect();
    let survey = Survey::of(traces, &kinds, &timeline, &conditions);
    let pruned: Vec<Vec<Condition>> = conditions
        .iter()
        .zip(&survey.failures)
        .enumerate()
        .map(|(action, (conditions, failures))| {
            // What an action changes it finds the other way round, decisive or not.
            let own = |c: &Condition| {
                let effects = features[c.feature].effects.iter();
                effects.into_iter().any(|(p, _)| p.action == action && p.args == c.args)
            };
            conditions::prune(conditions, failures, own)
        })
        .collect();
    let mut survey = Survey::of(traces, &kinds, &timeline, &pruned);
    let rules = pruned.into_iter().enumerate().map(|(action, conditions)| {
        let (relations, doubts) = statics::relations(traces, &kinds, &mut survey, action);
        Rule { conditions, relations, doubts }
    });
    let rules = rules.collect();
    Learned::new(traces, kinds, (features, timeline.mostly), rules, cut_off)
}
