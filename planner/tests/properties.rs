//! Properties that hold for every text and every task.

mod support;

use ergon_planner::{
    Budget, Domain, GroundTask, Limits, PlanFile, Problem, Report, SearchKind, SearchOptions, Task,
    heuristics::{
        Add, Blind, CostType, Ff, GoalCount, HMax, Heuristic, LandmarkCount, LmCut, Pdb,
        Properties, Refined,
    },
    lint,
    pddl::{self, Reading},
    search,
    search::{Scratch, SearchOutcome, StateSpace, TransitionSystem},
    solve, validate,
};
use ergon_vocab::{PlanOutcome, dummy::StoppedClock};
use petgraph::visit::{EdgeRef, IntoEdges};
use proptest::{collection::vec, prelude::*};
use support::{
    adl,
    brute::{self, Distance},
    hanoi, language, random,
};

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..200)
}

/// Reads a text as everything it could be.
fn read_all(text: &str) {
    if let Ok(plan) = PlanFile::parse(text, "plan") {
        let printed = plan.to_string();
        let again = PlanFile::parse(&printed, "printed").map(|plan| plan.to_string());
        assert_eq!(again.as_ref(), Ok(&printed));
    }
    if let Ok((domain, _)) = Domain::parse_with(text, "domain", Reading::Lenient) {
        let printed = Domain::parse_with(&domain.to_string(), "printed", Reading::Lenient);
        assert_eq!(printed.map(|(printed, _)| printed).as_ref(), Ok(&domain));
        lint(&domain, None);
    }
    if let Ok(domain) = Domain::parse(text, "domain") {
        assert_eq!(Domain::parse(&domain.to_string(), "printed").as_ref(), Ok(&domain));
    }
    let domain = Domain::parse(hanoi::DOMAIN, "domain").expect("good PDDL");
    if let Ok(problem) = Problem::parse(text, "problem", &domain) {
        assert_eq!(Problem::parse(&problem.to_string(), "printed", &domain), Ok(problem));
    }
}

/// Every ground action, applicable or not.
fn every_action(problem: &Problem) -> Vec<ergon_vocab::GroundAction> {
    let symbols = problem.symbols();
    let objects = (0..symbols.objects.len() as u32).map(ergon_vocab::ObjectId);
    let mut actions = vec![];
    for (index, action) in symbols.actions.iter().enumerate() {
        let mut rows = vec![vec![]];
        for (_, types) in &action.parameters {
            let fitting = objects.clone().filter(|&o| symbols.fits(o, types));
            rows = fitting
                .flat_map(|o| rows.iter().map(move |row: &Vec<_>| [&row[..], &[o]].concat()))
                .collect();
        }
        let schema = ergon_vocab::ActionId(index as u32);
        let ground = |args: Vec<_>| ergon_vocab::GroundAction { schema, args: args.into() };
        actions.extend(rows.into_iter().map(ground));
    }
    actions
}

/// What petgraph's A* makes of a ground task.
fn petgraph_cost(system: &TransitionSystem<'_>, mut heuristic: impl Heuristic) -> Option<u32> {
    let space = StateSpace::new(system);
    // Half of the largest number is out of reach of every plan here and leaves room for sums.
    let estimate = |node| heuristic.estimate(&space.state(node)).unwrap_or(u32::MAX / 2);
    let goal = |node| space.is_goal(node);
    let found = petgraph::algo::astar(&space, space.start(), goal, |e| *e.weight(), estimate);
    found.map(|(cost, _)| cost).filter(|&cost| cost < u32::MAX / 2)
}

fn our_cost(system: &TransitionSystem<'_>, kind: SearchKind) -> Option<u32> {
    let (budget, clock) = (Budget::new(Limits::NONE), StoppedClock::default());
    let mut handed_out = vec![];
    let mut keep = |path: &[search::OperatorId], _: &Report| {
        handed_out = path.to_vec();
        std::ops::ControlFlow::Continue(())
    };
    match search::search(system, kind, &budget, &clock, &mut keep).0 {
        SearchOutcome::Solved(path) => {
            assert_eq!(path, handed_out, "the outcome is the last plan handed out");
            Some(path.iter().map(|&o| system.cost(o)).sum())
        }
        SearchOutcome::Unsolvable => None,
        SearchOutcome::OutOf(limit) => panic!("{limit:?} without limits"),
    }
}

/// Whether a space has at most so many states.
fn is_small(space: &StateSpace<'_>, most: u32) -> bool {
    let (mut next, mut known) = (0, space.start() + 1);
    while next < known && known <= most {
        known = space.edges(next).map(|e| e.target() + 1).fold(known, u32::max);
        next += 1;
    }
    known <= most
}

/// All states of a small system with their true costs to the goal.
fn true_costs(space: &StateSpace<'_>) -> Vec<Option<u32>> {
    let mut edges = vec![];
    let (mut next, mut known) = (0, space.start() + 1);
    while next < known {
        let out: Vec<(u32, u32)> = space.edges(next).map(|e| (e.target(), *e.weight())).collect();
        known = out.iter().map(|e| e.0 + 1).fold(known, u32::max);
        edges.push(out);
        next += 1;
    }
    let mut costs: Vec<Option<u32>> =
        (0..known).map(|node| space.is_goal(node).then_some(0)).collect();
    // Bellman and Ford: relax until nothing changes.
    loop {
        let before = costs.clone();
        for (node, out) in edges.iter().enumerate() {
            let best = out.iter().filter_map(|&(to, w)| costs[to as usize].map(|c| c + w)).min();
            costs[node] = [costs[node], best].into_iter().flatten().min();
        }
        if before == costs {
            return costs;
        }
    }
}

fn check_properties(system: &TransitionSystem<'_>, mut heuristic: impl Heuristic) {
    let space = StateSpace::new(system);
    let truth = true_costs(&space);
    let promised = heuristic.properties();
    let estimates: Vec<Option<u32>> =
        (0..truth.len() as u32).map(|node| heuristic.estimate(&space.state(node))).collect();
    for (node, (&h, &cost)) in estimates.iter().zip(&truth).enumerate() {
        let name = promised.name;
        if promised.safe && h.is_none() {
            assert_eq!(cost, None, "{name} is not safe");
        }
        if let (true, Some(h), Some(cost)) = (promised.admissible, h, cost) {
            assert!(h <= cost, "{name} is not admissible: {h} > {cost}");
        }
        if let (true, Some(h)) = (promised.consistent, h) {
            assert!(h == 0 || !space.is_goal(node as u32), "{name} is not 0 at a goal");
            for edge in space.edges(node as u32) {
                let beyond = estimates[edge.target() as usize];
                assert!(beyond.is_none_or(|b| h <= b + edge.weight()), "{name} is not consistent");
            }
        }
    }
}

/// A heuristic that refines every estimate at once.
struct Finest<H>(H);

impl<H: Heuristic> Heuristic for Finest<H> {
    fn properties(&self) -> Properties {
        self.0.properties()
    }

    fn estimate(&mut self, state: &[u64]) -> Option<u32> {
        self.0.refine(state)
    }
}

fn check_all_properties(system: &TransitionSystem<'_>) {
    check_properties(system, Blind::new(system));
    check_properties(system, HMax::new(system));
    check_properties(system, LmCut::new(system));
    check_properties(system, Pdb::new(system));
    check_properties(system, Finest(Refined::new(Blind::new(system), LmCut::new(system))));
    check_properties(system, GoalCount::new(system));
    check_properties(system, LandmarkCount::new(system));
    for costs in [CostType::Normal, CostType::One, CostType::PlusOne] {
        check_properties(system, Add::new(system, costs));
        check_properties(system, Ff::new(system, costs));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in vec(any::<u8>(), 0..300)) {
        if let Ok(text) = pddl::decode(&bytes, "file") {
            read_all(text);
        }
    }

    #[test]
    fn no_mutation_of_pddl_makes_a_reader_panic(
        bytes in bytes(),
        cuts in vec((any::<prop::sample::Index>(), 0usize..12, "[-()?:;a-z0-9 =\n\u{e4}]{0,4}"), 1..6),
    ) {
        let (domain, problem) = random::text(&bytes);
        let (rich, rich_problem) = language::text(&bytes);
        let hanoi = [hanoi::DOMAIN.to_owned(), hanoi::problem(3)];
        for text in [domain, problem, rich, rich_problem].into_iter().chain(hanoi) {
            let mut chars: Vec<char> = text.chars().collect();
            for (at, length, with) in &cuts {
                let start = at.index(chars.len() + 1);
                let end = (start + length).min(chars.len());
                chars.splice(start..end, with.chars());
            }
            read_all(&chars.into_iter().collect::<String>());
        }
    }

    #[test]
    fn a_model_reads_back_from_its_print(bytes in bytes()) {
        let problem = random::problem(&bytes);
        let domain = Domain::parse(&problem.domain().to_string(), "printed").unwrap();
        prop_assert_eq!(&domain, problem.domain());
        let again = Problem::parse(&problem.to_string(), "printed", &domain).unwrap();
        prop_assert_eq!(again, problem);
    }

    #[test]
    fn the_whole_language_reads_back_from_its_print(bytes in vec(any::<u8>(), 0..600)) {
        let (domain, problem) = language::text(&bytes);
        let domain = Domain::parse(&domain, "domain").unwrap_or_else(|e| panic!("{e}\n{domain}"));
        let problem = Problem::parse(&problem, "problem", &domain)
            .unwrap_or_else(|e| panic!("{e}\n{problem}"));
        let printed = Domain::parse(&domain.to_string(), "printed").unwrap();
        prop_assert_eq!(&printed, &domain);
        let printed = Problem::parse(&problem.to_string(), "printed", &domain).unwrap();
        prop_assert_eq!(&printed, &problem);
        // What a strict reader takes, a lenient one takes as it is.
        let (lenient, warnings) =
            Domain::parse_with(&domain.to_string(), "printed", Reading::Lenient).unwrap();
        prop_assert_eq!((lenient, warnings), (domain, vec![]));
    }

    #[test]
    fn the_judge_agrees_with_brute_force(bytes in bytes()) {
        let problem = random::problem(&bytes);
        let state = problem.init().clone();
        let successors = brute::successors(&problem, &state);
        let symbols = problem.symbols();
        for action in every_action(&problem) {
            let next = successors.iter().find(|(a, _)| *a == action).map(|(_, next)| next);
            let goal: Vec<ergon_vocab::Literal> = (0..symbols.predicates.len() as u32)
                .flat_map(|p| symbols.atoms_of(ergon_vocab::PredicateId(p)))
                .map(|atom| ergon_vocab::Literal {
                    positive: next.is_some_and(|next| next.contains(&atom)),
                    atom,
                })
                .collect();
            let plan = format!("{}\n", symbols.show_action(&action));
            let plan = PlanFile::parse(&plan, "plan").unwrap();
            let aimed = problem.clone().with_goal(goal).unwrap();
            prop_assert_eq!(validate(&aimed, &plan).is_valid(), next.is_some());
        }
    }

    #[test]
    fn plans_are_valid_and_optimal_where_said_so(bytes in bytes()) {
        let problem = random::problem(&bytes);
        let task = Task::new(&problem);
        let truth = brute::distance(&problem);
        for search in SearchKind::ALL {
            let limits = Limits { expansions: 5000, ..Limits::NONE };
            let options = SearchOptions { search, limits };
            let (outcome, report) = solve(&task, &options, &StoppedClock::default());
            match (outcome, truth) {
                (PlanOutcome::Solved(plan), _) => {
                    let file = PlanFile::of(&plan, task.symbols());
                    let read = PlanFile::parse(&file.to_string(), "plan").unwrap();
                    let verdict = validate(&problem, &read);
                    prop_assert!(verdict.is_valid(), "{verdict}\n{file}");
                    prop_assert!(plan.obstacles(0, task.init(), &task.goal().literals().unwrap()).is_empty());
                    match truth {
                        Distance::Steps(least) if report.optimal => {
                            prop_assert_eq!(plan.cost(), least, "by {}", search);
                        }
                        Distance::Steps(least) => prop_assert!(plan.cost() >= least),
                        Distance::Unknown => {}
                        Distance::Unsolvable => prop_assert!(false, "a plan where there is none"),
                    }
                    let halted = search == SearchKind::Anytime && report.expanded >= limits.expansions;
                    if search.is_optimal() && !halted {
                        prop_assert!(report.optimal, "by {}", search);
                    }
                }
                (PlanOutcome::Unsolvable(_), Distance::Unsolvable | Distance::Unknown) => {}
                (PlanOutcome::OutOf(_), Distance::Unknown) => {}
                (outcome, truth) => prop_assert!(false, "{outcome:?} but {truth:?}"),
            }
        }
    }

    #[test]
    fn our_search_agrees_with_petgraph_under_any_costs(bytes in bytes(), costs in vec(0u32..4, 8)) {
        let problem = random::problem(&bytes);
        let mut ground = GroundTask::new(&Task::new(&problem));
        let truth = brute::distance(&problem);
        if !ground.unreachable.is_empty() {
            prop_assert!(!matches!(truth, Distance::Steps(_)));
            return Ok(());
        }
        if truth == Distance::Unknown {
            return Ok(());
        }
        for (i, operator) in ground.operators.iter_mut().enumerate() {
            operator.cost = costs[i % costs.len()];
        }
        let system = TransitionSystem::new(&ground);
        let theirs = petgraph_cost(&system, Blind::new(&system));
        prop_assert_eq!(our_cost(&system, SearchKind::AstarBlind), theirs);
        prop_assert_eq!(our_cost(&system, SearchKind::AstarHmax), theirs);
        prop_assert_eq!(our_cost(&system, SearchKind::AstarLmcut), theirs);
        prop_assert_eq!(our_cost(&system, SearchKind::AstarPdb), theirs);
        prop_assert_eq!(our_cost(&system, SearchKind::Anytime), theirs);
        check_all_properties(&system);
    }

    #[test]
    fn conditional_effects_axioms_and_numbers_are_searched_as_they_are_judged(
        bytes in vec(any::<u8>(), 0..400),
    ) {
        let problem = adl::problem(&bytes);
        let task = Task::new(&problem);
        let ground = GroundTask::new(&task);
        if ground.hopeless {
            return Ok(());
        }
        let system = TransitionSystem::new(&ground);
        if is_small(&StateSpace::new(&system), 300) {
            check_all_properties(&system);
        }
        let mut least = None;
        for search in SearchKind::ALL {
            let limits = Limits { expansions: 1000, ..Limits::NONE };
            let options = SearchOptions { search, limits };
            let (outcome, report) = solve(&task, &options, &StoppedClock::default());
            let PlanOutcome::Solved(plan) = outcome else { continue };
            let mut file = PlanFile::of(&plan, task.symbols());
            file.cost = file.cost.filter(|_| report.costs_are_metric);
            let verdict = validate(&problem, &file);
            prop_assert!(verdict.is_valid(), "{search}: {verdict}\n{}\n{problem}\n{file}", problem.domain());
            if report.optimal {
                prop_assert_eq!(*least.get_or_insert(plan.cost()), plan.cost(), "by {}", search);
            }
        }
    }

    #[test]
    fn grounding_finds_the_applicable_actions_of_every_reachable_state(bytes in bytes()) {
        let problem = random::problem(&bytes);
        let task = Task::new(&problem);
        // With the negation of each reachable fact as the goal nothing is irrelevant, so that the
        // operators of the initial state are exactly the applicable actions that change something.
        let successors = brute::successors(&problem, problem.init());
        for (action, next) in successors {
            let changed = next.symmetric_difference(problem.init()).next().cloned();
            let Some(atom) = changed else { continue };
            let positive = next.contains(&atom);
            let goal = [ergon_vocab::Literal { atom, positive }];
            let ground = GroundTask::from_state(&task, problem.init(), &goal);
            prop_assert!(ground.unreachable.is_empty());
            let system = TransitionSystem::new(&ground);
            let mut scratch = Scratch::default();
            system.find_applicable(system.init(), &mut scratch);
            let found = scratch.applicable.iter().any(|&o| {
                let operator = &ground.operators[o as usize];
                operator.schema == action.schema.0 && operator.args == action.args
            });
            prop_assert!(found, "{} is missing", task.symbols().show_action(&action));
        }
    }
}

#[test]
fn hanoi_costs_agree_with_petgraph_and_heuristics_keep_their_promises() {
    for discs in 3..=6 {
        let ground = GroundTask::new(&hanoi::task(discs));
        let system = TransitionSystem::new(&ground);
        let cost = Some(2 * (2u32.pow(discs) - 1));
        assert_eq!(petgraph_cost(&system, Blind::new(&system)), cost);
        assert_eq!(petgraph_cost(&system, HMax::new(&system)), cost);
        assert_eq!(our_cost(&system, SearchKind::AstarBlind), cost);
        assert_eq!(our_cost(&system, SearchKind::AstarHmax), cost);
        if discs < 5 {
            check_all_properties(&system);
        }
    }
}

/// What lowers a number needs one: the terms of that condition cancel out, and yet an assignment meets it.
#[test]
fn a_number_that_is_undefined_at_first_is_no_dead_end() {
    let domain = Domain::parse(
        "(define (domain d) (:requirements :strips :numeric-fluents) (:predicates (done)) (:functions (m))
         (:action weigh :parameters () :precondition (and) :effect (assign (m) 3))
         (:action use :parameters () :precondition (and) :effect (and (done) (decrease (m) 1))))",
        "d.pddl",
    )
    .unwrap();
    let text = "(define (problem p) (:domain d) (:init) (:goal (done)))";
    let problem = Problem::parse(text, "p.pddl", &domain).unwrap();
    let task = Task::new(&problem);
    let ground = GroundTask::new(&task);
    let system = TransitionSystem::new(&ground);
    for search in SearchKind::ALL {
        assert_eq!(our_cost(&system, search), Some(2), "{search:?}");
    }
}

/// An action must not set a number to two values at once (Fox & Long 2003, "PDDL2.1", definition 7), also
/// where nothing asks for the number.
#[test]
fn a_number_that_nobody_asks_for_still_bars_what_sets_it_twice() {
    let domain = Domain::parse(
        "(define (domain d) (:requirements :adl :numeric-fluents) (:predicates (done) (either))
         (:functions (n) (c ?o))
         (:action all :parameters () :precondition (and)
           :effect (and (done) (forall (?o) (assign (n) (c ?o)))))
         (:action some :parameters () :precondition (and)
           :effect (and (either) (increase (n) 1) (when (either) (assign (n) 1)))))",
        "d.pddl",
    )
    .unwrap();
    for (init, goal, cost) in [
        ("(= (c a) 1) (= (c b) 1)", "(done)", Some(1)),
        ("(= (c a) 1) (= (c b) 2)", "(done)", None),
        ("(= (c a) 1) (= (c b) 2)", "(either)", Some(1)),
        ("(either) (= (c a) 1) (= (c b) 2)", "(and (done) (either))", None),
    ] {
        let text = format!(
            "(define (problem p) (:domain d) (:objects a b) (:init (= (n) 0) {init}) (:goal {goal}))"
        );
        let problem = Problem::parse(&text, "p.pddl", &domain).unwrap();
        let ground = GroundTask::new(&Task::new(&problem));
        let system = TransitionSystem::new(&ground);
        for search in SearchKind::ALL {
            assert_eq!(our_cost(&system, search), cost, "{search:?}, {init}, {goal}");
        }
    }
}

#[test]
fn the_same_task_gives_the_same_plan_byte_for_byte() {
    let run = || {
        let task = hanoi::task(5);
        let ground = format!("{:?}", GroundTask::new(&task));
        let (outcome, report) = solve(&task, &SearchOptions::default(), &StoppedClock::default());
        (ground, outcome, report)
    };
    assert_eq!(run(), run());
}
