//! Instances of action schemas by joins over reachable facts, in the delete relaxation.
//!
//! This is Datalog evaluation, semi-naive: a fact is joined with the facts found before it, so that
//! every instance is found once (Helmert 2009, "Concise finite-domain representations for PDDL
//! planning tasks", section 6; Abiteboul, Hull & Vianu 1995, section 13.1). Each step takes the
//! precondition with the fewest candidates left, and parameters that no positive precondition
//! mentions run over the objects of their types at the end.

use ergon_vocab::{ObjectId, State};

use super::{
    budget::Budget,
    facts::{FactId, Facts},
};
use crate::{
    Task,
    model::{Condition, LiftedAtom, Schema, Term},
};

const UNBOUND: u32 = u32::MAX;

/// What the joins need to know of a schema.
struct Rule<'t> {
    schema: &'t Schema,
    /// Distinct positive preconditions, those that can become true later first.
    positive: Vec<&'t LiftedAtom>,
    /// How many of `positive` can become true later; the others are static.
    fluent: usize,
    /// Negative preconditions on static predicates.
    never: Vec<&'t LiftedAtom>,
    /// Objects that fit each parameter, as a table and as a list.
    fits: Vec<Box<[bool]>>,
}

/// An instance of a schema: the schema and its arguments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instance {
    pub(super) schema: u32,
    pub(super) args: Box<[ObjectId]>,
}

/// Everything reachable when deletes are ignored.
pub(super) struct Reached {
    pub(super) facts: Facts,
    /// Facts with a smaller id are those of the initial state.
    pub(super) initial: usize,
    /// In order of schema and arguments.
    pub(super) instances: Vec<Instance>,
}

/// Computes what is reachable from `init`; less once the budget is spent.
pub(super) fn reach(task: &Task, init: &State, budget: Option<&Budget<'_>>) -> Reached {
    let changing = changing_predicates(task);
    let rules: Vec<Rule<'_>> =
        (0..task.schemas().len()).map(|i| Rule::new(task, i, &changing)).collect();
    let mut triggers = vec![vec![]; task.symbols().predicates.len()];
    for (r, rule) in rules.iter().enumerate() {
        for (i, atom) in rule.positive[..rule.fluent].iter().enumerate() {
            triggers[atom.predicate.index()].push((r as u32, i as u32));
        }
    }
    let mut facts = Facts::new(task.symbols());
    facts.insert_state(init);
    let initial = facts.len();
    let mut join = Join { rules: &rules, triggers, facts, instances: vec![], budget };
    join.run(initial, &changing);
    let Join { facts, mut instances, .. } = join;
    instances.sort_unstable();
    Reached { facts, initial, instances }
}

/// Which predicates some action adds or deletes.
fn changing_predicates(task: &Task) -> Vec<bool> {
    let mut changing = vec![false; task.symbols().predicates.len()];
    for schema in task.schemas() {
        for atom in schema.adds.iter().chain(&schema.deletes) {
            changing[atom.predicate.index()] = true;
        }
    }
    changing
}

impl<'t> Rule<'t> {
    fn new(task: &'t Task, index: usize, changing: &[bool]) -> Self {
        let schema = &task.schemas()[index];
        let (mut fluent, mut fixed, mut never) = (vec![], vec![], vec![]);
        for condition in &schema.preconditions {
            let Condition::Literal { atom, positive } = condition else { continue };
            let list = match (changing[atom.predicate.index()], positive) {
                (true, true) => &mut fluent,
                (false, true) => &mut fixed,
                (false, false) => &mut never,
                (true, false) => continue,
            };
            if !list.contains(&atom) {
                list.push(atom);
            }
        }
        let symbols = task.symbols();
        let objects = symbols.objects.len() as u32;
        let fits = symbols.actions[index]
            .parameters
            .iter()
            .map(|(_, types)| (0..objects).map(|o| symbols.fits(ObjectId(o), types)).collect());
        let count = fluent.len();
        let positive = fluent.into_iter().chain(fixed).collect();
        Self { schema, positive, fluent: count, never, fits: fits.collect() }
    }

    /// Whether the equalities between bound terms hold.
    fn equalities_hold(&self, binding: &[u32]) -> bool {
        self.schema.preconditions.iter().all(|condition| match condition {
            Condition::Literal { .. } => true,
            Condition::Equality { left, right, equal } => {
                match (bound(*left, binding), bound(*right, binding)) {
                    (Some(a), Some(b)) => (a == b) == *equal,
                    _ => true,
                }
            }
        })
    }
}

fn bound(term: Term, binding: &[u32]) -> Option<u32> {
    match term {
        Term::Object(o) => Some(o.0),
        Term::Parameter(i) => Some(binding[i as usize]).filter(|&o| o != UNBOUND),
    }
}

/// A join under way.
struct Join<'r, 't> {
    rules: &'r [Rule<'t>],
    /// For each predicate, the rules and positions of the fluent preconditions that speak of it.
    triggers: Vec<Vec<(u32, u32)>>,
    facts: Facts,
    instances: Vec<Instance>,
    budget: Option<&'r Budget<'r>>,
}

impl Join<'_, '_> {
    fn run(&mut self, initial: usize, changing: &[bool]) {
        for fact in 0..initial as FactId {
            if !changing[self.facts.get(fact).0 as usize] {
                self.facts.reveal(fact);
            }
        }
        for (index, rule) in self.rules.iter().enumerate().filter(|(_, r)| r.fluent == 0) {
            Partial::new(index as u32, rule, self.budget).extend(&self.facts, &mut self.instances);
        }
        self.derive(0);
        let mut next: FactId = 0;
        while (next as usize) < self.facts.len() && self.budget.is_none_or(|b| b.hit().is_none()) {
            let predicate = self.facts.get(next).0 as usize;
            if changing[predicate] {
                self.facts.reveal(next);
                let known = self.instances.len();
                for t in 0..self.triggers[predicate].len() {
                    let (rule, position) = self.triggers[predicate][t];
                    self.fire(rule, position as usize, next);
                }
                self.derive(known);
            }
            next += 1;
        }
    }

    /// Joins a new fact, taken for one precondition of a rule, with the older ones.
    fn fire(&mut self, index: u32, position: usize, fact: FactId) {
        let rule = &self.rules[index as usize];
        let mut partial = Partial::new(index, rule, self.budget);
        partial.trigger = Some((fact, position));
        partial.open[position] = false;
        if partial.unify(rule.positive[position], self.facts.get(fact).1).is_some() {
            partial.extend(&self.facts, &mut self.instances);
        }
    }

    /// Adds the effects of the instances from `first` on.
    fn derive(&mut self, first: usize) {
        let mut args = vec![];
        for instance in &self.instances[first..] {
            for atom in &self.rules[instance.schema as usize].schema.adds {
                args.clear();
                args.extend(atom.terms.iter().map(|t| t.value(&instance.args).0));
                self.facts.insert(atom.predicate.0, &args);
            }
        }
    }
}

/// One rule with the parameters bound so far.
struct Partial<'r, 't> {
    index: u32,
    rule: &'r Rule<'t>,
    binding: Vec<u32>,
    /// Which positive preconditions are still to be joined.
    open: Vec<bool>,
    /// The fact that set off the join, and its precondition: those before it must take older facts.
    trigger: Option<(FactId, usize)>,
    budget: Option<&'r Budget<'r>>,
}

impl<'r, 't> Partial<'r, 't> {
    fn new(index: u32, rule: &'r Rule<'t>, budget: Option<&'r Budget<'r>>) -> Self {
        let (parameters, atoms) = (rule.fits.len(), rule.positive.len());
        let binding = vec![UNBOUND; parameters];
        Self { index, rule, binding, open: vec![true; atoms], trigger: None, budget }
    }

    /// Completes the instance in all ways. Each level of recursion binds a parameter.
    fn extend(&mut self, facts: &Facts, out: &mut Vec<Instance>) {
        let mut settled = vec![];
        if self.settle(facts, &mut settled) {
            match self.narrowest(facts) {
                None => self.enumerate(facts, out),
                Some((position, rows)) => self.branch(position, rows, facts, out),
            }
        }
        for position in settled {
            self.open[position] = true;
        }
    }

    /// Tries the facts of some rows for an open precondition.
    fn branch(&mut self, position: usize, rows: &[u32], facts: &Facts, out: &mut Vec<Instance>) {
        let atom = self.rule.positive[position];
        self.open[position] = false;
        for &row in rows {
            if self.budget.is_some_and(|b| b.spent(out.len())) {
                break;
            }
            let (args, fact) = facts.row(atom.predicate.0, row);
            if self.too_new(fact, position) {
                continue;
            }
            if let Some(trail) = self.unify(atom, args) {
                self.extend(facts, out);
                self.undo(&trail);
            }
        }
        self.open[position] = true;
    }

    fn too_new(&self, fact: FactId, position: usize) -> bool {
        self.trigger.is_some_and(|(new, at)| fact == new && position < at)
    }

    /// Looks up the open preconditions that are fully bound. False if one of them does not hold.
    fn settle(&mut self, facts: &Facts, settled: &mut Vec<usize>) -> bool {
        for position in 0..self.open.len() {
            let atom = self.rule.positive[position];
            if !self.open[position] {
                continue;
            }
            let Some(args) = self.values(atom) else { continue };
            let found = facts.find_visible(atom.predicate.0, &args);
            if found.is_none_or(|fact| self.too_new(fact, position)) {
                return false;
            }
            self.open[position] = false;
            settled.push(position);
        }
        true
    }

    /// The arguments of an atom, if all are bound.
    fn values(&self, atom: &LiftedAtom) -> Option<Vec<u32>> {
        atom.terms.iter().map(|&t| bound(t, &self.binding)).collect()
    }

    /// The open precondition with the fewest candidates.
    fn narrowest<'f>(&self, facts: &'f Facts) -> Option<(usize, &'f [u32])> {
        let open = (0..self.open.len()).filter(|&i| self.open[i]);
        let lists = open.map(|i| {
            let atom = self.rule.positive[i];
            let values = atom.terms.iter().map(|&t| bound(t, &self.binding));
            (i, facts.candidates(atom.predicate.0, values))
        });
        lists.min_by_key(|(_, rows)| rows.len())
    }

    /// Binds the parameters that no positive precondition mentions, then emits the instance.
    fn enumerate(&mut self, facts: &Facts, out: &mut Vec<Instance>) {
        let Some(free) = self.binding.iter().position(|&o| o == UNBOUND) else {
            let denied = |atom: &&LiftedAtom| {
                self.values(atom).is_some_and(|args| facts.find(atom.predicate.0, &args).is_some())
            };
            if self.rule.equalities_hold(&self.binding) && !self.rule.never.iter().any(denied) {
                let args = self.binding.iter().map(|&o| ObjectId(o)).collect();
                out.push(Instance { schema: self.index, args });
            }
            return;
        };
        for object in 0..self.rule.fits[free].len() {
            if self.budget.is_some_and(|b| b.spent(out.len())) {
                break;
            }
            if self.rule.fits[free][object] {
                self.binding[free] = object as u32;
                if self.rule.equalities_hold(&self.binding) {
                    self.enumerate(facts, out);
                }
            }
        }
        self.binding[free] = UNBOUND;
    }

    /// Binds the parameters of an atom to the arguments of a fact. Returns the parameters that it
    /// bound, or nothing, with nothing bound, where the two do not agree.
    fn unify(&mut self, atom: &LiftedAtom, args: &[u32]) -> Option<Vec<u32>> {
        let mut trail = vec![];
        let agrees = atom.terms.iter().zip(args).all(|(&term, &object)| {
            match (term, bound(term, &self.binding)) {
                (_, Some(value)) => value == object,
                (Term::Parameter(i), None) => {
                    trail.push(i);
                    self.binding[i as usize] = object;
                    self.rule.fits[i as usize][object as usize]
                }
                (Term::Object(_), None) => false,
            }
        });
        if agrees && self.rule.equalities_hold(&self.binding) {
            return Some(trail);
        }
        self.undo(&trail);
        None
    }

    fn undo(&mut self, trail: &[u32]) {
        for &i in trail {
            self.binding[i as usize] = UNBOUND;
        }
    }
}
