use std::path::PathBuf;
use std::process::{Command, Stdio};

use ergon_bench::{Setup, SpeedRow, measure_simulator};
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::out::say;

/// Sizes of the pictures that are measured, pixels; 0 for no camera.
const SIZES: [usize; 4] = [0, 84, 128, 256];
/// The script that measures robosuite, part of this program.
const ROBOSUITE: &str = include_str!("../../../../bench/peers/robosuite_speed.py");

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Scenario to measure
    #[arg(default_value = "scenarios/hanoi/3.toml")]
    scenario: PathBuf,
    /// Control steps for each row
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Measure robosuite in the same run, with this Python
    #[arg(long, value_name = "PYTHON")]
    peer: Option<PathBuf>,
    /// Print the rows as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(sim: &Arguments) -> Result<Exit, Failure> {
    let setup = Setup::load(&sim.scenario, &[])?;
    let ours = measure_simulator(&setup.scenario, &SIZES, sim.steps)?;
    let peers = sim.peer.as_ref().map(robosuite).transpose()?.unwrap_or_default();
    if sim.json {
        say!("{:#}", json!({ "ergon": ours, "peers": peers }));
    } else {
        show(&ours, &peers);
    }
    Ok(Exit::Done)
}

/// Rows of robosuite, measured by a script that a Python runs.
fn robosuite(python: &PathBuf) -> Result<Vec<Value>, Failure> {
    let failed = |reason: String| {
        Failure::new(Exit::BadInput, format!("{}: cannot measure robosuite: {reason}", python.display()))
            .with_hint("pip install mujoco==3.3.7 numpy==1.26.4 robosuite==1.5.2 opencv-python-headless; apt-get install libosmesa6")
    };
    let output = Command::new(python)
        .args(["-c", ROBOSUITE])
        .args(SIZES.map(|size| size.to_string()))
        .stderr(Stdio::piped())
        .output()
        .map_err(|e| failed(e.to_string()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(failed(said.trim().lines().last().unwrap_or("it says nothing").to_owned()));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let rows = text.lines().filter(|l| l.starts_with('{'));
    rows.map(|l| serde_json::from_str(l).map_err(|e| failed(e.to_string()))).collect()
}

fn show(ours: &[SpeedRow], peers: &[Value]) {
    say!("control steps a processor second, one thread, 20 Hz control, random motion\n");
    say!("{:<28} {:>10} {:>12} {:>12}", "", "camera", "steps/s", "x real time");
    for row in ours {
        let camera = camera(row.pixels);
        say!(
            "{:<28} {camera:>10} {:>12.0} {:>12.0}",
            "ergon",
            row.steps_per_sec,
            row.real_time_factor
        );
    }
    for peer in peers {
        let pixels = peer["pixels"].as_u64().unwrap_or(0) as usize;
        let rate = peer["steps_per_sec"].as_f64().unwrap_or(f64::NAN);
        let times =
            ours.iter().find(|r| r.pixels == pixels).map_or(f64::NAN, |r| r.steps_per_sec / rate);
        say!(
            "{:<28} {:>10} {rate:>12.1} {:>12.1}   ergon is {times:.1} times as fast",
            peer["peer"].as_str().unwrap_or("?"),
            camera(pixels),
            rate / 20.0,
        );
    }
}

fn camera(pixels: usize) -> String {
    if pixels == 0 { "none".into() } else { format!("{pixels} px") }
}
