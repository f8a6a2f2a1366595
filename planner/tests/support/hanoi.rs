//! Hanoi of any size.

use ergon_planner::{Domain, Problem, Task};

/// The domain file.
pub const DOMAIN: &str = include_str!("../../../domains/hanoi/domain.pddl");

/// The problem file: a tower of `discs` discs is to move from the left peg to the right one.
pub fn problem(discs: u32) -> String {
    let disc = |i: u32| if i > discs { "left".to_owned() } else { format!("c{i}") };
    let mut text = String::from("; Made by the generator in planner/tests/support/hanoi.rs.\n");
    let mut line = |s: String| text.push_str(&(s + "\n"));
    let names: Vec<String> = (1..=discs).map(disc).collect();
    line(format!("(define (problem hanoi-{discs})"));
    line("  (:domain hanoi)".into());
    line("  (:objects".into());
    line(format!("    {} - disk", names.join(" ")));
    line("    left middle right - peg".into());
    line("    table - surface)".into());
    line("  (:init".into());
    line("    (free-gripper)".into());
    line("    (clear c1) (clear middle) (clear right) (clear table)".into());
    for i in 1..=discs {
        line(format!("    (on {} {})", disc(i), disc(i + 1)));
    }
    for i in 1..=discs {
        let larger = (i + 1..=discs).map(disc);
        let pegs = ["left", "middle", "right"].map(String::from);
        let facts: Vec<String> =
            larger.chain(pegs).map(|l| format!("(smaller c{i} {l})")).collect();
        line(format!("    {}{}", facts.join(" "), if i == discs { ")" } else { "" }));
    }
    line("  (:goal (and".into());
    for i in 1..discs {
        line(format!("    (on c{i} c{})", i + 1));
    }
    line(format!("    (on c{discs} right))))"));
    text
}

/// The task of [`problem`].
pub fn task(discs: u32) -> Task {
    let domain = Domain::parse(DOMAIN, "domain.pddl").expect("good PDDL");
    Task::new(&Problem::parse(&problem(discs), "problem.pddl", &domain).expect("good PDDL"))
}
