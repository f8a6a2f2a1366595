//! `ergon doctor --robot`: what of a robot is there, and how well its cameras agree with what was
//! measured.

use std::path::Path;
use std::time::Duration;

use ergon_bridge::ros::{Finding, examine};

use super::field::no_ros;
use super::files::{Missing, RobotFiles};
use crate::exit::{Exit, Failure};
use crate::out::say;

/// How long a robot gets to show itself.
const PATIENCE: Duration = Duration::from_secs(5);
/// Residual of a camera that is good enough to grasp by, pixels, root mean square.
const GOOD_PIXELS: f64 = 2.0;

pub(super) fn run(robot: &Path) -> Result<Exit, Failure> {
    let findings = match RobotFiles::examined(robot, PATIENCE) {
        // Without it nothing else can be looked at.
        Err(Missing::Untold(finding)) => vec![finding],
        Err(Missing::Failed(failure)) => return Err(failure),
        Ok(robot) => {
            let mut findings = robot.told.clone();
            findings.extend(robot.residuals());
            let there = examine(&robot.file, &robot.chain, &robot.calibrations, PATIENCE);
            findings.extend(there.map_err(no_ros)?);
            findings
        }
    };
    for finding in &findings {
        let mark = if finding.remedy.is_none() { "ok  " } else { "BAD " };
        say!("{mark}  {:<16} {}", finding.what, finding.found);
        if let Some(remedy) = &finding.remedy {
            say!("      {:<16} {remedy}", "");
        }
    }
    let bad = findings.iter().any(|f| f.remedy.is_some());
    Ok(if bad { Exit::NotAchieved } else { Exit::Done })
}

impl RobotFiles {
    /// How far the points of each camera's calibration appear from where they were seen.
    fn residuals(&self) -> Vec<Finding> {
        let of = |(spec, camera): (&ergon_vocab::CameraSpec, &ergon_bridge::robot::Calibration)| {
            let what = format!("calibration {}", spec.name);
            let Some(residual) = camera.residual() else {
                let found = "no points to check it by".to_owned();
                let remedy = Some("add [[point]] entries to its file".to_owned());
                return Finding { what, found, remedy };
            };
            let found = format!(
                "{} points, rms {:.2} px, largest {:.2} px, {} behind the camera",
                residual.points, residual.rms, residual.largest, residual.behind
            );
            let good = residual.rms <= GOOD_PIXELS && residual.behind == 0;
            let remedy = (!good).then(|| "measure its position and rotation anew".to_owned());
            Finding { what, found, remedy }
        };
        self.cameras.iter().zip(&self.calibrations).map(of).collect()
    }
}
