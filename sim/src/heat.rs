//! Buttons that are pressed, and bodies that are heated.

use ergon_scenarios::{Instance, Scenario};
use ergon_vocab::Command;
use nalgebra::Vector3;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// Height over an area up to which what is there is heated, m.
const REACH: f64 = 0.1;

/// Control steps for which nothing may have touched a button before another touch presses it: touches that
/// follow each other sooner are one press, as a switch that is debounced takes them.
const CLEAR: u64 = 5;

/// The state of a button.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Switch {
    on: bool,
    /// For how many control steps nothing has touched it.
    clear: u64,
}

/// The state of buttons and of what they heat.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Heat {
    buttons: Vec<Switch>,
    /// For how many control steps each body was heated.
    heated: Vec<u64>,
}

impl Heat {
    pub(crate) fn new(scenario: &Scenario, instance: &Instance) -> Self {
        let buttons = vec![Switch { on: false, clear: CLEAR }; scenario.buttons.len()];
        Self { buttons, heated: vec![0; instance.bodies.len()] }
    }

    /// One control step: which buttons are touched, where bodies are.
    pub(crate) fn step(
        &mut self,
        scenario: &Scenario,
        touched: &[bool],
        bodies: impl Iterator<Item = Vector3<f64>>,
    ) {
        for (button, &touched) in self.buttons.iter_mut().zip(touched) {
            button.on ^= touched && button.clear >= CLEAR;
            button.clear = if touched { 0 } else { button.clear + 1 };
        }
        let hot = |place: &Vector3<f64>| {
            scenario.buttons.iter().zip(&self.buttons).any(|(button, switch)| {
                let area = &scenario.areas[button.heats];
                let way = place - area.centre;
                let over = (way.xy().abs() - area.size / 2.0).max() < 0.0;
                switch.on && over && way.z < REACH
            })
        };
        let hot: Vec<bool> = bodies.map(|place| hot(&place)).collect();
        for (steps, hot) in self.heated.iter_mut().zip(hot) {
            *steps += u64::from(hot);
        }
    }

    pub(crate) fn is_on(&self, button: usize) -> bool {
        self.buttons.get(button).is_some_and(|switch| switch.on)
    }

    /// Whether a body has been heated for long enough to change.
    pub(crate) fn changed(&self, scenario: &Scenario, instance: &Instance, body: usize) -> bool {
        let change = scenario.objects[instance.bodies[body].object].change.as_ref();
        let secs = self.heated[body] as f64 / Command::RATE_HZ;
        change.is_some_and(|change| secs >= change.after_secs)
    }

    pub(crate) fn digest(&self, digest: &mut Digest) {
        for switch in &self.buttons {
            digest.number(u64::from(switch.on));
            digest.number(switch.clear);
        }
        self.heated.iter().for_each(|&steps| digest.number(steps));
    }

    /// Whether there is anything to heat or to press.
    pub(crate) fn is_idle(&self) -> bool {
        self.buttons.is_empty()
    }
}
