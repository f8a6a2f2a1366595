//! No bytes make the readers of the planner panic (PDDL, plans, action traces, sentences), and what is
//! read reads back from its print.
//!
//! The input is a domain and a problem with a NUL byte between them.
#![no_main]

use ergon_planner::{
    Domain, Limits, PlanFile, Problem, SearchKind, SearchOptions, Task,
    goal_text::{Scene, Thing, interpret},
    induction::Traces,
    lint,
    pddl::{self, Reading, Source, read_task},
    solve, validate,
};
use ergon_vocab::dummy::StoppedClock;
use libfuzzer_sys::fuzz_target;

/// Texts shorter than this are grounded and searched for a while too.
const GROUNDED: usize = 1500;

fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(2, |&b| b == 0);
    let mut next = || pddl::decode(parts.next().unwrap_or_default(), "fuzz");
    let (Ok(domain), Ok(problem)) = (next(), next()) else { return };
    let _ = PlanFile::parse(problem, "fuzz").map(|plan| {
        let printed = plan.to_string();
        let again = PlanFile::parse(&printed, "printed").expect("a printed plan is a plan");
        assert_eq!(again.to_string(), printed);
    });
    if let Ok(traces) = Traces::parse(problem, "fuzz") {
        let printed = traces.to_string();
        let again = Traces::parse(&printed, "printed").expect("printed traces are traces");
        assert_eq!(again.to_string(), printed);
    }
    let _ = interpret(problem, &scene());
    let sources = (Source::new(domain, "fuzz"), Source::new(problem, "fuzz"));
    if let Ok((domain, problem, _)) = read_task(sources.0, sources.1, Reading::Lenient) {
        let again = Domain::parse_with(&domain.to_string(), "printed", Reading::Lenient);
        assert_eq!(again.expect("a printed domain is one").0, domain);
        lint(&domain, None);
        validate(&problem, &PlanFile::default());
    }
    let Ok(domain) = Domain::parse(domain, "fuzz") else { return };
    let again = Domain::parse(&domain.to_string(), "printed").expect("a printed domain is one");
    assert_eq!(again, domain);
    let Ok(problem) = Problem::parse(problem, "fuzz", &domain) else { return };
    let again = Problem::parse(&problem.to_string(), "printed", &domain);
    assert_eq!(again.expect("a printed problem is one"), problem);
    if data.len() < GROUNDED {
        let limits = Limits { memory_bytes: 32 << 20, ..Limits::NONE };
        let options = SearchOptions { search: SearchKind::Auto, limits: Limits { expansions: 200, ..limits } };
        solve(&Task::new(&problem), &options, &StoppedClock::default());
    }
});

/// One red thing and one place.
fn scene() -> Scene {
    let thing = Thing { name: "c1".into(), colour: "red".into(), size: 1.0, at: None };
    let allowed = [("c1".to_owned(), "left".to_owned())].into();
    Scene { things: vec![thing], places: vec!["left".into()], allowed }
}
