//! What matters to the goal.

use super::{
    data::{Change, Comparison, NumericId},
    draft::{Draft, Drafts, Sections},
    expression::GroundExpression,
    logic::{Conjunction, Lit, NodeId},
    relaxed::Attained,
};

/// What matters.
pub(super) struct Relevant {
    pub(super) nodes: Vec<bool>,
    pub(super) variables: Vec<bool>,
}

/// Something that a draft changes: nodes first, then numeric variables.
type Thing = usize;

struct Search<'d> {
    drafts: &'d Drafts,
    attained: &'d Attained,
    comparisons: &'d [Comparison],
    relevant: Vec<bool>,
    operators: Vec<bool>,
    effects: Vec<bool>,
    queue: Vec<Thing>,
}

/// Which atoms and numbers matter: those of the goal and the metric, and those that operators and
/// axioms need that change what matters. Removes operators, effects and axioms that change nothing
/// of it.
pub(super) fn relevant(
    drafts: &mut Drafts,
    attained: &Attained,
    comparisons: &[Comparison],
    variables: usize,
    goal: &Conjunction,
    metric: Option<&GroundExpression>,
) -> Relevant {
    let mut search = Search {
        drafts,
        attained,
        comparisons,
        relevant: vec![false; attained.len() + variables],
        operators: vec![false; drafts.operators.len()],
        effects: vec![false; drafts.effects.len()],
        queue: vec![],
    };
    for lit in goal {
        match *lit {
            Lit::Holds(node) | Lit::Lacks(node) => search.node(node),
            Lit::Compares(id) => search.comparison(id),
        }
    }
    if let Some(metric) = metric {
        search.expression(metric);
    }
    search.run();
    let Search { mut relevant, operators, effects, .. } = search;
    let of_variables = relevant.split_off(attained.len());
    keep(drafts, &operators, &effects, &relevant);
    Relevant { nodes: relevant, variables: of_variables }
}

impl Search<'_> {
    fn node(&mut self, node: NodeId) {
        if self.attained.changes(node) {
            self.thing(node as Thing);
        }
    }

    fn thing(&mut self, thing: Thing) {
        if !std::mem::replace(&mut self.relevant[thing], true) {
            self.queue.push(thing);
        }
    }

    fn variable(&mut self, variable: NumericId) {
        self.thing(self.attained.len() + variable as usize);
    }

    fn expression(&mut self, e: &GroundExpression) {
        let mut variables = vec![];
        e.for_each_variable(&mut |v| variables.push(v));
        variables.into_iter().for_each(|v| self.variable(v));
    }

    fn comparison(&mut self, id: u32) {
        let comparisons = self.comparisons;
        self.expression(&comparisons[id as usize].expression);
    }

    fn condition(&mut self, s: &Sections) {
        let drafts = self.drafts;
        let atoms = drafts.holds(s).iter().chain(drafts.lacks(s));
        atoms.for_each(|&n| self.node(n));
        drafts.compares(s).iter().for_each(|&c| self.comparison(c));
    }

    /// The things that sections change.
    fn changed(&self, s: &Sections) -> impl Iterator<Item = Thing> {
        let drafts = self.drafts;
        let nodes = self.attained.len();
        let atoms = drafts.adds(s).iter().chain(drafts.deletes(s)).map(|&n| n as Thing);
        atoms.chain(drafts.changes(s).iter().map(move |c| nodes + c.variable as usize))
    }

    fn run(&mut self) {
        let drafts = self.drafts;
        // Units are operators, then effects, then axioms.
        let (operators, effects) = (drafts.operators.len(), drafts.effects.len());
        let mut owners = vec![0; effects];
        let mut pairs: Vec<(u32, u32)> = vec![];
        for (i, operator) in drafts.operators.iter().enumerate() {
            pairs.extend(self.changed(&operator.body).map(|t| (t as u32, i as u32)));
            for e in operator.effects.0..operator.effects.1 {
                owners[e as usize] = i;
                let unit = operators as u32 + e;
                let effect = &drafts.effects[e as usize];
                pairs.extend(self.changed(effect).map(|t| (t as u32, unit)));
            }
        }
        let first = (operators + effects) as u32;
        let heads = drafts.axioms.iter().enumerate();
        pairs.extend(heads.map(|(i, axiom)| (axiom.head, first + i as u32)));
        let (starts, units) = grouped(&pairs, self.relevant.len());
        drop(pairs);
        while let Some(thing) = self.queue.pop() {
            for &unit in &units[starts[thing] as usize..starts[thing + 1] as usize] {
                let unit = unit as usize;
                if unit < operators {
                    self.operator(unit);
                    self.values(&drafts.operators[unit].body, thing);
                } else if let Some(axiom) = unit.checked_sub(operators + effects) {
                    self.condition(&drafts.axioms[axiom].body);
                } else {
                    let effect = unit - operators;
                    self.effect(effect);
                    self.values(&drafts.effects[effect], thing);
                    self.operator(owners[effect]);
                }
            }
        }
    }

    fn effect(&mut self, effect: usize) {
        if !std::mem::replace(&mut self.effects[effect], true) {
            let drafts = self.drafts;
            self.condition(&drafts.effects[effect]);
        }
    }

    fn operator(&mut self, operator: usize) {
        if !std::mem::replace(&mut self.operators[operator], true) {
            let drafts = self.drafts;
            self.condition(&drafts.operators[operator].body);
            self.clashes(operator);
        }
    }

    /// A number that an operator may change in two ways at once decides whether it is applicable, also
    /// where nothing asks for the number.
    fn clashes(&mut self, operator: usize) {
        let drafts = self.drafts;
        let Draft { body, effects: (first, end), .. } = &drafts.operators[operator];
        let effects = &drafts.effects[*first as usize..*end as usize];
        let all = std::iter::once(body).chain(effects).flat_map(|s| drafts.changes(s));
        let changes: Vec<&Change> = all.collect();
        for (i, a) in changes.iter().enumerate() {
            if changes[i + 1..].iter().any(|b| a != b && a.clashes_with(b)) {
                self.variable(a.variable);
            }
        }
    }

    /// What the new value of a thing depends on.
    fn values(&mut self, s: &Sections, thing: Thing) {
        let drafts = self.drafts;
        for change in drafts.changes(s) {
            if self.attained.len() + change.variable as usize == thing {
                self.expression(&change.value);
            }
        }
    }
}

/// The second components by the first: where those of each begin, and all of them.
fn grouped(pairs: &[(u32, u32)], things: usize) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0u32; things + 1];
    pairs.iter().for_each(|&(t, _)| starts[t as usize + 1] += 1);
    (0..things).for_each(|t| starts[t + 1] += starts[t]);
    let mut next = starts.clone();
    let mut units = vec![0; pairs.len()];
    for &(thing, unit) in pairs {
        units[next[thing as usize] as usize] = unit;
        next[thing as usize] += 1;
    }
    (starts, units)
}

fn keep(drafts: &mut Drafts, operators: &[bool], effects: &[bool], relevant: &[bool]) {
    let mut kept = vec![];
    let mut used = operators.iter();
    drafts.operators.retain_mut(|operator| {
        let alive = used.next() == Some(&true);
        if alive {
            let first = kept.len() as u32;
            let range = operator.effects.0 as usize..operator.effects.1 as usize;
            kept.extend(range.filter(|&e| effects[e]).map(|e| drafts.effects[e]));
            operator.effects = (first, kept.len() as u32);
        }
        alive
    });
    drafts.effects = kept;
    drafts.axioms.retain(|axiom| relevant[axiom.head as usize]);
}
