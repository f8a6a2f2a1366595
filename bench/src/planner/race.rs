use std::{
    fmt,
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    sync::mpsc::{RecvTimeoutError, channel},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde::Deserialize;

use super::{
    Contestant, Instance, Measurement, Order, Peers, RaceError, Row, Status, Suite,
    contestant::{Figures, Job, Said},
};

/// How often a request to stop is looked for while a run goes on.
const LOOK: Duration = Duration::from_millis(100);
/// Processor time for the validator, s: plans of a million steps are judged in less.
const JUDGE_SECS: f64 = 120.0;

/// Limits of each run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Caps {
    /// Processor time of all processes of a run together, s.
    pub cpu_secs: f64,
    /// Address space of each process of a run, bytes.
    pub memory_bytes: u64,
}

impl fmt::Display for Caps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s CPU, {} MiB", self.cpu_secs, self.memory_bytes >> 20)
    }
}

/// What is run: every contestant on every instance.
#[derive(Clone, Debug)]
pub struct Race<'a> {
    /// The instances.
    pub suite: &'a Suite,
    /// The planners.
    pub contestants: &'a [Contestant],
    /// Their programs.
    pub peers: &'a Peers,
    /// The limits.
    pub caps: Caps,
}

/// A run of a [`Race`].
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The instance.
    pub instance: &'a Instance,
    /// The planner.
    pub contestant: &'a Contestant,
}

impl<'a> Race<'a> {
    /// All runs in order: the contestants take turns instance by instance, so that a change of the
    /// machine's speed meets all of them alike.
    pub fn entries(&self) -> Vec<Entry<'a>> {
        let instances = self.suite.instances.iter();
        let contestants = self.contestants;
        instances
            .flat_map(|instance| {
                contestants.iter().map(move |contestant| Entry { instance, contestant })
            })
            .collect()
    }
}

/// Runs one entry in a process of its own and has its plan judged; none when it was stopped.
///
/// # Errors
/// A file cannot be written, or the run cannot be measured. What goes wrong within the planner is in
/// the row.
pub fn race(
    race: &Race<'_>,
    entry: Entry<'_>,
    folder: &Path,
    stop: &AtomicBool,
) -> Result<Option<Row>, RaceError> {
    let Entry { instance, contestant } = entry;
    let job = Job {
        domain: &instance.domain_file,
        problem: &instance.problem_file,
        folder,
        cpu_secs: race.caps.cpu_secs,
        memory_bytes: race.caps.memory_bytes,
    };
    let command = contestant.command(race.peers, &job)?;
    let Some(run) = measure(race, folder, command, race.caps.cpu_secs, stop)? else {
        return Ok(None);
    };
    let figures = contestant.figures(&run, &said(folder));
    let mut row = begin_row(entry, &run, figures);
    let plan = contestant.plan_file(folder);
    if let Some(plan) = &plan {
        row.length = Some(steps(plan)?);
        if !judge(race, instance, folder, plan, &mut row, stop)? {
            return Ok(None);
        }
    } else if row.status == Status::Solved {
        row.status = Status::Failed;
        row.note = "says that it found a plan and wrote none".into();
    }
    Ok(Some(row))
}

fn begin_row(entry: Entry<'_>, run: &Measurement, figures: Figures) -> Row {
    let Entry { instance, contestant } = entry;
    Row {
        domain: instance.domain.clone(),
        level: instance.level.clone(),
        problem: instance.problem.clone(),
        planner: contestant.planner().into(),
        configuration: contestant.configuration().into(),
        status: figures.status,
        cpu_secs: run.cpu_secs,
        prepare_secs: figures.prepare_secs,
        search_secs: figures.search_secs,
        wall_secs: run.wall_secs,
        peak_mib: run.peak_bytes as f64 / f64::from(1 << 20),
        length: None,
        cost: None,
        expansions: figures.expansions,
        validated: None,
        note: figures.note,
    }
}

/// Lines of a plan that are steps.
fn steps(plan: &Path) -> Result<u64, RaceError> {
    let text = std::fs::read_to_string(plan).map_err(|e| RaceError::file(plan, e))?;
    let is_step = |l: &&str| !l.trim().is_empty() && !l.trim_start().starts_with(';');
    Ok(text.lines().filter(is_step).count() as u64)
}

/// What `ergon validate --json` prints.
#[derive(Deserialize)]
struct Judgement {
    valid: bool,
    cost: Option<f64>,
    verdict: String,
}

/// Judges a plan in a process of its own; false when it was stopped.
fn judge(
    race: &Race<'_>,
    instance: &Instance,
    folder: &Path,
    plan: &Path,
    row: &mut Row,
    stop: &AtomicBool,
) -> Result<bool, RaceError> {
    let files = [&instance.domain_file, &instance.problem_file].map(|p| p.display().to_string());
    let ergon = race.peers.ergon.display().to_string();
    let mut command = vec![ergon, "validate".into(), "--lenient".into(), "--json".into()];
    command.extend(files);
    command.push(plan.display().to_string());
    if measure(race, folder, command, JUDGE_SECS, stop)?.is_none() {
        return Ok(false);
    }
    let said = said(folder);
    match serde_json::from_str::<Judgement>(&said.stdout) {
        Ok(judgement) if judgement.valid => {
            // A planner that was cut off after a plan has solved the instance.
            row.status = Status::Solved;
            row.note.clear();
            (row.validated, row.cost) = (Some(true), judgement.cost);
        }
        Ok(judgement) => {
            row.status = Status::Invalid;
            (row.validated, row.note) = (Some(false), judgement.verdict);
        }
        Err(_) => row.note = format!("not judged: {}", super::contestant::last_words(&said)),
    }
    Ok(true)
}

fn said(folder: &Path) -> Said {
    let read = |name| {
        let bytes = std::fs::read(folder.join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    Said { stdout: read("stdout"), stderr: read("stderr") }
}

/// Has a supervisor run a command; none when it was stopped.
fn measure(
    race: &Race<'_>,
    folder: &Path,
    command: Vec<String>,
    cpu_secs: f64,
    stop: &AtomicBool,
) -> Result<Option<Measurement>, RaceError> {
    let failed = |e: &dyn fmt::Display| RaceError::Measure(e.to_string());
    let order = Order {
        command,
        folder: folder.into(),
        stdout: folder.join("stdout"),
        stderr: folder.join("stderr"),
        cpu_secs,
        memory_bytes: race.caps.memory_bytes,
    };
    let order = serde_json::to_string(&order).map_err(|e| failed(&e))?;
    let supervisor = Command::new(&race.peers.ergon)
        .args(["bench", "supervise", &order])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| failed(&e))?;
    let id = Pid::from_raw(supervisor.id() as i32);
    let (ended, end) = channel();
    std::thread::spawn(move || {
        // The other side waits as long as there is this end.
        let _heard = ended.send(supervisor.wait_with_output());
    });
    let output = loop {
        match end.recv_timeout(LOOK) {
            Ok(output) => break output.map_err(|e| failed(&e))?,
            Err(RecvTimeoutError::Timeout) if stop.load(Ordering::Relaxed) => {
                // It may have ended just now.
                let _gone = kill(id, Signal::SIGTERM);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(failed(&"the supervisor was lost")),
        }
    };
    if stop.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let measurement = serde_json::from_slice(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    measurement.map(Some).map_err(|_| failed(&said.trim()))
}
