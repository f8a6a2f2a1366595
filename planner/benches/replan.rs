//! Planning again from a changed state, in process: what an arm waits for when something slipped.
//!
//! The states are those that the plan passes, each after every action that someone could have done
//! there: the step itself, another one, the step undone by a person. With `ERGON_LATENCY` set, a table of
//! percentiles over all of them is printed instead of criterion's figures.

#[allow(dead_code, unreachable_pub, reason = "shared with the tests, which use more of it")]
#[path = "../tests/support/brute.rs"]
mod brute;
#[allow(dead_code, unreachable_pub, reason = "shared with the tests, which use more of it")]
#[path = "../tests/support/robots.rs"]
mod robots;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use criterion::{Criterion, criterion_group};
use ergon_planner::{
    Budget, Problem, SearchOptions, Session, Task,
    execution::{Monitor, Progress},
};
use ergon_vocab::{Literal, Plan, PlanOutcome, Planner, State, dummy::StoppedClock};

/// A task with its plan and the states to plan from.
struct Case {
    name: &'static str,
    problem: Problem,
    plan: Plan,
    goal: Vec<Literal>,
    /// Steps done, and the state after them.
    states: Vec<(usize, State)>,
}

fn session(problem: &Problem) -> Session<StoppedClock> {
    Session::new(Task::new(problem), SearchOptions::default(), StoppedClock::default())
}

fn cases() -> Vec<Case> {
    let cases = robots::TASKS.map(|(name, domain, problem)| {
        let problem = robots::problem(domain, problem);
        let goal = problem.goal().literals().expect("a conjunction");
        let outcome = session(&problem).plan(problem.init(), &goal);
        let PlanOutcome::Solved(plan) = outcome else { panic!("{name}: {outcome:?}") };
        let mut states = vec![];
        let mut state = problem.init().clone();
        for (done, step) in plan.steps.iter().enumerate() {
            states.push((done, state.clone()));
            let next = brute::successors(&problem, &state);
            states.extend(next.into_iter().map(|(_, next)| (done, next)));
            step.apply(&mut state);
        }
        Case { name, problem, plan, goal, states }
    });
    cases.into()
}

fn replan(criterion: &mut Criterion) {
    for case in cases() {
        let mut session = session(&case.problem);
        let (_, state) = &case.states[case.states.len() / 2];
        criterion.bench_function(&format!("replan/{}", case.name), |bencher| {
            bencher.iter(|| black_box(session.plan(black_box(state), &case.goal)));
        });
        let monitor = Monitor::new(&case.plan, &case.goal);
        let (done, state) = &case.states[case.states.len() / 2];
        criterion.bench_function(&format!("monitor/{}", case.name), |bencher| {
            bencher.iter(|| black_box(monitor.check(*done, black_box(state))));
        });
    }
}

/// Times of all states of a case, each the best of three, ascending.
fn times(case: &Case, mut run: impl FnMut(usize, &State)) -> Vec<Duration> {
    let once = |run: &mut dyn FnMut(usize, &State), done: usize, state: &State| {
        #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
        let start = Instant::now();
        run(done, state);
        start.elapsed()
    };
    let mut times: Vec<Duration> = case
        .states
        .iter()
        .map(|(done, state)| (0..3).map(|_| once(&mut run, *done, state)).min().unwrap_or_default())
        .collect();
    times.sort_unstable();
    times
}

#[expect(clippy::print_stdout, reason = "the table is what this is for")]
fn latency() {
    println!("task       states  what      median us    p99 us    max us");
    for case in cases() {
        let goal = &case.goal;
        let mut session = session(&case.problem);
        let monitor = Monitor::new(&case.plan, goal);
        let mut rows = vec![];
        rows.push(("replan", times(&case, |_, state| drop(black_box(session.plan(state, goal))))));
        let budget = Budget::default();
        let repair = |done: usize, state: &State| {
            let progress = Progress::Before(done);
            drop(black_box(session.repair(state, goal, &case.plan, progress, &budget)));
        };
        rows.push(("repair", times(&case, repair)));
        let check = |done: usize, state: &State| drop(black_box(monitor.check(done, state)));
        rows.push(("monitor", times(&case, check)));
        for (what, times) in rows {
            let at = |percent: usize| {
                times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e6
            };
            let states = times.len();
            println!(
                "{:10} {states:6}  {what:8} {:10.1} {:9.1} {:9.1}",
                case.name,
                at(50),
                at(99),
                at(100)
            );
        }
    }
}

criterion_group!(benches, replan);

fn main() {
    if std::env::var_os("ERGON_LATENCY").is_some() {
        return latency();
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
