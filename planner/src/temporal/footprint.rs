//! What a happening reads and changes, whatever the state.

use ergon_vocab::{ObjectId, PredicateId};

use super::event::{Event, Phase};
use crate::{
    Task,
    model::{
        Assignment, DurativeSchema, Effect, Expression, Formula, FunctionId, LiftedAtom,
        LiftedFluent, Schema, Term,
    },
};

/// Arguments, some of which may be anything.
type Pattern = Box<[Option<ObjectId>]>;

/// The values of the variables in scope; quantified ones may be anything.
type Binding = Vec<Option<ObjectId>>;

/// What a happening reads and changes, static facts and numbers left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Footprint {
    reads: Vec<(PredicateId, Pattern)>,
    adds: Vec<(PredicateId, Pattern)>,
    deletes: Vec<(PredicateId, Pattern)>,
    reads_numbers: Vec<(FunctionId, Pattern)>,
    changes: Vec<(FunctionId, Pattern, Assignment)>,
    /// Derived facts are read: whatever the axioms read is read.
    derives: bool,
}

fn meet(a: &Pattern, b: &Pattern) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_none() || b.is_none() || a == b)
}

fn any_meet<I: PartialEq>(a: &[(I, Pattern)], b: &[(I, Pattern)]) -> bool {
    a.iter().any(|(p, args)| b.iter().any(|(q, others)| p == q && meet(args, others)))
}

impl Footprint {
    /// The footprint of an event. What an action needs over all is read at both of its ends: so
    /// what changes it stays on its side of each.
    pub(super) fn of(task: &Task, event: &Event) -> Self {
        let mut print = Self::default();
        let mut binding: Binding = event.args.iter().map(|&o| Some(o)).collect();
        let binding = &mut binding;
        match (&task.schemas()[event.schema], event.phase) {
            (Schema::Instant { precondition, effect }, _) => {
                print.read(task, precondition, binding);
                print.change(task, effect, binding);
            }
            (Schema::Durative(schema), Phase::End) => {
                print.read(task, &schema.over_all, binding);
                print.read(task, &schema.at_end, binding);
                print.change(task, &schema.end_effect, binding);
                if mentions_duration(schema) {
                    print.read_durations(task, schema, binding);
                }
            }
            (Schema::Durative(schema), _) => {
                print.read(task, &schema.at_start, binding);
                print.read(task, &schema.over_all, binding);
                print.change(task, &schema.start_effect, binding);
                print.read_durations(task, schema, binding);
            }
        }
        print
    }

    /// What a condition reads.
    pub(super) fn of_condition(task: &Task, condition: &Formula, args: &[ObjectId]) -> Self {
        let mut print = Self::default();
        print.read(task, condition, &mut args.iter().map(|&o| Some(o)).collect());
        print
    }

    /// Whether the order of the two matters (no moving targets; Fox & Long 2003, definition 12).
    pub(super) fn interferes(&self, other: &Self, task: &Task) -> bool {
        self.disturbs(other, task)
            || other.disturbs(self, task)
            || any_meet(&self.adds, &other.deletes)
            || any_meet(&self.deletes, &other.adds)
            || self.changes.iter().any(|(f, args, how)| {
                other
                    .changes
                    .iter()
                    .any(|(g, others, way)| f == g && meet(args, others) && !how.commutes(*way))
            })
    }

    /// Whether this changes what the other reads.
    pub(super) fn disturbs(&self, other: &Self, task: &Task) -> bool {
        any_meet(&self.adds, &other.reads)
            || any_meet(&self.deletes, &other.reads)
            || self.changes.iter().any(|(f, args, _)| {
                other.reads_numbers.iter().any(|(g, others)| f == g && meet(args, others))
            })
            || (other.derives && self.feeds_axioms(task))
    }

    /// Whether this changes what an axiom reads.
    fn feeds_axioms(&self, task: &Task) -> bool {
        let changed = |p: PredicateId| self.adds.iter().chain(&self.deletes).any(|c| c.0 == p);
        task.axioms().iter().any(|axiom| {
            let mut found = false;
            axiom.body.for_each_part(&mut |part| match part {
                Formula::Atom(atom) => found |= changed(atom.predicate),
                Formula::Compare(..) => found |= !self.changes.is_empty(),
                _ => {}
            });
            found
        })
    }

    fn read(&mut self, task: &Task, formula: &Formula, binding: &mut Binding) {
        match formula {
            Formula::And(parts) | Formula::Or(parts) => {
                parts.iter().for_each(|part| self.read(task, part, binding));
            }
            Formula::Not(inner) => self.read(task, inner, binding),
            Formula::Imply(a, b) => {
                self.read(task, a, binding);
                self.read(task, b, binding);
            }
            Formula::Exists(variables, body) | Formula::Forall(variables, body) => {
                binding.extend(variables.iter().map(|_| None));
                self.read(task, body, binding);
                binding.truncate(binding.len() - variables.len());
            }
            Formula::Atom(atom) => {
                let index = atom.predicate.index();
                if task.normal().derived.get(index) == Some(&true) {
                    self.derives = true;
                } else if task.normal().changing.get(index) == Some(&true) {
                    self.reads.push(ground(atom, binding));
                }
            }
            Formula::Equal(..) => {}
            Formula::Compare(_, a, b) => {
                self.read_number(task, a, binding);
                self.read_number(task, b, binding);
            }
        }
    }

    fn read_number(&mut self, task: &Task, expression: &Expression, binding: &Binding) {
        each_fluent(expression, &mut |fluent| {
            if task.normal().assigned.get(fluent.function.index()) == Some(&true) {
                self.reads_numbers.push((fluent.function, pattern(&fluent.terms, binding)));
            }
        });
    }

    fn read_durations(&mut self, task: &Task, schema: &DurativeSchema, binding: &Binding) {
        schema.duration.iter().for_each(|c| self.read_number(task, &c.value, binding));
    }

    fn change(&mut self, task: &Task, effect: &Effect, binding: &mut Binding) {
        match effect {
            Effect::And(parts) => parts.iter().for_each(|part| self.change(task, part, binding)),
            Effect::Add(atom) => self.adds.push(ground(atom, binding)),
            Effect::Delete(atom) => self.deletes.push(ground(atom, binding)),
            Effect::When(condition, effect) => {
                self.read(task, condition, binding);
                self.change(task, effect, binding);
            }
            Effect::Forall(variables, effect) => {
                binding.extend(variables.iter().map(|_| None));
                self.change(task, effect, binding);
                binding.truncate(binding.len() - variables.len());
            }
            Effect::Assign(assignment, fluent, value) => {
                let args = pattern(&fluent.terms, binding);
                self.changes.push((fluent.function, args, *assignment));
                self.read_number(task, value, binding);
            }
        }
    }
}

fn ground(atom: &LiftedAtom, binding: &Binding) -> (PredicateId, Pattern) {
    (atom.predicate, pattern(&atom.terms, binding))
}

fn pattern(terms: &[Term], binding: &Binding) -> Pattern {
    let value = |term: &Term| match *term {
        Term::Variable(i) => binding[i as usize],
        Term::Object(o) => Some(o),
    };
    terms.iter().map(value).collect()
}

/// Calls back with every fluent of an expression.
pub(super) fn each_fluent(expression: &Expression, f: &mut impl FnMut(&LiftedFluent)) {
    match expression {
        Expression::Fluent(fluent) => f(fluent),
        Expression::Number(_) | Expression::Duration | Expression::TotalTime => {}
        Expression::Negation(a) => each_fluent(a, f),
        Expression::Sum(parts) | Expression::Product(parts) => {
            parts.iter().for_each(|part| each_fluent(part, f));
        }
        Expression::Difference(a, b) | Expression::Quotient(a, b) => {
            each_fluent(a, f);
            each_fluent(b, f);
        }
    }
}

/// Whether an effect reads how long the action takes.
pub(super) fn mentions_duration(schema: &DurativeSchema) -> bool {
    fn in_effect(effect: &Effect) -> bool {
        match effect {
            Effect::And(parts) => parts.iter().any(in_effect),
            Effect::When(_, inner) | Effect::Forall(_, inner) => in_effect(inner),
            Effect::Assign(_, _, value) => in_expression(value),
            Effect::Add(_) | Effect::Delete(_) => false,
        }
    }
    fn in_expression(expression: &Expression) -> bool {
        match expression {
            Expression::Duration => true,
            Expression::Number(_) | Expression::Fluent(_) | Expression::TotalTime => false,
            Expression::Negation(a) => in_expression(a),
            Expression::Sum(parts) | Expression::Product(parts) => parts.iter().any(in_expression),
            Expression::Difference(a, b) | Expression::Quotient(a, b) => {
                in_expression(a) || in_expression(b)
            }
        }
    }
    in_effect(&schema.start_effect) || in_effect(&schema.end_effect)
}
