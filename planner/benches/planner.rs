//! Speed of reading, grounding and searching, on Hanoi and, where the shared instances are at hand,
//! on a few tasks of the planning competitions.

#[allow(dead_code, unreachable_pub, reason = "shared with the tests, which use more of it")]
#[path = "../tests/support/hanoi.rs"]
mod hanoi;

use std::{fs, hint::black_box, path::PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use ergon_planner::{
    Budget, Domain, GroundTask, Limits, Problem, SearchKind, SearchOptions, Task,
    search::{TransitionSystem, search},
    solve,
};
use ergon_vocab::dummy::StoppedClock;

/// Competition instances and the search that is fit for each; measured when `ERGON_BENCHMARKS` names the
/// folder that holds them.
const SHARED: [(&str, SearchKind); 6] = [
    ("blocks/easy", SearchKind::AstarLmcut),
    ("gripper/easy", SearchKind::AstarBlind),
    ("rovers/easy", SearchKind::AstarLmcut),
    ("visitall/easy", SearchKind::AstarBlind),
    ("depot/easy", SearchKind::AstarHmax),
    ("satellite/easy", SearchKind::AstarLmcut),
];

fn read(domain: &str, problem: &str) -> Task {
    let domain = Domain::parse(domain, "domain").expect("the domain is good");
    Task::new(&Problem::parse(problem, "problem", &domain).expect("the problem is good"))
}

fn options(search: SearchKind) -> SearchOptions {
    SearchOptions { search, limits: Limits::NONE }
}

fn bench_task(c: &mut Criterion, name: &str, texts: [&str; 2], kind: SearchKind) {
    let task = read(texts[0], texts[1]);
    let ground = GroundTask::new(&task);
    let clock = StoppedClock::default();
    let mut group = c.benchmark_group(name);
    group.bench_function("parse", |b| b.iter(|| read(black_box(texts[0]), texts[1])));
    group.bench_function("ground", |b| b.iter(|| GroundTask::new(black_box(&task))));
    group.bench_function(format!("search/{kind}"), |b| {
        b.iter(|| {
            let system = TransitionSystem::new(black_box(&ground));
            search(&system, kind, &Budget::new(Limits::NONE), &clock, &mut |_, _| {
                std::ops::ControlFlow::Continue(())
            })
        });
    });
    group.bench_function("solve/auto", |b| {
        b.iter(|| solve(black_box(&task), &options(SearchKind::Auto), &clock));
    });
    group.finish();
}

fn benches(c: &mut Criterion) {
    for discs in [3, 5, 8, 10] {
        let problem = hanoi::problem(discs);
        let texts = [hanoi::DOMAIN, problem.as_str()];
        bench_task(c, &format!("hanoi-{discs}"), texts, SearchKind::AstarBlind);
    }
    let Some(shared) = std::env::var_os("ERGON_BENCHMARKS").map(PathBuf::from) else { return };
    for (instance, kind) in SHARED {
        let (folder, level) = instance.split_once('/').unwrap_or((instance, "easy"));
        let file = |name: String| fs::read_to_string(shared.join(folder).join(name));
        let texts = (file(format!("domain-{level}.pddl")), file(format!("{level}.pddl")));
        if let (Ok(domain), Ok(problem)) = texts {
            bench_task(c, instance, [&domain, &problem], kind);
        }
    }
}

criterion_group! {
    name = planner;
    config = Criterion::default().sample_size(20);
    targets = benches
}
criterion_main!(planner);
