//! What an author may want to know of a domain and a problem that are no errors.
//!
//! ```
//! use ergon_planner::{Domain, lint};
//!
//! let text = "(define (domain d) (:predicates (lit ?l) (dusty ?l))
//!     (:action switch :parameters (?l ?by) :precondition (not (lit ?l)) :effect (lit ?l)))";
//! let found = lint(&Domain::parse(text, "d.pddl")?, None);
//! let shown: Vec<String> = found.iter().map(|lint| lint.to_string()).collect();
//! assert_eq!(shown[0], "unused-predicate: predicate dusty: nothing reads or changes it");
//! assert_eq!(shown[1], "unused-parameter: action switch: nothing reads its parameter ?by");
//! # Ok::<(), ergon_planner::PddlError>(())
//! ```

mod dead;
mod uses;

use std::fmt;

use ergon_vocab::{PredicateId, TypeId};

use self::{dead::Hopes, uses::Uses};
use crate::{
    GroundTask, Task,
    model::{Domain, Problem, Schema},
};

/// What a [`Lint`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LintCode {
    /// A predicate that nothing reads or changes.
    UnusedPredicate,
    /// A predicate that actions change and nothing reads.
    UnreadPredicate,
    /// A predicate that is read and can never be true.
    NeverTrue,
    /// A function that nothing reads or changes.
    UnusedFunction,
    /// A function that is read and never has a value.
    NeverDefined,
    /// A parameter that nothing of its action reads.
    UnusedParameter,
    /// A quantified variable with the name of one that is in scope already.
    ShadowedVariable,
    /// A type that nothing is of and nothing asks for.
    UnusedType,
    /// A type that is asked for and has no objects.
    EmptyType,
    /// An action that changes nothing.
    NoEffect,
    /// An effect that is undone by another one of the same action.
    LostEffect,
    /// An action that can never be applied.
    DeadAction,
    /// A goal that stays out of reach even if nothing is ever undone.
    UnreachableGoal,
}

impl LintCode {
    /// The name, such as `unused-predicate`.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnusedPredicate => "unused-predicate",
            Self::UnreadPredicate => "unread-predicate",
            Self::NeverTrue => "never-true",
            Self::UnusedFunction => "unused-function",
            Self::NeverDefined => "never-defined",
            Self::UnusedParameter => "unused-parameter",
            Self::ShadowedVariable => "shadowed-variable",
            Self::UnusedType => "unused-type",
            Self::EmptyType => "empty-type",
            Self::NoEffect => "no-effect",
            Self::LostEffect => "lost-effect",
            Self::DeadAction => "dead-action",
            Self::UnreachableGoal => "unreachable-goal",
        }
    }
}

/// Something an author may want to know.
///
/// Displays as `unused-predicate: predicate dusty: nothing reads or changes it`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// What it is about.
    pub code: LintCode,
    /// The part of the domain or the problem, such as `action move`.
    pub place: String,
    /// What is the matter there.
    pub message: String,
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.code.name(), self.place, self.message)
    }
}

/// Looks a domain over and, with a problem of it, what is unused, empty or out of reach there. In
/// the order of the domain's parts.
///
/// Grounds the problem to tell whether its goal is in reach, unless it has durative actions.
pub fn lint(domain: &Domain, problem: Option<&Problem>) -> Vec<Lint> {
    let uses = Uses::of(domain, problem);
    let mut report = Report(vec![]);
    report.predicates(domain, &uses);
    report.functions(domain, problem, &uses);
    report.types(domain, problem, &uses);
    report.actions(domain, &uses);
    if let Some(problem) = problem {
        report.reach(problem);
    }
    report.0
}

struct Report(Vec<Lint>);

impl Report {
    fn add(&mut self, code: LintCode, place: String, message: impl Into<String>) {
        self.0.push(Lint { code, place, message: message.into() });
    }

    fn predicates(&mut self, domain: &Domain, uses: &Uses) {
        for (i, predicate) in domain.symbols().predicates.iter().enumerate() {
            let place = format!("predicate {}", predicate.name);
            let used = &uses.predicates[i];
            match (used.read, used.changed || used.derived) {
                (false, false) => {
                    self.add(LintCode::UnusedPredicate, place, "nothing reads or changes it");
                }
                (false, true) => {
                    self.add(
                        LintCode::UnreadPredicate,
                        place,
                        "it is changed and nothing reads it",
                    );
                }
                (true, _) => {}
            }
        }
    }

    fn functions(&mut self, domain: &Domain, problem: Option<&Problem>, uses: &Uses) {
        for (i, function) in domain.functions().iter().enumerate() {
            let place = format!("function {}", function.name);
            let used = &uses.functions[i];
            if !used.read && !used.changed {
                // Costs are for the metric of problems to come.
                if function.name != "total-cost" {
                    let why = "nothing reads or changes it";
                    self.add(LintCode::UnusedFunction, place, why);
                }
                continue;
            }
            let valued = |p: &Problem| p.values().keys().any(|f| f.function.index() == i);
            if problem.is_some_and(|p| used.read && !used.assigned && !valued(p)) {
                let why = "it is read and has no value; give one in :init";
                self.add(LintCode::NeverDefined, place, why);
            }
        }
    }

    fn types(&mut self, domain: &Domain, problem: Option<&Problem>, uses: &Uses) {
        let symbols = problem.map_or(domain.symbols(), Problem::symbols);
        let mut inhabited = vec![false; symbols.types.len()];
        for object in &symbols.objects {
            inhabited[object.type_id.index()] = true;
        }
        // A type is used, or has objects, if one below it is or has; parents stand first.
        let mut used = uses.types.clone();
        for (i, kind) in symbols.types.iter().enumerate().rev() {
            if let Some(TypeId(parent)) = kind.parent {
                used[parent as usize] |= used[i];
                inhabited[parent as usize] |= inhabited[i];
            }
        }
        for (i, kind) in symbols.types.iter().enumerate().skip(1) {
            let place = format!("type {}", kind.name);
            if !used[i] && !inhabited[i] {
                self.add(LintCode::UnusedType, place, "nothing is of it and nothing asks for it");
            } else if problem.is_some() && uses.types[i] && !inhabited[i] {
                self.add(LintCode::EmptyType, place, "there is no object of it");
            }
        }
    }

    fn actions(&mut self, domain: &Domain, uses: &Uses) {
        for (action, used) in domain.symbols().actions.iter().zip(&uses.actions) {
            let place = || format!("action {}", action.name);
            for ((name, _), read) in action.parameters.iter().zip(&used.read) {
                if !read {
                    let why = format!("nothing reads its parameter {name}");
                    self.add(LintCode::UnusedParameter, place(), why);
                }
            }
            for name in &used.shadows {
                let why = format!("a quantifier hides the outer variable {name}; rename one");
                self.add(LintCode::ShadowedVariable, place(), why);
            }
            if !used.changes {
                self.add(LintCode::NoEffect, place(), "it changes nothing");
            }
            for atom in &used.lost {
                let why = format!("it deletes {atom} and adds it at once; the delete is lost");
                self.add(LintCode::LostEffect, place(), why);
            }
        }
    }

    fn reach(&mut self, problem: &Problem) {
        let (domain, symbols) = (problem.domain(), problem.symbols());
        let hopes = Hopes::of(problem);
        for (i, predicate) in symbols.predicates.iter().enumerate() {
            if hopes.reads(PredicateId(i as u32)) && hopes.is_never_true(PredicateId(i as u32)) {
                let why = "it is needed, and no fact, action or axiom makes it true";
                self.add(LintCode::NeverTrue, format!("predicate {}", predicate.name), why);
            }
        }
        for (index, why) in hopes.dead_actions() {
            let place = format!("action {}", symbols.actions[index].name);
            self.add(LintCode::DeadAction, place, format!("it can never be applied: {why}"));
        }
        if !domain.schemas().iter().all(|s| matches!(s, Schema::Instant { .. })) {
            return;
        }
        let ground = GroundTask::new(&Task::new(problem));
        for literal in &ground.unreachable {
            let shown = symbols.show_literal(literal);
            let why = match hopes.is_never_true(literal.atom.predicate) && literal.positive {
                true => format!("nothing makes {shown} true"),
                false => format!("{shown} is out of reach, even if no action ever undid anything"),
            };
            self.add(LintCode::UnreachableGoal, "the goal".into(), why);
        }
    }
}
