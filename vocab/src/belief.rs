//! What the agent believes about the scene.

use std::collections::BTreeMap;

use nalgebra::Vector3;

use crate::{Evidence, Facts, ObjectId, Pose};

/// What part an entity plays in the scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A body that can be moved.
    Body,
    /// A marked place on a surface.
    Area,
    /// A part of a surface that holds many bodies, each anywhere in it.
    Bin,
    /// A button that stands on a surface.
    Button,
    /// A surface that carries bodies.
    Surface,
}

/// What fits where: of which kind and how wide a body is, what kinds and widths a place takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// A set of up to 64 kinds, one a bit: the one of a body, those that a place takes.
    pub kinds: u64,
    /// Least and greatest width of what a place takes, m; without meaning for a body, whose width is
    /// measured.
    pub widths: [f64; 2],
}

impl Fit {
    /// A body that fits everywhere, a place that takes everything.
    pub const ANY: Self = Self { kinds: u64::MAX, widths: [0.0, f64::INFINITY] };
}

/// A hollow of a body that is open at the top, as that of a pan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hollow {
    /// Its width, m.
    pub width: f64,
    /// Height of its floor above the body's bottom face, m.
    pub floor: f64,
}

/// A believed thing with its geometry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entity {
    /// What part it plays.
    pub role: Role,
    /// Pose of its centre in the base frame. Areas, bins and surfaces have their centre on their top face.
    pub pose: Pose,
    /// Full extents along its own axes, m. Areas, bins and surfaces are
    /// flat: z is 0.
    pub size: Vector3<f64>,
    /// Standard deviation of the believed position, m; 0 where it is known exactly.
    pub position_std: f64,
    /// Standard deviation of each extent, m; 0 where it is known exactly.
    pub size_std: f64,
    /// What it fits, as far as that is told.
    pub fit: Fit,
    /// Height of a rod that stands on the middle of an area, m; 0 without one.
    pub rod: f64,
    /// What a body has to put things in.
    pub hollow: Option<Hollow>,
    /// Whether it looks changed: heated through, or switched on.
    pub changed: Evidence,
}

impl Entity {
    /// A thing whose geometry is known exactly.
    pub fn exact(role: Role, pose: Pose, size: Vector3<f64>) -> Self {
        Self {
            role,
            pose,
            size,
            position_std: 0.0,
            size_std: 0.0,
            fit: Fit::ANY,
            rod: 0.0,
            hollow: None,
            changed: Evidence::from_slack(-1.0),
        }
    }

    /// Height of the top face above the base frame's origin, m, for a body that stands on any of its faces.
    pub fn top(&self) -> f64 {
        self.pose.translation.z + self.half_height()
    }

    /// Height above the base frame's origin at which another body rests on it, m: that of the top face, or of
    /// the floor of a hollow into which the other fits.
    pub fn rest(&self, other: &Self) -> f64 {
        match self.hollow {
            Some(hollow) if other.size.max() < hollow.width => self.bottom() + hollow.floor,
            _ => self.top(),
        }
    }

    /// Height of the bottom face above the base frame's origin, m.
    pub fn bottom(&self) -> f64 {
        self.pose.translation.z - self.half_height()
    }

    /// Half the vertical extent of the oriented box, m.
    pub fn half_height(&self) -> f64 {
        let up = self.pose.rotation.inverse() * Vector3::z();
        0.5 * (up.x.abs() * self.size.x + up.y.abs() * self.size.y + up.z.abs() * self.size.z)
    }

    /// Turn of a box about the vertical, up to quarter turns: that of its most horizontal axis, rad.
    pub fn yaw(&self) -> f64 {
        let (x, y) = (self.pose.rotation * Vector3::x(), self.pose.rotation * Vector3::y());
        let flat = if x.z.abs() <= y.z.abs() { x } else { y };
        flat.y.atan2(flat.x)
    }

    /// Horizontal distance between two centres, m.
    pub fn horizontal_distance(&self, other: &Self) -> f64 {
        let d = self.pose.translation.vector - other.pose.translation.vector;
        d.xy().norm()
    }

    /// Edge of the cube of the same volume, m; infinite for a place, on which any body fits.
    pub fn width(&self) -> f64 {
        match self.role {
            Role::Body => self.size.product().cbrt(),
            Role::Area | Role::Bin | Role::Button | Role::Surface => f64::INFINITY,
        }
    }
}

/// The state of the gripper, from proprioception.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gripper {
    /// Pose of the tool centre point between the finger pads, base frame; z points out of the hand.
    pub tcp: Pose,
    /// Distance between the finger pads, m.
    pub opening: f64,
}

/// Entities, gripper and facts at one control step.
#[derive(Clone, Debug, PartialEq)]
pub struct Belief {
    /// Believed things by symbol.
    pub entities: BTreeMap<ObjectId, Entity>,
    /// The gripper.
    pub gripper: Gripper,
    /// Facts judged from the above.
    pub facts: Facts,
}

impl Belief {
    /// The entities that can be moved.
    pub fn bodies(&self) -> impl Iterator<Item = (ObjectId, &Entity)> {
        self.entities.iter().filter(|(_, e)| e.role == Role::Body).map(|(&id, e)| (id, e))
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::UnitQuaternion;

    use super::*;

    #[test]
    fn a_box_has_the_turn_of_its_flattest_axis() {
        let quarter = std::f64::consts::FRAC_PI_2;
        let turned = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), 0.3);
        let on_side = turned * UnitQuaternion::from_axis_angle(&Vector3::y_axis(), quarter);
        for rotation in [turned, on_side] {
            let pose = Pose::from_parts(Vector3::zeros().into(), rotation);
            let yaw = Entity::exact(Role::Body, pose, Vector3::repeat(0.04)).yaw();
            let off = yaw - 0.3 - ((yaw - 0.3) / quarter).round() * quarter;
            assert!(off.abs() < 1e-9, "{yaw}");
        }
    }

    #[test]
    fn a_cube_on_any_face_has_the_same_height() {
        let size = Vector3::new(0.04, 0.05, 0.06);
        let cube =
            |axis: Vector3<f64>| Entity::exact(Role::Body, Pose::new(Vector3::zeros(), axis), size);
        assert!((cube(Vector3::zeros()).half_height() - 0.03).abs() < 1e-12);
        let quarter = std::f64::consts::FRAC_PI_2;
        assert!((cube(Vector3::x() * quarter).half_height() - 0.025).abs() < 1e-12);
        assert!((cube(Vector3::y() * quarter).half_height() - 0.02).abs() < 1e-12);
    }
}
