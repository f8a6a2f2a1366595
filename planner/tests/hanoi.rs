//! Hanoi, whose optimal plans are known: 2 (2^n - 1) steps for n discs.

mod support;

use std::{fs, path::PathBuf};

use ergon_planner::{Domain, Limits, Problem, SearchKind, SearchOptions, solve};
use ergon_vocab::{PlanOutcome, dummy::StoppedClock};
use support::hanoi;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../domains/hanoi")
}

fn cost(discs: u32, search: SearchKind) -> u64 {
    let options = SearchOptions { search, limits: Limits::NONE };
    let (outcome, _) = solve(&hanoi::task(discs), &options, &StoppedClock::default());
    let PlanOutcome::Solved(plan) = outcome else { panic!("{discs} discs: {outcome:?}") };
    plan.cost()
}

#[test]
fn plans_are_optimal_up_to_ten_discs() {
    for discs in 3..=10 {
        assert_eq!(cost(discs, SearchKind::Auto), 2 * (2u64.pow(discs) - 1));
    }
}

#[test]
fn every_optimal_search_is_optimal() {
    for discs in 1..=5 {
        for search in SearchKind::ALL.into_iter().filter(|s| s.is_optimal()) {
            assert_eq!(cost(discs, search), 2 * (2u64.pow(discs) - 1), "{search}, {discs} discs");
        }
    }
}

/// The problem files are made by `support::hanoi`; `UPDATE_EXPECT=1` writes them anew.
#[test]
fn the_problem_files_are_what_their_generator_makes() {
    for discs in 3..=10 {
        let path = folder().join(format!("p{discs:02}.pddl"));
        let text = hanoi::problem(discs);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&path, &text).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "{}", path.display());
    }
}

#[test]
fn the_domain_file_reads_back_from_its_print() {
    let domain = Domain::parse(hanoi::DOMAIN, "domain.pddl").unwrap();
    assert_eq!(Domain::parse(&domain.to_string(), "printed").unwrap(), domain);
    let problem = Problem::parse(&hanoi::problem(3), "p03.pddl", &domain).unwrap();
    assert_eq!(Problem::parse(&problem.to_string(), "printed", &domain).unwrap(), problem);
    let domain = problem.domain();
    assert_eq!(problem, Problem::parse(&hanoi::problem(3), "", domain).expect("good PDDL"));
}
