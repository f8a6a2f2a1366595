//! Ground tasks mean what the lifted tasks mean, on random tasks with all that a model may have.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use ergon_planner::{
    Assignment, AtomId, Change, Domain, GroundAxiom, GroundMetric, GroundTask, Grounding, Limits,
    Operator, Problem, Task,
};
use ergon_vocab::{Atom, GroundAction, Limit, ObjectId, PredicateId, dummy::StoppedClock};
use proptest::{collection::vec, prelude::*};
use support::{
    adl,
    brute::{self, Judge, World},
    random,
};

/// States of a task that are looked at.
const MAX_STATES: usize = 60;

/// A state of the ground task: its true atoms, derived ones too, and its numbers.
#[derive(Clone, Debug)]
struct Ground {
    atoms: BTreeSet<AtomId>,
    numbers: Vec<f64>,
}

impl Ground {
    fn new(task: &GroundTask, basic: BTreeSet<AtomId>, numbers: Vec<f64>) -> Self {
        let mut state = Self { atoms: basic, numbers };
        let mut at = 0;
        while at < task.axioms.len() {
            let layer = |i: usize| task.layers[task.axioms[i].head as usize - task.basic];
            let end = (at..task.axioms.len()).find(|&i| layer(i) > layer(at));
            let end = end.unwrap_or(task.axioms.len());
            while state.derive(task, &task.axioms[at..end]) {}
            at = end;
        }
        state
    }

    /// Adds what follows at once from some axioms. True if something is new.
    fn derive(&mut self, task: &GroundTask, axioms: &[GroundAxiom]) -> bool {
        let before = self.atoms.len();
        for axiom in axioms {
            if self.satisfies(task, &axiom.holds, &axiom.lacks, &axiom.compares) {
                self.atoms.insert(axiom.head);
            }
        }
        self.atoms.len() > before
    }

    /// What a ground task sees of a world.
    fn of(task: &GroundTask, world: &World) -> Self {
        let basic = (0..task.basic as AtomId)
            .filter(|&a| world.state.contains(&task.atoms[a as usize]))
            .collect();
        let value = |f| world.values.get(f).copied().unwrap_or(f64::NAN);
        Self::new(task, basic, task.numerics.iter().map(value).collect())
    }

    fn satisfies(&self, task: &GroundTask, holds: &[u32], lacks: &[u32], compares: &[u32]) -> bool {
        holds.iter().all(|a| self.atoms.contains(a))
            && lacks.iter().all(|a| !self.atoms.contains(a))
            && compares.iter().all(|&c| {
                let comparison = &task.comparisons[c as usize];
                comparison.relation.holds(comparison.expression.value(&self.numbers))
            })
    }

    fn apply(&self, task: &GroundTask, operator: &Operator) -> Self {
        let mut next: BTreeSet<AtomId> =
            self.atoms.iter().copied().filter(|&a| (a as usize) < task.basic).collect();
        let fires = |e: &&ergon_planner::ConditionalEffect| {
            self.satisfies(task, &e.holds, &e.lacks, &e.compares)
        };
        let fired: Vec<_> = operator.conditional.iter().filter(fires).collect();
        let deletes = operator.deletes.iter().chain(fired.iter().flat_map(|e| &e.deletes));
        deletes.for_each(|a| {
            next.remove(a);
        });
        next.extend(operator.adds.iter().chain(fired.iter().flat_map(|e| &e.adds)));
        let mut numbers = self.numbers.clone();
        for change in operator.changes.iter().chain(fired.iter().flat_map(|e| &e.changes)) {
            self.change(change, &mut numbers);
        }
        Self::new(task, next, numbers)
    }

    fn change(&self, change: &Change, numbers: &mut [f64]) {
        let value = change.value.value(&self.numbers);
        let number = &mut numbers[change.variable as usize];
        match change.assignment {
            Assignment::Assign => *number = value,
            Assignment::Increase => *number += value,
            Assignment::Decrease => *number -= value,
            Assignment::ScaleUp => *number *= value,
            Assignment::ScaleDown => *number /= value,
        }
    }

    fn same(&self, other: &Self) -> bool {
        let close = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
        self.atoms == other.atoms && self.numbers.iter().zip(&other.numbers).all(close)
    }
}

/// Two changes of one number by one action have no defined order.
fn is_ambiguous(problem: &Problem) -> bool {
    let text = problem.domain().to_string();
    text.split("(:action").skip(1).any(|action| {
        ["(assign", "(increase (n", "(increase (m", "(decrease", "(scale"]
            .iter()
            .map(|word| action.matches(word).count())
            .sum::<usize>()
            > 1
            || (action.contains("(forall") && action.contains("(assign"))
    })
}

/// The worlds that can be reached, as many as are looked at. Where a number has become too large for
/// one, no search goes on.
fn explore(
    problem: &Problem,
    from: &World,
    states: usize,
    mut visit: impl FnMut(&World, &[(GroundAction, World)]),
) {
    let mut seen = vec![from.clone()];
    let mut keys: BTreeSet<String> = seen.iter().map(|w| format!("{w:?}")).collect();
    let mut next = 0;
    while next < seen.len() && next < states {
        let world = seen[next].clone();
        let steps = brute::steps(problem, &world);
        visit(&world, &steps);
        for (_, after) in steps {
            let finite = after.values.values().all(|value| value.is_finite());
            if finite && keys.insert(format!("{after:?}")) {
                seen.push(after);
            }
        }
        next += 1;
    }
}

/// A ground task at work: what it takes to hold it against direct evaluation.
struct Bench<'a> {
    problem: &'a Problem,
    ground: &'a GroundTask,
    by_action: BTreeMap<(u32, &'a [ObjectId]), Vec<&'a Operator>>,
}

impl<'a> Bench<'a> {
    fn new(problem: &'a Problem, ground: &'a GroundTask) -> Self {
        let mut by_action: BTreeMap<(u32, &[ObjectId]), Vec<&Operator>> = BTreeMap::new();
        for operator in &ground.operators {
            by_action.entry((operator.schema, &operator.args)).or_default().push(operator);
        }
        Self { problem, ground, by_action }
    }

    fn text(&self) -> String {
        format!("{}\n{}\n{:#?}", self.problem.domain(), self.problem, self.ground)
    }

    /// Holds the ground task against what can be reached from a world.
    fn check(&self, from: &World, states: usize) {
        explore(self.problem, from, states, |world, steps| {
            let judge = Judge::new(self.problem, world);
            let reached = judge.holds(self.problem.goal(), &[]);
            if self.ground.hopeless {
                assert!(!reached, "called hopeless\n{}", self.text());
                return;
            }
            let here = Ground::of(self.ground, world);
            check_state(self.ground, &judge, &here, &|| self.text());
            let g = self.ground;
            let satisfied = here.satisfies(g, &g.goal_holds, &g.goal_lacks, &g.goal_compares);
            assert_eq!(satisfied, reached, "goal in {world:?}\n{}", self.text());
            self.check_steps(world, &here, steps);
        });
    }

    fn check_steps(&self, world: &World, here: &Ground, steps: &[(GroundAction, World)]) {
        let ground = self.ground;
        let applicable = |o: &&&Operator| here.satisfies(ground, &o.holds, &o.lacks, &o.compares);
        let mut lifted = BTreeSet::new();
        for (action, next) in steps {
            lifted.insert((action.schema.0, &action.args[..]));
            let there = Ground::of(ground, next);
            let list = self.by_action.get(&(action.schema.0, &action.args[..]));
            let list: Vec<_> = list.into_iter().flatten().filter(applicable).collect();
            let shown = self.problem.symbols().show_action(action).to_string();
            if list.is_empty() {
                assert!(here.same(&there), "{shown} is missing in {world:?}\n{}", self.text());
            }
            for operator in list {
                let after = here.apply(ground, operator);
                assert!(after.same(&there), "{shown} in {world:?}: {after:?}\n{}", self.text());
                if ground.metric == GroundMetric::Costs {
                    let grown = self.cost(next) - self.cost(world);
                    assert_eq!(f64::from(operator.cost) / ground.cost_scale, grown);
                }
            }
        }
        for operator in ground.operators.iter().filter(|o| applicable(&o)) {
            let known = lifted.contains(&(operator.schema, &operator.args[..]));
            assert!(known, "{operator:?} in {world:?}\n{}", self.text());
        }
    }

    fn cost(&self, world: &World) -> f64 {
        let total = self.problem.domain().function("total-cost").unwrap();
        world.values.iter().find(|(f, _)| f.function == total).map_or(0.0, |(_, &v)| v)
    }
}

fn check(problem: &Problem) {
    let task = Task::new(problem);
    let ground = GroundTask::new(&task);
    // As text, because NaN is not equal to itself.
    let again = format!("{:?}", GroundTask::new(&Task::new(problem)));
    assert_eq!(format!("{ground:?}"), again, "grounding differs from run to run");
    check_form(&ground);
    let world = World::of(problem);
    if !ground.hopeless {
        let init: BTreeSet<AtomId> = ground.init.iter().copied().collect();
        let start = Ground::new(&ground, init, ground.numeric_init.clone());
        assert!(start.same(&Ground::of(&ground, &world)));
    }
    Bench::new(problem, &ground).check(&world, MAX_STATES);
}

/// Moves a ground task to reachable states and to others, and holds it against direct evaluation
/// wherever it says that it is right. Returns how often it did.
fn check_restarts(problem: &Problem, toggled: &[usize]) -> usize {
    let task = Task::new(problem);
    let (init, values, goal) = (problem.init(), problem.values(), problem.goal());
    let clock = StoppedClock::default();
    let made = Grounding::new(&task, init, values, goal, &Limits::NONE, &clock);
    let mut grounding = made.ok().unwrap();
    let mut worlds = vec![];
    explore(problem, &World::of(problem), 6, |world, _| worlds.push(world.clone()));
    let all: Vec<Atom> = (0..problem.symbols().predicates.len() as u32)
        .filter(|&p| problem.domain().axioms().iter().all(|a| a.predicate.0 != p))
        .flat_map(|p| problem.symbols().atoms_of(PredicateId(p)))
        .collect();
    let reachable = worlds.len();
    for (i, toggle) in toggled.iter().enumerate() {
        let mut world = worlds[i % reachable].clone();
        let atom = &all[toggle % all.len()];
        if !world.state.remove(atom) {
            world.state.insert(atom.clone());
        }
        worlds.push(world);
    }
    let mut right = 0;
    for (i, world) in worlds.iter().enumerate() {
        let moved = grounding.restart(&world.state, &world.values, goal);
        let numbers = world.values == *problem.values();
        if i < reachable && numbers && !grounding.task().hopeless {
            assert!(moved, "not right for a reachable state\n{}", problem.domain());
        }
        if moved {
            right += 1;
            let ground = grounding.task();
            let init: BTreeSet<AtomId> = ground.init.iter().copied().collect();
            let start = Ground::new(ground, init, ground.numeric_init.clone());
            assert!(start.same(&Ground::of(ground, world)));
            Bench::new(problem, ground).check(world, 12);
        }
    }
    right
}

fn check_state(task: &GroundTask, judge: &Judge<'_>, here: &Ground, text: &dyn Fn() -> String) {
    for (id, atom) in task.atoms.iter().enumerate().skip(task.basic) {
        // Invented atoms are beyond the predicates that the judge knows.
        if judge.facts.iter().any(|f| f.predicate == atom.predicate) || !atom.args.is_empty() {
            let holds = here.atoms.contains(&(id as u32));
            assert_eq!(judge.facts.contains(atom), holds, "derived {atom:?}\n{}", text());
        }
    }
    let count = |atoms: &[AtomId]| atoms.iter().filter(|&a| here.atoms.contains(a)).count();
    for group in &task.mutexes {
        assert!(count(group) <= 1, "{group:?} is no mutex group\n{}", text());
    }
    for group in &task.groups {
        let held = count(&group.atoms);
        assert!(
            held == 1
                || held == 0 && !group.exhaustive
                || group.atoms.len() == 1 && !group.exhaustive,
            "{group:?}\n{}",
            text()
        );
    }
}

/// The promises of the fields' documentation.
fn check_form(task: &GroundTask) {
    let ascending = |list: &[u32]| list.windows(2).all(|w| w[0] < w[1]);
    for o in &task.operators {
        for list in [&o.holds, &o.lacks, &o.compares, &o.adds, &o.deletes] {
            assert!(ascending(list), "{o:?}");
        }
        assert!(o.adds.iter().all(|a| o.deletes.binary_search(a).is_err()), "{o:?}");
        let changed = o.adds.iter().chain(&o.deletes);
        let conditional = o.conditional.iter().flat_map(|e| e.adds.iter().chain(&e.deletes));
        assert!(changed.chain(conditional).all(|&a| (a as usize) < task.basic), "{o:?}");
    }
    let key = |o: &Operator| (o.schema, o.args.clone());
    assert!(task.operators.windows(2).all(|w| key(&w[0]) <= key(&w[1])));
    assert!(task.layers.is_sorted());
    assert_eq!(task.atoms.len(), task.basic + task.layers.len());
    let layer = |a: AtomId| (a as usize).checked_sub(task.basic).map(|i| task.layers[i]);
    for axiom in &task.axioms {
        assert!(axiom.holds.iter().all(|&a| layer(a) <= layer(axiom.head)), "{axiom:?}");
        assert!(axiom.lacks.iter().all(|&a| layer(a) < layer(axiom.head)), "{axiom:?}");
    }
    let mut covered: Vec<AtomId> = task.groups.iter().flat_map(|g| &g.atoms).copied().collect();
    covered.sort_unstable();
    assert_eq!(covered, (0..task.basic as AtomId).collect::<Vec<_>>());
}

/// A crate is put on another while held, so that it is clear and something is clear no longer: for one
/// and the same crate that would be too much, but then it was clear and held before.
#[test]
fn crates_are_clear_or_held_or_under_one_other() {
    let domain = "(define (domain hoist) (:requirements :typing) (:types surface - object crate pallet - surface)
        (:predicates (on ?c - crate ?s - surface) (held ?c - crate) (clear ?s - surface) (free))
        (:action lift :parameters (?c - crate ?s - surface)
          :precondition (and (free) (clear ?c) (on ?c ?s))
          :effect (and (held ?c) (clear ?s) (not (free)) (not (clear ?c)) (not (on ?c ?s))))
        (:action drop :parameters (?c - crate ?s - surface)
          :precondition (and (held ?c) (clear ?s))
          :effect (and (free) (clear ?c) (on ?c ?s) (not (held ?c)) (not (clear ?s)))))";
    let problem = "(define (problem p) (:domain hoist) (:objects a b - crate p q - pallet)
        (:init (on a p) (on b a) (clear b) (clear q) (free)) (:goal (and (on a b) (on b q))))";
    let domain = Domain::parse(domain, "hoist").unwrap();
    let problem = Problem::parse(problem, "p", &domain).unwrap();
    let task = Task::new(&problem);
    let ground = GroundTask::new(&task);
    let shown = |&atom: &AtomId| task.symbols().show_atom(&ground.atoms[atom as usize]).to_string();
    let groups: Vec<BTreeSet<String>> =
        ground.mutexes.iter().map(|group| group.iter().map(shown).collect()).collect();
    let clear_or =
        |other: &str| groups.iter().any(|g| g.contains("(clear a)") && g.contains(other));
    assert!(clear_or("(on b a)"), "{groups:?}");
    assert!(clear_or("(held a)"), "{groups:?}");
    assert!(!clear_or("(on a p)"), "{groups:?}");
}

/// Either where each disc is or what is on each place would do, but not one for some and the other for
/// the rest: that takes more variables, of which few are exhaustive.
#[test]
fn variables_of_hanoi_tell_what_is_on_each_place() {
    let ground = GroundTask::new(&support::hanoi::task(4));
    // Three pegs, three discs on which another fits, and the gripper.
    assert_eq!(ground.groups.len(), 7, "{:?}", ground.groups);
    assert!(ground.groups.iter().all(|group| group.exhaustive), "{:?}", ground.groups);
}

/// Moved from a place to the same place something stays, and what is added besides is one too many.
#[test]
fn what_is_added_again_makes_up_for_nothing() {
    let domain = "(define (domain stay) (:predicates (at ?x ?p) (seen ?x))
        (:action move :parameters (?x ?from ?to)
          :precondition (and (at ?x ?from) (at ?x ?to))
          :effect (and (not (at ?x ?from)) (at ?x ?to) (seen ?x))))";
    let problem = "(define (problem p) (:domain stay) (:objects a here) (:init (at a here))
        (:goal (and (at a here) (seen a))))";
    let domain = Domain::parse(domain, "stay").unwrap();
    check(&Problem::parse(problem, "p", &domain).unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ground_tasks_mean_what_lifted_ones_mean(bytes in vec(any::<u8>(), 0..500)) {
        let problem = adl::problem(&bytes);
        if !is_ambiguous(&problem) {
            check(&problem);
        }
    }

    #[test]
    fn strips_tasks_too(bytes in vec(any::<u8>(), 0..200)) {
        let problem = random::problem(&bytes);
        let task = Task::new(&problem);
        check_form(&GroundTask::new(&task));
    }

    #[test]
    fn a_ground_task_moves_to_states_that_it_is_right_for(
        bytes in vec(any::<u8>(), 0..500),
        toggled in vec(0usize..1000, 6),
    ) {
        let problem = adl::problem(&bytes);
        prop_assume!(!is_ambiguous(&problem));
        check_restarts(&problem, &toggled);
    }

    #[test]
    fn steps_of_a_plan_name_what_they_need_and_do(bytes in vec(any::<u8>(), 0..500)) {
        let problem = adl::problem(&bytes);
        prop_assume!(!is_ambiguous(&problem));
        let task = Task::new(&problem);
        explore(&problem, &World::of(&problem), MAX_STATES, |world, steps| {
            for (action, next) in steps {
                let path = [(action.schema.index(), action.args.clone(), 1)];
                let plan = task.plan(&world.state, &world.values, path);
                let step = &plan.steps[0];
                assert!(step.preconditions.iter().all(|l| l.holds_in(&world.state)));
                let mut state = world.state.clone();
                step.apply(&mut state);
                assert_eq!(state, next.state);
            }
        });
    }
}

#[test]
fn limits_end_grounding() {
    let problem = support::hanoi::task(8);
    let ground = |limits| {
        let clock = StoppedClock::default();
        GroundTask::within(
            &problem,
            problem.init(),
            problem.values(),
            problem.goal(),
            &limits,
            &clock,
        )
    };
    let limits = Limits { memory_bytes: 1000, ..Limits::NONE };
    assert_eq!(ground(limits).err(), Some(Limit::Memory));
    let limits = Limits { time: std::time::Duration::ZERO, ..Limits::NONE };
    assert_eq!(ground(limits).err(), Some(Limit::Time));
    assert!(ground(Limits::NONE).is_ok());
}
