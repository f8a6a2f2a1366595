//! From commands to motor targets, 20 times a second, as a robosuite `OSC_POSE` controller is told.

use ergon_vocab::Command;
use nalgebra::Vector3;
use rapier3d::prelude::{JointMotor, PhysicsWorld};
use serde::{Deserialize, Serialize};

use crate::arm::ik;
use crate::arm::kinematics::{
    DOF, FINGER_TRAVEL, Frame, Joints, LOWER, SPEED, UPPER, forward, rotation_of,
};
use crate::digest::Digest;
use crate::world::{FINGER_STIFFNESS, Handles, PHYSICS_HZ, frame_of};

/// Physics steps in a control step.
pub(crate) const SUBSTEPS: usize = (PHYSICS_HZ / Command::RATE_HZ) as usize;
const CONTROL_SECS: f64 = 1.0 / Command::RATE_HZ;
/// How far below the tool its target may lie beyond the way it covers in this step, m. It bounds the
/// force with which the arm presses on what it meets, as a real arm's collision reflex does.
const PRESS_LEAD: f64 = 0.01;
/// How far ahead of the tool its target may lie in any direction, m.
const LEAD: f64 = 0.06;
/// Force of the closed gripper, N.
const GRIP_FORCE: f32 = 10.0;
/// Speed of each finger, m/s.
const FINGER_SPEED: f32 = 0.15;

/// The controller's memory.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Control {
    /// Where the tool shall be, base frame, m.
    target_position: [f64; 3],
    /// How it shall be turned: rotation matrix, base frame, column by column.
    target_rotation: [f64; 9],
    /// Joint positions at the end of this control step, rad.
    goal: Joints,
    /// Joint positions commanded at its beginning, rad.
    previous: Joints,
    closing: bool,
    /// Where the fingers shall be, m from the hand's middle.
    finger_target: f32,
    /// Tool height at the last command, base frame, m.
    last_height: f64,
}

impl Control {
    pub(crate) fn new(joints: &Joints) -> Self {
        let tcp = forward(joints).tcp;
        let mut control = Self {
            target_position: tcp.position.into(),
            target_rotation: [0.0; 9],
            goal: *joints,
            previous: *joints,
            closing: false,
            finger_target: FINGER_TRAVEL as f32,
            last_height: tcp.position.z,
        };
        control.set_rotation(&tcp.rotation);
        control
    }

    pub(crate) fn digest(&self, digest: &mut Digest) {
        let numbers = self.target_position.iter().chain(&self.target_rotation).chain(&self.goal);
        numbers.for_each(|&x| digest.float(x));
        digest.floats(&[self.finger_target]);
        digest.number(u64::from(self.closing));
    }

    fn set_rotation(&mut self, rotation: &nalgebra::Matrix3<f64>) {
        self.target_rotation.copy_from_slice(rotation.as_slice());
    }

    /// Moves the target by a command that has been cut to the contract, and sets out for it.
    pub(crate) fn command(&mut self, command: &Command, tcp: &Frame) {
        let mut position =
            Vector3::from(self.target_position) + command.translation * Command::TRANSLATION_SCALE;
        let lead = position - tcp.position;
        if lead.norm() > LEAD {
            position = tcp.position + lead * (LEAD / lead.norm());
        }
        let descent = (self.last_height - tcp.position.z).max(0.0);
        position.z = position.z.max(tcp.position.z - PRESS_LEAD - descent);
        self.last_height = tcp.position.z;
        let turned = rotation_of(&(command.rotation * Command::ROTATION_SCALE))
            * nalgebra::Matrix3::from_column_slice(&self.target_rotation);
        self.closing = if command.gripper == 0.0 { self.closing } else { command.gripper > 0.0 };

        self.previous = self.goal;
        let target = Frame { rotation: turned, position };
        let (joints, reached) = ik::approach(&self.previous, &target);
        for i in 0..DOF {
            let most = SPEED[i] * CONTROL_SECS;
            self.goal[i] = self.previous[i] + (joints[i] - self.previous[i]).clamp(-most, most);
        }
        // Out of reach, the target stays where the arm can follow it, so that it does not wind up.
        let kept = if reached { target } else { forward(&self.goal).tcp };
        self.target_position = kept.position.into();
        self.set_rotation(&kept.rotation);
    }

    /// Sets out for joint positions, as a controller of joints is told, in a time of `secs`; no joint
    /// moves faster than it can.
    pub(crate) fn follow(&mut self, joints: &Joints, closing: bool, secs: f64) {
        self.previous = self.goal;
        for i in 0..DOF {
            let most = SPEED[i] * secs;
            let goal = joints[i].clamp(LOWER[i], UPPER[i]);
            self.goal[i] = self.previous[i] + (goal - self.previous[i]).clamp(-most, most);
        }
        let tcp = forward(&self.goal).tcp;
        (self.target_position, self.last_height) = (tcp.position.into(), tcp.position.z);
        self.set_rotation(&tcp.rotation);
        self.closing = closing;
    }

    /// Sets the motors for one of `substeps` physics steps in which the goal is reached.
    pub(crate) fn drive(
        &mut self,
        world: &mut PhysicsWorld,
        handles: &Handles,
        (substep, substeps): (usize, usize),
    ) {
        let share = (substep + 1) as f64 / substeps as f64;
        let secs = substeps as f64 / PHYSICS_HZ;
        let finger = self.finger_goal(finger_positions(world, handles));
        let Some((arm, _)) = world.multibody_joints.get_mut(handles.multibody) else { return };
        for i in 0..DOF {
            let way = self.goal[i] - self.previous[i];
            if let Some(link) = arm.link_mut(handles.arm_links[i]) {
                let motor = &mut link.joint.data.motors[3];
                motor.target_pos = (self.previous[i] + way * share) as f32;
                motor.target_vel = (way / secs) as f32;
            }
        }
        for index in handles.finger_links {
            if let Some(link) = arm.link_mut(index) {
                link.joint.data.motors[0].target_pos = finger;
            }
        }
    }

    /// Target of both fingers. It never runs ahead of their mean position by more than the grip force
    /// bends the motors, so the force stays bounded and the pair stays centred.
    fn finger_goal(&mut self, positions: [f64; 2]) -> f32 {
        let mean = ((positions[0] + positions[1]) / 2.0) as f32;
        let goal = if self.closing { 0.0 } else { FINGER_TRAVEL as f32 };
        let step = FINGER_SPEED / PHYSICS_HZ as f32;
        self.finger_target += (goal - self.finger_target).clamp(-step, step);
        let lead = GRIP_FORCE / FINGER_STIFFNESS;
        let bounded = self.finger_target.clamp(mean - lead, mean + lead);
        if self.closing {
            self.finger_target = bounded;
        }
        bounded
    }
}

/// Torque of a joint motor, N m or N: the law by which the physics drives it.
pub(crate) fn torque(motor: &JointMotor, position: f64, velocity: f64) -> f64 {
    let spring = f64::from(motor.stiffness) * (f64::from(motor.target_pos) - position);
    let damper = f64::from(motor.damping) * (f64::from(motor.target_vel) - velocity);
    let most = f64::from(motor.max_force);
    (spring + damper).clamp(-most, most)
}

/// Distance of each finger pad from the hand's middle, m.
pub(crate) fn finger_positions(world: &PhysicsWorld, handles: &Handles) -> [f64; 2] {
    let hand = frame_of(world.bodies[handles.hand].position());
    [0, 1].map(|side| {
        let finger = frame_of(world.bodies[handles.fingers[side]].position());
        let across = hand.rotation.transpose() * (finger.position - hand.position);
        if side == 0 { across.y } else { -across.y }
    })
}
