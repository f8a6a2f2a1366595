//! Buttons that are pressed, and bodies that are heated.

use ergon_scenarios::{Instance, Scenario};
use ergon_vocab::Command;
use nalgebra::Vector3;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// Height over an area up to which what is there is heated, m.
const REACH: f64 = 0.1;

/// The state of buttons and of what they heat.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Heat {
    /// Whether each button is on, and whether something presses it.
    buttons: Vec<(bool, bool)>,
    /// For how many control steps each body was heated.
    heated: Vec<u64>,
}

impl Heat {
    pub(crate) fn new(scenario: &Scenario, instance: &Instance) -> Self {
        let buttons = vec![(false, false); scenario.buttons.len()];
        Self { buttons, heated: vec![0; instance.bodies.len()] }
    }

    /// One control step: which buttons are pressed, where bodies are.
    pub(crate) fn step(
        &mut self,
        scenario: &Scenario,
        pressed: &[bool],
        bodies: impl Iterator<Item = Vector3<f64>>,
    ) {
        for ((on, down), &pressed) in self.buttons.iter_mut().zip(pressed) {
            // What stays on a button presses it once.
            *on ^= pressed && !*down;
            *down = pressed;
        }
        let hot = |place: &Vector3<f64>| {
            scenario.buttons.iter().zip(&self.buttons).any(|(button, (on, _))| {
                let area = &scenario.areas[button.heats];
                let way = place - area.centre;
                let over = (way.xy().abs() - area.size / 2.0).max() < 0.0;
                *on && over && way.z < REACH
            })
        };
        let hot: Vec<bool> = bodies.map(|place| hot(&place)).collect();
        for (steps, hot) in self.heated.iter_mut().zip(hot) {
            *steps += u64::from(hot);
        }
    }

    pub(crate) fn is_on(&self, button: usize) -> bool {
        self.buttons.get(button).is_some_and(|(on, _)| *on)
    }

    /// Whether a body has been heated for long enough to change.
    pub(crate) fn changed(&self, scenario: &Scenario, instance: &Instance, body: usize) -> bool {
        let change = scenario.objects[instance.bodies[body].object].change.as_ref();
        let secs = self.heated[body] as f64 / Command::RATE_HZ;
        change.is_some_and(|change| secs >= change.after_secs)
    }

    pub(crate) fn digest(&self, digest: &mut Digest) {
        for (on, down) in &self.buttons {
            digest.number(u64::from(*on) + 2 * u64::from(*down));
        }
        self.heated.iter().for_each(|&steps| digest.number(steps));
    }

    /// Whether there is anything to heat or to press.
    pub(crate) fn is_idle(&self) -> bool {
        self.buttons.is_empty()
    }
}
