//! A robot file with all that it names, read and checked against each other.

use std::path::Path;

use ergon_bench::Setup;
use ergon_bridge::robot::{CameraFile, Chain, DriverSettings, RobotFile};
use ergon_controller::Envelope;
use ergon_vocab::{CameraSpec, FileError};
use nalgebra::Vector3;

use crate::exit::{Exit, Failure};
use crate::files;

/// A robot as its files tell of it.
pub(super) struct RobotFiles {
    pub(super) file: RobotFile,
    pub(super) urdf: String,
    pub(super) chain: Chain,
    /// In the robot file's order.
    pub(super) cameras: Vec<CameraSpec>,
    /// In the same order.
    pub(super) calibrations: Vec<CameraFile>,
    name: String,
}

fn wrong(error: FileError) -> Failure {
    let failure = Failure::new(Exit::BadInput, error.to_string());
    if error.hint.is_empty() { failure } else { failure.with_hint(error.hint) }
}

fn text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(files::read(path)?).map_err(|_| {
        Failure::new(Exit::BadInput, format!("{}: expected UTF-8 text", path.display()))
    })
}

impl RobotFiles {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let file = RobotFile::parse(&text(path)?, &name).map_err(wrong)?;
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        let urdf_path = folder.join(&file.arm.urdf);
        let urdf = text(&urdf_path)?;
        let chain = Chain::from_urdf(&urdf, &file.arm.base, &file.arm.tool).map_err(|e| {
            Failure::new(Exit::BadInput, format!("{}: {e}", urdf_path.display()))
                .with_hint("arm.base and arm.tool of the robot file name links of the description")
        })?;
        let camera = |entry: &ergon_bridge::robot::CameraEntry| {
            let path = folder.join(&entry.calibration);
            CameraFile::parse(&text(&path)?, &path.display().to_string()).map_err(wrong)
        };
        let calibrations =
            file.cameras.iter().map(camera).collect::<Result<Vec<CameraFile>, Failure>>()?;
        let named = file.cameras.iter().zip(&calibrations);
        let cameras = named.map(|(entry, camera)| camera.spec(&entry.name)).collect();
        Ok(Self { file, urdf, chain, cameras, calibrations, name })
    }

    pub(super) fn driver(&self, speed: f64, cameras: bool) -> Result<DriverSettings, Failure> {
        if !(speed > 0.0 && speed <= 1.0) {
            let message = format!("--speed: expected a share above 0 and up to 1, found {speed}");
            return Err(Failure::new(Exit::BadInput, message));
        }
        self.file.driver(self.chain.clone(), speed, cameras, &self.name).map_err(wrong)
    }

    pub(super) fn envelope(&self, settings: &DriverSettings, speed: f64) -> Envelope {
        let limits = &self.file.limits;
        let bounds = |joint: &ergon_bridge::robot::Joint| [joint.lower, joint.upper];
        Envelope {
            workspace_min: Vector3::from(limits.workspace_min),
            workspace_max: Vector3::from(limits.workspace_max),
            tool_speed: limits.tool_speed,
            tool_turn: limits.tool_turn,
            tool_acceleration: limits.tool_acceleration,
            speed_scale: speed,
            joint_limits: self.chain.joints.iter().map(bounds).collect(),
            joint_speeds: settings.chain.joints.iter().map(|j| j.velocity).collect(),
        }
    }

    /// Puts the scenario's places where the robot file says they are.
    pub(super) fn place(&self, setup: &mut Setup) -> Result<(), Failure> {
        let scenario = &mut setup.scenario;
        for (symbol, place) in &self.file.symbols {
            let at = Vector3::from(place.position);
            if let Some(area) = scenario.areas.iter_mut().find(|a| a.name == *symbol) {
                area.centre = at;
            } else if scenario.table.name == *symbol {
                scenario.table.top = at;
            } else {
                let message = format!("{}: symbols.{symbol}: no such place", self.name);
                let known: Vec<_> = scenario.areas.iter().map(|a| a.name.as_str()).collect();
                let hint = format!("places of {}: {}", scenario.name, known.join(", "));
                return Err(Failure::new(Exit::BadInput, message).with_hint(hint));
            }
        }
        Ok(())
    }
}
