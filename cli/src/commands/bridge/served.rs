//! `ergon sim-robot`: the simulated cell where a real one would be.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ergon_bench::{Cast, Judge, Setup, camera};
use ergon_bridge::robot::JointState;
use ergon_bridge::ros::{ServedArm, ServedCamera, serve_arm};
use ergon_sim::Simulator;
use ergon_vocab::{CameraImage, Clock};

use super::ServeArguments;
use super::field::no_ros;
use super::files;
use crate::clock::WallClock;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::out::say;

struct Cell<'a> {
    simulator: Simulator,
    judge: Judge,
    cast: &'a Cast,
    clock: WallClock,
    end: Option<Duration>,
    stop: Arc<AtomicBool>,
    steps: u64,
}

pub(super) fn run(arguments: &ServeArguments) -> Result<Exit, Failure> {
    let (file, urdf, chain) = files::served(&arguments.robot)?;
    let setup = Setup::load(&arguments.scenario, &[])?;
    let stop = interrupt::flag()?;
    let instance = setup.scenario.instance(arguments.seed);
    let cast = Cast::new(&setup, &instance, &ergon_controller::SKILLS)?;
    let mut simulator = Simulator::new(&setup.scenario, &instance)
        .map_err(|e| Failure::new(Exit::BadInput, format!("{}: {e}", setup.scenario.name)))?;
    let sizes: Vec<_> = setup.scenario.cameras.iter().map(|c| c.size).enumerate().collect();
    simulator.set_cameras(&sizes);
    let cameras = setup.scenario.cameras.iter().filter_map(|c| {
        let entry = file.cameras.iter().find(|entry| entry.name == c.name)?;
        let (image, info) = (entry.image.clone(), entry.info.clone());
        Some(ServedCamera { spec: camera(c), image, info })
    });
    let cameras: Vec<ServedCamera> = cameras.filter(|c| !c.info.is_empty()).collect();
    let mut cell = Cell {
        simulator,
        judge: Judge::new(),
        cast: &cast,
        clock: WallClock::new(),
        end: arguments.secs.and_then(|secs| Duration::try_from_secs_f64(secs).ok()),
        stop: Arc::clone(&stop),
        steps: 0,
    };
    say!("{} serves {}; Ctrl-C ends it", file.name, setup.scenario.name);
    let mut report = |what: &str| say!("{what}");
    let files = (&file, &chain, urdf.as_str());
    serve_arm(files, &cameras, &mut cell, &stop, &mut report).map_err(no_ros)?;
    let verdict = cell.judge.verdict();
    say!(
        "verdict           {}, by the judge's strict definition; laws broken {}",
        if verdict.strict { "the goal holds" } else { "the goal does not hold" },
        verdict.violations.len()
    );
    Ok(Exit::Done)
}

impl ServedArm for Cell<'_> {
    fn tick_secs(&self) -> f64 {
        Simulator::TICK_SECS
    }

    fn joints(&self) -> JointState {
        let (positions, velocities) = self.simulator.joints();
        JointState { positions, velocities }
    }

    fn finger(&self) -> f64 {
        self.simulator.finger_positions().iter().sum::<f64>() / 2.0
    }

    fn tick(&mut self, positions: &[f64], closing: bool) -> Result<(), String> {
        self.simulator.tick(positions, closing).map_err(|e| e.to_string())?;
        if self.simulator.step_count() > self.steps {
            self.steps = self.simulator.step_count();
            self.judge.watch(self.cast, &self.simulator.ground_truth());
            for what in self.simulator.take_disturbances() {
                say!("{:7.2} s  !!  {what}", self.simulator.time_secs());
            }
        }
        if self.end.is_some_and(|end| self.clock.now() > end) {
            self.stop.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    fn pictures(&mut self) -> Result<Vec<CameraImage>, String> {
        self.simulator.pictures().map_err(|e| e.to_string())
    }
}
