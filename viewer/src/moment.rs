//! What is shown: what stays the same, and what is the case at one time.

use std::sync::Arc;

use ergon_bench::{Cast, Setup, places};
use ergon_energy::Ledger;
use ergon_sim::Simulator;
use ergon_sim::render::{Item, Material, Shape};
use ergon_vocab::{Belief, CameraImage, CameraSpec, Entity, ObjectId, Pose, Role};
use nalgebra::{Quaternion, Translation3, UnitQuaternion, Vector3};

use crate::Narration;

/// Something that is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Solid {
    /// Its shape, around its own origin.
    pub shape: Shape,
    /// Its surface.
    pub material: Material,
    /// Whether it throws a shadow.
    pub shadow: bool,
}

/// A body that can be moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// Its name.
    pub name: String,
    /// Its symbol.
    pub id: ObjectId,
    /// Its place among the solids.
    pub solid: usize,
    /// Full extents, m.
    pub size: Vector3<f64>,
    /// Its colour, linear light, 0 to 1.
    pub rgb: [f32; 3],
}

/// An area that bodies can be put on.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// The middle of its surface, base frame.
    pub centre: Vector3<f64>,
    /// Its extents along x and y, m.
    pub size: [f64; 2],
}

/// What does not change while something is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setting {
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the method.
    pub method: String,
    /// The seed.
    pub seed: u64,
    /// Everything that is drawn.
    pub solids: Vec<Solid>,
    /// The bodies, in the instance's order.
    pub bodies: Vec<Body>,
    /// The areas.
    pub places: Vec<Place>,
    /// The cameras, as the agent is told of them.
    pub cameras: Vec<CameraSpec>,
    /// The middle of the table's surface, base frame.
    pub table: Vector3<f64>,
}

impl Setting {
    /// The setting of an episode.
    pub fn new(setup: &Setup, cast: &Cast, seed: u64, method: &str, simulator: &Simulator) -> Self {
        let scenario = &setup.scenario;
        let instance = simulator.instance();
        let items = simulator.solids();
        let first = items.len().saturating_sub(instance.bodies.len());
        let bodies = cast.body_ids().zip(&instance.bodies).enumerate();
        Self {
            scenario: scenario.name.clone(),
            method: method.to_owned(),
            seed,
            bodies: bodies
                .map(|(i, (id, placed))| Body {
                    name: scenario.objects[placed.object].name.clone(),
                    id,
                    solid: first + i,
                    size: scenario.objects[placed.object].size,
                    rgb: scenario.objects[placed.object].rgb,
                })
                .collect(),
            places: places(scenario)
                .filter(|(_, entity)| entity.role == Role::Area)
                .map(|(name, entity)| Place {
                    name: name.clone(),
                    centre: entity.pose.translation.vector,
                    size: [entity.size.x, entity.size.y],
                })
                .collect(),
            cameras: cast.cell(scenario, instance).cameras,
            table: scenario.table.top,
            solids: items.iter().map(solid).collect(),
        }
    }

    /// The name of the body with a symbol.
    pub fn body(&self, id: ObjectId) -> Option<&Body> {
        self.bodies.iter().find(|b| b.id == id)
    }
}

fn solid(item: &Item) -> Solid {
    Solid { shape: item.shape, material: item.material, shadow: item.casts_shadow }
}

/// A body as the agent believes it to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// Where, how large, and how surely.
    pub entity: Entity,
    /// The colour it is drawn in, linear light.
    pub rgb: [f32; 3],
}

/// What is shown at one time.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Control steps since the episode began.
    pub step: u64,
    /// Time since the episode began, s.
    pub time_secs: f64,
    /// Poses of the setting's solids, base frame.
    pub poses: Vec<Pose>,
    /// The tool centre point, base frame.
    pub tcp: Pose,
    /// What the policy sees, where it sees.
    pub pictures: Vec<CameraImage>,
    /// The bodies as the agent believes them to be.
    pub seen: Vec<Seen>,
    /// What the agent has decided and believes.
    pub told: Arc<Narration>,
    /// Processor time so far, where it was counted.
    pub cost: Option<Ledger>,
}

impl Moment {
    /// The scene as it is now; nothing is sensed or believed yet.
    pub fn new(simulator: &Simulator, told: Arc<Narration>) -> Self {
        Self {
            step: simulator.step_count(),
            time_secs: simulator.time_secs(),
            poses: simulator.solids().iter().map(pose).collect(),
            tcp: simulator.ground_truth().tcp,
            pictures: Vec::new(),
            seen: Vec::new(),
            told,
            cost: None,
        }
    }
}

/// The bodies of a belief.
pub(crate) fn seen(belief: &Belief, setting: &Setting) -> Vec<Seen> {
    let known = belief.bodies().filter_map(|(id, entity)| {
        let body = setting.body(id)?;
        Some(Seen { name: body.name.clone(), entity: *entity, rgb: body.rgb })
    });
    known.collect()
}

fn pose(item: &Item) -> Pose {
    let [x, y, z] = item.pose.translation.to_array().map(f64::from);
    let [i, j, k, w] = item.pose.rotation.to_array().map(f64::from);
    let turn = UnitQuaternion::from_quaternion(Quaternion::new(w, i, j, k));
    Pose::from_parts(Translation3::new(x, y, z), turn)
}
