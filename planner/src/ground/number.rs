//! From drafts to the ground task: everything that is left gets its number.

use ergon_vocab::{Atom, ObjectId, PredicateId};

use super::{
    GroundTask,
    cost::{scale, scaled},
    data::{
        AtomId, Change, Comparison, ConditionalEffect, GroundAxiom, GroundMetric, NumericId,
        Operator,
    },
    draft::{Draft, Drafts, Sections},
    expression::GroundExpression,
    instantiate::Instantiation,
    logic::{Conjunction, Lit, NodeId},
    relaxed::Decided,
    relevance::Relevant,
};
use crate::normal::RuleKind;

/// New numbers for what is kept.
struct Numbers {
    atoms: Vec<Option<AtomId>>,
    comparisons: Vec<Option<u32>>,
    variables: Vec<GroundExpression>,
}

/// What is to be numbered.
pub(super) struct Kept<'k> {
    pub(super) relevant: Relevant,
    pub(super) derived: &'k [bool],
    pub(super) decided: &'k [Decided],
    pub(super) initial: usize,
    pub(super) goal: &'k Conjunction,
    pub(super) metric: GroundMetric,
}

/// Memory that the numbered operators will take, bytes, from above.
pub(super) fn bytes(drafts: &Drafts) -> u64 {
    // A boxed list takes at least 16 bytes, and rounds up to them.
    let operators = drafts.operators.len() * (size_of::<Operator>() + 4 * 24);
    let effects = drafts.effects.len() * (size_of::<ConditionalEffect>() + 3 * 24);
    let axioms = drafts.axioms.len() * (size_of::<GroundAxiom>() + 2 * 24);
    (operators + effects + axioms) as u64 + 4 * drafts.words() as u64
}

/// Builds the ground task. Returns it with the new number of each node.
pub(super) fn number(
    made: &Instantiation<'_, '_>,
    kept: Kept<'_>,
) -> (GroundTask, Vec<Option<AtomId>>) {
    let drafts = &made.drafts;
    let mut task = GroundTask::default();
    let atoms = number_atoms(made, &kept, &mut task);
    let variables = number_variables(made, &kept.relevant, &mut task);
    let comparisons = number_comparisons(made, &kept, &variables, &mut task);
    let numbers = Numbers { atoms, comparisons, variables };
    let initial: Vec<NodeId> = (0..kept.initial as NodeId).collect();
    task.init = numbers.atoms(&initial).into();
    for lit in kept.goal {
        match *lit {
            Lit::Holds(node) => task.goal_holds.extend(numbers.atoms[node as usize]),
            Lit::Lacks(node) => task.goal_lacks.extend(numbers.atoms[node as usize]),
            Lit::Compares(id) => task.goal_compares.extend(numbers.comparisons[id as usize]),
        }
    }
    for list in [&mut task.goal_holds, &mut task.goal_lacks, &mut task.goal_compares] {
        list.sort_unstable();
    }
    let priced = kept.metric == GroundMetric::Costs;
    let costs = drafts.operators.iter().map(|o| o.cost);
    task.cost_scale = if priced { scale(costs) } else { 1.0 };
    for draft in &drafts.operators {
        let mut operator = numbers.operator(made, draft);
        operator.cost = if priced { scaled(draft.cost, task.cost_scale) } else { 1 };
        task.operators.push(operator);
    }
    task.axioms = numbers.axioms(drafts);
    task.metric = match kept.metric {
        GroundMetric::Expression(direction, e) => {
            GroundMetric::Expression(direction, numbers.expression(&e))
        }
        other => other,
    };
    task.reachable_facts = made.logic.facts.len();
    (task, numbers.atoms)
}

/// Numbers basic atoms in their order, then derived ones by layer.
fn number_atoms(
    made: &Instantiation<'_, '_>,
    kept: &Kept<'_>,
    task: &mut GroundTask,
) -> Vec<Option<AtomId>> {
    let facts = made.logic.facts;
    let layers = layers(&made.drafts, kept.derived);
    let mut named: Vec<(bool, u32, bool, Atom, NodeId)> = vec![];
    for (node, _) in kept.relevant.nodes.iter().enumerate().filter(|(_, relevant)| **relevant) {
        let invented = node >= facts.len();
        let atom = if invented {
            Atom { predicate: PredicateId(u32::MAX), args: Box::default() }
        } else {
            facts.atom(node as NodeId)
        };
        named.push((kept.derived[node], layers[node], invented, atom, node as NodeId));
    }
    named.sort_unstable();
    let mut ids = vec![None; kept.relevant.nodes.len()];
    let mut invented_so_far = made.logic.normal.derived.len() as u32;
    for (id, (derived, layer, invented, mut atom, node)) in named.into_iter().enumerate() {
        ids[node as usize] = Some(id as AtomId);
        if invented {
            atom.predicate = PredicateId(invented_so_far);
            invented_so_far += 1;
        }
        task.atoms.push(atom);
        if derived {
            task.layers.push(layer);
        }
    }
    task.basic = task.atoms.len() - task.layers.len();
    ids
}

/// The stratum of each derived atom: at least that of what its axioms need, and above that of what
/// must be false for them.
fn layers(drafts: &Drafts, derived: &[bool]) -> Vec<u32> {
    let mut users: Vec<Vec<(NodeId, u32)>> = vec![vec![]; derived.len()];
    for axiom in &drafts.axioms {
        for (nodes, step) in [(drafts.holds(&axiom.body), 0), (drafts.lacks(&axiom.body), 1)] {
            for &node in nodes.iter().filter(|&&n| derived[n as usize]) {
                users[node as usize].push((axiom.head, step));
            }
        }
    }
    let mut layers = vec![0u32; derived.len()];
    // Only axioms without a meaning climb any higher.
    let highest = drafts.axioms.len() as u32;
    let mut queue: Vec<NodeId> = (0..derived.len() as NodeId).collect();
    queue.retain(|&n| !users[n as usize].is_empty());
    while let Some(node) = queue.pop() {
        for &(head, step) in &users[node as usize] {
            let layer = layers[node as usize] + step;
            if layers[head as usize] < layer && layer <= highest {
                layers[head as usize] = layer;
                queue.push(head);
            }
        }
    }
    layers
}

/// Numbers the variables that matter and change; the others become their values.
fn number_variables(
    made: &Instantiation<'_, '_>,
    relevant: &Relevant,
    task: &mut GroundTask,
) -> Vec<GroundExpression> {
    let numerics = &made.logic.numerics;
    let mut changes = vec![false; numerics.fluents.len()];
    let operators = made.drafts.operators.iter().map(|o| &o.body);
    for s in operators.chain(&made.drafts.effects) {
        made.drafts.changes(s).iter().for_each(|c| changes[c.variable as usize] = true);
    }
    let mut order: Vec<NumericId> = (0..numerics.fluents.len() as NumericId).collect();
    order.retain(|&v| relevant.variables[v as usize] && changes[v as usize]);
    order.sort_unstable_by_key(|&v| &numerics.fluents[v as usize]);
    let constants = (0..numerics.fluents.len() as NumericId).map(|v| numerics.initial(v));
    let mut values: Vec<GroundExpression> = constants.map(GroundExpression::Number).collect();
    for (id, &variable) in order.iter().enumerate() {
        task.numerics.push(numerics.fluents[variable as usize].clone());
        task.numeric_init.push(numerics.initial(variable));
        values[variable as usize] = GroundExpression::Variable(id as NumericId);
    }
    values
}

/// Numbers the comparisons that are still asked for.
fn number_comparisons(
    made: &Instantiation<'_, '_>,
    kept: &Kept<'_>,
    variables: &[GroundExpression],
    task: &mut GroundTask,
) -> Vec<Option<u32>> {
    let drafts = &made.drafts;
    let comparisons = &made.logic.numerics.comparisons;
    let mut used = vec![false; comparisons.len()];
    let operators = drafts.operators.iter().map(|o| &o.body);
    let axioms = drafts.axioms.iter().map(|a| &a.body);
    for s in operators.chain(&drafts.effects).chain(axioms) {
        drafts.compares(s).iter().for_each(|&c| used[c as usize] = true);
    }
    for lit in kept.goal {
        if let Lit::Compares(id) = *lit {
            used[id as usize] = true;
        }
    }
    let mut ids = vec![None; comparisons.len()];
    for (old, comparison) in comparisons.iter().enumerate() {
        if used[old] && kept.decided[old] == Decided::Open {
            ids[old] = Some(task.comparisons.len() as u32);
            let expression = comparison.expression.replace(&|v| variables[v as usize].clone());
            task.comparisons.push(Comparison { expression, ..*comparison });
        }
    }
    ids
}

impl Numbers {
    fn atoms(&self, nodes: &[NodeId]) -> Box<[AtomId]> {
        let mut atoms: Vec<AtomId> = nodes.iter().filter_map(|&n| self.atoms[n as usize]).collect();
        atoms.sort_unstable();
        atoms.into()
    }

    fn compares(&self, old: &[u32]) -> Box<[u32]> {
        let mut ids: Vec<u32> = old.iter().filter_map(|&c| self.comparisons[c as usize]).collect();
        ids.sort_unstable();
        ids.into()
    }

    fn expression(&self, e: &GroundExpression) -> GroundExpression {
        e.replace(&|v| self.variables[v as usize].clone())
    }

    fn changes(&self, old: &[Change]) -> Box<[Change]> {
        let changes = old.iter().filter_map(|c| match self.variables[c.variable as usize] {
            GroundExpression::Variable(variable) => {
                let value = self.expression(&c.value);
                Some(Change { variable, assignment: c.assignment, value })
            }
            _ => None,
        });
        changes.collect()
    }

    fn operator(&self, made: &Instantiation<'_, '_>, draft: &Draft) -> Operator {
        let drafts = &made.drafts;
        let s = &draft.body;
        let rule = &made.logic.normal.rules[draft.rule as usize];
        let RuleKind::Action { schema } = rule.kind else { return Operator::default() };
        let first = made.logic.normal.derived.len();
        let width = made.logic.normal.arities[first + schema as usize];
        let row = made.instances[draft.rule as usize].get(draft.row as usize);
        let adds = self.atoms(drafts.adds(s));
        let deletes = self.atoms(drafts.deletes(s));
        let effects = drafts.effects_of(draft).iter();
        Operator {
            schema,
            args: row[..width].iter().map(|&o| ObjectId(o)).collect(),
            holds: self.atoms(drafts.holds(s)),
            lacks: self.atoms(drafts.lacks(s)),
            compares: self.compares(drafts.compares(s)),
            conditional: effects.map(|e| self.effect(drafts, e)).collect(),
            changes: self.changes(drafts.changes(s)),
            adds,
            deletes,
            cost: 1,
        }
    }

    fn effect(&self, drafts: &Drafts, s: &Sections) -> ConditionalEffect {
        ConditionalEffect {
            holds: self.atoms(drafts.holds(s)),
            lacks: self.atoms(drafts.lacks(s)),
            compares: self.compares(drafts.compares(s)),
            adds: self.atoms(drafts.adds(s)),
            deletes: self.atoms(drafts.deletes(s)),
            changes: self.changes(drafts.changes(s)),
        }
    }

    fn axioms(&self, drafts: &Drafts) -> Vec<GroundAxiom> {
        let axioms = drafts.axioms.iter().filter_map(|axiom| {
            let s = &axiom.body;
            Some(GroundAxiom {
                head: self.atoms[axiom.head as usize]?,
                holds: self.atoms(drafts.holds(s)),
                lacks: self.atoms(drafts.lacks(s)),
                compares: self.compares(drafts.compares(s)),
            })
        });
        let mut axioms: Vec<GroundAxiom> = axioms.collect();
        // Derived atoms are numbered by layer, so that this is the order of the layers too.
        axioms.sort_unstable();
        axioms.dedup();
        axioms
    }
}
