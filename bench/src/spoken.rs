//! What a sentence about a scenario can speak of, and the problem that its goal belongs to.

use ergon_planner::{
    Problem,
    goal_text::{Scene, Thing},
};
use ergon_scenarios::Instance;
use ergon_vocab::{Atom, Entity, Gripper, Pose, Role, State, Symbols};
use nalgebra::{Translation3, UnitQuaternion};

use crate::{Cast, Setup, SetupError, cast};

/// Where the gripper is while it has nothing to do with any body, m above the base, and how far open, m.
const ALOOF: (f64, f64) = (10.0, 0.08);

/// An episode as sentences speak of it.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// The bodies that take part, the places, and what may stand on what.
    pub scene: Scene,
    /// Objects and first state, as the bodies are placed; without a goal.
    pub problem: Problem,
    /// The PDDL predicate for standing on something.
    pub predicate: String,
}

impl Spoken {
    /// The episode of a seed.
    ///
    /// # Errors
    /// Scenario and domain do not fit each other, or no predicate stands for `on`.
    pub fn of(setup: &Setup, seed: u64) -> Result<Self, SetupError> {
        let scenario = &setup.scenario;
        let instance = scenario.instance(seed);
        let cast = Cast::new(setup, &instance, &ergon_controller::SKILLS)?;
        let unfit = |source| SetupError::Problem { scenario: scenario.name.clone(), source };
        let state = first_state(&cast, &instance);
        let names = cast::names(scenario, &instance);
        let problem = Problem::new(&scenario.name, &setup.domain, names).map_err(unfit)?;
        let problem = problem.with_init(state).map_err(unfit)?;
        let bound = scenario.task.predicates.iter().find(|(_, meaning)| *meaning == "on");
        let predicate = bound.map(|(predicate, _)| predicate.clone());
        let predicate =
            predicate.ok_or_else(|| SetupError::NoSupport { scenario: scenario.name.clone() })?;
        let scene = scene(setup, &instance, &problem, &predicate);
        Ok(Self { scene, problem, predicate })
    }
}

/// The facts where every body stands as it is placed and the gripper is away.
fn first_state(cast: &Cast, instance: &Instance) -> State {
    let mut entities = cast.still();
    for ((id, size), body) in cast.sizes().zip(&instance.bodies) {
        entities.insert(id, Entity::exact(Role::Body, body.pose, size));
    }
    let above = Translation3::new(0.0, 0.0, ALOOF.0);
    let tcp = Pose::from_parts(above, UnitQuaternion::identity());
    cast.grounder.ground(&entities, &Gripper { tcp, opening: ALOOF.1 }).state()
}

fn scene(setup: &Setup, instance: &Instance, problem: &Problem, on: &str) -> Scene {
    let scenario = &setup.scenario;
    let symbols = problem.symbols();
    let law = scenario.task.laws.iter().find(|law| law.wherever == on);
    let allowed = match law {
        Some(law) => pairs(symbols, problem.init(), &law.must),
        None => {
            let all = symbols.predicate(on).map(|id| symbols.atoms_of(id)).unwrap_or_default();
            all.iter().filter_map(|atom| pair(symbols, atom)).collect()
        }
    };
    let standing = pairs(symbols, problem.init(), on);
    let places: Vec<String> = cast::places(scenario).map(|(name, _)| name.clone()).collect();
    let at = |name: &str| {
        let mut below = name;
        // No chain is longer than there are bodies.
        for _ in 0..=instance.bodies.len() {
            below = &standing.iter().find(|(upper, _)| upper == below)?.1;
            if places.iter().any(|place| place == below) {
                return Some(below.to_owned());
            }
        }
        None
    };
    let objects = instance.bodies.iter().map(|body| &scenario.objects[body.object]);
    let things = objects
        .map(|object| Thing {
            name: object.name.clone(),
            colour: object.colour.clone(),
            size: object.size.x.max(object.size.y),
            at: at(&object.name),
        })
        .collect();
    Scene { things, places, allowed: allowed.into_iter().collect() }
}

/// The names of the two arguments of every atom of a predicate.
fn pairs(symbols: &Symbols, state: &State, predicate: &str) -> Vec<(String, String)> {
    let id = symbols.predicate(predicate);
    let of_it = state.iter().filter(|atom| Some(atom.predicate) == id);
    of_it.filter_map(|atom| pair(symbols, atom)).collect()
}

fn pair(symbols: &Symbols, atom: &Atom) -> Option<(String, String)> {
    let [a, b] = atom.args[..] else { return None };
    Some((symbols.object_name(a).to_owned(), symbols.object_name(b).to_owned()))
}
