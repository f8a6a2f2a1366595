//! Who plays what: the symbols of an episode and the things they stand for.

use std::collections::{BTreeMap, BTreeSet};

use ergon_controller::{ActionBindings, SkillStep};
use ergon_perception::gauge::Shape;
use ergon_perception::{Cell, CellBody, CellButton, Grounder};
use ergon_planner::{Problem, Task};
use ergon_scenarios::{
    Camera, Form, GoalLiteral, Instance, Object, PlacedBody, Scenario, SkillArg, Takes,
};
use ergon_sim::{GroundTruth, hand_from_tool};
use ergon_vocab::{
    CameraSpec, Entity, Evidence, Fit, Hollow, Literal, Mount, ObjectId, Pose, PredicateId, Role,
    corners,
};
use nalgebra::{Translation3, UnitQuaternion, Vector3};

use crate::{Setup, SetupError};

/// The symbols of one episode, bound to its scene.
#[derive(Clone, Debug)]
pub struct Cast {
    /// The planning problem without an initial state.
    pub problem: Problem,
    /// The planning task without an initial state: that comes from perception.
    pub task: Task,
    /// What shall hold in the end.
    pub goal: Vec<Literal>,
    /// Judges facts.
    pub grounder: Grounder,
    /// The skills of each action.
    pub bindings: ActionBindings,
    /// Pairs of predicates: wherever the first holds, the second must.
    pub laws: Vec<(PredicateId, PredicateId)>,
    /// What does not move.
    places: BTreeMap<ObjectId, Entity>,
    /// Symbols of the buttons, in the scenario's order.
    buttons: Vec<ObjectId>,
    /// Symbol of each body, and what it is besides its pose, in the instance's order.
    bodies: Vec<(ObjectId, Entity)>,
}

impl Cast {
    /// Binds domain, scenario and instance; `skills` are the names of the skills there are.
    ///
    /// # Errors
    /// They do not fit each other.
    pub fn new(setup: &Setup, instance: &Instance, skills: &[&str]) -> Result<Self, SetupError> {
        let Setup { scenario, domain, .. } = setup;
        let name = || scenario.name.clone();
        let unfit = |source| SetupError::Problem { scenario: name(), source };
        let problem =
            Problem::new(&scenario.name, domain, names(scenario, instance)).map_err(unfit)?;
        let goal = instance
            .goal
            .iter()
            .map(|literal| goal_literal(&problem, literal))
            .collect::<Result<Vec<_>, _>>()
            .map_err(unfit)?;
        let problem = problem.with_goal(goal.clone()).map_err(unfit)?;
        let task = Task::new(&problem);
        let symbols = task.symbols();
        let grounder = Grounder::new(symbols, &scenario.task.predicates)
            .map_err(|source| SetupError::Predicates { scenario: name(), source })?;
        let bindings = ActionBindings::new(symbols, &skill_steps(scenario), skills)
            .map_err(|source| SetupError::Actions { scenario: name(), source })?;
        let id = |object: &str| symbols.object(object);
        let bodies = instance
            .bodies
            .iter()
            .map(|b| &scenario.objects[b.object])
            .filter_map(|object| Some((id(&object.name)?, body(scenario, object))))
            .collect();
        let buttons = scenario.buttons.iter().filter_map(|b| id(&b.name)).collect();
        let places = places(scenario).filter_map(|(n, e)| Some((id(n)?, e))).collect();
        let laws = laws(setup, &task)?;
        Ok(Self { problem, goal, grounder, bindings, laws, places, buttons, bodies, task })
    }

    /// Everything with its true geometry, for the judge, for labels, and for the oracle perceiver.
    pub fn entities(&self, truth: &GroundTruth) -> BTreeMap<ObjectId, Entity> {
        let mut entities = self.places.clone();
        entities.extend(self.bodies_at(truth.bodies.iter().map(|b| b.pose)));
        let changed =
            self.bodies.iter().map(|(id, _)| id).zip(truth.bodies.iter().map(|b| b.changed));
        let on = self.buttons.iter().zip(truth.buttons.iter().copied());
        for (id, changed) in changed.chain(on) {
            if let Some(entity) = entities.get_mut(id) {
                entity.changed = Evidence::from_slack(if changed { 1.0 } else { -1.0 });
            }
        }
        entities
    }

    /// Everything where the instance puts it, for those who have no simulator.
    pub(crate) fn placed(&self, instance: &Instance) -> BTreeMap<ObjectId, Entity> {
        let bodies = self.bodies_at(instance.bodies.iter().map(|b| b.pose));
        self.places.iter().map(|(&id, &place)| (id, place)).chain(bodies).collect()
    }

    fn bodies_at(
        &self,
        poses: impl Iterator<Item = Pose>,
    ) -> impl Iterator<Item = (ObjectId, Entity)> {
        let bodies = self.bodies.iter().zip(poses);
        bodies.map(|(&(id, body), pose)| (id, Entity { pose, ..body }))
    }

    /// What the agent is told of the cell: where its cameras are said to be, its places, the colours of
    /// its bodies.
    pub fn cell(&self, scenario: &Scenario, instance: &Instance) -> Cell {
        let bodies = self.bodies.iter().zip(&instance.bodies);
        let body = |(&(id, entity), placed): (&(ObjectId, Entity), &PlacedBody)| {
            let object = &scenario.objects[placed.object];
            CellBody {
                id,
                colour: object.colour.clone(),
                changed: object.change.as_ref().map(|change| change.paint.name.clone()),
                fit: entity.fit,
                // What is no cube stands on the table with its flat side, and only its width is measured.
                height: shape(object).flat.then_some(object.size.z),
                shape: shape(object),
                hollow: entity.hollow,
            }
        };
        let buttons = self.buttons.iter().zip(&scenario.buttons);
        Cell {
            cameras: scenario.cameras.iter().map(camera).collect(),
            places: self.places.clone(),
            outlines: outlines(scenario).collect(),
            bodies: bodies.map(body).collect(),
            buttons: buttons
                .map(|(&id, b)| CellButton { id, colours: b.paints.clone().map(|p| p.name) })
                .collect(),
        }
    }

    /// What does not move.
    pub(crate) fn still(&self) -> BTreeMap<ObjectId, Entity> {
        self.places.clone()
    }

    /// Symbol and size of each body, in the instance's order.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = (ObjectId, Vector3<f64>)> {
        self.bodies.iter().map(|&(id, body)| (id, body.size))
    }

    /// The symbol of each body, in the instance's order.
    pub fn body_ids(&self) -> impl Iterator<Item = ObjectId> {
        self.bodies.iter().map(|(id, ..)| *id)
    }
}

/// A camera as the agent is told of it: those of the hand are given from the tool.
pub fn camera(camera: &Camera) -> CameraSpec {
    let (mount, mount_from_camera) = match camera.mount {
        ergon_scenarios::Mount::Cell => (Mount::Cell, camera.mount_from_camera),
        ergon_scenarios::Mount::Hand => {
            (Mount::Tool, hand_from_tool().inverse() * camera.mount_from_camera)
        }
    };
    let (fov_y, size) = (camera.fov_y, camera.size);
    CameraSpec { name: camera.name.clone(), mount, mount_from_camera, fov_y, size }
}

/// Names and types of all things of an episode.
pub(crate) fn names<'a>(
    scenario: &'a Scenario,
    instance: &'a Instance,
) -> impl Iterator<Item = (&'a String, &'a String)> {
    let bodies = instance.bodies.iter().map(|b| &scenario.objects[b.object]);
    bodies
        .map(|o| (&o.name, &o.type_name))
        .chain(scenario.areas.iter().map(|a| (&a.name, &a.type_name)))
        .chain(scenario.bins.iter().map(|b| (&b.name, &b.type_name)))
        .chain(scenario.buttons.iter().map(|b| (&b.name, &b.type_name)))
        .chain([(&scenario.table.name, &scenario.table.type_name)])
}

/// The corners of areas and of bins, of these at the outside of their rims, base frame, m.
pub fn outlines(scenario: &Scenario) -> impl Iterator<Item = [Vector3<f64>; 4]> {
    let areas = scenario.areas.iter().map(|a| corners(&a.centre, &a.size));
    areas.chain(scenario.bins.iter().map(|bin| {
        let (centre, size) = bin.outside();
        corners(&centre, &size)
    }))
}

/// What the agent is told of an object's shape.
pub fn shape(object: &Object) -> Shape {
    Shape { round: object.form == Form::Disc, flat: object.size.z != object.size.x }
}

/// A body, but for its pose.
fn body(scenario: &Scenario, object: &Object) -> Entity {
    // A body of no kind fits where any kind does.
    let kinds = object.kind.as_ref().map_or(1 << 63, |kind| bit(scenario, kind));
    let hollow = Hollow { width: object.hole, floor: object.floor };
    Entity {
        fit: Fit { kinds, ..Fit::ANY },
        hollow: (object.floor > 0.0 && object.hole > 0.0).then_some(hollow),
        ..Entity::exact(Role::Body, Pose::identity(), object.size)
    }
}

/// What fits a place that takes this.
fn taken(scenario: &Scenario, takes: &Takes) -> Fit {
    let kinds = match takes.kinds.as_slice() {
        [] => u64::MAX,
        kinds => kinds.iter().map(|kind| bit(scenario, kind)).fold(0, |all, one| all | one),
    };
    Fit { kinds, widths: takes.widths }
}

/// The bit that stands for a kind: its place among all kinds that there are.
fn bit(scenario: &Scenario, kind: &String) -> u64 {
    let kinds: BTreeSet<&String> =
        scenario.objects.iter().filter_map(|o| o.kind.as_ref()).collect();
    kinds.iter().position(|known| *known == kind).map_or(0, |at| 1 << at)
}

/// The areas of a scenario, then its bins, its buttons and its table, with their names.
pub fn places(scenario: &Scenario) -> impl Iterator<Item = (&String, Entity)> {
    let entity = |role, at: Vector3<f64>, x, y| {
        let pose = Pose::from_parts(Translation3::from(at), UnitQuaternion::identity());
        Entity::exact(role, pose, Vector3::new(x, y, 0.0))
    };
    let table = &scenario.table;
    scenario
        .areas
        .iter()
        .map(move |a| {
            let (fit, rod) = (taken(scenario, &a.takes), a.rod.map_or(0.0, |rod| rod.height));
            (&a.name, Entity { fit, rod, ..entity(Role::Area, a.centre, a.size.x, a.size.y) })
        })
        .chain(scenario.bins.iter().map(move |b| {
            let fit = taken(scenario, &b.takes);
            (&b.name, Entity { fit, ..entity(Role::Bin, b.centre, b.size.x, b.size.y) })
        }))
        .chain(scenario.buttons.iter().map(|b| {
            let pose = Pose::from(b.centre + Vector3::z() * (b.height / 2.0));
            let size = Vector3::new(2.0 * b.radius, 2.0 * b.radius, b.height);
            (&b.name, Entity::exact(Role::Button, pose, size))
        }))
        .chain([(&table.name, entity(Role::Surface, table.top, table.size.x, table.size.y))])
}

fn goal_literal(
    problem: &Problem,
    literal: &GoalLiteral,
) -> Result<Literal, ergon_planner::ProblemError> {
    let args: Vec<&str> = literal.args.iter().map(String::as_str).collect();
    Ok(Literal { atom: problem.atom(&literal.predicate, &args)?, positive: literal.positive })
}

fn skill_steps(scenario: &Scenario) -> BTreeMap<String, Vec<SkillStep>> {
    let step = |t: &ergon_scenarios::SkillTemplate| SkillStep {
        skill: t.skill.clone(),
        args: t
            .args
            .iter()
            .map(|a| match a {
                SkillArg::Parameter(name) | SkillArg::Name(name) => name.clone(),
            })
            .collect(),
    };
    let actions = &scenario.task.actions;
    actions.iter().map(|(name, steps)| (name.clone(), steps.iter().map(step).collect())).collect()
}

fn laws(setup: &Setup, task: &Task) -> Result<Vec<(PredicateId, PredicateId)>, SetupError> {
    let find = |predicate: &String| {
        task.symbols().predicate(predicate).ok_or_else(|| SetupError::Law {
            scenario: setup.scenario.name.clone(),
            predicate: predicate.clone(),
        })
    };
    let laws = &setup.scenario.task.laws;
    laws.iter().map(|law| Ok((find(&law.wherever)?, find(&law.must)?))).collect()
}
