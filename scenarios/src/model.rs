//! A scenario, checked: SI units, radians, the robot's base frame.

use std::collections::BTreeMap;
use std::path::Path;

use ergon_vocab::Pose;
use nalgebra::{Matrix3, Rotation3, Translation3, UnitQuaternion, Vector2, Vector3};

use crate::document::{self, Override, ReadText};
use crate::variation::VariationSpec;
use crate::{ScenarioError, bind};

/// A scenario file, read and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Short name, such as `hanoi-3`.
    pub name: String,
    /// One line for people.
    pub description: String,
    /// What is to be done.
    pub task: Task,
    /// Who does it.
    pub robot: RobotSpec,
    /// On what.
    pub table: Table,
    /// Marked places on the table.
    pub areas: Vec<Area>,
    /// Bins on the table, which hold many bodies.
    pub bins: Vec<Bin>,
    /// Buttons on the table.
    pub buttons: Vec<Button>,
    /// Bodies that may take part, in the file's order.
    pub objects: Vec<Object>,
    /// Where they stand at first.
    pub placement: Placement,
    /// Cameras of the cell.
    pub cameras: Vec<Camera>,
    /// When to stop.
    pub limits: Limits,
    /// What goes wrong, by intention.
    pub disturbances: Vec<DisturbanceSpec>,
    /// How far the cell may be from its description.
    pub variation: VariationSpec,
    /// The merged file as TOML text; [`Scenario::parse`] reads it back to the same scenario.
    pub source: String,
}

/// The symbolic side of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Path of the PDDL domain.
    pub domain: String,
    /// What shall hold in the end.
    pub goal: Goal,
    /// What the domain calls the types of the scene's things, where it has other names for them.
    pub types: BTreeMap<String, String>,
    /// The geometric predicate that gives each PDDL predicate its meaning.
    pub predicates: BTreeMap<String, String>,
    /// The skills that execute each PDDL action, in order.
    pub actions: BTreeMap<String, Vec<SkillTemplate>>,
    /// What no state may break; the judge counts where it is broken.
    pub laws: Vec<Law>,
}

/// A law of two predicates over the same arguments: wherever one holds, the other must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Law {
    /// Name of the PDDL predicate that calls for the other.
    pub wherever: String,
    /// Name of the PDDL predicate that must then hold.
    pub must: String,
}

/// What shall hold in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// All bodies of the episode stacked on this area, each on the next larger one.
    Tower(String),
    /// These literals.
    Facts(Vec<GoalLiteral>),
    /// This predicate of each body of the episode.
    All(String),
    /// Any legal state other than the first, drawn by the seed.
    AnyState,
    /// Any one legal move, drawn by the seed.
    AnyMove,
}

/// A literal in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoalLiteral {
    /// Name of the PDDL predicate.
    pub predicate: String,
    /// Names of its arguments.
    pub args: Vec<String>,
    /// False for `(not ...)`.
    pub positive: bool,
}

/// A skill applied to parameters of an action, such as `reach_place ?d ?l`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkillTemplate {
    /// Name of the skill.
    pub skill: String,
    /// Its arguments.
    pub args: Vec<SkillArg>,
}

/// An argument of a skill template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SkillArg {
    /// A parameter of the action, with its `?`.
    Parameter(String),
    /// A name of the scene.
    Name(String),
}

/// The arm.
#[derive(Clone, Debug, PartialEq)]
pub struct RobotSpec {
    /// Which arm.
    pub model: RobotModel,
    /// Height of the base frame's origin above the floor, m.
    pub height: f64,
    /// Standard deviation of the joint positions at the start, rad.
    pub joint_noise_std: f64,
}

/// The arms that the simulator knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RobotModel {
    /// 7 joints, parallel gripper; kinematics of the Franka Emika Panda.
    Panda,
}

/// The table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Name of the PDDL object that stands for it.
    pub name: String,
    /// PDDL type of that object.
    pub type_name: String,
    /// Middle of its top face, base frame, m.
    pub top: Vector3<f64>,
    /// Extents along x and y and thickness, m.
    pub size: Vector3<f64>,
    /// Coulomb friction coefficient.
    pub friction: f64,
}

/// A marked place on the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Area {
    /// Name of the PDDL object that stands for it.
    pub name: String,
    /// PDDL type of that object.
    pub type_name: String,
    /// Its middle on the table's top face, base frame, m.
    pub centre: Vector3<f64>,
    /// Extents along x and y, m.
    pub size: Vector2<f64>,
    /// What stands on it.
    pub rod: Option<Rod>,
    /// What belongs onto it.
    pub takes: Takes,
}

/// A part of the table that holds many bodies, each anywhere in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Bin {
    /// Name of the PDDL object that stands for it.
    pub name: String,
    /// PDDL type of that object.
    pub type_name: String,
    /// Its middle on the table's top face, base frame, m.
    pub centre: Vector3<f64>,
    /// Extents along x and y, within the rim, m.
    pub size: Vector2<f64>,
    /// Height of the rim around it, m; 0 for a bin that is only painted.
    pub rim: f64,
    /// What belongs into it.
    pub takes: Takes,
}

/// What belongs into a bin or onto an area.
#[derive(Clone, Debug, PartialEq)]
pub struct Takes {
    /// Kinds of bodies; all where none is named.
    pub kinds: Vec<String>,
    /// Least and greatest width of a body, m.
    pub widths: [f64; 2],
}

/// A rod that stands on the middle of an area, for bodies with a hole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rod {
    /// Half its width, m.
    pub radius: f64,
    /// Its height, m.
    pub height: f64,
    /// Whether it is square, its sides along x and y.
    pub square: bool,
}

impl Bin {
    /// Thickness of a rim, m.
    const RIM: f64 = 0.006;

    /// Its middle at the height of its rim and its extents over the rim, base frame, m.
    pub fn outside(&self) -> (Vector3<f64>, Vector2<f64>) {
        let border = if self.rim > 0.0 { 2.0 * Self::RIM } else { 0.0 };
        (self.centre + Vector3::z() * self.rim, self.size.add_scalar(border))
    }

    /// The bars of its rim: middle and full extents of each, base frame, m. None where it has no rim.
    pub fn bars(&self) -> impl Iterator<Item = (Vector3<f64>, Vector3<f64>)> {
        let [x, y] = [self.size.x + Self::RIM, self.size.y + Self::RIM];
        let long = Vector3::new(x + Self::RIM, Self::RIM, self.rim);
        let across = Vector3::new(Self::RIM, self.size.y, self.rim);
        let bars = [
            (Vector3::new(0.0, y / 2.0, 0.0), long),
            (Vector3::new(0.0, -y / 2.0, 0.0), long),
            (Vector3::new(x / 2.0, 0.0, 0.0), across),
            (Vector3::new(-x / 2.0, 0.0, 0.0), across),
        ];
        let (middle, up) = (self.centre, Vector3::z() * (self.rim / 2.0));
        bars.into_iter().filter(|_| self.rim > 0.0).map(move |(at, size)| (middle + at + up, size))
    }
}

/// A button that stands on the table. What presses it from above switches it on or off, and with it the heat of
/// an area.
#[derive(Clone, Debug, PartialEq)]
pub struct Button {
    /// Name of the PDDL object that stands for it.
    pub name: String,
    /// PDDL type of that object.
    pub type_name: String,
    /// Its middle on the table's top face, base frame, m.
    pub centre: Vector3<f64>,
    /// Its radius, m.
    pub radius: f64,
    /// Its height, m.
    pub height: f64,
    /// How it looks while it is off, and while it is on.
    pub paints: [Paint; 2],
    /// Index of the area that it heats while it is on.
    pub heats: usize,
}

/// A colour with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Paint {
    /// Its name.
    pub name: String,
    /// Linear light, 0 to 1, RGB.
    pub rgb: [f32; 3],
}

/// What becomes of a body that is heated.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// How it looks afterwards.
    pub paint: Paint,
    /// For how long it has to be heated, s.
    pub after_secs: f64,
}

/// The outline of a body, seen from above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A rectangle.
    Box,
    /// A circle.
    Disc,
}

/// A body that can be moved: a box or a disc, with or without a hole from top to bottom.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Name of the PDDL object that stands for it.
    pub name: String,
    /// PDDL type of that object.
    pub type_name: String,
    /// What bins ask for besides its width.
    pub kind: Option<String>,
    /// Indices of the areas of which it stands on a free one at first, where bodies are scattered; empty where
    /// it is scattered itself.
    pub on: Vec<usize>,
    /// Its outline, and that of its hole.
    pub form: Form,
    /// Width of the hole, m; 0 without one.
    pub hole: f64,
    /// Thickness of what closes the hole at the bottom, m; 0 where it is open.
    pub floor: f64,
    /// What becomes of it when it is heated.
    pub change: Option<Change>,
    /// Full extents, m.
    pub size: Vector3<f64>,
    /// Name of the colour.
    pub colour: String,
    /// The colour, linear light, 0 to 1, RGB.
    pub rgb: [f32; 3],
    /// Mass, kg.
    pub mass: f64,
    /// Coulomb friction coefficient.
    pub friction: f64,
}

impl Object {
    /// The bars around the hole of a box: middle and full extents of each, the body's frame, m.
    pub fn bars(&self) -> impl Iterator<Item = (Vector3<f64>, Vector3<f64>)> {
        let [[x, y, z]] = self.size.data.0;
        let wide = (self.size.xy() - Vector2::repeat(self.hole)) / 2.0;
        let (along, across) = (Vector3::new(x, wide.y, z), Vector3::new(wide.x, self.hole, z));
        let (up, aside) = ((y - wide.y) / 2.0, (x - wide.x) / 2.0);
        [
            (Vector3::new(0.0, up, 0.0), along),
            (Vector3::new(0.0, -up, 0.0), along),
            (Vector3::new(aside, 0.0, 0.0), across),
            (Vector3::new(-aside, 0.0, 0.0), across),
        ]
        .into_iter()
    }
}

/// How the bodies stand at first.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// Index of the area on which the tower stands; without meaning where bodies are scattered.
    pub at: usize,
    /// Draw this many of the objects; all of them when `None`.
    pub random_selection: Option<usize>,
    /// Any legal state, drawn uniformly, instead of one tower.
    pub random_placement: bool,
    /// Each body by itself, anywhere in this rectangle of the table that is off areas and bins, instead of
    /// one tower: lowest and highest x, lowest and highest y, base frame, m.
    pub scatter: Option<[[f64; 2]; 2]>,
    /// Standard deviation of x and y, shared by the bodies of one stack, m.
    pub jitter_std: f64,
    /// Standard deviation of the yaw of each body, rad.
    pub yaw_std: f64,
}

/// A camera of the cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Camera {
    /// Its name, such as `agent`.
    pub name: String,
    /// What it is fixed to.
    pub mount: Mount,
    /// Its pose in the mount's frame; x right, y down, z into the picture.
    pub mount_from_camera: Pose,
    /// Vertical field of view, rad.
    pub fov_y: f64,
    /// Width and height of the agent's pictures, pixels.
    pub size: [usize; 2],
}

impl Camera {
    /// Pose of a camera at `position` that looks at `target` with `up` upwards in the picture, all in
    /// the mount's frame, m; `None` when they do not span a view.
    pub fn look_at(position: Vector3<f64>, target: Vector3<f64>, up: Vector3<f64>) -> Option<Pose> {
        let forward = (target - position).try_normalize(1e-9)?;
        let right = forward.cross(&up).try_normalize(1e-6)?;
        let down = forward.cross(&right);
        let axes = Rotation3::from_matrix_unchecked(Matrix3::from_columns(&[right, down, forward]));
        let turn = UnitQuaternion::from_rotation_matrix(&axes);
        Some(Pose::from_parts(Translation3::from(position), turn))
    }
}

/// What a camera is fixed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mount {
    /// The cell; its frame is the base frame.
    Cell,
    /// The hand; its frame is the hand's.
    Hand,
}

/// When an episode ends without success.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Simulated time, s.
    pub time_secs: f64,
    /// New plans after the first.
    pub replans: u32,
    /// Attempts at one action before a new plan is made.
    pub attempts: u32,
}

/// Something that goes wrong by intention; the seed decides between the bounds.
#[derive(Clone, Debug, PartialEq)]
pub enum DisturbanceSpec {
    /// A body gets a push.
    Knock {
        /// Earliest and latest time, s.
        at_secs: [f64; 2],
        /// Index of the object; `None` for any that lies open and is not held.
        object: Option<usize>,
        /// Least and greatest speed that the push gives, m/s.
        speed: [f64; 2],
        /// What it waits for.
        moment: Moment,
    },
    /// The finger pads lose their grip for a while, the next time they hold a body.
    Slip {
        /// Earliest and latest time, s.
        at_secs: [f64; 2],
        /// For how long, s.
        for_secs: f64,
        /// Friction coefficient meanwhile.
        friction: f64,
    },
    /// A grey board is held before a camera.
    Occlusion {
        /// Earliest and latest time, s.
        at_secs: [f64; 2],
        /// For how long, s.
        for_secs: f64,
        /// Index of the camera.
        camera: usize,
    },
}

/// What a knock waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Moment {
    /// Nothing but its time.
    #[default]
    Any,
    /// The fingers are about to close around a body, which is the one that is hit: the grasp misses.
    Grasping,
    /// The gripper holds a body; another one is hit, which may be where the held one was to go.
    Holding,
}

impl Moment {
    /// All moments by name.
    pub const ALL: [(&'static str, Self); 3] =
        [("any", Self::Any), ("grasping", Self::Grasping), ("holding", Self::Holding)];
}

impl Scenario {
    /// Reads a scenario and the files it extends, lays `overrides` upon it and checks it.
    ///
    /// # Errors
    /// A file cannot be read, is not TOML, or a key is missing, unknown or out of its range; the error
    /// names file, line, key, expectation and remedy.
    pub fn load(
        path: &Path,
        overrides: &[Override],
        read: ReadText<'_>,
    ) -> Result<Self, ScenarioError> {
        let mut tree = document::load(path, read)?;
        for change in overrides {
            document::set(&mut tree, change)?;
        }
        bind::scenario(&tree)
    }

    /// Reads a scenario from one text that extends nothing; `file` names it in errors.
    ///
    /// # Errors
    /// As [`Scenario::load`].
    pub fn parse(text: &str, file: &str) -> Result<Self, ScenarioError> {
        bind::scenario(&document::parse(text, file)?)
    }

    /// Index of the object of that name.
    pub fn object(&self, name: &str) -> Option<usize> {
        self.objects.iter().position(|o| o.name == name)
    }
}
