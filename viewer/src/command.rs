//! What the command line asks for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use ergon_bench::trace::Trace;
use ergon_bench::{Method, Networks, Setup, find_policies};
use ergon_inference::Runtime;
use ergon_scenarios::Override;
use ergon_viewer::orbit::Eye;
use ergon_viewer::session::{LoadNetworks, Session};
use ergon_viewer::window::{Quality, Studio, Wanted, open};
use ergon_viewer::{LiveRun, Play, Playback, Tidings, Timeline, ViewerError, WallClock};
use ergon_vocab::Command;

use crate::output::{Film, write_png};

/// The environment variable that names a native ONNX Runtime library, as in its other bindings.
const LIBRARY: &str = "ORT_DYLIB_PATH";
/// Control steps from one frame of a film to the next.
const FILM_STEPS: usize = 2;
/// Simulated seconds a second of a film.
const FILM_SPEED: f64 = 2.0;
/// Sizes of what is drawn, where none is asked for: the window and a screenshot, a film.
const WINDOW: [u32; 2] = [1280, 720];
const FILM: [u32; 2] = [960, 540];

/// Watch an episode live or a recorded trace, disturb it, and make pictures and films of it.
#[derive(clap::Parser)]
#[command(
    name = "ergon-viewer",
    version,
    after_help = "\
Examples:  ergon-viewer scenarios/hanoi/3.toml
           ergon-viewer runs/demo/hanoi-3-0000.mcap
           ergon-viewer one.mcap another.mcap
           ergon-viewer scenarios/hanoi/3-knock.toml --seed 4 --screenshot knock.png --at 12
           ergon-viewer runs/demo/hanoi-3-0000.mcap --film demo.gif
Keys are shown in the window. Without a display only --screenshot and --film work.
Exit codes:  0 done; 2 wrong usage; 31 a file is wrong or missing; 69 no display or no Vulkan driver;
             70 a bug; 74 cannot write"
)]
pub(crate) struct Arguments {
    /// A scenario (.toml), or one or two traces (.mcap) that `ergon run --record` wrote
    #[arg(required = true, num_args = 1..=2)]
    files: Vec<PathBuf>,
    /// How the agent acts: neuro-symbolic, scripted, learned-skills, learned-perception
    #[arg(long, default_value = "neuro-symbolic")]
    method: Method,
    /// Folder of trained policies [default: policies, here or above the file]
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// Seed of the episode
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Change a value of the scenario, such as `placement.jitter_std=0.02`; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// Simulated seconds a second: 1 in a window, 2 in a film; 0 for as fast as possible
    #[arg(long, value_name = "FACTOR")]
    speed: Option<f64>,
    /// Wait before the first step
    #[arg(long)]
    paused: bool,
    /// How carefully the scene is drawn [default: high; low in a window without a graphics card]
    #[arg(long, value_enum)]
    quality: Option<Quality>,
    /// Pixels, such as 1280x720
    #[arg(long, value_name = "WxH", value_parser = size)]
    size: Option<[u32; 2]>,
    /// Where the scene is looked at from
    #[arg(long, value_enum, default_value_t = View::Free)]
    view: View,
    /// Draw the believed bodies in the scene
    #[arg(long)]
    believed: bool,
    /// Write one picture (PNG) instead of opening a window
    #[arg(long, value_name = "FILE")]
    screenshot: Option<PathBuf>,
    /// Simulated time of the screenshot, s
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0, requires = "screenshot")]
    at: f64,
    /// Write a film instead of opening a window: a GIF, or a folder of PNG where the name has no ending
    #[arg(long, value_name = "FILE", conflicts_with = "screenshot")]
    film: Option<PathBuf>,
    /// Close the window after so many seconds and tell the time of a frame
    #[arg(long, value_name = "SECONDS", hide = true)]
    measure: Option<f64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum View {
    Free,
    Agent,
    Wrist,
}

impl View {
    fn eye(self) -> Eye {
        match self {
            Self::Free => Eye::Free,
            Self::Agent => Eye::Camera(0),
            Self::Wrist => Eye::Camera(1),
        }
    }
}

fn size(text: &str) -> Result<[u32; 2], String> {
    let expected = || format!("expected a size such as 1280x720, found {text:?}");
    let (width, height) = text.split_once('x').ok_or_else(expected)?;
    let side = |text: &str| {
        let side: Option<u32> = text.parse().ok();
        side.filter(|side| (160..=8192).contains(side)).ok_or_else(expected)
    };
    Ok([side(width)?, side(height)?])
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), ViewerError> {
    let sources = Sources::load(arguments)?;
    if let Some(file) = &arguments.screenshot {
        return screenshot(arguments, sources, file);
    }
    if let Some(file) = &arguments.film {
        return film(arguments, sources, file);
    }
    let session = sources.session()?;
    let size = arguments.size.unwrap_or(WINDOW);
    if let Some(secs) = open(session, arguments.quality, size, arguments.measure)? {
        println!("{:.1} ms a frame, {:.1} frames a second", 1e3 * secs, 1.0 / secs);
    }
    Ok(())
}

/// What is to be shown.
enum Sources {
    Run(Box<Play>, LoadNetworks),
    Traces(Vec<Arc<Timeline>>),
}

impl Sources {
    fn load(arguments: &Arguments) -> Result<Self, ViewerError> {
        let Some(first) = arguments.files.first() else {
            return Err(ViewerError::Usage("name a scenario or a trace".into()));
        };
        let folder = arguments.policies.clone().unwrap_or_else(|| find_policies(first));
        let scenario = |file: &PathBuf| file.extension().is_some_and(|e| e == "toml");
        match arguments.files.as_slice() {
            [file] if scenario(file) => run_of(arguments, file, folder),
            files if files.iter().any(scenario) => Err(ViewerError::Usage(
                "a scenario is shown alone; name two traces to compare".into(),
            )),
            files => files
                .iter()
                .map(|file| timeline(file, &folder))
                .collect::<Result<_, _>>()
                .map(Self::Traces),
        }
    }

    /// A session that can be steered.
    fn session(self) -> Result<Session, ViewerError> {
        match self {
            Self::Run(play, load) => Session::live(*play, load),
            Self::Traces(timelines) => Ok(Session::traces(Playback::new(timelines))),
        }
    }

    /// All moments, until a time; a run is run for that.
    fn timelines(self, until_secs: f64) -> Result<Vec<Arc<Timeline>>, ViewerError> {
        match self {
            Self::Run(play, _) => Ok(vec![Arc::new(perform(*play, until_secs)?)]),
            Self::Traces(timelines) => Ok(timelines),
        }
    }
}

fn run_of(arguments: &Arguments, file: &Path, folder: PathBuf) -> Result<Sources, ViewerError> {
    if arguments.method.is_instructed() {
        let words =
            format!("{} cannot be shown live; record it and show the trace", arguments.method);
        return Err(ViewerError::Usage(words));
    }
    let overrides: Vec<Override> = arguments.overrides.iter().cloned().map(Override).collect();
    let setup = Arc::new(Setup::load(file, &overrides)?);
    let networks = match arguments.method.has_networks() {
        true => Some(load_networks(&folder)?),
        false => None,
    };
    let speed = match arguments.speed {
        None => Some(1.0),
        Some(speed) => (speed > 0.0).then_some(speed),
    };
    let play = Play {
        setup,
        seed: arguments.seed,
        method: arguments.method,
        networks,
        cameras: true,
        speed,
        paused: arguments.paused,
    };
    Ok(Sources::Run(Box::new(play), Box::new(move || load_networks(&folder))))
}

fn load_networks(folder: &Path) -> Result<Networks, ViewerError> {
    let named = std::env::var_os(LIBRARY).map(PathBuf::from);
    let runtime = Runtime::start(named).map_err(|e| ViewerError::Runtime {
        message: e.to_string(),
        hint: e.hint().map(str::to_owned),
    })?;
    Ok(Networks::load(folder, runtime)?)
}

/// A trace, with what the agent believed to see where its networks are at hand.
fn timeline(file: &PathBuf, folder: &Path) -> Result<Arc<Timeline>, ViewerError> {
    let bytes =
        std::fs::read(file).map_err(|source| ViewerError::Read { file: file.clone(), source })?;
    let trace =
        Trace::read(&bytes).map_err(|source| ViewerError::Trace { file: file.clone(), source })?;
    let perceives = trace.method.parse().is_ok_and(Method::perceives);
    let networks = if perceives { load_networks(folder).ok() } else { None };
    Timeline::of_trace(trace, networks.as_ref()).map(Arc::new)
}

/// Runs an episode as fast as possible and keeps its moments.
fn perform(play: Play, until_secs: f64) -> Result<Timeline, ViewerError> {
    let run = LiveRun::start(Play { speed: None, paused: false, ..play }, WallClock::new())?;
    let (mut setting, mut moments) = (None, Vec::new());
    let late = until_secs - 0.5 / Command::RATE_HZ;
    while let Some(tidings) = run.next() {
        match tidings {
            Tidings::Begun(begun) => setting = Some(begun),
            Tidings::Moment(moment) => {
                let enough = moment.time_secs >= late;
                moments.push(*moment);
                if enough {
                    break;
                }
            }
            Tidings::Ended(result) => {
                (*result)?;
                break;
            }
        }
    }
    let setting = setting.ok_or_else(|| ViewerError::Bug("the episode never began".into()))?;
    Timeline::new(setting, moments)
}

fn studio(
    arguments: &Arguments,
    timelines: Vec<Arc<Timeline>>,
    size: [u32; 2],
) -> Result<Studio, ViewerError> {
    let session = Session::traces(Playback::new(timelines));
    let wanted = Wanted {
        size,
        quality: arguments.quality.unwrap_or(Quality::High),
        eye: arguments.view.eye(),
        believed: arguments.believed,
    };
    Studio::open(session, wanted)
}

fn screenshot(arguments: &Arguments, sources: Sources, file: &Path) -> Result<(), ViewerError> {
    let size = arguments.size.unwrap_or(WINDOW);
    let timelines = sources.timelines(arguments.at)?;
    let end = timelines.iter().map(|t| t.end_secs()).fold(0.0, f64::max);
    let mut studio = studio(arguments, timelines, size)?;
    studio.session()?.seek(if end > 0.0 { arguments.at / end } else { 0.0 });
    let picture = studio.draw()?;
    write_png(file, size, &picture)
}

fn film(arguments: &Arguments, sources: Sources, file: &Path) -> Result<(), ViewerError> {
    let size = arguments.size.unwrap_or(FILM);
    let timelines = sources.timelines(f64::INFINITY)?;
    let end = timelines.iter().map(|t| t.end_secs()).fold(0.0, f64::max);
    let speed = arguments.speed.filter(|&s| s > 0.0).unwrap_or(FILM_SPEED);
    let mut film = Film::new(file, size, FILM_STEPS as f64 / (Command::RATE_HZ * speed))?;
    let mut studio = studio(arguments, timelines, size)?;
    let steps = (end * Command::RATE_HZ).round() as usize;
    for step in (0..=steps).step_by(FILM_STEPS) {
        studio.session()?.seek(step as f64 / steps.max(1) as f64);
        film.add(studio.draw()?)?;
        eprint!("\r{} of {} frames", 1 + step / FILM_STEPS, 1 + steps / FILM_STEPS);
    }
    eprintln!();
    film.finish()
}
