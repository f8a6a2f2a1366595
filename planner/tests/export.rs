//! Pictures of plans and tasks, and the tasks of `domains/`.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod support;

use ergon_planner::{
    GroundTask, PlanFile, SearchKind, SearchOptions, Task,
    execution::{PartialOrder, Purposes, export},
    search::TransitionSystem,
    solve, validate,
};
use ergon_vocab::{Plan, PlanOutcome, dummy::StoppedClock};
use expect_test::expect;
use support::{hanoi, literals, random::Dice, robots, steps};

fn solved(task: &Task) -> Plan {
    let (outcome, _) = solve(
        task,
        &SearchOptions { search: SearchKind::Optimal, ..SearchOptions::default() },
        &StoppedClock::default(),
    );
    let PlanOutcome::Solved(plan) = outcome else { panic!("{outcome:?}") };
    plan
}

/// Draws a plan, and looks at the boxes: none overlaps another.
fn drawn(name: &str, task: &Task, plan: &Plan) -> String {
    let order = PartialOrder::of(plan, task.init(), &literals(task.goal())).unwrap();
    let svg = export::order_svg(&order, plan, task.symbols());
    check_boxes(&svg, plan.steps.len());
    if let Ok(folder) = std::env::var("ERGON_PICTURES") {
        std::fs::write(format!("{folder}/{}.svg", name.replace(' ', "-")), &svg).unwrap();
    }
    svg
}

fn check_boxes(svg: &str, steps: usize) {
    let number = |line: &str, key: &str| -> f64 {
        let (_, rest) = line.split_once(&format!(" {key}=\"")).unwrap();
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    let boxes: Vec<[f64; 3]> = svg
        .lines()
        .filter(|line| line.starts_with("<rect x="))
        .map(|line| [number(line, "x"), number(line, "width"), number(line, "y")])
        .collect();
    assert_eq!(boxes.len(), steps);
    for (i, a) in boxes.iter().enumerate() {
        for b in &boxes[..i] {
            let apart = (a[2] - b[2]).abs() >= 24.0 || a[0] + a[1] < b[0] || b[0] + b[1] < a[0];
            assert!(apart, "{a:?} overlaps {b:?}");
        }
    }
    let width = number(svg.lines().next().unwrap(), "width");
    assert!(boxes.iter().all(|b| b[0] >= 0.0 && b[0] + b[1] <= width));
}

#[test]
fn tasks_of_robots_have_known_optimal_plans_without_idle_steps() {
    let mut costs = vec![];
    for (name, domain, problem) in robots::TASKS {
        let problem = robots::problem(domain, problem);
        let task = Task::new(&problem);
        let plan = solved(&task);
        assert!(validate(&problem, &PlanFile::of(&plan, problem.symbols())).is_valid());
        assert_eq!(Purposes::of(&plan, &literals(problem.goal())).idle(), [0usize; 0]);
        let order = PartialOrder::of(&plan, problem.init(), &literals(problem.goal())).unwrap();
        costs.push(format!("{name}: {} in {} levels", plan.cost(), order.levels().len()));
        drawn(name, &task, &plan);
    }
    expect![[r#"
        hanoi 3: 14 in 14 levels
        hanoi 4: 30 in 30 levels
        hanoi 5: 62 in 62 levels
        sorting 1: 11 in 11 levels
        sorting 2: 22 in 20 levels
        kitchen 1: 10 in 10 levels
        kitchen 2: 30 in 27 levels"#]]
    .assert_eq(&costs.join("\n"));
}

/// Two arms move discs between trays; an arm must be where a tray is.
const ARMS: [&str; 2] = [
    "(define (domain arms) (:requirements :strips :typing) (:types arm tray disc)
      (:predicates (at ?a - arm ?t - tray) (on ?d - disc ?t - tray) (held ?d - disc ?a - arm) (free ?a - arm))
      (:action go :parameters (?a - arm ?s ?t - tray) :precondition (at ?a ?s)
        :effect (and (at ?a ?t) (not (at ?a ?s))))
      (:action grasp :parameters (?a - arm ?d - disc ?t - tray)
        :precondition (and (at ?a ?t) (on ?d ?t) (free ?a))
        :effect (and (held ?d ?a) (not (on ?d ?t)) (not (free ?a))))
      (:action drop :parameters (?a - arm ?d - disc ?t - tray)
        :precondition (and (at ?a ?t) (held ?d ?a))
        :effect (and (on ?d ?t) (free ?a) (not (held ?d ?a)))))",
    "(define (problem two) (:domain arms)
      (:objects l r - arm near far side - tray d1 d2 d3 d4 d5 - disc)
      (:init (at l near) (at r far) (free l) (free r) (on d1 near) (on d2 near) (on d3 far) (on d4 far) (on d5 side))
      (:goal (and (on d1 far) (on d2 side) (on d3 near) (on d4 side) (on d5 near))))",
];

#[test]
fn two_arms_work_at_once() {
    let problem = robots::problem(ARMS[0], ARMS[1]);
    let task = Task::new(&problem);
    let plan = solved(&task);
    let order = PartialOrder::of(&plan, task.init(), &literals(task.goal())).unwrap();
    assert!(order.levels().len() < plan.steps.len());
    drawn("arms", &task, &plan);
    let dot = export::order_dot(&order, &plan, task.symbols());
    assert_eq!(dot.matches(" -> ").count(), order.graph().edge_count());
}

#[test]
fn random_plans_are_drawn_without_overlaps() {
    for seed in 0..60u8 {
        let bytes: Vec<u8> =
            (0..250u32).map(|i| (i * i * 7 + i * u32::from(seed) * 13) as u8).collect();
        let (plan, state, goal) = steps::valid_plan(&mut Dice(&bytes), usize::from(seed % 33));
        let order = PartialOrder::of(&plan, &state, &goal).unwrap();
        let svg = export::order_svg(&order, &plan, &ergon_vocab::Symbols::default());
        check_boxes(&svg, plan.steps.len());
    }
}

#[test]
fn dot_shows_links_influences_and_states() {
    let task = hanoi::task(1);
    let plan = solved(&task);
    expect![[r#"
        digraph {
            rankdir="LR"
            0 [ label = "start" shape=box peripheries=2]
            1 [ label = "1 (pick c1 left)" shape=box]
            2 [ label = "2 (place c1 right)" shape=box]
            3 [ label = "goal" shape=box peripheries=2]
            0 -> 1 [ label = "(clear c1)\l(on c1 left)\l(free-gripper)" ]
            0 -> 2 [ label = "(smaller c1 right)\l(clear right)" ]
            1 -> 2 [ label = "(grasped c1)" ]
            2 -> 3 [ label = "(on c1 right)" ]
        }
    "#]]
    .assert_eq(&export::link_dot(&plan, &literals(task.goal()), task.symbols()));
    let order = PartialOrder::of(&plan, task.init(), &literals(task.goal())).unwrap();
    expect![[r#"
        digraph {
            rankdir="LR"
            0 [ label = "1 (pick c1 left)" shape=box]
            1 [ label = "2 (place c1 right)" shape=box]
            0 -> 1 [ label = "" ]
        }
    "#]]
    .assert_eq(&export::order_dot(&order, &plan, task.symbols()));
    let ground = GroundTask::new(&task);
    let system = TransitionSystem::new(&ground);
    expect![[r#"
        digraph {
            rankdir="LR"
            0 [ label = "(on c1 left)\l(clear middle)\l(clear right)\l(free-gripper)" shape=box]
            1 [ label = "(clear left)\l(clear middle)\l(clear right)\l(grasped c1)" shape=box]
            2 [ label = "(on c1 right)\l(clear left)\l(clear middle)\l(free-gripper)" shape=box peripheries=2]
            0 -> 1 [ label = "(pick c1 left)" ]
            1 -> 2 [ label = "(place c1 right)" ]
            1 -> 0 [ label = "(place c1 left)" ]
            2 -> 1 [ label = "(pick c1 right)" ]
        }
    "#]].assert_eq(&export::space_dot(&system, 3, task.symbols()));
    let whole = export::space_dot(&system, 1000, task.symbols());
    assert_eq!(whole.matches("shape=box").count(), 4);
}

#[test]
fn the_causal_graph_shows_what_influences_what() {
    let problem = robots::problem(
        "(define (domain door) (:predicates (key) (locked) (open) (inside))
          (:action unlock :precondition (and (key) (locked)) :effect (not (locked)))
          (:action push :precondition (not (locked)) :effect (open))
          (:action enter :precondition (open) :effect (inside))
          (:action take :effect (key)))",
        "(define (problem p) (:domain door) (:init (locked)) (:goal (inside)))",
    );
    let ground = GroundTask::new(&Task::new(&problem));
    expect![[r#"
        digraph {
            rankdir="LR"
            0 [ label = "(key)" shape=box]
            1 [ label = "(locked)" shape=box]
            2 [ label = "(open)" shape=box]
            3 [ label = "(inside)" shape=box peripheries=2]
            0 -> 1 [ label = "" ]
            1 -> 2 [ label = "" ]
            2 -> 3 [ label = "" ]
        }
    "#]]
    .assert_eq(&export::causal_graph_dot(&ground, &[], problem.symbols()));
    let all: Vec<u32> = (0..ground.atoms.len() as u32).collect();
    let graph = export::causal_graph(&ground, &[all]);
    assert_eq!((graph.node_count(), graph.edge_count()), (1, 0));
}
