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
mod extensions;
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
use features::{Class, Feature, Pattern};
use kinds::Kinds;
use model::Rule;
use statics::Bars;
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
    /// How many executions must have been expected of what only certain predicates bar: else chance
    /// explains that there were none.
    pub expected: f64,
    /// How many objects must have waited for what an action sets.
    pub waiters: usize,
    /// Length of the windows, in steps, in which rules are looked for that noise breaks.
    pub window: usize,
    /// How often a rule must hold to count as broken by noise where it does not.
    pub kept: usize,
    /// The largest share of turns that may be broken for it to count as noise.
    pub tolerated: f64,
    /// How likely it may be at most that chance breaks a rule so seldom, for it to count as noise.
    pub chance: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            arity: 2,
            drafts: 50_000,
            turns: 5,
            turns_each: 2,
            repeats: 3.0,
            expected: 6.0,
            waiters: 3,
            window: 15,
            kept: 15,
            tolerated: 0.1,
            chance: 0.001,
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
    let bars = types(traces, &kinds, &features);
    let features = weeded(traces, (&kinds, &classes), features, &bars, options);
    let (conditions, mut survey) = conditions_needed(traces, &kinds, &features, &bars);
    let rules = conditions.into_iter().enumerate().map(|(action, conditions)| {
        let (relations, doubts) = statics::relations(traces, &kinds, &mut survey, action);
        Rule { conditions, relations, doubts }
    });
    let rules: Vec<Rule> = rules.collect();
    let breaches = noise::breaches(traces, &classes, &survey, options);
    if !breaches.is_empty() {
        return Err(Refusal::noisy(traces, &breaches));
    }
    if !unexplained.is_empty() {
        return Err(Refusal::unexplained(traces, &unexplained, cut_off));
    }
    let mostly = Timeline::of(traces, &features).mostly;
    Ok(Learned::new(traces, kinds, (features, mostly), rules, cut_off))
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
    let once: Vec<Pattern> = candidates.iter().filter_map(Feature::once).cloned().collect();
    // What happens to an object at most once happens at most once to it and others.
    let implied = |pattern: &Pattern| {
        let wider = |other: &Pattern| {
            other.action == pattern.action && other.args.iter().all(|i| pattern.args.contains(i))
        };
        once.iter().any(|other| wider(other) && other.args.len() < pattern.args.len())
    };
    candidates.retain(|feature| !feature.once().is_some_and(implied));
    (candidates, cut_off)
}

fn chosen(traces: &Traces, kinds: &Kinds, candidates: Vec<Feature>) -> Vec<Feature> {
    let timeline = Timeline::of(traces, &candidates);
    let constants = constants(traces, kinds, &candidates, &timeline);
    let kept = selection::select(&candidates, &constants);
    kept.into_iter().map(|index| candidates[index].clone()).collect()
}

/// Everything that always holds before an action, as conditions.
fn conditions(
    traces: &Traces,
    kinds: &Kinds,
    features: &[Feature],
    timeline: &Timeline,
) -> Vec<Vec<Condition>> {
    let condition = |((feature, args), value): ((usize, Vec<usize>), Option<bool>)| {
        Some(Condition { feature, args, positive: value?, evidence: 0.0 })
    };
    // What is set is false at first: that it is, is no condition of anything.
    let meant = |c: &Condition| c.positive || !features[c.feature].sets;
    let all = constants(traces, kinds, features, timeline).into_iter();
    all.map(|constants| {
        let all = constants.into_iter().filter_map(condition).filter(meant);
        all.take(conditions::MAX_CONDITIONS).collect()
    })
    .collect()
}

/// Which objects an action takes in each position, where the traces tell: a kind of pot among all that
/// can be held.
fn types(traces: &Traces, kinds: &Kinds, features: &[Feature]) -> Vec<Bars> {
    let free = vec![Bars::default(); traces.actions.len()];
    let (_, mut survey) = conditions_needed(traces, kinds, features, &free);
    let of_action = |action| statics::of_length(traces, kinds, &mut survey, action, 1);
    let relations: Vec<_> = (0..traces.actions.len()).map(of_action).collect();
    relations.iter().map(|relations| Bars::of(traces, relations)).collect()
}

fn weeded(
    traces: &Traces,
    (kinds, classes): (&Kinds, &[Class]),
    features: Vec<Feature>,
    bars: &[Bars],
    options: &Options,
) -> Vec<Feature> {
    let timeline = Timeline::of(traces, &features);
    let conditions = conditions(traces, kinds, &features, &timeline);
    let survey = Survey::of(traces, kinds, &timeline, &conditions, bars);
    extensions::weeded(features, classes, (&conditions, &survey), options)
}

/// The conditions of each action that decide something, and what is possible by them.
fn conditions_needed(
    traces: &Traces,
    kinds: &Kinds,
    features: &[Feature],
    bars: &[Bars],
) -> (Vec<Vec<Condition>>, Survey) {
    let timeline = Timeline::of(traces, features);
    let conditions = conditions(traces, kinds, features, &timeline);
    let survey = Survey::of(traces, kinds, &timeline, &conditions, bars);
    let pruned: Vec<Vec<Condition>> = conditions
        .iter()
        .zip(&survey.failures)
        .enumerate()
        .map(|(action, (conditions, failures))| {
            // What an action changes it finds the other way round, decisive or not; and what is set is
            // there only for those that wait for it.
            let stays = |c: &Condition| {
                let mut effects = features[c.feature].effects.iter();
                features[c.feature].sets
                    || effects.any(|(p, _)| p.action == action && p.args == c.args)
            };
            conditions::prune(conditions, failures, stays)
        })
        .collect();
    let free = vec![Bars::default(); conditions.len()];
    let survey = Survey::of(traces, kinds, &timeline, &pruned, &free);
    (pruned, survey)
}
