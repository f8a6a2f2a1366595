//! Moving the tool: commands towards a pose, and the height at which it is safe to travel.

use std::f64::consts::PI;

use ergon_vocab::{Belief, Command, Gripper, ObjectId, Role};
use nalgebra::{UnitQuaternion, Vector2, Vector3};

/// Share of the remaining way taken in one step; more overshoots, because the arm lags its target.
const GAIN: f64 = 0.45;
/// Fastest travel, m a step (0.9 m/s).
pub(crate) const FAST: f64 = 0.045;
/// Speed near things, m a step (0.3 m/s).
pub(crate) const SLOW: f64 = 0.015;
/// Fastest turn, rad a step.
const TURN: f64 = 0.2;
/// Bodies within this distance of the way count as obstacles, m: half a hand and half a body.
const CORRIDOR: f64 = 0.12;
/// Height kept over obstacles, m.
const CLEARANCE: f64 = 0.04;
/// What of a finger reaches below the tool centre point, m.
pub(crate) const FINGERTIP: f64 = 0.01;
/// Height error at which sideways travel may begin, m.
const LEVEL: f64 = 0.02;

pub(crate) const OPEN: f64 = -1.0;
pub(crate) const CLOSED: f64 = 1.0;

/// A tool pose that points straight down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Aim {
    /// Tool centre point, base frame, m.
    pub(crate) position: Vector3<f64>,
    /// Turn of the hand about the vertical, rad.
    pub(crate) yaw: f64,
}

impl Aim {
    fn rotation(&self) -> UnitQuaternion<f64> {
        UnitQuaternion::from_axis_angle(&Vector3::z_axis(), self.yaw)
            * UnitQuaternion::from_axis_angle(&Vector3::x_axis(), PI)
    }

    /// The turn that is left, as a rotation vector, base frame, rad.
    pub(crate) fn turn(&self, gripper: &Gripper) -> Vector3<f64> {
        (self.rotation() * gripper.tcp.rotation.inverse()).scaled_axis()
    }

    /// Horizontal, vertical and angular distance of the tool from the aim, m, m, rad.
    pub(crate) fn errors(&self, gripper: &Gripper) -> (f64, f64, f64) {
        let way = self.position - gripper.tcp.translation.vector;
        (way.xy().norm(), way.z.abs(), self.turn(gripper).norm())
    }

    /// Whether the tool is within `position` m and `angle` rad of the aim.
    pub(crate) fn reached(&self, gripper: &Gripper, position: f64, angle: f64) -> bool {
        let (level, height, turn) = self.errors(gripper);
        level < position && height < position && turn < angle
    }

    /// The command of one step towards the aim, no faster than `speed` m a step.
    pub(crate) fn command(&self, gripper: &Gripper, speed: f64, grip: f64) -> Command {
        let way = (self.position - gripper.tcp.translation.vector) * GAIN;
        let turn = self.turn(gripper) * GAIN;
        Command {
            translation: shortened(way, speed) / Command::TRANSLATION_SCALE,
            rotation: shortened(turn, TURN) / Command::ROTATION_SCALE,
            gripper: grip,
        }
    }

    /// As [`Aim::command`], but first up to `height`, then sideways, then down.
    pub(crate) fn travel(&self, gripper: &Gripper, height: f64, speed: f64, grip: f64) -> Command {
        let at = gripper.tcp.translation.vector;
        let (level, _, _) = self.errors(gripper);
        let mut via = *self;
        if level > LEVEL {
            via.position.z = height.max(self.position.z);
            if at.z < via.position.z - LEVEL {
                via.position.x = at.x;
                via.position.y = at.y;
            }
        }
        via.command(gripper, speed, grip)
    }
}

fn shortened(v: Vector3<f64>, most: f64) -> Vector3<f64> {
    let length = v.norm();
    if length > most { v * (most / length) } else { v }
}

/// Height of the tool at which it passes over everything near the straight way to `to`, bodies and rods,
/// except the bodies in `ignore`; `hanging` is what reaches below the tool, m.
pub(crate) fn travel_height(
    belief: &Belief,
    to: &Vector3<f64>,
    ignore: &[ObjectId],
    hanging: f64,
) -> f64 {
    let from = belief.gripper.tcp.translation.vector.xy();
    belief
        .entities
        .iter()
        .filter(|(id, e)| {
            let stands = e.role == Role::Button || e.rod > 0.0;
            stands || (e.role == Role::Body && !ignore.contains(id))
        })
        .filter(|(_, e)| {
            distance_to_segment(e.pose.translation.vector.xy(), from, to.xy()) < CORRIDOR
        })
        .map(|(_, e)| e.top() + e.rod + CLEARANCE + hanging)
        .fold(f64::NEG_INFINITY, f64::max)
}

fn distance_to_segment(point: Vector2<f64>, from: Vector2<f64>, to: Vector2<f64>) -> f64 {
    let way = to - from;
    let share = if way.norm_squared() < 1e-12 {
        0.0
    } else {
        ((point - from).dot(&way) / way.norm_squared()).clamp(0.0, 1.0)
    };
    (point - (from + way * share)).norm()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_is_a_segment() {
        let (a, b) = (Vector2::new(0.0, 0.0), Vector2::new(1.0, 0.0));
        assert_eq!(distance_to_segment(Vector2::new(0.5, 0.2), a, b), 0.2);
        assert_eq!(distance_to_segment(Vector2::new(2.0, 0.0), a, b), 1.0);
        assert_eq!(distance_to_segment(Vector2::new(0.0, 0.3), a, a), 0.3);
    }
}
