//! Tasks of robot arms, from the files under `domains/`.

use ergon_planner::{Domain, Problem};

macro_rules! file {
    ($path:literal) => {
        include_str!(concat!("../../../domains/", $path))
    };
}

/// Name, domain file and problem file.
pub const TASKS: [(&str, &str, &str); 7] = [
    ("hanoi 3", file!("hanoi/domain.pddl"), file!("hanoi/p03.pddl")),
    ("hanoi 4", file!("hanoi/domain.pddl"), file!("hanoi/p04.pddl")),
    ("hanoi 5", file!("hanoi/domain.pddl"), file!("hanoi/p05.pddl")),
    ("sorting 1", file!("sorting/domain.pddl"), file!("sorting/p01.pddl")),
    ("sorting 2", file!("sorting/domain.pddl"), file!("sorting/p02.pddl")),
    ("kitchen 1", file!("kitchen/domain.pddl"), file!("kitchen/p01.pddl")),
    ("kitchen 2", file!("kitchen/domain.pddl"), file!("kitchen/p02.pddl")),
];

/// The problem of one of [`TASKS`].
pub fn problem(domain: &str, problem: &str) -> Problem {
    let domain = Domain::parse(domain, "domain.pddl").expect("good PDDL");
    Problem::parse(problem, "problem.pddl", &domain).expect("good PDDL")
}
