//! Task planning: PDDL in, plans out, and what an executive needs afterwards.
//!
//! Nothing here reads a file, a clock or a random number: text, time and limits are arguments, and
//! equal input gives equal output. What follows is a tour; every example is a test.
//!
//! # A first plan
//!
//! Two arms, a cup on a table, and a shelf where it belongs:
//!
//! ```
//! use ergon_planner::{Domain, PlanFile, Problem, SearchOptions, Task, solve, validate};
//! use ergon_vocab::{PlanOutcome, dummy::StoppedClock};
//!
//! let domain = "
//!     (define (domain shelf)
//!       (:requirements :typing)
//!       (:types arm thing place)
//!       (:predicates (at ?t - thing ?p - place) (holding ?a - arm ?t - thing) (free ?a - arm))
//!       (:action pick :parameters (?a - arm ?t - thing ?p - place)
//!         :precondition (and (at ?t ?p) (free ?a))
//!         :effect (and (holding ?a ?t) (not (at ?t ?p)) (not (free ?a))))
//!       (:action place :parameters (?a - arm ?t - thing ?p - place)
//!         :precondition (holding ?a ?t)
//!         :effect (and (at ?t ?p) (free ?a) (not (holding ?a ?t)))))";
//! let problem = "
//!     (define (problem tidy) (:domain shelf)
//!       (:objects left right - arm cup - thing table shelf sink - place)
//!       (:init (at cup table) (free left) (free right))
//!       (:goal (at cup shelf)))";
//!
//! let domain = Domain::parse(domain, "domain.pddl")?;
//! let problem = Problem::parse(problem, "problem.pddl", &domain)?;
//! let task = Task::new(&problem);
//! let (outcome, _) = solve(&task, &SearchOptions::default(), &StoppedClock::default());
//!
//! let PlanOutcome::Solved(plan) = outcome else { panic!("{outcome:?}") };
//! let file = PlanFile::of(&plan, task.symbols());
//! assert_eq!(
//!     file.to_string(),
//!     "(pick left cup table)\n(place left cup shelf)\n; cost = 2 (unit cost)\n"
//! );
//! assert!(validate(&problem, &file).is_valid());
//! # Ok::<(), ergon_planner::PddlError>(())
//! ```
//!
//! How planning ended is an enum: a plan, the proof that there is none, or a limit. [`validate()`]
//! judges plans on its own; it shares no code with what found them.
//!
//! In the examples below `shelf()` is this problem.
//!
//! # Which search, and how far
//!
//! A [`SearchKind`] names the search, [`Limits`] say where it gives up. The default, `auto`, looks
//! for a good plan soon. Time is that of the clock that is handed in; the stopped one of the examples
//! never runs out.
//!
//! ```
//! # mod given { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/shelf.rs")); }
//! # use given::shelf;
//! use std::time::Duration;
//! use ergon_planner::{Limits, SearchKind, SearchOptions, Task, solve};
//! use ergon_vocab::{Limit, PlanOutcome, dummy::StoppedClock};
//!
//! let (task, clock) = (Task::new(&shelf()), StoppedClock::default());
//! let limits = Limits { time: Duration::from_secs(10), ..Limits::default() };
//! let optimal = SearchOptions { search: SearchKind::AstarLmcut, limits };
//! let (_, report) = solve(&task, &optimal, &clock);
//! assert!(report.optimal);
//!
//! let limits = Limits { expansions: 1, ..limits };
//! let (outcome, _) = solve(&task, &SearchOptions { search: "gbfs-ff".parse()?, limits }, &clock);
//! assert_eq!(outcome, PlanOutcome::OutOf(Limit::Expansions));
//! # Ok::<(), ergon_planner::search::UnknownSearch>(())
//! ```
//!
//! [`solve_anytime`] hands out plan after plan, each cheaper than the one before.
//!
//! # Files with slips
//!
//! A reader is strict unless asked to be lenient. Then it mends the slips that published files are
//! full of, where it is clear what is meant, and tells each.
//!
//! ```
//! use ergon_planner::{Domain, Reading};
//!
//! let text = "(define (domain hanoi) (:requirements :typing) (:types disk peg - location))";
//! let error = Domain::parse(text, "d.pddl").unwrap_err();
//! assert_eq!(error.hint(), Some("add `location - object` to (:types ...)"));
//!
//! let (domain, warnings) = Domain::parse_with(text, "d.pddl", Reading::Lenient)?;
//! assert_eq!(warnings[0].mended, "declared it");
//! assert_eq!(domain.symbols().types.len(), 4);
//! # Ok::<(), ergon_planner::PddlError>(())
//! ```
//!
//! [`pddl::read_task`] reads domain and problem together, which mends more; [`lint()`] tells what is
//! no error and yet suspicious.
//!
//! # Why, and why not
//!
//! A step of a plan carries what it needs and what it does. From that follows what it is good for.
//! Where there is no plan, [`execution::why_not`] looks for evidence.
//!
//! ```
//! # mod given { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/shelf.rs")); }
//! # use given::shelf;
//! use ergon_planner::{Limits, SearchOptions, Task, execution::{Purposes, why_not}, solve};
//! use ergon_vocab::{Literal, PlanOutcome, dummy::StoppedClock};
//!
//! let problem = shelf();
//! let (task, clock) = (Task::new(&problem), StoppedClock::default());
//! let goal = problem.goal().literals().unwrap_or_default();
//! let PlanOutcome::Solved(plan) = solve(&task, &SearchOptions::default(), &clock).0 else {
//!     panic!("no plan")
//! };
//! assert_eq!(
//!     Purposes::of(&plan, &goal).tell(0, &plan, task.symbols()),
//!     "Step 1, (pick left cup table) makes (holding left cup) for step 2, (place left cup shelf), \
//!      which makes (at cup shelf) for the goal"
//! );
//!
//! let two_places = ["table", "shelf"].map(|place| problem.atom("at", &["cup", place]));
//! let goal: Result<Vec<Literal>, _> =
//!     two_places.into_iter().map(|atom| Ok(Literal { atom: atom?, positive: true })).collect();
//! let evidence = why_not(&task, problem.init(), &goal?, &Limits::default(), &clock);
//! assert_eq!(
//!     evidence.unwrap().to_string(),
//!     "(at cup table) and (at cup shelf) never hold at the same time"
//! );
//! # Ok::<(), ergon_planner::ProblemError>(())
//! ```
//!
//! # While the robot moves
//!
//! [`Monitor`](execution::Monitor) compares the world with the rest of a plan. A [`Session`] plans
//! again, [repairs](Session::repair) a plan, and keeps in mind what has failed as a [`Penalty`]. A
//! call ends soon once the token in its [`Budget`] is set.
//!
//! ```
//! # mod given { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/shelf.rs")); }
//! # use given::shelf;
//! use std::sync::atomic::{AtomicBool, Ordering};
//! use ergon_planner::{Budget, Penalty, SearchOptions, Session, Task};
//! use ergon_planner::execution::{Monitor, Monitoring, Progress, RepairKind, RepairOutcome};
//! use ergon_vocab::{Limit, PlanOutcome, Planner, dummy::StoppedClock};
//!
//! let problem = shelf();
//! let goal = problem.goal().literals().unwrap_or_default();
//! let clock = StoppedClock::default();
//! let mut session = Session::new(Task::new(&problem), SearchOptions::default(), clock);
//! let PlanOutcome::Solved(plan) = session.plan(problem.init(), &goal) else { panic!("no plan") };
//!
//! // Someone puts the cup into the sink.
//! let mut state = problem.init().clone();
//! state.remove(&problem.atom("at", &["cup", "table"])?);
//! state.insert(problem.atom("at", &["cup", "sink"])?);
//! let monitor = Monitor::new(&plan, &goal);
//! assert_eq!(monitor.check(0, problem.init()), Monitoring::Valid);
//! assert!(matches!(monitor.check(0, &state), Monitoring::Broken(_)));
//!
//! // One new step, then the old plan goes on.
//! let (before, budget) = (Progress::Before(0), Budget::default());
//! let outcome = session.repair(&state, &goal, &plan, before, &budget);
//! let RepairOutcome::Repaired(repair) = outcome else { panic!("{outcome:?}") };
//! assert_eq!(repair.kind, RepairKind::Prefixed { steps: 1, from: 1 });
//!
//! // The left arm fails to grasp the cup there: the right one does it.
//! session.penalize(repair.plan.steps[0].action.clone(), Penalty::Forbidden);
//! let PlanOutcome::Solved(plan) = session.plan(&state, &goal) else { panic!("no plan") };
//! let first = problem.symbols().show_action(&plan.steps[0].action).to_string();
//! assert_eq!(first, "(pick right cup sink)");
//!
//! // Another thread calls the planner off.
//! let stop = AtomicBool::new(false);
//! stop.store(true, Ordering::Relaxed);
//! let budget = Budget::default().cancelled_by(&stop);
//! assert_eq!(session.plan_within(&state, &goal, &budget), PlanOutcome::OutOf(Limit::Cancelled));
//! # Ok::<(), ergon_planner::ProblemError>(())
//! ```
//!
//! # Actions that take time
//!
//! [`solve_temporal`] plans with durative actions: steps that need not wait for each other overlap.
//!
//! ```
//! use ergon_planner::{Budget, Domain, Problem, SearchKind, TemporalOutcome, solve_temporal};
//! use ergon_vocab::dummy::StoppedClock;
//!
//! let domain = "(define (domain breakfast) (:requirements :typing :durative-actions)
//!     (:types thing) (:predicates (hot ?t - thing))
//!     (:durative-action heat :parameters (?t - thing) :duration (= ?duration 60)
//!         :effect (at end (hot ?t))))";
//! let problem = "(define (problem p) (:domain breakfast) (:objects tea milk - thing)
//!     (:goal (and (hot tea) (hot milk))))";
//! let domain = Domain::parse(domain, "domain.pddl")?;
//! let problem = Problem::parse(problem, "problem.pddl", &domain)?;
//! let (budget, clock) = (Budget::default(), StoppedClock::default());
//! let (outcome, _) = solve_temporal(&problem, SearchKind::Auto, &budget, &clock);
//! let TemporalOutcome::Solved(plan) = outcome else { panic!("{outcome}") };
//! assert_eq!((plan.makespan(), plan.total_duration()), (60.0, 120.0));
//! # Ok::<(), ergon_planner::PddlError>(())
//! ```
//!
//! # Heuristics, and graphs
//!
//! A [heuristic](heuristics) declares what it promises, and a test holds it to that. The states of a
//! [`GroundTask`] are a graph of petgraph, so that petgraph's algorithms run on it.
//!
//! ```
//! # mod given { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/shelf.rs")); }
//! # use given::shelf;
//! use ergon_planner::{GroundTask, Task, heuristics::{Heuristic, LmCut}};
//! use ergon_planner::search::{StateSpace, TransitionSystem};
//! use petgraph::visit::EdgeRef;
//!
//! let ground = GroundTask::new(&Task::new(&shelf()));
//! let system = TransitionSystem::new(&ground);
//! let mut lmcut = LmCut::new(&system);
//! assert!(lmcut.properties().admissible && !lmcut.properties().consistent);
//!
//! let space = StateSpace::new(&system);
//! let estimate = |node| lmcut.estimate(&space.state(node)).unwrap_or(u32::MAX / 2);
//! let is_goal = |node| space.is_goal(node);
//! let found = petgraph::algo::astar(&space, space.start(), is_goal, |e| *e.weight(), estimate);
//! assert_eq!(found.map(|(cost, _)| cost), Some(2));
//! ```
//!
//! # The way of a task
//!
//! [`pddl`] reads text into a [`Domain`] and a [`Problem`]. A [`Task`] is what they mean, in the form
//! that grounding works on. A [`GroundTask`] has propositions and operators in place of schemas.
//! [`search`] finds a plan with the help of [`heuristics`]. [`execution`] is what comes after. What
//! PDDL is known and what each search promises stands in `docs/planner.md`.

mod budget;
mod chance;
pub mod execution;
pub mod goal_text;
mod ground;
mod hash;
pub mod heuristics;
pub mod induction;
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
