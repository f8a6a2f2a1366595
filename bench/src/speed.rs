//! How fast the simulator is: control steps a processor second on one thread.

use cpu_time::ThreadTime;
use ergon_scenarios::Scenario;
use ergon_sim::{SimError, Simulator};
use ergon_vocab::{Command, Robot};
use serde::{Deserialize, Serialize};

use crate::SetupError;

/// Largest component of a random command: the peers' scripts use the same.
const STRIDE: f64 = 0.3;
/// Steps before the measurement begins.
const WARM_UP: u32 = 20;
/// The walk is led back when it strays further than this from where it began, m.
const LEASH: f64 = 0.15;

/// A measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpeedRow {
    /// Side of the one camera's square pictures, pixels; 0 for no camera.
    pub pixels: usize,
    /// Control steps measured.
    pub steps: u32,
    /// Control steps a second of processor time, on one thread.
    pub steps_per_sec: f64,
    /// Simulated seconds a second of processor time.
    pub real_time_factor: f64,
}

/// Measures random motion over the table with the first camera at several sizes (0 for none).
///
/// # Errors
/// The cell cannot be set up.
pub fn measure_simulator(
    scenario: &Scenario,
    sizes: &[usize],
    steps: u32,
) -> Result<Vec<SpeedRow>, SetupError> {
    sizes.iter().map(|&pixels| measure(scenario, pixels, steps)).collect()
}

fn measure(scenario: &Scenario, pixels: usize, steps: u32) -> Result<SpeedRow, SetupError> {
    let failed = |source| SetupError::Sim { scenario: scenario.name.clone(), seed: 0, source };
    let mut simulator = Simulator::new(scenario, &scenario.instance(0)).map_err(failed)?;
    if pixels > 0 {
        simulator.set_cameras(&[(0, [pixels, pixels])]);
    }
    let mut walk = Walk::new(&simulator);
    let mut start = ThreadTime::now();
    for step in 0..WARM_UP + steps {
        if step == WARM_UP {
            start = ThreadTime::now();
        }
        let command = walk.command(&simulator);
        // The commands keep the contract, so nothing but diverging physics refuses them.
        simulator.step(&command).map_err(|_| failed(SimError::Diverged(u64::from(step))))?;
    }
    let steps_per_sec = f64::from(steps) / start.elapsed().as_secs_f64();
    Ok(SpeedRow {
        pixels,
        steps,
        steps_per_sec,
        real_time_factor: steps_per_sec / Command::RATE_HZ,
    })
}

/// Random commands that stay near where they began, the same on every run.
struct Walk {
    state: u64,
    home: nalgebra::Vector3<f64>,
}

impl Walk {
    fn new(simulator: &Simulator) -> Self {
        Self { state: 0x9E37_79B9_7F4A_7C15, home: simulator.ground_truth().tcp.translation.vector }
    }

    /// Uniform in [-1, 1), by Marsaglia's xorshift.
    fn random(&mut self) -> f64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    fn command(&mut self, simulator: &Simulator) -> Command {
        let away = simulator.ground_truth().tcp.translation.vector - self.home;
        let mut command = Command::from_array(std::array::from_fn(|_| STRIDE * self.random()));
        command.gripper = -1.0;
        for axis in 0..3 {
            if away[axis].abs() > LEASH {
                command.translation[axis] = -STRIDE * away[axis].signum();
            }
        }
        command
    }
}
