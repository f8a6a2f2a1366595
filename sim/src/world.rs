//! The rapier world: table, arm and bodies, in the base frame.
//!
//! The parameters were measured in sweeps of several hundred friction grasps: the arm as a multibody,
//! force-based motors, stiff contacts without recycling, friction solved in the bias pass. A body is
//! held by friction alone.

use ergon_scenarios::{Bin, Button, Form, Instance, Object, Rod, Scenario, Table};
use ergon_vocab::Pose as BasePose;
use nalgebra::{Matrix3, Quaternion, Rotation3, Translation3, Unit, UnitQuaternion, Vector3};
use rapier3d::dynamics::FrictionModel;
use rapier3d::math::{Pose, Rotation, Vector};
use rapier3d::prelude::*;

use crate::arm::kinematics::{
    DOF, FINGER_TRAVEL, Frame, HAND_MASS, HAND_TO_FINGER, Joints, LINK_MASS, LOWER, TORQUE, UPPER,
    forward, hand_frame, joint_frame,
};
use crate::arm::shapes::{FINGER_HALF, FINGER_MASS, Part, Primitive, SHAPES, Solid, shapes_of};

/// Physics steps a second.
pub(crate) const PHYSICS_HZ: f64 = 240.0;
/// Acceleration of what falls, m/s2.
pub(crate) const GRAVITY_MS2: f64 = 9.81;
/// Friction of the finger pads against a body; the larger of the two coefficients counts.
pub(crate) const PAD_FRICTION: f32 = 1.0;
/// Friction of the links, of painted metal.
const LINK_FRICTION: f32 = 0.3;
const FLOOR_FRICTION: f32 = 0.8;
/// Rotor inertia seen by every joint, kg m2 (kg for the fingers).
const ARMATURE: f32 = 0.1;
/// Position gains of the joint motors, N m/rad.
const STIFFNESS: [f32; DOF] = [1125.0, 1125.0, 875.0, 875.0, 500.0, 500.0, 500.0];
/// Damping of the joint motors, as a share of the stiffness, s.
const DAMPING_SHARE: f32 = 0.1;
/// Gains of the finger motors, N/m and N s/m.
pub(crate) const FINGER_STIFFNESS: f32 = 5000.0;
const FINGER_DAMPING: f32 = 50.0;
/// What a finger motor can push at most, N.
const FINGER_FORCE: f32 = 100.0;
/// Number of flat sectors that a ring is made of.
const SECTORS: usize = 12;
/// The fingers may pass their stops by this much, m, so that the stops do not fight the motors.
const FINGER_SLACK: f32 = 0.0005;
/// How far a button gives way, and how far it must be pressed down, m.
const GIVES: f64 = 0.004;
const SENSED: f64 = 0.0005;

/// Handles of what the simulator talks to after the world is built.
#[derive(Clone, Debug)]
pub(crate) struct Handles {
    /// Links 1 to 7.
    pub(crate) links: [RigidBodyHandle; DOF],
    pub(crate) hand: RigidBodyHandle,
    /// Colliders of the links that move, and of the hand.
    pub(crate) arm_colliders: Vec<ColliderHandle>,
    pub(crate) fingers: [RigidBodyHandle; 2],
    pub(crate) finger_colliders: [ColliderHandle; 2],
    /// The joint through which the multibody is found.
    pub(crate) multibody: MultibodyJointHandle,
    /// Indices of the arm's and the fingers' links in the multibody.
    pub(crate) arm_links: [usize; DOF],
    pub(crate) finger_links: [usize; 2],
    /// Sensors of the scenario's buttons.
    pub(crate) buttons: Vec<ColliderHandle>,
    /// Bodies of the episode, in the instance's order.
    pub(crate) bodies: Vec<(RigidBodyHandle, ColliderHandle)>,
}

/// Builds the world of an instance with the arm at `joints` and the gripper open.
pub(crate) fn build(
    scenario: &Scenario,
    instance: &Instance,
    joints: &Joints,
) -> Result<(PhysicsWorld, Handles), String> {
    let mut world = empty_world();
    let friction = instance.variation.friction;
    add_table(&mut world, &scenario.table, friction);
    add_rims(&mut world, scenario, friction);
    add_rods(&mut world, scenario, friction);
    let buttons = add_buttons(&mut world, scenario);
    add_floor(&mut world, scenario.robot.height);
    let mut handles = add_arm(&mut world, joints)?;
    handles.buttons = buttons;
    handles.bodies = instance
        .bodies
        .iter()
        .map(|placed| {
            let object = &scenario.objects[placed.object];
            add_body(&mut world, object, &placed.pose, friction)
        })
        .collect();
    set_pad_friction(&mut world, &handles, friction, None);
    Ok((world, handles))
}

fn empty_world() -> PhysicsWorld {
    let mut world = PhysicsWorld::new();
    world.gravity = Vector::new(0.0, 0.0, -(GRAVITY_MS2 as f32));
    let parameters = &mut world.integration_parameters;
    parameters.dt = (1.0 / PHYSICS_HZ) as f32;
    parameters.num_solver_iterations = 2;
    parameters.num_internal_pgs_iterations = 2;
    parameters.length_unit = 1.0;
    parameters.contact_recycling = false;
    parameters.friction_in_bias_pass = true;
    parameters.friction_model = FrictionModel::Coulomb;
    // Stiffer contacts (200 Hz) let tall stacks of heavy cubes hum instead of coming to rest.
    let stiff = SpringCoefficients { natural_frequency: 120.0, damping_ratio: 2.0 };
    parameters.contact_softness = stiff;
    parameters.static_contact_softness = stiff;
    parameters.normalized_max_corrective_velocity = 3.0;
    parameters.normalized_prediction_distance = 0.02;
    world
}

fn add_table(world: &mut PhysicsWorld, table: &Table, friction: f64) {
    let middle = table.top - Vector3::z() * (table.size.z / 2.0);
    add_block(world, &middle, &table.size, table.friction * friction);
}

/// The rims of the bins, of the table's wood.
fn add_rims(world: &mut PhysicsWorld, scenario: &Scenario, friction: f64) {
    for (middle, size) in scenario.bins.iter().flat_map(Bin::bars) {
        add_block(world, &middle, &size, scenario.table.friction * friction);
    }
}

/// A box that does not move: its middle and full extents, m.
fn add_block(world: &mut PhysicsWorld, middle: &Vector3<f64>, size: &Vector3<f64>, friction: f64) {
    let half = size / 2.0;
    world.insert(
        RigidBodyBuilder::fixed().translation(vector(middle)),
        ColliderBuilder::cuboid(half.x as f32, half.y as f32, half.z as f32)
            .friction(friction as f32),
    );
}

/// The rods on areas.
fn add_rods(world: &mut PhysicsWorld, scenario: &Scenario, friction: f64) {
    for area in &scenario.areas {
        let Some(Rod { radius, height, square }) = area.rod else { continue };
        let (radius, half) = (radius as f32, (height / 2.0) as f32);
        let shape = match square {
            true => SharedShape::cuboid(radius, radius, half),
            false => SharedShape::cylinder(half, radius),
        };
        let upright = if square { Rotation::IDENTITY } else { upright() };
        let centre = vector(&(area.centre + Vector3::z() * (height / 2.0)));
        world.insert(
            RigidBodyBuilder::fixed().pose(Pose::from_parts(centre, upright)),
            ColliderBuilder::new(shape).friction((scenario.table.friction * friction) as f32),
        );
    }
}

/// Buttons give way by [`GIVES`]: what moves is not simulated, only where it stops, and a sensor is below its
/// top that tells what presses it.
fn add_buttons(world: &mut PhysicsWorld, scenario: &Scenario) -> Vec<ColliderHandle> {
    let mut add = |button: &Button, height: f64, sensor: bool| {
        let half = (height / 2.0) as f32;
        let centre = vector(&(button.centre + Vector3::z() * (height / 2.0)));
        let (_, collider) = world.insert(
            RigidBodyBuilder::fixed().pose(Pose::from_parts(centre, upright())),
            ColliderBuilder::cylinder(half, button.radius as f32).sensor(sensor),
        );
        collider
    };
    let sensors = scenario.buttons.iter().map(|button| {
        add(button, (button.height - GIVES).max(0.0005), false);
        add(button, (button.height - SENSED).max(0.001), true)
    });
    sensors.collect()
}

/// Turns a cylinder, whose axis is y here, so that it stands.
fn upright() -> Rotation {
    Rotation::from_rotation_x(std::f32::consts::FRAC_PI_2)
}

/// Catches what falls off the table.
fn add_floor(world: &mut PhysicsWorld, below_base: f64) {
    let top = Vector3::new(0.0, 0.0, -below_base);
    world.insert(
        RigidBodyBuilder::fixed().translation(vector(&top)),
        ColliderBuilder::halfspace(Unit::new_unchecked(Vector::Z)).friction(FLOOR_FRICTION),
    );
}

fn add_body(
    world: &mut PhysicsWorld,
    object: &Object,
    pose: &BasePose,
    friction: f64,
) -> (RigidBodyHandle, ColliderHandle) {
    world.insert(
        RigidBodyBuilder::dynamic().pose(pose_of(pose)),
        ColliderBuilder::new(shape_of(object))
            .mass(object.mass as f32)
            .friction((object.friction * friction) as f32),
    )
}

fn shape_of(object: &Object) -> SharedShape {
    let half = (object.size / 2.0).map(|x| x as f32);
    match (object.form, object.hole > 0.0) {
        (Form::Box, false) => SharedShape::cuboid(half.x, half.y, half.z),
        (Form::Disc, false) => {
            let lying = (Pose::from_rotation(upright()), SharedShape::cylinder(half.z, half.x));
            SharedShape::compound(vec![lying])
        }
        (Form::Box, true) => SharedShape::compound(
            object
                .bars()
                .map(|(middle, size)| {
                    let half = (size / 2.0).map(|x| x as f32);
                    let shape = SharedShape::cuboid(half.x, half.y, half.z);
                    (Pose::from_translation(vector(&middle)), shape)
                })
                .collect(),
        ),
        (Form::Disc, true) => SharedShape::compound(ring(object)),
    }
}

/// A ring of flat sectors, and its floor; opposite faces are as far apart as the ring is wide.
fn ring(object: &Object) -> Vec<(Pose, SharedShape)> {
    let half = (object.size / 2.0).map(|x| x as f32);
    let (outer, inner) = (half.x, object.hole as f32 / 2.0);
    let turn = std::f32::consts::TAU / SECTORS as f32;
    let (depth, length) = ((outer - inner) / 2.0, outer * libm::tanf(turn / 2.0));
    let sector = |i: usize| {
        let turned = Rotation::from_rotation_z(turn * i as f32);
        let middle = turned * Vector::new(inner + depth, 0.0, 0.0);
        (Pose::from_parts(middle, turned), SharedShape::cuboid(depth, length, half.z))
    };
    let thick = object.floor as f32 / 2.0;
    let low = Vector::new(0.0, 0.0, thick - half.z);
    let floor = (Pose::from_parts(low, upright()), SharedShape::cylinder(thick, inner));
    let floor = (object.floor > 0.0).then_some(floor);
    (0..SECTORS).map(sector).chain(floor).collect()
}

/// The arm as one multibody with nine degrees of freedom: seven joints, two fingers. Gravity does not
/// pull at it: the real arm compensates its own weight.
fn add_arm(world: &mut PhysicsWorld, joints: &Joints) -> Result<Handles, String> {
    let posture = forward(joints);
    let base = world.insert_body(RigidBodyBuilder::fixed());
    let moving = |frame: &Frame| {
        RigidBodyBuilder::dynamic().pose(pose_of_frame(frame)).can_sleep(false).gravity_scale(0.0)
    };
    let links = posture.links.map(|frame| world.insert_body(moving(&frame)));
    let hand = world.insert_body(moving(&posture.hand));
    let fingers = [0, 1].map(|side| {
        let open = Frame { position: Vector3::y() * FINGER_TRAVEL, ..Frame::identity() };
        world.insert_body(moving(&posture.hand.then(&finger_frame(side)).then(&open)))
    });
    let mut arm_colliders = Vec::new();
    for Solid { part, primitive, weighs } in SHAPES {
        let (body, mass) = match part {
            Part::Base => (base, 0.0),
            Part::Link(i) if weighs => (links[i], LINK_MASS[i] / shapes_of(i) as f64),
            Part::Link(i) => (links[i], 0.0),
            Part::Hand => (hand, HAND_MASS),
        };
        let collider = collider(&primitive).mass(mass as f32).friction(LINK_FRICTION);
        let handle = world.insert_collider(collider, Some(body));
        if part != Part::Base {
            arm_colliders.push(handle);
        }
    }
    let finger_colliders = fingers.map(|body| world.insert_collider(finger_collider(), Some(body)));
    let multibody =
        join(world, base, &links, hand, &fingers).ok_or("the arm's joints form a loop")?;
    let index = |world: &PhysicsWorld, body: RigidBodyHandle| {
        let (mb, _) = world.multibody_joints.get(multibody)?;
        mb.links().position(|l| l.rigid_body_handle() == body)
    };
    let mut handles = Handles {
        links,
        hand,
        arm_colliders,
        fingers,
        finger_colliders,
        multibody,
        arm_links: [0; DOF],
        finger_links: [0; 2],
        buttons: Vec::new(),
        bodies: Vec::new(),
    };
    for (slot, &body) in handles.arm_links.iter_mut().zip(&links) {
        *slot = index(world, body).ok_or("a link is missing")?;
    }
    for (slot, &body) in handles.finger_links.iter_mut().zip(&fingers) {
        *slot = index(world, body).ok_or("a finger is missing")?;
    }
    pose_arm(world, &handles, joints)?;
    Ok(handles)
}

fn join(
    world: &mut PhysicsWorld,
    base: RigidBodyHandle,
    links: &[RigidBodyHandle; DOF],
    hand: RigidBodyHandle,
    fingers: &[RigidBodyHandle; 2],
) -> Option<MultibodyJointHandle> {
    let set = &mut world.multibody_joints;
    let mut first = None;
    for i in 0..DOF {
        let parent = if i == 0 { base } else { links[i - 1] };
        let handle = set.insert(parent, links[i], arm_joint(i), true)?;
        first = first.or(Some(handle));
    }
    let wrist =
        FixedJointBuilder::new().local_frame1(pose_of_frame(&hand_frame())).contacts_enabled(false);
    set.insert(links[DOF - 1], hand, wrist, true)?;
    for (side, &finger) in fingers.iter().enumerate() {
        set.insert(hand, finger, finger_joint(side), true)?;
    }
    first
}

/// Brings the multibody's own coordinates to the posture in which its bodies were inserted.
fn pose_arm(world: &mut PhysicsWorld, handles: &Handles, joints: &Joints) -> Result<(), String> {
    let (arm, _) =
        world.multibody_joints.get_mut(handles.multibody).ok_or("the arm has no multibody")?;
    arm.set_self_contacts_enabled(false);
    // The root counts as free until its body's type has been read once.
    arm.forward_kinematics(&world.bodies, true);
    if arm.ndofs() != DOF + 2 {
        return Err(format!("the arm has {} degrees of freedom instead of 9", arm.ndofs()));
    }
    arm.armature_mut().fill(ARMATURE);
    arm.damping_mut().fill(0.0);
    let mut coordinates = [FINGER_TRAVEL as f32; DOF + 2];
    for i in 0..DOF {
        coordinates[i] = joints[i] as f32;
    }
    arm.apply_displacements(&coordinates);
    arm.forward_kinematics(&world.bodies, false);
    arm.update_rigid_bodies(&mut world.bodies, true);
    Ok(())
}

/// A revolute joint about its frame's z axis; rapier turns about x, so the frames are tilted.
fn arm_joint(i: usize) -> GenericJointBuilder {
    let z_for_x = Rotation::from_rotation_y(-std::f32::consts::FRAC_PI_2);
    let frame = pose_of_frame(&joint_frame(i));
    GenericJointBuilder::new(JointAxesMask::LOCKED_REVOLUTE_AXES)
        .local_frame1(Pose::from_parts(frame.translation, frame.rotation * z_for_x))
        .local_frame2(Pose::from_rotation(z_for_x))
        .contacts_enabled(false)
        .limits(JointAxis::AngX, [LOWER[i] as f32, UPPER[i] as f32])
        .motor_model(JointAxis::AngX, MotorModel::ForceBased)
        .motor_position(JointAxis::AngX, 0.0, STIFFNESS[i], STIFFNESS[i] * DAMPING_SHARE)
        .motor_max_force(JointAxis::AngX, TORQUE[i] as f32)
}

/// A prismatic joint along the finger frame's y axis.
fn finger_joint(side: usize) -> GenericJointBuilder {
    let y_for_x = Rotation::from_rotation_z(std::f32::consts::FRAC_PI_2);
    let frame = pose_of_frame(&finger_frame(side));
    let limits = [-FINGER_SLACK, FINGER_TRAVEL as f32 + FINGER_SLACK];
    GenericJointBuilder::new(JointAxesMask::LOCKED_PRISMATIC_AXES)
        .local_frame1(Pose::from_parts(frame.translation, frame.rotation * y_for_x))
        .local_frame2(Pose::from_rotation(y_for_x))
        .contacts_enabled(false)
        .limits(JointAxis::LinX, limits)
        .motor_model(JointAxis::LinX, MotorModel::ForceBased)
        .motor_position(JointAxis::LinX, FINGER_TRAVEL as f32, FINGER_STIFFNESS, FINGER_DAMPING)
        .motor_max_force(JointAxis::LinX, FINGER_FORCE)
}

/// Where a closed finger sits in the hand's frame; the second finger is the first turned by half a turn.
pub(crate) fn finger_frame(side: usize) -> Frame {
    let turned = Matrix3::new(-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0);
    let rotation = if side == 0 { Matrix3::identity() } else { turned };
    Frame { rotation, position: Vector3::z() * HAND_TO_FINGER }
}

fn collider(primitive: &Primitive) -> ColliderBuilder {
    match primitive {
        Primitive::Capsule { from, to, radius } => ColliderBuilder::capsule_from_endpoints(
            vector(&Vector3::from(*from)),
            vector(&Vector3::from(*to)),
            *radius as f32,
        ),
        Primitive::Box { centre, half } => {
            let half = half.map(|x| x as f32);
            ColliderBuilder::cuboid(half[0], half[1], half[2])
                .translation(vector(&Vector3::from(*centre)))
        }
    }
}

fn finger_collider() -> ColliderBuilder {
    let [x, y, z] = FINGER_HALF.map(|x| x as f32);
    ColliderBuilder::cuboid(x, y, z)
        .translation(Vector::new(0.0, y, z))
        .mass(FINGER_MASS as f32)
        .friction(PAD_FRICTION)
        .friction_combine_rule(CoefficientCombineRule::Max)
}

/// Makes the finger pads slippery, or gives them the grip of the episode: `factor` times that of the
/// description.
pub(crate) fn set_pad_friction(
    world: &mut PhysicsWorld,
    handles: &Handles,
    factor: f64,
    slippery: Option<f32>,
) {
    let (friction, rule) = match slippery {
        Some(friction) => (friction, CoefficientCombineRule::Min),
        None => (PAD_FRICTION * factor as f32, CoefficientCombineRule::Max),
    };
    for handle in handles.finger_colliders {
        let pad = &mut world.colliders[handle];
        pad.set_friction(friction);
        pad.set_friction_combine_rule(rule);
    }
}

fn vector(v: &Vector3<f64>) -> Vector {
    Vector::new(v.x as f32, v.y as f32, v.z as f32)
}

fn rotation(q: &UnitQuaternion<f64>) -> Rotation {
    Rotation::from_xyzw(q.i as f32, q.j as f32, q.k as f32, q.w as f32)
}

pub(crate) fn pose_of(pose: &BasePose) -> Pose {
    Pose::from_parts(vector(&pose.translation.vector), rotation(&pose.rotation))
}

fn pose_of_frame(frame: &Frame) -> Pose {
    let turned = Rotation3::from_matrix_unchecked(frame.rotation);
    Pose::from_parts(
        vector(&frame.position),
        rotation(&UnitQuaternion::from_rotation_matrix(&turned)),
    )
}

pub(crate) fn base_pose_of(pose: &Pose) -> BasePose {
    let (t, q) = (pose.translation, pose.rotation);
    let quaternion =
        Quaternion::new(f64::from(q.w), f64::from(q.x), f64::from(q.y), f64::from(q.z));
    BasePose::from_parts(
        Translation3::new(f64::from(t.x), f64::from(t.y), f64::from(t.z)),
        UnitQuaternion::from_quaternion(quaternion),
    )
}

pub(crate) fn frame_of(pose: &Pose) -> Frame {
    let pose = base_pose_of(pose);
    Frame {
        rotation: *pose.rotation.to_rotation_matrix().matrix(),
        position: pose.translation.vector,
    }
}
