//! From instances of rules to drafts of operators and axioms.

use std::{collections::BTreeSet, ops::Range};

use super::{
    budget::Budget,
    cost::CostModel,
    data::Change,
    draft::{Draft, DraftAxiom, Drafts, Sketch},
    instances::{Instances, UNBOUND, value},
    logic::{Binding, Conjunction, Lit, Logic, NodeId, tidy},
    number,
};
use crate::{
    model::LiftedAtom,
    normal::{Body, Outcome, Rule, RuleKind},
};

/// Where the alternatives of an action times its conditional effects are more than this, the
/// alternatives become one derived atom.
const MAX_ALTERNATIVES: usize = 1000;

/// An instance of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    rule: u32,
    row: u32,
}

/// Instantiates all rules.
pub(super) struct Instantiation<'a, 'l> {
    pub(super) logic: Logic<'a>,
    pub(super) instances: &'a [Instances],
    pub(super) costs: &'l CostModel,
    /// Whether the costs of all operators are constants so far.
    pub(super) constant_costs: bool,
    pub(super) budget: Option<&'l Budget<'l>>,
    pub(super) drafts: Drafts,
    /// Bytes held before.
    pub(super) held: u64,
    objects: Vec<u32>,
}

impl<'a, 'l> Instantiation<'a, 'l> {
    pub(super) fn new(
        logic: Logic<'a>,
        instances: &'a [Instances],
        costs: &'l CostModel,
        budget: Option<&'l Budget<'l>>,
        held: u64,
    ) -> Self {
        let drafts = Drafts::default();
        let objects = vec![];
        Self { logic, instances, costs, constant_costs: true, budget, drafts, held, objects }
    }

    /// Drafts everything, or less once the budget is spent.
    pub(super) fn run(&mut self) {
        let schemas = self.logic.normal.arities.len() - self.logic.normal.derived.len();
        let mut of_schema: Vec<(Vec<u32>, Vec<u32>)> = vec![(vec![], vec![]); schemas];
        for (index, rule) in self.logic.normal.rules.iter().enumerate() {
            match rule.kind {
                RuleKind::Action { schema } => of_schema[schema as usize].0.push(index as u32),
                RuleKind::Effect { schema } => of_schema[schema as usize].1.push(index as u32),
                RuleKind::Axiom => self.axioms_of(index),
            }
        }
        for (schema, (actions, effects)) in of_schema.into_iter().enumerate() {
            self.schema(schema, &actions, &effects);
        }
    }

    fn stopped(&self) -> bool {
        // The drafts, and the operators that will be made of them while they are still there.
        let invented = self.logic.invented.bytes();
        let bytes = || self.held + invented + self.drafts.bytes() + number::bytes(&self.drafts);
        self.drafts.full() || self.budget.is_some_and(|b| b.spent(bytes))
    }

    fn binding(&mut self, rule: &Rule, place: Place) {
        let row = self.instances[place.rule as usize].get(place.row as usize);
        self.objects.clear();
        self.objects.extend_from_slice(row);
        self.objects.resize(rule.body.slots.len(), UNBOUND);
    }

    /// The condition of a body under the current binding.
    fn body(&mut self, body: &Body) -> Option<Conjunction> {
        let mut all = vec![];
        let changing = &self.logic.normal.changing;
        for (atoms, positive) in [(&body.holds, true), (&body.lacks, false)] {
            for atom in atoms.iter().filter(|a| changing[a.predicate.index()]) {
                match self.node(atom) {
                    Some(node) if positive => all.push(Lit::Holds(node)),
                    Some(node) => all.push(Lit::Lacks(node)),
                    None if positive => return None,
                    None => {}
                }
            }
        }
        for part in &body.residual {
            let mut binding = Binding { slots: &body.slots, objects: &mut self.objects };
            all.extend(self.logic.instantiate(part, &mut binding)?);
        }
        tidy(all)
    }

    /// The fact of an atom under the current binding, if it is reachable.
    fn node(&self, atom: &LiftedAtom) -> Option<NodeId> {
        let args: Vec<u32> = atom.terms.iter().map(|&t| value(t, &self.objects)).collect();
        self.logic.facts.find(atom.predicate.0, &args)
    }

    /// The effects of a rule under the current binding, and what they need to be defined; nothing if
    /// a value is undefined for ever.
    fn outcome(&mut self, outcome: &Outcome) -> Option<Sketch> {
        let mut sketch = Sketch::default();
        sketch.adds.extend(outcome.adds.iter().filter_map(|a| self.node(a)));
        sketch.deletes.extend(outcome.deletes.iter().filter_map(|a| self.node(a)));
        for change in &outcome.changes {
            let value = self.logic.numerics.expression(&change.value, &self.objects);
            if value.number().is_some_and(f64::is_nan) {
                return None;
            }
            let variable = self.logic.numerics.variable(&change.fluent, &self.objects);
            sketch.condition.extend(self.logic.numerics.asks_for(
                change.assignment,
                variable,
                &value,
            ));
            sketch.changes.push(Change { variable, assignment: change.assignment, value });
        }
        settle(&mut sketch);
        Some(sketch)
    }

    fn axioms_of(&mut self, index: usize) {
        let rule = &self.logic.normal.rules[index];
        for row in 0..self.instances[index].len() {
            if self.stopped() {
                return;
            }
            self.binding(rule, Place { rule: index as u32, row: row as u32 });
            let (Some(head), Some(condition)) = (self.node(&rule.heads[0]), self.body(&rule.body))
            else {
                continue;
            };
            self.axiom(head, condition);
        }
    }

    fn axiom(&mut self, head: NodeId, condition: Conjunction) {
        if !condition.contains(&Lit::Holds(head)) {
            let body = self.drafts.store(&Sketch { condition, ..Sketch::default() });
            self.drafts.axioms.push(DraftAxiom { head, body });
        }
    }

    /// The axioms of all invented atoms, which drafts of operators may still add to.
    pub(super) fn finish(&mut self) {
        let first = self.logic.facts.len();
        for (i, alternatives) in
            std::mem::take(&mut self.logic.invented.bodies).into_iter().enumerate()
        {
            for condition in alternatives {
                self.axiom((first + i) as NodeId, condition);
            }
        }
    }

    fn schema(&mut self, schema: usize, actions: &[u32], effects: &[u32]) {
        let width = self.logic.normal.arities[self.logic.normal.derived.len() + schema];
        let actions = self.sorted(actions, width);
        let effects = self.sorted(effects, width);
        let instances = self.instances;
        let args = |p: &Place| &instances[p.rule as usize].get(p.row as usize)[..width];
        let (mut a, mut e) = (0, 0);
        while a < actions.len() && !self.stopped() {
            let of = args(&actions[a]);
            let end = a + actions[a..].iter().take_while(|p| args(p) == of).count();
            while e < effects.len() && args(&effects[e]) < of {
                e += 1;
            }
            let fitting = effects[e..].iter().take_while(|p| args(p) == of).count();
            self.operators(&actions[a..end], &effects[e..e + fitting]);
            (a, e) = (end, e + fitting);
        }
    }

    /// The instances of some rules in the order of their first `width` slots, rules, other slots.
    fn sorted(&self, rules: &[u32], width: usize) -> Vec<Place> {
        let get = |p: &Place| self.instances[p.rule as usize].get(p.row as usize);
        let rows = |&rule: &u32| {
            (0..self.instances[rule as usize].len() as u32).map(move |row| Place { rule, row })
        };
        let count: usize = rules.iter().map(|&r| self.instances[r as usize].len()).sum();
        let sorting = (count * (size_of::<(u64, Place)>() + size_of::<Place>())) as u64;
        let bytes = || self.held + self.drafts.bytes() + sorting;
        if self.budget.is_some_and(|b| b.look(bytes)) {
            return vec![];
        }
        let mut places: Vec<Place> = Vec::with_capacity(count);
        places.extend(rules.iter().flat_map(rows));
        let widest = rules.iter().map(|&r| self.instances[r as usize].width()).max().unwrap_or(0);
        let bits = usize::BITS - self.logic.facts.objects().leading_zeros();
        if widest as u32 * bits > u64::BITS || widest > width {
            places.sort_unstable_by(|a, b| {
                let (x, y) = (get(a), get(b));
                (&x[..width], a.rule, &x[width..]).cmp(&(&y[..width], b.rule, &y[width..]))
            });
            return places;
        }
        let key = |p: &Place| get(p).iter().fold(0u64, |key, &o| key << bits | u64::from(o));
        let mut keyed: Vec<(u64, Place)> = places.into_iter().map(|p| (key(&p), p)).collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, place)| place).collect()
    }

    /// The operators of one action: `actions` are the ways in which its precondition can hold.
    fn operators(&mut self, actions: &[Place], effects: &[Place]) {
        let mut alternatives: Vec<(Place, Conjunction)> = vec![];
        let mut seen = BTreeSet::new();
        for &place in actions {
            let rule = &self.logic.normal.rules[place.rule as usize];
            self.binding(rule, place);
            let Some(condition) = self.body(&rule.body) else { continue };
            if actions.len() == 1 || seen.insert(condition.clone()) {
                alternatives.push((place, condition));
            }
        }
        // An alternative that asks for nothing makes the others superfluous.
        if let Some(free) = alternatives.iter().position(|(_, c)| c.is_empty()) {
            alternatives = vec![alternatives.swap_remove(free)];
        }
        if alternatives.len() > 1 && alternatives.len() * (1 + effects.len()) > MAX_ALTERNATIVES {
            alternatives = self.merged(alternatives);
        }
        for (place, condition) in alternatives {
            if self.stopped() {
                return;
            }
            self.operator(place, condition, effects);
        }
    }

    /// One alternative for many: what they share, and an invented atom for the rest.
    fn merged(&mut self, alternatives: Vec<(Place, Conjunction)>) -> Vec<(Place, Conjunction)> {
        let place = alternatives[0].0;
        let mut shared = alternatives[0].1.clone();
        shared.retain(|lit| alternatives.iter().all(|(_, c)| c.binary_search(lit).is_ok()));
        let rest = |(_, mut c): (Place, Conjunction)| {
            c.retain(|lit| shared.binary_search(lit).is_err());
            c
        };
        let rests = alternatives.into_iter().map(rest).collect();
        let one = self.logic.any(rests).unwrap_or_default();
        let condition = tidy(shared.into_iter().chain(one).collect());
        condition.map(|c| (place, c)).into_iter().collect()
    }

    fn operator(&mut self, place: Place, condition: Conjunction, effects: &[Place]) {
        let normal = self.logic.normal;
        let rule = &normal.rules[place.rule as usize];
        self.binding(rule, place);
        let Some(outcome) = self.outcome(&rule.outcome) else { return };
        let asked = condition.into_iter().chain(outcome.condition).collect();
        let Some(condition) = tidy(asked) else { return };
        let mut sketch = Sketch { condition, ..outcome };
        let mut conditional: Vec<Sketch> = vec![];
        // What effects ask for so that all numbers are defined.
        let mut asked: Conjunction = vec![];
        for &at in effects {
            let rule = &normal.rules[at.rule as usize];
            let Some(given) = self.given(rule, at, &sketch) else { continue };
            let outcome = self.outcome(&rule.outcome);
            let defined = outcome.as_ref().map(|o| o.condition.clone());
            let Some(lits) = self.defined_if(&given, defined) else { return };
            asked.extend(lits);
            let effect = Sketch { condition: given, ..outcome.unwrap_or_default() };
            if effect.condition.is_empty() {
                sketch.adds.extend(effect.adds);
                sketch.deletes.extend(effect.deletes);
                sketch.changes.extend(effect.changes);
            } else if !effect.changes.is_empty() || !conditional.iter().any(|c| same(c, &effect)) {
                conditional.push(effect);
            }
        }
        let Some(condition) = tidy(sketch.condition.into_iter().chain(asked).collect()) else {
            return;
        };
        sketch.condition = condition;
        settle(&mut sketch);
        let cost = self.cost(&sketch, &conditional);
        let effects = self.conditional(&sketch, conditional);
        let body = self.drafts.store(&sketch);
        let Place { rule, row } = place;
        self.drafts.operators.push(Draft { rule, row, body, effects, cost });
    }

    /// The condition of an effect where its operator is applicable, if it can hold there.
    fn given(&mut self, rule: &Rule, at: Place, operator: &Sketch) -> Option<Conjunction> {
        self.binding(rule, at);
        let mut given = self.body(&rule.body)?;
        given.retain(|lit| operator.condition.binary_search(lit).is_err());
        (!contradicts(&given, &operator.condition)).then_some(given)
    }

    /// What an operator asks for so that an effect that fires does not set a number to an undefined
    /// value: either its condition does not hold, or what makes the value defined does. Nothing if
    /// that cannot be.
    fn defined_if(
        &mut self,
        given: &Conjunction,
        defined: Option<Conjunction>,
    ) -> Option<Conjunction> {
        let undefined = match defined {
            Some(lits) if lits.is_empty() => return Some(vec![]),
            Some(lits) => self.logic.none(vec![lits])?,
            None => vec![],
        };
        let both = tidy(given.iter().copied().chain(undefined).collect());
        self.logic.none(both.into_iter().collect())
    }

    /// Stores conditional effects without what the unconditional ones do anyway.
    fn conditional(&mut self, sketch: &Sketch, effects: Vec<Sketch>) -> (u32, u32) {
        let first = self.drafts.effects.len() as u32;
        for mut effect in effects {
            effect.adds.retain(|add| sketch.adds.binary_search(add).is_err());
            effect.deletes.retain(|delete| {
                sketch.adds.binary_search(delete).is_err()
                    && (sketch.deletes.binary_search(delete).is_err())
            });
            let nothing =
                effect.adds.is_empty() && effect.deletes.is_empty() && effect.changes.is_empty();
            if !nothing {
                let sections = self.drafts.store(&effect);
                self.drafts.effects.push(sections);
            }
        }
        let Range { start, end } = first..self.drafts.effects.len() as u32;
        (start, end)
    }

    fn cost(&mut self, sketch: &Sketch, conditional: &[Sketch]) -> f64 {
        let changes = &sketch.changes;
        let varying = conditional.iter().flat_map(|e| &e.changes);
        let varying = varying.map(|c| c.variable);
        match self.costs.of(changes, varying, &self.logic.numerics) {
            Some(cost) => cost,
            None => {
                self.constant_costs = false;
                0.0
            }
        }
    }
}

fn same(a: &Sketch, b: &Sketch) -> bool {
    a.condition == b.condition && a.adds == b.adds && a.deletes == b.deletes && a.changes.is_empty()
}

/// Sorts the effects; deletes come before adds.
fn settle(sketch: &mut Sketch) {
    for list in [&mut sketch.adds, &mut sketch.deletes] {
        list.sort_unstable();
        list.dedup();
    }
    let adds = &sketch.adds;
    sketch.deletes.retain(|node| adds.binary_search(node).is_err());
}

/// Whether one conjunction denies a literal of the other. Both are sorted.
fn contradicts(a: &[Lit], b: &[Lit]) -> bool {
    a.iter().any(|lit| match *lit {
        Lit::Holds(node) => b.binary_search(&Lit::Lacks(node)).is_ok(),
        Lit::Lacks(node) => b.binary_search(&Lit::Holds(node)).is_ok(),
        Lit::Compares(_) => false,
    })
}
