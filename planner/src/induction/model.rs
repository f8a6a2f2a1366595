//! A learned domain, and its text.

use std::fmt::Write;

use super::{
    conditions::Condition,
    features::Feature,
    kinds::Kinds,
    statics::{Doubt, Relation},
    traces::Traces,
};

/// What an action needs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) conditions: Vec<Condition>,
    pub(super) relations: Vec<Relation>,
    /// Which of these others could stand for.
    pub(super) doubts: Vec<Doubt>,
}

/// A domain that was learned from traces.
///
/// Its predicates are invented: `p1`, `p2` and so on change; `may-ACTION-1-2` never changes and
/// tells for which first and second arguments an action is possible at all.
#[derive(Clone, Debug)]
pub struct Learned {
    pub(super) actions: Vec<String>,
    pub(super) kinds: Kinds,
    pub(super) features: Vec<Feature>,
    /// What atoms of each feature are nearly all the time, if they are.
    pub(super) mostly: Vec<Option<bool>>,
    /// One an action.
    pub(super) rules: Vec<Rule>,
    pub(super) traces: usize,
    pub(super) transitions: usize,
    pub(super) cut_off: bool,
}

impl Learned {
    pub(super) fn new(
        traces: &Traces,
        kinds: Kinds,
        (features, mostly): (Vec<Feature>, Vec<Option<bool>>),
        rules: Vec<Rule>,
        cut_off: bool,
    ) -> Self {
        let mut learned = Self {
            actions: traces.actions.keys().cloned().collect(),
            kinds,
            features,
            mostly,
            rules,
            traces: traces.len(),
            transitions: traces.transitions(),
            cut_off,
        };
        learned.turn_to_positive();
        learned
    }

    /// Of a predicate and its opposite, takes the one that is asked for more often.
    fn turn_to_positive(&mut self) {
        for (index, feature) in self.features.iter_mut().enumerate() {
            let asked = || self.rules.iter().flat_map(|rule| &rule.conditions);
            let of_it = || asked().filter(|c| c.feature == index);
            let positive = of_it().filter(|c| c.positive).count();
            if feature.sets || 2 * positive >= of_it().count() {
                continue;
            }
            feature.effects.iter_mut().for_each(|(_, sign)| *sign = !*sign);
            self.mostly[index] = self.mostly[index].map(|value| !value);
            for rule in &mut self.rules {
                let conditions = rule.conditions.iter_mut().filter(|c| c.feature == index);
                conditions.for_each(|c| c.positive = !c.positive);
            }
        }
    }

    /// How many predicates were invented that change, and how many that do not.
    pub fn predicates(&self) -> (usize, usize) {
        (self.features.len(), self.relations().count())
    }

    pub(super) fn relations(&self) -> impl Iterator<Item = &Relation> {
        self.rules.iter().flat_map(|rule| &rule.relations)
    }

    /// The domain in PDDL, under that name.
    pub fn domain(&self, name: &str) -> String {
        self.domain_with(name, &[])
    }

    /// The domain with more features that nothing asks for, under their names.
    pub(super) fn domain_with(&self, name: &str, more: &[(String, Feature)]) -> String {
        let mut text = format!(
            "; Learned from {} transitions in {} traces by `ergon learn-domain`.\n\
             (define (domain {name})\n  (:requirements :strips :typing :negative-preconditions :equality)\n\n  \
             (:types{} - object)\n\n  (:predicates",
            self.transitions,
            self.traces,
            (0..self.kinds.count).map(|kind| format!(" {}", type_name(kind))).collect::<String>()
        );
        if self.kinds.count == 0 {
            text = text.replace("(:types - object)\n\n  ", "");
        }
        let named = self.features.iter().enumerate().map(|(i, f)| (feature_name(i), f));
        let named: Vec<(String, &Feature)> =
            named.chain(more.iter().map(|(name, f)| (name.clone(), f))).collect();
        for (name, feature) in &named {
            let head = declaration(name, feature.kinds.iter().copied());
            text.push_str(&format!("\n    {head} ; {}", self.changes(feature)));
        }
        for relation in self.relations() {
            let kinds = relation.args.iter().map(|&i| self.kinds.of_action[relation.action][i]);
            let head = declaration(&self.relation_name(relation), kinds);
            text.push_str(&format!("\n    {head} ; never changes"));
        }
        text.push_str("\n  )");
        for action in 0..self.actions.len() {
            text.push_str(&self.action(action, &named));
        }
        text.push_str(")\n");
        text
    }

    fn action(&self, action: usize, named: &[(String, &Feature)]) -> String {
        let rule = &self.rules[action];
        let kinds = self.kinds.of_action[action].iter().enumerate();
        let parameters: Vec<String> =
            kinds.map(|(i, &kind)| format!("{} - {}", variable(i), type_name(kind))).collect();
        let literal = |name: &str, args: &[usize], positive: bool| {
            let atom = atom(name, args);
            if positive { atom } else { format!("(not {atom})") }
        };
        let conditions = rule.conditions.iter();
        let mut needed: Vec<String> =
            conditions.map(|c| literal(&feature_name(c.feature), &c.args, c.positive)).collect();
        needed.extend(rule.relations.iter().map(|r| atom(&self.relation_name(r), &r.args)));
        let apart = self.kinds.apart[action].iter();
        needed.extend(apart.map(|&(i, j)| format!("(not (= {} {}))", variable(i), variable(j))));
        let mut effects = vec![];
        for (name, feature) in named {
            let own = feature.effects.iter().filter(|(pattern, _)| pattern.action == action);
            effects.extend(own.map(|(pattern, sign)| literal(name, &pattern.args, *sign)));
        }
        format!(
            "\n\n  (:action {}\n    :parameters ({})\n    :precondition (and {})\n    :effect (and {}))",
            self.actions[action],
            parameters.join(" "),
            needed.join(" "),
            effects.join(" ")
        )
    }

    pub(super) fn relation_name(&self, relation: &Relation) -> String {
        let mut name = format!("may-{}", self.actions[relation.action]);
        for place in &relation.args {
            // Writing to a string does not fail.
            let _infallible = write!(name, "-{}", place + 1);
        }
        name
    }

    /// `true by (place ?x1 ?x2), false by (pick ?x1 ?x2)`.
    pub(super) fn changes(&self, feature: &Feature) -> String {
        let of = |sign: bool| {
            let effects = feature.effects.iter().filter(|(_, s)| *s == sign);
            let shown = effects.map(|(p, _)| {
                let arity = self.kinds.of_action[p.action].len();
                let arg = |i: usize| match p.args.iter().position(|&a| a == i) {
                    Some(place) => format!(" {}", variable(place)),
                    None => " _".to_owned(),
                };
                format!("({}{})", self.actions[p.action], (0..arity).map(arg).collect::<String>())
            });
            shown.collect::<Vec<_>>().join(" ")
        };
        match (of(true), of(false)) {
            (makes, breaks) if breaks.is_empty() => format!("true by {makes}"),
            (makes, breaks) if makes.is_empty() => format!("false by {breaks}"),
            (makes, breaks) => format!("true by {makes}, false by {breaks}"),
        }
    }
}

pub(super) fn feature_name(index: usize) -> String {
    format!("p{}", index + 1)
}

pub(super) fn type_name(kind: usize) -> String {
    format!("t{}", kind + 1)
}

fn variable(place: usize) -> String {
    format!("?x{}", place + 1)
}

fn atom(name: &str, args: &[usize]) -> String {
    let args: String = args.iter().map(|&i| format!(" {}", variable(i))).collect();
    format!("({name}{args})")
}

/// `(p1 ?x1 - t1 ?x2 - t2)`
fn declaration(name: &str, kinds: impl Iterator<Item = usize>) -> String {
    let typed = kinds.enumerate().map(|(i, k)| format!(" {} - {}", variable(i), type_name(k)));
    format!("({name}{})", typed.collect::<String>())
}
