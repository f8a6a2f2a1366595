//! A robot file with all that it names, read and checked against each other.

use std::path::Path;
use std::time::Duration;

use ergon_bench::Setup;
use ergon_bridge::robot::{
    Calibration, CameraEntry, CameraFile, Chain, DriverSettings, MountFile, RobotFile, Whereabouts,
    is_near,
};
use ergon_bridge::ros::{Finding, Told, Wanted};
use ergon_controller::Envelope;
use ergon_vocab::{CameraSpec, FileError};
use nalgebra::Vector3;

use super::field::no_ros;
use crate::exit::{Exit, Failure};
use crate::files;

/// How long a robot is listened to for what its files leave to it.
const PATIENCE: Duration = Duration::from_secs(10);

/// A robot as its files tell of it.
pub(super) struct RobotFiles {
    pub(super) file: RobotFile,
    pub(super) chain: Chain,
    /// In the robot file's order.
    pub(super) cameras: Vec<CameraSpec>,
    /// In the same order.
    pub(super) calibrations: Vec<Calibration>,
    /// Places of the task, by name: base frame, m.
    symbols: Vec<(String, Vector3<f64>)>,
    /// What the robot told of itself.
    pub(super) told: Vec<Finding>,
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

/// The description of a robot in a file beside its robot file.
fn urdf(file: &RobotFile, folder: &Path) -> Result<String, Failure> {
    text(&folder.join(&file.arm.urdf))
}

/// The arm's chain; `place` is where the description was read.
fn chain(file: &RobotFile, urdf: &str, place: &str) -> Result<Chain, Failure> {
    Chain::from_urdf(urdf, &file.arm.base, &file.arm.tool).map_err(|e| {
        Failure::new(Exit::BadInput, format!("{place}: {e}"))
            .with_hint("arm.base and arm.tool of the robot file name links of the description")
    })
}

/// Why a robot's files are not all there is to know.
pub(super) enum Missing {
    /// The robot did not tell what they leave to it.
    Untold(Finding),
    /// They cannot be read.
    Failed(Failure),
}

impl From<Finding> for Missing {
    fn from(finding: Finding) -> Self {
        Self::Untold(finding)
    }
}

impl From<Failure> for Missing {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Missing> for Failure {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Failed(failure) => failure,
            Missing::Untold(Finding { what, found, remedy }) => {
                let failure = Self::new(Exit::BadInput, format!("{what}: {found}"));
                remedy.into_iter().fold(failure, Self::with_hint)
            }
        }
    }
}

/// The arm's chain, by its file or by what the robot told; `findings` hears of the latter.
fn described(
    file: &RobotFile,
    folder: &Path,
    told: &Told,
    findings: &mut Vec<Finding>,
) -> Result<Chain, Missing> {
    if file.arm.description.is_empty() {
        let place = folder.join(&file.arm.urdf).display().to_string();
        return Ok(chain(file, &urdf(file, folder)?, &place)?);
    }
    let description = told.description(file)?;
    let place = file.full_name(&file.arm.description);
    let found = format!("{} bytes on {place}", description.len());
    findings.push(Finding { what: "description".into(), found, remedy: None });
    Ok(chain(file, description, &place)?)
}

/// What the supervisor of a robot needs: its file and its arm.
pub(super) fn supervised(path: &Path) -> Result<(RobotFile, Chain), Failure> {
    let (file, folder) = robot(path)?;
    let told = Told::listen(&file, &[], PATIENCE).map_err(no_ros)?;
    let chain = described(&file, folder, &told, &mut Vec::new())?;
    Ok((file, chain))
}

/// A robot that is served from here: its file, its description and its arm.
pub(super) fn served(path: &Path) -> Result<(RobotFile, String, Chain), Failure> {
    let (file, folder) = robot(path)?;
    if file.arm.urdf.is_empty() {
        let message = format!("{}: arm.description names a topic", path.display());
        return Err(Failure::new(Exit::BadInput, message)
            .with_hint("sim-robot tells the description itself: name its file, arm.urdf"));
    }
    let urdf = urdf(&file, folder)?;
    let place = folder.join(&file.arm.urdf).display().to_string();
    let chain = chain(&file, &urdf, &place)?;
    Ok((file, urdf, chain))
}

/// A robot file, and the folder that it is in.
fn robot(path: &Path) -> Result<(RobotFile, &Path), Failure> {
    let file = RobotFile::parse(&text(path)?, &path.display().to_string()).map_err(wrong)?;
    Ok((file, path.parent().unwrap_or_else(|| Path::new(""))))
}

/// What a camera of this mount is fixed to.
fn mount(file: &RobotFile, mount: MountFile) -> &str {
    match mount {
        MountFile::Cell => &file.arm.base,
        MountFile::Tool => &file.arm.tool,
    }
}

/// The frames that the files leave to tf.
fn wanted(file: &RobotFile, cameras: &[CameraFile]) -> Vec<Wanted> {
    let of = |to: &str, frame: &String| Wanted { to: to.to_owned(), frame: frame.clone() };
    let cameras = cameras.iter().filter_map(|camera| match &camera.at {
        Whereabouts::Frame(frame) => Some(of(mount(file, camera.mount), frame)),
        Whereabouts::Said(_) => None,
    });
    let places = file.symbols.values().filter(|place| !place.frame.is_empty());
    cameras.chain(places.map(|place| of(&file.arm.base, &place.frame))).collect()
}

/// What is where, by files and tf.
struct Placed {
    calibrations: Vec<Calibration>,
    symbols: Vec<(String, Vector3<f64>)>,
}

impl Placed {
    /// Looks for all that is left to tf; `findings` is told of what was found.
    fn find(
        file: &RobotFile,
        cameras: &[CameraFile],
        told: &Told,
        findings: &mut Vec<Finding>,
    ) -> Result<Self, Finding> {
        let mut find = |to: &str, frame: &str| {
            let pose = told.find(file, to, frame)?;
            let at = pose.translation;
            let found = format!("at {:.3}, {:.3}, {:.3} m in {to}", at.x, at.y, at.z);
            findings.push(Finding { what: format!("frame {frame}"), found, remedy: None });
            Ok::<_, Finding>(pose)
        };
        let mut calibrations = Vec::new();
        for camera in cameras {
            calibrations.push(camera.placed(|m, frame| find(mount(file, m), frame))?);
        }
        let mut symbols = Vec::new();
        for (name, place) in &file.symbols {
            let at = match place.position {
                Some(at) => at,
                None => find(&file.arm.base, &place.frame)?.translation.vector.into(),
            };
            if !is_near(&at) {
                let found = format!("{at:?} m from the arm's base");
                let remedy = Some("a place of the task is at most 10 m away".to_owned());
                return Err(Finding { what: format!("symbols.{name}"), found, remedy });
            }
            symbols.push((name.clone(), Vector3::from(at)));
        }
        Ok(Self { calibrations, symbols })
    }
}

impl RobotFiles {
    /// Reads a robot's files, and asks the robot for what they leave to it.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        Ok(Self::examined(path, PATIENCE)?)
    }

    /// As [`RobotFiles::read`]; what a robot does not tell within `patience` is a finding.
    pub(super) fn examined(path: &Path, patience: Duration) -> Result<Self, Missing> {
        let (file, folder) = robot(path)?;
        let camera = |entry: &CameraEntry| {
            let path = folder.join(&entry.calibration);
            CameraFile::parse(&text(&path)?, &path.display().to_string()).map_err(wrong)
        };
        let cameras =
            file.cameras.iter().map(camera).collect::<Result<Vec<CameraFile>, Failure>>()?;
        let told = Told::listen(&file, &wanted(&file, &cameras), patience).map_err(no_ros)?;
        let mut findings = Vec::new();
        let chain = described(&file, folder, &told, &mut findings)?;
        let Placed { calibrations, symbols } = Placed::find(&file, &cameras, &told, &mut findings)?;
        let named = file.cameras.iter().zip(&calibrations);
        let cameras = named.map(|(entry, camera)| camera.spec(&entry.name)).collect();
        let name = path.display().to_string();
        Ok(Self { file, chain, cameras, calibrations, symbols, told: findings, name })
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
        for (symbol, at) in &self.symbols {
            let at = *at;
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
