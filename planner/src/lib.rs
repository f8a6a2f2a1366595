//! Classical planning: PDDL in, optimal plans out.
//!
//! ```
//! use ergon_planner::{Domain, PlanFile, Problem, SearchOptions, Task, solve, validate};
//! use ergon_vocab::{PlanOutcome, dummy::StoppedClock};
//!
//! let domain = "(define (domain switch) (:predicates (on) (off))
//!     (:action press :precondition (off) :effect (and (on) (not (off)))))";
//! let problem = "(define (problem dark) (:domain switch) (:init (off)) (:goal (on)))";
//! let domain = Domain::parse(domain, "domain.pddl")?;
//! let problem = Problem::parse(problem, "problem.pddl", &domain)?;
//! let task = Task::new(&problem);
//!
//! let (outcome, report) = solve(&task, &SearchOptions::default(), &StoppedClock::default());
//! let PlanOutcome::Solved(plan) = outcome else { panic!("{outcome:?}") };
//! let plan = PlanFile::of(&plan, task.symbols());
//! assert_eq!(plan.to_string(), "(press)\n; cost = 1 (unit cost)\n");
//! assert!(validate(&problem, &plan).is_valid());
//! assert_eq!(report.expanded, 1);
//! # Ok::<(), ergon_planner::PddlError>(())
//! ```
//!
//! The way of a task: [`pddl`] reads text into a [`Domain`] and a [`Problem`]; a [`Task`] is what
//! they mean; a [`GroundTask`] has propositions and operators in place of schemas; [`search`] finds
//! a plan with the help of [`heuristics`]; [`validate`] judges a plan independently of all that. A
//! [`Session`] is the planner of an agent that plans again and again.
//!
//! Nothing here reads a file, a clock or a random number, and equal input gives equal output.

mod budget;
pub mod execution;
mod ground;
mod hash;
pub mod heuristics;
mod invariants;
mod lint;
mod model;
mod normal;
pub mod pddl;
pub mod search;
mod session;
mod solve;
mod task;
mod temporal;
mod validate;

pub use budget::Budget;
pub use ground::{
    AtomId, Change, Comparison, ComparisonId, ConditionalEffect, GroundAxiom, GroundExpression,
    GroundMetric, GroundTask, Grounding, Linear, MutexGroup, NumericId, Operator, Relation,
};
pub use lint::{Lint, LintCode, lint};
pub use model::{
    Assignment, Axiom, Comparator, Direction, Domain, DurationConstraint, DurativeSchema, Effect,
    Expression, Fluent, Formula, FunctionId, FunctionSymbol, LiftedAtom, LiftedFluent, Metric,
    Problem, ProblemError, Requirement, Schema, Term, Variable,
};
pub use pddl::{PddlError, PlanCall, PlanFile, Reading, Warning};
pub use search::{Limits, Report, SearchKind, SearchOptions};
pub use session::{Penalty, Session};
pub use solve::{OnPlan, solve, solve_anytime, solve_from};
pub use task::Task;
pub use temporal::{TemporalOutcome, TemporalPlan, TemporalStep, solve_temporal};
pub use validate::{Flaw, StepFlaw, Verdict, validate};
