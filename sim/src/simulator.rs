//! The simulated cell as a robot.

use ergon_scenarios::{Camera, DisturbanceKind, Instance, Moment, Scenario};
use ergon_vocab::{CameraImage, Command, Image, Observation, Pose, Robot, RobotError};
use nalgebra::{Translation3, Vector3};
use rapier3d::math::Vector;
use rapier3d::prelude::{ColliderHandle, ContactPair, PhysicsWorld, RigidBodyHandle};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::arm::ik;
use crate::arm::kinematics::{
    DOF, Frame, HAND_TO_TCP, HOME, Joints, LOWER, UPPER, rotation_x, rotation_z,
};
use crate::camera::{self, Sensor};
use crate::control::{Control, SUBSTEPS, finger_positions, torque};
use crate::digest::Digest;
use crate::heat::Heat;
use crate::render::{Frame as Picture, Item, Quality, Renderer};
use crate::truth::{ArmTruth, BodyTruth, GroundTruth};
use crate::world::{self, Handles, PHYSICS_HZ, base_pose_of, frame_of};

/// Speed below which a body counts as at rest, m/s and, at a body's own scale, rad/s divided by ten.
const REST_SPEED: f64 = 0.005;
/// Control steps that bodies get to come to rest before the episode begins.
const SETTLE_STEPS: usize = 60;
/// Control steps that pass in any case before the episode begins.
const SETTLE_MIN: usize = 5;
/// Height over a surface at which the gripper must be able to hold a body, m.
const REACH_HEIGHT: f64 = 0.02;
/// Gap below which a finger touches a body, m.
const CONTACT_GAP: f32 = 0.0005;
/// Control steps for which both fingers must touch a body before it counts as held.
const HELD_STEPS: u32 = 8;
/// Distance of a body's centre from the tool's below which closing fingers are about to meet it, m.
const BETWEEN_FINGERS: f64 = 0.03;
/// Physics steps in a tick of the joints' controller.
const TICK_SUBSTEPS: usize = 4;
/// Speed at which a hand drags a body at most, m/s.
const DRAG_SPEED: f64 = 0.8;
/// Brightness of the board that covers a camera.
const BOARD: u8 = 110;

/// Why a cell could not be set up or restored.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum SimError {
    /// The arm cannot grasp at a place the scenario needs.
    #[error("{name:?} lies {distance:.2} m from the foot of the arm, out of its reach")]
    Unreachable {
        /// Name of the area or body.
        name: String,
        /// Horizontal distance, m.
        distance: f64,
    },
    /// The bodies do not come to rest.
    #[error("the bodies do not come to rest within {:.1} s", SETTLE_STEPS as f64 / Command::RATE_HZ)]
    Unsettled,
    /// A number became infinite or not a number.
    #[error("the physics diverged at step {0}")]
    Diverged(u64),
    /// The bytes are not a snapshot of this cell.
    #[error("not a snapshot of this cell: {0}")]
    BadSnapshot(String),
    /// The arm could not be built: a bug.
    #[error("the arm could not be built: {0}")]
    Build(String),
}

/// Everything that changes while an episode runs.
#[derive(Serialize, Deserialize)]
struct State {
    world: PhysicsWorld,
    control: Control,
    step: u64,
    /// Ticks since the last control step.
    ticks: u8,
    /// Disturbances that have begun.
    disturbances_begun: usize,
    /// Step at which slippery pads get their grip back.
    grip_back_at: Option<u64>,
    /// For how many control steps both fingers have touched a body.
    held_steps: u32,
    /// Camera that a board is held before, and the step at which it is taken away.
    occluded: Option<(usize, u64)>,
    heat: Heat,
}

/// A robot cell with an arm, a table and bodies. A pure function of scenario, instance and commands.
pub struct Simulator {
    scenario: Scenario,
    instance: Instance,
    handles: Handles,
    state: State,
    sensors: Vec<Sensor>,
    renderer: Renderer,
    picture: Picture,
    happened: Vec<String>,
}

impl Simulator {
    /// Sets up the cell and lets the bodies settle; the cameras are off.
    ///
    /// # Errors
    /// An area or a body is out of the arm's reach, or the bodies do not come to rest.
    pub fn new(scenario: &Scenario, instance: &Instance) -> Result<Self, SimError> {
        check_reach(scenario, instance)?;
        let joints: Joints = std::array::from_fn(|i| {
            (HOME[i] + instance.joint_offsets[i]).clamp(LOWER[i], UPPER[i])
        });
        let (world, handles) =
            world::build(scenario, instance, &joints).map_err(SimError::Build)?;
        let mut simulator = Self {
            scenario: scenario.clone(),
            instance: instance.clone(),
            handles,
            state: State {
                world,
                control: Control::new(&joints),
                step: 0,
                ticks: 0,
                disturbances_begun: 0,
                grip_back_at: None,
                held_steps: 0,
                occluded: None,
                heat: Heat::new(scenario, instance),
            },
            sensors: Vec::new(),
            renderer: Renderer::new(Quality::Sensor),
            picture: Picture::default(),
            happened: Vec::new(),
        };
        simulator.settle()?;
        Ok(simulator)
    }

    fn settle(&mut self) -> Result<(), SimError> {
        for step in 0..SETTLE_STEPS {
            self.advance(&Command::hold(-1.0));
            if !self.is_finite() {
                return Err(SimError::Diverged(0));
            }
            if step >= SETTLE_MIN && self.at_rest() {
                return Ok(());
            }
        }
        Err(SimError::Unsettled)
    }

    /// Switches the cameras on whose pictures observations shall carry: indices into the scenario's
    /// cameras, each with the width and height of its pictures.
    pub fn set_cameras(&mut self, cameras: &[(usize, [usize; 2])]) {
        self.sensors = cameras
            .iter()
            .filter(|(index, _)| *index < self.scenario.cameras.len())
            .map(|&(index, size)| Sensor { index, size })
            .collect();
    }

    /// A picture of any size from any camera, with depth and segmentation. For people, labels and
    /// ablations; the agent's own pictures come with its observations.
    pub fn render(
        &self,
        camera: &Camera,
        size: [usize; 2],
        renderer: &mut Renderer,
        out: &mut Picture,
    ) {
        let items = self.solids();
        let view = camera::view(camera, size, &self.hand());
        renderer.render(&items, &camera::light(&self.instance.variation), &view, out);
    }

    /// Everything that can be seen, as solids where they are now: the arm, the furniture, the bodies. Always
    /// the same solids in the same order, the bodies last and in the instance's order.
    pub fn solids(&self) -> Vec<Item> {
        let State { world, heat, .. } = &self.state;
        camera::scene(&self.scenario, &self.instance, world, &self.handles, heat)
    }

    /// Gives a body (its place in the instance) a velocity, m/s, as a hand that hits it does. What happened
    /// is told as a disturbance; a body that is not there is let be.
    pub fn push(&mut self, body: usize, velocity: &Vector3<f64>) {
        let Some(name) = self.set_velocity(body, velocity) else { return };
        self.happened.push(format!("a push of {:.1} m/s hits {name}", velocity.norm()));
    }

    /// Draws a body towards a place for one control step, as a hand that holds it does: it meets what is in
    /// its way. Told as a disturbance where `begins` says so.
    pub fn drag(&mut self, body: usize, to: &Vector3<f64>, begins: bool) {
        let Some(&(handle, _)) = self.handles.bodies.get(body) else { return };
        let at = vector3(self.state.world.bodies[handle].translation());
        let way = (to - at) * Command::RATE_HZ;
        let speed = way.norm();
        let pace = if speed > DRAG_SPEED { way * (DRAG_SPEED / speed) } else { way };
        // A hand bears the weight: what the body falls by in a step is made good.
        let weight = Vector3::z() * (0.5 * world::GRAVITY_MS2 / Command::RATE_HZ);
        if let (Some(name), true) = (self.set_velocity(body, &(pace + weight)), begins) {
            self.happened.push(format!("a hand drags {name}"));
        }
    }

    /// The name of the body, where there is one.
    fn set_velocity(&mut self, body: usize, velocity: &Vector3<f64>) -> Option<String> {
        let &(handle, _) = self.handles.bodies.get(body)?;
        let velocity = velocity.map(|v| v as f32);
        let moving = Vector::new(velocity.x, velocity.y, velocity.z);
        self.state.world.bodies[handle].set_linvel(moving, true);
        Some(self.scenario.objects[self.instance.bodies[body].object].name.clone())
    }

    /// Where a camera of the scenario truly is, in its mount's frame: with the variation that the agent
    /// is not told of. For the agent's own pictures and for labels.
    pub fn true_camera(&self, index: usize) -> Option<Camera> {
        let spec = self.scenario.cameras.get(index)?;
        Some(camera::true_camera(spec, &self.instance.variation, index))
    }

    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// What the seed decided.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Control steps since the episode began.
    pub fn step_count(&self) -> u64 {
        self.state.step
    }

    /// Time since the episode began, s.
    pub fn time_secs(&self) -> f64 {
        self.state.step as f64 / Command::RATE_HZ
    }

    /// The true state, for the judge and for labels.
    pub fn ground_truth(&self) -> GroundTruth {
        let world = &self.state.world;
        let bodies = self
            .instance
            .bodies
            .iter()
            .zip(&self.handles.bodies)
            .enumerate()
            .map(|(index, (placed, &(handle, collider)))| {
                let body = &world.bodies[handle];
                BodyTruth {
                    object: placed.object,
                    pose: base_pose_of(body.position()),
                    velocity: vector3(body.linvel()),
                    angular_velocity: vector3(body.angvel()),
                    changed: self.state.heat.changed(&self.scenario, &self.instance, index),
                    finger_contacts: self.handles.finger_colliders.map(|finger| {
                        world.narrow_phase.contact_pair(finger, collider).is_some_and(touching)
                    }),
                }
            })
            .collect();
        GroundTruth {
            time_secs: self.time_secs(),
            bodies,
            buttons: (0..self.scenario.buttons.len()).map(|i| self.state.heat.is_on(i)).collect(),
            tcp: self.tcp(),
            finger_positions: finger_positions(world, &self.handles),
            arm: self.arm_truth(),
        }
    }

    fn arm_truth(&self) -> ArmTruth {
        let world = &self.state.world;
        let (positions, velocities) = self.joints();
        let arm = world.multibody_joints.get(self.handles.multibody).map(|(arm, _)| arm);
        let motor = |i: usize| Some(arm?.link(self.handles.arm_links[i])?.joint.data.motors[3]);
        let sensed = positions.iter().zip(&velocities).enumerate();
        let torques = sensed
            .map(|(i, (&position, &velocity))| {
                motor(i).map_or(0.0, |motor| torque(&motor, position, velocity))
            })
            .collect();
        let touches = self
            .handles
            .arm_colliders
            .iter()
            .any(|&collider| world.contact_pairs_with(collider).any(touching));
        ArmTruth { torques, velocities, touches }
    }

    /// No disturbance begins from now on: the agent has ended and can no longer answer to one.
    pub fn calm(&mut self) {
        self.state.disturbances_begun = self.instance.disturbances.len();
    }

    /// What disturbed the scene since this was last asked, in words.
    pub fn take_disturbances(&mut self) -> Vec<String> {
        std::mem::take(&mut self.happened)
    }

    /// A number that two runs share exactly when all poses, velocities and controller states are the
    /// same bits.
    pub fn digest(&self) -> u64 {
        let mut digest = Digest::new();
        for (_, body) in self.state.world.bodies.iter() {
            let pose = body.position();
            digest.floats(&pose.translation.to_array());
            digest.floats(&pose.rotation.to_array());
            digest.floats(&body.linvel().to_array());
            digest.floats(&body.angvel().to_array());
        }
        self.state.control.digest(&mut digest);
        self.state.heat.digest(&mut digest);
        digest.number(self.state.step);
        digest.finish()
    }

    /// All that changes, as bytes; [`Simulator::restore`] goes on from them as if nothing had happened.
    ///
    /// # Errors
    /// The state cannot be written: a bug.
    pub fn snapshot(&self) -> Result<Vec<u8>, SimError> {
        postcard::to_allocvec(&self.state).map_err(|e| SimError::BadSnapshot(e.to_string()))
    }

    /// Goes back to a snapshot of a cell with the same scenario and instance.
    ///
    /// # Errors
    /// The bytes are no snapshot, or one of another cell.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), SimError> {
        let state: State =
            postcard::from_bytes(bytes).map_err(|e| SimError::BadSnapshot(e.to_string()))?;
        let known = |world: &PhysicsWorld| (world.bodies.len(), world.colliders.len());
        if known(&state.world) != known(&self.state.world) {
            return Err(SimError::BadSnapshot("it has other bodies".into()));
        }
        self.state = state;
        Ok(())
    }

    fn hand(&self) -> Frame {
        frame_of(self.state.world.bodies[self.handles.hand].position())
    }

    fn tcp(&self) -> Pose {
        base_pose_of(self.state.world.bodies[self.handles.hand].position())
            * Translation3::new(0.0, 0.0, HAND_TO_TCP)
    }

    /// One control step with a command that has been cut to the contract.
    fn advance(&mut self, command: &Command) {
        let tcp = self.hand().then(&Frame::along_z(HAND_TO_TCP));
        self.state.control.command(command, &tcp);
        for substep in 0..SUBSTEPS {
            let part = (substep, SUBSTEPS);
            self.state.control.drive(&mut self.state.world, &self.handles, part);
            self.state.world.step();
        }
        self.heat();
    }

    /// Presses the buttons that something touches, and heats what lies where it is hot.
    fn heat(&mut self) {
        let State { world, heat, .. } = &mut self.state;
        if heat.is_idle() {
            return;
        }
        let touched = |&button: &ColliderHandle| world.intersection_pairs_with(button).any(|p| p.4);
        let touched: Vec<bool> = self.handles.buttons.iter().map(touched).collect();
        let at = |&(handle, _): &(RigidBodyHandle, _)| vector3(world.bodies[handle].translation());
        heat.step(&self.scenario, &touched, self.handles.bodies.iter().map(at));
    }

    /// Drives the joints for [`Simulator::TICK_SECS`], as the controller of a real arm would: towards
    /// `joints` (rad, shape (7,)), with the gripper closing or opening. Every third tick is a control
    /// step.
    ///
    /// # Errors
    /// A joint position is missing or not finite, or the physics diverges.
    pub fn tick(&mut self, joints: &[f64], closing: bool) -> Result<(), RobotError> {
        let goal = Joints::try_from(joints)
            .ok()
            .filter(|joints| joints.iter().all(|q| q.is_finite()))
            .ok_or_else(|| RobotError::BadCommand(format!("expected {DOF} numbers: {joints:?}")))?;
        if self.state.ticks == 0 {
            self.disturb(&Command::hold(if closing { 1.0 } else { -1.0 }));
        }
        self.state.control.follow(&goal, closing, Self::TICK_SECS);
        for substep in 0..TICK_SUBSTEPS {
            let part = (substep, TICK_SUBSTEPS);
            self.state.control.drive(&mut self.state.world, &self.handles, part);
            self.state.world.step();
        }
        self.state.ticks = (self.state.ticks + 1) % (SUBSTEPS / TICK_SUBSTEPS) as u8;
        self.state.step += u64::from(self.state.ticks == 0);
        if self.state.ticks == 0 {
            self.heat();
        }
        if !self.is_finite() {
            return Err(RobotError::Stopped(SimError::Diverged(self.state.step).to_string()));
        }
        Ok(())
    }

    /// Length of a [`Simulator::tick`], s.
    pub const TICK_SECS: f64 = TICK_SUBSTEPS as f64 / PHYSICS_HZ;

    fn at_rest(&self) -> bool {
        self.handles.bodies.iter().all(|&(handle, _)| {
            let body = &self.state.world.bodies[handle];
            let turning = f64::from(body.angvel().length()) / 10.0;
            f64::from(body.linvel().length()).max(turning) < REST_SPEED
        })
    }

    fn is_finite(&self) -> bool {
        self.state.world.bodies.iter().all(|(_, body)| {
            body.translation().is_finite() && body.linvel().is_finite() && body.angvel().is_finite()
        })
    }

    /// Begins what is due before a command is executed, and ends what is over.
    fn disturb(&mut self, command: &Command) {
        if self.state.occluded.is_some_and(|(_, until)| self.state.step >= until) {
            self.state.occluded = None;
        }
        if self.state.grip_back_at.is_some_and(|at| self.state.step >= at) {
            self.set_pad_friction(None);
            self.state.grip_back_at = None;
        }
        // Most scenes have nothing to wait for, and the truth costs a search for contacts.
        let Some(next) = self.instance.disturbances.get(self.state.disturbances_begun).cloned()
        else {
            return;
        };
        let truth = self.ground_truth();
        let holding = truth.bodies.iter().any(BodyTruth::gripped);
        self.state.held_steps = if holding { self.state.held_steps + 1 } else { 0 };
        if next.at_secs > self.time_secs() {
            return;
        }
        let done = match next.kind {
            DisturbanceKind::Knock { object, choice, velocity, moment } => {
                let candidates = self.candidates(&truth, object, moment, command);
                self.knock(&candidates, choice, &velocity)
            }
            DisturbanceKind::Slip { for_secs, friction } => self.slip(for_secs, friction),
            DisturbanceKind::Occlusion { for_secs, camera } => self.occlude(for_secs, camera),
        };
        self.state.disturbances_begun += usize::from(done);
    }

    /// The bodies that a knock may hit now.
    fn candidates(
        &self,
        truth: &GroundTruth,
        object: Option<usize>,
        moment: Moment,
        command: &Command,
    ) -> Vec<usize> {
        let due = |body: &BodyTruth| match moment {
            Moment::Any => true,
            Moment::Grasping => {
                let way = body.pose.translation.vector - truth.tcp.translation.vector;
                command.gripper > 0.0 && way.norm() < BETWEEN_FINGERS
            }
            Moment::Holding => self.state.held_steps >= HELD_STEPS,
        };
        (0..truth.bodies.len())
            .filter(|&i| due(&truth.bodies[i]))
            .filter(|&i| match object {
                Some(object) => truth.bodies[i].object == object,
                None => truth.bodies[i].finger_contacts == [false, false] && self.open(truth, i),
            })
            .collect()
    }

    fn knock(&mut self, candidates: &[usize], choice: f64, velocity: &Vector3<f64>) -> bool {
        let Some(&hit) = candidates.get((choice * candidates.len() as f64) as usize) else {
            return false;
        };
        self.push(hit, velocity);
        true
    }

    /// Whether nothing lies on a body.
    fn open(&self, truth: &GroundTruth, body: usize) -> bool {
        let below = &truth.bodies[body].pose.translation;
        let reach = self.scenario.objects[truth.bodies[body].object].size.max();
        truth.bodies.iter().enumerate().all(|(i, other)| {
            let way = other.pose.translation.vector - below.vector;
            i == body || way.z < reach / 2.0 || way.xy().norm() > reach
        })
    }

    fn slip(&mut self, for_secs: f64, friction: f64) -> bool {
        if self.state.held_steps < HELD_STEPS {
            return false;
        }
        self.set_pad_friction(Some(friction as f32));
        self.state.grip_back_at = Some(self.state.step + (for_secs * Command::RATE_HZ) as u64);
        self.happened.push(format!("the finger pads turn slippery for {for_secs:.1} s"));
        true
    }

    fn occlude(&mut self, for_secs: f64, camera: usize) -> bool {
        self.state.occluded =
            Some((camera, self.state.step + (for_secs * Command::RATE_HZ) as u64));
        let name = &self.scenario.cameras[camera].name;
        self.happened.push(format!("the camera {name} is covered for {for_secs:.1} s"));
        true
    }

    fn set_pad_friction(&mut self, slippery: Option<f32>) {
        let factor = self.instance.variation.friction;
        world::set_pad_friction(&mut self.state.world, &self.handles, factor, slippery);
    }

    /// The pictures of the cameras that are switched on.
    ///
    /// # Errors
    /// A picture has not the size of its camera: a bug.
    pub fn pictures(&mut self) -> Result<Vec<CameraImage>, RobotError> {
        if self.sensors.is_empty() {
            return Ok(Vec::new());
        }
        let items = self.solids();
        let hand = self.hand();
        let mut images = Vec::with_capacity(self.sensors.len());
        for sensor in &self.sensors {
            let spec = &self.scenario.cameras[sensor.index];
            let variation = &self.instance.variation;
            let true_spec = camera::true_camera(spec, variation, sensor.index);
            let view = camera::view(&true_spec, sensor.size, &hand);
            let light = camera::light(variation);
            self.renderer.render(&items, &light, &view, &mut self.picture);
            let [width, height] = sensor.size;
            if self.state.occluded.is_some_and(|(camera, _)| camera == sensor.index) {
                self.picture.rgb.fill(BOARD);
            }
            let image = Image::new(width, height, self.picture.rgb.clone())
                .map_err(|e| RobotError::Stopped(e.to_string()))?;
            images.push(CameraImage { camera: spec.name.clone(), image });
        }
        Ok(images)
    }

    /// Distance of each finger pad from the hand's middle, m.
    pub fn finger_positions(&self) -> [f64; 2] {
        finger_positions(&self.state.world, &self.handles)
    }

    /// Positions and velocities of the arm's joints, rad and rad/s. Shapes (7,).
    pub fn joints(&self) -> (Vec<f64>, Vec<f64>) {
        let Some((arm, _)) = self.state.world.multibody_joints.get(self.handles.multibody) else {
            return (Vec::new(), Vec::new());
        };
        let velocity = arm.generalized_velocity();
        (0..DOF)
            .map(|i| {
                let position = arm
                    .link(self.handles.arm_links[i])
                    .map_or(0.0, |link| f64::from(link.joint.coords()[3]));
                (position, f64::from(velocity[i]))
            })
            .unzip()
    }
}

impl Robot for Simulator {
    fn observe(&mut self) -> Result<Observation, RobotError> {
        let tcp = self.tcp();
        let (joint_positions, joint_velocities) = self.joints();
        Ok(Observation {
            step: self.state.step,
            time_secs: self.time_secs(),
            images: self.pictures()?,
            ee_position: tcp.translation.vector,
            ee_orientation: tcp.rotation.scaled_axis(),
            finger_positions: finger_positions(&self.state.world, &self.handles),
            joint_positions,
            joint_velocities,
        })
    }

    fn step(&mut self, command: &Command) -> Result<Observation, RobotError> {
        let command = command.clamped()?;
        self.disturb(&command);
        self.advance(&command);
        self.state.step += 1;
        if !self.is_finite() {
            return Err(RobotError::Stopped(SimError::Diverged(self.state.step).to_string()));
        }
        self.observe()
    }
}

/// Whether a pair is in contact: the narrow phase also reports pairs that are merely near each other.
fn touching(pair: &ContactPair) -> bool {
    pair.find_deepest_contact().is_some_and(|(_, contact)| contact.dist < CONTACT_GAP)
}

/// The tool centre point in the hand's frame, as a robot's data sheet gives it.
pub fn hand_from_tool() -> Pose {
    Pose::translation(0.0, 0.0, HAND_TO_TCP)
}

/// Every area, every bin's middle, every button and every body must lie where the gripper reaches it from above.
fn check_reach(scenario: &Scenario, instance: &Instance) -> Result<(), SimError> {
    let areas = scenario.areas.iter().map(|a| (&a.name, a.centre));
    let bins = scenario.bins.iter().map(|b| (&b.name, b.centre));
    let buttons = scenario.buttons.iter().map(|b| (&b.name, b.centre));
    let places =
        areas.chain(bins).chain(buttons).map(|(name, at)| (name, at + Vector3::z() * REACH_HEIGHT));
    let bodies = instance
        .bodies
        .iter()
        .map(|b| (&scenario.objects[b.object].name, b.pose.translation.vector));
    for (name, position) in places.chain(bodies) {
        let rotation = rotation_z(0.0) * rotation_x(std::f64::consts::PI);
        if ik::solve(&HOME, &Frame { rotation, position }).is_none() {
            let distance = position.xy().norm();
            return Err(SimError::Unreachable { name: name.clone(), distance });
        }
    }
    Ok(())
}

fn vector3(v: Vector) -> Vector3<f64> {
    Vector3::new(f64::from(v.x), f64::from(v.y), f64::from(v.z))
}
