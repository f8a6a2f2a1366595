//! How a cell differs from its description: light, colours, cameras, friction. The agent is not told.

use std::f64::consts::TAU;

use ergon_vocab::Pose;
use nalgebra::{Translation3, Unit, UnitQuaternion, Vector3};

use crate::instance::Dice;
use crate::model::Scenario;

/// The most that a lamp of strength 1 is turned, rad.
const LAMP_TURN: f64 = 1.0;
/// The most by which a lamp of strength 1 is brighter or darker: a factor of e to this power.
const LAMP_GAIN: f64 = 0.6;

/// Ranges from which the seed draws how far the cell is from its description.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VariationSpec {
    /// Strength of the change of light, 0 (none) to 1 (lamp turned by 1 rad, 1.8 times as bright or dim).
    pub light: [f64; 2],
    /// Turn of each object's hue, either way, rad.
    pub hue: [f64; 2],
    /// Brighter or darker surfaces of table, areas and objects, either way, as a share.
    pub shade: [f64; 2],
    /// Displacement of each camera in a random direction, m.
    pub camera_shift: [f64; 2],
    /// Turn of each camera about a random axis, rad.
    pub camera_turn: [f64; 2],
    /// Factor on every coefficient of friction.
    pub friction: [f64; 2],
}

impl VariationSpec {
    /// Everything as described.
    pub const NONE: Self = Self {
        light: [0.0; 2],
        hue: [0.0; 2],
        shade: [0.0; 2],
        camera_shift: [0.0; 2],
        camera_turn: [0.0; 2],
        friction: [1.0; 2],
    };
}

/// How one episode's cell differs from its description.
#[derive(Clone, Debug, PartialEq)]
pub struct Variation {
    /// Turn of the lamp's direction, base frame.
    pub lamp_turn: UnitQuaternion<f64>,
    /// Factor on all light.
    pub lamp_gain: f64,
    /// Colour of each of the scenario's objects, linear light, RGB.
    pub object_rgb: Vec<[f32; 3]>,
    /// Factors on the colour of the table and of the areas.
    pub table_gain: f64,
    /// See `table_gain`.
    pub area_gain: f64,
    /// Where each of the scenario's cameras truly is, in the frame of where it is described to be.
    pub cameras: Vec<Pose>,
    /// Factor on every coefficient of friction.
    pub friction: f64,
}

impl Variation {
    /// Draws the variation of an episode.
    pub(crate) fn draw(scenario: &Scenario, dice: &mut Dice) -> Self {
        let spec = &scenario.variation;
        let light = dice.between(spec.light);
        let lamp_turn = dice.turn(light * LAMP_TURN);
        let lamp_gain = libm::exp(dice.sign() * light * LAMP_GAIN);
        let mut gain = || 1.0 + dice.sign() * dice.between(spec.shade);
        let (table_gain, area_gain) = (gain(), gain());
        let object_rgb = scenario
            .objects
            .iter()
            .map(|object| {
                let gain = (1.0 + dice.sign() * dice.between(spec.shade)) as f32;
                let hue = dice.sign() * dice.between(spec.hue);
                hue_turned(object.rgb, hue as f32).map(|x| (x * gain).clamp(0.0, 1.0))
            })
            .collect();
        let cameras = scenario
            .cameras
            .iter()
            .map(|_| {
                let shift = dice.direction() * dice.between(spec.camera_shift);
                let angle = dice.between(spec.camera_turn);
                Pose::from_parts(Translation3::from(shift), dice.turn(angle))
            })
            .collect();
        let friction = dice.between(spec.friction);
        Self { lamp_turn, lamp_gain, object_rgb, table_gain, area_gain, cameras, friction }
    }
}

impl Dice {
    /// -1 or 1.
    fn sign(&mut self) -> f64 {
        if self.unit() < 0.5 { -1.0 } else { 1.0 }
    }

    /// Uniform on the unit sphere.
    fn direction(&mut self) -> Vector3<f64> {
        let (z, angle) = (self.between([-1.0, 1.0]), self.between([0.0, TAU]));
        let radius = libm::sqrt(1.0 - z * z);
        Vector3::new(radius * libm::cos(angle), radius * libm::sin(angle), z)
    }

    /// A turn by an angle, rad, about a random axis.
    fn turn(&mut self, angle: f64) -> UnitQuaternion<f64> {
        let axis = Unit::new_unchecked(self.direction());
        let (sin, cos) = (libm::sin(angle / 2.0), libm::cos(angle / 2.0));
        let imaginary = axis.into_inner() * sin;
        UnitQuaternion::new_unchecked(nalgebra::Quaternion::from_parts(cos, imaginary))
    }
}

/// A colour with its hue turned by an angle, rad: a turn about the grey axis, cut to what can be shown.
fn hue_turned(rgb: [f32; 3], angle: f32) -> [f32; 3] {
    if angle == 0.0 {
        return rgb;
    }
    // Rodrigues' formula about (1, 1, 1) / sqrt 3.
    let (sin, cos) = (libm::sinf(angle), libm::cosf(angle));
    let mean = (rgb[0] + rgb[1] + rgb[2]) / 3.0;
    let root = libm::sqrtf(3.0);
    [0, 1, 2].map(|i| {
        let cross = (rgb[(i + 2) % 3] - rgb[(i + 1) % 3]) / root;
        (mean + (rgb[i] - mean) * cos + cross * sin).clamp(0.0, 1.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_of_a_turn_changes_red_to_green() {
        let green = hue_turned([0.9, 0.1, 0.1], (TAU / 3.0) as f32);
        let expected = [0.1, 0.9, 0.1];
        assert!(green.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{green:?}");
        assert_eq!(hue_turned([0.3, 0.5, 0.2], 0.0), [0.3, 0.5, 0.2]);
    }
}
