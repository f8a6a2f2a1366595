//! The planner as an agent uses it.

mod support;

use std::collections::BTreeSet;

use ergon_planner::{
    Domain, Flaw, Limits, PlanFile, Problem, SearchKind, SearchOptions, Session, Task, Verdict,
    validate,
};
use ergon_vocab::{
    Atom, Limit, Literal, ObjectId, Plan, PlanOutcome, Planner, PredicateId, State,
    dummy::StoppedClock,
};
use expect_test::{Expect, expect};
use support::{hanoi, literals};

fn problem(discs: u32) -> Problem {
    let domain = Domain::parse(hanoi::DOMAIN, "domain.pddl").expect("good PDDL");
    Problem::parse(&hanoi::problem(discs), "problem.pddl", &domain).expect("good PDDL")
}

fn session(problem: &Problem) -> Session<StoppedClock> {
    Session::new(Task::new(problem), SearchOptions::default(), StoppedClock::default())
}

fn positive(atom: Atom) -> Literal {
    Literal { atom, positive: true }
}

fn solved(outcome: PlanOutcome) -> Plan {
    let PlanOutcome::Solved(plan) = outcome else { panic!("{outcome:?}") };
    plan
}

fn check_unsolvable(state: &State, goal: &[Literal], problem: &Problem, expected: Expect) {
    let PlanOutcome::Unsolvable(why) = session(problem).plan(state, goal) else {
        panic!("there is a plan")
    };
    expected.assert_eq(&why);
}

#[test]
fn a_disc_knocked_off_is_retrieved_and_the_plan_goes_on() {
    let problem = problem(3);
    let mut session = session(&problem);
    let mut state = problem.init().clone();
    let plan = solved(session.plan(&state, &literals(problem.goal())));
    for step in &plan.steps[..4] {
        step.apply(&mut state);
    }
    // c1 falls from where the plan has put it onto the table.
    let held: Vec<Atom> = state
        .iter()
        .filter(|a| a.predicate == problem.symbols().predicate("on").unwrap())
        .filter(|a| a.args[0] == problem.symbols().object("c1").unwrap())
        .cloned()
        .collect();
    state.remove(&held[0]);
    let below = problem.symbols().object_name(held[0].args[1]).to_owned();
    state.insert(problem.atom("clear", &[&below]).unwrap());
    state.insert(problem.atom("astray", &["c1", "table"]).unwrap());
    let plan = solved(session.plan(&state, &literals(problem.goal())));
    assert!(plan.obstacles(0, &state, &literals(problem.goal())).is_empty());
    let text = PlanFile::of(&plan, problem.symbols()).to_string();
    assert!(text.contains("(retrieve c1 table)"), "{text}");
    assert!(session.report().expanded > 0);
}

#[test]
fn steps_carry_all_that_a_monitor_needs() {
    let problem = problem(1);
    let plan = solved(session(&problem).plan(problem.init(), &literals(problem.goal())));
    let symbols = problem.symbols();
    let shown: Vec<String> = plan
        .steps
        .iter()
        .map(|step| {
            let list = |l: &[Literal]| -> Vec<String> {
                l.iter().map(|l| symbols.show_literal(l)).collect()
            };
            format!(
                "{}: {} => {}",
                symbols.show_action(&step.action),
                list(&step.preconditions).join(" "),
                list(&step.effects).join(" ")
            )
        })
        .collect();
    expect![[r#"
        (pick c1 left): (clear c1) (on c1 left) (free-gripper) => (not (on c1 left)) (not (free-gripper)) (clear left) (grasped c1)
        (place c1 right): (grasped c1) (smaller c1 right) (clear right) => (not (grasped c1)) (not (clear right)) (on c1 right) (free-gripper)"#]].assert_eq(&shown.join("\n"));
}

#[test]
fn the_unsolvable_is_explained() {
    let problem = problem(2);
    let atom = |p, args: &[&str]| problem.atom(p, args).unwrap();
    let none = State::new();
    check_unsolvable(
        &none,
        &literals(problem.goal()),
        &problem,
        expect![[
            r#"(on c1 c2) and (on c2 right) are out of reach, even if no action ever undid anything"#
        ]],
    );
    let upside_down = [positive(atom("on", &["c2", "c1"]))];
    check_unsolvable(
        problem.init(),
        &upside_down,
        &problem,
        expect![[r#"(on c2 c1) is out of reach, even if no action ever undid anything"#]],
    );
    let both = [positive(atom("on", &["c1", "left"])), positive(atom("on", &["c1", "right"]))];
    check_unsolvable(
        problem.init(),
        &both,
        &problem,
        expect!["the goal as a whole is out of reach: parts of it exclude each other"],
    );
    let free = atom("free-gripper", &[]);
    let contradiction = [positive(free.clone()), Literal { atom: free, positive: false }];
    check_unsolvable(
        problem.init(),
        &contradiction,
        &problem,
        expect![[r#"the goal asks for (free-gripper) and for its negation"#]],
    );
}

#[test]
fn nonsense_atoms_do_no_harm() {
    let problem = problem(3);
    let odd = |predicate, args: &[u32]| Atom {
        predicate: PredicateId(predicate),
        args: args.iter().map(|&o| ObjectId(o)).collect(),
    };
    let mut state = problem.init().clone();
    let strangers = [odd(0, &[]), odd(0, &[0, 1, 2, 3]), odd(77, &[1]), odd(1, &[u32::MAX])];
    state.extend(strangers.clone());
    // Ill-typed but well formed: a peg on a peg.
    state.insert(odd(0, &[3, 4]));
    let mut session = session(&problem);
    assert_eq!(solved(session.plan(&state, &literals(problem.goal()))).cost(), 14);
    let goal: Vec<Literal> = strangers.into_iter().map(positive).collect();
    assert_eq!(session.plan(&state, &goal), PlanOutcome::Solved(Plan::default()));
    let outcome = session.plan(problem.init(), &goal);
    assert!(matches!(outcome, PlanOutcome::Unsolvable(_)), "{outcome:?}");
}

#[test]
fn limits_end_a_search() {
    let task = hanoi::task(8);
    let run = |limits| {
        let options = SearchOptions { search: SearchKind::Auto, limits };
        ergon_planner::solve(&task, &options, &StoppedClock::default()).0
    };
    let none = Limits::NONE;
    let out = PlanOutcome::OutOf;
    assert_eq!(run(Limits { expansions: 100, ..none }), out(Limit::Expansions));
    assert_eq!(run(Limits { memory_bytes: 100_000, ..none }), out(Limit::Memory));
    assert_eq!(run(Limits { time: std::time::Duration::ZERO, ..none }), out(Limit::Time));
}

#[test]
fn limits_end_a_grounding_that_would_not() {
    let domain = "(define (domain huge) (:requirements :typing) (:types t) (:predicates (p))
        (:action a :parameters (?a ?b ?c ?d ?e ?f ?g ?h ?i ?j ?k ?l - t) :effect (p)))";
    let domain = Domain::parse(domain, "domain").unwrap();
    let objects = (0..30).map(|i| (format!("o{i}"), "t"));
    let problem = Problem::new("huge", &domain, objects).unwrap();
    let limits = Limits { memory_bytes: 10_000_000, ..Limits::NONE };
    let options = SearchOptions { limits, ..SearchOptions::default() };
    let (outcome, _) =
        ergon_planner::solve(&Task::new(&problem), &options, &StoppedClock::default());
    assert_eq!(outcome, PlanOutcome::OutOf(Limit::Memory));
}

#[test]
fn a_problem_can_be_built_from_code() {
    let domain = Domain::parse(hanoi::DOMAIN, "domain.pddl").unwrap();
    let objects = [("c1", "disk"), ("left", "peg"), ("right", "peg")];
    let bare = Problem::new("built", &domain, objects).unwrap();
    let atom = |p, args: &[&str]| bare.atom(p, args).unwrap();
    let init = BTreeSet::from([
        atom("on", &["c1", "left"]),
        atom("clear", &["c1"]),
        atom("clear", &["right"]),
        atom("smaller", &["c1", "right"]),
        atom("free-gripper", &[]),
    ]);
    let goal = vec![positive(atom("on", &["c1", "right"]))];
    let problem = bare.clone().with_init(init).unwrap().with_goal(goal).unwrap();
    assert_eq!(solved(session(&problem).plan(problem.init(), &literals(problem.goal()))).cost(), 2);
    assert_eq!(Problem::parse(&problem.to_string(), "printed", &domain).unwrap(), problem);
    let error = bare.atom("on", &["left", "c1"]).unwrap_err();
    expect![[r#"(on left c1) does not fit the domain: `left` is not of type disk"#]]
        .assert_eq(&error.to_string());
    let error = Problem::new("p", &domain, [("a", "disc")]).unwrap_err();
    expect![[r#"object `a` has the unknown type `disc`"#]].assert_eq(&error.to_string());
}

#[test]
fn the_judge_says_what_is_wrong() {
    let problem = problem(1);
    let judge = |text| validate(&problem, &PlanFile::parse(text, "plan").unwrap()).to_string();
    let good = "(pick c1 left)\n(place c1 right)\n";
    expect![[r#"the plan is valid; cost 2"#]].assert_eq(&judge(good));
    expect![[r#"the plan is not valid: in the end (on c1 right) does not hold"#]]
        .assert_eq(&judge("(pick c1 left)\n\n(place c1 left)\n"));
    expect![[r#"the plan is not valid: step 1, (place c1 right) in line 1, needs (grasped c1), which does not hold there"#]].assert_eq(&judge("(place c1 right)"));
    expect![[r#"the plan is not valid: step 1, (pik c1 left) in line 1: there is no action `pik`; did you mean `pick`?"#]].assert_eq(&judge("(pik c1 left)"));
    expect![[
        r#"the plan is not valid: step 1, (pick c1) in line 1: `pick` takes 2 arguments, not 1"#
    ]]
    .assert_eq(&judge("(pick c1)"));
    expect![[r#"the plan is not valid: step 1, (pick c1 lft) in line 1: there is no object `lft`; did you mean `left`?"#]].assert_eq(&judge("(pick c1 lft)"));
    expect![[r#"the plan is not valid: step 1, (pick left c1) in line 1: `left` is of a wrong type for ?d"#]].assert_eq(&judge("(pick left c1)"));
    expect![[r#"the plan is not valid: it costs 2, and the file states 7"#]]
        .assert_eq(&judge(&format!("{good}; cost = 7 (unit cost)\n")));
    let verdict = validate(&problem, &PlanFile::default());
    assert!(matches!(verdict, Verdict::Invalid(Flaw::Goal(missing)) if missing.len() == 1));
}

#[test]
fn numbers_that_are_believed_to_have_changed_change_the_plan() {
    let domain = "(define (domain rover) (:requirements :typing :numeric-fluents)
        (:types place)
        (:predicates (at ?p - place) (dock ?p - place))
        (:functions (charge))
        (:action drive :parameters (?a ?b - place)
          :precondition (and (at ?a) (>= (charge) 2))
          :effect (and (not (at ?a)) (at ?b) (decrease (charge) 2)))
        (:action recharge :parameters (?p - place)
          :precondition (and (at ?p) (dock ?p)) :effect (assign (charge) 10)))";
    let problem = "(define (problem r) (:domain rover) (:objects home field - place)
        (:init (at home) (dock home) (= (charge) 4)) (:goal (at field)))";
    let domain = Domain::parse(domain, "domain.pddl").expect("good PDDL");
    let problem = Problem::parse(problem, "problem.pddl", &domain).expect("good PDDL");
    let mut session = session(&problem);
    let goal = literals(problem.goal());
    let steps =
        |session: &mut Session<StoppedClock>, state: &State| match session.plan(state, &goal) {
            PlanOutcome::Solved(plan) => Some(plan.steps.len()),
            _ => None,
        };
    assert_eq!(steps(&mut session, problem.init()), Some(1));
    let charge = problem.values().keys().next().expect("the charge").clone();
    assert_eq!(session.set_value(charge.clone(), Some(1.0)), Some(4.0));
    assert_eq!(steps(&mut session, problem.init()), Some(2));
    // Away from the dock an empty battery is the end.
    let undocked: State =
        problem.init().iter().filter(|a| a.predicate.index() != 1).cloned().collect();
    assert_eq!(steps(&mut session, &undocked), None);
    session.set_value(charge, Some(2.0));
    assert_eq!(steps(&mut session, &undocked), Some(1));
}
